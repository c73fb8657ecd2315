//! What holds for every sequence of heads, rotations, forks, proofs and restarts.

mod trustlab;

use proptest::prelude::*;
use trustlab::{Blocks, Lab, Made, blocks};
use yadgar_protocol::trust::{Judged, State, Verdict, judge, judge_fork};

/// Releases that anyone with the keys could have made: three trust roots, each with chains and forks.
struct World {
    made: Vec<Made>,
    at_hand: Blocks,
}

fn world() -> &'static (Lab, World) {
    static WORLD: std::sync::OnceLock<(Lab, World)> = std::sync::OnceLock::new();
    WORLD.get_or_init(|| {
        let lab = Lab::new();
        let mut made = lab.chain(6);
        made.extend(lab.on(Some(&made[3].clone()), 3, 2));
        made.extend(lab.on(Some(&made[1].clone()), 2, 3));
        let two = lab.rotated([7, 8, 9], Some(&made[4]));
        let after = two.on(Some(&made[4].clone()), 4, 4);
        made.extend(two.on(Some(&after[0]), 2, 5));
        // Beside the base: what nobody who knows the chain takes.
        made.push(two.next(Some(&made[8]), 6));
        let three = two.rotated([10, 11, 12], Some(&after[1]));
        made.extend(three.on(Some(&after[1]), 3, 7));
        made.push(three.next(Some(&after[1]), 8));
        made.extend(after);
        let at_hand = blocks(&made);
        (lab, World { made, at_hand })
    })
}

#[derive(Debug, Clone)]
enum Event {
    /// A head, with or without the payloads in between.
    Head(usize, bool),
    /// A head signed by one key only.
    Below(usize),
    /// A head of which a byte was changed.
    Bent(usize, usize),
    /// A proof that was made somewhere earlier.
    Proof(usize),
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    let count = world().1.made.len();
    prop_oneof![
        6 => (0..count, prop::bool::weighted(0.8)).prop_map(|(at, all)| Event::Head(at, all)),
        1 => (0..count).prop_map(Event::Below),
        1 => (0..count, any::<usize>()).prop_map(|(at, bit)| Event::Bent(at, bit)),
        2 => any::<usize>().prop_map(Event::Proof),
        1 => Just(Event::Restart),
    ]
}

/// The same head with one signature.
fn below(head: &[u8]) -> Vec<u8> {
    let mut head = yadgar_protocol::head::Head::decode(head).unwrap();
    head.release.signatures.pop();
    head.encode()
}

fn bent(head: &[u8], bit: usize) -> Vec<u8> {
    let mut head = head.to_vec();
    let bit = bit % (head.len() * 8);
    head[bit / 8] ^= 1 << (bit % 8);
    head
}

/// What may never go back: trust roots, then the sequence, unless a fork or the base says so.
fn check_step(before: Option<&State>, judged: &Judged) {
    let Some(next) = &judged.next else { return };
    let Some(before) = before else { return };
    let roots = |state: &State| state.trusted.roots.len();
    assert!(roots(next) >= roots(before), "an older trust root");
    let settled = matches!(judged.verdict, Verdict::Settled { .. });
    if roots(next) == roots(before) && !settled {
        let lower = next.trusted.release.sequence < before.trusted.release.sequence;
        assert!(!lower || next.fork.is_some(), "an older release without a fork");
        assert!(before.fork.is_none() || next.fork.is_some(), "a fork that vanished");
        let (was, is) = (before.shown_rule().sequence, next.shown_rule().sequence);
        assert!(before.fork.is_none() || is <= was, "the agreed release moved on");
    }
    if before.fork.is_some() && next.fork.is_none() {
        assert!(settled, "a fork ended without being settled");
    }
    assert!(next.seen.keys().all(|at| *at < next.trusted.release.sequence));
}

fn act(lab: &Lab, state: Option<&State>, event: &Event, proofs: &[Vec<u8>]) -> Option<Judged> {
    let World { made, at_hand } = &world().1;
    let none = Blocks::new();
    match event {
        Event::Head(at, true) => Some(judge(&lab.id, state, &made[*at].head, at_hand)),
        Event::Head(at, false) => Some(judge(&lab.id, state, &made[*at].head, &none)),
        Event::Below(at) => {
            let judged = judge(&lab.id, state, &below(&made[*at].head), at_hand);
            assert!(matches!(judged.verdict, Verdict::Refuse(_)) && judged.next.is_none());
            None
        }
        Event::Bent(at, bit) => {
            let judged = judge(&lab.id, state, &bent(&made[*at].head, *bit), at_hand);
            assert!(matches!(judged.verdict, Verdict::Refuse(_)) && judged.next.is_none());
            None
        }
        Event::Proof(_) if proofs.is_empty() => None,
        Event::Proof(at) => Some(judge_fork(&lab.id, state, &proofs[at % proofs.len()], at_hand)),
        Event::Restart => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn trust_17_and_24_nothing_goes_back(events in prop::collection::vec(event(), 1..40)) {
        let lab = &world().0;
        let mut state: Option<State> = None;
        let mut proofs: Vec<Vec<u8>> = Vec::new();
        for event in &events {
            if matches!(event, Event::Restart) && let Some(before) = &state {
                let back = State::decode(&lab.id, &before.encode()).unwrap();
                prop_assert_eq!(&back, before);
                prop_assert_eq!(back.encode(), before.encode());
                state = Some(back);
            }
            let Some(judged) = act(lab, state.as_ref(), event, &proofs) else { continue };
            check_step(state.as_ref(), &judged);
            let waits = matches!(judged.verdict, Verdict::NeedsAncestor(_) | Verdict::Refuse(_));
            prop_assert!(!waits || judged.next.is_none());
            state = judged.next.or(state);
            if let Some(fork) = state.as_ref().and_then(|state| state.fork.as_ref()) {
                prop_assert!(fork.fork.check(&lab.id).as_ref() == Ok(fork));
                proofs.push(fork.bytes.clone());
            }
            // Hearing it again changes nothing.
            if let Some(again) = act(lab, state.as_ref(), event, &[]) {
                prop_assert!(again.next.is_none(), "{:?}", again.verdict);
            }
        }
    }

    #[test]
    fn trust_26_honest_worlds_do_not_depend_on_order(
        order in Just((0..world().1.made.len()).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let (lab, World { made, at_hand }) = world();
        let mut state: Option<State> = None;
        for at in order {
            let judged = judge(&lab.id, state.as_ref(), &made[at].head, at_hand);
            state = judged.next.or(state);
        }
        // The newest trust root signed twice: that fork is what remains, in every order.
        let fork = state.as_ref().unwrap().fork.as_ref().unwrap();
        prop_assert_eq!(fork.agreed.sequence, 7);
        prop_assert_eq!(fork.releases.each_ref().map(|r| r.sequence), [8, 8]);
        let mut other: Option<State> = None;
        for made in made {
            let judged = judge(&lab.id, other.as_ref(), &made.head, at_hand);
            other = judged.next.or(other);
        }
        prop_assert_eq!(state.unwrap().encode(), other.unwrap().encode());
    }
}
