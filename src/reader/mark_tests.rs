//! Whatever a page begins with, a parser finds the line as an element of the body.
use super::*;
use html5ever::tendril::TendrilSink;
use html5ever::tree_builder::QuirksMode;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use proptest::prelude::*;

const LINE: &str = "<div role=\"alert\"><p>اختلاف line</p></div>";

fn name(node: &Handle) -> String {
    match &node.data {
        NodeData::Element { name, .. } => name.local.to_string(),
        _ => String::new(),
    }
}

fn text(node: &Handle) -> String {
    let own = match &node.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        _ => String::new(),
    };
    own + &node.children.borrow().iter().map(text).collect::<String>()
}

fn child(node: &Handle, wanted: &str) -> Handle {
    let children = node.children.borrow();
    children.iter().find(|child| name(child) == wanted).expect(wanted).clone()
}

/// What a browser makes of bytes that are sent as UTF-8.
fn decoded(page: &[u8]) -> String {
    let (units, rest): (fn([u8; 2]) -> u16, _) = match page {
        [0xff, 0xfe, rest @ ..] => (u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => (u16::from_be_bytes, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => return String::from_utf8_lossy(rest).into_owned(),
    };
    let units: Vec<u16> = rest.chunks_exact(2).map(|p| units([p[0], p[1]])).collect();
    String::from_utf16_lossy(&units)
}

fn parsed(page: &[u8]) -> RcDom {
    parse_document(RcDom::default(), ParseOpts::default()).one(decoded(page).as_str())
}

/// True when the body begins with the line.
fn is_seen(page: &[u8]) -> bool {
    // A tree that is let go takes its branches along.
    let dom = parsed(page);
    let body = child(&child(&dom.document, "html"), "body");
    let first = body.children.borrow().first().cloned();
    first.is_some_and(|first| name(&first) == "div" && text(&first) == "اختلاف line")
}

const PAGES: [&str; 22] = [
    "",
    "text",
    "<!doctype html><title>t</title><body class=x>text",
    "<!-- <body> --><!DOCTYPE html><body>text",
    "<!--><!doctype html><!-- --><body>text",
    "<!---><!doctype html><!-- --><body>text",
    "<!-- --!><!doctype html><!-- --><body>text",
    "<!--- ---><!doctype html><body>",
    "<!-- <!--> <!doctype html> --><body>",
    "<!-- never closed <body>",
    "<!doctype html PUBLIC \"a>b\" \"c\"><body>",
    "<!doctype never closed",
    "<?xml version=\"1.0\"?>\n<!DOCTYPE html><html><head></head><body>",
    "<![CDATA[ x ]]><!doctype html>",
    "<title><body></title><body>",
    "<!doctype html><textarea><body></textarea>",
    "<!doctype html><script><!--<script></script><body>",
    "<html data-x=\"<body>\"><frameset><frame></frameset>",
    "<template><body></template><plaintext>",
    "<style><body></style></p><!doctype html>",
    "<noscript><body></noscript><svg><desc><body>",
    "<head><select><body></select><table><body>",
];

#[test]
fn nothing_hides_the_line() {
    for page in PAGES {
        let wide = |mark: [u8; 2], unit: fn(u16) -> [u8; 2]| {
            let units = page.encode_utf16().flat_map(unit);
            mark.into_iter().chain(units).collect::<Vec<u8>>()
        };
        let coded = [
            page.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", page.as_bytes()].concat(),
            wide([0xff, 0xfe], u16::to_le_bytes),
            wide([0xfe, 0xff], u16::to_be_bytes),
        ];
        for bytes in coded {
            let out = marked(&bytes, LINE);
            assert!(is_seen(&out), "{page:?}: {}", decoded(&out));
            assert_eq!(decoded(&out).replacen(LINE, "", 1), decoded(&bytes));
        }
    }
}

/// The rules by which a page is shown stay those that it asks for.
#[test]
fn a_doctype_stays_the_first_thing() {
    for page in PAGES {
        let quirks = |page: &[u8]| parsed(page).quirks_mode.get() == QuirksMode::Quirks;
        // A doctype that never ends cannot have anything behind it.
        if page != "<!doctype never closed" {
            let bytes = page.as_bytes();
            assert_eq!(quirks(&marked(bytes, LINE)), quirks(bytes), "{page:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_page_hides_the_line(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "<!--", "-->", "--!>", "-", "!", ">", "<", "<!", "<?", "<!doctype html", "<!DOCTYPE", "\"", " ", "\n", "x",
            "<body>", "<title>", "</title>", "<html ", "</", "</p>", "\0", "<script>", "</script>", "\u{feff}",
        ]), 0..12)
    ) {
        let page: String = pieces.concat();
        let out = marked(page.as_bytes(), LINE);
        prop_assert!(is_seen(&out), "{}", decoded(&out));
    }
}
