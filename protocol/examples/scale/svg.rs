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

/// The place of a plot, with its axes.
struct Frame<'a> {
    x: &'a Axis,
    y: &'a Axis,
    wide: f64,
    high: f64,
}

impl Frame<'_> {
    fn px(&self, value: f64) -> f64 {
        LEFT + self.x.at(value) * self.wide
    }

    fn py(&self, value: f64) -> f64 {
        TOP + (1.0 - self.y.at(value)) * self.high
    }

    fn axes(&self, out: &mut String) {
        let (bottom, right) = (TOP + self.high, LEFT + self.wide);
        for tick in self.x.ticks() {
            let (at, label, under) = (self.px(tick), (self.x.unit)(tick), bottom + 19.0);
            let _ = writeln!(
                out,
                "<line class=\"grid\" x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\"/>\
                 <text x=\"{at:.1}\" y=\"{under}\" text-anchor=\"middle\">{label}</text>"
            );
        }
        for tick in self.y.ticks() {
            let (at, label, beside) = (self.py(tick), (self.y.unit)(tick), LEFT - 8.0);
            let base = at + 4.5;
            let _ = writeln!(
                out,
                "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\"/>\
                 <text x=\"{beside}\" y=\"{base:.1}\" text-anchor=\"end\">{label}</text>"
            );
        }
        let (wide, high, middle, under) =
            (self.wide, self.high, LEFT + self.wide / 2.0, HEIGHT - 14.0);
        let (half, label_x, label_y) = (TOP + high / 2.0, self.x.label, self.y.label);
        let _ = writeln!(
            out,
            "<rect class=\"frame\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{wide}\" height=\"{high}\"/>\n\
             <text x=\"{middle}\" y=\"{under}\" text-anchor=\"middle\">{label_x}</text>\n\
             <text transform=\"translate(20 {half}) rotate(-90)\" text-anchor=\"middle\">{label_y}</text>"
        );
    }

    /// A line, and its name in the legend.
    fn line(&self, number: usize, line: &Series, out: &mut String) {
        let dash = if line.dashed { " stroke-dasharray=\"6 4\"" } else { "" };
        let class = format!("line c{}", line.color);
        let point = |(a, b): &(f64, f64)| format!("{:.1},{:.1}", self.px(*a), self.py(*b));
        let points = line.points.iter().map(point).collect::<Vec<_>>().join(" ");
        let (from, to) = (LEFT + self.wide + 14.0, LEFT + self.wide + 40.0);
        let at = TOP + 12.0 + 22.0 * number as f64;
        let (base, beside, name) = (at + 4.5, to + 8.0, &line.name);
        let _ = writeln!(
            out,
            "<polyline class=\"{class}\"{dash} points=\"{points}\"/>\n\
             <line class=\"{class}\"{dash} x1=\"{from}\" y1=\"{at}\" x2=\"{to}\" y2=\"{at}\"/>\
             <text x=\"{beside}\" y=\"{base}\">{name}</text>"
        );
    }
}

pub fn chart(title: &str, x: &Axis, y: &Axis, series: &[Series]) -> String {
    let frame = Frame { x, y, wide: WIDTH - LEFT - RIGHT, high: HEIGHT - TOP - BOTTOM };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{title}\">\n<style>{STYLE}</style>\n\
         <rect class=\"back\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"30\">{title}</text>\n"
    );
    frame.axes(&mut out);
    series.iter().enumerate().for_each(|(number, line)| frame.line(number, line, &mut out));
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
