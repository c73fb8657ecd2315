//! What all figures share: numbers and days in words, text inside of a drawing, the frame.

pub use crate::memorial::date::month_name;
pub use crate::memorial::text::{Lang, Text, digits, number};

use super::words::NUMBERS;
use maud::{Markup, html};
use yadgar_protocol::record::dates::{System, day_of};

/// The calendars in the order of the reader.
pub const fn calendars(lang: Lang) -> [System; 2] {
    match lang {
        Lang::Fa => [System::Persian, System::Gregorian],
        Lang::En => [System::Gregorian, System::Persian],
    }
}

/// Day and month in a calendar: `25 Aban`.
pub fn day_month(lang: Lang, system: System, day: i64) -> String {
    let (_, month, day) = day_of(system, day);
    digits(lang, &format!("{day} {}", month_name(lang, system, month)))
}

fn long(lang: Lang, system: System, day: i64) -> String {
    let (year, _, _) = day_of(system, day);
    format!("{} {}", day_month(lang, system, day), digits(lang, &year.to_string()))
}

/// A day in both calendars, the reader's own first.
pub fn both(lang: Lang, day: i64) -> String {
    let [own, other] = calendars(lang);
    format!("{} ({})", long(lang, own, day), long(lang, other, day))
}

/// Tenths as a number with at most one decimal.
pub fn tenths(lang: Lang, value: u64) -> String {
    let point = if lang == Lang::Fa { '٫' } else { '.' };
    match value % 10 {
        0 => number(lang, value / 10),
        tenth => format!("{}{point}{}", number(lang, value / 10), number(lang, tenth)),
    }
}

/// Tenths of a percent with the sign.
pub fn percent(lang: Lang, value: u64) -> String {
    format!("{}{}", tenths(lang, value), if lang == Lang::Fa { '٪' } else { '%' })
}

/// Share of a whole, in percent, rounded.
pub fn share(lang: Lang, part: u64, whole: u64) -> String {
    let (part, whole) = (u128::from(part), u128::from(whole.max(1)));
    let rounded = (part * 100 + whole / 2) / whole;
    percent(lang, u64::try_from(rounded).unwrap_or(u64::MAX).saturating_mul(10))
}

/// A length across: hundredths of a percent of the width.
pub fn across(part: i64, whole: i64) -> String {
    let hundredths = i128::from(part) * 10_000 / i128::from(whole.max(1));
    format!("{}.{:02}%", hundredths / 100, (hundredths % 100).abs())
}

/// A length down, in hundredths of an `em`.
pub fn down(hundredths: u32) -> String {
    format!("{}.{:02}em", hundredths / 100, hundredths % 100)
}

/// Which part of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// Its left end.
    Left,
    /// Its middle.
    Middle,
    /// Its right end.
    Right,
}

/// Text in a drawing. The class, and with it the size, is that of a part of the text: lengths in `em`
/// count in the size of what they stand on, and places are in the size of the drawing. What SVG calls the start of a text is on the right where the text is Persian.
pub fn label(lang: Lang, class: &str, at: (&str, &str), edge: Edge, text: &str) -> Markup {
    let anchor = match (edge, lang) {
        (Edge::Middle, _) => "middle",
        (Edge::Left, Lang::En) | (Edge::Right, Lang::Fa) => "start",
        _ => "end",
    };
    html! {
        text x=(at.0) y=(at.1) text-anchor=(anchor) direction=(lang.dir()) aria-hidden="true" {
            tspan class=(class) { (text) }
        }
    }
}

/// The edge at which lines of the language begin, and the one where they end.
pub const fn edges(lang: Lang) -> [(&'static str, Edge); 2] {
    match lang {
        Lang::Fa => [("100%", Edge::Right), ("0%", Edge::Left)],
        Lang::En => [("0%", Edge::Left), ("100%", Edge::Right)],
    }
}

/// What names a figure.
pub struct Head<'a> {
    /// Unlike all others of the page; letters, digits, `-`.
    pub id: &'a str,
    /// Above the figure.
    pub title: &'a str,
    /// What it shows, in a sentence or two, for those who do not see it.
    pub desc: &'a str,
    /// True when parts of it are links.
    pub linked: bool,
}

/// The drawing with its title and description.
pub fn drawing(head: &Head<'_>, class: &str, height: u32, inside: &Markup) -> Markup {
    let (title, desc) = (format!("{}-title", head.id), format!("{}-desc", head.id));
    html! {
        svg class={ "chart " (class) } width="100%" height=(down(height)) direction="ltr"
            role=(role(head.linked)) aria-labelledby={ (title) " " (desc) } {
            title id=(title) { (head.title) }
            desc id=(desc) { (head.desc) }
            (inside)
        }
    }
}

/// A picture, or a group when links are in it.
pub const fn role(linked: bool) -> &'static str {
    if linked { "group" } else { "img" }
}

/// A part of a drawing, as a link where it leads somewhere. `name` is what is announced and shown on hovering.
pub fn part(name: &str, href: Option<&str>, inside: &Markup) -> Markup {
    html! {
        @match href {
            Some(href) => a href=(href) { title { (name) } (inside) },
            None => g { title { (name) } (inside) },
        }
    }
}

/// A cell that is a link where it leads somewhere.
pub fn link(text: &str, href: Option<&str>) -> Markup {
    html! {
        @match href {
            Some(href) => a href=(href) { (text) },
            None => (text),
        }
    }
}

/// The numbers of a figure: what heads the columns, then rows; the first cell of each heads the row.
pub fn numbers(
    lang: Lang,
    caption: &str,
    open: bool,
    heads: &[&str],
    rows: &[Vec<Markup>],
) -> Markup {
    html! {
        details.numbers open[open] {
            summary { (NUMBERS.get(lang)) }
            div.wide-table tabindex="0" role="group" aria-label=(caption) {
                table {
                    caption { (caption) }
                    thead { tr { @for head in heads { th scope="col" { (head) } } } }
                    tbody {
                        @for row in rows {
                            tr {
                                @for (at, cell) in row.iter().enumerate() {
                                    @if at == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
