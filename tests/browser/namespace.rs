//! A network of one's own, in which every packet that would leave the machine is counted: the
//! loopback, and a way out that leads nowhere, so that an attempt becomes a packet.

use crate::common::watch;
use std::process::{Command, Stdio};

/// Set in the process that runs inside.
const INSIDE: &str = "YADGAR_INSIDE_NETNS";

/// Makes the network, in a namespace that ends with its process. The resolver's address lies
/// beyond the counter. What the system itself says on a new link (IPv6 neighbours and groups) is no
/// program's doing and is not counted.
const SETUP: &str = r#"
mount --make-rprivate /
printf 'nameserver 198.51.100.53\noptions attempts:1 timeout:1\n' > "$1"
mount --bind "$1" "$(readlink -f /etc/resolv.conf)"
ip link set lo up
ip link add away type veth peer name far
ip link set far up
ip link set away up
ip addr add 198.51.100.2/24 dev away
ip route add default via 198.51.100.1
if ip -6 addr add 2001:db8::2/64 dev away nodad 2>/dev/null; then ip -6 route add default via 2001:db8::1; fi
nft list ruleset >/dev/null
shift
exec "$@"
"#;

/// Where a test runs.
pub enum Place {
    /// In the namespace.
    Inside(Watch),
    /// It ran there, in another process, and passed.
    Done,
    /// There can be no namespace here.
    Outside,
}

/// The counter of packets.
pub struct Watch;

impl Watch {
    /// Packets that left, or tried to, since the network was made.
    pub fn packets(&self) -> u64 {
        watch::packets(Command::new("nft"), "watch", "left")
    }
}

fn namespace(file: &std::path::Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-ec", SETUP, "sh"]).arg(file);
    command
}

/// Runs the test of this name in a namespace, if there can be one.
pub fn enter(test: &str) -> Place {
    if std::env::var_os(INSIDE).is_some() {
        watch::count(Command::new("nft"));
        return Place::Inside(Watch);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("resolv.conf");
    let probe = namespace(&file).arg("true").stdin(Stdio::null()).output();
    if !probe.as_ref().is_ok_and(|p| p.status.success()) {
        let why = probe.map_or_else(
            |e| e.to_string(),
            |p| String::from_utf8_lossy(&p.stderr).trim().to_owned(),
        );
        let what = format!("no network namespace with a counter (root, iproute2, nftables): {why}");
        crate::skipped("YADGAR_REQUIRE_NETNS", &what);
        return Place::Outside;
    }
    let mut command = namespace(&file);
    command.arg(std::env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]);
    let output = command.env(INSIDE, "1").stdin(Stdio::null()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "in the namespace:\n{text}");
    assert!(text.contains("1 passed"), "no test of this name: {test}\n{text}");
    print!("{text}");
    Place::Done
}
