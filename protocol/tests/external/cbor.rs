//! IPLD's DAG-CBOR fixtures: a wider profile than ours, with other hashes.

use super::{files, json, material, unhex};
use ciborium::Value as Cbor;
use std::collections::BTreeMap;
use yadgar_protocol::chunk::{ListExpect, decode_list};
use yadgar_protocol::head::Head;
use yadgar_protocol::release::Release;
use yadgar_protocol::tree::{Expect, decode_node};
use yadgar_protocol::trust::TrustRoot;
use yadgar_protocol::{BlockId, cbor};

const MAX: usize = 1 << 20;

/// True for a value with a float in it: those IPLD writes with 8 bytes always.
fn has_float(value: &Cbor) -> bool {
    match value {
        Cbor::Float(_) => true,
        Cbor::Array(items) => items.iter().any(has_float),
        Cbor::Map(pairs) => pairs.iter().any(|(_, v)| has_float(v)),
        Cbor::Tag(_, inner) => has_float(inner),
        _ => false,
    }
}

#[test]
fn ipld_fixtures() {
    let Some(folder) = material("cbor/ipld-codec-fixtures") else { return };
    let (mut count, mut plain, mut links) = (0, 0, 0);
    for path in files(&folder.join("fixtures"), ".dag-cbor") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        // All of them are named by SHA2-256.
        assert_eq!(name.parse::<BlockId>().unwrap_err().clause, "ID-1", "{name}");
        let bytes = std::fs::read(&path).unwrap();
        refused_by_all(&bytes, name);
        let value: Cbor = ciborium::from_reader(bytes.as_slice()).unwrap();
        if let Cbor::Tag(42, _) = value {
            links += 1;
        }
        // What is deterministic passes the gate as it is.
        if !has_float(&value) {
            assert_eq!(cbor::decode::<Cbor>(&bytes, MAX).unwrap(), value, "{name}");
            plain += 1;
        }
        count += 1;
    }
    println!("{count} fixtures, {plain} without floats, {links} of them links");
    assert!(count >= 120 && plain >= 60 && links >= 1, "{count} {plain} {links}");
}

/// No fixture is a structure of ours.
fn refused_by_all(bytes: &[u8], name: &str) {
    let results = [
        Head::decode(bytes).err(),
        TrustRoot::decode(bytes).err(),
        Release::decode(bytes).err(),
        decode_list(bytes, &ListExpect::root(0)).err(),
        decode_node(bytes, &Expect::root(0, 0)).err(),
        cbor::decode::<BlockId>(bytes, MAX).err(),
    ];
    assert!(results.iter().all(Option::is_some), "{name}: {results:?}");
}

#[test]
fn ipld_negative_fixtures() {
    let Some(folder) = material("cbor/ipld-codec-fixtures") else { return };
    let mut count = 0;
    for path in files(&folder.join("negative-fixtures"), ".json") {
        for case in json(&path).as_array().unwrap() {
            let bytes = unhex(&case["hex"]);
            let map = cbor::decode::<BTreeMap<String, u64>>(&bytes, MAX);
            assert_eq!(map.unwrap_err().clause, "ENC-8", "{}", case["name"]);
            refused_by_all(&bytes, "negative");
            count += 1;
        }
    }
    assert_eq!(count, 1);
}
