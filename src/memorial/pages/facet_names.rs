//! Names of facets and their values.

use crate::memorial::catalogue::facets::province_of;
use crate::memorial::catalogue::text_of;
use crate::memorial::context::Context;
use crate::memorial::selection::{
    AGE_ACROSS, AGE_CHILD, AGES, Facet, GENDERS, LEVELS, MANNERS, MARK_CORRECTED, MARK_DISPUTED,
    MARK_GONE, MARK_UNNAMED, UNKNOWN, Value, incident_value,
};
use crate::memorial::text::{Lang, Text};
use crate::memorial::{date, record_words as words, words as page_words};

/// Name of a facet.
pub const fn facet(facet: Facet) -> Text {
    match facet {
        Facet::Province => Text("استان", "Province"),
        Facet::City => Text("شهر", "City"),
        Facet::Day => Text("روز درگذشت", "Day of death"),
        Facet::Age => Text("سن", "Age"),
        Facet::Manner => Text("چگونگی مرگ", "Manner of death"),
        Facet::Level => page_words::LEVEL,
        Facet::Gender => words::GENDER,
        Facet::Mark => Text("وضعیت پرونده", "State of the record"),
        Facet::Incident => words::INCIDENT,
    }
}

/// Name of a value; the value itself where it has none here.
pub fn value(cx: &Context<'_>, facet: Facet, value: Value) -> String {
    let lang = cx.lang;
    let text = |text: Text| text.get(lang).to_owned();
    if value == UNKNOWN {
        return text(words::UNKNOWN);
    }
    let at = usize::try_from(value - 1).unwrap_or(usize::MAX);
    let found = match facet {
        Facet::Province => province_of(value)
            .map(|(_, fa, en)| if lang == Lang::Fa { *fa } else { *en }.to_owned()),
        Facet::City => cx
            .catalogue
            .cities()
            .named(value)
            .and_then(|(name, _)| text_of(name, lang))
            .map(str::to_owned),
        Facet::Day => i64::try_from(value).ok().map(|day| date::of_number(lang, day)),
        Facet::Age => age(lang, value),
        Facet::Manner => MANNERS.get(at).map(|m| text(words::manner(*m))),
        Facet::Level => LEVELS.get(at).map(|l| text(words::level_words(*l).0)),
        Facet::Gender => GENDERS.get(at).map(|g| text(words::gender(*g))),
        Facet::Mark => mark(value).map(text),
        Facet::Incident => incident(cx, value),
    };
    found.unwrap_or_else(|| value.to_string())
}

fn age(lang: Lang, value: Value) -> Option<String> {
    const UNDER: Text = Text("زیر {} سال", "under {}");
    const SPAN: Text = Text("{} تا {} سال", "{} to {}");
    const FROM: Text = Text("{} سال و بیشتر", "{} and older");
    const CHILD: Text = Text("زیر ۱۸ سال، سن دقیق نامعلوم", "under 18, exact age not known");
    const ACROSS: Text = Text("میان دو گروه سنی", "between two groups");
    match value {
        AGE_CHILD => return Some(CHILD.get(lang).to_owned()),
        AGE_ACROSS => return Some(ACROSS.get(lang).to_owned()),
        _ => {}
    }
    let (_, from, to) = AGES.iter().find(|(v, ..)| *v == value)?;
    Some(match (*from, *to) {
        (0, to) => UNDER.with(lang, &[&(to + 1).to_string()]),
        (from, u64::MAX) => FROM.with(lang, &[&from.to_string()]),
        (from, to) => SPAN.with(lang, &[&from.to_string(), &to.to_string()]),
    })
}

const fn mark(value: Value) -> Option<Text> {
    match value {
        MARK_CORRECTED => Some(Text("تصحیح‌شده", "corrected")),
        MARK_DISPUTED => Some(Text("مورد اختلاف", "disputed")),
        MARK_GONE => Some(Text("دیگر در بایگانی نیست", "no longer in the archive")),
        MARK_UNNAMED => Some(Text("نامش دانسته نیست", "name not known")),
        _ => None,
    }
}

fn incident(cx: &Context<'_>, value: Value) -> Option<String> {
    let mut all = cx.catalogue.incidents().iter();
    let (_, found) = all.find(|(id, _)| incident_value(id) == value)?;
    let untitled = words::INCIDENT_UNTITLED.get(cx.lang);
    Some(text_of(&found.title, cx.lang).unwrap_or(untitled).to_owned())
}
