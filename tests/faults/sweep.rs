//! Faults at every call: a victim is killed, or refused, at its N-th call of one kind.
//!
//! The kinds are those by which files and sockets are touched. How often a victim makes each call is counted first,
//! for each thread, as strace counts. The whole sweep tries each number of each call with each fault; a test tries
//! some of them, by a seed.

use crate::power::{say, scratch};
use crate::strace::{self, Ended};
use crate::victims::Kind;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

/// `WORKLOAD:CALL:FAULT:N`: this one only.
const REPLAY: &str = "YADGAR_FAULT";
/// Chooses what a test tries.
const SEED: &str = "YADGAR_SEED";
/// `all`: every number of every call. A number: so many of each workload.
const SWEEP: &str = "YADGAR_SWEEP";
/// Beyond this number of a call only every [`COARSE`]-th is tried in the whole sweep.
const FINE: usize = 60;
const COARSE: usize = 7;

/// What is done to a call.
const KILL: &str = "kill";
const FAULTS: [(&str, &str); 6] = [
    (KILL, "signal=SIGKILL"),
    ("ENOSPC", "error=ENOSPC"),
    ("EIO", "error=EIO"),
    ("EMFILE", "error=EMFILE"),
    ("EINTR", "error=EINTR"),
    ("ECONNRESET", "error=ECONNRESET"),
];

/// The faults that a call may have.
fn faults_of(call: &str) -> &'static [&'static str] {
    match call {
        "write" | "pwrite64" => &[KILL, "ENOSPC", "EIO", "EINTR"],
        "writev" | "pwritev" | "ftruncate" | "fallocate" | "copy_file_range" | "rename"
        | "renameat" | "renameat2" | "link" | "linkat" | "mkdir" | "mkdirat" | "fsync"
        | "fdatasync" => &[KILL, "ENOSPC", "EIO"],
        "openat" => &[KILL, "ENOSPC", "EIO", "EMFILE"],
        "read" | "pread64" => &[KILL, "EIO", "EINTR"],
        "unlink" | "unlinkat" | "rmdir" | "getdents64" | "statx" | "fstat" | "newfstatat"
        | "lseek" | "flock" | "chmod" | "fchmod" => &[KILL, "EIO"],
        // Rust takes an error of `close` for nothing; the file stays open.
        "close" => &[KILL, "EIO"],
        "socket" | "accept4" => &[KILL, "EMFILE"],
        "connect" | "bind" | "listen" | "recvfrom" | "recvmsg" | "sendto" | "sendmsg" => {
            &[KILL, "ECONNRESET"]
        }
        _ => &[],
    }
}

/// One victim: what is done to which call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shot {
    call: String,
    fault: &'static str,
    n: usize,
}

/// What is killed and refused.
pub trait Workload {
    fn name(&self) -> &'static str;
    /// Makes what a run begins with in `dir`, which is not there yet.
    fn prepare(&self, dir: &Path);
    /// The command of a run.
    fn command(&self, dir: &Path) -> Command;
    /// Runs it under strace to its end; some have to be told when that is.
    fn run(&self, command: Command) -> Ended {
        strace::run(command)
    }
    /// Checks what is left. `how` says how to have it again.
    fn check(&self, dir: &Path, ended: &Ended, how: &str);
}

struct InProcess(Kind);

impl Workload for InProcess {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn prepare(&self, dir: &Path) {
        self.0.prepare(dir);
    }

    fn command(&self, dir: &Path) -> Command {
        self.0.command(dir)
    }

    fn check(&self, dir: &Path, ended: &Ended, how: &str) {
        let promised = ended.promised();
        if ended.status.success() {
            assert_eq!(promised, self.0.last(), "{how}: {ended:?}");
        }
        if dir.exists() {
            self.0.check(dir, promised, how);
        }
    }
}

/// What a row of the table counts.
#[derive(Debug, Default, Clone, Copy)]
struct Row {
    calls: usize,
    tried: usize,
    injected: usize,
    survived: usize,
}

type Table = BTreeMap<(String, &'static str), Row>;

/// How a victim makes one call.
#[derive(Debug, Default)]
struct Seen {
    /// The most of any thread.
    most: usize,
    /// The numbers of those that touch the folder of the victim or a socket.
    touching: BTreeSet<usize>,
    /// The numbers of those that touch a pipe or the runtime's own waking, in any thread.
    elsewhere: BTreeSet<usize>,
}

/// How often each call is made.
fn count(work: &dyn Workload) -> BTreeMap<String, Seen> {
    let top = scratch();
    let (dir, log) = (top.path().join("victim"), top.path().join("log"));
    work.prepare(&dir);
    let ended = work.run(strace::traced(&work.command(&dir), &log, &["-s", "256"]));
    assert!(ended.status.success(), "{}: {ended:?}", work.name());
    let mut counts: HashMap<(String, String), usize> = HashMap::new();
    let mut found: BTreeMap<String, Seen> = BTreeMap::new();
    let ours = dir.to_str().unwrap();
    for line in std::fs::read_to_string(&log).unwrap().lines() {
        let Some((pid, rest)) = line.split_once(' ') else { continue };
        let Some((call, args)) = rest.trim_start().split_once('(') else { continue };
        if faults_of(call).is_empty() {
            continue;
        }
        let n = counts.entry((pid.to_owned(), call.to_owned())).or_default();
        *n += 1;
        let seen = found.entry(call.to_owned()).or_default();
        seen.most = seen.most.max(*n);
        if args.contains(ours) || args.contains("<socket:") {
            seen.touching.insert(*n);
        } else if args.contains("<anon_inode:") || args.contains("<pipe:") {
            seen.elsewhere.insert(*n);
        }
    }
    found
}

/// Every shot of the whole sweep. `sure`: no refusals that would hit the runtime's own waking in another thread, which
/// it takes for the end of the world.
fn all_shots(found: &BTreeMap<String, Seen>, sure: bool) -> Vec<Shot> {
    let mut shots = Vec::new();
    for (call, seen) in found {
        for fault in faults_of(call) {
            // One more than was seen: threads do not always share their work in the same way.
            let last = seen.touching.last().map(|last| last + 1);
            for n in seen.touching.iter().copied().chain(last) {
                let strays = sure && *fault != KILL && seen.elsewhere.contains(&n);
                if !strays && (n <= FINE || n % COARSE == 0) {
                    shots.push(Shot { call: call.clone(), fault, n });
                }
            }
        }
    }
    shots
}

/// `most` of them, each call and each fault about as often.
fn choose(mut shots: Vec<Shot>, most: usize, seed: u64) -> Vec<Shot> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut chosen = Vec::new();
    while chosen.len() < most && !shots.is_empty() {
        let kinds: BTreeSet<_> = shots.iter().map(|shot| (shot.call.clone(), shot.fault)).collect();
        let kinds: Vec<_> = kinds.into_iter().collect();
        let kind = &kinds[random.random_range(0..kinds.len())];
        let of_kind: Vec<usize> = (0..shots.len())
            .filter(|at| (&shots[*at].call, shots[*at].fault) == (&kind.0, kind.1))
            .collect();
        let at = of_kind[random.random_range(0..of_kind.len())];
        chosen.push(shots.swap_remove(at));
    }
    chosen
}

/// One victim: whether something was done to it, and whether it survived.
fn shoot(work: &dyn Workload, shot: &Shot) -> (bool, bool) {
    let Shot { call, fault, n } = shot;
    let how = format!("again with {REPLAY}={}:{call}:{fault}:{n}", work.name());
    let top = scratch();
    let (dir, log) = (top.path().join("victim"), top.path().join("log"));
    work.prepare(&dir);
    let inject = FAULTS.iter().find(|(name, _)| name == fault).unwrap().1;
    let inject = format!("inject={call}:{inject}:when={n}");
    let options = ["-e", &format!("trace={call}"), "-e", &inject];
    let mut ended = work.run(strace::traced(&work.command(&dir), &log, &options));
    let log = std::fs::read_to_string(&log).unwrap();
    let injected = injected(&log);
    ended.elsewhere = injected.iter().any(|l| l.contains("<anon_inode:") || l.contains("<pipe:"));
    let hit = !injected.is_empty() || log.contains("killed by SIGKILL");
    let done = catch_unwind(AssertUnwindSafe(|| work.check(&dir, &ended, &how)));
    if done.is_err() {
        let lines = &injected[..injected.len().min(4)];
        say(&format!("FAILED: {how}\n{ended:?}\n{lines:#?}"));
    }
    (hit, done.is_ok())
}

/// The calls that were refused. Where strace shows the end of a call apart from its beginning, both: only the beginning
/// says what it was of.
fn injected(log: &str) -> Vec<String> {
    let (mut begun, mut found) = (HashMap::new(), Vec::new());
    for line in log.lines() {
        let pid = line.split_whitespace().next();
        if line.ends_with("<unfinished ...>") {
            begun.insert(pid, line);
        } else if line.contains("(INJECTED)") {
            let head = begun.get(&pid).copied().filter(|_| line.contains(" resumed>"));
            found.push(format!("{}{line}", head.unwrap_or_default()));
        }
    }
    found
}

/// Sweeps over a workload; tries `most` victims unless all are asked for.
pub fn sweep(work: &dyn Workload, most: usize) {
    if !strace::is_here() {
        return;
    }
    if let Ok(replay) = std::env::var(REPLAY) {
        let parts: Vec<_> = replay.split(':').collect();
        let [name, call, fault, n] = parts[..] else { panic!("{REPLAY}=WORKLOAD:CALL:FAULT:N") };
        let fault = FAULTS.iter().find(|(known, _)| *known == fault).expect("a known fault").0;
        let shot = Shot { call: call.to_owned(), fault, n: n.parse().unwrap() };
        if name == work.name() {
            let (injected, survived) = shoot(work, &shot);
            say(&format!("{replay}: injected {injected}, survived {survived}"));
            assert!(survived);
        }
        return;
    }
    let found = count(work);
    let asked = std::env::var(SWEEP).ok();
    let all = all_shots(&found, asked.as_deref() != Some("all"));
    let seed = std::env::var(SEED).map_or(1, |seed| seed.parse().expect("YADGAR_SEED is a number"));
    let shots = match asked.as_deref() {
        Some("all") => all,
        Some(number) => choose(all, number.parse().expect("YADGAR_SWEEP: all, or a number"), seed),
        None => choose(all, most, seed),
    };
    let mut table = Table::new();
    for shot in &shots {
        let row = table.entry((shot.call.clone(), shot.fault)).or_default();
        row.calls = found[&shot.call].most;
        row.tried += 1;
        let (injected, survived) = shoot(work, shot);
        row.injected += usize::from(injected);
        row.survived += usize::from(survived);
    }
    tell(work.name(), seed, &table);
    let survived: usize = table.values().map(|row| row.survived).sum();
    assert_eq!(survived, shots.len(), "the first lines of each failure say how to have it again");
    let injected: usize = table.values().map(|row| row.injected).sum();
    // Not those that were tried because threads might share their work in another way.
    let seen = shots.iter().filter(|shot| found[&shot.call].touching.contains(&shot.n)).count();
    assert!(injected * 2 >= seen, "{injected} of {seen} were injected");
}

fn tell(name: &str, seed: u64, table: &Table) {
    let mut text =
        format!("| {name} (seed {seed}) | fault | calls | victims | injected | survived |\n");
    let mut sum = Row::default();
    for ((call, fault), Row { calls, tried, injected, survived }) in table {
        text += &format!("| {call} | {fault} | {calls} | {tried} | {injected} | {survived} |\n");
        sum.tried += tried;
        sum.injected += injected;
        sum.survived += survived;
    }
    let Row { tried, injected, survived, .. } = sum;
    text += &format!("| {name}, all | | | {tried} | {injected} | {survived} |\n");
    say(&text);
}

#[test]
fn a_refused_call_is_told_by_its_beginning() {
    let log = "7 write(16</home/made/a>, \"x\", 1 <unfinished ...>\n\
        8 write(7<anon_inode:[eventfd]>, \"x\", 8 <unfinished ...>\n\
        7 <... write resumed>) = 1\n\
        8 <... write resumed>) = -1 EIO (Input/output error) (INJECTED)\n\
        7 write(16</home/made/a>, \"x\", 1) = -1 EIO (Input/output error) (INJECTED)\n";
    let found = injected(log);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("<anon_inode:") && !found[1].contains("<anon_inode:"), "{found:?}");
    assert!(found[1].starts_with("7 write(16"), "{found:?}");
}

#[test]
fn a_store_survives_a_fault_at_any_call() {
    sweep(&InProcess(Kind::Store), 60);
}

#[test]
fn indexing_a_store_anew_survives_a_fault_at_any_call() {
    sweep(&InProcess(Kind::Rebuild), 30);
}

#[test]
fn an_erasing_survives_a_fault_at_any_call() {
    sweep(&InProcess(Kind::Erase), 40);
}

#[test]
fn compacting_survives_a_fault_at_any_call() {
    sweep(&InProcess(Kind::Compact), 30);
}

#[test]
fn an_encrypted_store_survives_a_fault_at_any_call() {
    sweep(&InProcess(Kind::Vault), 30);
}

#[test]
fn what_is_trusted_survives_a_fault_at_any_call() {
    sweep(&InProcess(Kind::Heads), 40);
}
