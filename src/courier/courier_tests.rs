//! What a courier brings and what it does not, on small archives.
use super::*;
use crate::access::{Access, Adopted};
use crate::carrier::lab::{Lab, noise};
use crate::store::BlockStore as _;
use yadgar_protocol::Codec;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::courier::armour;

const QUOTA: u64 = 64 << 20;

/// An archive with so many releases, each with one record more.
fn lab(releases: u64) -> Lab {
    let mut lab = Lab::new(1);
    for last in 0..releases {
        let names: Vec<String> = (0..=last + 30).map(|n| format!("records/{n:03}.json")).collect();
        let files: Vec<_> =
            names.iter().enumerate().map(|(n, p)| (p.as_str(), noise(50, n as u64))).collect();
        lab.publish(&[("core", &files)]);
    }
    lab
}

/// A home with everything of the lab up to a release.
fn home(lab: &Lab, releases: usize) -> Access {
    let access = Access::in_memory(QUOTA);
    let ids = lab.store.ids_after(None, 10_000).unwrap();
    let blocks = ids.iter().map(|id| lab.store.get_packed(id).unwrap().unwrap());
    access.store.put(blocks.collect()).unwrap();
    for head in &lab.heads[..releases] {
        assert_eq!(access.archives.adopt(&lab.archive, &head.bytes).unwrap(), Adopted::Accepted);
    }
    access
}

/// A home that knows a release and has no block.
fn knows(lab: &Lab, release: usize) -> Access {
    let access = Access::in_memory(QUOTA);
    access.archives.adopt(&lab.archive, &lab.heads[release - 1].bytes).unwrap();
    access
}

fn text(access: &Access, lab: &Lab, back: Back) -> String {
    armour(&write(access, &lab.archive, back).unwrap().bytes).unwrap().join("\n")
}

fn learn(access: &Access, text: &str) -> Learnt {
    let mut reading = take(access, text, false).unwrap();
    assert_eq!((reading.learnt.len(), reading.altered, reading.headless), (1, 0, 0));
    reading.learnt.remove(0)
}

#[test]
fn cou_1_who_is_behind_can_follow() {
    let lab = lab(8);
    let writer = home(&lab, 8);
    for (back, behind) in [(0, 1), (1, 2), (5, 6)] {
        let text = text(&writer, &lab, Back::Most(back));
        let reader = knows(&lab, 8 - behind);
        let learnt = learn(&reader, &text);
        assert_eq!(learnt.adopted, Some(Adopted::Accepted), "{back}");
        assert_eq!(learnt.before, Some(8 - behind as u64));
        assert_eq!(learnt.told.unwrap().sequence, 8);
        assert_eq!(reader.trusted(&lab.archive).unwrap().unwrap().release.sequence, 8);
        assert!(reader.complete(&lab.archive).unwrap().is_none(), "no block came");
        // One more behind, and the chain has a gap.
        let reader = knows(&lab, 8 - behind - 1);
        assert_eq!(learn(&reader, &text).adopted, Some(Adopted::NeedsAncestor));
        assert_eq!(
            reader.trusted(&lab.archive).unwrap().unwrap().release.sequence,
            7 - behind as u64
        );
    }
    let short = write(&writer, &lab.archive, Back::Short).unwrap();
    assert_eq!(short.earlier, 5);
    assert!(short.bytes.len() < 4_000, "{}", short.bytes.len());
    assert_eq!(write(&writer, &lab.archive, Back::Most(99)).unwrap().earlier, 7);
    // Nothing is taken back, and it can be read again.
    let old = text(&knows(&lab, 3), &lab, Back::Short);
    assert_eq!(learn(&writer, &old).adopted, Some(Adopted::Older));
    assert_eq!(learn(&writer, &text(&writer, &lab, Back::Short)).adopted, Some(Adopted::Known));
}

#[test]
fn trust_16_an_unknown_archive_is_for_a_person_to_decide() {
    let lab = lab(1);
    let text = text(&home(&lab, 1), &lab, Back::Short);
    let reader = Access::in_memory(QUOTA);
    let learnt = learn(&reader, &text);
    assert_eq!((learnt.adopted, learnt.archive), (None, lab.archive));
    assert_eq!(learnt.told.unwrap().name, "Lab");
    assert!(reader.archives.list().unwrap().is_empty());
    assert_eq!(reader.store.stats().unwrap().blocks, 0);
    let reading = take(&reader, &text, true).unwrap();
    assert_eq!(reading.learnt[0].adopted, Some(Adopted::Accepted));
    assert!(reader.trusted(&lab.archive).unwrap().is_some());
}

#[test]
fn wd_5_a_notice_travels_ahead_of_the_blocks() {
    let lab = lab(3);
    let gone = lab.link("records/003.json");
    let writer = home(&lab, 3);
    writer.archives.take_notice(&lab.archive, &lab.notice(&[gone])).unwrap();
    let made = write(&writer, &lab.archive, Back::Short).unwrap();
    assert_eq!((made.notices, made.left_out, made.fork), (1, 0, false));
    let text = armour(&made.bytes).unwrap().join("\n");
    // It says release 3; this home has all of release 2 and knows nothing of 3.
    let reader = home(&lab, 2);
    assert!(reader.store.has(&gone).unwrap());
    let learnt = learn(&reader, &text);
    assert_eq!(learnt.adopted, Some(Adopted::Accepted));
    assert_eq!((learnt.bulletin.taken, learnt.bulletin.later), (1, false));
    assert_eq!(learnt.withdrawn.len(), 1);
    assert!(!reader.store.has(&gone).unwrap(), "erased at once");
    let again = learn(&reader, &text);
    assert!(again.withdrawn.is_empty() && again.bulletin.taken == 0);
    // And a home that hears of the archive for the first time.
    let fresh = Access::in_memory(QUOTA);
    let reading = take(&fresh, &text, true).unwrap();
    assert_eq!(reading.learnt[0].withdrawn.len(), 1);
}

#[test]
fn hold_2_a_notice_of_unusually_much_waits() {
    let lab = lab(1);
    let gone: Vec<_> = (0..25).map(|n| lab.link(&format!("records/{n:03}.json"))).collect();
    let writer = home(&lab, 1);
    writer.archives.mark_complete(&lab.archive, &lab.head().bytes).unwrap();
    writer.archives.take_notice(&lab.archive, &lab.notice(&gone)).unwrap();
    let reader = home(&lab, 1);
    reader.archives.mark_complete(&lab.archive, &lab.head().bytes).unwrap();
    let learnt = learn(&reader, &text(&writer, &lab, Back::Short));
    assert_eq!((learnt.held.len(), learnt.withdrawn.len()), (1, 0));
    assert!(gone.iter().all(|id| reader.store.has(id).unwrap()));
}

#[test]
fn trust_24_a_fork_is_told_with_its_proof() {
    let (mut one, mut two) = (lab(2), lab(2));
    one.publish(&[("core", &[("index.html", b"one".to_vec())])]);
    two.publish(&[("core", &[("index.html", b"two".to_vec())])]);
    let writer = home(&one, 3);
    assert_eq!(writer.archives.adopt(&two.archive, &two.head().bytes).unwrap(), Adopted::Fork);
    let made = write(&writer, &one.archive, Back::Short).unwrap();
    assert_eq!((made.fork, made.sequence), (true, 2), "the agreed release is the head");
    let text = armour(&made.bytes).unwrap().join("\n");
    for known in [1, 2, 3] {
        let reader = knows(&one, known);
        let learnt = learn(&reader, &text);
        assert!(learnt.bulletin.fork, "{known}");
        assert_eq!(reader.dispute(&one.archive).unwrap().unwrap().agreed.sequence, 2);
    }
    // Behind the branches by more than the text has: the proof tells, once its chain is there.
    let far = Access::in_memory(QUOTA);
    assert!(take(&far, &text, true).unwrap().learnt[0].bulletin.fork);
}

#[test]
fn car_7_only_what_was_asked_for_is_kept() {
    let lab = lab(2);
    let mut bytes = write(&home(&lab, 2), &lab.archive, Back::Short).unwrap().bytes;
    for data in [b"\xa0".to_vec(), noise(100, 9)] {
        let block = Packed::plain(if data.len() > 1 { Codec::Raw } else { Codec::DagCbor }, data);
        yadgar_protocol::carrier::section(&block.id, &block.data, &mut bytes);
    }
    let reader = knows(&lab, 1);
    let before = reader.store.stats().unwrap().blocks;
    learn(&reader, &armour(&bytes).unwrap().join(""));
    // The payload of release 2.
    assert_eq!(reader.store.stats().unwrap().blocks, before + 1);
}

#[test]
fn what_has_no_head_or_a_wrong_one() {
    let lab = lab(2);
    let reader = knows(&lab, 1);
    let reading = take(&reader, &armour(&noise(500, 1)).unwrap().join("\n"), true).unwrap();
    assert_eq!((reading.headless, reading.learnt.len()), (1, 0));
    // A signature that is not right: the archive's name does not help it.
    let head = &lab.head().bytes;
    let mut wrong = head.clone();
    let signature = lab.head().head.release.signatures[0].1.as_ref();
    let at = memchr::memmem::find(&wrong, signature).unwrap();
    wrong[at] ^= 1;
    let id = yadgar_protocol::BlockId::dag_cbor(&wrong);
    let mut made = yadgar_protocol::carrier::header(&id);
    yadgar_protocol::carrier::section(&id, &wrong, &mut made);
    let learnt = learn(&reader, &armour(&made).unwrap().join("\n"));
    assert!(matches!(learnt.adopted, Some(Adopted::Refused(_))));
    assert!(learnt.told.is_none());
    assert!(take(&reader, &"x".repeat(2_000_000), false).is_err());
    let nothing = Access::in_memory(QUOTA);
    assert!(matches!(write(&nothing, &lab.archive, Back::Short), Err(WriteError::Nothing)));
}

/// How long it gets, for docs/measurements.md: run with `--nocapture`. A withdrawal that waited for room would not
/// be one that travels ahead, so the bounds are held.
#[test]
fn cou_3_what_it_takes_in_messages_and_codes() {
    use crate::share::qr::{MAX_SIDE, codes};
    use yadgar_protocol::bulletin::Bulletin;
    use yadgar_protocol::courier::pieces;
    use yadgar_protocol::limits::MAX_NOTICES;
    let mut lab = Lab::new(1);
    let names: Vec<String> = (0..800).map(|n| format!("records/{n:04}.json")).collect();
    let files: Vec<_> =
        names.iter().enumerate().map(|(n, p)| (p.as_str(), noise(50, n as u64))).collect();
    for _ in 0..6 {
        lab.publish(&[("core", &files)]);
    }
    println!("| earlier releases | notices | bytes | characters | messages | codes |");
    let mut sizes = Vec::new();
    for (back, notices) in [(0, 0), (5, 0), (0, 1), (0, 10), (0, MAX_NOTICES), (5, MAX_NOTICES)] {
        let access = home(&lab, 6);
        let told = names[..notices].iter().map(|name| {
            yadgar_protocol::cbor::decode(&lab.notice(&[lab.link(name)]), 65_536).unwrap()
        });
        let bulletin = Bulletin::new(None, told.collect()).encode();
        let taken = access.archives.take_bulletin(&lab.archive, &bulletin).unwrap();
        assert_eq!(taken.taken, notices, "{taken:?}");
        let made = write(&access, &lab.archive, Back::Most(back)).unwrap();
        assert_eq!((made.notices, made.left_out), (notices, 0));
        let lines = armour(&made.bytes).unwrap();
        let messages = pieces(&lines, 4_000, "\n").unwrap();
        let (bytes, characters) = (made.bytes.len(), messages.join("\n\n").len());
        let codes = codes(&lines, MAX_SIDE).len();
        println!("| {back} | {notices} | {bytes} | {characters} | {} | {codes} |", messages.len());
        sizes.push((messages.len(), codes));
    }
    assert_eq!(sizes[..2], [(1, 1), (2, 3)], "the newest alone is one message and one code");
}
