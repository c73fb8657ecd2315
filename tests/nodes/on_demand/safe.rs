//! What must never be shown, and what must come all the same, while pages arrive.

use super::sources::{Source, Way, invite};
use super::{get, open, site_of, until};
use crate::common::Home;
use crate::nets::noise;
use crate::sample::{File, Sample};
use std::path::Path;
use yadgar_protocol::BlockId;

fn page(path: &str, words: &str) -> File {
    (path.to_owned(), format!("<!doctype html><title>x</title><p>{words}, fictional").into_bytes())
}

/// A site of some pages, and a film of which one block is nowhere: it never comes to an end.
fn endless(name: &str, more: Vec<File>) -> (Sample, BlockId) {
    let pages = (0..30).map(|n| page(&format!("pages/{n:02}.html"), &format!("page {n}")));
    let files = pages.chain(more).chain([page("index.html", name)]).collect();
    let film = vec![("film/long.webm".into(), noise(5, 2_000_000))];
    let sample = Sample::new(name, 1, &[("core", files), ("media", film)]);
    let last = sample.blocks.iter().max_by_key(|(_, bytes)| bytes.len()).map(|(id, _)| *id);
    (sample, last.unwrap())
}

/// Everything below a folder, as it lies there.
fn raw(dir: &Path, into: &mut Vec<u8>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            raw(&path, into);
        } else if path.is_file() {
            into.extend(std::fs::read(&path).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_bulletin_withdraws_goes_also_when_its_blocks_came_before() {
    let secret = noise(77, 3000);
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let files = vec![page("gone.html", &hex), page("never.html", &format!("never {hex}"))];
    let (sample, absent) = endless("Withdrawn (fictional)", files);
    let gone = [sample.link("gone.html"), sample.link("never.html")];
    let holder = Source::of(&sample).lacking([absent]).run(true).await;
    let late = Source::of(&sample).lacking([absent]).telling(&sample.notice(&gone));
    let late = late.run(false).await;
    let reader = Home::new();
    let link = invite(sample.accepted.release.archive, &[&holder, &late]);
    let (node, pages) = open(&reader, &link);
    let site = site_of(&get(&pages, "/en/", "").text(), &pages);
    let before = get(&site, "/gone.html", "");
    assert!(before.status == 200 && before.text().contains(&hex), "{}", before.status);

    late.speaks.send_replace(true);
    until("the page is gone", || get(&site, "/gone.html", "").status == 410);
    for (path, more) in
        [("/gone.html", ""), ("/gone.html", "Range: bytes=0-9\r\n"), ("/never.html", "")]
    {
        let reply = get(&site, path, more);
        assert_eq!(reply.status, 410, "{path} {more}");
        assert!(!reply.text().contains(&hex[..64]));
    }
    assert_eq!(get(&site, "/pages/07.html", "").status, 200);
    assert!(get(&pages, "/en/", "").text().contains("still arriving"));
    // In no file either, once whoever put blocks has ended.
    drop(node);
    reader.ok(&["status"]);
    let mut all = Vec::new();
    raw(&reader.path(), &mut all);
    for part in [hex.as_bytes(), &secret[..]] {
        assert!(memchr::memmem::find(&all, &part[..64]).is_none(), "its bytes are in the home");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hold_3_a_release_that_drops_too_much_is_fetched_and_not_shown() {
    let record = |n: u32| (format!("records/{n}.json"), format!("invented {n}").into_bytes());
    let files: Vec<File> = (0..40).map(record).chain([page("index.html", "the first")]).collect();
    let first = Sample::new("Held (fictional)", 1, &[("core", files)]);
    let emptied = vec![page("index.html", "emptied"), page("new.html", "emptied")];
    let second = Sample::after(&first.accepted, &[("core", emptied)]);
    let archive = first.accepted.release.archive;
    let reader = Home::new();
    let source = Source::of(&first).run(true).await;
    let (node, _) = open(&reader, &invite(archive, &[&source]));
    node.wait_complete(1);
    drop(node);

    let source = Source::of(&second).run(true).await;
    let (node, pages) = open(&reader, &invite(archive, &[&source]));
    let entrance = get(&pages, "/en/", "").text();
    let site = site_of(&entrance, &pages);
    let shows_the_first = || {
        let home = get(&site, "/", "");
        assert!(home.status == 200 && home.text().contains("the first"), "{}", home.status);
        assert_eq!(get(&site, "/new.html", "").status, 404);
    };
    shows_the_first();
    let event = node.wait(|event| event["event"] == "complete");
    assert_eq!((&event["sequence"], event["held"].is_string()), (&2.into(), true), "{event}");
    shows_the_first();
    assert!(get(&pages, "/en/", "").text().contains("would take away unusually much"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_24_a_dispute_that_shows_meanwhile_takes_the_pages_away() {
    let base = Sample::new("Dispute (fictional)", 1, &[("core", vec![page("index.html", "one")])]);
    let side = |words: &str, seed| {
        let film = vec![("film/long.webm".into(), noise(seed, 2_000_000))];
        let core = vec![page("index.html", words), page("other.html", words)];
        Sample::after(&base.accepted, &[("core", core), ("media", film)])
    };
    let (left, right) = (side("the left", 5), side("the right", 6));
    let absent = |sample: &Sample| {
        let longest = sample.blocks.iter().max_by_key(|(_, bytes)| bytes.len());
        *longest.unwrap().0
    };
    let holder = Source::of(&left).lacking([absent(&left)]).run(true).await;
    let other = Source::of(&right).lacking([absent(&right)]).run(false).await;
    let reader = Home::new();
    let link = invite(base.accepted.release.archive, &[&holder, &other]);
    let (_node, pages) = open(&reader, &link);
    let site = site_of(&get(&pages, "/en/", "").text(), &pages);
    assert!(get(&site, "/", "").text().contains("the left"));

    other.speaks.send_replace(true);
    until("neither side is shown", || get(&site, "/", "").status != 200);
    for path in ["/", "/other.html"] {
        let reply = get(&site, path, "");
        assert_eq!(reply.status, 503, "{path}");
        assert!(!reply.text().contains("the left") && !reply.text().contains("the right"));
    }
    let entrance = get(&pages, "/en/", "");
    assert_eq!(entrance.status, 503);
    assert!(entrance.text().contains("contradict each other"), "{}", entrance.text());
    assert!(get(&pages, "/fa/", "").text().contains("با هم نمی‌خوانند"));
}

/// One hangs, one lies, and the third has more than enough to do: a page whose block was asked of the one that
/// hangs comes from the third all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_hangs_and_one_that_lies_cost_a_page_a_bounded_number_of_tries() {
    let name = |n: u32| format!("many/{n:04}.html");
    let many = (0..3000).map(|n| page(&name(n), &format!("page {n}")));
    let many = many.chain([page("index.html", "start")]).collect();
    let sample = Sample::new("Hostile (fictional)", 1, &[("core", many)]);
    let hung = Source::of(&sample).way(Way::Hung).run(true).await;
    let liar = Source::of(&sample).way(Way::Lies).run(true).await;
    let slow = Source::of(&sample).way(Way::Slow).run(true).await;
    let all = [&hung, &liar, &slow];
    let reader = Home::new();
    let (_node, pages) = open(&reader, &invite(sample.accepted.release.archive, &all));
    let site = site_of(&get(&pages, "/en/", "").text(), &pages);
    let links: Vec<_> = (0..3000).map(|n| (name(n), sample.link(&name(n)))).collect();
    let mut stuck = None;
    until("the one that hangs is asked for a page, or nobody has to", || {
        let held = links.iter().find(|(_, link)| hung.wants(link) > 0 && slow.wants(link) == 0);
        stuck = held.cloned();
        // Or the third was asked for everything before, and nothing hangs on the others.
        stuck.is_some() || links.iter().all(|(_, link)| slow.wants(link) > 0)
    });
    let (path, link) = stuck.unwrap_or_else(|| links[2_000].clone());
    let mut loads = 0;
    until("the page comes", || {
        loads += 1;
        let reply = get(&site, &format!("/{path}"), "");
        assert!(reply.status == 200 || reply.header("retry-after").is_some());
        reply.status == 200 && reply.text().contains(", fictional")
    });
    let tries: Vec<u32> = all.iter().map(|source| source.wants(&link)).collect();
    println!("ON DEMAND: {loads} loads, wanted {tries:?} times of each source");
    assert!(loads <= 4 && tries.iter().sum::<u32>() <= 6, "{loads} {tries:?}");
    // Who lied was banned for its first answer.
    let lied: u32 = liar.wanted.lock().unwrap().values().sum();
    assert!(lied <= 1024, "{lied}");
}
