//! From a folder to a release.

use crate::Res;
use crate::floor::hash_and_write;
use crate::ours;
use crate::process::Ran;
use crate::report::{Line, Report, Unit};
use crate::stage::Stage;
use crate::workload::Work;
use std::path::Path;

const FLOOR: &str = "hashing and writing once";

pub fn site(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let line = publish(stage, "publish-w1", Work::Site)?;
    report.add(line);
    Ok(())
}

pub fn media(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let row = "publish-w3";
    // What the slow key leaves of it. Before the other, whose home is kept.
    let unsigned = measured(stage, row, Work::Media, ("build, unsigned,", ours::build))?;
    let line = publish(stage, row, Work::Media)?;
    let enough = line.floor(FLOOR).is_some_and(|floor| floor / line.median() >= 0.8);
    report.add(line.goal("at least 0.8 of hashing + writing", enough));
    report.add(unsigned);
    Ok(())
}

pub fn records(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let row = "publish-w2";
    let line = publish(stage, row, Work::Records)?;
    report.add(line.at_most(2.0, "under 2 s"));
    let (tree, home) = (stage.tree(Work::Records)?, stage.home(Work::Records)?);
    let again = (0..stage.reps).map(|_| Ok(ours::publish(stage, &home, &tree.path)?.seconds));
    let again = again.collect::<Res<Vec<_>>>()?;
    report.add(
        Line::new(row, "publish W2 again, unchanged", Unit::Seconds, again)
            .at_most(1.0, "under 1 s"),
    );
    Ok(())
}

/// The signature with its slow key is part of it; making key and archive is not.
fn publish(stage: &mut Stage, row: &'static str, work: Work) -> Res<Line> {
    measured(stage, row, work, ("publish", ours::publish))
}

type Act = fn(&Stage, &Path, &Path) -> Res<Ran>;

fn measured(
    stage: &mut Stage,
    row: &'static str,
    work: Work,
    (verb, act): (&str, Act),
) -> Res<Line> {
    let tree = stage.tree(work)?;
    let name = format!("home-{}", work.name());
    let (mut times, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..stage.reps {
        floor.push(hash_and_write(&tree.path, tree.bytes, &stage.dir)?);
        let home = stage.fresh(&name)?;
        ours::begin(stage, &home)?;
        times.push(act(stage, &home, &tree.path)?.seconds);
        stage.keep(work, home);
    }
    let what = format!("{verb} {} ({})", work.name(), super::size(&tree));
    Ok(Line::new(row, what, Unit::Seconds, times).beside(vec![(FLOOR, floor)]))
}
