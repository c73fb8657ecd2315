//! The project's own benchmark: the real program beside rsync, nginx + curl and the machine's limits, with workloads and
//! networks of its own. `--short` for every change, `--long` for the goals. Speed is told, never tested: the bench fails
//! only when bytes are wrong or a command fails.

mod floor;
mod inside;
mod lab;
mod ours;
mod place;
mod process;
mod raw;
mod report;
mod rows;
mod stage;
mod workload;

use clap::Parser;
use place::Place;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use tokio::signal::unix::{SignalKind, signal};
use workload::Scale;

/// Whatever went wrong, in words.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;
/// Of everything here that can go wrong.
pub type Res<T> = Result<T, Fault>;

/// The bench starts itself with these as first argument, on another machine of its lab.
pub const RAW_SERVE: &str = "raw-serve";
pub const RAW_FETCH: &str = "raw-fetch";
pub const KNOCK: &str = "knock";
pub const GET: &str = "get";
pub const SITE: &str = "site";

/// Where the process inside works, and what it measures.
const MAIN: &str = "YADGAR_SPEED_DIR";
const DISK: &str = "YADGAR_SPEED_DISK";
const PROGRAM: &str = "YADGAR_SPEED_PROGRAM";
const WORDS: &str = "YADGAR_SPEED_PLACE";

/// Measures yadgar beside rsync, nginx + curl and the machine's limits.
#[derive(Debug, Parser)]
#[command(name = "speed")]
struct Args {
    /// Small workloads, one repetition: a look at every change (the default)
    #[arg(long, conflicts_with = "long")]
    short: bool,
    /// The workloads that the goals are about, medians of 5
    #[arg(long)]
    long: bool,
    /// How often each row is measured
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    reps: Option<u32>,
    /// Only these rows
    #[arg(long, value_delimiter = ',', value_name = "ROW[,ROW]")]
    only: Vec<String>,
    /// Also write the figures of every repetition into this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure this program instead of the release build of this checkout
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Work in this folder instead of a tmpfs
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Other workloads
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// List the rows
    #[arg(long)]
    list: bool,
}

impl Args {
    fn scale(&self) -> Scale {
        if self.long { Scale::long() } else { Scale::short() }
    }

    fn reps(&self) -> usize {
        self.reps.map_or(if self.long { 5 } else { 1 }, |n| n as usize)
    }

    /// The names of rows must be right.
    fn check(&self) -> Res<()> {
        let known = |name: &String| rows::ROWS.iter().any(|row| row.name == name);
        match self.only.iter().find(|name| !known(name)) {
            Some(name) => Err(format!("there is no row '{name}'; --list shows them").into()),
            None => Ok(()),
        }
    }
}

fn main() -> ExitCode {
    let done = start();
    done.unwrap_or_else(|e| {
        eprintln!("speed: {e}");
        ExitCode::FAILURE
    })
}

fn start() -> Res<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [RAW_SERVE, at, bytes] => raw::serve(at, bytes.parse()?).map(|()| ExitCode::SUCCESS),
        [RAW_FETCH, from, bytes] => raw::fetch(from, bytes.parse()?).map(|()| ExitCode::SUCCESS),
        [KNOCK, at] => inside::knock(at).map(|()| ExitCode::SUCCESS),
        [SITE, at] => inside::site(at).map(|()| ExitCode::SUCCESS),
        [GET, at, path, file] => inside::get(at, path, Path::new(file)).map(|()| ExitCode::SUCCESS),
        _ => {
            let args = Args::parse();
            args.check()?;
            if args.list {
                rows::ROWS.iter().for_each(|row| println!("{:12} {}", row.name, row.about));
                return Ok(ExitCode::SUCCESS);
            }
            if std::env::var_os(MAIN).is_some() { inside::measure(&args) } else { outside(&args) }
        }
    }
}

/// Finds room and a program, then measures in a process that has networks of its own if that is possible. Folders are
/// removed here, also when somebody ends the bench.
fn outside(args: &Args) -> Res<ExitCode> {
    if cfg!(debug_assertions) {
        return Err(
            "a development build says nothing about speed: cargo run --release -p yadgar-speed"
                .into(),
        );
    }
    let program = match &args.program {
        Some(program) => {
            program.canonicalize().map_err(|e| format!("{}: {e}", program.display()))?
        }
        None => build()?,
    };
    let place = Place::choose(args.scale().room(), args.dir.as_deref())?;
    let me = std::env::current_exe()?;
    let mut command = lab::enclose(&me).unwrap_or_else(|why| {
        eprintln!("speed: no network namespaces here, so loopback without rates: {why}");
        Command::new(&me)
    });
    command.args(std::env::args_os().skip(1));
    command.env(MAIN, place.main.path()).env(PROGRAM, program).env(WORDS, &place.words);
    if let Some(disk) = &place.disk {
        command.env(DISK, disk.path());
    }
    // A group of its own: whoever ends the bench ends all of it, and then the folders are removed.
    command.process_group(0);
    let runtime = tokio::runtime::Runtime::new()?;
    let status = runtime.block_on(async {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let mut child = command.spawn()?;
        let id = child.id();
        let mut waiting = tokio::task::spawn_blocking(move || child.wait());
        tokio::select! {
            _ = interrupt.recv() => end(id),
            _ = terminate.recv() => end(id),
            status = &mut waiting => return Ok::<_, Fault>(status??),
        }
        Ok(waiting.await??)
    })?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Ends a group of processes at once.
fn end(id: u32) {
    if let Some(group) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

/// The program beside this one, built anew if it is not of this checkout's state.
fn build() -> Res<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut command = Command::new(cargo);
        command.args(["build", "--release", "--locked", "--bin", "yadgar"]).current_dir(root);
        // What cargo says to the package that it runs would make build scripts of others run again.
        let said = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        for (name, _) in std::env::vars_os() {
            if said.iter().any(|start| name.to_string_lossy().starts_with(start)) {
                command.env_remove(name);
            }
        }
        if !command.status()?.success() {
            return Err("yadgar could not be built".into());
        }
    }
    let me = std::env::current_exe()?;
    let program = me.with_file_name("yadgar");
    if program.is_file() {
        return Ok(program);
    }
    Err(format!("{} is not there: cargo build --release, or --program FILE", program.display())
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line() {
        let args = Args::parse_from(["speed", "--long", "--only", "fast-w1,idle"]);
        assert_eq!((args.reps(), args.scale().full, args.only.len()), (5, true, 2));
        args.check().unwrap();
        let args = Args::parse_from(["speed", "--reps", "3", "--only", "fast"]);
        assert_eq!((args.reps(), args.scale().full), (3, false));
        assert!(args.check().unwrap_err().to_string().contains("'fast'"));
        assert!(Args::try_parse_from(["speed", "--short", "--long"]).is_err());
    }
}
