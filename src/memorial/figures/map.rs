//! The provinces, darker where more people were killed.

use super::base::{Lang, link, number, numbers, part, role};
use super::outlines::{HEIGHT, OUTLINES, Outline, WIDTH};
use super::words;
use maud::{Markup, html};
use std::collections::BTreeMap;
use yadgar_protocol::persian::order::{latin_key, persian_key};
use yadgar_protocol::record::places::{PROVINCES, province};

/// Width of a letter, in tenths of the size of the writing; rather too wide than too narrow.
const LETTER_TENTHS: u32 = 5;
/// Size of the labels on a wide and on a narrow screen, in units of the drawing (figures.css has them too).
const WIDE_LABEL: u32 = 20;
const NARROW_LABEL: u32 = 36;

/// The map, a key to it, and its numbers as a table.
///
/// `counts` is by code of ISO 3166-2:IR; what it has under other codes is counted to `unknown`,
/// the number of people of whom no province is known. `href` gives where a province leads.
/// `id`s in it begin with `map`: one map on a page.
pub fn provinces(
    lang: Lang,
    counts: &BTreeMap<&str, u64>,
    unknown: u64,
    href: &dyn Fn(&str) -> Option<String>,
) -> Markup {
    let count = |code: &str| counts.get(code).copied().unwrap_or(0);
    let elsewhere = counts.iter().filter(|(code, _)| province(code).is_none());
    let unknown = elsewhere.fold(unknown, |sum, (_, n)| sum.saturating_add(*n));
    let most = PROVINCES.iter().max_by_key(|p| count(p.0)).filter(|p| count(p.0) > 0);
    let steps = Steps::up_to(most.map_or(0, |p| count(p.0)));
    let desc = match most {
        Some(p) => words::MAP_DESC.with(lang, &[name(lang, p.0), &number(lang, count(p.0))]),
        None => words::MAP_EMPTY.get(lang).to_owned(),
    };
    let title = words::MAP_TITLE.get(lang);
    let linked = OUTLINES.iter().any(|o| href(o.code).is_some());
    html! {
        figure.figure.map {
            figcaption { (title) }
            @if linked { a.skip-figure href="#map-numbers" { (words::MAP_SKIP.get(lang)) } }
            svg.chart.provinces viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } direction="ltr"
                role=(role(linked)) aria-labelledby="map-title map-desc" {
                title id="map-title" { (title) }
                desc id="map-desc" { (desc) }
                @for outline in &OUTLINES {
                    @let n = count(outline.code);
                    (shape(lang, outline, n, steps.of(n), href(outline.code).as_deref()))
                }
                g.labels aria-hidden="true" {
                    @for outline in &OUTLINES { (written(lang, outline, steps.of(count(outline.code)))) }
                }
            }
            (key(lang, &steps))
            p.small { (words::MAP_NOTE.get(lang)) }
            div id="map-numbers" tabindex="-1" { (table(lang, counts, unknown, href)) }
        }
    }
}

fn name(lang: Lang, code: &str) -> &'static str {
    let (fa, en) = province(code).unwrap_or_default();
    if lang == Lang::Fa { fa } else { en }
}

fn shape(lang: Lang, outline: &Outline, n: u64, step: usize, href: Option<&str>) -> Markup {
    let said = words::NAMED.with(lang, &[name(lang, outline.code), &number(lang, n)]);
    part(&said, href, &html! { path class={ "province step" (step) } d=(outline.d) {} })
}

/// The name on the map, where there is room for it.
fn written(lang: Lang, outline: &Outline, step: usize) -> Markup {
    let text = name(lang, outline.code);
    let letters = text.chars().filter(|c| *c != '\u{200c}').count() as u32;
    let fits = |size: u32| letters * size * LETTER_TENTHS / 20 <= outline.room * 5 / 4;
    let class = match (fits(WIDE_LABEL), fits(NARROW_LABEL)) {
        (_, true) => "on",
        (true, false) => "on only-wide",
        (false, false) => return html! {},
    };
    html! {
        text class={ (class) " on" (step) } x=(outline.x) y=(outline.y) text-anchor="middle"
            dominant-baseline="central" direction=(lang.dir()) { (text) }
    }
}

/// The key to the colours, as a list: words, not only colours.
fn key(lang: Lang, steps: &Steps) -> Markup {
    html! {
        ul.key aria-label=(words::LEGEND.get(lang)) {
            @for (step, range) in steps.ranges().into_iter().enumerate() {
                li {
                    svg.swatch width="1em" height="1em" aria-hidden="true" {
                        rect class={ "province step" (step) } x="1" y="1" width="86%" height="86%" {}
                    }
                    @match range {
                        None => (words::NONE_HERE.get(lang)),
                        Some((from, to)) if from == to => (number(lang, from)),
                        Some((from, to)) => bdi dir=(lang.dir()) { (number(lang, from)) "–" (number(lang, to)) },
                    }
                }
            }
        }
    }
}

fn table(
    lang: Lang,
    counts: &BTreeMap<&str, u64>,
    unknown: u64,
    href: &dyn Fn(&str) -> Option<String>,
) -> Markup {
    let mut codes: Vec<_> = PROVINCES.iter().map(|p| p.0).collect();
    let count = |code: &str| counts.get(code).copied().unwrap_or(0);
    let key = if lang == Lang::Fa { persian_key } else { latin_key };
    codes.sort_by_cached_key(|code| (std::cmp::Reverse(count(code)), key(name(lang, code))));
    let mut rows: Vec<_> = codes
        .into_iter()
        .map(|code| {
            let number = number(lang, count(code));
            vec![link(name(lang, code), href(code).as_deref()), html! { (number) }]
        })
        .collect();
    rows.push(vec![html! { (words::MAP_UNKNOWN.get(lang)) }, html! { (number(lang, unknown)) }]);
    let heads = [words::PROVINCE.get(lang), words::COUNT.get(lang)];
    numbers(lang, words::MAP_TITLE.get(lang), true, &heads, &rows)
}

/// The few steps of colour: zero, then up to four that each begin at a round number.
struct Steps {
    starts: Vec<u64>,
    most: u64,
}

impl Steps {
    fn up_to(most: u64) -> Self {
        if most <= 4 {
            return Self { starts: (1..=most).collect(), most };
        }
        let mut starts = vec![1];
        for quarter in 1..4 {
            // Even steps of the exponent: counts of places are far apart.
            let exact = (most as f64).powf(f64::from(quarter) / 4.0);
            let start = round_number(exact);
            if start <= most && starts.last().is_some_and(|last| start > *last) {
                starts.push(start);
            }
        }
        Self { starts, most }
    }

    /// 0 for none, else from 1; the last is the strongest colour only when all four are there.
    fn of(&self, n: u64) -> usize {
        self.starts.iter().take_while(|start| **start <= n).count()
    }

    /// What each step means, from zero on.
    fn ranges(&self) -> Vec<Option<(u64, u64)>> {
        let ends = self.starts.iter().skip(1).map(|next| next - 1).chain([self.most]);
        let ranges = self.starts.iter().copied().zip(ends).map(Some);
        [None].into_iter().chain(ranges).collect()
    }
}

/// The nearest of 2, 3, 5, 10, 20, 30, 50 and so on.
fn round_number(exact: f64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for digit in [2, 3, 5, 10] {
            let this = digit * unit;
            if this as f64 * 1.25 >= exact || unit >= 1_000_000_000_000_000_000 / 10 {
                return this;
            }
        }
        unit *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_few_and_round() {
        let starts = |most| Steps::up_to(most).starts;
        assert_eq!(starts(0), Vec::<u64>::new());
        assert_eq!(starts(1), [1]);
        assert_eq!(starts(3), [1, 2, 3]);
        assert_eq!(starts(4), [1, 2, 3, 4]);
        assert_eq!(starts(60), [1, 3, 10, 20]);
        assert!(starts(u64::MAX).len() <= 4 && starts(100_000).len() == 4);
        let steps = Steps::up_to(60);
        let of: Vec<_> = [0, 1, 2, 3, 9, 10, 19, 20, 60].map(|n| steps.of(n)).to_vec();
        assert_eq!(of, [0, 1, 1, 2, 2, 3, 3, 4, 4]);
        let ranges = [None, Some((1, 2)), Some((3, 9)), Some((10, 19)), Some((20, 60))];
        assert_eq!(steps.ranges(), ranges);
    }

    #[test]
    fn outlines_are_those_of_the_records() {
        let ours: Vec<_> = OUTLINES.iter().map(|o| o.code).collect();
        let theirs: Vec<_> = PROVINCES.iter().map(|p| p.0).collect();
        assert_eq!(ours, theirs);
        for outline in &OUTLINES {
            assert!(outline.x < WIDTH && outline.y < HEIGHT && outline.room > 0);
            let plain = |c: char| c.is_ascii_digit() || "Mlz- ".contains(c);
            assert!(outline.d.chars().all(plain), "{}", outline.code);
        }
        // Neighbours as on the ground: Gilan is north of Yazd, Ilam west of South Khorasan.
        let at = |code| OUTLINES.iter().find(|o| o.code == code).unwrap();
        assert!(at("IR-01").y < at("IR-21").y && at("IR-16").x < at("IR-29").x);
    }
}
