//! An island where coerced keys sign twice: every order of arrival gives the same state, the same proof
//! and the same agreed release (TRUST-25, TRUST-26). The seed is printed when one does not.

mod trustlab;

use trustlab::{Blocks, Dice, Lab, Made, blocks};
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::trust::{Agreed, Judged, State, Verdict, judge, judge_fork};

/// What people are told, as far as it follows from the state.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Told {
    forked: bool,
    shown: Agreed,
    branches: Vec<u64>,
}

struct Node {
    state: Option<State>,
}

impl Node {
    fn take(&mut self, judged: Judged) -> Verdict {
        if let Some(next) = judged.next {
            self.state = Some(next);
        }
        judged.verdict
    }

    fn head(&mut self, lab: &Lab, head: &[u8], at_hand: &dyn ReadBlocks) -> Verdict {
        self.take(judge(&lab.id, self.state.as_ref(), head, at_hand))
    }

    fn proof(&mut self, lab: &Lab, proof: &[u8], at_hand: &dyn ReadBlocks) -> Verdict {
        self.take(judge_fork(&lab.id, self.state.as_ref(), proof, at_hand))
    }

    /// Killed: what was written is all that remains.
    fn restart(&mut self, lab: &Lab) {
        let bytes = self.state.as_ref().map(State::encode);
        self.state = bytes.map(|bytes| State::decode(&lab.id, &bytes).unwrap());
    }

    fn told(&self) -> Told {
        let state = self.state.as_ref().unwrap();
        let releases = state.fork.iter().flat_map(|fork| fork.releases.iter());
        Told {
            forked: state.fork.is_some(),
            shown: state.shown_rule(),
            branches: releases.map(|release| release.sequence).collect(),
        }
    }
}

struct Island {
    lab: Lab,
    /// Signed heads that go about.
    heads: Vec<Made>,
    /// Releases that settle it, if they do.
    settled: Vec<Made>,
    at_hand: Blocks,
}

/// Chain of 6, a 7 and another 7, and what the seed adds.
fn island(dice: &mut Dice) -> Island {
    let lab = Lab::new();
    let mut heads = lab.chain(7);
    let six = heads[5].clone();
    let other = lab.next(Some(&six), 99);
    heads.push(other.clone());
    if dice.below(2) == 0 {
        heads.extend(lab.on(Some(&heads[6].clone()), 1 + dice.below(3) as u64, 2));
    }
    if dice.below(2) == 0 {
        heads.extend(lab.on(Some(&other), 1 + dice.below(3) as u64, 3));
    }
    if dice.below(3) == 0 {
        heads.extend(lab.on(Some(&six), 1 + dice.below(2) as u64, 50));
    }
    if dice.below(4) == 0 {
        let at = dice.below(5);
        heads.extend(lab.on(Some(&heads[at].clone()), 1 + dice.below(6) as u64, 60));
    }
    let mut settled = Vec::new();
    if dice.below(4) == 0 {
        let base = if dice.below(2) == 0 { six } else { other };
        let new = lab.rotated([7, 8, 9], Some(&base));
        settled = new.on(Some(&base), 1 + dice.below(3) as u64, 4);
    }
    let at_hand = blocks(heads.iter().chain(&settled));
    // Some were never seen signed by anyone: they are in between only.
    for _ in 0..dice.below(5) {
        let at = dice.below(heads.len());
        let (sequence, mark) = (heads[at].release.sequence, heads[at].release.parts[0].files);
        if !(sequence == 7 && (mark == 1 || mark == 99)) {
            heads.remove(at);
        }
    }
    Island { lab, heads, settled, at_hand }
}

/// Three nodes hear the heads, each in an order of its own, and pass proofs on now and then.
fn run(seed: u64) -> (Vec<Vec<u8>>, Vec<Told>) {
    let mut dice = Dice::new(seed);
    let Island { lab, heads, settled, at_hand } = island(&mut dice);
    let mut nodes = [Node { state: None }, Node { state: None }, Node { state: None }];
    let mut queues: Vec<Vec<&Made>> =
        (0..3).map(|_| heads.iter().chain(&settled).collect()).collect();
    queues.iter_mut().for_each(|queue| dice.shuffle(queue));
    while queues.iter().any(|queue| !queue.is_empty()) {
        let who = dice.below(3);
        match dice.below(6) {
            0 => {
                let from = nodes[dice.below(3)].state.as_ref();
                if let Some(fork) = from.and_then(|state| state.fork.clone()) {
                    nodes[who].proof(&lab, &fork.bytes, &at_hand);
                }
            }
            1 => nodes[who].restart(&lab),
            2 if !queues[who].is_empty() => {
                // Without the releases in between it may have to wait; it changes nothing then.
                let head = queues[who][0];
                let before = nodes[who].state.clone();
                let verdict = nodes[who].head(&lab, &head.head, &Blocks::new());
                let waits = matches!(verdict, Verdict::NeedsAncestor(_));
                assert!(!waits || nodes[who].state == before, "seed {seed}: waiting changed it");
            }
            _ => {
                if let Some(head) = queues[who].pop() {
                    let verdict = nodes[who].head(&lab, &head.head, &at_hand);
                    let bad = matches!(verdict, Verdict::Refuse(_) | Verdict::NeedsAncestor(_));
                    assert!(!bad, "seed {seed}: {verdict:?}");
                }
            }
        }
    }
    for node in &nodes {
        let state = node.state.as_ref().unwrap();
        assert_eq!(state.fork.is_some(), settled.is_empty(), "seed {seed}: fork or settlement");
        if let Some(fork) = &state.fork {
            assert_eq!(fork.fork.check(&lab.id).as_ref(), Ok(fork), "seed {seed}: the proof");
        }
        if let Some(last) = settled.last() {
            assert_eq!(state.trusted.bytes, last.head, "seed {seed}: the settled release");
        }
    }
    let encoded = nodes.iter().map(|node| node.state.as_ref().unwrap().encode()).collect();
    (encoded, nodes.iter().map(Node::told).collect())
}

#[test]
fn trust_26_every_order_gives_the_same_state() {
    let (mut settled, mut deeper) = (0, 0);
    for seed in 0..500 {
        let (states, told) = run(seed);
        assert!(states.iter().all(|state| *state == states[0]), "seed {seed}: states differ");
        assert!(told.iter().all(|told_| *told_ == told[0]), "seed {seed}: {told:?}");
        settled += u32::from(!told[0].forked);
        deeper += u32::from(told[0].forked && told[0].shown.sequence < 6);
    }
    // The seeds have to cover what this is about.
    assert!(settled > 50 && deeper > 50, "{settled} settled, {deeper} deeper");
}

#[test]
fn trust_26_a_proof_is_its_two_heads() {
    for seed in 1000..1100 {
        let mut dice = Dice::new(seed);
        let Island { lab, heads, at_hand, .. } = island(&mut dice);
        let mut one = Node { state: None };
        heads.iter().for_each(|head| drop(one.head(&lab, &head.head, &at_hand)));
        let fork = one.state.as_ref().unwrap().fork.clone().unwrap();
        let mut by_proof = Node { state: None };
        // The proof brings all that is needed.
        let verdict = by_proof.proof(&lab, &fork.bytes, &Blocks::new());
        assert!(matches!(verdict, Verdict::Fork(_)), "seed {seed}: {verdict:?}");
        let mut by_heads = Node { state: None };
        for head in fork.heads().iter().rev() {
            by_heads.head(&lab, head, &at_hand);
        }
        assert_eq!(by_proof.state, by_heads.state, "seed {seed}");
        assert_eq!(by_proof.state.unwrap().fork.unwrap().bytes, fork.bytes, "seed {seed}");
    }
}
