//! One source, no rate limit.

use super::{Runs, floor_once, ours_once, peak_mib, seconds, serve_floors, size};
use crate::floor::{Floor, write};
use crate::lab::{FETCHER, SOURCE, Wire};
use crate::ours;
use crate::process::{Process, Ran, run};
use crate::report::{Line, Report, Unit};
use crate::stage::{Stage, Tree, clear, same};
use crate::workload::Work;
use crate::{RAW_FETCH, RAW_SERVE, Res};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

const RAW: &str = "raw libp2p";
const SEQUENTIAL: &str = "sequential write + fsync";

pub fn site(stage: &mut Stage, report: &mut Report) -> Res<()> {
    small(stage, report, ("fast-w1", Work::Site, 40.0))
}

pub fn records(stage: &mut Stage, report: &mut Report) -> Res<()> {
    small(stage, report, ("fast-w2", Work::Records, 60.0))
}

pub fn media(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let row = "fast-w3";
    let (tree, runs) = measure(stage, Work::Media, true)?;
    let line = line(row, Work::Media, &tree, &runs);
    let raw = line.floor(RAW).ok_or("no raw stream was measured")?;
    let enough = raw / line.median() >= 0.7;
    let line = ahead(line.goal("at least 0.7 of raw libp2p", enough), &[Floor::Rsync]);
    let rates: Vec<_> = runs.floors(seconds).into_iter().filter(|(name, _)| *name == RAW).collect();
    let rate = |s: &f64| tree.bytes as f64 / 1e6 / s;
    let rates = rates.iter().flat_map(|(_, s)| s.iter().map(rate)).collect();
    report.add(line);
    let what = format!("one libp2p stream, TCP + Noise + yamux, {:.0} MB", tree.bytes as f64 / 1e6);
    report.add(Line::new(row, what, Unit::MegabytesPerSecond, rates));
    report.add(memory(row, Work::Media, &runs, 60.0));
    Ok(())
}

fn small(
    stage: &mut Stage,
    report: &mut Report,
    (row, work, mib): (&'static str, Work, f64),
) -> Res<()> {
    let (tree, runs) = measure(stage, work, false)?;
    // Of those that are here: casync is for records only.
    report.add(ahead(line(row, work, &tree, &runs), &[Floor::Rsync, Floor::Casync]));
    report.add(memory(row, work, &runs, mib));
    Ok(())
}

fn line(row: &'static str, work: Work, tree: &Tree, runs: &Runs) -> Line {
    let what = format!("fetch {} ({}), no rate limit", work.name(), size(tree));
    Line::new(row, what, Unit::Seconds, runs.ours(seconds)).beside(runs.floors(seconds))
}

/// The goal to be faster than these, of those that are here.
fn ahead(line: Line, floors: &[Floor]) -> Line {
    floors.iter().fold(line, |line, floor| match line.floor(floor.name()) {
        Some(theirs) => {
            let reached = line.median() < theirs;
            line.goal(&format!("faster than {}", floor.name()), reached)
        }
        None => line,
    })
}

fn memory(row: &'static str, work: Work, runs: &Runs, most: f64) -> Line {
    let what = format!("the fetcher's peak memory, {}", work.name());
    let others = runs.floors(peak_mib).into_iter().filter(|(name, _)| *name != RAW).collect();
    let line = Line::new(row, what, Unit::Mebibytes, runs.ours(peak_mib));
    line.beside(others).at_most(most, &format!("at most {most:.0} MiB"))
}

fn measure(stage: &mut Stage, work: Work, with_raw: bool) -> Res<(Tree, Runs)> {
    let (tree, home) = (stage.tree(work)?, stage.home(work)?);
    stage.lab.machine(FETCHER)?;
    let mirror = ours::mirror(stage, &home, SOURCE)?;
    let invite = ours::invite(stage, &home, &[&mirror.address])?;
    let floors = serve_floors(stage, &tree, work)?;
    let mut runs = Runs::default();
    for _ in 0..stage.reps {
        runs.ours.push(ours_once(stage, &invite, &tree)?);
        for (floor, served) in &floors {
            runs.add(floor.name(), floor_once(stage, served, &tree)?);
        }
        if with_raw {
            let ran = Ran { seconds: raw(stage, tree.bytes)?, peak_kib: 0 };
            runs.add(RAW, super::Fetched { ran, wire: Wire::default() });
        }
    }
    Ok((tree, runs))
}

/// Seconds of one raw stream between two processes of this program.
fn raw(stage: &mut Stage, bytes: u64) -> Res<f64> {
    let (me, ip) = (std::env::current_exe()?, stage.lab.machine(SOURCE)?);
    let mut source = stage.lab.on(SOURCE, &me);
    source.args([RAW_SERVE, &format!("/ip4/{ip}/tcp/0"), &bytes.to_string()]);
    let mut source = Process::start(source, &stage.log("raw-serve"), Some(Stdio::piped()))?;
    let mut at = String::new();
    BufReader::new(source.stdout().ok_or("no pipe")?).read_line(&mut at)?;
    let mut fetcher = stage.lab.on(FETCHER, &me);
    fetcher.args([RAW_FETCH, at.trim(), &bytes.to_string()]);
    let log = stage.log("raw-fetch");
    run(fetcher, &log, stage.limit)?;
    source.finish(stage.limit)?;
    Ok(std::fs::read_to_string(log)?.trim().parse()?)
}

/// Into a home on a disk, as a mirror keeps it: durable when it says that it has it.
pub fn disk(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let disk = stage.disk.clone().ok_or("there is no disk with room")?;
    let (tree, home) = (stage.tree(Work::Media)?, stage.home(Work::Media)?);
    stage.lab.machine(FETCHER)?;
    let mirror = ours::mirror(stage, &home, SOURCE)?;
    let invite = ours::invite(stage, &home, &[&mirror.address])?;
    let (mut times, mut floor) = (Vec::new(), Vec::new());
    let reader = disk.join("reader");
    for _ in 0..stage.reps {
        clear(&reader)?;
        rustix::fs::sync();
        floor.push(write(&disk, tree.bytes, true)?);
        rustix::fs::sync();
        let command = ours::fetch(stage, FETCHER, &reader, &invite, None);
        times.push(run(command, &stage.log("fetch"), stage.limit)?.seconds);
        let out = stage.fresh("got")?;
        ours::checkout(stage, &reader, &out)?;
        same(&tree.path, &out)?;
        clear(&out)?;
    }
    clear(&reader)?;
    let what = format!("fetch W3 ({}) into a home on a disk, no rate limit", size(&tree));
    let line = Line::new("disk-w3", what, Unit::Seconds, times).beside(vec![(SEQUENTIAL, floor)]);
    let enough = line.floor(SEQUENTIAL).is_some_and(|floor| floor / line.median() >= 0.85);
    report.add(line.goal("at least 0.85 of the disk's sequential write", enough));
    Ok(())
}
