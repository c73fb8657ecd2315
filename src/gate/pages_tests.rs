//! Pages and drawings that a cleaner would mend without a word, and a browser would run as they are.

use super::*;

fn stops(path: &str, text: &str) -> bool {
    lint(path, text).iter().any(|finding| finding.level < Level::Note)
}

fn page(body: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>t</title></head><body><p>x</p>{body}</body></html>"
    )
}

fn drawing(inner: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:q=\"http://www.w3.org/1999/xlink\">{inner}</svg>"
    )
}

#[test]
fn what_browsers_run_or_fetch_is_not_passed_over() {
    for body in [
        r#"<noscript><p title="</noscript><img src='H' onerror='x'>"></p></noscript>"#,
        r#"<svg><title><img src="H" onerror="x"></title></svg>"#,
        r#"<svg><desc><iframe src="a.html"></iframe></desc></svg>"#,
        r#"<svg><title><meta http-equiv="refresh" content="0;url=a.html"></title></svg>"#,
        r#"<svg><image xlink:href="ok.png" href="http://e.example/a"/></svg>"#,
        r##"<svg><a xlink:href="#x" href="javascript:x()"><text>x</text></a></svg>"##,
        r#"<svg><rect cursor="url(http://e.example/a), auto"/></svg>"#,
        r#"<img src="http:e.example/a">"#,
        r#"<img src="http:127.0.0.1:8765/a">"#,
        r#"<img srcset="http:e.example/a 2x">"#,
        r#"<video poster="http:e.example/a"></video>"#,
        r#"<p style="background:url(http:e.example/a)">x</p>"#,
        r#"<style>p { background: url(http:e.example/a) }</style>"#,
        r#"<link rel="stylesheet" href="http:e.example/a.css">"#,
        r#"<img src="http://folder.invalid:8765/a">"#,
        r#"<a href="//folder.invalid/a">x</a>"#,
    ] {
        assert!(stops("a.html", &page(body)), "{body}");
    }
    for inner in [
        r#"<title><script>x()</script></title>"#,
        r#"<style>g{fill:red}<script href="a.js"/></style>"#,
        r#"<image q:href="http://e.example/a"/>"#,
        r#"<a q:href="javascript:x()"><text>x</text></a>"#,
        r#"<image xlink:href="a.png" href="http://e.example/a"/>"#,
        r#"<rect cursor="url(http://e.example/a)"/>"#,
        r#"<g xml:base="http://e.example/"/>"#,
    ] {
        assert!(stops("a.svg", &drawing(inner)), "{inner}");
    }
    assert!(stops("a.css", "@import \"http:e.example/a.css\";"));
}

#[test]
fn ordinary_pages_and_drawings_pass() {
    for body in [
        r#"<img src="a b.png" alt="x" width="3">"#,
        r##"<a href="b.html#c">x</a> <a href="#d">y</a> <p data-x="http://e.example/">z</p>"##,
        r#"<svg viewBox="0 0 1 1"><title>A house</title><rect width="1" height="1"/></svg>"#,
    ] {
        assert!(!stops("a.html", &page(body)), "{body}: {:?}", lint("a.html", &page(body)));
    }
    let inner =
        r##"<title>A house</title><g id="a"/><use xlink:href="#a"/><rect width="1" fill="#fff"/>"##;
    assert!(!stops("a.svg", &drawing(inner)), "{:?}", lint("a.svg", &drawing(inner)));
}

#[test]
fn things_that_are_not_told_one_by_one_are_counted() {
    let pictures: String = (0..205).map(|n| format!("<img src='http://e.example/{n}'>")).collect();
    let found = lint("a.html", &page(&pictures));
    assert_eq!(found.iter().map(|f| f.times).sum::<usize>(), 205);
}
