//! Several sources; a fetch that is killed and goes on.

use super::{fetched, limited, size};
use crate::floor::Way;
use crate::lab::{FETCHER, SOURCE};
use crate::process::Process;
use crate::report::{Line, Report, Unit, percent_over};
use crate::stage::{Stage, Tree, clear, copy};
use crate::workload::Work;
use crate::{Res, ours};
use std::process::Command;
use std::time::{Duration, Instant};

const SOURCES: usize = 4;
/// What each of them sends, in Mbit/s.
const EACH: u32 = 20;
const MBIT: u32 = 100;
/// Between the kill and the second try.
const PAUSE: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(5);

pub fn four(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let (tree, home) = (stage.tree(Work::Slow)?, stage.home(Work::Slow)?);
    stage.lab.machine(FETCHER)?;
    stage.lab.rate(FETCHER, Some(MBIT))?;
    let (mut mirrors, mut homes) = (Vec::new(), Vec::new());
    for n in 0..SOURCES {
        let machine = format!("source{n}");
        let own = stage.fresh(&format!("home-{machine}"))?;
        copy(&home, &own, false)?;
        // Each is a node of its own.
        match std::fs::remove_file(own.join("identity")) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
            _ => {}
        }
        mirrors.push(ours::mirror(stage, &own, &machine)?);
        stage.lab.rate(&machine, Some(EACH))?;
        homes.push(own);
    }
    let addresses: Vec<_> = mirrors.iter().map(|m| m.address.as_str()).collect();
    let invite = ours::invite(stage, &home, &addresses)?;
    let once = |_| Ok(super::ours_once(stage, &invite, &tree)?.ran.seconds);
    let times = (0..stage.reps).map(once).collect::<Res<Vec<_>>>();
    stage.lab.rate(FETCHER, None)?;
    drop(mirrors);
    homes.iter().try_for_each(|home| clear(home))?;
    let least = tree.bytes as f64 * 8.0 / 1e6 / (SOURCES as f64 * f64::from(EACH));
    let what = format!(
        "fetch W3S ({}) from {SOURCES} sources of {EACH} Mbit/s (no program can in less than {least:.1} s)",
        size(&tree)
    );
    report.add(Line::new("swarm", what, Unit::Seconds, times?).at_most(14.0, "at most 14.0 s"));
    Ok(())
}

/// What a fetch in two parts took.
struct Resumed {
    /// Of the second part.
    seconds: f64,
    /// Of both parts together over the payload, with all headers.
    percent: f64,
}

pub fn resume(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let (tree, home) = (stage.tree(Work::Slow)?, stage.home(Work::Slow)?);
    let mirror = ours::mirror(stage, &home, SOURCE)?;
    let invite = ours::invite(stage, &home, &[&mirror.address])?;
    let served = super::serve_floors(stage, &tree, Work::Slow)?;
    let (mut ours_runs, mut others) = (Vec::new(), Vec::new());
    others.extend(served.iter().map(|(floor, _)| (floor.name(), Vec::new())));
    limited(stage, MBIT, |stage| {
        for _ in 0..stage.reps {
            let (reader, out) = (stage.fresh("reader")?, stage.fresh("got")?);
            ours_runs.push(in_two(stage, &tree, &out, |stage, _| {
                Ok(ours::fetch(stage, FETCHER, &reader, &invite, Some(&out)))
            })?);
            clear(&reader)?;
            for ((_, served), (_, runs)) in served.iter().zip(&mut others) {
                let out = stage.fresh("got")?;
                runs.push(in_two(stage, &tree, &out, |stage, way| served.fetch(stage, &out, way))?);
            }
        }
        Ok(())
    })?;
    let row = "resume";
    let figures = |figure: fn(&Resumed) -> f64| -> (Vec<f64>, Vec<(&'static str, Vec<f64>)>) {
        let floors = others.iter().map(|(name, runs)| (*name, runs.iter().map(figure).collect()));
        (ours_runs.iter().map(figure).collect(), floors.collect())
    };
    let (ours, floors) = figures(|r| r.seconds);
    let what =
        format!("W3S ({}) over {MBIT} Mbit/s, SIGKILL at half: the second part", size(&tree));
    report.add(
        Line::new(row, what, Unit::Seconds, ours).beside(floors).at_most(6.7, "at most 6.7 s"),
    );
    let (ours, floors) = figures(|r| r.percent);
    let mut line = Line::new(row, "the same: bytes received over the payload", Unit::Percent, ours);
    line.floors = floors;
    report.add(line.at_most(4.0, "at most 4 %"));
    Ok(())
}

fn in_two(
    stage: &Stage,
    tree: &Tree,
    out: &std::path::Path,
    command: impl Fn(&Stage, Way) -> Res<Command>,
) -> Res<Resumed> {
    let before = stage.lab.wire(FETCHER)?;
    let received = || Ok::<_, crate::Fault>(stage.lab.wire(FETCHER)?.since(before).received);
    let log = stage.log("fetch-killed");
    let mut first = Process::start(command(stage, Way::Resumable)?, &log, None)?;
    let start = Instant::now();
    while received()? < tree.bytes / 2 {
        if let Some(status) = first.ended()? {
            return Err(format!("over before half: {}", first.failed(status)).into());
        }
        if start.elapsed() > stage.limit {
            return Err("half of it did not come in time".into());
        }
        std::thread::sleep(LOOK);
    }
    first.kill()?;
    std::thread::sleep(PAUSE);
    let second = fetched(stage, command(stage, Way::Again)?, tree, out)?;
    let percent = percent_over(received()? as f64, tree.bytes as f64);
    Ok(Resumed { seconds: second.ran.seconds, percent })
}
