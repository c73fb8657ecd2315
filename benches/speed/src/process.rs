//! Processes: started, watched, and ended whatever happens.

use crate::Res;
use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often a process is looked at; times are no finer.
const LOOK: Duration = Duration::from_millis(2);
/// Looks between two readings of its memory.
const LOOKS_PER_READING: u32 = 4;
/// How long a process may take to end by itself when it is asked to.
const GRACE: Duration = Duration::from_secs(5);
/// Lines of a log that stand in an error.
const LAST_LINES: usize = 6;

/// Most of such a line that is shown.
const LINE_CHARS: usize = 300;

/// A running process. It ends with this value.
pub struct Process {
    child: Child,
    what: String,
    log: PathBuf,
    started: Instant,
}

/// What a process that ended well took.
#[derive(Debug, Clone, Copy)]
pub struct Ran {
    /// From its start to its end.
    pub seconds: f64,
    /// Most memory it had at once, in KiB; 0 when it was over before it was read.
    pub peak_kib: u64,
}

impl Process {
    /// Starts it. What it prints goes to `log`; standard output does not when the command has a pipe for it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(mut command: Command, log: &Path, stdout: Option<Stdio>) -> Res<Self> {
        let what = format!("{command:?}");
        let file = File::create(log)?;
        command.stdin(Stdio::null()).stderr(file.try_clone()?);
        command.stdout(stdout.unwrap_or(file.into()));
        let started = Instant::now();
        let child = command.spawn().map_err(|e| format!("{what}: {e}"))?;
        Ok(Self { child, what, log: log.to_owned(), started })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What comes out of the pipe.
    pub fn stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> Res<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for a good end.
    ///
    /// # Errors
    /// When it fails or takes longer than `limit`.
    pub fn finish(mut self, limit: Duration) -> Res<Ran> {
        let (mut peak_kib, mut look) = (0, 0);
        loop {
            if let Some(status) = self.child.try_wait()? {
                let seconds = self.started.elapsed().as_secs_f64();
                return if status.success() {
                    Ok(Ran { seconds, peak_kib })
                } else {
                    Err(self.failed(status).into())
                };
            }
            if self.started.elapsed() > limit {
                return Err(self
                    .complaint(&format!("still runs after {} s", limit.as_secs()))
                    .into());
            }
            if look % LOOKS_PER_READING == 0 {
                peak_kib = memory(self.id()).map_or(peak_kib, |now| now.peak_kib.max(peak_kib));
            }
            look += 1;
            std::thread::sleep(LOOK);
        }
    }

    /// An error that says how it ended.
    pub fn failed(&self, status: ExitStatus) -> String {
        let how = status.signal().map_or_else(|| status.to_string(), |s| format!("signal {s}"));
        self.complaint(&how)
    }

    fn complaint(&self, how: &str) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines = text.lines().map(|line| line.chars().take(LINE_CHARS).collect::<String>());
        let lines: Vec<_> = lines.collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].join(" | ");
        format!("{}: {how}: {last}", self.what)
    }

    /// SIGKILL, at once.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(mut self) -> Res<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // Servers end their workers and remove their files.
        if let Some(pid) = i32::try_from(self.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let end = Instant::now() + GRACE;
        while Instant::now() < end {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(LOOK);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its good end.
///
/// # Errors
/// As [`Process::finish`].
pub fn run(command: Command, log: &Path, limit: Duration) -> Res<Ran> {
    Process::start(command, log, None)?.finish(limit)
}

/// Memory of a process, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    pub peak_kib: u64,
    pub resident_kib: u64,
}

/// What a running process has and had.
pub fn memory(pid: u32) -> Option<Memory> {
    parse_memory(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn parse_memory(status: &str) -> Option<Memory> {
    let field = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some(Memory { peak_kib: field("VmHWM:")?, resident_kib: field("VmRSS:")? })
}

/// Parts of a second that Linux counts processor time in, towards programs, on every common machine.
const TICKS: f64 = 100.0;

/// Processor time of a running process so far, with that of threads that are over, in seconds.
pub fn cpu_seconds(pid: u32) -> Option<f64> {
    parse_cpu(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// User and system time are the 14th and 15th field; the name before may hold anything.
fn parse_cpu(stat: &str) -> Option<f64> {
    let after = stat.rsplit_once(')')?.1;
    let field = |n: usize| after.split_whitespace().nth(n)?.parse::<f64>().ok();
    Some((field(11)? + field(12)?) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_status() {
        let text = "Name:\tx\nVmPeak:\t9 kB\nVmHWM:\t  123 kB\nVmRSS:\t  45 kB\nRssAnon:\t 6 kB\n";
        assert_eq!(parse_memory(text), Some(Memory { peak_kib: 123, resident_kib: 45 }));
        assert_eq!(parse_memory("Name:\tzombie\n"), None);
        let stat = "7 (a) b) S 1 7 7 0 -1 0 9 0 0 0 150 50 3 4 20 0 9 0 5";
        assert_eq!(parse_cpu(stat), Some(2.0));
    }

    #[test]
    fn a_failure_is_told_with_its_last_words() {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo why >&2; exit 3"]);
        let error = run(command, &dir.path().join("log"), Duration::from_secs(60)).unwrap_err();
        assert!(error.to_string().contains("exit status: 3: why"), "{error}");
    }
}
