//! The memorial as a folder: pages made from a release, read as a browser would from a stick.

pub mod crawl;

use crate::people::{Options as PeopleOptions, People, Pictures, extras};
use crate::sample::{File, Sample};
use crawl::{crawl, files, unfit};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use yadgar::reader::{ArchiveView, Dispute, ViewInfo};
use yadgar::static_site::{Options, SiteError, Summary, write};
use yadgar::store::{BlockStore, MemoryStore};
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::record::{Graphic, Record, Victim};
use yadgar_protocol::withdraw::Denied;

const DAY: &str = "2026-06-03";
/// As many as the public count of Amnesty's site.
const PEOPLE: usize = 323;
/// The first of them with pictures, which take long to draw.
const WITH_PICTURES: usize = 4;

fn view(sample: &Sample, info: ViewInfo) -> ArchiveView {
    let store = MemoryStore::new();
    let packed =
        |(id, data): (&yadgar_protocol::BlockId, &Vec<u8>)| Packed::plain(id.codec, data.clone());
    store.put(sample.blocks.iter().map(packed).collect()).unwrap();
    ArchiveView::new(Arc::new(store), sample.accepted.clone(), info)
}

fn export(view: &ArchiveView, dir: &Path) -> Result<Summary, SiteError> {
    export_with(view, dir, None, false)
}

fn export_with(
    view: &ArchiveView,
    dir: &Path,
    parts: Option<&[String]>,
    force: bool,
) -> Result<Summary, SiteError> {
    let options = Options { parts, today: DAY, force };
    write(view, dir, &options, &|_, _| {}, &AtomicBool::new(false))
}

/// The people with pictures, drawn once.
fn drawn() -> &'static [(Victim, Option<File>)] {
    static DRAWN: OnceLock<Vec<(Victim, Option<File>)>> = OnceLock::new();
    DRAWN.get_or_init(|| {
        let people =
            People::new(PeopleOptions { seed: 1, pictures: Pictures::Drawn }).take(WITH_PICTURES);
        people.map(|person| (person.victim, person.portrait)).collect()
    })
}

/// People who never lived, incidents and records that are gone. The first picture is one that is hard to bear.
fn parts_of(people: usize) -> (Vec<File>, Vec<File>) {
    let (mut core, mut portraits) = (Vec::new(), Vec::new());
    let mut put = |record: Record| core.push((record.path(), record.encode()));
    let mut hard = Some(Graphic::Strong);
    for (victim, portrait) in drawn().iter().take(people).cloned() {
        let mut victim = victim;
        portraits.extend(portrait);
        if let Some(media) = victim.media.first_mut()
            && let Some(graphic) = hard.take()
        {
            media.graphic = graphic;
        }
        put(Record::Victim(Box::new(victim)));
    }
    let others = People::new(PeopleOptions { seed: 1, pictures: Pictures::None });
    for person in others.take(people).skip(WITH_PICTURES) {
        put(Record::Victim(Box::new(person.victim)));
    }
    extras(1, people as u64).for_each(put);
    (core, portraits)
}

/// A folder of as many people as there may be, made once, and what the export said of it.
fn large() -> &'static (BTreeMap<String, Vec<u8>>, Summary) {
    static LARGE: OnceLock<(BTreeMap<String, Vec<u8>>, Summary)> = OnceLock::new();
    LARGE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let done = export(&view(&fictional(PEOPLE), ViewInfo::default()), dir.path()).unwrap();
        (files(dir.path()), done)
    })
}

fn fictional(people: usize) -> Sample {
    let (core, portraits) = parts_of(people);
    Sample::new("Memorial (fictional)", 1, &[("core", core), ("portraits", portraits)])
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The pages that say something: all but the choice of the language and the blank one.
fn pages(files: &BTreeMap<String, Vec<u8>>) -> impl Iterator<Item = (&String, &str)> {
    let says = |name: &str| name.ends_with(".html") && name.contains('/');
    files.iter().filter(move |(name, _)| says(name)).map(|(name, bytes)| (name, text(bytes)))
}

#[test]
fn every_link_leads_to_a_file_and_none_leads_out() {
    let (found, done) = large();
    let (wrong, reached) = crawl(found);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let lost: Vec<_> = found.keys().filter(|name| !reached.contains(*name)).collect();
    // The licence is for who looks for it; the other two are for programs.
    assert_eq!(lost, ["a/OFL.txt", "head.cbor", "site.json"]);
    assert_eq!(unfit(found), Vec::<String>::new());
    assert!(done.records > PEOPLE as u64 && done.pictures > 0 && done.pictures_not_here == 0);
    assert_eq!(done.written, found.len() as u64);
    for (name, page) in pages(found) {
        let fa = name.starts_with("fa/");
        let fictional = if fa { "نمونه و ساختگی‌اند" } else { "made-up samples" };
        let honest = if fa {
            "مرورگر خودش نمی‌تواند"
        } else {
            "a browser cannot check it"
        };
        assert!(page.contains(fictional) && page.contains(honest), "{name}");
        let titles = ["<title>صفحهٔ محلی</title>", "<title>Local page</title>"];
        assert!(titles.iter().any(|title| page.contains(title)), "{name}");
        assert!(page.contains("http-equiv=\"Content-Security-Policy\""), "{name}");
    }
}

#[test]
fn two_exports_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let view = view(&fictional(30), ViewInfo::default());
    export(&view, &dir.path().join("a")).unwrap();
    export(&view, &dir.path().join("b")).unwrap();
    let found = files(&dir.path().join("a"));
    assert!(found == files(&dir.path().join("b")), "two exports differ");
    let again = export(&view, &dir.path().join("a")).unwrap();
    assert_eq!((again.written, again.removed), (1, 0), "only the first page is written again");
    assert!(found == files(&dir.path().join("a")));
}

#[test]
fn names_are_found_by_lists_and_hard_pictures_wait() {
    let (found, _) = large();
    for lang in ["fa", "en"] {
        let lists = text(&found[&format!("{lang}/find.html")]);
        for list in ["l/0/1.html", "g/p", "g/c", "g/d", "g/a", "g/m", "g/l"] {
            assert!(lists.contains(&format!("href=\"../{lang}/{list}")), "{lang}: {list}");
        }
        // More than one page of names holds leads on, and to where letters begin.
        let wall = text(&found[&format!("{lang}/n/1.html")]);
        assert!(
            wall.contains("n/2.html") && wall.contains("find.html") && wall.contains("l/1/1.html")
        );
    }
    let hard: Vec<_> = found.keys().filter(|name| name.ends_with("-1w.html")).collect();
    assert_eq!(hard.len(), 2, "{hard:?}");
    for warning in hard {
        let person = warning.replace("-1w.html", ".html");
        assert!(!text(&found[&person]).contains("<img"), "{person} shows it at once");
        assert!(!text(&found[warning]).contains("<img"));
        assert!(text(&found[&warning.replace("-1w", "-1")]).contains("<img"));
    }
}

#[test]
fn proofs_hold_what_the_release_holds() {
    let dir = tempfile::tempdir().unwrap();
    let sample = fictional(20);
    let done = export(&view(&sample, ViewInfo::default()), dir.path()).unwrap();
    let found = files(dir.path());
    let proofs: Vec<_> = found.iter().filter(|(name, _)| name.starts_with("proofs/")).collect();
    assert_eq!(proofs.len() as u64, done.proofs);
    for (name, bytes) in proofs {
        let proved = yadgar_protocol::proof::check(bytes).unwrap();
        assert_eq!(proved.head.bytes, found["head.cbor"]);
        let key = name.rsplit('/').next().unwrap();
        assert!(proved.path.as_str().ends_with(key) && proved.file.is_some(), "{name}");
    }
    assert_eq!(found["head.cbor"], sample.accepted.bytes);
}

#[test]
fn what_was_withdrawn_goes_and_what_is_not_ours_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (core, portraits) = parts_of(12);
    let sample = Sample::new("W", 1, &[("core", core.clone()), ("portraits", portraits.clone())]);
    export(&view(&sample, ViewInfo::default()), dir.path()).unwrap();
    let (path, bytes) = core[0].clone();
    let Record::Victim(victim) = Record::decode(&bytes).unwrap() else { panic!("no person") };
    let (name, key) = (victim.primary_name("fa").unwrap().to_owned(), victim.id.to_string());
    let before = files(dir.path());
    let theirs: Vec<_> = before.keys().filter(|name| name.contains(&key)).cloned().collect();
    assert!(theirs.len() >= 4, "{theirs:?}");

    let folder = format!("fa/p/{}", &key[..2]);
    let foreign = ["photo.jpg", "fa/notes.html", &format!("{folder}/mine.html"), "i/list.txt"];
    for name in foreign {
        std::fs::write(dir.path().join(name), "mine").unwrap();
    }
    // One with a name that we might give: what it holds says that it is not ours.
    let other = dir.path().join("fa/n/77.html");
    std::fs::write(&other, "<html>mine").unwrap();
    std::fs::create_dir(dir.path().join("fa/empty")).unwrap();

    // The same files, but two of them denied.
    let gone = [sample.link(&path), sample.link(&portraits[1].0)];
    let parts = [("core", core), ("portraits", portraits.clone())];
    let next = Sample::withdrawing(&sample.accepted, &parts, &gone);
    let mut denied = Denied::none(next.accepted.release.archive);
    denied.add(&next.accepted.release.withdrawn);
    let info = ViewInfo { denied: Some(denied), ..ViewInfo::default() };
    let done = export(&view(&next, info), dir.path()).unwrap();
    assert!(done.removed >= theirs.len() as u64);
    let after = files(dir.path());
    // What is left under its address says that it is gone, and nothing else.
    let left: Vec<_> = after.keys().filter(|name| name.contains(&key)).collect();
    let page = |lang: &str| format!("{lang}/p/{}/{key}.html", &key[..2]);
    assert_eq!(left, [&page("en"), &page("fa")], "{key} is still there");
    for (lang, words) in
        [("en", "This record was withdrawn"), ("fa", "این پرونده پس گرفته شده است")]
    {
        assert!(text(&after[&page(lang)]).contains(words));
        let notices = text(&after[&format!("{lang}/c/1.html")]);
        assert!(notices.contains(words) && notices.contains(&format!("{key}.html")));
    }
    assert!(!pages(&after).any(|(_, page)| page.contains(&name)), "{name} is still named");
    assert!(!after.values().any(|bytes| *bytes == portraits[1].1), "the picture is still there");
    for name in foreign {
        assert_eq!(after[name], b"mine", "{name}");
    }
    assert!(other.exists() && dir.path().join("fa/empty").is_dir());
    assert!(crawl(&after).0.is_empty());
}

#[test]
fn a_stopped_export_is_completed() {
    let dir = tempfile::tempdir().unwrap();
    let view = view(&fictional(40), ViewInfo::default());
    let stop = AtomicBool::new(false);
    let options = Options { parts: None, today: DAY, force: false };
    let halfway = |done, all| {
        assert!(done <= all);
        if done == 20 {
            stop.store(true, Ordering::SeqCst);
        }
    };
    let torn = dir.path().join("torn");
    let error = write(&view, &torn, &options, &halfway, &stop).unwrap_err();
    assert!(matches!(error, SiteError::Stopped), "{error}");
    let half = files(&torn);
    assert!(!half.contains_key("index.html") && half.len() > 20);
    // What a power cut leaves: a name without content, half of a file, a temporary file.
    let mut whole = half.keys().filter(|name| name.starts_with("fa/p/"));
    std::fs::write(torn.join(whole.next().unwrap()), "").unwrap();
    let cut = whole.next().unwrap();
    std::fs::write(torn.join(cut), &half[cut][..half[cut].len() / 2]).unwrap();
    std::fs::write(torn.join("fa/.yadgar-0123456789abcdef"), "x").unwrap();
    export(&view, &torn).unwrap();
    export(&view, &dir.path().join("fresh")).unwrap();
    assert!(files(&torn) == files(&dir.path().join("fresh")));
}

#[test]
fn folders_of_others_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let people = |sequence, name: &str| {
        let sample = Sample::new(name, sequence, &[("core", parts_of(3).0)]);
        view(&sample, ViewInfo::default())
    };
    let first = people(1, "one");
    std::fs::create_dir(at("theirs")).unwrap();
    std::fs::write(at("theirs/letter.txt"), "mine").unwrap();
    let error = export_with(&first, &at("theirs"), None, true).unwrap_err();
    assert!(matches!(error, SiteError::NotOurs(_)), "{error}");
    assert_eq!(files(&at("theirs")).len(), 1);

    // What a system puts on a stick is not somebody's.
    std::fs::create_dir_all(at("stick/System Volume Information")).unwrap();
    export(&people(2, "one"), &at("stick")).unwrap();
    let error = export(&first, &at("stick")).unwrap_err();
    assert!(matches!(error, SiteError::NotOlder { found: 2, ours: 1, .. }), "{error}");
    let error = export(&people(3, "two"), &at("stick")).unwrap_err();
    assert!(matches!(error, SiteError::OtherArchive { .. }), "{error}");
    export_with(&people(3, "two"), &at("stick"), None, true).unwrap();
    assert!(crawl(&files(&at("stick"))).0.is_empty());

    // A file of theirs where one of ours would be, and a folder that leads elsewhere.
    std::fs::write(at("stick/en/find.html"), "my own page").unwrap();
    let error = export(&people(3, "two"), &at("stick")).unwrap_err();
    assert!(matches!(&error, SiteError::InTheWay(name) if name == "en/find.html"), "{error}");
    assert_eq!(std::fs::read(at("stick/en/find.html")).unwrap(), b"my own page");
    export(&first, &at("linked")).unwrap();
    std::fs::rename(at("linked/en"), at("elsewhere")).unwrap();
    std::os::unix::fs::symlink(at("elsewhere"), at("linked/en")).unwrap();
    std::fs::remove_file(at("elsewhere/m.html")).unwrap();
    let error = export(&first, &at("linked")).unwrap_err();
    assert!(matches!(error, SiteError::InTheWay(_)), "{error}");
    assert!(!at("elsewhere/m.html").exists(), "it wrote outside of the folder");
}

#[test]
fn a_part_that_is_left_out_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let view = view(&fictional(6), ViewInfo::default());
    let core = ["core".to_owned()];
    let done = export_with(&view, dir.path(), Some(&core), false).unwrap();
    assert!(done.pictures == 0 && done.pictures_not_here > 0);
    let found = files(dir.path());
    assert!(crawl(&found).0.is_empty());
    assert!(!found.keys().any(|name| name.starts_with("i/")));
    let told = pages(&found)
        .filter(|(name, page)| name.starts_with("en/p/") && page.contains("not on this device"));
    assert_eq!(told.count() as u64, done.pictures_not_here);
    let error = export_with(&view, dir.path(), Some(&["films".to_owned()]), false).unwrap_err();
    assert!(matches!(error, SiteError::NoSuchPart(_)), "{error}");
}

#[test]
fn a_dispute_is_told_on_every_page() {
    let dir = tempfile::tempdir().unwrap();
    let dispute = Dispute { agreed: Some(1), sequences: [2, 2], shown_agreed: true };
    let info = ViewInfo {
        dispute: Some(dispute),
        source: "peer".into(),
        learned: Some("2026-06-02".into()),
        held: 3,
        ..ViewInfo::default()
    };
    export(&view(&fictional(3), info), dir.path()).unwrap();
    let found = files(dir.path());
    for (name, page) in pages(&found) {
        let said = if name.starts_with("fa/") { "مورد اختلاف" } else { "In dispute" };
        assert!(page.contains(said), "{name}");
        // How this device got it, and what waits for its owner, does not travel.
        let own = ["yadgar node held", "2 June 2026", "over the network", "۲ ژوئن ۲۰۲۶"];
        assert!(!own.iter().any(|own| page.contains(own)), "{name}");
    }
}
