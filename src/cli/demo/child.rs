//! A yadgar process that the demo started, and what it says.

use crate::cli::CliError;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

/// Lines that may wait to be read; a child that says more waits.
const MAX_LINES: usize = 256;
/// A step of the demo that takes longer than this has failed; generous, for slow machines.
const PATIENCE: Duration = Duration::from_secs(120);

/// A node that runs on. It is killed when this is dropped.
pub struct Node {
    name: &'static str,
    child: Child,
    lines: Receiver<Value>,
}

impl Node {
    /// Starts `command` and listens to the JSON lines on its stdout.
    pub fn start(name: &'static str, mut command: Command) -> Result<Self, CliError> {
        let failed = |e| CliError::failed(name, e);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().map_err(failed)?;
        let (send, lines) = sync_channel(MAX_LINES);
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    let Ok(value) = serde_json::from_str(&line) else { continue };
                    if send.send(value).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Self { name, child, lines })
    }

    /// Waits for an event that `wanted` takes.
    pub fn wait<T>(&self, mut wanted: impl FnMut(&Value) -> Option<T>) -> Result<T, CliError> {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(event) => {
                    if let Some(found) = wanted(&event) {
                        return Ok(found);
                    }
                    if let Some(error) = event["error"].as_str() {
                        return Err(CliError::failed(self.name, error));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(CliError::failed(self.name, "no sign of progress for two minutes"));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(CliError::failed(self.name, "it has ended unexpectedly"));
                }
            }
        }
    }

    /// False once it has ended and closed its output.
    pub fn is_running(&self) -> bool {
        loop {
            match self.lines.try_recv() {
                Ok(_) => {}
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// Ends it the hard way, as when a host is seized.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs `command` to its end and gives the JSON line that it prints last.
pub fn run(name: &'static str, mut command: Command) -> Result<Value, CliError> {
    let failed = |e| CliError::failed(name, e);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = command.spawn().map_err(failed)?;
    let mut text = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut text).map_err(failed)?;
    }
    let status = child.wait().map_err(failed)?;
    if !status.success() {
        return Err(CliError::failed(name, format!("it ended with {status}")));
    }
    let last = text.lines().last().unwrap_or("null");
    serde_json::from_str(last).map_err(|e| CliError::failed(name, e))
}
