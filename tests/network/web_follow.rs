//! A mirror follows an archive at a static mirror that nginx serves: at the start, when it has changed, after a restart,
//! past damaged files, and never past the proxy that was named.

use crate::common;
use crate::common::{Home, PATIENCE};
use crate::nginx;
use crate::nginx::Nginx;
use crate::socks::Socks;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use yadgar::net::NetConfig;
use yadgar::node::mirror::{self, HEADS_EVERY, MirrorConfig, News};
use yadgar::store::heads::ArchiveSettings;
use yadgar::store::{ArchiveStates, MemoryStore, WebHost};
use yadgar::sync::Timing;

/// A publisher, and its archive on a host.
struct Scene {
    publisher: Home,
    site: PathBuf,
    nginx: Nginx,
    folder: String,
}

impl Scene {
    fn new() -> Self {
        let publisher = Home::publisher("web");
        let site = PathBuf::from(publisher.beside("site"));
        common::small_site(&site);
        publisher.publish(&site);
        let nginx = Nginx::start("");
        let folder = nginx.root().join("a").display().to_string();
        publisher.ok(&["export", "--static", &folder]);
        Self { publisher, site, nginx, folder }
    }

    fn release(&self, text: &str) {
        let page = format!("<html lang=en><p>{text}</html>");
        common::write(&self.site, "index.html", page.as_bytes());
        self.publisher.publish(&self.site);
        self.publisher.ok(&["export", "--static", &self.folder]);
    }

    fn url(&self) -> String {
        self.nginx.url("a")
    }

    fn heads(&self, status: u16) -> usize {
        let is = |s: &&nginx::Served| s.path == "/a/head" && s.status == status;
        self.nginx.served().iter().filter(is).count()
    }
}

fn hosts(home: &Home) -> Vec<Value> {
    home.ok(&["status"])["node"]["hosts"].as_array().unwrap().clone()
}

/// What `look` gives, once it gives something.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_mirror_follows_a_host_also_after_a_restart() {
    if !nginx::is_here() {
        return;
    }
    let scene = Scene::new();
    let (invite, url, ca) = (scene.publisher.invite(&[]), scene.url(), scene.nginx.ca());
    let keeper = Home::new();
    let node = keeper.mirror(&[&invite], &["--url", &url, "--ca", &ca]);
    node.wait_complete(1);
    let host = until("looked at", || hosts(&keeper).pop().filter(|host| host["release"] == 1));
    assert_eq!(json!([host["url"], host["followed"]]), json!([url, true]), "{host}");
    assert!(host["error"].is_null() && host["looked_seconds_ago"].is_u64(), "{host}");
    assert!(host["received_bytes"].as_u64().unwrap() > 1_000_000, "{host}");
    assert_eq!(host["faults"], json!([]));

    // Somebody who wants it at once says so to the running node.
    scene.release("two");
    let fetch = ["fetch", &invite, "--url", &url, "--ca", &ca];
    let done = keeper.ok(&fetch);
    assert_eq!(json!([done["sequence"], done["through_node"]]), json!([2, true]), "{done}");
    assert_eq!(done["hosts"][0]["release"], 2, "{done}");
    node.wait_complete(2);
    // Nothing new: not even the head is sent.
    let sent = scene.heads(200);
    keeper.ok(&fetch);
    assert_eq!(scene.heads(200), sent);
    assert!(scene.heads(304) > 0);
    node.kill();

    // The host is kept: nothing need be said again.
    scene.release("three");
    let node = keeper.mirror(&[], &[]);
    node.wait_complete(3);
    node.kill();
    let node = keeper.mirror(&[], &["--forget-url", &url]);
    assert_eq!(hosts(&keeper), Vec::<Value>::new());
    assert_eq!(keeper.ok(&["status"])["archives"][0]["hosts"], json!([]));
    node.kill();
}

#[test]
fn the_web_addresses_of_an_invite_are_followed_when_that_is_asked_for() {
    if !nginx::is_here() {
        return;
    }
    let scene = Scene::new();
    let (url, ca) = (scene.url(), scene.nginx.ca());
    let invite =
        scene.publisher.ok(&["invite", "--url", &url])["invite"].as_str().unwrap().to_owned();
    let keeper = Home::new();
    let node = keeper.mirror(&[&invite], &["--web", "--ca", &ca]);
    node.wait_complete(1);
    node.kill();
    let bare = scene.publisher.invite(&[]);
    let told = Home::new().fails(&["mirror", &bare, "--yes", "--web"], 2);
    assert!(told.contains("no address on the web"), "{told}");
    // http where no host is named is a mistake.
    Home::new().fails(&["mirror", &bare, "--yes", "--plain-http"], 2);
}

#[test]
fn a_fetch_beside_a_node_hands_over_hosts_and_no_ways() {
    if !nginx::is_here() {
        return;
    }
    let scene = Scene::new();
    let (invite, url, ca) = (scene.publisher.invite(&[]), scene.url(), scene.nginx.ca());
    let keeper = Home::new();
    let node = keeper.mirror(&[&invite], &[]);
    let named = ["fetch", &invite, "--url", &url, "--ca", &ca];
    let dead = format!("socks5h://127.0.0.1:{}", nginx::free_port());
    for ways in [["--via", "lan"], ["--proxy", &dead]] {
        let told = keeper.fails(&[&named[..], &ways].concat(), 6);
        assert!(told.contains("in its own way") && told.contains("end it"), "{told}");
    }
    // What would be asked past a proxy that only the environment names is not handed over either: no host, and no peer.
    for line in [&named[..], &named[..2]] {
        let output = keeper.command(line).env("ALL_PROXY", &dead).output().unwrap();
        assert_eq!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(scene.nginx.served(), []);
    let done = keeper.ok(&[&named[..], &["--proxy", "none"]].concat());
    assert_eq!(json!([done["sequence"], done["through_node"]]), json!([1, true]), "{done}");
    node.kill();
}

#[test]
fn a_poisoned_file_is_named_and_the_rest_comes_from_a_peer() {
    if !nginx::is_here() {
        return;
    }
    let scene = Scene::new();
    let packs = std::fs::read_dir(Path::new(&scene.folder).join("p")).unwrap();
    let packs = packs.map(|item| item.unwrap().path());
    let pack = packs.max_by_key(|path| path.metadata().unwrap().len()).unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    let name = format!("p/{}", pack.file_name().unwrap().to_str().unwrap());

    let (invite, url, ca) = (scene.publisher.invite(&[]), scene.url(), scene.nginx.ca());
    let keeper = Home::new();
    let node = keeper.mirror(&[&invite], &["--url", &url, "--ca", &ca]);
    let told = node.wait(|event| event["event"] == "host");
    assert_eq!(json!([told["url"], told["file"]]), json!([url, name]), "{told}");
    let here = |home: &Home| home.ok(&["status"])["archives"][0]["complete"].clone();
    assert!(here(&keeper).is_null());
    let peer = scene.publisher.mirror(&[], &[]);
    let done = keeper.ok(&["fetch", &invite, "--address", &peer.address]);
    assert_eq!(done["sequence"], 1, "{done}");
    assert_eq!(here(&keeper), 1);
    let host = hosts(&keeper).remove(0);
    assert_eq!(host["faults"][0]["file"], name.as_str(), "{host}");
    // Most of it had come from the host.
    let archives = keeper.ok(&["status"])["node"]["archives"][0].clone();
    assert!(archives["received"]["bytes"].as_u64().unwrap() > 1_000_000, "{archives}");
}

#[test]
fn a_host_is_asked_through_the_proxy_only_also_after_a_restart_without_one() {
    if !nginx::is_here() {
        return;
    }
    let scene = Scene::new();
    let (invite, ca) = (scene.publisher.invite(&[]), scene.nginx.ca());
    // No resolver knows it: only the proxy can lead there.
    let url = scene.nginx.hidden_url("a");
    let dead = format!("socks5h://u:secret@127.0.0.1:{}", nginx::free_port());
    let keeper = Home::new();
    let node = keeper.mirror(&[&invite], &["--url", &url, "--ca", &ca, "--proxy", &dead]);
    let told = node.wait(|event| event["event"] == "host");
    let why = told["why"].as_str().unwrap();
    assert!(why.contains("proxy") && !why.contains("secret"), "{told}");
    node.kill();
    let node = keeper.mirror(&[&invite], &[]);
    let told = node.wait(|event| event["event"] == "host");
    assert!(told["why"].as_str().unwrap().contains("no proxy now"), "{told}");
    assert_eq!(hosts(&keeper)[0]["proxied"], true);
    let more = keeper.fails(&["fetch", &invite, "--url", &url, "--ca", &ca], 5);
    assert!(more.contains("proxy"), "a host that is followed is asked as it is kept: {more}");
    node.kill();

    // Where there is a proxy it is the way to all hosts, also to those that were kept.
    let name = format!("{}:{}", nginx::HIDDEN, scene.nginx.port);
    let proxy = Socks::start(&[(&name, (Ipv4Addr::LOCALHOST, scene.nginx.port).into())]);
    let node = keeper.mirror(&[&invite], &["--proxy", &proxy.url()]);
    node.wait_complete(1);
    node.kill();
    let asked = proxy.asked();
    assert!(!asked.is_empty() && asked.iter().all(|what| *what == name), "{asked:?}");

    // Neither by the same name without a word about the proxy, nor by the invite, is it asked without it.
    let url = scene.url();
    let node = keeper.mirror(&[&invite], &["--url", &url, "--ca", &ca, "--proxy", &proxy.url()]);
    let told = node.wait(|event| event["event"] == "host" && event["url"] == url.as_str());
    assert!(!told["why"].is_null(), "what is near is not asked for through a proxy: {told}");
    node.kill();
    let asked = proxy.asked();
    assert!(asked.iter().all(|what| *what == name), "{asked:?}");
    scene.release("two");
    let served = scene.nginx.served().len();
    let of_invite =
        scene.publisher.ok(&["invite", "--url", &url])["invite"].as_str().unwrap().to_owned();
    for how in [&["--url", &url][..], &["--web"], &["--web", "--proxy", "none"]] {
        let node = keeper.mirror(&[&of_invite], &[how, &["--ca", &ca]].concat());
        let told = node.wait(|event| event["event"] == "host" && event["url"] == url.as_str());
        assert!(told["why"].as_str().unwrap().contains("no proxy now"), "{how:?}: {told}");
        node.kill();
    }
    assert_eq!(scene.nginx.served().len(), served);
    // Named so, with the word that there is to be none: now that is what was chosen.
    let node = keeper.mirror(&[&invite], &["--url", &url, "--ca", &ca, "--proxy", "none"]);
    node.wait_complete(2);
    node.kill();
    assert_eq!(proxy.asked(), asked);
}

/// With real nodes in this process, because the program looks only every quarter of an hour.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_looked_at_again_by_itself() {
    if !nginx::is_here() {
        return;
    }
    let scene = Scene::new();
    let archive =
        scene.publisher.ok(&["status"])["archives"][0]["archive"].as_str().unwrap().parse();
    let archive = archive.unwrap();
    let states = Arc::new(ArchiveStates::in_memory());
    let host =
        WebHost { url: scene.url(), ca: Some(scene.nginx.ca().into()), ..WebHost::default() };
    let settings = ArchiveSettings { hosts: vec![host], ..ArchiveSettings::default() };
    states.set_settings(&archive, &settings).unwrap();
    let net = NetConfig {
        mdns: false,
        ..NetConfig::mirror(vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()])
    };
    let config = MirrorConfig {
        store: Arc::new(MemoryStore::new()),
        states,
        net,
        timing: Timing::default(),
        heads_every: HEADS_EVERY,
        hosts_every: Duration::from_millis(500),
        beacon: false,
        peers: None,
    };
    let (node, mut news) = mirror::start(config).await.unwrap();
    for n in 1..4 {
        let complete = async {
            loop {
                match news.recv().await.unwrap() {
                    News::Complete { sequence, .. } if sequence == n => return,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, complete).await.unwrap();
        tokio::task::block_in_place(|| scene.release(&n.to_string()));
    }
    node.shutdown().await;
}
