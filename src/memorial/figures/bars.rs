//! Horizontal bars: how many of each kind.

use super::base::{
    Head, Lang, across, down, drawing, edges, label, link, number, numbers, part, share,
};
use super::words;
use maud::{Markup, html};

/// Bars in one chart. What is beyond is in the table only.
pub const MAX_BARS: usize = 64;

/// Height of a row, and where its bar begins and how high it is; hundredths of an em.
const ROW: u32 = 310;
const BAR_TOP: u32 = 165;
const BAR: u32 = 80;

/// One kind.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What it is called, in the language of the page.
    pub label: String,
    /// How many.
    pub count: u64,
    /// Where it leads, if anywhere.
    pub href: Option<String>,
}

/// A chart of bars, one for each kind, in the order given. `id` is unlike all others of the page.
pub fn bars(lang: Lang, id: &str, title: &str, items: &[Bar]) -> Markup {
    let largest = items.iter().map(|b| b.count).max().unwrap_or(0);
    if largest == 0 {
        return html! { figure.figure { figcaption { (title) } p.small { (words::NOTHING.get(lang)) } } };
    }
    let total = items.iter().fold(0_u64, |sum, bar| sum.saturating_add(bar.count));
    let shown = &items[..items.len().min(MAX_BARS)];
    let named = |bar: &Bar| words::NAMED.with(lang, &[&bar.label, &number(lang, bar.count)]);
    let desc = shown.iter().map(named).collect::<Vec<_>>().join(if lang == Lang::Fa {
        "؛ "
    } else {
        "; "
    });
    let head = Head { id, title, desc: &desc, linked: shown.iter().any(|b| b.href.is_some()) };
    let inside = html! {
        @for (row, bar) in (0..).zip(shown) {
            (part(&named(bar), bar.href.as_deref(), &one(lang, row, bar, largest)))
        }
    };
    let rows: Vec<_> = items
        .iter()
        .map(|bar| {
            vec![
                link(&bar.label, bar.href.as_deref()),
                html! { (number(lang, bar.count)) },
                html! { (share(lang, bar.count, total)) },
            ]
        })
        .collect();
    html! {
        figure.figure {
            figcaption { (title) }
            (drawing(&head, "bars", ROW * shown.len() as u32, &inside))
            (numbers(lang, title, false, &[words::KIND.get(lang), words::COUNT.get(lang), words::SHARE.get(lang)], &rows))
        }
    }
}

fn one(lang: Lang, row: u32, bar: &Bar, largest: u64) -> Markup {
    let top = row * ROW;
    // Counts are far below 2^63; a larger one would only be drawn as full.
    let parts = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let (width, whole) = (parts(bar.count), parts(largest));
    let x = if lang == Lang::Fa { across(whole - width, whole) } else { across(0, whole) };
    let [(start, at_start), (end, at_end)] = edges(lang);
    html! {
        rect.hit x="0" y=(down(top)) width="100%" height=(down(ROW)) {}
        rect.track x="0" y=(down(top + BAR_TOP)) width="100%" height=(down(BAR)) {}
        rect.bar x=(x) y=(down(top + BAR_TOP)) width=(across(width, whole)) height=(down(BAR)) {}
        (label(lang, "what", (start, &down(top + 110)), at_start, &bar.label))
        (label(lang, "value", (end, &down(top + 110)), at_end, &number(lang, bar.count)))
    }
}
