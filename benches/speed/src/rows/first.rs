//! The first page of an archive of which nothing is here yet.

use super::size;
use crate::lab::{FETCHER, SOURCE};
use crate::process::Process;
use crate::report::{Line, Report, Unit};
use crate::stage::Stage;
use crate::workload::{Work, files_of};
use crate::{GET, Res, SITE, ours};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LOOK: Duration = Duration::from_millis(5);

/// How this program opens what an invite leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// `open INVITE`
    Invite,
    /// `open --from INVITE`: everything comes into memory first.
    Memory,
}

fn way(stage: &Stage) -> Res<Option<Way>> {
    let output = Command::new(&stage.program).args(["open", "--help"]).output()?;
    Ok(read_help(&String::from_utf8_lossy(&output.stdout)))
}

fn read_help(help: &str) -> Option<Way> {
    let usage = help.lines().find(|l| l.trim_start().starts_with("Usage:"))?;
    let takes = usage.contains("[INVITE") || usage.contains("<INVITE");
    let memory = help.contains("--from <FILE|INVITE>");
    if takes { Some(Way::Invite) } else { memory.then_some(Way::Memory) }
}

pub fn page(stage: &mut Stage, report: &mut Report) -> Res<()> {
    let row = "page";
    let Some(way) = way(stage)? else {
        report.leave_out(row, "this yadgar opens no archive that is not here");
        return Ok(());
    };
    let (tree, home) = (stage.tree(Work::Site)?, stage.home(Work::Site)?);
    stage.lab.machine(FETCHER)?;
    let mirror = ours::mirror(stage, &home, SOURCE)?;
    let invite = ours::invite(stage, &home, &[&mirror.address])?;
    let mut pages = files_of(&tree.path)?;
    pages.retain(|file| file.extension().is_some_and(|e| e == "html"));
    pages.sort();
    let page = pages.first().ok_or("no page in W1")?.clone();
    let once = |_| open(stage, way, &invite, (&tree.path, &page));
    let times = (0..stage.reps).map(once).collect::<Res<Vec<_>>>()?;
    let how = match way {
        Way::Invite => "open INVITE",
        Way::Memory => "open --from INVITE, all of it into memory first",
    };
    let what = format!(
        "from start to a verified page of W1 ({}), nothing of it here ({how})",
        size(&tree)
    );
    report.add(Line::new(row, what, Unit::Seconds, times).at_most(1.0, "under 1 s"));
    Ok(())
}

fn open(stage: &Stage, way: Way, invite: &str, (tree, page): (&Path, &Path)) -> Res<f64> {
    let home = stage.fresh("reader")?;
    let mut command = ours::command(stage, Some(FETCHER), &home);
    command.arg("open");
    match way {
        Way::Invite => command.arg(invite),
        Way::Memory => command.args(["--from", invite]),
    };
    command.arg("--no-browser");
    let log = stage.log("open");
    let start = Instant::now();
    let mut process = Process::start(command, &log, Some(Stdio::piped()))?;
    let mut lines = BufReader::new(process.stdout().ok_or("no pipe")?).lines();
    let pages = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let event: Value = serde_json::from_str(&line).ok()?;
        if event["event"] != "serving" {
            return None;
        }
        // All of it is here already when there is no invite to follow.
        let site = event["sites"].as_array().and_then(|all| all.first());
        let at = site.map_or(&event["url"], |site| &site["url"]).as_str()?;
        let at = at.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Some((at, site.is_some()))
    });
    let (at, is_site) = pages.ok_or_else(|| std::fs::read_to_string(log).unwrap_or_default())?;
    let site = if is_site {
        at
    } else {
        patiently(stage, start, &|| {
            let mut ask = stage.lab.on(FETCHER, std::env::current_exe()?);
            ask.args([SITE, &at]);
            Ok(ask)
        })?
    };
    patiently(stage, start, &|| {
        let mut get = stage.lab.on(FETCHER, std::env::current_exe()?);
        get.args([GET, &site, &format!("/{}", page.display())]).arg(tree.join(page));
        Ok(get)
    })?;
    Ok(start.elapsed().as_secs_f64())
}

/// Runs a command until it succeeds; what it printed.
fn patiently(stage: &Stage, start: Instant, command: &dyn Fn() -> Res<Command>) -> Res<String> {
    loop {
        let output = command()?.stdin(Stdio::null()).output()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        if start.elapsed() > stage.limit {
            let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(format!("the page does not come: {why}").into());
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_tells_what_it_can() {
        let now = "Serve\n\nUsage: yadgar open [OPTIONS]\n\n  --from <FILE|INVITE>\n";
        assert_eq!(read_help(now), Some(Way::Memory));
        let then = "Usage: yadgar open [OPTIONS] [INVITE]\n  --from <FILE|INVITE>\n";
        assert_eq!(read_help(then), Some(Way::Invite));
        assert_eq!(read_help("Usage: yadgar open [OPTIONS]\n"), None);
    }
}
