//! Somebody who uses the first screen with a browser that sends what browsers send.

use crate::common::{Node, PATIENCE};
use crate::needles::files;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A machine with the program running on it, and the browser that it started.
pub struct Person {
    pub machine: tempfile::TempDir,
    /// Programs, outside of what is searched.
    bin: tempfile::TempDir,
    node: Option<Node>,
    pub host: String,
    session: String,
    pub start_path: String,
}

impl Person {
    pub fn start() -> Self {
        let machine = tempfile::tempdir().unwrap();
        for name in ["user", "tmp", "here"] {
            std::fs::create_dir(machine.path().join(name)).unwrap();
        }
        let bin = tempfile::tempdir().unwrap();
        // The browser: it writes down where it was sent.
        let script = format!("#!/bin/sh\necho \"$1\" >> {}\n", bin.path().join("sent").display());
        for opener in ["xdg-open", "open"] {
            let path = bin.path().join(opener);
            std::fs::write(&path, &script).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
                .unwrap();
        }
        let mut person = Self {
            machine,
            bin,
            node: None,
            host: String::new(),
            session: String::new(),
            start_path: String::new(),
        };
        person.again();
        person
    }

    pub fn home(&self) -> PathBuf {
        self.machine.path().join("user/notes")
    }

    pub fn yadgar(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yadgar"));
        let at = |name| self.machine.path().join(name);
        command.arg("--home").arg(self.home()).args(args);
        command.env("HOME", at("user")).env("TMPDIR", at("tmp")).current_dir(at("here"));
        for name in ["YADGAR_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
            command.env_remove(name);
        }
        let path = format!("{}:{}", self.bin.path().display(), std::env::var("PATH").unwrap());
        command.env("PATH", path).stdin(Stdio::null());
        command
    }

    /// Starts the program, once it has ended where it ran before.
    pub fn again(&mut self) {
        if let Some(node) = self.node.take() {
            node.ended();
        }
        let sent = self.bin.path().join("sent");
        let _ = std::fs::remove_file(&sent);
        let node = Node::start(self.yadgar(&["--json"]));
        let event = node.wait(|e| e["event"] == "panel");
        let url = event["url"].as_str().unwrap().to_owned();
        let end = Instant::now() + PATIENCE;
        while std::fs::read_to_string(&sent).unwrap_or_default().trim() != url {
            assert!(Instant::now() < end, "the browser was not sent to {url}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        (self.host, self.start_path, self.node) = (host.to_owned(), format!("/{path}"), Some(node));
        let answer = self.request("GET", &self.start_path, &self.host, "", b"");
        assert_eq!(answer.status, 303);
        let to = answer.header("location").unwrap();
        assert!(to.ends_with("/fa/"), "Persian first: {to}");
        self.session = to.trim_start_matches('/').split('/').next().unwrap().to_owned();
    }

    /// Waits until the program has ended.
    pub fn ended(mut self) -> tempfile::TempDir {
        self.node.take().unwrap().ended();
        self.machine
    }

    pub fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files(self.machine.path())
    }

    pub fn path(&self, page: &str) -> String {
        format!("/{}/{page}", self.session)
    }

    pub fn url(&self) -> String {
        format!("http://{}{}", self.host, self.path("fa/"))
    }

    /// A new address by which a browser gets in: what a second one is told.
    pub fn address(&self) -> String {
        let second = self.yadgar(&["--json"]).output().unwrap();
        let event: serde_json::Value = serde_json::from_slice(&second.stdout).unwrap();
        event["url"].as_str().unwrap().to_owned()
    }

    pub fn raw(&self, line: &str, headers: &str) -> Answer {
        let (method, rest) = line.split_once(' ').unwrap();
        let path = rest.split(' ').next().unwrap();
        self.request(method, path, &self.host, headers, b"")
    }

    pub fn request(
        &self,
        method: &str,
        path: &str,
        host: &str,
        headers: &str,
        body: &[u8],
    ) -> Answer {
        self.request_at(&self.host, method, path, host, headers, body)
    }

    pub fn request_at(
        &self,
        at: &str,
        method: &str,
        path: &str,
        host: &str,
        headers: &str,
        body: &[u8],
    ) -> Answer {
        let mut stream = TcpStream::connect(at).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
        )
        .unwrap();
        // Who is refused may be hung up on before all of it was sent.
        let _ = stream.write_all(body);
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        let end = all.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(all[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: all[end + 4..].to_vec() }
    }

    pub fn get(&self, page: &str) -> Answer {
        self.request("GET", &self.path(page), &self.host, "", b"")
    }

    fn send(&self, page: &str, media: &str, body: &[u8]) -> Answer {
        let headers = format!(
            "Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {media}\r\nContent-Length: {}\r\n",
            self.host,
            body.len()
        );
        self.request("POST", &self.path(page), &self.host, &headers, body)
    }

    pub fn post(&self, page: &str, body: &str) -> Answer {
        self.send(page, "application/x-www-form-urlencoded", body.as_bytes())
    }

    /// Sends files as a form does.
    pub fn upload(&self, files: &[&[u8]]) {
        let mut body = Vec::new();
        for file in files {
            let head = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a secret name.car\"\r\n\
                Content-Type: application/octet-stream\r\n\r\n";
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(file);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let answer = self.send("fa/do/upload", "multipart/form-data; boundary=edge", &body);
        assert_eq!((answer.status, answer.header("location")), (303, Some("../8")));
    }

    /// Loads the page of what is under way until it shows this.
    pub fn wait(&self, wanted: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let page = self.get("fa/8").text();
            if wanted(&page) {
                return page;
            }
            assert!(Instant::now() < end, "{page}");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }

    /// Says yes to what is new, and waits until it is here.
    pub fn take_strangers(&self) {
        self.wait(|page| page.contains("do/yes"));
        self.post("fa/do/yes", "");
        self.wait(|page| page.contains("رسید و سنجیده شد"));
        self.post("fa/do/dismiss", "");
    }

    pub fn save(&self, folder: &Path) {
        let body = format!("archive=1&which=all&path={}", encoded(folder.to_str().unwrap()));
        self.post("fa/do/save", &body);
        self.wait(|page| page.contains("نوشته شد"));
        self.post("fa/do/dismiss", "");
    }

    /// Where the reader's pages are.
    pub fn reader(&self) -> String {
        let page = self.get("fa/").text();
        let link = page.split("href=\"http://").nth(1).expect("a link to read").to_owned();
        link.split('/').next().unwrap().to_owned()
    }
}

/// A form that a page of some origin sends.
pub fn post_from(person: &Person, page: &str, origin: &str, site: &str) -> Answer {
    let origin = if origin.is_empty() { String::new() } else { format!("Origin: {origin}\r\n") };
    let headers = format!(
        "{origin}Sec-Fetch-Site: {site}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n"
    );
    person.request("POST", &person.path(page), &person.host, &headers, b"")
}

pub fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}
