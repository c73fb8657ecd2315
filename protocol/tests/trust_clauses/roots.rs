//! Changes of the trust root, and what they set aside.
use super::trustlab::{Lab, NONE, blocks};
use super::{refused, take};
use yadgar_protocol::trust::{Verdict, judge};

#[test]
fn trust_10_roots_of_one_version() {
    let lab = Lab::new();
    let chain = lab.chain(3);
    let one = lab.rotated([7, 8, 9], Some(&chain[0]));
    let two = lab.rotated([10, 11, 12], Some(&chain[0]));
    let mut state = None;
    take(&lab.id, &mut state, &one.next(Some(&chain[0]), 1).head, &NONE);
    for head in [two.next(Some(&chain[0]), 1).head, two.next(Some(&chain[2]), 1).head] {
        let judged = judge(&lab.id, state.as_ref(), &head, &blocks(&chain));
        assert!(matches!(judged.verdict, Verdict::RootFork) && judged.next.is_none());
    }
}

#[test]
fn trust_14_replaced_keys_can_do_nothing() {
    let lab = Lab::new();
    let chain = lab.chain(9);
    let new = lab.rotated([7, 8, 9], Some(&chain[2]));
    let mut state = None;
    take(&lab.id, &mut state, &new.next(Some(&chain[2]), 1).head, &NONE);
    let before = state.clone();
    for (at, made) in chain.iter().enumerate() {
        let verdict = take(&lab.id, &mut state, &made.head, &blocks(&chain));
        match at < 4 {
            true => assert!(matches!(verdict, Verdict::Older)),
            false => assert!(matches!(verdict, Verdict::SupersededRoot)),
        }
    }
    assert_eq!(state, before);
}

#[test]
fn trust_15_an_ancestor_under_a_later_root() {
    let lab = Lab::new();
    let chain = lab.chain(2);
    let new = lab.rotated([7, 8, 9], None);
    let later = new.next(Some(&chain[1]), 1);
    let back = lab.next(Some(&later), 1);
    let mut state = None;
    take(&lab.id, &mut state, &chain[0].head, &NONE);
    let at_hand = blocks([&chain[1], &later]);
    assert_eq!(refused(&lab.id, state.as_ref(), &back.head, &at_hand), "TRUST-15");
}

#[test]
fn trust_20_five_rotations_slept_through() {
    let lab = Lab::new();
    let mut made = lab.chain(2);
    let mut state = None;
    take(&lab.id, &mut state, &made[1].head, &NONE);
    let mut now = lab.clone();
    for n in 0..5 {
        now = now.rotated([20 + n, 30 + n, 40 + n], made.last());
        made.extend(now.on(made.last(), 2, 1));
    }
    let head = &made.last().unwrap().head;
    assert!(matches!(take(&lab.id, &mut state, head, &blocks(&made)), Verdict::Accept(_)));
    let state = state.unwrap();
    assert_eq!((state.trusted.release.sequence, state.trusted.roots.len()), (12, 6));
    assert!(state.seen.is_empty());
}

#[test]
fn trust_20_fast_forward_is_undone_by_root_keys() {
    let lab = Lab::new();
    let chain = lab.chain(4);
    // Stolen keys ran far ahead, on another chain and on ours.
    let mut far = lab.unsigned(Some(&chain[3]), 66);
    far.sequence = 1 << 60;
    let far = lab.signed(far, &[4, 5]);
    let ahead = lab.on(Some(&chain[2]), 6, 66);
    let new = lab.rotated([6, 7, 8], Some(&chain[3]));
    let next = new.next(Some(&chain[3]), 1);
    for stolen in [&far, &ahead[5]] {
        let mut state = None;
        take(&lab.id, &mut state, &stolen.head, &NONE);
        let verdict = take(&lab.id, &mut state, &next.head, &blocks(&chain));
        let Verdict::Settled { aside, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(aside.release.unwrap().bytes, stolen.head);
        assert_eq!(state.as_ref().unwrap().trusted.bytes, next.head);
        let again = take(&lab.id, &mut state, &stolen.head, &NONE);
        assert!(matches!(again, Verdict::SupersededRoot));
    }
}

#[test]
fn trust_20_a_chain_that_neither_goes_on_nor_passes_the_base() {
    let lab = Lab::new();
    let chain = lab.chain(4);
    let beside = lab.on(Some(&chain[0]), 4, 9);
    let new = lab.rotated([7, 8, 9], Some(&chain[2]));
    let mut state = None;
    take(&lab.id, &mut state, &chain[3].head, &NONE);
    let made = new.next(beside.last(), 1);
    let at_hand = blocks(chain.iter().chain(&beside));
    assert_eq!(refused(&lab.id, state.as_ref(), &made.head, &at_hand), "TRUST-20");
    // A base that is farther than anyone follows back.
    let mut far = new.unsigned(Some(&chain[3]), 1);
    far.sequence = 5000;
    let far = new.signed(far, &[7, 8]);
    assert_eq!(refused(&lab.id, state.as_ref(), &far.head, &at_hand), "TRUST-15");
}

#[test]
fn trust_20_an_absent_base_is_passed_by_any_chain() {
    let lab = Lab::new();
    let stolen = lab.next(None, 66);
    let new = lab.rotated([7, 8, 9], None);
    let first = new.next(None, 1);
    let mut state = None;
    take(&lab.id, &mut state, &stolen.head, &NONE);
    assert!(matches!(take(&lab.id, &mut state, &first.head, &NONE), Verdict::Settled { .. }));
}

#[test]
fn trust_22_a_chain_beside_the_base() {
    let lab = Lab::new();
    let chain = lab.chain(4);
    let beside = lab.on(Some(&chain[0]), 4, 9);
    let new = lab.rotated([7, 8, 9], Some(&chain[2]));
    let (wrong, right) = (new.next(beside.last(), 1), new.next(Some(&chain[3]), 1));
    let at_hand = blocks(chain.iter().chain(&beside));
    let (mut one, mut two) = (None, None);
    take(&lab.id, &mut one, &right.head, &NONE);
    assert_eq!(refused(&lab.id, one.as_ref(), &wrong.head, &at_hand), "TRUST-22");
    // Taken first, because nothing was known (TRUST-16): the right one takes its place.
    take(&lab.id, &mut two, &wrong.head, &NONE);
    let verdict = take(&lab.id, &mut two, &right.head, &at_hand);
    assert!(matches!(verdict, Verdict::Settled { aside, .. } if aside.release.is_some()));
    assert_eq!(one, two);
}
