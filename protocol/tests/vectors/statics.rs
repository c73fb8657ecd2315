//! static.md: members of packs, and which ranges are asked for.

use crate::case::{Case, Outcome, bytes, list, number, settle};
use crate::rle;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::pack::PackIndex;
use yadgar_protocol::{BlockId, Hash, Reject};

/// The first member of an index, from its stored bytes.
pub fn member(case: &Case) -> Outcome {
    assert_eq!(case.kind, "static-member");
    settle(open(case))
}

fn open(case: &Case) -> Result<Outcome, Reject> {
    let index = PackIndex::decode(&bytes(case.input, "index"))?;
    let opened = index.members[0].open(&bytes(case.input, "stored"), &rle::inflate)?;
    let hash = |block: &Packed| Hash::of(&block.unpack(&rle::inflate).unwrap()).to_hex();
    Ok(Outcome::good().with("hashes", opened.iter().map(hash).collect::<Vec<_>>()))
}

/// The ranges for some blocks of an index.
pub fn ranges(case: &Case) -> Outcome {
    assert_eq!(case.kind, "static-ranges");
    let index = PackIndex::decode(&bytes(case.input, "index")).unwrap();
    let ids: Vec<BlockId> = index.ids().copied().collect();
    let numbers = list(case.input, "wanted").iter().map(|n| n.as_u64().unwrap() as usize);
    let wanted: Vec<BlockId> = numbers.map(|n| ids[n]).collect();
    let (gap, most) = (number(case.input, "gap"), number(case.input, "most"));
    let ranges = index.ranges(&|id| wanted.contains(id), gap, most);
    let shown = |r: &yadgar_protocol::pack::Range| {
        vec![r.from, r.bytes, r.members.start as u64, r.members.len() as u64]
    };
    Outcome::good().with("ranges", ranges.iter().map(shown).collect::<Vec<_>>())
}
