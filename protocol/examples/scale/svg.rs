//! Line charts as SVG, for light and dark pages.

use std::fmt::Write as _;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 78.0;
const RIGHT: f64 = 216.0;
const TOP: f64 = 52.0;
const BOTTOM: f64 = 62.0;

const STYLE: &str = "text{font-family:system-ui,sans-serif;font-size:13px;fill:#222}\
.title{font-size:16px;font-weight:600}.grid{stroke:#ddd}.frame{stroke:#555;fill:none}\
.line{fill:none;stroke-width:2.2}.back{fill:#fff}\
.c0{stroke:#0072b2}.c1{stroke:#c0500a}.c2{stroke:#008060}.c3{stroke:#a0408a}.c4{stroke:#6b6b00}\
@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#3a3a3a}.frame{stroke:#999}.back{fill:#161616}\
.c0{stroke:#56b4e9}.c1{stroke:#ff9d57}.c2{stroke:#2ec79a}.c3{stroke:#e59bd0}.c4{stroke:#d6d65a}}";

pub struct Series {
    pub name: String,
    pub color: usize,
    pub dashed: bool,
    pub points: Vec<(f64, f64)>,
}

/// An axis: what it shows, from where to where, logarithmic or not.
pub struct Axis {
    pub label: &'static str,
    pub from: f64,
    pub to: f64,
    pub log: bool,
    /// Ticks at 2 and 5 too.
    pub fine: bool,
    pub unit: fn(f64) -> String,
}

impl Axis {
    /// Where a value is, from 0 to 1.
    fn at(&self, value: f64) -> f64 {
        let place = |v: f64| if self.log { v.max(self.from).log10() } else { v };
        let (from, to) = (place(self.from), place(self.to));
        ((place(value) - from) / (to - from)).clamp(0.0, 1.0)
    }

    fn ticks(&self) -> Vec<f64> {
        if !self.log {
            return (0..=5)
                .map(|n| self.from + (self.to - self.from) * f64::from(n) / 5.0)
                .collect();
        }
        let powers = self.from.log10().floor() as i32..=self.to.log10().ceil() as i32;
        let steps: &[f64] = if self.fine { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let all = powers.flat_map(|p| steps.iter().map(move |step| step * 10f64.powi(p)));
        all.filter(|v| *v >= self.from * 0.999 && *v <= self.to * 1.001).collect()
    }
}

pub fn chart(title: &str, x: &Axis, y: &Axis, series: &[Series]) -> String {
    let (wide, high) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
    let px = |value: f64| LEFT + x.at(value) * wide;
    let py = |value: f64| TOP + (1.0 - y.at(value)) * high;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{title}\">\n<style>{STYLE}</style>\n\
         <rect class=\"back\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"30\">{title}</text>\n"
    );
    for tick in x.ticks() {
        let (at, label) = (px(tick), (x.unit)(tick));
        let (bottom, under) = (TOP + high, TOP + high + 19.0);
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\"/>\
             <text x=\"{at:.1}\" y=\"{under}\" text-anchor=\"middle\">{label}</text>\n"
        );
    }
    for tick in y.ticks() {
        let (at, label) = (py(tick), (y.unit)(tick));
        let (right, beside, base) = (LEFT + wide, LEFT - 8.0, at + 4.5);
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\"/>\
             <text x=\"{beside}\" y=\"{base:.1}\" text-anchor=\"end\">{label}</text>\n"
        );
    }
    let (middle, under) = (LEFT + wide / 2.0, HEIGHT - 14.0);
    let (half, label_x, label_y) = (TOP + high / 2.0, x.label, y.label);
    let _ = write!(
        out,
        "<rect class=\"frame\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{wide}\" height=\"{high}\"/>\n\
         <text x=\"{middle}\" y=\"{under}\" text-anchor=\"middle\">{label_x}</text>\n\
         <text transform=\"translate(20 {half}) rotate(-90)\" text-anchor=\"middle\">{label_y}</text>\n"
    );
    for (number, line) in series.iter().enumerate() {
        let dash = if line.dashed { " stroke-dasharray=\"6 4\"" } else { "" };
        let class = format!("line c{}", line.color);
        let points = line.points.iter().map(|(a, b)| format!("{:.1},{:.1}", px(*a), py(*b)));
        let points = points.collect::<Vec<_>>().join(" ");
        let (from, to) = (LEFT + wide + 14.0, LEFT + wide + 40.0);
        let (at, base) = (TOP + 12.0 + 22.0 * number as f64, TOP + 16.5 + 22.0 * number as f64);
        let (beside, name) = (to + 8.0, &line.name);
        let _ = write!(
            out,
            "<polyline class=\"{class}\"{dash} points=\"{points}\"/>\n\
             <line class=\"{class}\"{dash} x1=\"{from}\" y1=\"{at}\" x2=\"{to}\" y2=\"{at}\"/>\
             <text x=\"{beside}\" y=\"{base}\">{name}</text>\n"
        );
    }
    out + "</svg>\n"
}

pub fn seconds(value: f64) -> String {
    match value {
        v if v >= 60.0 && v % 60.0 == 0.0 => format!("{} min", v / 60.0),
        v => format!("{} s", trimmed(v)),
    }
}

pub fn percent(value: f64) -> String {
    format!("{value:.0} %")
}

/// With the prefixes of units.
pub fn prefixed(value: f64) -> String {
    let (by, prefix) = match value {
        v if v >= 1e9 => (1e9, " G"),
        v if v >= 1e6 => (1e6, " M"),
        v if v >= 1e3 => (1e3, " k"),
        _ => (1.0, ""),
    };
    trimmed(value / by) + prefix
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
