//! COSE: the Sig_structure that we sign is the one of RFC 9052, and no structure that is not exactly
//! our profile gets through (ENV-1).

use super::{files, json, material, unhex};
use ciborium::Value as Cbor;
use coset::{ProtectedHeader, SignatureContext, sig_structure_data};
use serde_json::Value;
use yadgar_protocol::envelope::{Envelope, build_sign1, parse_sign1};
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::{cbor, limits};

/// A protected header of an encoded empty map, which RFC 9052 wants signed as if it were empty.
const DISPUTED: [&str; 2] = ["sign-tests/sign-pass-01.json", "sign1-tests/sign-pass-01.json"];

/// What the rebuilding of an example came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    files: usize,
    structures: usize,
    /// Examples that were changed after signing, and the two that libraries read in two ways.
    other: Vec<String>,
    ed25519: usize,
    refused: usize,
}

#[test]
fn cose_working_group_examples() {
    let Some(folder) = material("cose/cose-wg-Examples") else { return };
    let mut counts = Counts::default();
    for path in files(&folder, ".json") {
        let example = json(&path);
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        counts.files += 1;
        rebuild(&name, &example, &mut counts);
        let bytes = unhex(&example["output"]["cbor"]);
        assert_eq!(parse_sign1(&bytes).unwrap_err().clause, "ENV-1", "{name}");
        assert!(cbor::decode::<Envelope>(&bytes, limits::MAX_HEAD_BYTES).is_err(), "{name}");
        counts.refused += 1;
    }
    println!("{counts:?}");
    assert_eq!((counts.files, counts.refused), (35, 35));
    assert_eq!((counts.structures, counts.other.len(), counts.ed25519), (25, 11, 9));
}

/// The array of a COSE message, with or without tag.
fn message(bytes: &[u8]) -> Vec<Cbor> {
    match ciborium::from_reader(bytes).unwrap() {
        Cbor::Tag(_, inner) => inner.into_array().unwrap(),
        bare => bare.into_array().unwrap(),
    }
}

fn header(bytes: &Cbor) -> ProtectedHeader {
    ProtectedHeader { original_data: Some(bytes.as_bytes().unwrap().clone()), ..Default::default() }
}

/// Compares the Sig_structure of every signer with the one in the example, and verifies those
/// signatures that are Ed25519.
fn rebuild(name: &str, example: &Value, counts: &mut Counts) {
    let array = message(&unhex(&example["output"]["cbor"]));
    let payload = array[2].as_bytes().unwrap().clone();
    let fails = example["fail"].as_bool().unwrap_or(false);
    let (input, between) = (&example["input"], &example["intermediates"]);
    if input.get("sign0").is_some() {
        let signed = sig_structure_data(
            SignatureContext::CoseSign1,
            header(&array[0]),
            None,
            &external(&input["sign0"]),
            &payload,
        );
        compare((name, fails), &signed, between, &input["sign0"], &array[3], counts);
        return;
    }
    let signers = array[3].as_array().unwrap();
    for (n, signer) in signers.iter().enumerate() {
        let (signer, asked) = (signer.as_array().unwrap(), &input["sign"]["signers"][n]);
        let signed = sig_structure_data(
            SignatureContext::CoseSignature,
            header(&array[0]),
            Some(header(&signer[0])),
            &external(asked),
            &payload,
        );
        compare((name, fails), &signed, &between["signers"][n], asked, &signer[2], counts);
    }
}

fn external(input: &Value) -> Vec<u8> {
    input["external"].as_str().map(|text| hex::decode(text).unwrap()).unwrap_or_default()
}

fn compare(
    (name, fails): (&str, bool),
    signed: &[u8],
    between: &Value,
    input: &Value,
    signature: &Cbor,
    counts: &mut Counts,
) {
    if signed != unhex(&between["ToBeSign_hex"]) {
        assert!(fails || DISPUTED.contains(&name), "{name}");
        counts.other.push(name.to_owned());
        return;
    }
    counts.structures += 1;
    if input["key"]["crv"] == "Ed25519" {
        let key = PublicKey::from_bytes(unhex(&input["key"]["x_hex"]).try_into().unwrap()).unwrap();
        let signature: [u8; 64] = signature.as_bytes().unwrap().as_slice().try_into().unwrap();
        assert!(key.verify_strict(signed, &signature), "{name}");
        let ours = build_sign1(&signature);
        assert_eq!(parse_sign1(&ours).unwrap(), signature);
        counts.ed25519 += 1;
    }
}
