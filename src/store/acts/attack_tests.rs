//! What was tried against the bounds by whoever holds enough release keys, and what can go wrong beside.

use super::*;
use yadgar_protocol::Codec;

fn records(count: usize, from: u64) -> Vec<(String, Vec<u8>)> {
    (0..count).map(|n| (record(n), noise(50, from + n as u64))).collect()
}

/// Contents that no release has.
fn unknown(batch: u64, count: u64) -> Vec<BlockId> {
    (0..count).map(|n| BlockId::raw(&(batch * 64 + n).to_le_bytes())).collect()
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

/// Two labs of the same keys and the same first release of 40 records.
fn twins() -> (Lab, Lab) {
    let (mut one, mut two) = (Lab::new(7), Lab::new(7));
    publish(&mut one, &records(40, 0), &[]);
    publish(&mut two, &records(40, 0), &[]);
    (one, two)
}

#[test]
fn trust_24_a_yes_does_not_show_a_disputed_release() {
    let (mut one, mut two) = twins();
    publish(&mut one, &records(5, 0), &[]);
    publish(&mut two, &records(41, 0), &[]);
    let node = Node::new();
    node.fetch(&two);
    node.fetch(&one);
    node.adopt(&one.heads[0]);
    node.complete(&one.heads[0]);
    node.adopt(&one.heads[1]);
    assert!(matches!(node.complete(&one.heads[1]), Completed::Held(_)));
    let act = Hash::from_hex(&node.held(&one)[0].id).unwrap();
    adopt(&node.states, &node.store, &one.archive, &two.head().bytes, &node.store).unwrap();
    // It is on nobody's chain any more, so it waits no longer, and a late yes shows nothing.
    assert_eq!((node.shown(&one), node.held(&one)), (1, vec![]));
    let late = approve(&node.states, &node.store, &one.archive, &act);
    assert!(!matches!(late, Ok(Approved::Done)), "{late:?}");
    assert_eq!(node.shown(&one), 1);
}

#[test]
fn trust_20_a_held_release_that_was_set_aside_waits_no_longer() {
    let mut lab = Lab::new(7);
    publish(&mut lab, &records(40, 0), &[]);
    let node = Node::new();
    node.take(&lab);
    publish(&mut lab, &records(5, 0), &[]);
    assert!(matches!(node.take(&lab), Completed::Held(_)));
    let aside = lab.head().clone();
    lab.rotate(1, 8);
    publish(&mut lab, &records(41, 0), &[]);
    publish(&mut lab, &records(42, 0), &[]);
    node.fetch(&lab);
    node.adopt(lab.head());
    assert_eq!(node.held(&lab), []);
    // Nor is it shown in any other way.
    let shown = mark_complete(&node.states, &node.store, &lab.archive, &aside.bytes);
    assert!(matches!(shown, Err(StoreError::Refused(_))));
    assert_eq!(node.shown(&lab), 1);
    assert_eq!(node.complete(lab.head()), Completed::Shown);
}

#[test]
fn hold_3_a_held_release_that_the_chain_still_has_waits_on() {
    let mut lab = Lab::new(7);
    publish(&mut lab, &records(40, 0), &[]);
    let node = Node::new();
    node.take(&lab);
    publish(&mut lab, &records(5, 0), &[]);
    assert!(matches!(node.take(&lab), Completed::Held(_)));
    publish(&mut lab, &records(6, 0), &[]);
    node.fetch(&lab);
    node.adopt(lab.head());
    assert_eq!(node.held(&lab).len(), 1);
    node.approve(&lab);
    assert_eq!(node.shown(&lab), 2);
}

#[test]
fn hold_3_notices_do_not_push_out_a_release_that_waits() {
    let mut lab = lab(1, 100);
    let node = Node::new();
    node.take(&lab);
    publish(&mut lab, &files(5), &[]);
    assert!(matches!(node.take(&lab), Completed::Held(_)));
    for n in 0..70 {
        assert!(matches!(node.notice(&lab, &unknown(n, 17)), NoticeVerdict::Held(_)));
    }
    let held = node.held(&lab);
    assert_eq!((held.len(), held[0].drops), (MAX_HELD, true));
}

#[test]
fn hold_2_a_large_act_that_waits_does_not_block_a_small_one() {
    let mut lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let many = links(&lab, 20);
    assert!(matches!(node.notice(&lab, &many), NoticeVerdict::Held(_)));
    assert_eq!(node.notice(&lab, &many[3..4]), NoticeVerdict::Taken);
    assert!(!node.has(&many[3]));
    assert_eq!(node.held(&lab)[0].items, 19);
    // Nor does a release that lists all of it, and one more.
    let more = lab.link(&record(30));
    publish(&mut lab, &files(40), &[&many[..], &[more]].concat());
    node.adopt(lab.head());
    assert!(!node.has(&more) && node.has(&many[4]));
    assert_eq!(node.held(&lab).len(), 1);
}

#[test]
fn hold_2_items_that_cover_nothing_are_not_free() {
    let lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    assert_eq!(node.notice(&lab, &unknown(0, 10)), NoticeVerdict::Taken);
    assert!(matches!(node.notice(&lab, &unknown(1, 7)), NoticeVerdict::Held(_)));
    assert_eq!(node.notice(&lab, &unknown(2, 6)), NoticeVerdict::Taken);
    assert!(matches!(node.notice(&lab, &unknown(3, 1)), NoticeVerdict::Held(_)));
    // What is told is what a yes takes away, which is nothing.
    assert!(node.held(&lab).iter().all(|act| (act.records, act.files) == (0, 0)));
    // Records have a bound of their own.
    assert_eq!(node.notice(&lab, &links(&lab, 3)), NoticeVerdict::Taken);
    assert_eq!(denied(&node.states, &lab.archive).unwrap().list().count(), 19);
}

#[test]
fn wd_6_damage_of_another_archive_keeps_nothing_from_being_denied() {
    let (one, other) = (lab(1, 40), lab(2, 40));
    let node = Node::new();
    node.take(&one);
    node.take(&other);
    let path = node.states.proof_path(&other.archive).with_file_name("state");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let gone = one.link(&record(7));
    assert_eq!(node.notice(&one, &[gone]), NoticeVerdict::Taken);
    assert!(denied(&node.states, &one.archive).unwrap().covers(&gone).is_some());
    assert!(bulletin(&node.states, &one.archive).unwrap().is_some());
    // The other one may use it.
    assert!(node.has(&gone));
    let node = node.restart();
    assert!(node.has(&gone));
    let (mut one, film) = (one, other.link("film.webm"));
    assert_eq!(film, one.link("film.webm"));
    publish(&mut one, &files(40)[..40], &[gone]);
    node.adopt(one.head());
    // It can be told again, and the other archive lets go of the block.
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(node.notice(&other, &[gone]), NoticeVerdict::Taken);
    sweep_if_due(&node.states, &node.store, &one.archive).unwrap();
    assert!(!node.has(&gone) && node.has(&film));
}

#[test]
fn wd_6_an_archive_whose_state_is_damaged_does_not_close_the_home() {
    let lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let gone = lab.link(&record(7));
    node.store.broken.store(true, Ordering::SeqCst);
    take_notice(&node.states, &node.store, &lab.archive, &lab.notice(&[gone])).unwrap_err();
    let path = node.states.proof_path(&lab.archive).with_file_name("state");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let node = node.restart();
    assert!(node.has(&gone));
    assert!(denied(&node.states, &lab.archive).unwrap().covers(&gone).is_some());
    std::fs::write(&path, &whole).unwrap();
    assert!(!node.restart().has(&gone));
}

#[test]
fn wd_9_a_notice_whose_erasing_fails_is_passed_on() {
    let lab = lab(1, 40);
    let node = Node::new();
    node.take(&lab);
    let gone = lab.link(&record(7));
    node.store.broken.store(true, Ordering::SeqCst);
    let notice = lab.notice(&[gone]);
    take_notice(&node.states, &node.store, &lab.archive, &notice).unwrap_err();
    assert!(bulletin(&node.states, &lab.archive).unwrap().is_some());
    let node = node.restart();
    assert!(!node.has(&gone));
}

#[test]
fn wd_9_a_notice_outlives_a_trust_root_that_keeps_its_keys() {
    for (release_key, kept) in [(7, true), (8, false)] {
        let mut lab = Lab::new(7);
        publish(&mut lab, &records(40, 0), &[]);
        let node = Node::new();
        node.take(&lab);
        assert_eq!(node.notice(&lab, &links(&lab, 1)), NoticeVerdict::Taken);
        lab.rotate(1, release_key);
        publish(&mut lab, &records(40, 0)[1..], &[]);
        node.fetch(&lab);
        node.adopt(lab.head());
        assert_eq!(bulletin(&node.states, &lab.archive).unwrap().is_some(), kept);
        // Until a release lists it.
        let gone = BlockId::raw(&records(1, 0)[0].1);
        publish(&mut lab, &records(40, 0)[1..], &[gone]);
        node.adopt(lab.head());
        assert_eq!(bulletin(&node.states, &lab.archive).unwrap(), None);
    }
}

#[test]
fn wd_6_both_sides_of_a_dispute_are_looked_through() {
    let (mut one, mut two) = twins();
    publish(&mut one, &records(41, 0), &[]);
    publish(&mut two, &records(42, 0), &[]);
    let node = Node::new();
    node.fetch(&two);
    node.fetch(&one);
    node.adopt(&one.heads[0]);
    node.complete(&one.heads[0]);
    for lab in [&one, &two] {
        let head = &lab.head().bytes;
        adopt(&node.states, &node.store, &lab.archive, head, &node.store).unwrap();
    }
    let gone = two.link(&record(41));
    assert!(node.has(&gone));
    assert_eq!(node.notice(&one, &[gone]), NoticeVerdict::Taken);
    assert!(!node.has(&gone));
}
