//! Long inputs from short descriptions (see `vectors/generate/formula.py`).

use crate::case::{bytes, list, number, text};
use serde_json::Value;
use yadgar_protocol::chunk::Chunk;
use yadgar_protocol::{BlockId, Codec, Hash};

/// The bytes that a list of segments describes.
pub fn data(segments: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    for part in segments.as_array().unwrap() {
        if part.get("hex").is_some() {
            out.extend(bytes(part, "hex"));
        } else if part.get("xof").is_some() {
            let (from, to) = (number(part, "from"), number(part, "to"));
            out.extend(xof(text(part, "xof"), from, to));
        } else if part.get("raw_ids").is_some() {
            out.extend((0..number(part, "raw_ids")).flat_map(|n| numbered(n).0.to_bytes()));
        } else {
            let times = usize::try_from(number(part, "times")).unwrap();
            out.extend(bytes(part, "repeat").repeat(times));
        }
    }
    out
}

/// Bytes `from` to `to` of the extended BLAKE3 output of a text.
fn xof(seed: &str, from: u64, to: u64) -> Vec<u8> {
    let mut reader = blake3::Hasher::new().update(seed.as_bytes()).finalize_xof();
    reader.set_position(from);
    let mut out = vec![0; usize::try_from(to - from).unwrap()];
    reader.fill(&mut out);
    out
}

/// The raw block that holds a decimal number.
pub fn numbered(n: u64) -> (BlockId, Vec<u8>) {
    let data = n.to_string().into_bytes();
    (BlockId::raw(&data), data)
}

/// The bytes of a case input: "hex", or "data" for long ones.
pub fn given(input: &Value) -> Vec<u8> {
    if input.get("hex").is_some() { bytes(input, "hex") } else { data(&input["data"]) }
}

/// Paths and contents of files; most hold their own path.
pub fn files(input: &Value) -> Vec<(String, Vec<u8>)> {
    let mut names: Vec<String> = Vec::new();
    if input.get("paths").is_some() {
        names.extend(list(input, "paths").iter().map(|p| p.as_str().unwrap().to_owned()));
    }
    if input.get("pattern").is_some() {
        let name = |i: u64| text(input, "pattern").replace("{i}", &i.to_string());
        names.extend((0..number(input, "count")).map(name));
    }
    let mut out: Vec<_> = names.into_iter().map(|n| (n.clone(), n.into_bytes())).collect();
    if input.get("files").is_some() {
        let file = |f: &Value| (text(f, "path").to_owned(), data(&f["data"]));
        out.extend(list(input, "files").iter().map(file));
    }
    out
}

/// Chunks of a block list that no file belongs to.
pub fn chunks(input: &Value) -> Vec<Chunk> {
    let same = input["same"].as_bool().unwrap_or(false);
    let chunk = |i: u64| {
        let seed =
            text(input, "seed").to_owned() + &if same { String::new() } else { i.to_string() };
        let id = BlockId { codec: Codec::Raw, hash: Hash::of(seed.as_bytes()) };
        Chunk { id, bytes: number(input, "bytes") }
    };
    (0..number(input, "count")).map(chunk).collect()
}

/// The nodes of a case: each hex, or segments for long ones.
pub fn nodes(input: &Value) -> Vec<Vec<u8>> {
    let node = |n: &Value| n.as_str().map_or_else(|| data(n), |h| hex::decode(h).unwrap());
    list(input, "nodes").iter().map(node).collect()
}
