//! trust.md: the verdicts, the state that follows, the fork proof.

use crate::case::{Case, Outcome, bytes, list};
use crate::formula::given;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use yadgar_protocol::trust::{Fork, State, Verdict, judge as decide, judge_fork};
use yadgar_protocol::{ArchiveId, BlockId, Hash};

/// The archive that a case is about.
pub fn archive_of(case: &Case) -> ArchiveId {
    ArchiveId(Hash(bytes(case.input, "archive").try_into().unwrap()))
}

/// Candidate heads one after the other, the first against nothing.
pub fn judge(case: &Case) -> Outcome {
    assert_eq!(case.kind, "judge");
    let archive = archive_of(case);
    let ancestors: BTreeMap<BlockId, Vec<u8>> = list(case.input, "ancestors")
        .iter()
        .map(|a| hex::decode(a.as_str().unwrap()).unwrap())
        .map(|payload| (BlockId::dag_cbor(&payload), payload))
        .collect();
    let (mut state, mut verdicts): (Option<State>, Vec<Verdict>) = (None, Vec::new());
    for head in list(case.input, "heads") {
        let judged = decide(&archive, state.as_ref(), &given(head), &ancestors);
        state = judged.next.or(state);
        state = state.map(|state| read_again(&archive, &state));
        verdicts.push(judged.verdict);
    }
    let words: Vec<_> = verdicts.iter().map(word).collect();
    let out = Outcome::good()
        .with("verdict", words[words.len() - 1])
        .with("verdicts", words)
        .with("state", state.map(|state| describe(&archive, &state)));
    match verdicts.pop() {
        Some(Verdict::NeedsAncestor(id)) => out.with("missing", id.hash.to_hex()),
        Some(Verdict::Refuse(reject)) => Outcome { error: Some(reject.clause.into()), ..out },
        _ => out,
    }
}

/// A restart between two heads changes nothing.
fn read_again(archive: &ArchiveId, state: &State) -> State {
    let again = State::decode(archive, &state.encode()).expect("a state of our own");
    assert_eq!(again, *state);
    again
}

fn describe(archive: &ArchiveId, state: &State) -> Value {
    let mut seen: Vec<_> = state.seen.values().map(|seen| seen.hash.to_hex()).collect();
    seen.sort();
    let mut out = json!({
        "release": state.trusted.release_hash().to_hex(),
        "sequence": state.trusted.release.sequence,
        "roots": state.trusted.roots.len(),
        "seen": seen,
    });
    if let Some(fork) = &state.fork {
        out["agreed"] = fork.agreed.hash.map(|hash| hash.to_hex()).into();
        out["branches"] = branches(&fork.fork);
        out["proof"] = Hash::of(&fork.bytes).to_hex().into();
        stands_by_itself(archive, state, &fork.bytes);
    }
    out
}

/// The proof alone brings a node that knows nothing to the same fork (TRUST-26).
fn stands_by_itself(archive: &ArchiveId, state: &State, proof: &[u8]) {
    let none = BTreeMap::<BlockId, Vec<u8>>::new();
    let next = judge_fork(archive, None, proof, &none).next.expect("a state by the proof");
    let fork = next.fork.expect("a fork by the proof");
    assert_eq!(Some(&fork.bytes), state.fork.as_ref().map(|fork| &fork.bytes));
}

fn branches(fork: &Fork) -> Value {
    fork.branches.iter().map(|b| Value::from(b.release.payload_hash().to_hex())).collect()
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accept(_) => "accepted",
        Verdict::Settled { .. } => "settled",
        Verdict::Known => "known",
        Verdict::Older => "older",
        Verdict::Fork(_) | Verdict::Forked => "fork",
        Verdict::RootFork => "root-fork",
        Verdict::SupersededRoot => "superseded-root",
        Verdict::NeedsAncestor(_) => "needs-ancestor",
        Verdict::Refuse(_) => "refused",
    }
}

/// A fork proof by itself (TRUST-23).
pub fn fork(case: &Case) -> Outcome {
    assert_eq!(case.kind, "fork");
    let archive = archive_of(case);
    match Fork::decode(&given(case.input)).and_then(|fork| fork.check(&archive)) {
        Ok(checked) => Outcome::good()
            .with("agreed", checked.agreed.hash.map(|hash| hash.to_hex()))
            .with("releases", branches(&checked.fork)),
        Err(reject) => reject.into(),
    }
}
