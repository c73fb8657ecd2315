//! What was tried against the bounds by whoever holds enough release keys, and what can go wrong beside.

use super::*;
use yadgar_protocol::Codec;

fn records(count: usize, from: u64) -> Vec<(String, Vec<u8>)> {
    (0..count).map(|n| (record(n), noise(50, from + n as u64))).collect()
}

fn links(lab: &Lab, count: usize) -> Vec<BlockId> {
    (0..count).map(|n| lab.link(&record(n))).collect()
}

#[test]
fn hold_2_what_was_replaced_before_weighs_as_much() {
    let mut lab = Lab::new(1);
    let node = Node::new();
    publish(&mut lab, &records(100, 0), &[]);
    node.take(&lab);
    let old = links(&lab, 100);
    // The same paths with other contents: first a few, so that no single release is held.
    for step in [40, 80, 100] {
        let files = [records(step, 9000), records(100, 0)[step..].to_vec()].concat();
        publish(&mut lab, &files, &[]);
        assert_eq!(node.take(&lab), Completed::Shown);
    }
    assert!(matches!(node.notice(&lab, &old[..64]), NoticeVerdict::Held(_)));
    assert!(matches!(node.notice(&lab, &old[64..]), NoticeVerdict::Held(_)));
    assert!(old.iter().all(|id| node.has(id)));
    let waiting: Vec<u64> = node.held(&lab).iter().map(|act| act.records).collect();
    assert_eq!(waiting, [64, 36]);
    // And a release that does it in one go: what it lists is counted before its head is trusted.
    let new = records(100, 20_000);
    publish(&mut lab, &new, &old);
    node.take(&lab);
    assert!(old.iter().all(|id| node.has(id)));
}

#[test]
fn hold_2_the_same_entry_in_many_releases_counts_once() {
    let mut lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    for n in 41..46 {
        publish(&mut lab, &files(n), &[]);
        assert_eq!(node.take(&lab), Completed::Shown);
    }
    assert_eq!(node.notice(&lab, &links(&lab, 3)), NoticeVerdict::Taken);
}

#[test]
fn hold_3_a_release_that_rewrites_most_records_is_held() {
    let mut lab = Lab::new(1);
    let node = Node::new();
    publish(&mut lab, &records(40, 0), &[]);
    node.take(&lab);
    let half = [records(20, 9000), records(40, 0)[20..].to_vec()].concat();
    publish(&mut lab, &half, &[]);
    assert_eq!(node.take(&lab), Completed::Shown);
    publish(&mut lab, &[records(20, 9000), records(40, 5000)[20..].to_vec()].concat(), &[]);
    assert_eq!(node.take(&lab), Completed::Shown);
    publish(&mut lab, &records(40, 7000), &[]);
    assert!(matches!(node.take(&lab), Completed::Held(_)));
    assert_eq!((node.shown(&lab), node.held(&lab)[0].rewritten), (3, 40));
    // Another part does not hide it.
    let files = records(40, 8000);
    let files: Vec<_> = files.iter().map(|(p, d)| (p.as_str(), d.clone())).collect();
    lab.publish(&[("core", &[]), ("people", &files)]);
    assert!(matches!(node.take(&lab), Completed::Held(_)));
    assert_eq!(node.held(&lab)[0].rewritten, 40);
    node.approve(&lab);
    assert_eq!(node.shown(&lab), 5);
}

/// A node that took a notice on the film while a fetch was under way, and the film's chunks.
struct Film {
    lab: Lab,
    dir: tempfile::TempDir,
    states: std::sync::Arc<ArchiveStates>,
    store: Store,
    writer: Writer,
    chunks: Vec<BlockId>,
}

fn film_withdrawn() -> Film {
    let lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let Node { dir, states, store } = node;
    let states = std::sync::Arc::new(states);
    let writer = Writer::new(&states, lab.archive);
    let verdict =
        take_notice(&states, &store, &lab.archive, &lab.notice(&[lab.link("film.webm")])).unwrap();
    assert_eq!(verdict, NoticeVerdict::Taken);
    let mut chunks = Vec::new();
    let mut gone = |id: &BlockId| {
        if id.codec == Codec::Raw && !store.has(id).unwrap() {
            chunks.push(*id);
        }
        std::ops::ControlFlow::Continue(())
    };
    lab.store.all_ids(&mut gone).unwrap();
    assert!(chunks.len() > 1);
    Film { lab, dir, states, store, writer, chunks }
}

fn put(store: &Store, lab: &Lab, ids: &[BlockId]) {
    store.put(ids.iter().map(|id| lab.store.get_packed(id).unwrap().unwrap()).collect()).unwrap();
}

#[test]
fn wd_6_chunks_that_come_after_their_list_was_erased_go_again() {
    let Film { lab, dir: _dir, states, store, writer, chunks } = film_withdrawn();
    let other = Writer::new(&states, lab.archive);
    put(&store, &lab, &chunks);
    drop(writer);
    sweep_if_due(&states, &store, &lab.archive).unwrap();
    // Asked for while a fetch goes on, it stays due.
    sweep(&states, &store, &lab.archive).unwrap();
    assert!(!chunks.iter().any(|id| store.has(id).unwrap()));
    put(&store, &lab, &chunks);
    drop(other);
    sweep_if_due(&states, &store, &lab.archive).unwrap();
    assert!(!chunks.iter().any(|id| store.has(id).unwrap()));
    let acts = &file::load(&states, &lab.archive).unwrap().acts;
    assert!(!acts.sweep && acts.erasing.is_empty(), "nothing is kept on record for longer");
}

#[test]
fn wd_6_late_chunks_go_also_at_the_next_start() {
    let Film { lab, dir, store, chunks, .. } = film_withdrawn();
    put(&store, &lab, &chunks[1..]);
    let states = ArchiveStates::open(dir.path()).unwrap();
    resume(&states, &store).unwrap();
    assert!(!chunks.iter().any(|id| store.has(id).unwrap()));
}

#[test]
fn wd_6_late_chunks_that_another_file_uses_by_now_stay() {
    let Film { mut lab, dir: _dir, states, store, writer, chunks } = film_withdrawn();
    let film = lab.link("film.webm");
    let longer = [noise(400_000, 5000), noise(300_000, 6000)].concat();
    let mut all = files(40);
    all[40] = ("longer.webm".into(), longer);
    publish(&mut lab, &all, &[film]);
    let mut every = Vec::new();
    lab.store
        .all_ids(&mut |id| {
            every.push(*id);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    let denied = denied(&states, &lab.archive).unwrap();
    every.retain(|id| denied.covers(id).is_none());
    put(&store, &lab, &every);
    adopt(&states, &store, &lab.archive, &lab.head().bytes, &store).unwrap();
    drop(writer);
    sweep_if_due(&states, &store, &lab.archive).unwrap();
    let found = crate::survey::survey(&store, &lab.head().release, None, &denied, &mut |_| ());
    assert!(found.unwrap().is_whole());
    assert!(chunks.iter().any(|id| store.has(id).unwrap()), "shared chunks");
    assert!(!chunks.iter().all(|id| store.has(id).unwrap()), "chunks of its own");
}
