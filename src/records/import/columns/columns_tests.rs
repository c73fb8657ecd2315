use super::*;
use std::collections::BTreeSet;

#[test]
fn every_heading_leads_to_its_column_and_to_no_other() {
    let mut keys = BTreeSet::new();
    for column in all() {
        for persian in [false, true] {
            let number = column.is_numbered().then_some(12);
            let title = column.titled(number, persian);
            let Heading::Known(found, n) = heading(&title) else { panic!("{title}") };
            assert_eq!((found.name, n), (column.name, number), "{title}");
            assert!(keys.insert(keyed(&title).0), "{title} stands for two columns");
        }
        assert!(!column.en.is_empty() && !column.means.is_empty());
    }
    assert!(keys.len() > 200);
}

#[test]
fn headings_in_any_spelling() {
    for (text, name) in [
        ("Name FA", "name_fa"),
        ("NAME-EN", "name_en"),
        ("نوع منبع ١", "source#_kind"),
        ("چگونگي مرگ", "manner"),
        ("زیر 18 سال", "minor"),
        ("source 3 url", "source#_url"),
    ] {
        assert!(matches!(heading(text), Heading::Known(c, _) if c.name == name), "{text}");
    }
    for text in ["source0_kind", "source65_kind", "source99999999999_kind", "name_fa_0"] {
        assert!(matches!(heading(text), Heading::Number), "{text}");
    }
}

#[test]
fn restricted_headings_and_near_misses() {
    for (text, class) in [
        ("phone", Class::P2),
        ("phone2", Class::P2),
        ("mother_name_fa", Class::P2),
        ("تلفن", Class::P2),
        ("national_id", Class::P3),
        ("کد ملی", Class::P3),
        ("کدملي", Class::P3),
    ] {
        assert!(matches!(heading(text), Heading::Restricted(c) if c == class), "{text}");
    }
    for (text, near) in
        [("gendr", "gender"), ("nmae_fa", "name_fa"), ("sorce1_kind", "source#_kind")]
    {
        assert!(matches!(heading(text), Heading::Unknown(Some(c)) if c.name == near), "{text}");
    }
    assert!(matches!(heading("zzzzzzzzzzzz"), Heading::Unknown(None)));
}

/// No column fills a field that must not be published.
#[test]
fn classes_of_columns() {
    for column in all() {
        assert!(column.class().is_none_or(|class| class <= Class::P1), "{}", column.name);
    }
    let p1 = |name: &str| all().find(|c| c.name == name).unwrap().class() == Some(Class::P1);
    assert!(
        p1("story_fa") && p1("lat") && p1("media#_path") && p1("locality_fa") && !p1("city_fa")
    );
}
