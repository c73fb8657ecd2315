use super::markdown::{MAX_BYTES, TooLarge, render};
use super::*;

const BOTH: [Lang; 2] = [Lang::Fa, Lang::En];

fn html_of(text: &str) -> String {
    render(text, true).unwrap().into_string()
}

/// Names of the tags of a page, in order.
fn tags(page: &str) -> Vec<&str> {
    let tags = page.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    tags.map(|(tag, _)| tag.split(' ').next().unwrap_or("")).collect()
}

#[test]
fn what_the_tiny_markdown_has() {
    assert_eq!(html_of("# T\n\none\ntwo\n\nthree"), "<h1>T</h1><p>one two</p><p>three</p>");
    assert_eq!(
        html_of("## S\n### P\n# late\n# second"),
        "<h2>S</h2><h3>P</h3><h1>late</h1><h2>second</h2>"
    );
    assert_eq!(
        render("# T\n## S\n### P", false).unwrap().into_string(),
        "<h2>T</h2><h3>S</h3><h4>P</h4>"
    );
    assert_eq!(html_of("- a\n- b\n  more\n\n- c"), "<ul><li>a</li><li>b more</li><li>c</li></ul>");
    assert_eq!(html_of("1. a\n۲. b"), "<ol><li>a</li><li>b</li></ol>");
    assert_eq!(html_of("- a\n1. b"), "<ul><li>a</li></ul><ol><li>b</li></ol>");
    assert_eq!(html_of("a *b* **c *d* e**"), "<p>a <em>b</em> <strong>c <em>d</em> e</strong></p>");
    assert_eq!(html_of(r"\*a\* 2 * 3 * 4"), "<p>*a* 2 * 3 * 4</p>");
    assert_eq!(html_of("#hash ####### x"), "<p>#hash ####### x</p>");
    assert_eq!(html_of("a\r\nb"), "<p>a b</p>");
    assert_eq!(html_of("1398. x 12:30. y"), "<p>1398. x 12:30. y</p>");
}

#[test]
fn addresses_are_text() {
    let shown =
        "<p>see this (<bdi class=\"mono\" dir=\"ltr\">https://example.org/a?b&amp;c</bdi>).</p>";
    assert_eq!(html_of("see [this](https://example.org/a?b&c)."), shown);
    assert!(
        !html_of("![x](y) https://example.org [a](javascript:x) <https://e.org>").contains("href")
    );
    assert_eq!(html_of("[a] (b) [c]() [d](e f)"), "<p>[a] (b) [c]() [d](e f)</p>");
}

#[test]
fn signs_without_a_partner_stay_signs() {
    for text in ["*a", "a*", "**a", "*a**", "***", "****", "* *", "[a](b", "a\\", "**a *b**"] {
        let page = html_of(text);
        let open = |tag: &str| page.matches(&format!("<{tag}>")).count();
        let close = |tag: &str| page.matches(&format!("</{tag}>")).count();
        assert!(open("em") == close("em") && open("strong") == close("strong"), "{text}: {page}");
    }
    assert_eq!(html_of("*a"), "<p>*a</p>");
}

#[test]
fn marks_of_direction_and_controls_are_taken_out() {
    assert_eq!(html_of("a\u{202e}b\u{2066}c\u{0}d\u{7}e\u{200c}f"), "<p>abcde\u{200c}f</p>");
}

#[test]
fn large_texts_are_refused_and_wild_ones_end() {
    assert_eq!(render(&"a".repeat(MAX_BYTES + 1), true).unwrap_err(), TooLarge);
    for sign in ["*", "**a", "[", "[a](", "\\", "- ", "# ", "*a **b ", "\n", "<"] {
        let text = sign.repeat(MAX_BYTES / sign.len());
        assert!(html_of(&text).len() <= 32 * MAX_BYTES);
    }
}

/// Payloads that others collected, when they are there.
fn collected() -> Vec<String> {
    let Some(path) = crate::vectors::path("xss/dompurify/expect.mjs") else { return Vec::new() };
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter_map(|l| l.trim().strip_prefix("\"payload\": "));
    let found: Vec<_> =
        lines.filter_map(|l| serde_json::from_str(l.trim_end_matches(',')).ok()).collect();
    assert!(found.len() > 100, "the file has changed its form");
    found
}

#[test]
fn whatever_is_written_only_these_elements_come_out() {
    let known = ["h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "em", "strong", "bdi"];
    let mut payloads = collected();
    payloads.push("<script>x()</script>".into());
    payloads.push("[a](\"onmouseover=x()) ![<b>](<i>) \\<script> \\\\<b>".into());
    for payload in &payloads {
        let forms = [
            payload.clone(),
            format!("# {payload}"),
            format!("- {payload}"),
            format!("*{payload}*"),
            format!("[{payload}]({payload})"),
            format!("[x]({})", payload.replace(char::is_whitespace, "+")),
        ];
        for form in forms.iter().filter(|form| form.len() <= MAX_BYTES) {
            let page = html_of(form);
            for tag in tags(&page) {
                assert!(known.contains(&tag.trim_start_matches('/')), "{tag} from {form}");
            }
            // The only attributes are those of an address.
            let attributes =
                page.split('<').filter_map(|t| t.split_once('>')).filter(|t| t.0.contains(' '));
            assert!(attributes.clone().all(|t| t.0 == "bdi class=\"mono\" dir=\"ltr\""), "{form}");
        }
    }
}

#[test]
fn every_text_is_there_in_both_languages_and_of_one_shape() {
    for essay in Essay::ALL {
        assert_eq!(Essay::from_slug(essay.slug()), Some(essay));
        let [fa, en] = BOTH.map(|lang| page(lang, essay).into_string());
        assert_eq!(tags(&fa), tags(&en), "{}", essay.slug());
        assert_eq!(tags(&fa).iter().filter(|t| **t == "h1").count(), 1);
        let words = |lang: Lang| essay.built_in(lang).split_whitespace().count();
        for lang in BOTH {
            assert!((250..=600).contains(&words(lang)), "{} {}", essay.slug(), words(lang));
        }
        let fa = essay.built_in(Lang::Fa);
        // Letters that look like the Persian ones and are not; Western digits.
        assert!(!fa.contains(['\u{64a}', '\u{643}']), "{}", essay.slug());
        let prose: String = fa
            .lines()
            .map(|l| if l.starts_with(|c: char| c.is_ascii_digit()) { &l[2..] } else { l })
            .collect();
        let prose = prose.replace("A/HRC/50/55", "");
        assert!(!prose.contains(|c: char| c.is_ascii_digit()), "{}", essay.slug());
    }
}

#[test]
fn the_texts_of_the_archive_itself() {
    let own = "# Ours\n\nA <b>text</b>.".as_bytes();
    let about = page_with(Lang::En, Essay::About, Some(own)).into_string();
    assert!(about.contains("<h1>Ours</h1><p>A &lt;b&gt;text") && !about.contains("What yadgar is"));
    let method = page_with(Lang::En, Essay::Method, Some(own)).into_string();
    assert!(method.find("Ours").unwrap() < method.find("The levels").unwrap());
    assert_eq!(method.matches("<h1>").count(), 1);
    assert!(method.contains("Written by the keepers"));
    // Advice for safety is never replaced.
    let safety = page_with(Lang::En, Essay::Safety, Some(own)).into_string();
    assert!(!safety.contains("Ours") && Essay::Safety.own_path(Lang::Fa).is_none());
    assert_eq!(Essay::About.own_path(Lang::Fa).as_deref(), Some("pages/about.fa.md"));
    let long = vec![b'a'; MAX_BYTES + 1];
    for bad in [&long[..], b"\xff"] {
        let page = page_with(Lang::En, Essay::About, Some(bad)).into_string();
        assert!(page.contains("What yadgar is") && page.contains("cannot be shown"));
    }
}
