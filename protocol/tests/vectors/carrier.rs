//! carrier.md: reading, damage, varints.

use crate::case::{Case, Outcome, bytes, list};
use crate::formula::data;
use serde_json::{Value, json};
use yadgar_protocol::BlockId;
use yadgar_protocol::carrier::{CarReader, Event, header, section};
use yadgar_protocol::limits::MAX_BLOCK_BYTES;

/// What a reader finds in a whole carrier.
#[derive(Default)]
pub struct Contents {
    pub root: Option<BlockId>,
    /// Each block once, in the order of the input.
    pub blocks: Vec<(BlockId, Vec<u8>)>,
    pub skipped: Vec<(u64, u64, &'static str)>,
}

/// Reads a carrier that is fed in pieces of `step` bytes.
pub fn contents(input: &[u8], step: usize) -> Contents {
    let (mut reader, mut out) = (CarReader::new(), Contents::default());
    let mut pieces = input.chunks(step).peekable();
    loop {
        let at_end = pieces.peek().is_none();
        while let Some(event) = reader.next(at_end) {
            match event {
                Event::Header { root } => out.root = root,
                Event::Block { id, data, offset } => {
                    let at = usize::try_from(offset).unwrap();
                    assert!(id.matches(&data) && input[at..].starts_with(&data));
                    if !out.blocks.iter().any(|(known, _)| *known == id) {
                        out.blocks.push((id, data));
                    }
                }
                Event::Skipped { from, to, why } => out.skipped.push((from, to, why.clause)),
            }
        }
        match pieces.next() {
            Some(piece) => reader.feed(piece),
            None => return out,
        }
    }
}

fn ids(blocks: &[(BlockId, Vec<u8>)]) -> Vec<Value> {
    blocks.iter().map(|(id, _)| hex::encode(id.to_bytes()).into()).collect()
}

/// A carrier, undamaged or not. A reader may save more than the vectors ask for (CAR-5 is a SHOULD):
/// then it also skips less.
pub fn read(case: &Case) -> Outcome {
    assert_eq!(case.kind, "carrier");
    let input = data(&case.input["data"]);
    let found = contents(&input, 1 << 20);
    let small = contents(&input, 1000);
    assert_eq!(ids(&found.blocks), ids(&small.blocks), "pieces of another size");
    assert_eq!(found.skipped, small.skipped, "pieces of another size");
    let all = Value::Object(case.all.clone());
    let (wanted, mut got) = (list(&all, "blocks"), ids(&found.blocks));
    let mut skipped: Vec<Value> = found.skipped.iter().map(|(a, b, _)| json!([a, b])).collect();
    let allowed = list(&all, "skipped");
    let saved = got.len() > wanted.len() && wanted.iter().all(|id| got.contains(id));
    if saved && skips_less(&found, allowed) {
        (got, skipped) = (wanted.to_vec(), allowed.to_vec());
    }
    if skips_as_well(&found, allowed) {
        skipped = allowed.to_vec();
    }
    let root = found.root.map(|id| hex::encode(id.to_bytes()));
    let out = Outcome::good().with("root", root).with("blocks", got).with("skipped", skipped);
    // A header that cannot be read is damage also when no byte had to be skipped for it.
    let error = found.skipped.first().map(|(_, _, clause)| (*clause).to_owned());
    let error = error.or_else(|| found.root.is_none().then(|| "CAR-1".into()));
    Outcome { error, ..out }
}

fn range(value: &Value) -> (u64, u64) {
    (value[0].as_u64().unwrap(), value[1].as_u64().unwrap())
}

/// True when the ranges are the same, but for the length of the section after the damage, which may
/// count as damaged too (at most three bytes).
fn skips_as_well(found: &Contents, allowed: &[Value]) -> bool {
    found.skipped.len() == allowed.len()
        && found
            .skipped
            .iter()
            .zip(allowed.iter().map(range))
            .all(|((from, to, _), (start, end))| *from == start && (end..=end + 3).contains(to))
}

/// True when every range that was skipped lies in one that may be.
fn skips_less(found: &Contents, allowed: &[Value]) -> bool {
    found.skipped.iter().all(|(from, to, _)| {
        allowed.iter().map(range).any(|(start, end)| start <= *from && *to <= end)
    })
}

/// CAR-4. The crate reads a varint only as the length of a section; a value that no section can
/// have is never accepted, and one that is not in shortest form is damage.
pub fn varint(case: &Case) -> Outcome {
    assert_eq!(case.kind, "varint");
    let number = bytes(case.input, "hex");
    let head = header(&BlockId::dag_cbor(b"head"));
    let Some(value) = case.all.get("value").and_then(Value::as_u64) else {
        let block = BlockId::raw(b"a block");
        let input = [&head[..], &number, &block.to_bytes(), b"a block"].concat();
        let found = contents(&input, 7);
        let first = found.skipped.first().map(|(_, _, clause)| (*clause).to_owned());
        return Outcome { error: first, ..Outcome::good() };
    };
    let length = usize::try_from(value).unwrap();
    if !(36..=36 + MAX_BLOCK_BYTES).contains(&length) {
        let found = contents(&[&head[..], &number].concat(), 7);
        assert!(found.blocks.is_empty() && found.skipped.len() == 1);
        return Outcome::good().with("value", value);
    }
    let block = vec![0; length - 36];
    let (id, mut written) = (BlockId::raw(&block), Vec::new());
    section(&id, &block, &mut written);
    assert!(written.starts_with(&number), "written as another varint");
    let found = contents(&[&head[..], &written].concat(), 4096);
    assert!(found.skipped.is_empty() && found.blocks == [(id, block)]);
    Outcome::good().with("value", value)
}
