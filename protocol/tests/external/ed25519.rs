//! Strict verification (ENV-3) and weak keys (ID-4).

use super::{json, material, unhex};
use ed25519_dalek::{Signature, VerifyingKey};
use yadgar_protocol::ids::PublicKey;

/// As the crate does it: the key is read, then the signature verified.
fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (key.try_into(), signature.try_into()) else { return false };
    PublicKey::from_bytes(key).is_ok_and(|key| key.verify_strict(message, signature))
}

#[test]
fn wycheproof() {
    let Some(folder) = material("ed25519/wycheproof") else { return };
    let all = json(&folder.join("ed25519_test.json"));
    let (mut valid, mut invalid) = (0, 0);
    for group in all["testGroups"].as_array().unwrap() {
        let key = unhex(&group["publicKey"]["pk"]);
        for case in group["tests"].as_array().unwrap() {
            let good = match case["result"].as_str() {
                Some("valid") => true,
                Some("invalid") => false,
                other => panic!("unknown result {other:?}"),
            };
            let got = verify(&key, &unhex(&case["msg"]), &unhex(&case["sig"]));
            assert_eq!(got, good, "tcId {}: {}", case["tcId"], case["comment"]);
            if good { valid += 1 } else { invalid += 1 }
        }
    }
    assert_eq!((valid, invalid), (88, 63));
}

type Verify<'a> = &'a dyn Fn(&[u8], &[u8], &[u8]) -> bool;

#[test]
fn speccheck() {
    let Some(folder) = material("ed25519/speccheck") else { return };
    let all = json(&folder.join("cases.json"));
    let cases = all.as_array().unwrap();
    let row = |verify: Verify| -> String {
        let one = |case: &serde_json::Value| {
            let [key, message, signature] =
                ["pub_key", "message", "signature"].map(|field| unhex(&case[field]));
            if verify(&key, &message, &signature) { 'V' } else { 'X' }
        };
        cases.iter().map(one).collect()
    };
    assert_eq!(row(&verify), "XXXVXXXXXXXX");
    // Strict verification alone, without our refusal of weak keys, says the same.
    let dalek = |key: &[u8], message: &[u8], signature: &[u8]| {
        let signature = Signature::from_slice(signature).unwrap();
        VerifyingKey::from_bytes(key.try_into().unwrap())
            .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    };
    assert_eq!(row(&dalek), "XXXVXXXXXXXX");
}
