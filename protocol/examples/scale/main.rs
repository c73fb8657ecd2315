//! Runs the simulation of scale and writes its table and plots (docs/scale.md).
//!
//! `cargo run --release -p yadgar-protocol --example scale -- --out docs/scale` does all; `--run NAME`
//! does only that one (`none`: none), and draws again from what is there.

#[path = "../../tests/scale/mod.rs"]
mod sim;

mod figures;
mod growth;
mod report;
mod runs;
mod svg;

use figures::Figures;
use runs::{COARSE, Weather, run, setting};
use sim::fetch::ASK_AGAIN;
use sim::plan::Kind;
use sim::setting::SECOND;
use std::path::Path;

/// Mirrors, how they plan, what happens to them, and when they ask again for what was lacking.
const RUNS: [(&str, usize, Kind, Weather, u64); 20] = [
    ("100 calm real", 100, Kind::Real, Weather::Calm, ASK_AGAIN),
    ("100 calm", 100, Kind::Flat, Weather::Calm, ASK_AGAIN),
    ("100 calm shifted", 100, Kind::Shifted, Weather::Calm, ASK_AGAIN),
    ("100 calm soon", 100, Kind::Flat, Weather::Calm, SECOND),
    ("100 rough real", 100, Kind::Real, Weather::Rough, ASK_AGAIN),
    ("100 rough", 100, Kind::Flat, Weather::Rough, ASK_AGAIN),
    ("1000 calm", 1_000, Kind::Flat, Weather::Calm, ASK_AGAIN),
    ("1000 calm shifted", 1_000, Kind::Shifted, Weather::Calm, ASK_AGAIN),
    ("1000 calm soon", 1_000, Kind::Flat, Weather::Calm, SECOND),
    ("1000 rough", 1_000, Kind::Flat, Weather::Rough, ASK_AGAIN),
    ("100 calm silent", 100, Kind::Flat, Weather::Calm, ASK_AGAIN),
    ("1000 calm silent", 1_000, Kind::Flat, Weather::Calm, ASK_AGAIN),
    ("100 calm coarse real", 100, Kind::Real, Weather::Calm, ASK_AGAIN),
    ("1000 calm real", 1_000, Kind::Real, Weather::Calm, ASK_AGAIN),
    ("1000 calm coarse real", 1_000, Kind::Real, Weather::Calm, ASK_AGAIN),
    ("1000 calm coarse", 1_000, Kind::Flat, Weather::Calm, ASK_AGAIN),
    ("10000 calm coarse", 10_000, Kind::Flat, Weather::Calm, ASK_AGAIN),
    ("10000 calm coarse real", 10_000, Kind::Real, Weather::Calm, ASK_AGAIN),
    ("10000 calm", 10_000, Kind::Flat, Weather::Calm, ASK_AGAIN),
    ("10000 rough", 10_000, Kind::Flat, Weather::Rough, ASK_AGAIN),
];

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (mut out, mut only) = ("docs/scale".to_owned(), Vec::new());
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--out", Some(folder)) => out = folder,
            ("--run", Some(name)) => only.push(name),
            _ => return Err(std::io::Error::other("use: --out FOLDER [--run NAME]...")),
        }
    }
    std::fs::create_dir_all(&out)?;
    let file = Path::new(&out).join("figures.csv");
    let wanted = |name: &str| only.is_empty() || only.iter().any(|o| o == name);
    for (name, mirrors, kind, weather, again) in RUNS.into_iter().filter(|(name, ..)| wanted(name))
    {
        let mut set = setting(mirrors, kind, weather, again);
        set.gossip = !name.ends_with("silent");
        if name.contains("coarse") {
            set.shape = COARSE;
        }
        let done = run(set);
        println!("{name}: {:?} s", done.get("large 100"));
        let mut all = Figures::read(&std::fs::read_to_string(&file).unwrap_or_default());
        all.0.insert(name.to_owned(), done);
        write(&file, &all.write())?;
    }
    for files in growth::FILES.into_iter().filter(|files| wanted(&format!("files {files}"))) {
        let grown = growth::grow(files);
        println!("files {files}: {:?} bytes", grown.get("update wire"));
        let mut all = Figures::read(&std::fs::read_to_string(&file).unwrap_or_default());
        all.0.insert(format!("files {files}"), grown);
        write(&file, &all.write())?;
    }
    let mut all = Figures::read(&std::fs::read_to_string(&file).unwrap_or_default());
    if wanted("gossip") {
        all.0.insert("gossip".to_owned(), growth::gossip());
        write(&file, &all.write())?;
    }
    for (name, plot) in report::plots(&all) {
        write(&Path::new(&out).join(name), &plot)?;
    }
    write(&Path::new(&out).join("tables.md"), &report::tables(&all))
}

#[allow(clippy::disallowed_methods)] // the crate only decides, an example may act
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(file, text)
}
