//! HAVE-5, HAVE-6: what is left out of a carrier, counted in bytes.
use super::super::lab::{Lab, is_whole, noise};
use super::super::{Decision, ExportOptions, ImportOptions, export_with, import};
use super::*;
use crate::store::MemoryStore;
use std::io::Cursor;
use yadgar_protocol::blocks::{Packed, ReadBlocks};

/// Release 1, and release 2 with a changed record, a new one and a new film.
fn two_releases() -> Lab {
    let mut lab = Lab::new(4);
    let names: Vec<String> = (0..120).map(|n| format!("records/r{n:03}.json")).collect();
    let mut core: Vec<_> =
        names.iter().enumerate().map(|(n, p)| (p.as_str(), noise(400, n as u64))).collect();
    let film = ("a.mp4", noise(500_000, 1000));
    lab.publish(&[("core", &core), ("media", std::slice::from_ref(&film))]);
    core[7].1 = noise(410, 7000);
    core.push(("records/x.json", noise(420, 7001)));
    let new_film = ("b.mp4", noise(300_000, 1001));
    lab.publish(&[("core", &core), ("media", &[film, new_film])]);
    lab
}

fn write(lab: &Lab, head: &Accepted, held: &Held) -> Vec<u8> {
    let options = ExportOptions {
        except: Some(&held.blocks),
        after: held.sequence,
        ..ExportOptions::default()
    };
    let mut out = Vec::new();
    export_with(&lab.store, head, options, &mut out, &mut |_| ()).unwrap();
    out
}

/// Takes in a carrier as a home does that has accepted `head`.
fn take(store: &MemoryStore, head: &Accepted, carrier: &[u8]) {
    let mut judge = |_: &[u8], _: &dyn ReadBlocks| Decision::Keep(Box::new(head.clone()));
    let mut input = Cursor::new(carrier);
    import(store, &mut input, ImportOptions::default(), &mut judge, &mut |_| ()).unwrap();
}

fn ask(lab: &Lab, store: &MemoryStore, heads: &[&Accepted]) -> Held {
    let denied = Denied::none(lab.archive);
    let bytes = have(store, lab.archive, heads, None, &denied).unwrap().encode_bounded();
    held_by(&lab.store, &Have::decode(&bytes).unwrap()).unwrap()
}

/// Payload and new blocks of release 2, with a section's header each, and no byte more than the nodes that
/// lead to them.
const NEW_CONTENT: u64 = 410 + 420 + 300_000;

#[test]
fn have_6_two_sticks_carry_only_what_is_missing() {
    let lab = two_releases();
    let (one, two) = (&lab.heads[0], &lab.heads[1]);
    let there = MemoryStore::new();
    take(&there, one, &write(&lab, one, &Held::default()));
    assert!(is_whole(&there, one));
    // A stick with a have file goes one way, one with the carrier comes back.
    let held = ask(&lab, &there, &[one]);
    assert_eq!((held.sequence, held.unknown.len(), held.gaps), (Some(1), 0, 0));
    let carrier = write(&lab, two, &held);
    take(&there, two, &carrier);
    assert!(is_whole(&there, two));
    let (bytes, whole) = (carrier.len() as u64, lab.carrier().len() as u64);
    assert!(bytes > NEW_CONTENT && bytes < NEW_CONTENT + 20_000, "{bytes} of {whole}");
    // The same for a number instead of a file.
    let since = held_since(&lab.store, &one.release, None).unwrap();
    assert_eq!(write(&lab, two, &since).len() as u64, bytes);
    // And when nothing is missing, little more than the head goes: no block of a file.
    let held = ask(&lab, &there, &[two]);
    let carrier = write(&lab, two, &held);
    assert!(carrier.len() < two.bytes.len() + two.head.release.payload.len() + 200);
}

#[test]
fn have_6_after_a_stick_that_was_pulled_out() {
    let lab = two_releases();
    let (one, two) = (&lab.heads[0], &lab.heads[1]);
    for cut in [60_000usize, 250_000, 600_000] {
        let there = MemoryStore::new();
        take(&there, two, &lab.carrier()[..cut]);
        let missing = lab.carrier().len() - cut;
        let carrier = write(&lab, two, &ask(&lab, &there, &[two]));
        take(&there, two, &carrier);
        assert!(is_whole(&there, two), "cut at {cut}");
        // The head again, the block that was cut, and one block in 256 that seems to lack.
        assert!(carrier.len() < missing + 262_144 + 20_000, "{} for {missing}", carrier.len());
    }
    // Half of release 2 on top of all of release 1.
    let there = MemoryStore::new();
    take(&there, one, &write(&lab, one, &Held::default()));
    let nodes_of_two = held_since(&lab.store, &two.release, None).unwrap();
    let some = nodes_of_two.blocks.iter().filter(|id| id.hash.0[0] < 128);
    let some = some.map(|id| Packed::plain(id.codec, lab.store.get(id).unwrap().unwrap()));
    there.put(some.collect()).unwrap();
    let carrier = write(&lab, two, &ask(&lab, &there, &[two, one]));
    take(&there, two, &carrier);
    assert!(is_whole(&there, two));
    assert!((carrier.len() as u64) < NEW_CONTENT + 60_000, "{}", carrier.len());
}

#[test]
fn have_6_what_is_not_known_is_sent() {
    let lab = two_releases();
    let (one, two) = (&lab.heads[0], &lab.heads[1]);
    // The receiver has the head only.
    let held = ask(&lab, &MemoryStore::new(), &[two]);
    assert_eq!((held.blocks.len(), held.sequence), (0, Some(2)));
    // The receiver trusts a release that the sender does not have: what both know counts, and it is told.
    let mut older = Lab::new(4);
    older.store = MemoryStore::new();
    take(&older.store, one, &write(&lab, one, &Held::default()));
    let there = MemoryStore::new();
    take(&there, two, &lab.carrier());
    let held = ask(&older, &there, &[two]);
    assert_eq!((held.unknown.as_slice(), held.blocks.len()), (&[2][..], 0));
    // A have file of another archive says nothing of this one.
    let mut have = have(&there, lab.archive, &[two], None, &Denied::none(lab.archive)).unwrap();
    have.archive = ArchiveId(Hash::of(b"other"));
    assert!(held_by(&lab.store, &have).unwrap().blocks.is_empty());
}

#[test]
fn have_5_withdrawn_files_do_not_lack_and_parts_are_told() {
    let lab = two_releases();
    let two = lab.head();
    let gone = lab.link("b.mp4");
    let mut denied = Denied::none(lab.archive);
    denied.add(&[yadgar_protocol::withdraw::Withdrawal {
        item: yadgar_protocol::withdraw::item(&lab.archive, &gone),
        date: "2026-02-03".into(),
        reason: yadgar_protocol::withdraw::Reason::Error,
        sequence: 2,
    }]);
    let there = MemoryStore::new();
    take(&there, two, &lab.carrier());
    there.erase(&[gone]).unwrap();
    let told = have(&there, lab.archive, &[two], None, &denied).unwrap();
    assert!(told.states[0].parts.iter().all(|part| part.lacks.is_none()));
    let want = ["core".to_owned()];
    let told = have(&there, lab.archive, &[two], Some(&want), &denied).unwrap();
    assert_eq!(told.want.as_deref(), Some(&want[..]));
    assert_eq!(told.states[0].parts.len(), 1);
    // Nothing in it tells one device from another.
    let copy = MemoryStore::new();
    take(&copy, two, &lab.carrier());
    let again = have(&copy, lab.archive, &[two], Some(&want), &denied).unwrap();
    assert_eq!(again.encode_bounded(), told.encode_bounded());
}
