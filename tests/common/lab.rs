//! Machines of one Wi-Fi: namespaces at a bridge, in a namespace that ends with its process.
#![allow(dead_code)] // Each test file uses some of them.

use crate::common::{Home, test_name, watch};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// How lines begin that are for whoever runs the tests.
const TOLD: [&str; 4] = ["LAN: ", "DRILL: ", "WIRE: ", "ECLIPSE: "];

/// Set in the process that runs inside.
const INSIDE: &str = "YADGAR_INSIDE_LAN";

const SETUP: &str = "
mount --make-rprivate /
mkdir -p /run/netns
mount -t tmpfs tmpfs /run/netns
ip link set lo up
ip link add br0 type bridge mcast_snooping 0
ip link set br0 up
ip netns add probe
nft list ruleset >/dev/null
exec \"$@\"
";

fn namespace() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-ec", SETUP, "sh"]).stdin(Stdio::null());
    command
}

/// True in the process that has networks of its own. Elsewhere it runs the test there, or says
/// that it cannot.
pub fn enter(module: &str, test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let probe = namespace().arg("true").output();
    if !probe.as_ref().is_ok_and(|p| p.status.success()) {
        let required = std::env::var_os("YADGAR_REQUIRE_NETNS").is_some_and(|v| v == "1");
        assert!(!required, "no network namespaces (root, iproute2, nftables): {probe:?}");
        let text = format!("SKIPPED: {test}: no network namespaces (root, iproute2, nftables)\n");
        std::io::stderr().write_all(text.as_bytes()).unwrap();
        return false;
    }
    let test = &*test_name(module, test);
    let mut command = namespace();
    command.arg(std::env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]);
    let output = command.env(INSIDE, "1").output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "inside:\n{text}");
    assert!(text.contains("1 passed"), "no test of this name: {test}\n{text}");
    // Not by a macro: those are kept back for tests that pass.
    let told = text.lines().filter(|line| TOLD.iter().any(|told| line.starts_with(told)));
    let told: String = told.map(|line| format!("{line}\n")).collect();
    std::io::stderr().write_all(told.as_bytes()).unwrap();
    false
}

/// Runs a script that must succeed; gives what it prints.
pub fn sh(script: &str) -> String {
    let output = Command::new("sh").args(["-ec", script]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// A machine without any network yet.
pub fn machine(name: &str) {
    sh(&format!("ip netns add {name}; ip -n {name} link set lo up"));
}

/// Joins the Wi-Fi.
pub fn join(name: &str) {
    sh(&format!(
        "ip link add v-{name} type veth peer name wlan0 netns {name}
         ip link set v-{name} master br0 up
         ip -n {name} link set wlan0 up"
    ));
}

/// A machine at an address of 192.168.43.0/24.
pub fn guest(name: &str, host: u8) {
    machine(name);
    join(name);
    address(name, host);
}

/// Gives it an address.
pub fn address(name: &str, host: u8) {
    sh(&format!("ip -n {name} addr add 192.168.43.{host}/24 brd + dev wlan0"));
}

/// Rules for what comes in, each counted as `dropped` when it drops.
pub fn rules(name: &str, rules: &str) {
    let rules = rules.replace("DROP", "counter name dropped drop");
    sh(&format!(
        "ip netns exec {name} nft -f - <<'END'
table inet lab {{
    counter dropped {{ }}
    chain in {{
        type filter hook input priority 0;
        iifname lo accept
        {rules}
    }}
}}
END"
    ));
}

/// Counts what it sends: by kind, without what the system itself says about addresses.
pub fn watch(name: &str) {
    watch::count(nft(name));
}

fn nft(name: &str) -> Command {
    on(name, Path::new("nft"))
}

/// A counter of [`rules`] or [`watch`].
pub fn counter(name: &str, counter: &str) -> u64 {
    let table = if counter == "dropped" { "lab" } else { "watch" };
    watch::packets(nft(name), table, counter)
}

/// A command on a machine.
pub fn on(machine: &str, program: &Path) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", machine]).arg(program).stdin(Stdio::null());
    command
}

/// yadgar on a machine.
pub fn yadgar(machine: &str, home: &Home, args: &[&str]) -> Command {
    let mut command = on(machine, Path::new(env!("CARGO_BIN_EXE_yadgar")));
    command.env_remove("YADGAR_HOME").arg("--home").arg(home.path()).args(args);
    command
}
