//! Caddy that serves a folder over TLS on loopback, with a certificate made for the test.
#![allow(dead_code)] // Each test file uses some of it.

use crate::nginx::free_port;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running Caddy. Ends with it.
pub struct Caddy {
    child: Child,
    dir: tempfile::TempDir,
    pub port: u16,
}

/// Whether Caddy is here; says so when it is not.
pub fn is_here() -> bool {
    let found = Command::new("caddy").arg("version").stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    let required = std::env::var_os("YADGAR_REQUIRE_CADDY").is_some_and(|v| v == "1");
    assert!(found || !required, "caddy is not installed, and YADGAR_REQUIRE_CADDY=1");
    if !found {
        eprintln!("SKIPPED: caddy is not installed, no mirror stands behind it");
    }
    found
}

impl Caddy {
    /// Serves what is below [`Caddy::root`]; `more` goes into the block of the site.
    pub fn start(more: &str) -> Self {
        let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
        std::fs::create_dir(dir.path().join("www")).unwrap();
        let names = ["localhost".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        std::fs::write(dir.path().join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(dir.path().join("key.pem"), made.key_pair.serialize_pem()).unwrap();
        let caddy = Self { child: run(dir.path(), port, more), dir, port };
        caddy.listens();
        caddy
    }

    /// Runs again with another configuration of the site, the same certificate and files.
    pub fn again(&mut self, more: &str) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = run(self.dir.path(), self.port, more);
        self.listens();
    }

    fn listens(&self) {
        let end = Instant::now() + crate::common::PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(Instant::now() < end, "caddy does not listen: {}", self.logs());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// All that it wrote into its logs so far.
    pub fn logs(&self) -> String {
        let log = |name| std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default();
        log("access.log") + &log("errors.log") + &log("said")
    }

    /// The folder that is served.
    pub fn root(&self) -> PathBuf {
        self.dir.path().join("www")
    }

    /// Its certificate.
    pub fn ca(&self) -> String {
        self.dir.path().join("cert.pem").display().to_string()
    }
}

/// Starts it on the files and the certificate of a folder.
fn run(dir: &Path, port: u16, more: &str) -> Child {
    let at = dir.display();
    let config = format!(
        "{{
    admin off
    auto_https off
    default_sni localhost
    storage file_system {at}/data
    log {{
        output file {at}/errors.log
    }}
}}
https://localhost:{port} {{
    bind 127.0.0.1
    tls {at}/cert.pem {at}/key.pem
    root * {at}/www
    log {{
        output file {at}/access.log
    }}
{more}
    file_server
}}
"
    );
    std::fs::write(dir.join("Caddyfile"), config).unwrap();
    let said = std::fs::File::create(dir.join("said")).unwrap();
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(dir.join("Caddyfile"));
    // It keeps the configuration of its last run in its home.
    command.env("HOME", dir).env("XDG_CONFIG_HOME", dir).env("XDG_DATA_HOME", dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn().unwrap()
}

impl Drop for Caddy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
