//! The cleaner against payloads made to break cleaners, looked at by a second reading that knows nothing of it.

use super::*;
use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use proptest::prelude::*;

fn doc(here: &str) -> Doc<'_> {
    Doc { base: folder_url(here).unwrap(), here, site: &Folder, data: true }
}

fn clean(text: &str) -> CleanPage {
    clean_page(text, &doc("a/b.html")).unwrap()
}

/// Everything in a page that could run or fetch, found by parsing it again, with scripting as browsers have it.
fn active(text: &str) -> Vec<String> {
    let dom =
        html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(text);
    let mut out = Vec::new();
    walk(&dom.document, &mut out);
    out
}

fn walk(node: &Handle, out: &mut Vec<String>) {
    const BAD: [&str; 24] = [
        "script",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "base",
        "form",
        "input",
        "button",
        "select",
        "textarea",
        "template",
        "noscript",
        "math",
        "foreignObject",
        "animate",
        "set",
        "animateTransform",
        "feImage",
        "portal",
        "xmp",
        "plaintext",
    ];
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let tag: &str = &name.local;
        if BAD.contains(&tag) {
            out.push(format!("<{tag}>"));
        }
        for attr in attrs.borrow().iter() {
            let (key, value) = (attr.name.local.to_lowercase(), attr.value.to_lowercase());
            let plain: String =
                value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
            let url = matches!(
                key.as_str(),
                "href" | "src" | "srcset" | "poster" | "background" | "action" | "data" | "ping"
            );
            let picture = plain.starts_with("data:image/") && !plain.starts_with("data:image/svg");
            let scheme = plain.split(['/', '#', '?']).next().unwrap_or_default().contains(':');
            if key.starts_with("on")
                || url && (scheme && !picture || plain.starts_with("//") || plain.starts_with("\\"))
            {
                out.push(format!("{tag} {key}={value}"));
            }
            if key == "style"
                && (plain.contains("//")
                    || plain.contains("expression(")
                    || ["url(javascript", "url(\"javascript", "-o-link:"]
                        .iter()
                        .any(|w| plain.contains(w)))
            {
                out.push(format!("{tag} style={value}"));
            }
        }
    }
    for child in node.children.borrow().iter() {
        walk(child, out);
    }
}

/// Payloads of DOMPurify's own tests, where they are at hand.
fn payloads() -> Vec<String> {
    let Some(path) = crate::vectors::path("xss/dompurify/expect.mjs") else { return Vec::new() };
    let text = std::fs::read_to_string(path).unwrap();
    let one = |(at, word): (usize, &str)| {
        let rest = text.get(at + word.len()..)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        values.next()?.ok()
    };
    let found: Vec<_> = text.match_indices("\"payload\": ").filter_map(one).collect();
    assert!(found.len() > 100, "{}", found.len());
    found
}

#[test]
fn no_payload_survives() {
    for payload in payloads() {
        for text in [
            payload.clone(),
            format!("<!DOCTYPE html><body><p>{payload}"),
            format!("<svg>{payload}</svg>"),
        ] {
            let Ok(page) = clean_page(&text, &doc("a/b.html")) else { continue };
            assert_eq!(active(&page.text), Vec::<String>::new(), "{text}\n{}", page.text);
            assert_eq!(clean(&page.text).text, page.text, "{text}");
            if let Ok((svg, _)) = clean_svg(&text, &doc("a/b.svg")) {
                assert_eq!(active(&svg), Vec::<String>::new(), "{text}\n{svg}");
            }
        }
    }
}

#[test]
fn the_second_reading_finds_things() {
    let bad = "<p onclick=x><a href='java\tscript:x'>a</a><img src=//e.example/x><svg><set/></svg><script></script>";
    assert_eq!(active(bad).len(), 5);
}

#[test]
fn active_content_goes_and_is_told() {
    let page = clean(
        "<!DOCTYPE html><title>x</title><meta http-equiv=refresh content='0;url=https://e.example'>\
         <base href='https://e.example/'><body onload=f()><form action=x><input><p>words</p></form>\
         <iframe src=x></iframe><svg><script>f()</script><path d='M0 0'/></svg><noscript><p>still here</p></noscript>",
    );
    for word in ["refresh", "base", "onload", "form", "input", "iframe", "svg script"] {
        assert!(
            page.changes.of(What::Active).any(|c| c.detail.contains(word)),
            "{word}: {:?}",
            page.changes
        );
    }
    assert!(page.text.contains("<p>words</p>") && page.text.contains("still here"));
}

#[test]
fn links_out_become_text_with_their_address() {
    let page = clean("<p><a href='https://e.example/x?y' id=k>There</a> <a href=c.html#d>here</a>");
    assert!(
        page.text
            .contains("<span id=\"k\">There</span> (<bdi dir=\"ltr\">https://e.example/x?y</bdi>)"),
        "{}",
        page.text
    );
    assert!(page.text.contains("<a href=\"c.html#d\">here</a>"));
    assert_eq!(page.changes.list.len(), 1);
}

#[test]
fn styles_fetch_nothing() {
    let mut changes = Changes::default();
    let css = "@import 'https://e.example/a.css'; @import \"b.css\" screen; @charset \"x\"; a{background:u\\72l(//e.example/x) \
               no-repeat;b:image-set(\"https://e.example/y\" 1x);src:url( local.woff2 )} c{behavior:url(x);w:expression(1)}\
               d{--x:'<\\/style>';e:url(\"javascript:x\")} <!-- f{color:red} -->";
    let out = clean_sheet(css, &doc("a/b.css"), &mut changes);
    assert!(
        !out.contains("e.example") && !out.contains("expression") && !out.contains("javascript"),
        "{out}"
    );
    assert!(
        out.contains("@import url(\"b.css\") screen;") && out.contains("url(\"local.woff2\")"),
        "{out}"
    );
    assert!(out.contains("color:red"));
    let mut none = Changes::default();
    assert_eq!(clean_sheet(&out, &doc("a/b.css"), &mut none), out);
}

#[test]
fn too_deep_or_too_long_is_refused() {
    assert_eq!(clean_page(&"<div>".repeat(100_000), &doc("a")), Err(Unsafe::TooDeep));
    assert_eq!(clean_page(&"<b>".repeat(100_000), &doc("a")), Err(Unsafe::TooDeep));
    let attributes: String = (0..600_000).map(|n| format!(" a{n}")).collect();
    assert_eq!(clean_page(&format!("<p{attributes}>"), &doc("a")), Err(Unsafe::TooDeep));
    let picture = format!("<img src=\"data:image/gif;base64,{}\">", "R0lGODlh".repeat(100_000));
    assert!(clean_page(&picture, &doc("a")).is_ok());
    assert_eq!(clean_page(&"x".repeat(MAX_TEXT_BYTES + 1), &doc("a")), Err(Unsafe::TooLong));
    assert_eq!(
        clean_svg(&format!("<svg>{}", "<g>".repeat(100_000)), &doc("a")).unwrap_err(),
        Unsafe::TooDeep
    );
}

#[test]
fn a_page_that_scripts_fill_is_hollow() {
    assert!(clean("<!DOCTYPE html><div id=app></div><script src=app.js></script>").hollow);
    assert!(!clean("<!DOCTYPE html><p>A page with some words, and they are enough to read.</p><script>x</script>").hollow);
}

#[test]
fn lists_are_sorted() {
    use super::lists::*;
    use super::svg_lists::*;
    for list in [
        HTML,
        ACTIVE,
        ACTIVE_AROUND,
        UNSEEN,
        VOID,
        ATTRIBUTES,
        RELATIONS,
        FETCHING_RELATIONS,
        META,
        SVG,
        SVG_ACTIVE,
        SVG_ATTRIBUTES,
    ] {
        assert!(list.is_sorted(), "{list:?}");
    }
}

proptest! {
    #[test]
    fn anything_gives_a_safe_page_or_an_error(pieces in proptest::collection::vec(
        prop_oneof![
            Just("<div>".to_owned()), Just("</div>".to_owned()), Just("<svg>".to_owned()), Just("</svg>".to_owned()),
            Just("<math>".to_owned()), Just("<style>".to_owned()), Just("</style>".to_owned()), Just("<table>".to_owned()),
            Just("<a href=//e.example>".to_owned()), Just("<img src=x onerror=y>".to_owned()), Just("<!--".to_owned()),
            Just("<title>".to_owned()), Just("<p>".to_owned()), Just("<select>".to_owned()), Just("<pre>\n\n".to_owned()),
            Just("<mtext>".to_owned()), Just("<desc>".to_owned()), Just("<b>".to_owned()), "\\PC{0,12}",
        ], 0..24))
    {
        let text = pieces.concat();
        if let Ok(page) = clean_page(&text, &doc("a/b.html")) {
            prop_assert_eq!(active(&page.text), Vec::<String>::new());
            prop_assert_eq!(clean(&page.text).text, page.text);
        }
        let _ = clean_svg(&text, &doc("a.svg"));
        let _ = clean_sheet(&text, &doc("a.css"), &mut Changes::default());
    }
}
