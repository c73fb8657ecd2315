//! The process that measures, and what it starts itself for on other machines of its lab.

use crate::floor::Floor;
use crate::place::Machine;
use crate::report::Report;
use crate::rows::{Needs, ROWS, Row};
use crate::stage::Stage;
use crate::workload::Work;
use crate::{Args, DISK, MAIN, PROGRAM, Res, WORDS};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// How long one request may take.
const ANSWER: Duration = Duration::from_secs(10);

fn variable(name: &str) -> Res<PathBuf> {
    Ok(std::env::var_os(name).ok_or_else(|| format!("{name} is not set"))?.into())
}

/// Measures all rows that were asked for and prints the table.
pub fn measure(args: &Args) -> Res<ExitCode> {
    let (machine, program, start) = (Machine::now(), variable(PROGRAM)?, Instant::now());
    let places = (variable(MAIN)?, variable(DISK).ok());
    let mut stage = Stage::new(places, program, args.scale(), (args.reps(), args.seed));
    let mut report = Report { judged: stage.scale.full, ..Report::default() };
    let missing: Vec<_> =
        Floor::ALL.into_iter().filter(|f| !Floor::installed(Work::Records).contains(f)).collect();
    for row in
        ROWS.iter().filter(|row| args.only.is_empty() || args.only.iter().any(|n| n == row.name))
    {
        one(row, &mut stage, &mut report);
    }
    for floor in missing {
        report.leave_out(floor.name(), "not installed here: nothing was held against it");
    }
    let version = Command::new(&stage.program).arg("--version").output()?.stdout;
    let version = String::from_utf8_lossy(&version).trim().to_owned();
    let form =
        if stage.scale.full { "long form" } else { "short form, whose sizes no goal is about" };
    let lab = if stage.lab.is_real() { "network namespaces at a bridge" } else { "loopback" };
    let words = std::env::var(WORDS).unwrap_or_default();
    let head = format!(
        "{version}, {form}, medians of {}, seed {}; {lab}; {words}. {}. The whole took {:.0} s.",
        stage.reps,
        stage.seed,
        machine.words(),
        start.elapsed().as_secs_f64()
    );
    println!("\n{}", report.markdown(&head));
    if let Some(file) = &args.json {
        let run = json!({
            "version": version, "long": stage.scale.full, "reps": stage.reps, "seed": stage.seed, "network": lab,
            "place": words, "machine": machine.json(),
        });
        std::fs::write(file, serde_json::to_vec_pretty(&report.json(&run))?)?;
    }
    Ok(if report.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one(row: &Row, stage: &mut Stage, report: &mut Report) {
    match row.needs {
        Needs::Lab if !stage.lab.is_real() => {
            let why = "no rate can be limited and no bytes counted here (root, iproute2 with tc, unshare)";
            return report.leave_out(row.name, why);
        }
        Needs::Disk if stage.disk.is_none() => {
            return report.leave_out(row.name, "no disk with room beside the tmpfs");
        }
        _ => {}
    }
    let start = Instant::now();
    eprint!("{:12} {} ... ", row.name, row.about);
    match (row.run)(stage, report) {
        Ok(()) => eprintln!("{:.1} s", start.elapsed().as_secs_f64()),
        Err(e) => {
            eprintln!("FAILED: {e}");
            report.failed.push((row.name.to_owned(), e.to_string()));
        }
    }
}

/// Whether somebody takes connections there.
pub fn knock(at: &str) -> Res<()> {
    Ok(TcpStream::connect_timeout(&at.parse()?, ANSWER).map(drop)?)
}

/// Asks for a page and compares it with a file.
pub fn get(at: &str, path: &str, file: &Path) -> Res<()> {
    if ask(at, path)? != std::fs::read(file)? {
        return Err("WRONG: the page is not what the source has".into());
    }
    Ok(())
}

/// Prints where the archived site is, as the first page of a reader says. It says so from when it knows the release.
pub fn site(at: &str) -> Res<()> {
    let page = String::from_utf8(ask(at, "/en/")?)?;
    let links = page.split("http://").skip(1);
    let mut links = links.filter_map(|rest| rest.split(['/', '"']).next());
    let site = links.find(|link| link.starts_with("127.0.0.1:") && *link != at);
    println!("{}", site.ok_or("no link to the site yet")?);
    Ok(())
}

/// The body of a page.
fn ask(at: &str, path: &str) -> Res<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&at.parse()?, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {at}\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").ok_or("no answer")?;
    let (head, body) = (String::from_utf8_lossy(&answer[..end]), &answer[end + 4..]);
    let status = head.lines().next().unwrap_or_default();
    if !status.contains(" 200 ") {
        return Err(status.to_owned().into());
    }
    Ok(body.to_vec())
}
