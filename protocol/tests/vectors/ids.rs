//! Identifiers of encoding.md, and the gossip topic of sync.md.

use crate::case::{Case, Outcome, bytes, settle, text};
use crate::formula::given;
use yadgar_protocol::dht::DhtKey;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::sync::gossip_topic;
use yadgar_protocol::trust::TrustRoot;
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash, Reject, cbor};

/// One identifier.
pub fn run(case: &Case) -> Outcome {
    settle(match case.kind {
        "block-id" => block_id(&given(case.input)),
        "block-id-text" => block_id_text(text(case.input, "text")),
        "link" => link(&given(case.input)),
        "block" => Ok(block(case)),
        "archive-id" => archive_id(text(case.input, "text")),
        "archive-of-root" => archive_of_root(&given(case.input)),
        "public-key" => public_key(&given(case.input)),
        "dht-key" => Ok(dht_key(&bytes(case.input, "archive"))),
        "dht-key-bytes" => dht_key_bytes(&given(case.input)),
        "gossip-topic" => Ok(topic(&bytes(case.input, "archive"))),
        other => panic!("unknown kind {other}"),
    })
}

fn block_id(data: &[u8]) -> Result<Outcome, Reject> {
    let id = BlockId::from_bytes(data)?;
    assert_eq!(id.to_bytes(), data);
    let codec = match id.codec {
        Codec::Raw => "raw",
        Codec::DagCbor => "dag-cbor",
    };
    let out = Outcome::good().with("text", id.to_string()).with("codec", codec);
    Ok(out.with("digest", id.hash.to_hex()))
}

fn block_id_text(text: &str) -> Result<Outcome, Reject> {
    let id: BlockId = text.parse()?;
    assert_eq!(id.to_string(), text);
    Ok(Outcome::good().with("hex", hex::encode(id.to_bytes())))
}

fn link(data: &[u8]) -> Result<Outcome, Reject> {
    let id: BlockId = cbor::decode(data, 64)?;
    assert_eq!(cbor::encode(&id), data);
    Ok(Outcome::good().with("id", hex::encode(id.to_bytes())))
}

fn block(case: &Case) -> Outcome {
    let data = given(case.input);
    let id = match text(case.input, "codec") {
        "raw" => BlockId::raw(&data),
        "dag-cbor" => BlockId::dag_cbor(&data),
        other => panic!("unknown codec {other}"),
    };
    Outcome::good().with("id", hex::encode(id.to_bytes())).with("text", id.to_string())
}

fn archive_id(text: &str) -> Result<Outcome, Reject> {
    let id: ArchiveId = text.parse()?;
    assert_eq!(id.to_string(), text);
    Ok(Outcome::good().with("hex", id.0.to_hex()))
}

fn archive_of_root(payload: &[u8]) -> Result<Outcome, Reject> {
    TrustRoot::decode(payload)?;
    let id = ArchiveId(Hash::of(payload));
    Ok(Outcome::good().with("id", id.0.to_hex()).with("text", id.to_string()))
}

fn public_key(data: &[u8]) -> Result<Outcome, Reject> {
    let Ok(array) = <[u8; 32]>::try_from(data) else {
        // The crate takes 32 bytes or nothing; in a structure the gate counts them.
        return Err(cbor::decode::<PublicKey>(&encoded(data), 64).unwrap_err())
            .map_err(|_: Reject| Reject::new("ID-4", "length"));
    };
    Ok(Outcome::good().with("key_id", PublicKey::from_bytes(array)?.key_id()))
}

fn encoded(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(&ciborium::Value::Bytes(data.to_vec()), &mut out).unwrap();
    out
}

fn dht_key(archive: &[u8]) -> Outcome {
    let archive = ArchiveId(Hash(archive.try_into().unwrap()));
    Outcome::good().with("hex", hex::encode(DhtKey::of(&archive).as_bytes()))
}

fn dht_key_bytes(bytes: &[u8]) -> Result<Outcome, Reject> {
    match DhtKey::from_bytes(bytes) {
        Some(_) => Ok(Outcome::good()),
        None => Err(Reject::new("DHT-2", "no key")),
    }
}

fn topic(archive: &[u8]) -> Outcome {
    let archive = ArchiveId(Hash(archive.try_into().unwrap()));
    Outcome::good().with("topic", gossip_topic(&archive))
}
