//! A mirror as an onion service, in a Tor network of the test's own on loopback. Needs Debian's tor, and says so where it is
//! not there.

use crate::common;
#[path = "onion/tor.rs"]
mod tor;

use crate::common::{Home, PATIENCE};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Instant;
use tor::Network;

#[test]
fn an_archive_comes_from_an_onion_service() {
    if !tor::is_here() {
        return;
    }
    let home = Home::publisher("Onion (fictional)");
    let site = std::path::PathBuf::from(home.beside("site"));
    common::write(&site, "index.html", b"<p>Onion</p>");
    common::write(&site, "media/film.bin", &common::film(300_000, 11));
    home.publish(&site);
    // The port must be known before the mirror listens: Tor is told it first.
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let network = Network::start(port);
    let onion = format!("/onion3/{}:4774", network.wait());
    let listen = format!("/ip4/127.0.0.1/tcp/{port}");
    let proxy = network.proxy();
    let args = ["--listen", &listen, "--announce", &onion, "--proxy", &proxy];
    let _mirror = home.mirror(&[], &args);
    let invite = home.ok(&["invite"]);
    assert!(invite["addresses"][0].as_str().unwrap().starts_with(&onion), "{invite}");
    assert_eq!(invite["addresses"].as_array().unwrap().len(), 1, "{invite}");
    let invite = invite["invite"].as_str().unwrap();
    // The service is known in the network a while after it is there.
    let (reader, end) = (Home::new(), Instant::now() + 2 * PATIENCE);
    loop {
        let output = reader.run(&["fetch", invite, "--proxy", &proxy]);
        if output.status.success() {
            break;
        }
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(5), "{stderr}");
        assert!(Instant::now() < end, "{stderr}");
        std::thread::sleep(std::time::Duration::from_secs(2));
    }
    let status = reader.ok(&["status"]);
    assert_eq!(status["archives"][0]["complete"], 1, "{status}");
    // Without Tor nothing is tried.
    let stderr = Home::new().fails(&["fetch", invite], 5);
    assert!(stderr.contains("Tor"), "{stderr}");
}
