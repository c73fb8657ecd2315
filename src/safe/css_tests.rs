//! Styles against everything that is known to fetch: what is not in the lists goes, and is told.

use super::css::{clean_declarations, clean_value};
use super::css_lists::*;
use super::*;
use cssparser::{Parser, Token};
use proptest::prelude::*;

fn doc(here: &str) -> Doc<'_> {
    Doc { base: folder_url(here).unwrap(), here, site: &Folder, data: true }
}

fn sheet(text: &str) -> (String, Changes) {
    let mut changes = Changes::default();
    let out = clean_sheet(text, &doc("a/b.css"), &mut changes);
    // What is written is in the subset, and stays as it is.
    let mut again = Changes::default();
    assert_eq!(clean_sheet(&out, &doc("a/b.css"), &mut again), out, "{text}");
    assert!(again.is_empty(), "{text}\n{out}\n{again:?}");
    (out, changes)
}

fn attribute(text: &str) -> (String, Changes) {
    let mut changes = Changes::default();
    (clean_declarations(text, &doc("a/b.html"), &mut changes), changes)
}

/// Addresses out and what could hide one, in any place: a second reading, by tokens only.
fn fetched(parser: &mut Parser<'_>, addresses: bool, found: &mut Vec<String>) {
    while let Ok(token) = parser.next().cloned() {
        let inner = match &token {
            Token::UnquotedUrl(url) => {
                if url.contains(':') {
                    found.push(url.to_string());
                }
                continue;
            }
            Token::QuotedString(text) => {
                if addresses && (text.contains(':') || text.starts_with("//")) {
                    found.push(text.to_string());
                }
                continue;
            }
            Token::AtKeyword(name) if name.eq_ignore_ascii_case("import") => {
                match parser.next().cloned() {
                    Ok(Token::Function(name)) if &*name == "url" => true,
                    other => return found.push(format!("@import {other:?}")),
                }
            }
            Token::BadUrl(_) | Token::BadString(_) => return found.push(format!("{token:?}")),
            Token::Function(name) => {
                let name = name.to_ascii_lowercase();
                if name.starts_with("--") || ["src", "if", "inherit", "image"].contains(&&*name) {
                    found.push(name.clone());
                }
                name == "url" || name.ends_with("image-set")
            }
            Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => false,
            _ => continue,
        };
        let _: Result<(), cssparser::ParseError<()>> = parser.parse_nested_block(|p| {
            fetched(p, inner, found);
            Ok(())
        });
    }
}

#[test]
fn the_second_reading_of_styles_finds_things() {
    for text in [
        "a{b:url(http://e.example/)}",
        "a{b:image-set('//e.example/')}",
        "@import 'x';",
        "a{b:if(x)}",
        "a{b:url(x\"y)}",
    ] {
        let mut found = Vec::new();
        fetched(&mut Parser::new(text), false, &mut found);
        assert_eq!(found.len(), 1, "{text}");
    }
}

/// What stops the gate.
fn stops(changes: &Changes) -> bool {
    changes.of(What::Active).chain(changes.of(What::External)).next().is_some()
}

/// Declarations that fetch in some browser, now or soon or long ago.
const FETCHING: [&str; 42] = [
    "background:image-set(if(else:\"http://e.example/1\"))",
    "background:image-set(if(media(all):\"http://e.example/1\";else:\"http://e.example/2\") 1x)",
    "background:-webkit-image-set(\"http://e.example/1\" 1x)",
    "background:image-set(var(--u) 1x)",
    "background:image-set(attr(data-u) 1x)",
    "background:image-set(env(u, \"http://e.example/1\") 1x)",
    "background:image-set(inherit(--u, \"http://e.example/1\"))",
    "background:image-set(--f())",
    "background:image-set((\"http://e.example/1\") 1x)",
    "background:src(\"http://e.example/1\")",
    "background:src(var(--u))",
    "background:image(\"http://e.example/1\")",
    "background:image(ltr \"http://e.example/1\", red)",
    "background:cross-fade(\"http://e.example/1\", \"http://e.example/2\", 50%)",
    "background:-webkit-cross-fade(url(http://e.example/1), url(http://e.example/2), 50%)",
    "background:paint(x)",
    "background:-moz-element(#x)",
    "background:--f(\"http://e.example/1\")",
    "background:if(style(--x: 1): url(http://e.example/1); else: red)",
    "background:attr(data-u type(<url>))",
    "background:attr(data-u url)",
    "content:attr(data-u type(<url>))",
    "content:attr(data-u, url(http://e.example/1))",
    "content:url(http://e.example/1)",
    "content:target-text(url(http://e.example/1))",
    "content:image-set(\"http://e.example/1\" 1x)",
    "cursor:url(//e.example/1),auto",
    "filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='http://e.example/1')",
    "-ms-filter:\"progid:DXImageTransform.Microsoft.AlphaImageLoader(src='http://e.example/1')\"",
    "*filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='http://e.example/1')",
    "behavior:url(x.htc)",
    "-moz-binding:url(x.xml#y)",
    "-o-link:\"http://e.example/1\"",
    "-o-link:'javascript:x'",
    "width:expression(alert(1))",
    "--u:url(http://e.example/1)",
    "--u:url(../../../x.png)",
    "--u:image-set(\"http://e.example/1\" 1x)",
    "--u:{background:url(http://e.example/1)}",
    "mask:u\\72l(http://e.example/1)",
    "clip-path:url(https://e.example/1#x)",
    "offset-path:url(http://e.example/1#x)",
];

#[test]
fn what_fetches_goes_wherever_it_stands() {
    let places = [
        "a{X}",
        "a{color:red;X}",
        "a{b{X}}",
        "a{&:hover{X;color:red}}",
        "@media screen{a{X}}",
        "a{@media screen{X}}",
        "@supports (a:b){@layer c{a{X}}}",
        "@keyframes k{from{X}}",
        "@font-face{X}",
        "@page{@top-left{X}}",
        "@page{X}",
        "@property --p{X}",
        "a{X",
        "} a{X}",
        "@scope (a){X}",
    ];
    for declaration in FETCHING {
        for place in places {
            let text = place.replace('X', declaration);
            let (out, changes) = sheet(&text);
            let lower = out.to_lowercase();
            for word in
                ["example", "image-set", "src(", "progid", ".htc", "attr(", "--f", "expr", ".."]
            {
                assert!(!lower.contains(word), "{text}\n{out}");
            }
            assert!(stops(&changes), "{text}: {changes:?}");
        }
        let (out, changes) = attribute(declaration);
        assert!(!out.contains("example") && stops(&changes), "{declaration}: {out}");
        if let Some((name, value)) = declaration.split_once(':').filter(|(_, v)| v.contains('(')) {
            let mut changes = Changes::default();
            let value = clean_value(name, value, &doc("a.svg"), &mut changes).unwrap_or_default();
            assert!(!value.contains("example") && stops(&changes), "{declaration}: {value}");
        }
    }
}

#[test]
fn rules_that_are_in_no_list_go() {
    for text in [
        "@import 'http://e.example/a.css';",
        "@import url(//e.example/a.css) layer(x) supports(a:b) screen;",
        "@\\69mport \"http://e.example/a.css\";",
        "\u{feff}@import \"http://e.example/a.css\";",
        "@import url(data:text/css,a{b:c});",
        "@import 'notes.txt';",
        "@import src('a.css');",
        "@import var(--x);",
        "@import 'a.css' \"http://e.example/\";",
        "a{@import 'http://e.example/a.css';}",
        "@media x{@import 'http://e.example/a.css';}",
        "@namespace url(http://e.example/);",
        "@namespace \"http://e.example/\";",
        "@function --f(){result:url(http://e.example/1)}",
        "@document url(http://e.example/){a{b:c}}",
        "@-moz-document url-prefix(\"http://e.example\"){a{b:c}}",
        "@color-profile --x{src:url(http://e.example/1)}",
        "@when media(x){a{b:c}}",
        "@mixin --m(){background:url(http://e.example/1)}",
        "@whatever \"http://e.example/1\";",
        "@supports (background:url(http://e.example/1)){a{b:c}}",
        "@media if(x){a{b:c}}",
        "a:unknown(url(http://e.example/1)){b:c}",
        "a ?? b{background:url(http://e.example/1)}",
    ] {
        let (out, changes) = sheet(text);
        assert!(matches!(out.trim(), "" | "a{}" | "@media x{}"), "{text}: {out}");
        assert!(stops(&changes), "{text}: {changes:?}");
    }
}

#[test]
fn what_browsers_pass_over_goes_without_stopping() {
    for text in ["a{color red;*zoom:1;_x:y;;}", "} a{b:c}", "@charset \"x\";", "a{", "<!-- -->"] {
        let (_, changes) = sheet(text);
        assert!(!stops(&changes), "{text}: {changes:?}");
    }
}

#[test]
fn ordinary_styles_stay_as_they_are() {
    for text in [
        "@media (min-width: 30em) and (400px<=width<700px){a:not(.b):nth-child(2n+1)>b~c+d::before{color:#fff !important}}",
        "@font-face{font-family:'Vazirmatn';src:local(\"Vazirmatn\"),url(\"v.woff2\") format('woff2');unicode-range:U+0600-06FF, U+200C, U+4??}",
        ":root{--a:1px;--f:\"A b\", serif;--empty: ;--c:rgb(1 2 3 / 50%)}",
        "a{width:calc(100% - (2 * var(--a, 3px)));transform:translateX(-1px) rotate3d(1,2,3,4deg)}",
        "a[href$='.pdf' i]::after{content:\"\\201C\" counter(x, persian) attr(title);quotes:'«' '»'}",
        "a{&:hover{color:red}.b &{c:d}@media print{display:none}color:blue}",
        "@keyframes x{from{top:0}50%{top:1px}to{top:2px}}",
        "@supports selector(:focus-visible) and (not (display:grid)){a{b:c}}",
        "@layer a, b.c;@layer a{a{b:c}}",
        "@page :first{margin:1cm;@bottom-right{content:counter(page)}}",
        "@font-feature-values F{@styleset{nice:12}}",
        "@counter-style p{system:extends decimal;suffix:' '}",
        "@property --p{syntax:'*';inherits:false;initial-value:0px}",
        "@container side (width > 30em){a{b:c}}",
        "a{grid-template-areas:\"a b\" \"c d\";grid-template-columns:[full] minmax(0,1fr) repeat(2,1fr)}",
        "a{background:red url(\"../i/x.png\") no-repeat 50%/cover;filter:url(\"#f\") blur(2px) alpha(opacity=50)}",
        "a{background-image:image-set(url(\"x.png\") 1x,url(\"y.avif\") type(\"image/avif\") 2x,linear-gradient(#000,#fff))}",
        "a{width:1px\\9;clip-path:path('M0 0');mask:-webkit-linear-gradient(top,#000,#fff)}",
        "/* by somebody */ a{b:c}\n\nd{e:f}",
        ".sm\\:a\\/b:lang('fa'){b:c}",
    ] {
        let (out, changes) = sheet(text);
        assert_eq!(out, text);
        assert!(changes.is_empty(), "{text}: {changes:?}");
    }
}

#[test]
fn what_stays_of_a_rule() {
    let kept = |text: &str| sheet(text).0;
    assert_eq!(
        kept("a{color:red;background:url(//e.example/1);top:0}"),
        "a{color:red;background: none ;top:0}"
    );
    assert_eq!(
        kept("a{background:#fff url(//e.example/1)no-repeat}"),
        "a{background:#fff none no-repeat}"
    );
    assert_eq!(kept("a{mask:url(//e.example/1);top:0}"), "a{top:0}");
    assert_eq!(
        kept("@font-face{src:url(//e.example/x.woff),url(y.woff) format(\"woff\")}"),
        "@font-face{src:url(\"y.woff\") format(\"woff\")}"
    );
    assert_eq!(kept("a{b:image-set(\"x.png\" 1x)}"), "a{}");
    assert_eq!(kept("a{content:image-set('x.png' 1x)}"), "a{content:image-set(url(\"x.png\") 1x)}");
    assert_eq!(
        kept("a{top:1px/*x*/}b/*x*/c{margin:1/*x*/2 3/*x*/;d:e"),
        "a{top:1px/**/}b/**/c{margin:1/**/2 3/**/;d:e}"
    );
    assert_eq!(kept("a{content:\"x"), "a{content:\"x\"}");
    assert_eq!(kept("a{content:\"x\\\""), "a{content:\"x\\\"\"}");
    assert_eq!(kept("@import 'b.css' screen;a{}"), "@import url(\"b.css\") screen;a{}");
    assert_eq!(kept(".a\\3c  b{c:d}"), ".a\\3c  b{c:d}");
    assert_eq!(kept("a{content:'</style>'}"), "a{content:\"\\3c /style>\"}");
}

#[test]
fn a_sheet_is_a_file_that_was_read_as_one() {
    let page = |link: &str| {
        let text = format!("<!DOCTYPE html><link {link}><p>x");
        clean_page(&text, &doc("a/b.html")).unwrap()
    };
    assert!(page("rel=stylesheet href=c.css").changes.is_empty());
    for link in [
        "rel=stylesheet href=notes.txt",
        "rel=stylesheet href='notes.txt?x.css'",
        "rel='stylesheet x' href=http://e.example/a.css",
        "rel='x icon' href=http://e.example/a.png",
        "rel='alternate stylesheet' href=http://e.example/a.css",
    ] {
        let page = page(link);
        assert!(!page.text.contains("<link"), "{}", page.text);
        assert!(stops(&page.changes), "{link}");
    }
}

#[test]
fn what_goes_unseen_stops_the_gate() {
    for inner in [
        "<dialog open><img src=http://e.example/1></dialog>",
        "<div><template shadowrootmode=open><img src=http://e.example/1></template></div>",
        "<svg><style>@import 'http://e.example/1';</style></svg>",
    ] {
        let page = clean_page(&format!("<!DOCTYPE html><p>x{inner}"), &doc("a/b.html")).unwrap();
        assert!(!page.text.contains("example") && stops(&page.changes), "{inner}");
    }
}

#[test]
fn lists_of_styles_are_sorted() {
    for list in [
        GROUPS,
        DECLARED,
        KEYFRAMES,
        MARGINS,
        FEATURES,
        PRELUDE_FUNCTIONS,
        FUNCTIONS,
        STRING_FUNCTIONS,
        PICTURE_FUNCTIONS,
        STRING_PROPERTIES,
        URL_PROPERTIES,
        NONE_PROPERTIES,
        PLAIN_ATTRIBUTES,
    ] {
        assert!(list.is_sorted(), "{list:?}");
    }
}

proptest! {
    #[test]
    fn any_style_becomes_one_that_fetches_nothing(pieces in proptest::collection::vec(
        prop_oneof![
            Just("a{".to_owned()), Just("}".to_owned()), Just(";".to_owned()), Just("background:".to_owned()),
            Just("url(http://e.example/)".to_owned()), Just("image-set(".to_owned()), Just("\"http://e.example/\"".to_owned()),
            Just("@import ".to_owned()), Just("--x:".to_owned()), Just(")".to_owned()), Just("content:".to_owned()),
            Just("/*".to_owned()), Just("*/".to_owned()), Just("@media x".to_owned()), Just("src(".to_owned()), Just("\\".to_owned()),
            Just("'".to_owned()), Just("<".to_owned()), Just("[".to_owned()), Just("url(x.png)".to_owned()), Just(" ".to_owned()),
            Just("&:is(b)".to_owned()), Just("1".to_owned()), Just("var(".to_owned()), "\\PC{0,6}",
        ], 0..24))
    {
        let (out, _) = sheet(&pieces.concat());
        let mut found = Vec::new();
        fetched(&mut Parser::new(&out), false, &mut found);
        prop_assert!(found.is_empty(), "{}\n{:?}", out, found);
    }
}
