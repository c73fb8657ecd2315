//! encoding.md: CBOR by itself, and every structure.

use crate::case::{Case, Outcome, settle, text};
use crate::formula::given;
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::carrier::{ParitySet, Volume};
use yadgar_protocol::chunk::{ListExpect, decode_list};
use yadgar_protocol::have::Have;
use yadgar_protocol::head::Head;
use yadgar_protocol::limits::MAX_BLOCK_BYTES;
use yadgar_protocol::notice::Notice;
use yadgar_protocol::pack::{Catalog, PackIndex, StaticHead};
use yadgar_protocol::release::Release;
use yadgar_protocol::tree::{Expect, decode_node};
use yadgar_protocol::trust::{Fork, TrustRoot};
use yadgar_protocol::{BlockId, Reject, cbor};

/// Decodes one structure of a kind.
fn decode(kind: &str, data: &[u8]) -> Result<(), Reject> {
    match kind {
        "head" => Head::decode(data).map(|_| ()),
        "trust-root" => TrustRoot::decode(data).map(|_| ()),
        "release" => Release::decode(data).map(|_| ()),
        "notice" => Notice::decode(data).map(|_| ()),
        "fork" => Fork::decode(data).map(|_| ()),
        "bulletin" => Bulletin::decode(data).map(|_| ()),
        "list-node" => decode_list(data, &ListExpect::root(50_000)).map(|_| ()),
        "tree-node" => decode_node(data, &Expect::root(1, 6)).map(|_| ()),
        "have" => Have::decode(data).map(|_| ()),
        "static-head" => StaticHead::decode(data).map(|_| ()),
        "static-catalog" => Catalog::decode(data).map(|_| ()),
        "static-index" => PackIndex::decode(data).map(|_| ()),
        "volume" => Volume::decode(data).map(|_| ()),
        "parity" => ParitySet::decode(data).map(|_| ()),
        other => panic!("unknown structure {other}"),
    }
}

/// A structure as the crate reads it.
pub fn structure(case: &Case) -> Outcome {
    assert_eq!(case.kind, "structure");
    let result = decode(text(case.input, "type"), &given(case.input));
    settle(result.map(|()| Outcome::good()))
}

/// CBOR of no type. The crate has no decoder for that: its gate must at least refuse all that is
/// not the one encoding of a value, and each of its types must refuse everything that is refused.
pub fn item(case: &Case) -> Outcome {
    assert_eq!(case.kind, "item");
    let data = given(case.input);
    let as_type = ["head", "trust-root", "release", "list-node", "tree-node"]
        .into_iter()
        .map(|kind| decode(kind, &data))
        .chain([cbor::decode::<BlockId>(&data, MAX_BLOCK_BYTES).map(|_| ())]);
    let mut refused = None;
    for result in as_type {
        match result {
            Ok(()) => return Outcome::good(),
            Err(reject) => refused = Some(reject),
        }
    }
    let any = cbor::decode::<ciborium::Value>(&data, MAX_BLOCK_BYTES);
    match (case.all["expect"].as_str(), any) {
        (Some("accept"), Ok(_)) => Outcome::good(),
        (Some("accept"), Err(reject)) => reject.into(),
        // What a generic value can hold, but no type of ours does.
        (_, Ok(_)) => {
            let only_typed = matches!(case.all["error"].as_str(), Some("ENC-2" | "ENC-4" | "ID-2"));
            if only_typed {
                refused.map_or_else(Outcome::good, Outcome::from)
            } else {
                Outcome::good()
            }
        }
        (_, Err(reject)) => reject.into(),
    }
}
