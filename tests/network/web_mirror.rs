//! An archive comes from a static mirror that nginx serves: whole, in pieces, damaged, through a proxy.

use crate::common;
use crate::nginx;
use crate::static_files;
use crate::strace;
#[path = "web_mirror/proxy.rs"]
mod proxy;

use crate::common::{Home, PATIENCE, film, tree_of};
use crate::nginx::{HIDDEN, Nginx, Served};
use crate::sample::{File, Sample};
use std::path::Path;
use std::time::{Duration, Instant};
use yadgar::store::pack::deflate_together;
use yadgar_protocol::invite::Invite;

/// An archive of 100 records and some large films.
struct Archive {
    files: Vec<File>,
    sample: Sample,
    /// Without an address.
    invite: String,
}

fn archive(name: &str) -> Archive {
    let record = |n: u32| {
        let text = format!("{{\"schema\":\"victim/1\",\"n\":{n},\"of\":\"{name}\"}}");
        (format!("records/r{n:03}.json"), text.into_bytes())
    };
    let core: Vec<File> = (0..100).map(record).collect();
    let media = (0..4).map(|n: u8| (format!("media/film{n}.bin"), film(3_000_000, 20 + n)));
    let media: Vec<File> = media.collect();
    let sample = Sample::new(name, 1, &[("core", core.clone()), ("media", media.clone())]);
    let invite = Invite::new(sample.accepted.release.archive, vec![]).unwrap().to_string();
    Archive { files: [core, media].concat(), sample, invite }
}

impl Archive {
    /// The archive as a folder of the host.
    fn export(&self, nginx: &Nginx, folder: &str) {
        let blocks = self.sample.blocks.iter().map(|(id, bytes)| (*id, bytes.clone())).collect();
        let files = static_files::mirror(&self.sample.accepted, blocks, &mut deflate_together);
        for (name, bytes) in files {
            common::write(&nginx.root().join(folder), &name, &bytes);
        }
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }

    /// Everything of it is in the home.
    fn is_in(&self, home: &Home) {
        let out = home.beside("out");
        home.ok(&["checkout", &out]);
        let written = tree_of(Path::new(&out));
        for (name, bytes) in &self.files {
            let hash = written.iter().find(|(path, _)| path.ends_with(name)).map(|(_, hash)| *hash);
            assert_eq!(hash, Some(blake3::hash(bytes)), "{name}");
        }
    }
}

fn packs(served: &[Served]) -> Vec<&Served> {
    served.iter().filter(|s| s.path.contains("/p/") && s.status == 206).collect()
}

#[test]
fn a_fetch_from_nginx_is_whole_and_goes_on_after_a_kill() {
    if !nginx::is_here() {
        return;
    }
    let archive = archive("web");
    let invite = archive.invite.clone();
    // Slow enough to be killed in the middle.
    let nginx = Nginx::start("limit_rate 1m;");
    archive.export(&nginx, "a");
    let (url, ca) = (nginx.url("a"), nginx.ca());
    let args = ["fetch", &invite, "--url", &url, "--ca", &ca];
    let home = Home::new();
    // Who is not proved is not asked.
    let stranger = home.fails(&["fetch", &invite, "--url", &url], 5);
    assert!(stranger.contains("TLS"), "{stranger}");
    assert!(nginx.served().is_empty());

    let mut running = home.command(&args).spawn().unwrap();
    let end = Instant::now() + PATIENCE;
    while packs(&nginx.served()).iter().map(|s| s.bytes).sum::<u64>() < 4_000_000 {
        assert!(Instant::now() < end && running.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(20));
    }
    // Time for what came to be made durable; the last second's may be lost.
    std::thread::sleep(Duration::from_millis(1500));
    running.kill().unwrap();
    running.wait().unwrap();
    let before = nginx.served().len();
    let done = home.ok(&args);
    let present = done["present_bytes"].as_u64().unwrap();
    assert!(present > 3_000_000, "{done}");
    let total: u64 = archive.bytes();
    let again: u64 = packs(&nginx.served()[before..]).iter().map(|s| s.bytes).sum();
    // Besides the films there are only small things.
    assert!(
        again + present < total + 300_000,
        "{again} came again, {present} were here, {total} in all"
    );
    assert_eq!(done["hosts"][0]["faults"], serde_json::json!([]));
    archive.is_in(&home);
    // Nothing new: the head is asked for, and no pack.
    let before = nginx.served().len();
    home.ok(&args);
    assert!(packs(&nginx.served()[before..]).is_empty());
}

#[test]
fn a_poisoned_pack_is_named_and_another_host_has_what_is_in_it() {
    if !nginx::is_here() {
        return;
    }
    let archive = archive("web");
    let invite = archive.invite.clone();
    let nginx = Nginx::start("");
    archive.export(&nginx, "good");
    archive.export(&nginx, "bad");
    // One byte in the middle of the largest pack.
    let folder = nginx.root().join("bad/p");
    let packs = std::fs::read_dir(&folder).unwrap().map(|item| item.unwrap().path());
    let pack = packs.max_by_key(|path| path.metadata().unwrap().len()).unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    let name = format!("p/{}", pack.file_name().unwrap().to_str().unwrap());
    let (bad, good, ca) = (nginx.url("bad"), nginx.url("good"), nginx.ca());

    let both = Home::new();
    let done = both.ok(&["fetch", &invite, "--url", &bad, "--url", &good, "--ca", &ca]);
    archive.is_in(&both);
    assert_eq!(done["hosts"].as_array().unwrap().len(), 2);
    // Alone it is not enough; all else is here, and the file is named in both languages.
    let alone = Home::new();
    let told = alone.fails(&["fetch", &invite, "--url", &bad, "--ca", &ca], 5);
    assert!(told.contains(&name), "{told}");
    let rest = alone.ok(&["fetch", &invite, "--url", &good, "--ca", &ca]);
    assert!(rest["wire_bytes"].as_u64().unwrap() < 1_000_000, "{rest}");
    archive.is_in(&alone);
}

#[test]
fn a_host_that_knows_no_ranges_serves_too() {
    if !nginx::is_here() {
        return;
    }
    let archive = archive("web");
    let invite = archive.invite.clone();
    let nginx = Nginx::start("max_ranges 0;");
    archive.export(&nginx, "a");
    let home = Home::new();
    home.ok(&["fetch", &invite, "--url", &nginx.url("a"), "--ca", &nginx.ca()]);
    archive.is_in(&home);
    // Each pack once or twice, not once for each question.
    let served = nginx.served();
    let bytes: u64 = served.iter().filter(|s| s.path.contains("/p/")).map(|s| s.bytes).sum();
    assert!(bytes < 3 * archive.bytes(), "{bytes}");
}

/// With a proxy there is no connection, and no question for a name, but to it.
#[test]
fn through_a_proxy_nothing_else_is_dialled() {
    if !nginx::is_here() || !strace::is_here() {
        return;
    }
    let archive = archive("web");
    // The invite has the address of a peer, too.
    let peer = vec!["/ip4/127.0.0.1/tcp/9".to_owned()];
    let invite = Invite::new(archive.sample.accepted.release.archive, peer).unwrap().to_string();
    let nginx = Nginx::start("");
    archive.export(&nginx, "a");
    let (url, ca) = (nginx.hidden_url("a"), nginx.ca());
    let proxy = proxy::start(nginx.port);
    let home = Home::new();
    let by_env = home.command(&["fetch", &invite, "--url", &url, "--ca", &ca]);
    let at = format!("socks5h://127.0.0.1:{}", proxy.port);
    let mut command = {
        let mut command = by_env;
        command.env("ALL_PROXY", &at).env_remove("HTTPS_PROXY").env_remove("https_proxy");
        command
    };
    let log = home.beside("trace");
    let mut traced = strace::traced(&command, Path::new(&log), &["-e", "trace=network"]);
    let ended = traced.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    archive.is_in(&home);
    let expected = format!("{HIDDEN}:{}", nginx.port);
    let asked = proxy.asked();
    assert!(!asked.is_empty() && asked.iter().all(|name| *name == expected), "{asked:?}");
    assert_eq!(elsewhere(&log, proxy.port), Vec::<String>::new());

    // Without the proxy: an error, and nothing is tried past it.
    drop(proxy);
    let home = Home::new();
    command = home.command(&["fetch", &invite, "--url", &url, "--ca", &ca, "--proxy", &at]);
    let port = at.rsplit(':').next().unwrap().parse().unwrap();
    let mut traced = strace::traced(&command, Path::new(&log), &["-e", "trace=network"]);
    let served = nginx.served().len();
    let ended = traced.output().unwrap();
    assert_eq!(ended.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("proxy"));
    assert_eq!(elsewhere(&log, port), Vec::<String>::new());
    assert_eq!(nginx.served().len(), served);
    // A peer that is near is neither asked for through it nor past it.
    let near =
        ["fetch", &invite, "--url", &url, "--proxy", &at, "--address", "/ip4/127.0.0.1/tcp/9"];
    let said = home.fails(&near, 5);
    assert!(said.contains("what is near is not asked for through a proxy"), "{said}");
}

/// Calls that lead to the internet and not to this port, and sockets that listen.
fn elsewhere(log: &str, port: u16) -> Vec<String> {
    let log = std::fs::read_to_string(log).unwrap();
    let port = format!("htons({port})");
    assert!(log.contains(&port), "the trace is empty");
    let leads = |line: &&str| {
        let calls = ["connect(", "sendto(", "sendmsg(", "sendmmsg(", "bind(", "listen("];
        calls.iter().any(|call| line.contains(call))
    };
    let inet = |line: &&str| line.contains("AF_INET") || line.contains("listen(");
    log.lines().filter(leads).filter(inet).filter(|l| !l.contains(&port)).map(Into::into).collect()
}

#[test]
fn what_is_no_mirror_of_the_archive_is_said_to_be_none() {
    if !nginx::is_here() {
        return;
    }
    let invite = archive("web").invite;
    let nginx = Nginx::start("");
    archive("other").export(&nginx, "other");
    let (ca, home) = (nginx.ca(), Home::new());
    for (folder, word) in [("other", "another archive"), ("nowhere", "404")] {
        let told = home.fails(&["fetch", &invite, "--url", &nginx.url(folder), "--ca", &ca], 5);
        assert!(told.contains(word), "{told}");
    }
    // Without TLS over the open network, and no address of the web.
    for url in ["http://mirror.example/a/", "ftp://mirror.example/", "/srv/mirror"] {
        home.fails(&["fetch", &invite, "--url", url], 2);
    }
    home.fails(&["fetch", &invite, "--url", &nginx.url("a"), "--proxy", "ssh://127.0.0.1:1"], 2);
}

#[test]
fn an_archive_is_read_while_it_comes_from_a_host() {
    if !nginx::is_here() {
        return;
    }
    let archive = archive("web");
    let invite = archive.invite.clone();
    let nginx = Nginx::start("");
    archive.export(&nginx, "a");
    let home = Home::new();
    let (url, ca) = (nginx.url("a"), nginx.ca());
    let args = ["open", &invite, "--url", &url, "--ca", &ca, "--no-browser", "--json"];
    let node = common::Node::start(home.command(&args));
    node.wait_complete(1);
    node.kill();
    archive.is_in(&home);
    home.fails(&["open", "--url", &url], 2);
}

/// From a maintainer's folder to a reader's home, and on through two releases, with the program's own writer.
#[test]
fn what_export_writes_a_fetch_reads_and_updates_bring_only_what_is_new() {
    if !nginx::is_here() {
        return;
    }
    let publisher = Home::publisher("static");
    let site = publisher.beside("site");
    let site = Path::new(&site);
    common::small_site(site);
    publisher.publish(site);
    let nginx = Nginx::start("");
    let folder = nginx.root().join("a").display().to_string();
    publisher.ok(&["export", "--static", &folder]);
    let (invite, url, ca) = (publisher.invite(&[]), nginx.url("a"), nginx.ca());
    let fetch = ["fetch", &invite, "--url", &url, "--ca", &ca];
    let reader = Home::new();
    reader.ok(&fetch);
    // Two releases, of which the reader meets only the second: the one between comes from the mirror.
    for n in 2..4 {
        common::write(site, "index.html", format!("<html lang=en><p>{n}</html>").as_bytes());
        publisher.publish(site);
        publisher.ok(&["export", "--static", &folder]);
    }
    let done = reader.ok(&fetch);
    assert_eq!(done["sequence"], 3, "{done}");
    assert!(done["wire_bytes"].as_u64().unwrap() < 100_000, "{done}");
    let out = reader.beside("out");
    reader.ok(&["checkout", &out]);
    let written = tree_of(Path::new(&out));
    for (path, hash) in tree_of(site) {
        // Of `index.html` and `en/index.html` the shorter one.
        let named = written.iter().filter(|(name, _)| name.ends_with(&path));
        let here = named.min_by_key(|(name, _)| name.len()).map(|(_, hash)| *hash);
        assert_eq!(here, Some(hash), "{path}");
    }
}

/// A stick with the folder is a source like a host: nobody is asked, also where a proxy is set that is not there.
#[test]
fn a_folder_of_this_machine_is_a_mirror_too() {
    let publisher = Home::publisher("stick");
    let site = publisher.beside("site");
    common::small_site(Path::new(&site));
    publisher.publish(Path::new(&site));
    let stick = publisher.beside("stick");
    publisher.ok(&["export", "--static", &stick]);
    let invite = publisher.invite(&["/ip4/127.0.0.1/tcp/9"]);
    let fetch = ["fetch", &invite, "--url", &stick, "--proxy", "socks5h://127.0.0.1:9"];
    let reader = Home::new();
    let done = reader.ok(&fetch);
    assert_eq!(done["sequence"], 1, "{done}");
    assert_eq!(reader.ok(&["status"])["archives"][0]["complete"], 1);
    // What is damaged is named, with its place.
    let packs = std::fs::read_dir(Path::new(&stick).join("p")).unwrap();
    for pack in packs {
        std::fs::remove_file(pack.unwrap().path()).unwrap();
    }
    let told = Home::new().fails(&fetch, 5);
    assert!(told.contains("file:///") && told.contains("/p/"), "{told}");
    assert!(
        Home::new().fails(&["fetch", &invite, "--url", "/nowhere/at/all"], 2).contains("folder")
    );
}
