//! A test for every clause of trust.md, named after it.
#[path = "../trustlab/mod.rs"]
mod trustlab;

mod against;
mod alone;
mod forks;
mod roots;

use trustlab::Blocks;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::trust::{State, Verdict, judge};

/// Judges and takes on the state that follows.
fn take(id: &ArchiveId, state: &mut Option<State>, head: &[u8], blocks: &Blocks) -> Verdict {
    let judged = judge(id, state.as_ref(), head, blocks);
    if let Some(next) = judged.next {
        *state = Some(next);
    }
    judged.verdict
}

/// The clause by which a head is refused; nothing may change then.
fn refused(id: &ArchiveId, state: Option<&State>, head: &[u8], blocks: &Blocks) -> &'static str {
    let judged = judge(id, state, head, blocks);
    assert!(judged.next.is_none());
    match judged.verdict {
        Verdict::Refuse(reject) => reject.clause,
        other => panic!("not refused: {other:?}"),
    }
}
