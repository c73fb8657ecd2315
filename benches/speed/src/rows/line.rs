//! One source over 100 Mbit/s.

use super::{
    Runs, Way, fetched, floor_once, limited, ours_once, received_mb, seconds, serve_floors, size,
};
use crate::floor::Floor;
use crate::lab::{FETCHER, SOURCE};
use crate::report::{Line, Report, Unit};
use crate::stage::{Stage, Tree, clear, same_file};
use crate::workload::{Work, files_of};
use crate::{Res, ours};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const MBIT: u32 = 100;
/// How often a target folder is looked at for its first whole file.
const LOOK: Duration = Duration::from_millis(5);
/// Files that are compared at each look.
const LOOKED_AT: usize = 40;

pub fn slow(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let (tree, runs) = measure(stage, Work::Slow)?;
    let line = time("line-w3s", Work::Slow, &tree, &runs);
    let http = line.floor(Floor::Http.name());
    let line = match http {
        Some(http) => {
            let enough = http / line.median() >= 0.97;
            line.goal("at least 0.97 of nginx + curl", enough)
        }
        None => line,
    };
    report.add(line);
    Ok(())
}

pub fn records(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let (tree, runs) = measure(stage, Work::Records)?;
    report.add(time("line-w2", Work::Records, &tree, &runs));
    let line = bytes("line-w2", Work::Records, &runs);
    let share = line.median() / (tree.bytes as f64 / 1e6);
    let goal = match line.floor(Floor::Casync.name()) {
        Some(casync) => {
            let enough = line.median() <= casync;
            line.goal("no more than casync", enough)
        }
        // What it took of these records, headers and all, where it was installed.
        None => line.goal("at most 0.42 of the records' bytes (casync)", share <= 0.42),
    };
    report.add(goal);
    Ok(())
}

pub fn site(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let work = Work::Site;
    let (tree, home) = (stage.tree(work)?, stage.home(work)?);
    let mirror = ours::mirror(stage, &home, SOURCE)?;
    let invite = ours::invite(stage, &home, &[&mirror.address])?;
    let served = serve_floors(stage, &tree, work)?;
    let (mut runs, mut ours_first) = (Runs::default(), Vec::new());
    let mut firsts: Vec<(&'static str, Vec<f64>)> =
        served.iter().map(|(floor, _)| (floor.name(), Vec::new())).collect();
    limited(stage, MBIT, |stage| {
        for _ in 0..stage.reps {
            let (reader, out) = (stage.fresh("reader")?, stage.fresh("got")?);
            let watch = First::watch(&tree.path, &out);
            let command = ours::fetch(stage, FETCHER, &reader, &invite, Some(&out));
            runs.ours.push(fetched(stage, command, &tree, &out)?);
            ours_first.push(watch.seconds()?);
            clear(&reader)?;
            for ((floor, served), (_, times)) in served.iter().zip(&mut firsts) {
                let out = stage.fresh("got")?;
                let command = served.fetch(stage, &out, Way::Plain)?;
                let watch = First::watch(&tree.path, &out);
                runs.add(floor.name(), fetched(stage, command, &tree, &out)?);
                times.push(watch.seconds()?);
            }
            clear(&stage.dir.join("got"))?;
        }
        Ok(())
    })?;
    let row = "line-w1";
    report.add(time(row, work, &tree, &runs));
    report.add(bytes(row, work, &runs));
    let first = Line::new(row, "W1 over 100 Mbit/s: first whole file", Unit::Seconds, ours_first);
    report.add(first.beside(firsts).at_most(0.2, "under 0.2 s"));
    Ok(())
}

/// No address is known: the source is found by its announcements.
pub fn found(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let (tree, home) = (stage.tree(Work::Site)?, stage.home(Work::Site)?);
    stage.lab.machine(FETCHER)?;
    let _mirror = ours::mirror_with_lan(stage, &home, SOURCE)?;
    let invite = ours::invite(stage, &home, &[])?;
    let times = limited(stage, MBIT, |stage| {
        let once = |_| {
            let (reader, out) = (stage.fresh("reader")?, stage.fresh("got")?);
            let mut command = ours::fetch(stage, FETCHER, &reader, &invite, Some(&out));
            command.arg("--lan");
            Ok(fetched(stage, command, &tree, &out)?.ran.seconds)
        };
        (0..stage.reps).map(once).collect::<Res<Vec<_>>>()
    })?;
    let what = format!("find a source on the LAN and fetch W1 ({}), 100 Mbit/s", size(&tree));
    report.add(Line::new("lan-w1", what, Unit::Seconds, times));
    Ok(())
}

fn time(row: &'static str, work: Work, tree: &Tree, runs: &Runs) -> Line {
    let what = format!("fetch {} ({}) over {MBIT} Mbit/s", work.name(), size(tree));
    Line::new(row, what, Unit::Seconds, runs.ours(seconds)).beside(runs.floors(seconds))
}

fn bytes(row: &'static str, work: Work, runs: &Runs) -> Line {
    let what = format!("{} over {MBIT} Mbit/s: bytes received, with all headers", work.name());
    Line::new(row, what, Unit::Megabytes, runs.ours(received_mb)).beside(runs.floors(received_mb))
}

fn measure(stage: &mut Stage, work: Work) -> Res<(Tree, Runs)> {
    let (tree, home) = (stage.tree(work)?, stage.home(work)?);
    let mirror = ours::mirror(stage, &home, SOURCE)?;
    let invite = ours::invite(stage, &home, &[&mirror.address])?;
    let served = serve_floors(stage, &tree, work)?;
    let mut runs = Runs::default();
    limited(stage, MBIT, |stage| {
        for _ in 0..stage.reps {
            runs.ours.push(ours_once(stage, &invite, &tree)?);
            for (floor, served) in &served {
                runs.add(floor.name(), floor_once(stage, served, &tree)?);
            }
        }
        Ok(())
    })?;
    Ok((tree, runs))
}

/// When the first whole and right file lies in a folder.
struct First {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Option<f64>>,
}

impl First {
    /// Time runs from here.
    fn watch(source: &Path, out: &Path) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (end, source, out) = (stop.clone(), source.to_owned(), out.to_owned());
        let thread = std::thread::spawn(move || {
            let start = Instant::now();
            while !end.load(Ordering::Relaxed) {
                if any_whole(&source, &out) {
                    return Some(start.elapsed().as_secs_f64());
                }
                std::thread::sleep(LOOK);
            }
            any_whole(&source, &out).then(|| start.elapsed().as_secs_f64())
        });
        Self { stop, thread }
    }

    fn seconds(self) -> Res<f64> {
        self.stop.store(true, Ordering::Relaxed);
        let seconds = self.thread.join().map_err(|_| "the watch over the folder broke")?;
        Ok(seconds.ok_or("no file was seen")?)
    }
}

fn any_whole(source: &Path, out: &Path) -> bool {
    let whole = |file: &PathBuf| same_file(&source.join(file), &out.join(file)).unwrap_or(false);
    // Files come and go while they are listed.
    files_of(out).is_ok_and(|files| files.iter().take(LOOKED_AT).any(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (source, out) = (dir.path().join("source"), dir.path().join("out"));
        std::fs::create_dir_all(source.join("a")).unwrap();
        std::fs::write(source.join("a/b"), "whole").unwrap();
        assert!(!any_whole(&source, &out));
        std::fs::create_dir_all(out.join("a")).unwrap();
        std::fs::write(out.join("a/b"), "who").unwrap();
        std::fs::write(out.join("a/temporary"), "whole").unwrap();
        assert!(!any_whole(&source, &out));
        std::fs::write(out.join("a/b"), "whole").unwrap();
        assert!(any_whole(&source, &out));
        First::watch(&source, &out).seconds().unwrap();
    }
}
