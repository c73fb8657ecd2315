//! have.md: what is lacking, as it is written and as it is asked.

use crate::case::{Case, Outcome, number, settle};
use yadgar_protocol::have::Lacks;
use yadgar_protocol::{BlockId, Codec, Reject, cbor};

/// A set of lacking blocks.
pub fn lacks(case: &Case) -> Outcome {
    assert_eq!(case.kind, "lacks");
    settle(check(case))
}

fn name(codec: Codec, number: u64) -> BlockId {
    BlockId::of(codec, format!("lacking {number}").as_bytes())
}

fn check(case: &Case) -> Result<Outcome, Reject> {
    let nodes = (0..number(case.input, "nodes")).map(|n| name(Codec::DagCbor, n));
    let blocks = (0..number(case.input, "blocks")).map(|n| name(Codec::Raw, n));
    let lacking: Vec<_> = nodes.chain(blocks).collect();
    let lacks = Lacks::of(&lacking).expect("few enough");
    let set = lacks.open()?;
    assert!(lacking.iter().all(|id| set.contains(id)));
    let first = number(case.input, "first");
    let asked = first..first + number(case.input, "asked");
    let seem: Vec<u64> = asked.filter(|n| set.contains(&name(Codec::Raw, *n))).collect();
    Ok(Outcome::good().with("hex", hex::encode(cbor::encode(&lacks))).with("seem", seem))
}
