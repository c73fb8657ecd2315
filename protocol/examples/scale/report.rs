//! The tables and plots of docs/scale.md, from figures.

use crate::figures::Figures;
use crate::growth::FILES;
use crate::svg::{Axis, Series, chart, percent, prefixed, seconds};
use std::fmt::Write as _;

const SIZES: [(&str, &str); 3] = [("100", "100"), ("1000", "1,000"), ("10000", "10,000")];
const MIB: f64 = 1e6;
/// About the new bytes of the large edition, in each shape.
const PAYLOAD: f64 = 101e6;

/// Names of plots, and what is in them.
pub fn plots(all: &Figures) -> Vec<(&'static str, String)> {
    vec![
        ("large.svg", large(all)),
        ("news.svg", news(all)),
        ("overhead.svg", overhead(all)),
        ("growth.svg", growth(all)),
    ]
}

fn curve(all: &Figures, run: &str, what: &str) -> Vec<(f64, f64)> {
    let at = |part: u32| all.get(run, &format!("{what} curve {part:03}"));
    (0..=100).filter_map(|part| Some((at(part)?, f64::from(part)))).collect()
}

fn share() -> Axis {
    Axis {
        label: "mirrors that have it",
        from: 0.0,
        to: 100.0,
        log: false,
        fine: false,
        unit: percent,
    }
}

fn lines(all: &Figures, weather: &str, what: &str, dashed: bool, said: &str) -> Vec<Series> {
    let line = |(color, (size, name)): (usize, (&str, &str))| {
        let mut points = curve(all, &format!("{size} {weather}"), what);
        if points.is_empty() {
            points = curve(all, &format!("{size} {weather} coarse"), what);
        }
        Series { name: format!("{name}, {said}"), color, dashed, points }
    };
    let lines = SIZES.into_iter().enumerate().map(line);
    lines.filter(|line| !line.points.is_empty()).collect()
}

fn large(all: &Figures) -> String {
    let x = Axis {
        label: "after publication",
        from: 100.0,
        to: 5_000.0,
        log: true,
        fine: true,
        unit: seconds,
    };
    let mut series = lines(all, "calm", "large", false, "calm");
    series.extend(lines(all, "rough", "large", true, "rough"));
    chart("100 MB from one publisher of 10 Mbit/s", &x, &share(), &series)
}

fn news(all: &Figures) -> String {
    let x = Axis {
        label: "after publication",
        from: 0.05,
        to: 100.0,
        log: true,
        fine: true,
        unit: seconds,
    };
    let mut series = lines(all, "calm", "head", false, "head");
    series.extend(lines(all, "calm", "small", true, "ten records"));
    chart("A new head, and an update of ten records", &x, &share(), &series)
}

fn overhead(all: &Figures) -> String {
    let x = Axis {
        label: "mirrors",
        from: 100.0,
        to: 10_000.0,
        log: true,
        fine: false,
        unit: prefixed,
    };
    let y = Axis {
        label: "of the payload, mean",
        from: 0.0,
        to: 20.0,
        log: false,
        fine: false,
        unit: percent,
    };
    let parts = [("fetched twice", "twice"), ("control", "control in"), ("nodes", "nodes in")];
    let mut series = Vec::new();
    for (color, (name, part)) in parts.into_iter().enumerate() {
        for (weather, dashed) in [("calm", false), ("rough", true)] {
            let point = |(size, _): (&str, &str)| {
                let mut run = format!("{size} {weather}");
                if !all.0.contains_key(&run) {
                    run += " coarse";
                }
                let bytes = all.get(&run, &format!("large {part} mean"))?;
                Some((size.parse().ok()?, bytes * 100.0 / all.get(&run, "large bytes")?))
            };
            let points: Vec<_> = SIZES.into_iter().filter_map(point).collect();
            series.push(Series { name: format!("{name}, {weather}"), color, dashed, points });
        }
    }
    chart("What 100 MB cost a mirror beside themselves", &x, &y, &series)
}

fn growth(all: &Figures) -> String {
    let x = Axis {
        label: "files in the archive",
        from: 1e3,
        to: 1e6,
        log: true,
        fine: false,
        unit: prefixed,
    };
    let y = Axis {
        label: "bytes, or number",
        from: 10.0,
        to: 1e10,
        log: true,
        fine: false,
        unit: prefixed,
    };
    let parts = [
        ("first sync, bytes", "first wire", false),
        ("update of 10, bytes", "update wire", false),
        ("looks into the store", "update looks", true),
        ("held by the plan", "first held", true),
        ("nodes fetched", "update nodes", true),
    ];
    let line = |(color, (name, part, dashed)): (usize, (&str, &str, bool))| {
        let point = |files: u64| Some((files as f64, all.get(&format!("files {files}"), part)?));
        let points = FILES.into_iter().filter_map(point).collect();
        Series { name: name.to_owned(), color, dashed, points }
    };
    let series: Vec<_> = parts.into_iter().enumerate().map(line).collect();
    chart("As the archive grows", &x, &y, &series)
}

/// All tables, as Markdown.
pub fn tables(all: &Figures) -> String {
    let mut out = String::from("# Tables of the simulation of scale\n\n");
    out += "Made by `protocol/examples/scale/main.rs`; [../scale.md](../scale.md) says what they mean.\n\n";
    runs(all, &mut out);
    grown(all, &mut out);
    if let (Some(most), Some(bytes)) = (all.get("gossip", "withdrawn"), all.get("gossip", "bytes"))
    {
        let _ = writeln!(
            out,
            "\nA head with {most} withdrawals is the longest that gossip carries; with 1,024 a head has {bytes} bytes."
        );
    }
    out
}

fn row(out: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    let _ = writeln!(out, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
}

fn runs(all: &Figures, out: &mut String) {
    let names: Vec<_> =
        all.0.keys().filter(|name| name.contains(" calm") || name.contains(" rough")).collect();
    row(out, "", names.iter().map(|name| (*name).clone()));
    row(out, "---", names.iter().map(|_| "---".to_owned()));
    let cell = |run: &str, figure: &str, by: f64, digits: usize| {
        all.get(run, figure).map_or("–".to_owned(), |value| format!("{:.digits$}", value / by))
    };
    for (said, what) in [("new head", "head"), ("100 MB", "large"), ("ten records", "small")] {
        let times = |run: &&String| {
            let parts = ["50", "95", "100"];
            let digits = if what == "large" { 0 } else { 1 };
            parts.map(|part| cell(run, &format!("{what} {part}"), 1.0, digits)).join(" / ")
        };
        row(out, &format!("{said} at 50 / 95 / 100 %, s"), names.iter().map(times));
    }
    for (said, figure, by, digits) in [
        ("received of content, MB", "large content in", MIB, 1),
        ("of it twice or too late, MB", "large twice", MIB, 1),
        ("nodes of trees and lists, MB", "large nodes in", MIB, 2),
        ("wants, denials, heads, addresses, MB", "large control in", MIB, 2),
        ("sent of content, MB", "large content out", MIB, 0),
        ("messages", "large messages", 1.0, 0),
        ("denied blocks", "large denials", 1.0, 0),
        ("gossip messages that came", "large gossip", 1.0, 0),
        ("ten records: messages", "small messages", 1.0, 0),
        ("ten records: control, kB", "small control in", 1e3, 0),
        ("connections", "links", 1.0, 0),
    ] {
        let both = |run: &&String| {
            ["mean", "most"]
                .map(|part| cell(run, &format!("{figure} {part}"), by, digits))
                .join(" / ")
        };
        row(out, &format!("{said}, mean / most"), names.iter().map(both));
    }
    for (said, figure, by) in [
        ("sent by the publisher, copies of the 100 MB", "large publisher out", PAYLOAD),
        ("plan, most blocks held", "plan held most", 1.0),
        ("addresses remembered, most", "known most", 1.0),
        ("lies found out", "lies", 1.0),
    ] {
        let digits = usize::from(by > 1.0);
        row(out, said, names.iter().map(|run| cell(run, figure, by, digits)));
    }
    out.push('\n');
}

fn grown(all: &Figures, out: &mut String) {
    row(out, "files", FILES.iter().map(|files| prefixed(*files as f64)));
    row(out, "---", FILES.iter().map(|_| "---".to_owned()));
    for (said, figure) in [
        ("nodes of the tree", "tree nodes"),
        ("levels", "tree levels"),
        ("bytes of the tree", "tree bytes"),
        ("first sync: bytes on the wire", "first wire"),
        ("of them wants", "first asked bytes"),
        ("first sync: most blocks held by the plan", "first held"),
        ("update of 10 files: nodes fetched", "update nodes"),
        ("update: bytes on the wire", "update wire"),
        ("update: nodes read here by the plan", "update reads"),
        ("update: looks into the store by the plan", "update looks"),
        ("update: most blocks held by the plan", "update held"),
        ("the same difference: nodes read by `diff`", "diff reads"),
    ] {
        let value = |files: &u64| {
            let value = all.get(&format!("files {files}"), figure);
            value.map_or("–".to_owned(), |value| format!("{value}"))
        };
        row(out, said, FILES.iter().map(value));
    }
}
