//! Machines: network namespaces at a bridge, in a namespace that ends with the bench. Where there can be none, everything
//! runs on loopback and rates are not limited.

use crate::Res;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Set in the process that has networks of its own.
pub const INSIDE: &str = "YADGAR_SPEED_LAB";

/// The machine that fetches.
pub const FETCHER: &str = "fetcher";
/// The machine that serves, when there is one.
pub const SOURCE: &str = "source";

const SETUP: &str = "
mount --make-rprivate /
mkdir -p /run/netns
mount -t tmpfs tmpfs /run/netns
ip link set lo up
ip link add br0 type bridge mcast_snooping 0
ip link set br0 up
exec \"$@\"
";

/// Shows whether everything works that is needed.
const PROBE: &str = "
ip netns add probe
ip link add v-probe type veth peer name eth0 netns probe
nsenter --net=/run/netns/probe tc qdisc add dev eth0 root tbf rate 100mbit burst 32kb latency 50ms
";

/// What a limited rate lets through at once: a thousandth of a second's, and not less than some packets.
fn burst_kib(mbit: u32) -> u32 {
    (mbit / 8).max(32)
}

fn namespace() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-ec", SETUP, "sh"]);
    command
}

/// Runs `command` with networks of its own, if that is possible; else tells why it is not.
///
/// # Errors
/// What is missing.
pub fn enclose(program: &Path) -> Result<Command, String> {
    let probe = namespace().args(["sh", "-ec", PROBE]).stdin(Stdio::null()).output();
    match probe {
        Ok(output) if output.status.success() => {
            let mut command = namespace();
            command.arg(program).env(INSIDE, "1");
            Ok(command)
        }
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ")),
        Err(e) => Err(format!("unshare: {e}")),
    }
}

/// The machines there are.
pub struct Lab {
    inside: bool,
    /// Name and address.
    machines: BTreeMap<String, String>,
}

/// Bytes that a machine received and sent, with all headers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wire {
    pub received: u64,
    pub sent: u64,
}

impl Wire {
    /// What came and went since an earlier reading.
    pub fn since(self, before: Self) -> Self {
        Self { received: self.received - before.received, sent: self.sent - before.sent }
    }
}

impl Lab {
    /// In the process that [`enclose`] started there are namespaces, elsewhere loopback.
    pub fn new() -> Self {
        Self { inside: std::env::var_os(INSIDE).is_some(), machines: BTreeMap::new() }
    }

    /// True when rates can be limited and bytes counted.
    pub fn is_real(&self) -> bool {
        self.inside
    }

    /// Brings a machine up, if it is not there yet, and gives its address.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn machine(&mut self, name: &str) -> Res<String> {
        if !self.inside {
            return Ok("127.0.0.1".into());
        }
        if let Some(ip) = self.machines.get(name) {
            return Ok(ip.clone());
        }
        let n = self.machines.len() + 1;
        let ip = format!("10.77.{}.{}", n / 200, n % 200 + 1);
        sh(&format!(
            "ip netns add {name}
             ip link add v-{name} type veth peer name eth0 netns {name}
             ip link set v-{name} master br0 up
             ip -n {name} link set lo up
             ip -n {name} link set eth0 up
             ip -n {name} addr add {ip}/16 brd + dev eth0"
        ))?;
        self.machines.insert(name.to_owned(), ip.clone());
        Ok(ip)
    }

    /// A command that runs on a machine.
    pub fn on(&self, machine: &str, program: impl AsRef<OsStr>) -> Command {
        if !self.inside {
            return Command::new(program);
        }
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/run/netns/{machine}")).arg(program);
        command
    }

    /// Limits what a machine sends, in Mbit/s; `None` lifts the limit.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn rate(&self, machine: &str, mbit: Option<u32>) -> Res<()> {
        if !self.inside {
            return mbit.map_or(Ok(()), |_| Err("no rate can be limited here".into()));
        }
        let tc = format!("nsenter --net=/run/netns/{machine} tc qdisc");
        match mbit {
            None => sh(&format!("{tc} del dev eth0 root 2>/dev/null || true")),
            Some(mbit) => sh(&format!(
                "{tc} replace dev eth0 root tbf rate {mbit}mbit burst {}kb latency 50ms",
                burst_kib(mbit)
            )),
        }
    }

    /// What a machine received and sent so far, counted at its place of the bridge.
    ///
    /// # Errors
    /// When it cannot be counted here.
    pub fn wire(&self, machine: &str) -> Res<Wire> {
        counted(&std::fs::read_to_string("/proc/thread-self/net/dev")?, &format!("v-{machine}"))
            .ok_or_else(|| format!("the bytes of {machine} cannot be counted").into())
    }
}

/// The line of an interface: its first column is what came in, the ninth what went out. The machine sees the reverse.
fn counted(table: &str, interface: &str) -> Option<Wire> {
    let line = table.lines().find_map(|l| l.trim().strip_prefix(interface)?.strip_prefix(':'))?;
    let column = |n: usize| line.split_whitespace().nth(n)?.parse().ok();
    Some(Wire { received: column(8)?, sent: column(0)? })
}

fn sh(script: &str) -> Res<()> {
    let output = Command::new("sh").args(["-ec", script]).stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{script}\n{}", String::from_utf8_lossy(&output.stderr)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_an_interface() {
        let table = "Inter-|   Receive\n face |bytes\n  v-f: 10 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0\n\
                     v-fetcher:30 1 0 0 0 0 0 0 40 2 0 0 0 0 0 0\n";
        assert_eq!(counted(table, "v-f"), Some(Wire { received: 20, sent: 10 }));
        assert_eq!(counted(table, "v-fetcher"), Some(Wire { received: 40, sent: 30 }));
        assert_eq!(counted(table, "v-"), None);
    }
}
