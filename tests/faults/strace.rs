//! Victims under strace.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// How a victim ended.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    /// The fault hit what is neither file nor socket, such as the runtime's own waking: no system does that.
    pub elsewhere: bool,
}

impl Ended {
    /// The last of the numbers that an in-process victim promised.
    pub fn promised(&self) -> u32 {
        let numbers = self.stdout.lines().filter_map(|line| line.strip_prefix("promised "));
        numbers.filter_map(|n| n.parse().ok()).max().unwrap_or(0)
    }
}

/// Whether strace is here; says so when it is not.
pub fn is_here() -> bool {
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    let required = std::env::var_os("YADGAR_REQUIRE_STRACE").is_some_and(|v| v == "1");
    assert!(found || !required, "strace is not installed, and YADGAR_REQUIRE_STRACE=1");
    if !found {
        eprintln!("SKIPPED: strace is not installed, faults are not injected");
    }
    found
}

/// The same command under strace with these options, its log in `log`.
pub fn traced(victim: &Command, log: &Path, options: &[&str]) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-qq", "-o"]).arg(log).args(options);
    command.arg(victim.get_program()).args(victim.get_args());
    for (name, value) in victim.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Runs to its end.
pub fn run(mut command: Command) -> Ended {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Ended {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        elsewhere: false,
    }
}
