//! A mirror whose disk rots finds it by itself and gets back from another mirror what was lost; `yadgar gc` takes away
//! what nothing needs.

use crate::common::{Home as Machine, film, write};
use crate::nets;
use crate::nets::{PATIENCE, config, packed};
use crate::quiet;
use crate::sample::Sample;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use yadgar::node::mirror::{self, MirrorHandle};
use yadgar::node::upkeep::{Pace, ScrubStatus, Upkeep};
use yadgar::store::disk::ScanEvent;
use yadgar::store::gc::{GcOptions, GcReport, collect};
use yadgar::store::{ArchiveStates, BlockStore, DiskStore, StoreOptions, acts};
use yadgar_protocol::Codec;
use yadgar_protocol::blocks::Packed;

/// A scrub that never rests.
const PACE: Pace = Pace {
    rate: u64::MAX,
    round: Duration::ZERO,
    tick: Duration::from_millis(5),
    compact: Duration::from_millis(100),
    save: Duration::from_millis(10),
    mend: Duration::from_millis(100),
};

struct Home {
    dir: tempfile::TempDir,
    store: Arc<DiskStore>,
    states: Arc<ArchiveStates>,
}

impl Home {
    /// Has the release, complete.
    fn new(sample: &Sample) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = StoreOptions { segment_bytes: 400_000, ..StoreOptions::default() };
        let store = Arc::new(DiskStore::open(&dir.path().join("store"), options).unwrap());
        let states = Arc::new(ArchiveStates::open(&dir.path().join("archives")).unwrap());
        let (id, head) = (sample.accepted.release.archive, &sample.accepted.bytes);
        store.put(packed(sample)).unwrap();
        store.flush().unwrap();
        states.set_trusted(&id, head).unwrap();
        states.set_complete(&id, head).unwrap();
        Self { dir, store, states }
    }

    async fn mirror(&self) -> MirrorHandle {
        let config = quiet(self.store.clone(), self.states.clone(), config(false));
        mirror::start(config).await.unwrap().0
    }

    fn position(&self) -> PathBuf {
        self.dir.path().join("store/scrub")
    }

    fn is_clean(&self) -> bool {
        self.store.scan(&mut |_| {}).unwrap().is_clean()
    }
}

fn flip(path: &Path, at: u64) {
    let mut file = std::fs::File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 0x10]).unwrap();
}

async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !is() {
        assert!(tokio::time::Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rot_is_found_and_repaired_from_a_peer() {
    let sample = Sample::new("Test", 1, &[("core", nets::files(1, 900_000))]);
    let id = sample.accepted.release.archive;
    let (well, ill) = (Home::new(&sample), Home::new(&sample));
    let source = well.mirror().await;
    let node = ill.mirror().await;
    let mut settings = ill.states.settings(&id).unwrap();
    settings.addresses.push(source.status().await.unwrap().listening[0].clone());
    ill.states.set_settings(&id, &settings).unwrap();
    node.changed(id).await;

    // The data of two records, and the header of a third one.
    let mut records = Vec::new();
    ill.store
        .scan(&mut |event| {
            if let ScanEvent::Good { segment, offset, len, id, .. } = event {
                records.push((segment, offset, len, id));
            }
        })
        .unwrap();
    let last = records.len() - 1;
    let hurt = [records[3], records[last / 2], records[last]];
    for (n, (segment, offset, len, _)) in hurt.iter().enumerate() {
        let path = ill.dir.path().join(format!("store/segments/{segment:08}.seg"));
        flip(&path, if n == 1 { offset + 20 } else { offset + len - 5 });
    }
    assert!(!ill.is_clean() && hurt.len() == 3);

    // Told nothing: that scan forgot one of them, which the upkeep learns as well.
    let upkeep = Upkeep::start(node.clone(), ill.store.clone(), Some(ill.position()), PACE);
    let status = upkeep.status();
    until("it repairs itself", || status.lock().unwrap().repaired >= 3).await;
    until("the damaged bytes are gone", || ill.is_clean()).await;
    for (_, _, _, block) in hurt {
        assert!(ill.store.get(&block).unwrap().is_some_and(|bytes| block.matches(&bytes)));
    }
    for (block, bytes) in &sample.blocks {
        assert_eq!(ill.store.get(block).unwrap().as_ref(), Some(bytes));
    }
    until("a round ends", || status.lock().unwrap().rounds >= 1).await;
    upkeep.stop().await;
    let kept: ScrubStatus =
        serde_json::from_slice(&std::fs::read(ill.position()).unwrap()).unwrap();
    assert_eq!(kept, *status.lock().unwrap());
    assert_eq!((kept.damaged, kept.repaired), (3, 3));

    // A restart goes on from there.
    let again = Upkeep::start(node.clone(), ill.store.clone(), Some(ill.position()), PACE);
    let status = again.status();
    assert!(status.lock().unwrap().rounds >= kept.rounds);
    again.stop().await;
    node.shutdown().await;
    source.shutdown().await;
}

/// A release that is kept beside the newest one, which no fetch brings again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocks_of_an_earlier_release_are_repaired_too_also_after_a_restart() {
    let first = Sample::new("Test", 1, &[("core", nets::files(1, 300_000))]);
    let second = Sample::after(&first.accepted, &[("core", nets::files(2, 300_000))]);
    let id = first.accepted.release.archive;
    let (well, ill) = (Home::new(&first), Home::new(&first));
    for home in [&well, &ill] {
        home.store.put(packed(&second)).unwrap();
        home.store.flush().unwrap();
        home.states.set_trusted(&id, &second.accepted.bytes).unwrap();
        home.states.set_complete(&id, &second.accepted.bytes).unwrap();
    }
    // Nobody is there yet.
    let node = ill.mirror().await;
    let lost = first.link("records/7.json");
    let mut place = None;
    let mut find = |event| {
        if let ScanEvent::Good { segment, offset, len, id, .. } = event
            && id == lost
        {
            place = Some((segment, offset + len - 5));
        }
    };
    ill.store.scan(&mut find).unwrap();
    let (segment, at) = place.unwrap();
    flip(&ill.dir.path().join(format!("store/segments/{segment:08}.seg")), at);
    let upkeep = Upkeep::start(node.clone(), ill.store.clone(), Some(ill.position()), PACE);
    let status = upkeep.status();
    until("the damage is met", || status.lock().unwrap().lost.len() == 1).await;
    upkeep.stop().await;
    node.shutdown().await;
    assert!(!ill.store.has(&lost).unwrap());

    let source = well.mirror().await;
    let mut settings = ill.states.settings(&id).unwrap();
    settings.addresses.push(source.status().await.unwrap().listening[0].clone());
    ill.states.set_settings(&id, &settings).unwrap();
    let node = ill.mirror().await;
    let upkeep = Upkeep::start(node.clone(), ill.store.clone(), Some(ill.position()), PACE);
    let status = upkeep.status();
    until("it is repaired", || status.lock().unwrap().repaired == 1).await;
    assert_eq!(ill.store.get(&lost).unwrap().as_ref(), Some(&first.blocks[&lost]));
    until("nothing is lost", || status.lock().unwrap().lost.is_empty()).await;
    upkeep.stop().await;
    for node in [node, source] {
        node.shutdown().await;
    }
}

/// A piece of a film rots, and the film is withdrawn before the piece came again: it never does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_withdrawn_is_not_asked_for() {
    let sample = Sample::new("Test", 1, &[("core", nets::files(1, 900_000))]);
    let id = sample.accepted.release.archive;
    let (well, ill) = (Home::new(&sample), Home::new(&sample));
    let film = sample.link("film/large.webm");
    let mut place = None;
    let mut find = |event| {
        if let ScanEvent::Good { segment, offset, len, id, .. } = event
            && id.codec == Codec::Raw
            && sample.blocks[&id].len() > 10_000
        {
            place = Some((segment, offset + len - 5, id));
        }
    };
    ill.store.scan(&mut find).unwrap();
    let (segment, at, piece) = place.unwrap();
    flip(&ill.dir.path().join(format!("store/segments/{segment:08}.seg")), at);
    let node = ill.mirror().await;
    let upkeep = Upkeep::start(node.clone(), ill.store.clone(), Some(ill.position()), PACE);
    let status = upkeep.status();
    until("the damage is met", || status.lock().unwrap().lost.len() == 1).await;
    upkeep.stop().await;
    node.shutdown().await;
    let notice = sample.notice(&[film]);
    acts::take_notice(&ill.states, &*ill.store, &id, &notice).unwrap();
    assert!(!ill.store.has(&film).unwrap() && !ill.store.has(&piece).unwrap());

    // The other one has not heard of it, and would send what it is asked for.
    let source = well.mirror().await;
    let mut settings = ill.states.settings(&id).unwrap();
    settings.addresses.push(source.status().await.unwrap().listening[0].clone());
    ill.states.set_settings(&id, &settings).unwrap();
    let node = ill.mirror().await;
    let upkeep = Upkeep::start(node.clone(), ill.store.clone(), Some(ill.position()), PACE);
    let status = upkeep.status();
    until("it is given up", || status.lock().unwrap().lost.is_empty()).await;
    assert_eq!(status.lock().unwrap().repaired, 0);
    assert!(!ill.store.has(&film).unwrap() && !ill.store.has(&piece).unwrap());
    upkeep.stop().await;
    let kept: ScrubStatus =
        serde_json::from_slice(&std::fs::read(ill.position()).unwrap()).unwrap();
    assert!(kept.lost.is_empty());
    for node in [node, source] {
        node.shutdown().await;
    }
}

/// A mirror knows of a release that nobody offers, and waits: what nothing needs can be collected meanwhile, and the
/// release comes when somebody has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gc_goes_on_beside_a_fetch_that_only_waits() {
    let first = Sample::new("Test", 1, &[("core", nets::files(1, 100_000))]);
    let second = Sample::after(&first.accepted, &[("core", nets::files(2, 100_000))]);
    let (id, home) = (first.accepted.release.archive, Home::new(&first));
    let junk = Packed::plain(Codec::Raw, nets::noise(99, 5000));
    let junk_id = junk.id;
    // A part of the second is here.
    let part = second.link("records/3.json");
    let some = second.blocks.iter().filter(|(id, _)| **id == part || id.codec == Codec::DagCbor);
    let some = some.map(|(id, bytes)| Packed::plain(id.codec, bytes.clone()));
    home.store.put(some.chain([junk]).collect()).unwrap();
    home.store.flush().unwrap();
    home.states.set_trusted(&id, &second.accepted.bytes).unwrap();
    let node = home.mirror().await;
    let mut done = GcReport { interrupted: true, ..GcReport::default() };
    let end = tokio::time::Instant::now() + PATIENCE;
    while done.interrupted {
        assert!(tokio::time::Instant::now() < end, "it is always busy");
        let (states, store) = (home.states.clone(), home.store.clone());
        let gc = move || collect(&states, &*store, &GcOptions::default()).unwrap();
        done = tokio::task::spawn_blocking(gc).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(done.blocks_erased, 1, "{done:?}");
    assert!(!home.store.has(&junk_id).unwrap() && home.store.has(&part).unwrap());
    assert!(first.blocks.keys().all(|id| home.store.has(id).unwrap()));

    let (_net, address) =
        nets::honest(false, nets::memory(packed(&second)), &second.accepted).await;
    let mut settings = home.states.settings(&id).unwrap();
    settings.addresses.push(address.to_string());
    home.states.set_settings(&id, &settings).unwrap();
    node.changed(id).await;
    until("the release comes", || second.blocks.keys().all(|id| home.store.has(id).unwrap())).await;
    node.shutdown().await;
}

/// Bytes of all files of a folder of the home.
fn stored(machine: &Machine) -> u64 {
    bytes_in(machine, "store/segments")
}

fn bytes_in(machine: &Machine, folder: &str) -> u64 {
    let segments = std::fs::read_dir(machine.path().join(folder)).unwrap();
    segments.map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

#[test]
fn gc_keeps_what_is_asked_for() {
    let (site, home) = (tempfile::tempdir().unwrap(), Machine::publisher("Collected (fictional)"));
    write(site.path(), "index.html", b"<html lang=en><p>sample</html>");
    for release in 0..2 {
        for n in 0..20 {
            let invented = film(3000, release * 20 + n);
            write(site.path(), &format!("film/{n}.webm"), &invented);
        }
        home.publish(site.path());
        home.ok(&["export", &home.beside(&format!("{release}.car"))]);
    }
    let before = stored(&home);
    let done = home.ok(&["gc"])["gc"].clone();
    assert_eq!((&done["releases_kept"], &done["blocks_erased"]), (&2.into(), &0.into()), "{done}");
    let would = home.ok(&["gc", "--keep-releases", "1", "--dry-run"])["gc"].clone();
    assert!(would["blocks_erased"].as_u64().unwrap() >= 20, "{would}");
    assert_eq!(stored(&home), before);

    // Through the node that holds the home.
    let mirror = home.mirror(&[], &[]);
    let done = home.ok(&["gc", "--keep-releases", "1"]);
    assert_eq!(done["gc"]["blocks_erased"], would["blocks_erased"], "{done}");
    assert!(stored(&home) < before * 2 / 3, "{} {before}", stored(&home));
    let scrub = home.ok(&["status"])["node"]["scrub"].clone();
    assert_eq!((&scrub["damaged"], &scrub["repaired"]), (&0.into(), &0.into()));
    mirror.kill();
    assert_eq!(home.ok(&["verify"])["ok"], true);
    assert_eq!(home.ok(&["releases"])["releases"].as_array().map(Vec::len), Some(2));
    home.fails(&["gc", "--keep-releases", "0"], 2);

    // An encrypted home.
    let reader = Machine::new();
    let unlock = ["--home-passphrase-file", &reader.pass()];
    reader.ok(&[&["home", "encrypt"], &unlock[..]].concat());
    for release in 0..2 {
        let carrier = home.beside(&format!("{release}.car"));
        reader.ok(&[&["import", &carrier], &unlock[..]].concat());
    }
    let done = reader.ok(&[&["gc"], &unlock[..]].concat());
    assert_eq!(
        (&done["gc"]["releases_kept"], &done["gc"]["blocks_erased"]),
        (&2.into(), &0.into())
    );
    let before = bytes_in(&reader, "data");
    let done = reader.ok(&[&["gc", "--keep-releases", "1"], &unlock[..]].concat());
    assert_eq!(done["gc"]["blocks_erased"], would["blocks_erased"], "{done}");
    let after = bytes_in(&reader, "data");
    assert!(after < before * 2 / 3, "{after} {before}");
    assert_eq!(reader.ok(&[&["verify"], &unlock[..]].concat())["ok"], true);
}
