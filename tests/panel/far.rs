//! Invites that lead farther, as far as the person said: to websites only, or through the person's own proxy.

use crate::common::write;
use crate::person::{Person, encoded};
use crate::socks::Socks;
use crate::{NAME, archive};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

/// A web host on loopback that serves a folder, whole files or parts of them, until the tests end.
fn web_host(root: PathBuf) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut lines) = (stream.unwrap(), Vec::new());
            for line in BufReader::new(&stream).lines().map_while(Result::ok) {
                if line.is_empty() {
                    break;
                }
                lines.push(line);
            }
            let answer = lines.first().map_or_else(Vec::new, |first| answer(&root, first, &lines));
            let _ = stream.write_all(&answer);
        }
    });
    at
}

fn answer(root: &Path, first: &str, lines: &[String]) -> Vec<u8> {
    let path = first.split(' ').nth(1).unwrap().trim_start_matches('/');
    let Ok(bytes) = std::fs::read(root.join(path)) else {
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .to_vec();
    };
    let range = lines.iter().find_map(|l| {
        let (name, value) = l.split_once(": bytes=")?;
        name.eq_ignore_ascii_case("range").then_some(value)
    });
    let (status, part) = match range.and_then(|range| range.split_once('-')) {
        Some((from, to)) => {
            let from: usize = from.parse().unwrap();
            let to = to.parse().map_or(bytes.len() - 1, |to: usize| to.min(bytes.len() - 1));
            let head =
                format!("206 Partial Content\r\nContent-Range: bytes {from}-{to}/{}", bytes.len());
            (head, &bytes[from..=to])
        }
        None => ("200 OK".into(), &bytes[..]),
    };
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", part.len());
    [head.as_bytes(), part].concat()
}

fn paste(person: &Person, invite: &str, more: &str) -> String {
    let answer = person.post("fa/do/pasted", &format!("text={}{more}", encoded(invite)));
    answer.header("location").unwrap().to_owned()
}

#[test]
fn an_invite_leads_to_websites_only_where_the_person_said_so() {
    let archive = archive();
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "index.html", b"<p>A shop for tea");
    archive.publisher.ok(&["export", "--static", root.path().join("a").to_str().unwrap()]);
    let url = format!("http://{}/a/", web_host(root.path().to_owned()));
    // A website on this machine stands for those elsewhere; which of them are asked is in the tests of `reach`.
    let args = ["invite", "--url", &url];
    let invite = archive.publisher.ok(&args)["invite"].as_str().unwrap().to_owned();
    let person = Person::start();
    assert_eq!(paste(&person, &invite, ""), "../3?n=websites");
    assert!(person.get("en/3?n=websites").text().contains("To websites that it names, too"));
    assert_eq!(paste(&person, &invite, "&reach=web"), "../8");
    person.wait(|page| page.contains("رسید و سنجیده شد"));
    assert!(person.get("fa/").text().contains(NAME));
    // One that names none.
    let none = archive.publisher.invite(&["/ip4/203.0.113.7/tcp/4774"]);
    let other = Person::start();
    assert_eq!(paste(&other, &none, "&reach=web"), "../3?n=website");
    assert!(other.get("en/3?n=website").text().contains("names no website"));
}

#[test]
fn a_proxy_that_is_typed_is_used_or_refused() {
    let archive = archive();
    let mirror = archive.publisher.mirror(&[], &[]);
    let port = mirror.address.split('/').nth(4).unwrap();
    let at: SocketAddr = format!("127.0.0.1:{port}").parse().unwrap();
    let invite = encoded(&archive.publisher.invite(&["/dns4/mirror.example/tcp/4774"]));
    let person = Person::start();
    let order = |proxy: &str| {
        let form = format!("text={invite}&reach=internet&proxy={}", encoded(proxy));
        person.post("fa/do/pasted", &form).header("location").unwrap().to_owned()
    };
    for wrong in ["ssh://127.0.0.1", "none", "socks5h://proxy.example:1080"] {
        assert_eq!(order(wrong), "../3?n=proxy", "{wrong}");
    }
    let near = format!("text={invite}&proxy=socks5h://127.0.0.1:9");
    assert_eq!(person.post("fa/do/pasted", &near).header("location"), Some("../3?n=internet"));
    let page = encoded("http://192.168.1.7:8080/");
    let share = format!("text={page}&proxy=socks5h://127.0.0.1:9");
    assert_eq!(person.post("fa/do/pasted", &share).header("location"), Some("../3?n=proxy"));
    let proxy = Socks::start(&[("mirror.example:4774", at)]);
    assert_eq!(order(&proxy.url()), "../8");
    person.wait(|page| page.contains("رسید و سنجیده شد"));
    assert!(person.get("fa/").text().contains(NAME));
    assert!(proxy.asked().iter().all(|what| what == "mirror.example:4774"));
    assert!(!proxy.asked().is_empty());
}
