//! A Tor network of its own on loopback: four authorities that are relays, two more relays, somebody with an onion service
//! and somebody with a SOCKS port.

use crate::common::PATIENCE;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const AUTHORITIES: usize = 4;
const RELAYS: usize = 2;

/// What all have in common. The intervals are as short as Tor lets them be in a network for tests.
const COMMON: &str = "
TestingTorNetwork 1
Address 127.0.0.1
ShutdownWaitLength 0
GeoIPFile /dev/null
GeoIPv6File /dev/null
";
const RELAY: &str = "
AssumeReachable 1
ExitPolicy reject *:*
SocksPort 0
";
const AUTHORITY: &str = "
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
ContactInfo test@test.invalid
V3AuthVotingInterval 20
V3AuthVoteDelay 4
V3AuthDistDelay 4
TestingV3AuthInitialVotingInterval 20
TestingV3AuthInitialVoteDelay 4
TestingV3AuthInitialDistDelay 4
TestingDirAuthVoteExit *
TestingDirAuthVoteHSDir *
TestingDirAuthVoteGuard *
TestingMinExitFlagThreshold 0
";

/// Debian has tor where only root looks.
fn program() -> Command {
    let path = Path::new("/usr/sbin/tor");
    if path.exists() { Command::new(path) } else { Command::new("tor") }
}

/// Whether tor is here; says so when it is not.
pub fn is_here() -> bool {
    let quiet = |mut command: Command| {
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let mut tor = program();
    tor.arg("--version");
    // It has no option that ends well; that it can be started is enough.
    let gencert = Command::new("tor-gencert").arg("--help").output().is_ok();
    let found = quiet(tor) && gencert;
    let required = std::env::var_os("YADGAR_REQUIRE_TOR").is_some_and(|v| v == "1");
    assert!(found || !required, "tor is not installed, and YADGAR_REQUIRE_TOR=1");
    if !found {
        eprintln!("SKIPPED: tor is not installed, no onion service is made");
    }
    found
}

/// The network. Ends with it.
pub struct Network {
    dir: tempfile::TempDir,
    running: Vec<Child>,
    socks: u16,
}

impl Drop for Network {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Ports that are free now, each another.
fn free_ports(count: usize) -> Vec<u16> {
    let bind = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let all: Vec<TcpListener> = (0..count).map(bind).collect();
    all.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

impl Network {
    /// Starts everything; the onion service leads to `to` on this machine.
    pub fn start(to: u16) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut ports = free_ports(2 * AUTHORITIES + RELAYS + 1).into_iter();
        let mut port = || ports.next().unwrap();
        let socks = port();
        let mut network = Self { dir, running: Vec::new(), socks };
        let authorities: Vec<_> =
            (0..AUTHORITIES).map(|n| (format!("auth{n}"), port(), port())).collect();
        let lines: String =
            authorities.iter().map(|(name, or, dir)| network.authority(name, *or, *dir)).collect();
        for (name, or, dir) in &authorities {
            let ports = format!("ORPort 127.0.0.1:{or}\nDirPort 127.0.0.1:{dir}\n");
            network.run(name, &[&lines, RELAY, AUTHORITY, &ports].concat());
        }
        for n in 0..RELAYS {
            let ports = format!("ORPort 127.0.0.1:{}\n", port());
            network.run(&format!("relay{n}"), &[&lines, RELAY, &ports].concat());
        }
        // As in the guide.
        let service = network.folder("host").join("service").display().to_string();
        let service = format!(
            "SocksPort 0\nHiddenServiceDir {service}\nHiddenServicePort 4774 127.0.0.1:{to}\n"
        );
        network.run("host", &(lines.clone() + &service));
        network.run("guest", &format!("{lines}SocksPort 127.0.0.1:{socks}\n"));
        network
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Makes the keys of an authority; gives the line by which others know it.
    fn authority(&self, name: &str, or: u16, dir: u16) -> String {
        use std::os::unix::fs::DirBuilderExt as _;
        let data = self.folder(name);
        let keys = data.join("keys");
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&keys).unwrap();
        let file = |name: &str| keys.join(name).display().to_string();
        let certificate = file("authority_certificate");
        let mut command = Command::new("tor-gencert");
        command.args(["--create-identity-key", "--passphrase-fd", "0", "-m", "12"]);
        command.args(["-a", &format!("127.0.0.1:{dir}"), "-c", &certificate]);
        command.args(["-i", &file("authority_identity_key"), "-s", &file("authority_signing_key")]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"passphrase\n").unwrap();
        assert!(child.wait().unwrap().success(), "tor-gencert");
        let text = std::fs::read_to_string(certificate).unwrap();
        let v3 = text.lines().find_map(|line| line.strip_prefix("fingerprint ")).unwrap();
        let nowhere = data.join("nothing").display().to_string();
        let mut command = program();
        command.args(["--ignore-missing-torrc", "-f", &nowhere, "--list-fingerprint", "--quiet"]);
        command.args(["--orport", "1", "--nickname", name, "--datadirectory"]).arg(&data);
        // It has to be told of some authority before it says who it is.
        let some = format!("x 127.0.0.1:1 {}", "f".repeat(40));
        let output = command.args(["--dirserver", &some]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let own = text.trim().split_once(' ').unwrap().1.replace(' ', "");
        format!("DirAuthority {name} orport={or} no-v2 v3ident={v3} 127.0.0.1:{dir} {own}\n")
    }

    fn run(&mut self, name: &str, more: &str) {
        let data = self.folder(name);
        let text = format!(
            "{COMMON}Nickname {name}\nDataDirectory {0}\nLog notice file {0}/log\n{more}",
            data.display()
        );
        let file = self.folder(&format!("{name}.torrc"));
        std::fs::write(&file, text).unwrap();
        let nowhere = self.folder("nothing");
        let mut command = program();
        command.arg("-f").arg(file).arg("--defaults-torrc").arg(nowhere);
        command.args(["--ignore-missing-torrc", "--quiet"]).stdin(Stdio::null());
        self.running.push(command.spawn().unwrap());
    }

    /// Waits until those at the ends are in the network; gives the address of the onion service.
    pub fn wait(&self) -> String {
        let end = Instant::now() + 2 * PATIENCE;
        for name in ["host", "guest"] {
            let log = self.folder(name).join("log");
            let read = || std::fs::read_to_string(&log).unwrap_or_default();
            while !read().contains("Bootstrapped 100%") {
                assert!(Instant::now() < end, "no Tor network comes up: {name}: {}", read());
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
        }
        let name = std::fs::read_to_string(self.folder("host").join("service/hostname")).unwrap();
        name.trim().strip_suffix(".onion").unwrap().to_owned()
    }

    pub fn proxy(&self) -> String {
        format!("socks5h://127.0.0.1:{}", self.socks)
    }
}
