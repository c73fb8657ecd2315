//! nginx that serves a folder over TLS on loopback, with a certificate made for the test.
#![allow(dead_code)] // Each test file uses some of it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A name that no resolver knows; the certificate is for it and for localhost.
pub const HIDDEN: &str = "mirror.invalid";

/// A running nginx. Ends with it.
pub struct Nginx {
    child: Child,
    dir: tempfile::TempDir,
    machine: Option<&'static str>,
    at: SocketAddr,
    pub port: u16,
}

/// One request, from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    pub path: String,
    pub status: u16,
    pub bytes: u64,
}

/// Whether nginx is here; says so when it is not.
pub fn is_here() -> bool {
    let found = program().arg("-v").stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    let required = std::env::var_os("YADGAR_REQUIRE_NGINX").is_some_and(|v| v == "1");
    assert!(found || !required, "nginx is not installed, and YADGAR_REQUIRE_NGINX=1");
    if !found {
        eprintln!("SKIPPED: nginx is not installed, static mirrors are not served by it");
    }
    found
}

/// Debian has it where only root looks.
fn program() -> Command {
    let path = Path::new("/usr/sbin/nginx");
    if path.exists() { Command::new(path) } else { Command::new("nginx") }
}

pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

impl Nginx {
    /// Serves what is below [`Nginx::root`]; `more` goes into the configuration of the server.
    pub fn start(more: &str) -> Self {
        Self::at(None, (Ipv4Addr::LOCALHOST, free_port()).into(), more)
    }

    /// The same at this address and port, on a machine of its own (a network namespace) where one is named.
    pub fn at(machine: Option<&'static str>, at: SocketAddr, more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["www", "t1", "t2", "t3", "t4", "t5"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let names = ["localhost".into(), HIDDEN.into(), at.ip().to_string()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        std::fs::write(dir.path().join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(dir.path().join("key.pem"), made.key_pair.serialize_pem()).unwrap();
        let child = run(machine, dir.path(), at, more);
        let nginx = Self { child, dir, machine, at, port: at.port() };
        nginx.listens();
        nginx
    }

    /// Runs again with another configuration of the server, the same certificate and files.
    pub fn again(&mut self, more: &str) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = run(self.machine, self.dir.path(), self.at, more);
        self.listens();
    }

    fn listens(&self) {
        let end = Instant::now() + crate::common::PATIENCE;
        while TcpStream::connect(self.at).is_err() {
            assert!(Instant::now() < end, "nginx does not listen: {}", self.errors());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// All that it wrote into its logs so far.
    pub fn logs(&self) -> String {
        let log = |name| std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default();
        log("access.log") + &log("error.log")
    }

    fn errors(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("error.log")).unwrap_or_default()
    }

    /// The folder that is served.
    pub fn root(&self) -> PathBuf {
        self.dir.path().join("www")
    }

    /// Its certificate.
    pub fn ca(&self) -> String {
        self.dir.path().join("cert.pem").display().to_string()
    }

    /// Where a folder below the root is on the web.
    pub fn url(&self, folder: &str) -> String {
        format!("https://localhost:{}/{folder}/", self.port)
    }

    /// The same by a name that only somebody else can resolve.
    pub fn hidden_url(&self, folder: &str) -> String {
        format!("https://{HIDDEN}:{}/{folder}/", self.port)
    }

    /// All requests so far that have ended.
    pub fn served(&self) -> Vec<Served> {
        let log = std::fs::read_to_string(self.dir.path().join("access.log")).unwrap_or_default();
        let one = |line: &str| {
            let mut words = line.split(' ');
            Some(Served {
                path: words.next()?.into(),
                status: words.next()?.parse().ok()?,
                bytes: words.next()?.parse().ok()?,
            })
        };
        log.lines().filter_map(one).collect()
    }
}

/// Starts it on the files and the certificate of a folder.
fn run(machine: Option<&str>, dir: &Path, listen: SocketAddr, more: &str) -> Child {
    let at = dir.display();
    let config = format!(
        "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;
         events {{ worker_connections 256; }}
         http {{
             client_body_temp_path {at}/t1; proxy_temp_path {at}/t2; fastcgi_temp_path {at}/t3;
             uwsgi_temp_path {at}/t4; scgi_temp_path {at}/t5;
             log_format line '$request_uri $status $body_bytes_sent'; access_log {at}/access.log line;
             default_type application/octet-stream;
             server {{
                 listen {listen} ssl; root {at}/www;
                 ssl_certificate {at}/cert.pem; ssl_certificate_key {at}/key.pem;
                 {more}
             }}
         }}"
    );
    std::fs::write(dir.join("nginx.conf"), config).unwrap();
    let nginx = program();
    let mut command = match machine {
        None => nginx,
        Some(machine) => {
            let mut command = Command::new("ip");
            command.args(["netns", "exec", machine]).arg(nginx.get_program());
            command
        }
    };
    command.args(["-c", &format!("{at}/nginx.conf"), "-e", &format!("{at}/error.log")]);
    command.stdin(Stdio::null()).spawn().unwrap()
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
