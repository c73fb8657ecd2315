//! Mirrors that do nothing, and mirrors that everybody wants something of.

use super::size;
use crate::lab::SOURCE;
use crate::process::{Process, cpu_seconds, memory};
use crate::report::{Line, Report, Unit, fairness};
use crate::stage::{Stage, Tree, clear, same};
use crate::workload::Work;
use crate::{Res, ours};
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
struct Shares {
    least: f64,
    most: f64,
    index: f64,
    mirror_mib: f64,
}

pub fn busy(stage: &mut Stage, report: &mut Report) -> Res<()> {
    // So that the line is the limit and not the processor, which the guests use too.
    let mbit = if stage.scale.full { 200 } else { 100 };
    let (tree, home) = (stage.tree(Work::Slice)?, stage.home(Work::Slice)?);
    let guests: Vec<_> = (0..stage.scale.guests).map(|n| format!("guest{n}")).collect();
    for guest in &guests {
        stage.lab.machine(guest)?;
    }
    let mut all = Vec::new();
    for _ in 0..stage.reps {
        let mirror = ours::mirror(stage, &home, SOURCE)?;
        stage.lab.rate(SOURCE, Some(mbit))?;
        let invite = ours::invite(stage, &home, &[&mirror.address])?;
        let shares = share(stage, &guests, &invite, &tree);
        stage.lab.rate(SOURCE, None)?;
        clear(&stage.dir.join("guests"))?;
        let memory = memory(mirror.process.id()).ok_or("the busy mirror ended")?;
        all.push(Shares { mirror_mib: memory.peak_kib as f64 / 1024.0, ..shares? });
    }
    let row = "busy";
    let figures = |figure: fn(&Shares) -> f64| all.iter().map(figure).collect::<Vec<_>>();
    let what = format!(
        "mirror with {} guests at once, {} each, {mbit} Mbit/s: its peak memory",
        guests.len(),
        size(&tree)
    );
    report.add(Line::new(row, what, Unit::Mebibytes, figures(|s| s.mirror_mib)));
    let line =
        Line::new(row, "the same: least share, of a fair one", Unit::Share, figures(|s| s.least));
    let fair = line.median() >= 0.8;
    report.add(line.goal("at least 0.80", fair));
    let line =
        Line::new(row, "the same: largest share, of a fair one", Unit::Share, figures(|s| s.most));
    report.add(line.at_most(1.2, "at most 1.20"));
    report.add(Line::new(
        row,
        "the same: Jain's index of the shares",
        Unit::Share,
        figures(|s| s.index),
    ));
    Ok(())
}

/// All fetch at once. What counts is what each receives while all are at it.
fn share(stage: &Stage, guests: &[String], invite: &str, tree: &Tree) -> Res<Shares> {
    let dir = stage.dir.join("guests");
    std::fs::create_dir_all(&dir)?;
    let read = || guests.iter().map(|g| Ok(stage.lab.wire(g)?.received)).collect::<Res<Vec<_>>>();
    let first = read()?;
    let mut running = Vec::new();
    for guest in guests {
        let out = dir.join(format!("{guest}-got"));
        let command = ours::fetch(stage, guest, &dir.join(guest), invite, Some(&out));
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
    Shares { least, most, index: fairness(counted), mirror_mib: 0.0 }
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
