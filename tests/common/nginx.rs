//! nginx that serves a folder over TLS on loopback, with a certificate made for the test.
#![allow(dead_code)] // Each test file uses some of it.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A name that no resolver knows; the certificate is for it and for localhost.
pub const HIDDEN: &str = "mirror.invalid";

/// A running nginx. Ends with it.
pub struct Nginx {
    child: Child,
    dir: tempfile::TempDir,
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
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().display().to_string();
        for folder in ["www", "t1", "t2", "t3", "t4", "t5"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let made = rcgen::generate_simple_self_signed(["localhost".into(), HIDDEN.into()]).unwrap();
        std::fs::write(dir.path().join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(dir.path().join("key.pem"), made.key_pair.serialize_pem()).unwrap();
        let port = free_port();
        let mut config = std::fs::File::create(dir.path().join("nginx.conf")).unwrap();
        write!(
            config,
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;
             events {{ worker_connections 256; }}
             http {{
                 client_body_temp_path {at}/t1; proxy_temp_path {at}/t2; fastcgi_temp_path {at}/t3;
                 uwsgi_temp_path {at}/t4; scgi_temp_path {at}/t5;
                 log_format line '$request_uri $status $body_bytes_sent'; access_log {at}/access.log line;
                 default_type application/octet-stream;
                 server {{
                     listen 127.0.0.1:{port} ssl; root {at}/www;
                     ssl_certificate {at}/cert.pem; ssl_certificate_key {at}/key.pem;
                     {more}
                 }}
             }}"
        )
        .unwrap();
        let child = program()
            .args(["-c", &format!("{at}/nginx.conf"), "-e", &format!("{at}/error.log")])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self { child, dir, port };
        let end = Instant::now() + super::PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(Instant::now() < end, "nginx does not listen: {}", nginx.errors());
            std::thread::sleep(Duration::from_millis(20));
        }
        nginx
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

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
