//! yadgar, driven as its users drive it.

use crate::Res;
use crate::process::{Process, Ran, run};
use crate::stage::{Stage, copy};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const PORT: u16 = 4774;
const PASSPHRASE: &str = "a passphrase for the bench only\n";

/// A command of the program on a machine, for this home.
pub fn command(stage: &Stage, machine: Option<&str>, home: &Path) -> Command {
    let mut command = match machine {
        Some(machine) => stage.lab.on(machine, &stage.program),
        None => Command::new(&stage.program),
    };
    command.env_remove("YADGAR_HOME").env_remove("YADGAR_HOME_PASSPHRASE_FILE");
    command.arg("--home").arg(home).args(["--lang", "en", "--json"]);
    command
}

/// Runs a command to its good end; gives the last line of what it says.
fn ask(mut command: Command) -> Res<Value> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}: {}", output.status, why.trim()).into());
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(serde_json::from_str(text.lines().last().unwrap_or("null"))?)
}

/// A home with a key and an archive without a release. Made once, then copied: keys are meant to be slow.
pub fn begin(stage: &Stage, home: &Path) -> Res<()> {
    let first = stage.dir.join("empty-home");
    let pass = stage.dir.join("passphrase");
    if !first.exists() {
        std::fs::write(&pass, PASSPHRASE)?;
        for words in [&["key", "new"][..], &["archive", "create", "--name", "bench"]] {
            let mut command = command(stage, None, &first);
            command.args(words).arg("--passphrase-file").arg(&pass);
            ask(command)?;
        }
    }
    copy(&first, home, false)
}

/// Publishes a folder.
pub fn publish(stage: &Stage, home: &Path, tree: &Path) -> Res<Ran> {
    let mut command = command(stage, None, home);
    command.arg("publish").arg(tree).arg("--passphrase-file").arg(stage.dir.join("passphrase"));
    run(command, &stage.log("publish"), stage.limit)
}

/// Builds the release of a folder, and leaves signing it to others: no key is opened.
pub fn build(stage: &Stage, home: &Path, tree: &Path) -> Res<Ran> {
    let mut command = command(stage, None, home);
    command.args(["release", "build"]).arg(tree).arg("--out").arg(home.join("draft"));
    run(command, &stage.log("build"), stage.limit)
}

/// An invite of the home's archive with these addresses.
pub fn invite(stage: &Stage, home: &Path, addresses: &[&str]) -> Res<String> {
    let mut command = command(stage, None, home);
    command.arg("invite");
    for address in addresses {
        command.args(["--address", address]);
    }
    let told = ask(command)?;
    Ok(told["invite"].as_str().ok_or("no invite was given")?.to_owned())
}

/// A mirror that runs.
pub struct Mirror {
    pub process: Process,
    pub address: String,
}

/// Starts a mirror on a machine and waits until it listens. Other mirrors are not looked for.
pub fn mirror(stage: &mut Stage, home: &Path, machine: &str) -> Res<Mirror> {
    start(stage, home, machine, &["--no-lan"])
}

/// The same as users start it; only on a machine of the lab, for it looks for others.
pub fn mirror_with_lan(stage: &mut Stage, home: &Path, machine: &str) -> Res<Mirror> {
    let real = stage.lab.is_real();
    start(stage, home, machine, if real { &[] } else { &["--no-lan"] })
}

fn start(stage: &mut Stage, home: &Path, machine: &str, more: &[&str]) -> Res<Mirror> {
    let ip = stage.lab.machine(machine)?;
    // A machine of its own has the port for itself, and the same one after a new start.
    let port = if stage.lab.is_real() { PORT } else { 0 };
    let mut command = command(stage, Some(machine), home);
    command.args(["mirror", "--yes", "--listen", &format!("/ip4/{ip}/tcp/{port}")]).args(more);
    let log = stage.log(&format!("mirror-{machine}"));
    let mut process = Process::start(command, &log, Some(Stdio::piped()))?;
    let out = process.stdout().ok_or("the mirror has no output")?;
    let mut lines = BufReader::new(out).lines().map_while(Result::ok);
    let address = lines.find_map(|line| {
        let event: Value = serde_json::from_str(&line).ok()?;
        (event["event"] == "listening").then(|| event["address"].as_str().map(str::to_owned))?
    });
    let Some(address) = address else {
        let why = std::fs::read_to_string(log).unwrap_or_default();
        return Err(format!("the mirror ended: {why}").into());
    };
    // Nobody reads on: what it says later goes nowhere, and must not stop it.
    std::thread::spawn(move || lines.for_each(drop));
    Ok(Mirror { process, address })
}

/// The command that fetches what an invite leads to; with `out`, its files are written there too.
pub fn fetch(
    stage: &Stage,
    machine: &str,
    home: &Path,
    invite: &str,
    out: Option<&Path>,
) -> Command {
    let mut command = command(stage, Some(machine), home);
    command.args(["fetch", invite]);
    if let Some(out) = out {
        command.arg("--out").arg(out);
    }
    command
}

/// Writes the release of a home as files.
pub fn checkout(stage: &Stage, home: &Path, out: &Path) -> Res<Ran> {
    let mut command = command(stage, None, home);
    command.arg("checkout").arg(out);
    run(command, &stage.log("checkout"), stage.limit)
}
