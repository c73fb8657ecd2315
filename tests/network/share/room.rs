//! A room: a host with a hotspot at 10.42.0.1 and a line to the outside, and a guest's machine, which is where the
//! test runs. Two network namespaces joined by two cables; both end with the test.

use crate::common::{test_name, watch};
use std::path::Path;
use std::process::{Command, Stdio};

/// Set in the process that runs inside: the process that holds the host's namespace.
const HOST: &str = "YADGAR_ROOM_HOST";

/// The hotspot's address, as in many systems.
pub const HOTSPOT: &str = "10.42.0.1";
/// The host's address on the outside, which is public.
pub const OUTSIDE: &str = "203.0.113.1";
/// Where the guest's machine is on the outside.
pub const STRANGER: &str = "203.0.113.2";
/// An address of the guest's machine in another private network, to which the host has a way over the hotspot.
pub const ELSEWHERE: &str = "192.168.77.7";
/// Guests have the addresses from 10.42.0.101 on.
pub const GUESTS: u8 = 30;

const SETUP: &str = r#"
mount --make-rprivate /
ip link set lo up
unshare --net setpriv --pdeathsig KILL sleep infinity &
host=$!
until [ -e "/proc/$host/ns/net" ] && [ "$(readlink /proc/$host/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
at_host() { nsenter -t "$host" -n "$@"; }
ip link add guest0 type veth peer name wlan0
ip link add far0 type veth peer name out0
ip link set wlan0 netns "$host"
ip link set out0 netns "$host"
at_host ip link set lo up
at_host ip addr add 10.42.0.1/24 dev wlan0
at_host ip addr add fd42::1/64 dev wlan0 nodad
at_host ip addr add 203.0.113.1/24 dev out0
at_host ip link set wlan0 up
at_host ip link set out0 up
ip addr add 10.42.0.100/24 dev guest0
for n in $(seq 101 130); do ip addr add "10.42.0.$n/24" dev guest0; done
ip addr add fd42::100/64 dev guest0 nodad
ip addr add 192.168.77.7/32 dev guest0
ip addr add 203.0.113.2/24 dev far0
ip link set guest0 up
ip link set far0 up
at_host ip route add 192.168.77.0/24 via 10.42.0.100
# What comes from the outside to the hotspot's address is to be refused by the program, not by the system.
for f in all default wlan0 out0; do at_host sh -c "echo 0 > /proc/sys/net/ipv4/conf/$f/rp_filter"; done
for f in all default guest0 far0; do echo 0 > "/proc/sys/net/ipv4/conf/$f/rp_filter"; done
export YADGAR_ROOM_HOST="$host"
exec "$@"
"#;

fn namespace() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-ec", SETUP, "sh"]).stdin(Stdio::null());
    command
}

/// Runs the test of this name in a room. True in the process that is inside; false when it is done, or when there
/// can be no room here.
pub fn enter(module: &str, test: &str) -> bool {
    if std::env::var_os(HOST).is_some() {
        return true;
    }
    let probe = namespace().arg("true").output();
    if !probe.as_ref().is_ok_and(|p| p.status.success()) {
        let why = match probe {
            Ok(p) => String::from_utf8_lossy(&p.stderr).trim().to_owned(),
            Err(e) => e.to_string(),
        };
        crate::skipped(
            "YADGAR_REQUIRE_NETNS",
            &format!("no network namespaces (root, iproute2): {why}"),
        );
        return false;
    }
    let test = &*test_name(module, test);
    let mut command = namespace();
    command.arg(std::env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]);
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "in the room:\n{text}");
    assert!(text.contains("1 passed"), "no test of this name: {test}\n{text}");
    print!("{text}");
    false
}

/// The same command on the host's machine.
pub fn at_host(command: &Command) -> Command {
    on_one_core(command, None)
}

/// The same, on one core only.
pub fn on_one_core(command: &Command, core: Option<&str>) -> Command {
    let host = std::env::var(HOST).unwrap();
    let mut inside = Command::new("nsenter");
    inside.args(["-t", &host, "-n"]);
    if let Some(core) = core {
        inside.args(["taskset", "-c", core]);
    }
    inside.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => inside.env(name, value),
            None => inside.env_remove(name),
        };
    }
    inside
}

/// All TCP sockets on which the host listens: addresses with ports.
pub fn listening() -> Vec<String> {
    let host = std::env::var(HOST).unwrap();
    let mut sockets = Vec::new();
    for file in ["tcp", "tcp6", "udp", "udp6"] {
        let text =
            std::fs::read_to_string(Path::new("/proc").join(&host).join("net").join(file)).unwrap();
        for line in text.lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            // 0A is LISTEN; a UDP socket has 07.
            if matches!(fields[3], "0A" | "07") {
                sockets.push(format!("{file} {}", fields[1]));
            }
        }
    }
    sockets
}

fn nft() -> Command {
    let mut command = Command::new("nsenter");
    command.args(["-t", &std::env::var(HOST).unwrap(), "-n", "nft"]);
    command
}

/// From now on nothing of the guests reaches the host, as on a Wi-Fi that keeps its guests apart.
pub fn isolate() {
    use std::io::Write as _;
    let rules = r#"
table inet apart {
    chain in {
        type filter hook input priority 0;
        iifname "wlan0" drop
    }
}
"#;
    let mut child = nft().args(["-f", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(rules.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "no rules (nftables)");
}

/// From now on the packets that leave the host are counted.
pub fn count_packets() {
    watch::count(nft());
}

/// How many were there, by the name of a counter.
pub fn packets(counter: &str) -> u64 {
    watch::packets(nft(), "watch", counter)
}
