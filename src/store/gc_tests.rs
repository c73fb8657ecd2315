//! What is kept stays readable, what is not kept is gone from the files, and a fetch stops the collection.

use super::*;
use crate::carrier::lab::Lab;
use crate::store::adopt::adopt;
use crate::store::complete::mark_complete;
use crate::store::disk::ScanEvent;
use crate::store::{DiskStore, StoreOptions};
use crate::survey::survey;
use std::sync::Arc;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::trust::Accepted;

struct Home {
    _dir: tempfile::TempDir,
    states: Arc<ArchiveStates>,
    store: DiskStore,
    lab: Lab,
}

fn text(n: u32, release: u32) -> (String, Vec<u8>) {
    (format!("texts/{n:03}"), format!("invented text {n} of {release} ").repeat(40).into_bytes())
}

/// Three releases; of each only the last fifth of the files is its own.
fn home() -> (Home, Vec<Accepted>) {
    let dir = tempfile::tempdir().unwrap();
    let states = Arc::new(ArchiveStates::open(&dir.path().join("archives")).unwrap());
    let options = StoreOptions { segment_bytes: 30_000, ..StoreOptions::default() };
    let store = DiskStore::open(&dir.path().join("store"), options).unwrap();
    let mut lab = Lab::new(7);
    let mut heads = Vec::new();
    for release in 1..=3 {
        let files: Vec<_> = (0..50).map(|n| text(n, if n < 40 { 0 } else { release })).collect();
        let files: Vec<(&str, Vec<u8>)> =
            files.iter().map(|(path, data)| (path.as_str(), data.clone())).collect();
        heads.push(lab.publish(&[("core", &files)]).clone());
    }
    (Home { _dir: dir, states, store, lab }, heads)
}

impl Home {
    fn take(&self, head: &Accepted, leave_out: impl Fn(&BlockId) -> bool) {
        for id in blocks(&self.lab, head) {
            if !leave_out(&id) {
                let block: Packed = self.lab.store.get_packed(&id).unwrap().unwrap();
                self.store.put(vec![block]).unwrap();
            }
        }
        adopt(&self.states, &self.store, &self.lab.archive, &head.bytes, &self.lab.store).unwrap();
        self.store.flush().unwrap();
    }

    fn complete(&self, head: &Accepted) {
        mark_complete(&self.states, &self.store, &self.lab.archive, &head.bytes).unwrap();
    }

    fn gc(&self, keep_releases: Option<u64>) -> GcReport {
        let options = GcOptions { keep_releases, dry_run: false };
        collect(&self.states, &self.store, &options).unwrap()
    }

    fn is_whole(&self, head: &Accepted) -> bool {
        let denied = acts::denied(&self.states, &self.lab.archive).unwrap();
        survey(&self.store, &head.release, None, &denied, &mut |_| {}).unwrap().is_whole()
    }
}

/// Every block of a release.
fn blocks(lab: &Lab, head: &Accepted) -> Vec<BlockId> {
    let states = ArchiveStates::in_memory();
    let denied = yadgar_protocol::withdraw::Denied::none(lab.archive);
    let mut ids = Vec::new();
    reach::mark(&states, &lab.store, &head.release, &denied, &mut |id| ids.push(*id)).unwrap();
    ids
}

#[test]
fn earlier_releases_stay_and_junk_goes() {
    let (home, heads) = home();
    home.take(&heads[0], |_| false);
    home.complete(&heads[0]);
    // The second was given up half way: of what is new in it the most is missing.
    let first = blocks(&home.lab, &heads[0]);
    let new: Vec<_> =
        blocks(&home.lab, &heads[1]).into_iter().filter(|id| !first.contains(id)).collect();
    home.take(&heads[1], |id| id.codec == Codec::Raw && new.iter().rev().take(8).any(|n| n == id));
    home.take(&heads[2], |_| false);
    home.complete(&heads[2]);
    let stray = Packed::plain(Codec::Raw, b"junk that nothing names".to_vec());
    home.store.put(vec![stray.clone()]).unwrap();
    let options = GcOptions { keep_releases: None, dry_run: true };
    let would = collect(&home.states, &home.store, &options).unwrap();
    assert!(home.store.has(&stray.id).unwrap());
    let done = home.gc(None);
    assert_eq!((done.blocks_erased, done.blocks_kept), (would.blocks_erased, would.blocks_kept));
    assert_eq!((done.releases_kept, done.releases_dropped), (2, 1));
    assert!(done.blocks_erased > 2 && done.bytes_erased > 0 && !done.interrupted, "{done:?}");
    assert!(!home.store.has(&stray.id).unwrap());
    assert!(home.is_whole(&heads[0]) && home.is_whole(&heads[2]) && !home.is_whole(&heads[1]));
    assert!(home.store.scan(&mut |_| {}).unwrap().is_clean());
    assert_eq!(home.gc(None).blocks_erased, 0);
    // Only the newest: the payloads of the others stay.
    let done = home.gc(Some(1));
    assert!(done.blocks_erased > 5, "{done:?}");
    assert!(home.is_whole(&heads[2]) && !home.is_whole(&heads[0]));
    for head in &heads {
        let payload = BlockId { codec: Codec::DagCbor, hash: head.release_hash() };
        assert!(home.store.has(&payload).unwrap());
    }
}

#[test]
fn what_is_being_fetched_is_kept() {
    let (home, heads) = home();
    home.take(&heads[0], |_| false);
    home.complete(&heads[0]);
    let all = blocks(&home.lab, &heads[1]);
    let missing = *all.iter().rfind(|id| id.codec == Codec::Raw).unwrap();
    home.take(&heads[1], |id| *id == missing);
    let stray = Packed::plain(Codec::Raw, b"junk that nothing names".to_vec());
    home.store.put(vec![stray.clone()]).unwrap();
    {
        let _fetch = acts::Writer::new(&home.states, home.lab.archive);
        let done = home.gc(None);
        assert!(done.interrupted && done.blocks_erased == 0);
    }
    let is_let = |begun| acts::while_quiet(&home.states, begun, || Ok(true), || Ok(())).unwrap();
    let (begun, _) = acts::quiet(&home.states).unwrap();
    drop(acts::Writer::new(&home.states, home.lab.archive));
    assert!(is_let(begun).is_none());
    // One that rests lets it go on, for as long as it does.
    let writer = acts::Writer::new(&home.states, home.lab.archive);
    assert!(acts::quiet(&home.states).is_none());
    writer.rest(&heads[1].release);
    let (begun, awaited) = acts::quiet(&home.states).unwrap();
    assert_eq!(awaited, [heads[1].release.clone()]);
    assert!(is_let(begun).is_some());
    writer.go_on();
    assert!(is_let(begun).is_none() && acts::quiet(&home.states).is_none());
    writer.rest(&heads[1].release);
    drop(writer);
    assert!(acts::quiet(&home.states).unwrap().1.is_empty());
    let done = home.gc(Some(1));
    assert_eq!((done.blocks_erased, done.releases_kept), (1, 2));
    assert!(all.iter().all(|id| *id == missing || home.store.has(id).unwrap()));
}

#[test]
fn a_shown_release_that_is_damaged_stops_it() {
    let (home, heads) = home();
    home.take(&heads[0], |_| false);
    home.complete(&heads[0]);
    home.store.erase(&[heads[0].release.parts[0].root]).unwrap();
    let refused = collect(&home.states, &home.store, &GcOptions::default());
    assert!(matches!(refused, Err(StoreError::Damaged(_))));
    assert!(home.store.stats().unwrap().blocks > 40);
}

/// Flips a bit of a block on the disk.
fn rot(home: &Home, block: &BlockId) {
    let mut place = None;
    home.store
        .scan(&mut |event| {
            if let ScanEvent::Good { segment, offset, len, id, .. } = event
                && id.hash == block.hash
            {
                place = Some((segment, offset + len - 5));
            }
        })
        .unwrap();
    let (segment, at) = place.unwrap();
    let path = home._dir.path().join(format!("store/segments/{segment:08}.seg"));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[usize::try_from(at).unwrap()] ^= 0x10;
    std::fs::write(&path, bytes).unwrap();
}

/// Two releases that are here whole, each with an invented film of its own.
fn films() -> (Home, [Accepted; 2]) {
    let (mut home, _) = home();
    let heads = [1, 2].map(|release| {
        let film = crate::carrier::lab::noise(900_000, release);
        home.lab.publish(&[("core", &[("film.webm", film), ("text", vec![7; 500])])]).clone()
    });
    for head in &heads {
        home.take(head, |_| false);
        home.complete(head);
    }
    (home, heads)
}

fn refusal(home: &Home, keep_releases: Option<u64>) -> String {
    let options = GcOptions { keep_releases, dry_run: false };
    let before = home.store.stats().unwrap().blocks;
    let Err(StoreError::Damaged(why)) = collect(&home.states, &home.store, &options) else {
        panic!("it went on");
    };
    // But for the damaged block itself.
    assert!(home.store.stats().unwrap().blocks + 1 >= before);
    assert!(why.contains(NOT_WHOLE), "{why}");
    why
}

#[test]
fn a_rotten_node_of_an_earlier_release_stops_it() {
    let (home, heads) = films();
    let path = yadgar_protocol::Path::new("film.webm").unwrap();
    let part = &heads[0].release.parts[0];
    let list = yadgar_protocol::tree::get(&home.lab.store, part, &path).unwrap().unwrap().link();
    assert_eq!(list.codec, Codec::DagCbor);
    // The list of a film: everything else of that release is here.
    rot(&home, &list);
    let why = refusal(&home, None);
    assert!(why.contains(&list.hash.to_hex()), "{why}");
    refusal(&home, Some(2));
    // It came again.
    home.store.put(vec![home.lab.store.get_packed(&list).unwrap().unwrap()]).unwrap();
    home.store.flush().unwrap();
    home.gc(None);
    assert!(home.is_whole(&heads[0]) && home.is_whole(&heads[1]));
    // Whoever does not want it any more says so.
    rot(&home, &list);
    assert!(home.gc(Some(1)).blocks_erased > 2);
    assert!(!home.is_whole(&heads[0]) && home.is_whole(&heads[1]));
}

#[test]
fn a_rotten_root_of_an_earlier_release_stops_it_also_after_a_restart() {
    let (home, heads) = films();
    let root = heads[0].release.parts[0].root;
    // As one that this process never met: only the mirror's note tells it from one that never came.
    home.store.erase(&[root]).unwrap();
    let note = home._dir.path().join("store").join(crate::store::disk::SCRUB_FILE);
    std::fs::write(&note, format!("{{\"lost\":[\"{}\"]}}", root.hash.to_hex())).unwrap();
    refusal(&home, None);
    // The same for the payload of a release that a later one names.
    let payload = BlockId { codec: Codec::DagCbor, hash: heads[0].release_hash() };
    home.store.put(vec![home.lab.store.get_packed(&root).unwrap().unwrap()]).unwrap();
    home.store.erase(&[payload]).unwrap();
    std::fs::write(&note, format!("{{\"lost\":[\"{}\"]}}", payload.hash.to_hex())).unwrap();
    refusal(&home, None);
    home.store.put(vec![home.lab.store.get_packed(&payload).unwrap().unwrap()]).unwrap();
    home.store.flush().unwrap();
    home.gc(None);
    assert!(home.is_whole(&heads[0]) && home.is_whole(&heads[1]));
    // Without a note it is a release that never came.
    std::fs::remove_file(&note).unwrap();
    home.store.erase(&[root]).unwrap();
    home.store.flush().unwrap();
    assert!(home.gc(None).blocks_erased > 2 && home.is_whole(&heads[1]));
}
