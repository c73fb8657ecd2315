//! envelope.md.

use crate::case::{Case, Outcome, bytes, list, number, settle, text};
use crate::formula::given;
use serde_json::Value;
use std::collections::BTreeSet;
use yadgar_protocol::envelope::{Context, Envelope, to_be_signed};
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::limits::MAX_HEAD_BYTES;
use yadgar_protocol::trust::Role;
use yadgar_protocol::{ArchiveId, Hash, Reject, cbor};

/// One envelope, or the bytes that are signed.
pub fn run(case: &Case) -> Outcome {
    let archive = ArchiveId(Hash(bytes(case.input, "archive").try_into().unwrap()));
    let context = match text(case.input, "context") {
        "yadgar trust-root v1" => Context::TrustRoot,
        "yadgar release v1" => Context::Release,
        other => panic!("unknown context {other}"),
    };
    match case.kind {
        "sig-structure" => {
            let signed = to_be_signed(context, &archive, &bytes(case.input, "payload"));
            Outcome::good().with("hex", hex::encode(signed))
        }
        "envelope" => settle(envelope(case, context, &archive)),
        other => panic!("unknown kind {other}"),
    }
}

fn envelope(case: &Case, context: Context, archive: &ArchiveId) -> Result<Outcome, Reject> {
    let envelope: Envelope = cbor::decode(&given(case.input), MAX_HEAD_BYTES)?;
    let roles = list(case.input, "roles").iter().map(role).collect::<Result<Vec<_>, _>>()?;
    let allowed: BTreeSet<_> = roles.iter().flat_map(Role::key_set).collect();
    let signers = envelope.signers(context, archive, &allowed)?;
    if roles.iter().all(|role| role.agrees(&signers)) {
        Ok(Outcome::good())
    } else {
        Err(Reject::new("ENV-6", "below the threshold"))
    }
}

fn role(value: &Value) -> Result<Role, Reject> {
    let key = |k: &Value| {
        let raw = hex::decode(k.as_str().unwrap()).unwrap();
        PublicKey::from_bytes(raw.try_into().unwrap())
    };
    let keys = list(value, "keys").iter().map(key).collect::<Result<Vec<_>, _>>();
    // No role can hold a weak key, so that a signature by one is never by a role.
    keys.map(|keys| Role::new(keys, number(value, "threshold")))
        .map_err(|_| Reject::new("ENV-3", "a weak key"))
}
