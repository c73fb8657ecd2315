//! A head against what is trusted, under the same trust roots.
use super::trustlab::{Lab, NONE, blocks};
use super::{refused, take};
use yadgar_protocol::blocks::{ReadBlocks, ReadError};
use yadgar_protocol::trust::{State, Verdict, judge};
use yadgar_protocol::{BlockId, Hash};

#[test]
fn trust_11_known() {
    let lab = Lab::new();
    let chain = lab.chain(2);
    let mut state = None;
    take(&lab.id, &mut state, &chain[1].head, &NONE);
    let judged = judge(&lab.id, state.as_ref(), &chain[1].head, &NONE);
    assert!(matches!(judged.verdict, Verdict::Known) && judged.next.is_none());
    // The same release by other signers is the same release; which is kept does not depend on the order.
    let others = lab.signed(chain[1].release.clone(), &[4, 5, 6]);
    let mut other = None;
    take(&lab.id, &mut other, &others.head, &NONE);
    assert!(matches!(take(&lab.id, &mut other, &chain[1].head, &NONE), Verdict::Known));
    assert!(matches!(take(&lab.id, &mut state, &others.head, &NONE), Verdict::Known));
    assert_eq!(state, other);
}

#[test]
fn trust_11_root_signatures_do_not_depend_on_the_order() {
    let lab = Lab::new();
    let mut more = lab.clone();
    super::trustlab::sign(
        &mut more.roots[0],
        yadgar_protocol::envelope::Context::TrustRoot,
        &lab.id,
        3,
    );
    let heads = [lab.next(None, 1).head, more.next(Some(&lab.next(None, 1)), 1).head];
    let (mut one, mut two) = (None, None);
    heads.iter().for_each(|head| drop(take(&lab.id, &mut one, head, &NONE)));
    heads.iter().rev().for_each(|head| drop(take(&lab.id, &mut two, head, &NONE)));
    assert_eq!(one, two);
    assert_eq!(one.unwrap().seen.len(), 1);
}

#[test]
fn trust_12_same_sequence_other_payload() {
    let lab = Lab::new();
    let chain = lab.chain(2);
    let other = lab.next(Some(&chain[0]), 9);
    let mut state = None;
    take(&lab.id, &mut state, &chain[0].head, &NONE);
    take(&lab.id, &mut state, &chain[1].head, &NONE);
    let Verdict::Fork(fork) = take(&lab.id, &mut state, &other.head, &blocks(&chain)) else {
        panic!("no fork");
    };
    assert_eq!((fork.agreed.sequence, fork.agreed.hash), (1, Some(chain[0].hash())));
    assert_eq!(state.unwrap().trusted.bytes, chain[0].head);
}

#[test]
fn trust_13_older_is_refused_and_noted() {
    let lab = Lab::new();
    let chain = lab.chain(5);
    let mut state =
        Some(State::of(yadgar_protocol::trust::check_head(&lab.id, &chain[4].head).unwrap()));
    let at_hand = blocks(&chain);
    // Rollback and freeze: what was trusted stays.
    assert!(matches!(take(&lab.id, &mut state, &chain[1].head, &at_hand), Verdict::Older));
    let known = state.clone().unwrap();
    assert_eq!(known.trusted.bytes, chain[4].head);
    assert_eq!(known.seen.keys().copied().collect::<Vec<_>>(), [2]);
    // Seen once, it needs no walk again.
    assert!(matches!(take(&lab.id, &mut state, &chain[1].head, &NONE), Verdict::Older));
    assert_eq!(state.as_ref(), Some(&known));
    let other = lab.next(Some(&chain[1]), 9);
    assert!(matches!(
        judge(&lab.id, state.as_ref(), &other.head, &NONE).verdict,
        Verdict::NeedsAncestor(_)
    ));
    assert!(matches!(take(&lab.id, &mut state, &other.head, &at_hand), Verdict::Fork(_)));
}

/// Counts what is read.
struct Counted(super::trustlab::Blocks, std::cell::Cell<usize>);
impl ReadBlocks for Counted {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.1.set(self.1.get() + 1);
        self.0.block(id)
    }
}

#[test]
fn trust_13_old_heads_cost_no_walk_when_seen() {
    let lab = Lab::new();
    let chain = lab.chain(40);
    let mut state = None;
    for made in &chain {
        take(&lab.id, &mut state, &made.head, &NONE);
    }
    let counted = Counted(blocks(&chain), std::cell::Cell::new(0));
    for made in &chain[..39] {
        let judged = judge(&lab.id, state.as_ref(), &made.head, &counted);
        assert!(matches!(judged.verdict, Verdict::Older) && judged.next.is_none());
    }
    assert_eq!(counted.1.get(), 0);
}

#[test]
fn trust_15_gaps_need_the_chain() {
    let lab = Lab::new();
    let chain = lab.chain(5);
    let mut state = None;
    take(&lab.id, &mut state, &chain[0].head, &NONE);
    let needs = judge(&lab.id, state.as_ref(), &chain[4].head, &NONE);
    assert!(matches!(needs.verdict, Verdict::NeedsAncestor(id) if id.hash == chain[3].hash()));
    assert!(needs.next.is_none());
    assert!(matches!(
        take(&lab.id, &mut state, &chain[4].head, &blocks(&chain)),
        Verdict::Accept(_)
    ));
    // Far ahead: refused at once, without asking for anything.
    let mut far = lab.unsigned(Some(&chain[4]), 1);
    for sequence in [5 + 4097, u64::MAX] {
        far.sequence = sequence;
        let head = lab.signed(far.clone(), &[4, 5]).head;
        assert_eq!(refused(&lab.id, state.as_ref(), &head, &NONE), "TRUST-15");
    }
    // A chain of which an ancestor is no predecessor.
    let mut skips = lab.unsigned(Some(&chain[1]), 1);
    skips.sequence = 7;
    let skips = lab.signed(skips, &[4, 5]);
    let head = lab.next(Some(&skips), 1).head;
    let mut at_hand = blocks(&chain);
    at_hand.extend(blocks([&skips]));
    assert_eq!(refused(&lab.id, state.as_ref(), &head, &at_hand), "TRUST-15");
}

#[test]
fn trust_16_first_head_of_any_sequence() {
    let lab = Lab::new();
    let judged = judge(&lab.id, None, &lab.chain(5)[4].head, &NONE);
    assert!(matches!(judged.verdict, Verdict::Accept(_)));
    assert_eq!(judged.next.unwrap().trusted.release.sequence, 5);
}

#[test]
fn trust_17_the_state_survives_its_encoding() {
    let lab = Lab::new();
    let chain = lab.chain(3);
    let mut state = None;
    for made in &chain {
        take(&lab.id, &mut state, &made.head, &NONE);
        let bytes = state.as_ref().unwrap().encode();
        let back = State::decode(&lab.id, &bytes).unwrap();
        assert_eq!((Some(&back), back.encode()), (state.as_ref(), bytes.clone()));
        assert_eq!(yadgar_protocol::trust::head_of_state(&bytes).unwrap(), made.head);
    }
    // Releases seen above the trusted one cannot be.
    let mut bad = state.unwrap();
    let seen = bad.seen[&1].clone();
    bad.seen.insert(9, seen);
    assert_eq!(State::decode(&lab.id, &bad.encode()).unwrap_err().clause, "TRUST-17");
}

#[test]
fn trust_21_newer_on_the_chain_or_beside_it() {
    let lab = Lab::new();
    let chain = lab.chain(4);
    let mut state = None;
    take(&lab.id, &mut state, &chain[1].head, &NONE);
    assert!(matches!(take(&lab.id, &mut state, &chain[2].head, &NONE), Verdict::Accept(_)));
    let beside = lab.on(Some(&chain[1]), 3, 9);
    let at_hand = blocks(chain.iter().chain(&beside));
    let Verdict::Fork(fork) = take(&lab.id, &mut state, &beside[2].head, &at_hand) else {
        panic!("no fork");
    };
    assert_eq!(fork.agreed.sequence, 2);
    assert_eq!(fork.releases.each_ref().map(|r| r.sequence), [3, 5]);
    let strange = lab.signed(
        {
            let mut release = lab.unsigned(Some(&chain[1]), 7);
            release.prev = Some(Hash::of(b"unknown"));
            release
        },
        &[4, 5],
    );
    // What it follows is not to be had: nothing changes.
    let judged = judge(&lab.id, state.as_ref(), &strange.head, &at_hand);
    assert!(matches!(judged.verdict, Verdict::NeedsAncestor(_)) && judged.next.is_none());
}
