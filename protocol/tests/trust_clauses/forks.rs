//! Forks: proof, state, settlement.
use super::trustlab::{Lab, Made, NONE, blocks};
use super::{refused, take};
use yadgar_protocol::trust::{CheckedFork, Fork, State, Verdict, judge, judge_fork};

struct Forked {
    lab: Lab,
    /// 1 to 7, and another 7.
    chain: Vec<Made>,
    other: Made,
    state: Option<State>,
}

impl Forked {
    fn new() -> Self {
        let lab = Lab::new();
        let chain = lab.chain(7);
        let other = lab.next(Some(&chain[5]), 99);
        let mut state = None;
        for made in &chain {
            take(&lab.id, &mut state, &made.head, &NONE);
        }
        let verdict = take(&lab.id, &mut state, &other.head, &blocks(&chain));
        assert!(matches!(verdict, Verdict::Fork(_)));
        Self { lab, chain, other, state }
    }

    fn fork(&self) -> &CheckedFork {
        self.state.as_ref().unwrap().fork.as_ref().unwrap()
    }
}

fn clause(fork: &Fork, lab: &Lab) -> &'static str {
    fork.check(&lab.id).unwrap_err().clause
}

#[test]
fn trust_23_what_a_proof_is() {
    let forked = Forked::new();
    let (lab, good) = (&forked.lab, &forked.fork().fork);
    assert_eq!(Fork::decode(&good.encode()).unwrap().check(&lab.id).as_ref(), Ok(forked.fork()));
    let change = |how: &dyn Fn(&mut Fork)| {
        let mut fork = good.clone();
        how(&mut fork);
        clause(&fork, lab)
    };
    assert_eq!(change(&|f| f.branches.reverse()), "TRUST-23");
    assert_eq!(change(&|f| f.branches[1] = f.branches[0].clone()), "TRUST-23");
    assert_eq!(change(&|f| f.kind = "head".into()), "TRUST-23");
    assert_eq!(change(&|f| f.format = 2), "ENC-9");
    assert_eq!(change(&|f| f.roots.clear()), "TRUST-1");
    assert_eq!(change(&|f| drop(f.branches[0].release.signatures.pop())), "TRUST-7");
    let six = forked.chain[5].payload();
    // One step too far back: then they do not part there.
    assert_eq!(
        change(&|f| f.branches.iter_mut().for_each(|b| b.between.push(six.clone().into()))),
        "TRUST-23"
    );
    assert_eq!(
        change(&|f| f.branches[0].between.push(forked.chain[4].payload().into())),
        "TRUST-15"
    );
    assert_eq!(change(&|f| f.archive.0.0[0] ^= 1), "TRUST-23");
    assert_eq!(change(&|f| f.branches[0].release.payload.push(0)), "ENC-8");
    assert_eq!(Fork::decode(&vec![0; 131_073]).unwrap_err().clause, "ENC-1");
}

#[test]
fn trust_23_never_below_the_base() {
    let lab = Lab::new();
    let chain = lab.chain(3);
    let new = lab.rotated([7, 8, 9], Some(&chain[2]));
    let mut state = None;
    for mark in [1, 2] {
        take(&lab.id, &mut state, &new.next(Some(&chain[2]), mark).head, &blocks(&chain));
    }
    let fork = state.unwrap().fork.unwrap();
    assert_eq!(fork.agreed.hash, Some(chain[2].hash()));
    assert_eq!(fork.fork.check(&lab.id), Ok(fork.clone()));
}

#[test]
fn trust_24_nothing_newer_while_it_stands() {
    let mut forked = Forked::new();
    let before = forked.state.clone();
    assert_eq!(before.as_ref().unwrap().shown_rule().hash, Some(forked.chain[5].hash()));
    assert_eq!(before.as_ref().unwrap().trusted.bytes, forked.chain[5].head);
    let mut at_hand = blocks(&forked.chain);
    at_hand.extend(blocks([&forked.other]));
    for on in [&forked.chain[6], &forked.other] {
        let next = forked.lab.next(Some(on), 1);
        let verdict = take(&forked.lab.id, &mut forked.state, &next.head, &at_hand);
        assert!(matches!(verdict, Verdict::Forked));
    }
    let old = take(&forked.lab.id, &mut forked.state, &forked.chain[2].head, &NONE);
    assert!(matches!(old, Verdict::Older));
    let agreed = take(&forked.lab.id, &mut forked.state, &forked.chain[5].head, &NONE);
    assert!(matches!(agreed, Verdict::Known));
    assert_eq!(forked.state, before);
}

#[test]
fn trust_25_more_evidence() {
    let lab = Lab::new();
    let chain = lab.chain(8);
    let beside = lab.on(Some(&chain[5]), 2, 9);
    let third = lab.next(Some(&chain[5]), 50);
    let deep = lab.on(Some(&chain[1]), 2, 70);
    let at_hand = blocks(chain.iter().chain(&beside).chain(&deep));
    let mut state = None;
    let mut told = |made: &Made| -> (u64, Vec<u64>, u64) {
        let verdict = take(&lab.id, &mut state, &made.head, &at_hand);
        let state = state.as_ref().unwrap();
        State::decode(&lab.id, &state.encode()).unwrap();
        let Verdict::Fork(fork) = verdict else { return (0, vec![], 0) };
        let trusted = state.trusted.release.sequence;
        (fork.agreed.sequence, fork.releases.iter().map(|r| r.sequence).collect(), trusted)
    };
    told(&chain[7]);
    assert_eq!(told(&beside[1]), (6, vec![8, 8], 8));
    // A lower release of a branch, and of the other.
    assert_eq!(told(&beside[0]), (6, vec![7, 8], 7));
    assert_eq!(told(&chain[6]), (6, vec![7, 7], 7));
    // The agreed release, seen at last.
    assert_eq!(told(&chain[5]), (6, vec![7, 7], 6));
    assert_eq!(told(&chain[2]), (0, vec![], 0));
    // A third branch counts when it is among the two lowest.
    let highest = beside[0].hash().max(chain[6].hash());
    assert_eq!(told(&third).0, if third.hash() < highest { 6 } else { 0 });
    // Deeper: the chains of all three are one branch now, with its lowest release seen.
    assert_eq!(told(&deep[1]), (2, vec![3, 4], 3));
    assert_eq!(told(&deep[0]), (2, vec![3, 3], 3));
}

#[test]
fn trust_26_a_proof_as_its_two_heads() {
    let forked = Forked::new();
    let (lab, fork) = (&forked.lab, forked.fork());
    let judged = judge_fork(&lab.id, None, &fork.bytes, &NONE);
    assert!(matches!(judged.verdict, Verdict::Fork(_)));
    let state = judged.next.unwrap();
    assert_eq!(state.fork.as_ref().unwrap().bytes, fork.bytes);
    let again = judge_fork(&lab.id, Some(&state), &fork.bytes, &NONE);
    assert!(matches!(again.verdict, Verdict::Forked | Verdict::Known) && again.next.is_none());
    let bad = judge_fork(&lab.id, Some(&state), b"no proof", &NONE);
    assert!(matches!(bad.verdict, Verdict::Refuse(_)) && bad.next.is_none());
    // What is trusted far above needs its own chain; until then nothing changes.
    let far = lab.on(forked.chain.last(), 3, 1);
    let trusted = judge(&lab.id, None, &far[2].head, &NONE).next.unwrap();
    let needs = judge_fork(&lab.id, Some(&trusted), &fork.bytes, &NONE);
    assert!(matches!(needs.verdict, Verdict::NeedsAncestor(_)) && needs.next.is_none());
    let judged = judge_fork(&lab.id, Some(&trusted), &fork.bytes, &blocks(&far));
    assert_eq!(judged.next.unwrap().fork.unwrap().bytes, fork.bytes);
}

#[test]
fn trust_27_root_keys_settle() {
    for on in 0..3 {
        let forked = Forked::new();
        let base = [&forked.chain[5], &forked.chain[6], &forked.other][on];
        let new = forked.lab.rotated([6, 7, 8], Some(base));
        let next = new.next(Some(base), 1);
        let at_hand = blocks([&forked.chain[6], &forked.other]);
        let (mut state, id) = (forked.state.clone(), &forked.lab.id);
        let Verdict::Settled { aside, .. } = take(id, &mut state, &next.head, &at_hand) else {
            panic!("not settled");
        };
        assert_eq!(aside.fork.unwrap().bytes, forked.fork().bytes);
        let settled = state.clone().unwrap();
        assert!(settled.fork.is_none() && settled.trusted.bytes == next.head);
        // The proof, again, changes nothing; a node that slept comes to the same.
        let late = judge_fork(id, state.as_ref(), &forked.fork().bytes, &NONE);
        assert!(late.next.is_none());
        let mut slept = judge(id, None, &forked.chain[6].head, &NONE).next;
        let mut all = blocks(&forked.chain);
        all.extend(blocks([&forked.other]));
        take(id, &mut slept, &next.head, &all);
        assert_eq!(slept, state);
    }
}

#[test]
fn trust_28_over_the_bounds() {
    let lab = Lab::new();
    let chain = lab.chain(1);
    let (a, b) = (lab.on(chain.last(), 258, 1), lab.on(chain.last(), 258, 2));
    let at_hand = blocks(a.iter().chain(&b));
    // 256 in between is the bound of a branch, and so many payloads are within the bytes or not.
    for (end, good) in [(20, true), (258, false)] {
        let state = judge(&lab.id, None, &a[0].head, &NONE).next;
        let head = &b[end - 1].head;
        match good {
            true => {
                let judged = judge(&lab.id, state.as_ref(), head, &at_hand);
                assert!(matches!(judged.verdict, Verdict::Fork(_)));
            }
            false => assert_eq!(refused(&lab.id, state.as_ref(), head, &at_hand), "TRUST-28"),
        }
    }
}
