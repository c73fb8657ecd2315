//! The second version of an archive, for who has the first.

use super::{Runs, fetched, limited, received_mb, seconds, size};
use crate::floor::{Floor, Way};
use crate::lab::{FETCHER, SOURCE};
use crate::report::{Line, Report, Unit};
use crate::stage::{Stage, Tree, clear, copy};
use crate::workload::{Work, edit};
use crate::{Res, ours};
use std::path::PathBuf;

const MBIT: u32 = 100;

pub fn second(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let (site, media) = (stage.tree(Work::Site)?, stage.tree(Work::Media)?);
    let mut runs = Runs::default();
    for _ in 0..stage.reps {
        let path = stage.fresh("w4")?;
        // Other names of the same files: an edit replaces files and leaves these alone.
        copy(&site.path, &path.join("site"), true)?;
        copy(&media.path, &path.join("media"), true)?;
        let mut tree =
            Tree { path, files: site.files + media.files, bytes: site.bytes + media.bytes };
        one(stage, &mut tree, &mut runs)?;
        for name in ["w4", "w4-home", "w4-reader", "w4-got", "w4-got-rsync"] {
            clear(&stage.dir.join(name))?;
        }
    }
    let row = "update-w4";
    let whole = Tree {
        path: PathBuf::new(),
        files: site.files + media.files,
        bytes: site.bytes + media.bytes,
    };
    let what = format!(
        "update W4 ({}) over {MBIT} Mbit/s: bytes both ways, with all headers",
        size(&whole)
    );
    let both = |done: &super::Fetched| received_mb(done) + done.wire.sent as f64 / 1e6;
    let line = Line::new(row, what, Unit::Megabytes, runs.ours(both)).beside(runs.floors(both));
    report.add(line.at_most(0.8, "at most 0.8 MB (Syncthing)"));
    let line = Line::new(row, "the same: time", Unit::Seconds, runs.ours(seconds));
    report.add(line.beside(runs.floors(seconds)).at_most(6.1, "under 6.1 s (Syncthing)"));
    Ok(())
}

/// Publishes and fetches the first version, then the second one.
fn one(stage: &mut Stage, tree: &mut Tree, runs: &mut Runs) -> Res<()> {
    let (home, reader) = (stage.fresh("w4-home")?, stage.fresh("w4-reader")?);
    let (out, out_rsync) = (stage.fresh("w4-got")?, stage.fresh("w4-got-rsync")?);
    stage.lab.machine(FETCHER)?;
    ours::begin(stage, &home)?;
    ours::publish(stage, &home, &tree.path)?;
    let rsync = Floor::installed(Work::Records).contains(&Floor::Rsync);
    let rsync = rsync.then(|| Floor::Rsync.serve(stage, &tree.path)).transpose()?;
    let fetch = |stage: &mut Stage, tree: &Tree| {
        let mirror = ours::mirror(stage, &home, SOURCE)?;
        let invite = ours::invite(stage, &home, &[&mirror.address])?;
        let command = ours::fetch(stage, FETCHER, &reader, &invite, Some(&out));
        fetched(stage, command, tree, &out)
    };
    fetch(stage, tree)?;
    if let Some(rsync) = &rsync {
        fetched(stage, rsync.fetch(stage, &out_rsync, Way::Plain)?, tree, &out_rsync)?;
    }
    edit(&tree.path, stage.seed)?;
    ours::publish(stage, &home, &tree.path)?;
    limited(stage, MBIT, |stage| {
        runs.ours.push(fetch(stage, tree)?);
        if let Some(rsync) = &rsync {
            let command = rsync.fetch(stage, &out_rsync, Way::Plain)?;
            runs.add(Floor::Rsync.name(), fetched(stage, command, tree, &out_rsync)?);
        }
        Ok(())
    })
}
