//! An archive comes from the gateway of a mirror, by the real program: to a reader, and to a mirror that follows it; and not
//! from one that lies.

use crate::common;
use crate::common::{Home, tree_of};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};

/// A publisher whose mirror has a gateway: home, folder, node, and where the gateway is.
fn publisher() -> (Home, PathBuf, common::Node, SocketAddr) {
    let home = Home::publisher("gateway");
    let site = PathBuf::from(home.beside("site"));
    common::small_site(&site);
    home.publish(&site);
    let node = home.mirror(&[], &["--gateway", "127.0.0.1:0"]);
    let told = home.ok(&["status"])["node"]["gateway"].clone();
    let at = told["address"].as_str().unwrap().parse().unwrap();
    (home, site, node, at)
}

/// Everything of the site is in the home.
fn is_in(site: &Path, home: &Home) {
    let out = home.beside("out");
    home.ok(&["checkout", &out]);
    let written = tree_of(Path::new(&out));
    for (path, hash) in tree_of(site) {
        let here = written.iter().any(|(name, here)| name.ends_with(&path) && *here == hash);
        assert!(here, "{path}");
    }
}

/// A gateway that tells of archives what `honest` tells, and sends something else for every block. Ends with the test.
fn liar(honest: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || answer(stream, honest));
        }
    });
    at
}

fn answer(mut stream: TcpStream, honest: SocketAddr) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap();
    let mut reply = Vec::new();
    if path.starts_with("/yadgar/") {
        let mut ask = TcpStream::connect(honest).unwrap();
        write!(ask, "GET {path} HTTP/1.1\r\nHost: {honest}\r\nConnection: close\r\n\r\n").unwrap();
        ask.read_to_end(&mut reply).unwrap();
    } else {
        reply = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwrong".to_vec();
    }
    let _ = stream.write_all(&reply);
}

#[test]
fn an_archive_comes_from_a_gateway_alone() {
    let (publisher, site, _node, at) = publisher();
    let (invite, url) = (publisher.invite(&[]), format!("http://{at}/"));
    let reader = Home::new();
    let done = reader.ok(&["fetch", &invite, "--from-gateway", &url]);
    assert_eq!(json!([done["sequence"], done["hosts"][0]["url"]]), json!([1, url]), "{done}");
    assert_eq!(done["hosts"][0]["faults"], json!([]));
    is_in(&site, &reader);
    let load = publisher.ok(&["status"])["node"]["gateway"].clone();
    assert!(load["bytes"].as_u64().unwrap() > 1_500_000, "{load}");

    // A mirror follows it, and takes the next release when it is told to look.
    let keeper = Home::new();
    let follows = keeper.mirror(&[&invite], &["--from-gateway", &url]);
    follows.wait_complete(1);
    common::write(&site, "index.html", b"<html lang=en><p>two</html>");
    publisher.publish(&site);
    keeper.ok(&["fetch", &invite, "--from-gateway", &url]);
    follows.wait_complete(2);
    assert_eq!(keeper.ok(&["status"])["node"]["hosts"][0]["gateway"], true);
}

#[test]
fn a_gateway_that_lies_is_named_and_another_one_has_it_all() {
    let (publisher, site, _node, at) = publisher();
    let (invite, good) = (publisher.invite(&[]), format!("http://{at}/"));
    let bad = format!("http://{}/", liar(at));
    let alone = Home::new();
    let told = alone.fails(&["fetch", &invite, "--from-gateway", &bad], 5);
    assert!(told.contains(&format!("{bad}ipfs/")), "{told}");
    let both = Home::new();
    both.ok(&["fetch", &invite, "--from-gateway", &bad, "--from-gateway", &good]);
    is_in(&site, &both);
}
