//! Connectivity by hour, with the deaths of each day below it on the same axis.

use super::axis;
use super::base::{
    Head, Lang, across, both, down, drawing, edges, label, link, number, numbers, percent,
};
use super::plot::{Column, plot};
use super::words;
use maud::{Markup, PreEscaped, html};
use std::collections::BTreeMap;
use std::fmt::Write;
use yadgar_protocol::series::Series;

/// Below this many tenths of a percent an hour is shaded: nearly everybody is cut off.
pub const LOW_TENTHS: u16 = 200;
/// Days before and after the series that deaths may add to the axis.
const MARGIN_DAYS: i64 = 7;
/// Days up to which the line shows hours; beyond, the mean of each day.
const HOURLY_DAYS: i64 = 92;

/// Heights in hundredths of an em: heading, curve, heading, columns.
const HEAD: u32 = 180;
const CURVE: u32 = 900;
const GAP: u32 = 60;
const PLOT: u32 = 800;
const SECOND: u32 = HEAD + CURVE + GAP;
const AXIS: u32 = SECOND + HEAD + PLOT;

/// A stretch of hours on the axis, from the first to behind the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    from: i64,
    to: i64,
}

/// What is drawn: the axis, and where on it what was measured lies.
struct Frame<'a> {
    lang: Lang,
    series: &'a Series,
    deaths: &'a BTreeMap<i64, u64>,
    first: i64,
    days: i64,
}

/// The chart. `deaths` is people by day, with day numbers as in
/// [`yadgar_protocol::record::dates::day_number`], which are laid on the days of the series as it is
/// written (SER-7). `href` gives where a day leads. `id` is unlike all others of the page.
pub fn connectivity(
    lang: Lang,
    id: &str,
    series: &Series,
    deaths: &BTreeMap<i64, u64>,
    href: &dyn Fn(i64) -> Option<String>,
) -> Markup {
    let Some(frame) = Frame::new(lang, series, deaths) else {
        return html! { p.small { (words::NOTHING.get(lang)) } };
    };
    let columns = frame.columns(href);
    let outside = frame.outside();
    let own = if lang == Lang::Fa { &series.title_fa } else { &series.title_en };
    let title = own.as_deref().unwrap_or(words::CONNECTIVITY_TITLE.get(lang));
    let desc = frame.described(&columns);
    let linked = columns.iter().any(|c| c.href.is_some());
    let inside = frame.drawn(id, &columns);
    html! {
        figure.figure {
            figcaption { bdi { (title) } }
            (drawing(&Head { id, title, desc: &desc, linked }, "connectivity", AXIS + axis::HEIGHT, &inside))
            (key(lang, id))
            @if outside > 0 { p.small { (words::OUTSIDE.with(lang, &[&number(lang, outside)])) } }
            @if frame.days > HOURLY_DAYS { p.small { (words::DAILY_MEANS.get(lang)) } }
            p.small { (words::NO_CAUSE.get(lang)) " " (clock(lang, series.offset_minutes))
                @if lang == Lang::Fa { " " (words::TIME_RUNS.get(lang)) "." } }
            (origin(lang, series))
            (frame.table(title, href))
        }
    }
}

impl<'a> Frame<'a> {
    fn new(lang: Lang, series: &'a Series, deaths: &'a BTreeMap<i64, u64>) -> Option<Self> {
        let (from, to) = (series.hours.first()?.day, series.hours.last()?.day);
        let mut near = deaths.range(from - MARGIN_DAYS..=to + MARGIN_DAYS).filter(|(_, n)| **n > 0);
        let first = near.clone().next().map_or(from, |(day, _)| (*day).min(from));
        let last = near.next_back().map_or(to, |(day, _)| (*day).max(to));
        Some(Self { lang, series, deaths, first, days: last - first + 1 })
    }

    fn range(&self) -> std::ops::Range<i64> {
        self.first..self.first + self.days
    }

    fn columns(&self, href: &dyn Fn(i64) -> Option<String>) -> Vec<Column> {
        let days = self.deaths.range(self.range()).filter(|(_, n)| **n > 0);
        let column = |(day, n): (&i64, &u64)| Column {
            slot: day - self.first,
            count: *n,
            name: words::NAMED.with(self.lang, &[&both(self.lang, *day), &number(self.lang, *n)]),
            href: href(*day),
        };
        days.map(column).collect()
    }

    fn outside(&self) -> u64 {
        let days = self.deaths.iter().filter(|(day, _)| !self.range().contains(day));
        days.fold(0, |sum, (_, n)| sum.saturating_add(*n))
    }

    /// Place on the axis and value of what the line goes through: hours, or days with their mean.
    fn values(&self) -> Vec<(Stretch, u64)> {
        let begin = self.first * 24;
        if self.days <= HOURLY_DAYS {
            let hour = |h: &yadgar_protocol::series::Hour| {
                let from = h.index() - begin;
                (Stretch { from, to: from + 1 }, u64::from(h.tenths))
            };
            return self.series.hours.iter().map(hour).collect();
        }
        let day = |(day, d): (&i64, &Day)| {
            let from = day * 24 - begin;
            (Stretch { from, to: from + 24 }, d.mean())
        };
        by_day(self.series).iter().map(day).collect()
    }

    /// The measured hours below the mark, neighbours together.
    fn low(&self) -> Vec<Stretch> {
        let hours = self.series.hours.iter().filter(|h| h.tenths < LOW_TENTHS);
        joined(hours.map(|h| h.index() - self.first * 24))
    }

    /// The hours that nobody measured, between the first and the last that somebody did.
    fn missing(&self) -> Vec<Stretch> {
        let known = joined(self.series.hours.iter().map(|h| h.index() - self.first * 24));
        known.windows(2).map(|pair| Stretch { from: pair[0].to, to: pair[1].from }).collect()
    }

    fn described(&self, columns: &[Column]) -> String {
        let (lang, hours) = (self.lang, &self.series.hours);
        let lowest = hours.iter().min_by_key(|h| h.tenths);
        let (value, day) = lowest.map_or((0, self.first), |h| (u64::from(h.tenths), h.day));
        let low = hours.iter().filter(|h| h.tenths < LOW_TENTHS).count() as u64;
        let killed = columns.iter().fold(0_u64, |sum, c| sum.saturating_add(c.count));
        words::CONNECTIVITY_DESC.with(
            lang,
            &[
                &both(lang, self.first),
                &both(lang, self.first + self.days - 1),
                &percent(lang, value),
                &both(lang, day),
                &percent(lang, u64::from(LOW_TENTHS)),
                &number(lang, low),
                &number(lang, killed),
            ],
        )
    }

    fn drawn(&self, id: &str, columns: &[Column]) -> Markup {
        let (lang, whole) = (self.lang, self.days * 24);
        let [(start, at_start), (end, at_end)] = edges(lang);
        let (area, line) = paths(&self.values());
        html! {
            defs {
                pattern id={ (id) "-gap" } width="6" height="6" patternUnits="userSpaceOnUse" {
                    path.hatch d="M0 6L6 0" {}
                }
            }
            @for Stretch { from, to } in self.low() {
                rect.dark x=(across(from, whole)) width=(across(to - from, whole)) y=(down(HEAD)) height=(down(AXIS - HEAD)) {}
            }
            @for Stretch { from, to } in self.missing() {
                rect.gap x=(across(from, whole)) width=(across(to - from, whole)) y=(down(HEAD)) height=(down(CURVE))
                    fill={ "url(#" (id) "-gap)" } {}
            }
            @for tenths in [0, 200, 500, 1000_u32] {
                @let y = down(HEAD + CURVE - CURVE * tenths / 1000);
                line class=(if tenths == 200 { "grid threshold" } else { "grid" }) x1="0" x2="100%" y1=(y) y2=(y) {}
            }
            svg x="0" y=(down(HEAD)) width="100%" height=(down(CURVE)) viewBox={ "0 0 " (whole) " 1000" } preserveAspectRatio="none" {
                path.area d=(PreEscaped(area)) {}
                path.line d=(PreEscaped(line)) vector-effect="non-scaling-stroke" {}
            }
            @for tenths in [200, 500, 1000_u32] {
                @let y = down(HEAD + CURVE - CURVE * tenths / 1000 - 20);
                (label(lang, "scale", (end, &y), at_end, &percent(lang, u64::from(tenths))))
            }
            (label(lang, "panel", (start, &down(110)), at_start, words::CONNECTIVITY.get(lang)))
            (label(lang, "panel", (start, &down(SECOND + 110)), at_start, words::DEATHS.get(lang)))
            (plot(lang, columns, self.days, SECOND + HEAD, PLOT))
            (axis::labels(lang, self.days, AXIS, &|slot| axis::of_day(lang, self.first + slot)))
        }
    }

    fn table(&self, title: &str, href: &dyn Fn(i64) -> Option<String>) -> Markup {
        let lang = self.lang;
        let measured = by_day(self.series);
        let low = words::LOW_HOURS.with(lang, &[&percent(lang, u64::from(LOW_TENTHS))]);
        let mut rows = Vec::new();
        for day in self.range() {
            let killed = self.deaths.get(&day).copied().unwrap_or(0);
            let mut row = vec![link(&both(lang, day), href(day).as_deref())];
            match measured.get(&day) {
                Some(day) => row.extend([
                    html! { (percent(lang, u64::from(day.lowest))) },
                    html! { (percent(lang, day.mean())) },
                    html! { (number(lang, day.hours)) },
                    html! { (number(lang, day.low)) },
                ]),
                None => {
                    row.extend((0..2).map(|_| html! { (words::NOT_MEASURED.get(lang)) }));
                    row.extend([html! { (number(lang, 0)) }, html! { "–" }]);
                }
            }
            row.push(html! { (number(lang, killed)) });
            rows.push(row);
        }
        let heads = [words::DAY, words::LOWEST, words::MEAN, words::MEASURED].map(|w| w.get(lang));
        let heads = [&heads[..], &[&low, words::KILLED.get(lang)]].concat();
        numbers(lang, title, false, &heads, &rows)
    }
}

/// What was measured on one day.
struct Day {
    lowest: u16,
    sum: u64,
    hours: u64,
    low: u64,
}

impl Day {
    /// In tenths of a percent, rounded.
    fn mean(&self) -> u64 {
        (self.sum + self.hours / 2) / self.hours.max(1)
    }
}

fn by_day(series: &Series) -> BTreeMap<i64, Day> {
    let mut days = BTreeMap::new();
    for hour in &series.hours {
        let day =
            days.entry(hour.day).or_insert(Day { lowest: u16::MAX, sum: 0, hours: 0, low: 0 });
        day.lowest = day.lowest.min(hour.tenths);
        day.sum += u64::from(hour.tenths);
        day.hours += 1;
        day.low += u64::from(hour.tenths < LOW_TENTHS);
    }
    days
}

/// Ascending hours as stretches without holes.
fn joined(hours: impl Iterator<Item = i64>) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for hour in hours {
        match found.last_mut().filter(|last| last.to == hour) {
            Some(last) => last.to = hour + 1,
            None => found.push(Stretch { from: hour, to: hour + 1 }),
        }
    }
    found
}

/// Area and line as steps: an hour has one value. Where nothing was measured both are interrupted.
fn paths(values: &[(Stretch, u64)]) -> (String, String) {
    let (mut area, mut line) = (String::new(), String::new());
    let mut end = None;
    for (at, tenths) in values {
        let y = 1_000_u64.saturating_sub(*tenths);
        // Writing to a string does not fail.
        if end == Some(at.from) {
            let _ = write!(area, "V{y}H{}", at.to);
            let _ = write!(line, "V{y}H{}", at.to);
        } else {
            if end.is_some() {
                area.push_str("V1000z");
            }
            let _ = write!(area, "M{0} 1000V{y}H{1}", at.from, at.to);
            let _ = write!(line, "M{0} {y}H{1}", at.from, at.to);
        }
        end = Some(at.to);
    }
    if end.is_some() {
        area.push_str("V1000z");
    }
    (area, line)
}

fn key(lang: Lang, id: &str) -> Markup {
    let low = words::LOW_HOURS.with(lang, &[&percent(lang, u64::from(LOW_TENTHS))]);
    let entry = |class: &str, fill: Option<String>, text: &str| {
        html! {
            li {
                svg.swatch width="1em" height="1em" aria-hidden="true" {
                    rect class=(class) x="0" y="0" width="100%" height="100%" fill=[fill] {}
                }
                (text)
            }
        }
    };
    html! {
        ul.key aria-label=(words::LEGEND.get(lang)) {
            (entry("area-key", None, words::CONNECTIVITY.get(lang)))
            (entry("dark", None, &low))
            (entry("gap", Some(format!("url(#{id}-gap)")), words::NOT_MEASURED.get(lang)))
            (entry("bar", None, words::DEATHS.get(lang)))
        }
    }
}

fn clock(lang: Lang, offset: i16) -> Markup {
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.unsigned_abs();
    let zone = format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    let (before, after) = words::OFFSET.get(lang).split_once("{}").unwrap_or_default();
    html! { (before) bdi dir="ltr" { (zone) } (after) "." }
}

fn origin(lang: Lang, series: &Series) -> Markup {
    let (own, other) = match lang {
        Lang::Fa => (&series.source_fa, &series.source_en),
        Lang::En => (&series.source_en, &series.source_fa),
    };
    let said = |text: super::base::Text, value: &str| {
        let (before, after) = text.get(lang).split_once("{}").unwrap_or_default();
        html! { p.small { (before) bdi { (value) } (after) } }
    };
    html! {
        @if let Some(source) = own.as_ref().or(other.as_ref()) { (said(words::MEASURED_BY, source)) }
        @if let Some(licence) = &series.licence { (said(words::TERMS, licence)) }
    }
}
