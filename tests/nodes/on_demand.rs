//! `yadgar open INVITE`: pages of an archive that is not here yet, with the real program.

mod safe;
mod sources;

use crate::common;
use crate::common::reply::Reply;
use crate::common::{Home, Node, film, small_site, write};
use crate::sample::Sample;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use yadgar::checkout::Arrivals;
use yadgar::demand::OnDemand;
use yadgar::reader::{ArchiveView, Arrival, Lang, ReaderConfig, ViewInfo, serve};
use yadgar::store::{BlockStore, MemoryStore};
use yadgar::sync::Hurry;
use yadgar_protocol::Codec;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::withdraw::Denied;

/// Asks on a connection of its own.
fn get(origin: &str, path: &str, more: &str) -> Reply {
    let at = origin.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(common::PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n{more}\r\n").unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    Reply::parse(&all)
}

/// Where the archived site is, as the entrance says.
fn site_of(entrance: &str, pages: &str) -> String {
    let links = entrance.split("http://127.0.0.1:").skip(1);
    let ports = links.map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap());
    let other = ports.map(|port| format!("http://127.0.0.1:{port}/")).find(|at| at != pages);
    other.expect("a link to the site")
}

fn open(reader: &Home, invite: &str) -> (Node, String) {
    let node = Node::start(reader.command(&["open", invite, "--no-browser", "--json"]));
    let event = node.wait(|e| e["event"] == "serving");
    let url = event["url"].as_str().unwrap().to_owned();
    (node, url)
}

/// Waits for what the pages come to; fails when they never do.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + common::PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

const SLOW: &str = "300KB";

/// A mirror of an archive that takes half a minute to fetch from it, and its film.
fn slow_mirror() -> (Home, Node, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    small_site(folder.path());
    let film = film(9_000_000, 3);
    write(folder.path(), "media/a-film.mp4", &film);
    for n in 0..200 {
        let page = format!("<!doctype html><title>{n}</title><p>page {n}, fictional");
        write(folder.path(), &format!("pages/{n:03}/index.html"), page.as_bytes());
    }
    let publisher = Home::publisher("Coming (fictional)");
    publisher.publish(folder.path());
    let mirror = publisher.mirror(&[], &["--up", SLOW]);
    (publisher, mirror, film)
}

#[test]
fn pages_and_ranges_come_before_the_rest_and_again_after_the_source_went_away() {
    let (publisher, mirror, film) = slow_mirror();
    let invite = publisher.invite(&[&mirror.address]);
    let (reader, start) = (Home::new(), Instant::now());
    let (node, pages) = open(&reader, &invite);

    let entrance = get(&pages, "/en/", "");
    assert_eq!(entrance.status, 200, "{}", entrance.text());
    let still = |reply: &Reply| reply.text().contains("still arriving");
    assert!(still(&entrance) && entrance.text().contains("Coming (fictional)"));
    assert!(get(&pages, "/fa/", "").text().contains("هنوز در راه است"));
    let site = site_of(&entrance.text(), &pages);

    // A page deep in it, and a piece from the middle of the film.
    let page = get(&site, "/pages/117/", "");
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("page 117, fictional"));
    println!("ON DEMAND: a page deep in it after {:.2} s", start.elapsed().as_secs_f64());
    let piece = get(&site, "/media/a-film.mp4", "Range: bytes=5000000-5099999\r\n");
    assert_eq!(piece.status, 206);
    assert!(piece.body == film[5_000_000..5_100_000], "other bytes");
    assert_eq!(get(&site, "/pages/no-such/", "").status, 404);
    let entrance = get(&pages, "/en/", "");
    assert!(still(&entrance), "most of it is not here");

    // The list of names needs all records: it says so, loads itself again, and runs no script.
    let list = get(&pages, "/en/p/", "");
    assert_eq!(list.status, 503);
    assert!(list.header("retry-after").is_some() && still(&list));
    assert!(list.text().contains("http-equiv=\"refresh\""));
    let csp = list.header("content-security-policy").unwrap();
    assert!(csp.contains("script-src 'none'") && !csp.contains("sandbox"));
    assert_eq!(list.header("cache-control"), Some("no-store"));

    println!("ON DEMAND: the source goes away after {:.2} s", start.elapsed().as_secs_f64());
    // The source goes away: what is here stays. It comes back, and all the rest.
    let address = mirror.address.clone();
    mirror.kill();
    assert_eq!(get(&site, "/pages/117/", "").status, 200);
    // What is not here says so, and what to do, and keeps nobody waiting.
    until("the page says that nobody can be reached", || {
        let reply = get(&site, "/media/a-film.mp4", "Range: bytes=8900000-8900999\r\n");
        assert_eq!((reply.status, reply.header("retry-after")), (503, Some("3")));
        reply.text().contains("No source can be reached") && reply.text().contains("--address")
    });
    let _mirror = publisher.mirror(&[], &["--listen", &address]);
    until("the end of the film", || {
        let end = get(&site, "/media/a-film.mp4", "Range: bytes=8900000-8900999\r\n");
        assert!(end.status == 206 || end.header("retry-after").is_some(), "{}", end.status);
        end.status == 206 && end.body == film[8_900_000..8_901_000]
    });
    node.wait_complete(1);
    println!("ON DEMAND: all after {:.2} s", start.elapsed().as_secs_f64());
    assert!(!still(&get(&pages, "/en/", "")));
    assert_eq!(get(&pages, "/en/p/", "").status, 200);
    drop(node);
    assert_eq!(reader.ok(&["verify"])["ok"], true);
}

#[test]
fn a_source_that_is_not_there_yet() {
    let folder = tempfile::tempdir().unwrap();
    small_site(folder.path());
    let publisher = Home::publisher("Later (fictional)");
    publisher.publish(folder.path());
    let mirror = publisher.mirror(&[], &[]);
    let address = mirror.address.clone();
    mirror.kill();

    let reader = Home::new();
    let invite = publisher.invite(&[&address]);
    let (node, pages) = open(&reader, &invite);
    until("the page says that nobody can be reached", || {
        let reply = get(&pages, "/en/", "");
        assert_eq!(reply.status, 503, "{}", reply.text());
        assert!(reply.header("retry-after").is_some());
        reply.text().contains("No source can be reached")
    });
    let _mirror = publisher.mirror(&[], &["--listen", &address]);
    node.wait_complete(1);
    let entrance = get(&pages, "/en/", "");
    assert_eq!(entrance.status, 200);
    assert!(!entrance.text().contains("still arriving"));
    let site = site_of(&entrance.text(), &pages);
    assert_eq!(get(&site, "/en/", "").status, 200);
    drop(node);

    // The next time it is there at once, whoever is away.
    let (_node, pages) = open(&reader, &invite);
    assert_eq!(get(&pages, "/en/", "").status, 200);
}

/// The record that is not here yet and the one that was withdrawn, on a site whose blocks nobody brings.
#[tokio::test]
async fn a_block_that_does_not_come_in_time_and_a_file_that_was_withdrawn() {
    let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let files = vec![file("a.html", "<p>a"), file("gone.html", "<p>gone"), file("z.html", "<p>z")];
    let sample = Sample::new("Coming", 1, &[("core", files)]);
    let id = sample.accepted.release.archive;
    let withdrawn =
        Sample::withdrawing(&sample.accepted, &[("core", vec![])], &[sample.link("gone.html")]);
    let mut denied = Denied::none(id);
    denied.add(&withdrawn.accepted.release.withdrawn);
    let store = Arc::new(MemoryStore::new());
    let absent = sample.link("z.html");
    let here = sample.blocks.iter().filter(|(id, _)| **id != absent);
    store.put(here.map(|(id, data)| Packed::plain(id.codec, data.clone())).collect()).unwrap();
    let hurry = Hurry::default();
    let mut queue = hurry.queue();
    let blocks = OnDemand::new(store.clone(), Arc::default(), hurry).patient(Duration::ZERO);
    let arriving = Some(Arc::new(Arrival::default()));
    let info = ViewInfo { denied: Some(denied), arriving, ..ViewInfo::default() };
    let view = Arc::new(ArchiveView::new(Arc::new(blocks), sample.accepted.clone(), info));
    let config = ReaderConfig { bind: Ipv4Addr::LOCALHOST.into(), port: None, lang: Lang::En };
    let stop = CancellationToken::new();
    let served = serve(config, Arc::new(move || vec![view.clone()]), stop.clone()).await.unwrap();
    let site = format!("http://{}/", served.sites[0].1);
    let ask = |path: &'static str| {
        let site = site.clone();
        tokio::task::spawn_blocking(move || get(&site, path, ""))
    };
    assert_eq!(ask("/a.html").await.unwrap().status, 200);
    assert_eq!(ask("/gone.html").await.unwrap().status, 410, "also while it is arriving");
    assert!(queue.try_recv().is_err(), "nobody was told of what is here or withdrawn");
    let late = ask("/z.html").await.unwrap();
    assert_eq!((late.status, late.header("retry-after")), (503, Some("3")));
    assert!(late.text().contains("still arriving") && late.text().contains("هنوز در راه است"));
    store.put(vec![Packed::plain(absent.codec, sample.blocks[&absent].clone())]).unwrap();
    assert_eq!(ask("/z.html").await.unwrap().body, b"<p>z");
    stop.cancel();
}

/// Whoever watches a piece of a film has that piece fetched, a little of what comes behind it, and the way there.
#[test]
fn a_range_asks_for_its_own_blocks_and_a_little_behind() {
    let bytes = film(9_000_000, 3);
    let files = vec![("film.webm".to_owned(), bytes.clone())];
    let sample = Sample::new("Range", 1, &[("core", files)]);
    let (store, arrivals, hurry) =
        (Arc::new(MemoryStore::new()), Arc::new(Arrivals::default()), Hurry::default());
    let mut queue = hurry.queue();
    let blocks = OnDemand::new(store.clone(), arrivals.clone(), hurry);
    let arriving = Some(Arc::new(Arrival::default()));
    let info = ViewInfo { arriving, ..ViewInfo::default() };
    let view = ArchiveView::new(Arc::new(blocks), sample.accepted.clone(), info);
    let whole: Vec<_> = sample.blocks.keys().filter(|id| id.codec == Codec::Raw).collect();
    let asked = std::thread::scope(|scope| {
        let read = scope.spawn(|| {
            let entry = view.find(&yadgar_protocol::Path::new("film.webm").unwrap()).unwrap();
            let piece = view.read(&entry.unwrap(), 5_000_000, 5_100_000).unwrap();
            // Nobody is told any more.
            drop(view);
            piece
        });
        // Brings what is asked for, as a source would.
        let mut asked = std::collections::BTreeSet::new();
        while !read.is_finished() {
            while let Ok((id, _)) = queue.try_recv() {
                if asked.insert(id) {
                    let block = Packed::plain(id.codec, sample.blocks[&id].clone());
                    store.put(vec![block]).unwrap();
                }
            }
            arrivals.came();
            std::thread::yield_now();
        }
        assert!(read.join().unwrap() == bytes[5_000_000..5_100_000], "other bytes");
        while let Ok((id, _)) = queue.try_recv() {
            asked.insert(id);
        }
        asked
    });
    let chunks = asked.iter().filter(|id| id.codec == Codec::Raw);
    let bytes: usize = chunks.clone().map(|id| sample.blocks[id].len()).sum();
    println!("ON DEMAND: {} of {} blocks for a piece of a film", chunks.count(), whole.len());
    // The piece, 1 MiB behind it, and the rest of the first and the last block of that.
    let most = 100_000 + (1 << 20) + 2 * yadgar_protocol::limits::CHUNK_MAX;
    assert!((100_000 + (1 << 20)..=most).contains(&bytes), "{bytes}");
}

#[test]
fn what_cannot_be_followed_is_said_before_anything_is_shown() {
    let publisher = Home::publisher("Nowhere (fictional)");
    let invite = publisher.invite(&[]);
    let reader = Home::new();
    let text = reader.fails(&["open", &invite, "--no-browser"], 5);
    assert!(text.contains("--address"), "{text}");
    reader.fails(&["open", "yadgar:nonsense", "--no-browser"], 2);
    reader.fails(&["open", "--address", "/ip4/127.0.0.1/tcp/9", "--no-browser"], 2);
}
