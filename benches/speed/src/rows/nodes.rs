//! Mirrors that do nothing, and mirrors that everybody wants something of.

use super::size;
use crate::floor::{Floor, Way};
use crate::lab::SOURCE;
use crate::process::{Process, cpu_seconds, memory};
use crate::report::{Line, Report, Unit, fairness, median};
use crate::stage::{Stage, Tree, clear, same};
use crate::workload::Work;
use crate::{Res, ours};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// After the start of a mirror, before it counts as idle.
const SETTLE: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(10);

pub fn idle(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let (tree, home) = (stage.tree(Work::Many)?, stage.home(Work::Many)?);
    let (mut resident, mut busy) = (Vec::new(), Vec::new());
    // Long by itself, and nothing in it varies much.
    for _ in 0..stage.reps.min(2) {
        let mirror = ours::mirror_with_lan(stage, &home, SOURCE)?;
        std::thread::sleep(SETTLE);
        let ended = "the idle mirror ended";
        let (before, start) = (cpu_seconds(mirror.process.id()).ok_or(ended)?, Instant::now());
        std::thread::sleep(stage.scale.idle);
        let used = cpu_seconds(mirror.process.id()).ok_or(ended)? - before;
        busy.push(used / start.elapsed().as_secs_f64() * 100.0);
        let now = memory(mirror.process.id()).ok_or(ended)?;
        resident.push(now.resident_kib as f64 / 1024.0);
    }
    stage.forget(Work::Many);
    let what = format!("idle mirror of {}: resident memory", size(&tree));
    report.add(Line::new("idle", what, Unit::Mebibytes, resident).at_most(60.0, "at most 60 MiB"));
    let what = format!("the same: processor over {} s, of one core", stage.scale.idle.as_secs());
    report.add(Line::new("idle", what, Unit::Percent, busy).at_most(0.5, "at most 0.5 %"));
    Ok(())
}

/// How a line was shared between those who wanted it at once.
#[derive(Debug, Clone, Copy)]
struct Shares {
    least: f64,
    most: f64,
    index: f64,
}

/// Memory of a mirror with guests.
#[derive(Debug, Clone, Copy)]
struct Memories {
    peak_mib: f64,
    /// What it had before, and what it says that serving takes at most.
    bound_mib: f64,
}

pub fn busy(stage: &mut Stage, report: &mut Report) -> Res<()> {
    // So that the line is the limit and not the processor, which the guests use too.
    let mbit = if stage.scale.full { 200 } else { 100 };
    let (tree, home) = (stage.tree(Work::Slice)?, stage.home(Work::Slice)?);
    let guests: Vec<_> = (0..stage.scale.guests).map(|n| format!("guest{n}")).collect();
    for guest in &guests {
        stage.lab.machine(guest)?;
    }
    let (mut all, mut memories) = (Vec::new(), Vec::new());
    for _ in 0..stage.reps {
        let mirror = ours::mirror(stage, &home, SOURCE)?;
        let before = memory(mirror.process.id()).ok_or("the mirror ended")?;
        stage.lab.rate(SOURCE, Some(mbit))?;
        let invite = ours::invite(stage, &home, &[&mirror.address])?;
        let shares = share(stage, &guests, &tree, |stage, guest, out| {
            Ok(ours::fetch(stage, guest, &stage.dir.join("guests").join(guest), &invite, Some(out)))
        });
        stage.lab.rate(SOURCE, None)?;
        clear(&stage.dir.join("guests"))?;
        let now = memory(mirror.process.id()).ok_or("the busy mirror ended")?;
        let status = ours::status(stage, &home)?;
        let serving = &status["node"]["serving"]["memory_most"];
        let serving = serving.as_f64().ok_or("the mirror does not say what serving takes")?;
        memories.push(Memories {
            peak_mib: now.peak_kib as f64 / 1024.0,
            bound_mib: before.resident_kib as f64 / 1024.0 + serving / 1_048_576.0,
        });
        all.push(shares?);
    }
    let floors = busy_floor(stage, &guests, &tree, mbit)?;
    tell_busy(
        report,
        &format!(
            "mirror with {} guests at once, {} each, {mbit} Mbit/s",
            guests.len(),
            size(&tree)
        ),
        &all,
        &memories,
        &floors,
    );
    Ok(())
}

/// The same guests at nginx, once: how TCP by itself shares the line.
fn busy_floor(
    stage: &mut Stage,
    guests: &[String],
    tree: &Tree,
    mbit: u32,
) -> Res<Vec<(&'static str, Shares)>> {
    if !Floor::installed(Work::Media).contains(&Floor::Http) {
        return Ok(Vec::new());
    }
    let served = Floor::Http.serve(stage, &tree.path)?;
    stage.lab.rate(SOURCE, Some(mbit))?;
    let shares = share(stage, guests, tree, |stage, guest, out| {
        served.fetch_on(stage, guest, out, Way::Plain)
    });
    stage.lab.rate(SOURCE, None)?;
    clear(&stage.dir.join("guests"))?;
    Ok(vec![(Floor::Http.name(), shares?)])
}

fn tell_busy(
    report: &mut Report,
    what: &str,
    all: &[Shares],
    memories: &[Memories],
    floors: &[(&'static str, Shares)],
) {
    let row = "busy";
    let bound = median(&memories.iter().map(|m| m.bound_mib).collect::<Vec<_>>());
    let peaks = memories.iter().map(|m| m.peak_mib).collect();
    let line = Line::new(row, format!("{what}: its peak memory"), Unit::Mebibytes, peaks);
    let words = format!("at most {bound:.0} MiB (before, and its bound for serving)");
    report.add(line.at_most(bound, &words));
    let line = |what: &str, figure: fn(&Shares) -> f64| {
        let mut line = Line::new(row, what, Unit::Share, all.iter().map(figure).collect());
        line.floors = floors.iter().map(|(name, shares)| (*name, vec![figure(shares)])).collect();
        line
    };
    let least = line("the same: least share, of a fair one", |s| s.least);
    let fair = least.median() >= 0.8;
    report.add(least.goal("at least 0.80", fair));
    let most = line("the same: largest share, of a fair one", |s| s.most);
    report.add(most.at_most(1.2, "at most 1.20"));
    report.add(line("the same: Jain's index of the shares", |s| s.index));
}

/// All fetch at once. What counts is what each receives while all are at it.
fn share(
    stage: &Stage,
    guests: &[String],
    tree: &Tree,
    command: impl Fn(&Stage, &str, &Path) -> Res<Command>,
) -> Res<Shares> {
    let dir = stage.dir.join("guests");
    std::fs::create_dir_all(&dir)?;
    let read = || guests.iter().map(|g| Ok(stage.lab.wire(g)?.received)).collect::<Res<Vec<_>>>();
    let first = read()?;
    let mut running = Vec::new();
    for guest in guests {
        let out = dir.join(format!("{guest}-got"));
        let command = command(stage, guest, &out)?;
        running.push((Process::start(command, &stage.log(guest), None)?, out));
    }
    let (mut window, start) = (Window::new(tree.bytes), Instant::now());
    let counted = loop {
        let now = read()?.iter().zip(&first).map(|(now, before)| now - before).collect();
        if let Some(counted) = window.feed(now) {
            break counted;
        }
        if start.elapsed() > stage.limit {
            return Err("the guests are not served in time".into());
        }
        std::thread::sleep(LOOK);
    };
    for (process, out) in running {
        process.finish(stage.limit)?;
        same(&tree.path, &out)?;
    }
    Ok(shares(&counted))
}

/// The time in which all guests are at it: from when each has some, or one has half, until one has nearly all.
struct Window {
    each: u64,
    begun: Option<Vec<u64>>,
}

impl Window {
    /// Of guests who want so many bytes each.
    fn new(each: u64) -> Self {
        Self { each, begun: None }
    }

    /// Takes in what each guest has by now; at the end, what each received within.
    fn feed(&mut self, now: Vec<u64>) -> Option<Vec<f64>> {
        let most = now.iter().copied().max()?;
        match &self.begun {
            Some(begun) if most >= self.each / 16 * 15 => {
                Some(now.iter().zip(begun).map(|(now, then)| (now - then) as f64).collect())
            }
            Some(_) => None,
            None => {
                let all = now.iter().all(|bytes| *bytes >= self.each / 16);
                self.begun = (all || most >= self.each / 2).then_some(now);
                None
            }
        }
    }
}

fn shares(counted: &[f64]) -> Shares {
    let fair = counted.iter().sum::<f64>() / counted.len() as f64;
    let least = counted.iter().copied().fold(f64::INFINITY, f64::min) / fair;
    let most = counted.iter().copied().fold(0.0, f64::max) / fair;
    Shares { least, most, index: fairness(counted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_a_fair_one() {
        let found = shares(&[1.0, 2.0, 3.0]);
        assert!((found.least - 0.5).abs() < 1e-9 && (found.most - 1.5).abs() < 1e-9);
        assert!(found.index < 1.0);
    }

    #[test]
    fn counted_is_while_all_are_at_it() {
        let mut window = Window::new(1600);
        assert_eq!(window.feed(vec![400, 0]), None);
        assert_eq!(window.feed(vec![500, 100]), None);
        assert_eq!(window.feed(vec![1000, 600]), None);
        assert_eq!(window.feed(vec![1500, 900]), Some(vec![1000.0, 800.0]));
        let mut starving = Window::new(1600);
        assert_eq!(starving.feed(vec![800, 0]), None);
        assert_eq!(starving.feed(vec![1600, 0]), Some(vec![800.0, 0.0]));
    }
}
