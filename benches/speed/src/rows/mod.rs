//! The rows of the table. Each is by itself: it brings up what it needs and takes it down again.

mod fast;
mod first;
mod line;
mod nodes;
mod publish;
mod swarm;
mod update;

use crate::Res;
use crate::floor::{Floor, Served, Way};
use crate::lab::{FETCHER, SOURCE, Wire};
use crate::ours;
use crate::process::{Ran, run};
use crate::report::Report;
use crate::stage::{Stage, Tree, clear, same};
use crate::workload::Work;
use std::path::Path;

/// What a row cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Runs anywhere.
    Nothing,
    /// Limited rates and counted bytes.
    Lab,
    /// A disk beside the tmpfs.
    Disk,
}

/// A row; it may give several lines.
pub struct Row {
    /// For `--only`.
    pub name: &'static str,
    /// What is measured.
    pub about: &'static str,
    pub needs: Needs,
    pub run: fn(&mut Stage, &mut Report) -> Res<()>,
}

/// All rows, in the order of the table.
pub const ROWS: [Row; 17] = [
    Row { name: "publish-w1", about: "publish a site", needs: Needs::Nothing, run: publish::site },
    Row {
        name: "publish-w2",
        about: "publish records, and again unchanged",
        needs: Needs::Nothing,
        run: publish::records,
    },
    Row { name: "publish-w3", about: "publish films", needs: Needs::Nothing, run: publish::media },
    Row {
        name: "fast-w1",
        about: "fetch a site, no rate limit",
        needs: Needs::Nothing,
        run: fast::site,
    },
    Row {
        name: "fast-w2",
        about: "fetch records, no rate limit",
        needs: Needs::Nothing,
        run: fast::records,
    },
    Row {
        name: "fast-w3",
        about: "fetch films, no rate limit, beside a raw libp2p stream",
        needs: Needs::Nothing,
        run: fast::media,
    },
    Row { name: "disk-w3", about: "fetch films onto a disk", needs: Needs::Disk, run: fast::disk },
    Row {
        name: "line-w1",
        about: "fetch a site over 100 Mbit/s; its first whole file",
        needs: Needs::Lab,
        run: line::site,
    },
    Row {
        name: "line-w2",
        about: "fetch records over 100 Mbit/s",
        needs: Needs::Lab,
        run: line::records,
    },
    Row {
        name: "line-w3s",
        about: "fetch films over 100 Mbit/s",
        needs: Needs::Lab,
        run: line::slow,
    },
    Row { name: "swarm", about: "four sources of 20 Mbit/s", needs: Needs::Lab, run: swarm::four },
    Row {
        name: "resume",
        about: "SIGKILL at half, then again",
        needs: Needs::Lab,
        run: swarm::resume,
    },
    Row {
        name: "update-w4",
        about: "the second version over 100 Mbit/s",
        needs: Needs::Lab,
        run: update::second,
    },
    Row {
        name: "lan-w1",
        about: "find a source on the LAN and fetch a site",
        needs: Needs::Lab,
        run: line::found,
    },
    Row {
        name: "page",
        about: "first page of an archive that is not here",
        needs: Needs::Nothing,
        run: first::page,
    },
    Row {
        name: "idle",
        about: "an idle mirror of many files",
        needs: Needs::Nothing,
        run: nodes::idle,
    },
    Row {
        name: "busy",
        about: "a mirror with many guests at once",
        needs: Needs::Lab,
        run: nodes::busy,
    },
];

/// One fetch that ended well and gave the right bytes.
#[derive(Debug, Clone, Copy)]
struct Fetched {
    ran: Ran,
    /// Of the fetcher; nothing where it cannot be counted.
    wire: Wire,
}

/// Runs the command that fetches, and checks what came against `tree`.
fn fetched(stage: &Stage, command: std::process::Command, tree: &Tree, out: &Path) -> Res<Fetched> {
    let before = stage.lab.wire(FETCHER).unwrap_or_default();
    let ran = run(command, &stage.log("fetch"), stage.limit)?;
    let wire = stage.lab.wire(FETCHER).unwrap_or_default().since(before);
    same(&tree.path, out)?;
    Ok(Fetched { ran, wire })
}

/// A first fetch by yadgar.
fn ours_once(stage: &Stage, invite: &str, tree: &Tree) -> Res<Fetched> {
    let (home, out) = (stage.fresh("reader")?, stage.fresh("got")?);
    let done = fetched(stage, ours::fetch(stage, FETCHER, &home, invite, Some(&out)), tree, &out)?;
    clear(&home)?;
    clear(&out)?;
    Ok(done)
}

/// The same by another program.
fn floor_once(stage: &Stage, served: &Served, tree: &Tree) -> Res<Fetched> {
    let out = stage.fresh("got")?;
    let done = fetched(stage, served.fetch(stage, &out, Way::Plain)?, tree, &out)?;
    clear(&out)?;
    Ok(done)
}

/// The servers of all other programs that are here and that `work` is for.
fn serve_floors(stage: &mut Stage, tree: &Tree, work: Work) -> Res<Vec<(Floor, Served)>> {
    let all = Floor::installed(work).into_iter();
    all.map(|floor| Ok((floor, floor.serve(stage, &tree.path)?))).collect()
}

/// Does something while both ends send at most `mbit`.
fn limited<T>(stage: &mut Stage, mbit: u32, work: impl FnOnce(&mut Stage) -> Res<T>) -> Res<T> {
    for machine in [SOURCE, FETCHER] {
        stage.lab.machine(machine)?;
        stage.lab.rate(machine, Some(mbit))?;
    }
    let done = work(stage);
    for machine in [SOURCE, FETCHER] {
        stage.lab.rate(machine, None)?;
    }
    done
}

/// Values of many repetitions, by who made them.
#[derive(Debug, Default)]
struct Runs {
    ours: Vec<Fetched>,
    floors: Vec<(&'static str, Vec<Fetched>)>,
}

impl Runs {
    fn add(&mut self, name: &'static str, done: Fetched) {
        match self.floors.iter_mut().find(|(n, _)| *n == name) {
            Some((_, all)) => all.push(done),
            None => self.floors.push((name, vec![done])),
        }
    }

    fn ours(&self, figure: fn(&Fetched) -> f64) -> Vec<f64> {
        self.ours.iter().map(figure).collect()
    }

    fn floors(&self, figure: fn(&Fetched) -> f64) -> Vec<(&'static str, Vec<f64>)> {
        let all = self.floors.iter();
        all.map(|(name, runs)| (*name, runs.iter().map(figure).collect())).collect()
    }
}

fn seconds(done: &Fetched) -> f64 {
    done.ran.seconds
}

fn received_mb(done: &Fetched) -> f64 {
    done.wire.received as f64 / 1e6
}

fn peak_mib(done: &Fetched) -> f64 {
    done.ran.peak_kib as f64 / 1024.0
}

/// How many files of how many bytes.
fn size(tree: &Tree) -> String {
    let files = if tree.files == 1 { "file" } else { "files" };
    format!("{} {files}, {:.1} MB", tree.files, tree.bytes as f64 / 1e6)
}
