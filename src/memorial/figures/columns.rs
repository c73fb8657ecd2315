//! How many were killed on each day: columns by day, or by month or year where the time is long.

use super::base::{
    Head, Lang, both, calendars, digits, drawing, link, month_name, number, numbers,
};
use super::plot::{Column, plot};
use super::{axis, words};
use maud::{Markup, html};
use std::collections::BTreeMap;
use yadgar_protocol::record::dates::day_of;

/// Most slots of a chart; what is longer is told by coarser ones.
const MAX_DAYS: i64 = 92;
const MAX_MONTHS: i64 = 120;
const MAX_YEARS: i64 = 120;

const PLOT: u32 = 1100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grain {
    Day,
    Month,
    Year,
}

impl Grain {
    /// Number of the slot of a day; months and years are those of the reader's calendar.
    fn slot(self, lang: Lang, day: i64) -> i64 {
        let (year, month, _) = day_of(calendars(lang)[0], day);
        match self {
            Self::Day => day,
            Self::Month => i64::from(year) * 12 + i64::from(month) - 1,
            Self::Year => i64::from(year),
        }
    }

    /// The finest that fits; none when not even years do.
    fn for_days(lang: Lang, first: i64, last: i64) -> Option<Self> {
        let fits =
            |(grain, max): &(Self, i64)| grain.slot(lang, last) - grain.slot(lang, first) < *max;
        let grains = [(Self::Day, MAX_DAYS), (Self::Month, MAX_MONTHS), (Self::Year, MAX_YEARS)];
        grains.into_iter().find(fits).map(|(grain, _)| grain)
    }

    fn lines(self, lang: Lang, slot: i64) -> [String; 2] {
        let year = |year: i64| digits(lang, &year.to_string());
        match self {
            Self::Day => axis::of_day(lang, slot),
            Self::Month => {
                let month = u8::try_from(slot.rem_euclid(12) + 1).unwrap_or(1);
                [month_name(lang, calendars(lang)[0], month).to_owned(), year(slot.div_euclid(12))]
            }
            Self::Year => [year(slot), String::new()],
        }
    }

    fn name(self, lang: Lang, slot: i64) -> String {
        match self {
            Self::Day => both(lang, slot),
            _ => self.lines(lang, slot).join(" ").trim_end().to_owned(),
        }
    }
}

/// Columns of people by day. Days are numbers as in [`yadgar_protocol::record::dates::day_number`];
/// `unknown` people have no known day. `href` gives where a day leads. `id` is unlike all others of
/// the page.
pub fn columns(
    lang: Lang,
    id: &str,
    title: &str,
    counts: &BTreeMap<i64, u64>,
    unknown: u64,
    href: &dyn Fn(i64) -> Option<String>,
) -> Markup {
    let days: Vec<_> = counts.iter().filter(|(_, n)| **n > 0).map(|(day, n)| (*day, *n)).collect();
    let ends = days.first().zip(days.last()).map(|(first, last)| (first.0, last.0));
    let grain = ends.and_then(|(first, last)| Grain::for_days(lang, first, last));
    let mut rows: Vec<_> = days
        .iter()
        .map(|(day, n)| {
            let cell = link(&both(lang, *day), href(*day).as_deref());
            vec![cell, html! { (number(lang, *n)) }]
        })
        .collect();
    if unknown > 0 {
        rows.push(vec![
            html! { (words::DAY_UNKNOWN.get(lang)) },
            html! { (number(lang, unknown)) },
        ]);
    }
    html! {
        figure.figure {
            figcaption { (title) }
            @if let (Some(grain), Some(ends)) = (grain, ends) {
                (chart(lang, (id, title), grain, ends, &days, href))
                @if lang == Lang::Fa { p.small { (words::TIME_RUNS.get(lang)) } }
            }
            @if rows.is_empty() {
                p.small { (words::NOTHING.get(lang)) }
            } @else {
                (numbers(lang, title, grain.is_none(), &[words::DAY.get(lang), words::COUNT.get(lang)], &rows))
            }
        }
    }
}

fn chart(
    lang: Lang,
    (id, title): (&str, &str),
    grain: Grain,
    (first, last): (i64, i64),
    days: &[(i64, u64)],
    href: &dyn Fn(i64) -> Option<String>,
) -> Markup {
    let from = grain.slot(lang, first);
    let whole = grain.slot(lang, last) - from + 1;
    let mut slots: BTreeMap<i64, u64> = BTreeMap::new();
    for (day, n) in days {
        let sum = slots.entry(grain.slot(lang, *day)).or_default();
        *sum = sum.saturating_add(*n);
    }
    let column = |(slot, n): (&i64, &u64)| Column {
        slot: slot - from,
        count: *n,
        name: words::NAMED.with(lang, &[&grain.name(lang, *slot), &number(lang, *n)]),
        href: (grain == Grain::Day).then(|| href(*slot)).flatten(),
    };
    let columns: Vec<_> = slots.iter().map(column).collect();
    let desc = described(lang, grain, (first, last), &columns, from);
    let linked = columns.iter().any(|c| c.href.is_some());
    let inside = html! {
        (plot(lang, &columns, whole, 0, PLOT))
        (axis::labels(lang, whole, PLOT, &|slot| grain.lines(lang, from + slot)))
    };
    drawing(&Head { id, title, desc: &desc, linked }, "columns", PLOT + axis::HEIGHT, &inside)
}

fn described(
    lang: Lang,
    grain: Grain,
    (first, last): (i64, i64),
    columns: &[Column],
    from: i64,
) -> String {
    let (first, last) = (both(lang, first), both(lang, last));
    let by = match grain {
        Grain::Day => {
            // The first of equal ones, as in the drawing.
            let most = columns.iter().rev().max_by_key(|c| c.count);
            let (n, slot) = most.map_or((0, 0), |c| (c.count, c.slot));
            let day = both(lang, from + slot);
            return words::COLUMNS_DESC.with(lang, &[&first, &last, &number(lang, n), &day]);
        }
        Grain::Month => words::BY_MONTH,
        Grain::Year => words::BY_YEAR,
    };
    words::COLUMNS_LONG.with(lang, &[by.get(lang), &first, &last])
}
