//! What is written when a head or a fork proof is adopted, and in which order.
use super::*;
use crate::carrier::lab::Lab;
use crate::store::MemoryStore;
use yadgar_protocol::trust::check_head;

/// 1, 2 and another 2, by one key.
fn forked() -> (Lab, Vec<Vec<u8>>) {
    let (mut one, mut two) = (Lab::new(7), Lab::new(7));
    one.publish(&[("core", &[("index.html", b"one".to_vec())])]);
    two.publish(&[("core", &[("index.html", b"one".to_vec())])]);
    one.publish(&[("core", &[("index.html", b"two".to_vec())])]);
    two.publish(&[("core", &[("index.html", b"other".to_vec())])]);
    let heads = one.heads.iter().chain(&two.heads[1..]).map(|head| head.bytes.clone());
    let heads = heads.collect();
    (one, heads)
}

fn take(states: &ArchiveStates, lab: &Lab, head: &[u8]) -> Verdict {
    let store = MemoryStore::new();
    adopt(states, &store, &lab.archive, head, &lab.store).unwrap()
}

#[test]
fn trust_24_a_fork_is_kept_and_its_proof_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let states = ArchiveStates::open(home.path()).unwrap();
    let (lab, heads) = forked();
    for head in &heads[..2] {
        assert!(matches!(take(&states, &lab, head), Verdict::Accept(_)));
    }
    assert!(!states.proof_path(&lab.archive).exists());
    let Verdict::Fork(fork) = take(&states, &lab, &heads[2]) else { panic!("no fork") };
    assert_eq!(std::fs::read(states.proof_path(&lab.archive)).unwrap(), fork.bytes);
    assert_eq!(states.trusted(&lab.archive).unwrap().unwrap(), heads[0]);
    let state = state_of(&states, &lab.archive).unwrap().unwrap();
    assert_eq!(state.fork.as_ref(), Some(&*fork));
    // A kill between the two files: the state is what counts, the proof follows it.
    std::fs::remove_file(states.proof_path(&lab.archive)).unwrap();
    let states = ArchiveStates::open(home.path()).unwrap();
    assert_eq!(std::fs::read(states.proof_path(&lab.archive)).unwrap(), fork.bytes);
    // Another node learns it from the proof alone, and keeps both releases as blocks.
    let other = tempfile::tempdir().unwrap();
    let states = ArchiveStates::open(other.path()).unwrap();
    let store = MemoryStore::new();
    let none = MemoryStore::new();
    adopt_fork(&states, &store, &lab.archive, &fork.bytes, &none).unwrap();
    for payload in fork.payloads() {
        assert!(store.has(&yadgar_protocol::BlockId::dag_cbor(payload)).unwrap());
    }
    assert_eq!(states.state(&lab.archive).unwrap().unwrap().fork, state.fork);
}

/// What is returned has been written: the bytes on disk at every return are those of a state that is not
/// older than any before, and what a killed write leaves changes nothing.
#[test]
fn trust_17_what_is_on_disk_is_never_older_than_what_was_told() {
    let home = tempfile::tempdir().unwrap();
    let states = ArchiveStates::open(home.path()).unwrap();
    let mut lab = Lab::new(9);
    for n in 0..5u8 {
        let before = states.trusted(&lab.archive).unwrap();
        let head = lab.publish(&[("core", &[("a", vec![n])])]).bytes.clone();
        // A write that was killed before it had its name.
        let dir = states.proof_path(&lab.archive).parent().unwrap().to_owned();
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(format!(".yadgar-1-{n}.tmp")), &head[..head.len() / 2]).unwrap();
        let again = ArchiveStates::open(home.path()).unwrap();
        assert_eq!(again.trusted(&lab.archive).unwrap(), before);
        let Verdict::Accept(told) = take(&states, &lab, &head) else { panic!("not accepted") };
        let disk = ArchiveStates::open(home.path()).unwrap();
        let kept = disk.trusted(&lab.archive).unwrap().unwrap();
        assert_eq!(kept, told.bytes);
        let sequence = check_head(&lab.archive, &kept).unwrap().release.sequence;
        assert_eq!(sequence, u64::from(n) + 1);
        assert_eq!(disk.state(&lab.archive).unwrap().unwrap().seen.len(), usize::from(n));
    }
    // A state that cannot be written is not told as accepted, and what stood before still stands.
    let before = states.trusted(&lab.archive).unwrap();
    let head = lab.publish(&[("core", &[("a", b"last".to_vec())])]).bytes.clone();
    let file = states.proof_path(&lab.archive).with_file_name("state");
    let kept = std::fs::read(&file).unwrap();
    std::fs::write(&file, &kept[..kept.len() - 1]).unwrap();
    let store = MemoryStore::new();
    adopt(&states, &store, &lab.archive, &head, &lab.store).unwrap_err();
    std::fs::write(&file, &kept).unwrap();
    assert_eq!(states.trusted(&lab.archive).unwrap(), before);
}

/// The disputed release was shown already when the other one came: the agreed one is shown again, also
/// when a kill came between the state and that. Where the agreed one is not wholly held, what was shown stays.
#[test]
fn trust_24_the_agreed_release_is_shown_when_it_is_here() {
    use crate::store::complete::{complete_head, mark_complete, resume};
    for held in [true, false] {
        let home = tempfile::tempdir().unwrap();
        let states = ArchiveStates::open(home.path()).unwrap();
        let (lab, heads) = forked();
        for head in &heads[..2] {
            adopt(&states, &lab.store, &lab.archive, head, &lab.store).unwrap();
            mark_complete(&states, &lab.store, &lab.archive, head).unwrap();
        }
        if !held {
            let one = yadgar_protocol::BlockId::of(Codec::Raw, b"one");
            lab.store.erase(&[one]).unwrap();
        }
        adopt(&states, &lab.store, &lab.archive, &heads[2], &lab.store).unwrap();
        let shown = || complete_head(&states, &lab.archive).unwrap().unwrap().bytes;
        assert_eq!(shown(), heads[usize::from(!held)]);
        // As if killed before it was written.
        states.set_complete(&lab.archive, &heads[1]).unwrap();
        resume(&states, &lab.store).unwrap();
        assert_eq!(shown(), heads[usize::from(!held)]);
    }
}

/// Whatever fails when the agreed release is to be shown: the fork is known, and told.
#[test]
fn trust_24_a_fork_is_told_also_when_the_agreed_release_cannot_be_shown() {
    let home = tempfile::tempdir().unwrap();
    let states = ArchiveStates::open(home.path()).unwrap();
    let (lab, heads) = forked();
    for head in &heads[..2] {
        take(&states, &lab, head);
    }
    std::fs::write(states.proof_path(&lab.archive).with_file_name("complete"), b"x").unwrap();
    assert!(matches!(take(&states, &lab, &heads[2]), Verdict::Fork(_)));
    assert!(states.state(&lab.archive).unwrap().unwrap().fork.is_some());
}

/// A newcomer hears of a fork, and then of the release that both sides build on, which withdraws a file.
#[test]
fn wd_6_withdrawals_of_an_agreed_release_that_came_after_the_fork_are_taken() {
    let (mut one, mut two) = (Lab::new(7), Lab::new(7));
    let (kept, gone) = (("a.html", b"kept".to_vec()), ("b.html", b"gone".to_vec()));
    for lab in [&mut one, &mut two] {
        lab.publish(&[("core", &[kept.clone(), gone.clone()])]);
        let id = lab.link("b.html");
        lab.publish_without(&[("core", std::slice::from_ref(&kept))], &[id]);
        // What comes after it does not repeat the list, as it should (WD-4).
        lab.heads[1].release.withdrawn.clear();
    }
    one.publish(&[("core", &[("a.html", b"left".to_vec())])]);
    two.publish(&[("core", &[("a.html", b"right".to_vec())])]);
    let id = one.link("b.html");
    let home = tempfile::tempdir().unwrap();
    let states = ArchiveStates::open(home.path()).unwrap();
    let store = MemoryStore::new();
    let judge = |lab: &Lab, at: usize| {
        adopt(&states, &store, &lab.archive, &lab.heads[at].bytes, &lab.store).unwrap()
    };
    judge(&one, 2);
    assert!(matches!(judge(&two, 2), Verdict::Fork(_)));
    let mut put = |id: &yadgar_protocol::BlockId| {
        store.put(vec![one.store.get_packed(id).unwrap().unwrap()]).unwrap();
        std::ops::ControlFlow::Continue(())
    };
    one.store.all_ids(&mut put).unwrap();
    assert!(store.has(&id).unwrap());
    assert!(matches!(judge(&one, 1), Verdict::Fork(_)), "the agreed one, seen at last");
    assert!(acts::denied(&states, &one.archive).unwrap().covers(&id).is_some());
    assert!(!store.has(&id).unwrap());
}
