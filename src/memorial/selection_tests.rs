//! Addresses of selections, and what is no address of ours.

use super::*;

#[test]
fn addresses_lead_back_to_selections() {
    let selection = Selection::search("روژان گندم").with(Facet::Province, Some(24));
    let selection = selection.with(Facet::Day, Some(737_379));
    for page in [1, 7] {
        let query = selection.query(page);
        assert!(query.is_ascii(), "{query}");
        assert_eq!(Selection::parse(Some(&query)), Some((selection.clone(), page)));
    }
    assert_eq!(Selection::default().query(1), "");
    assert_eq!(Selection::parse(None), Some((Selection::default(), 1)));
    // What a form sends when nothing was chosen.
    let empty = Some("q=&p=&c=&d=&a=&m=&l=&g=&s=");
    assert_eq!(Selection::parse(empty), Some((Selection::default(), 1)));
}

#[test]
fn what_no_link_of_ours_makes_is_refused() {
    for odd in [
        "x=1",
        "p=-1",
        "p=+1",
        "p=01",
        "p=x",
        "p=1&p=1",
        "q=a&q=b",
        "page=0",
        "page=x",
        "page=",
        "p=99999999999999999999999",
        "p=1%00",
        "=1",
        "p=%ff",
    ] {
        assert_eq!(Selection::parse(Some(odd)), None, "{odd}");
    }
    let long = format!("q={}", "a".repeat(5_000));
    let (found, _) = Selection::parse(Some(&long)).unwrap();
    assert_eq!(found.words.len(), MAX_QUERY_CHARS);
}

proptest::proptest! {
    #[test]
    fn any_query_is_read_or_refused(query in "\\PC{0,200}") {
        if let Some((found, page)) = Selection::parse(Some(&query)) {
            proptest::prop_assert_eq!(Selection::parse(Some(&found.query(page))), Some((found, page)));
        }
    }
}
