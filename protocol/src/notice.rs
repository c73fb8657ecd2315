//! The urgent notice: withdrawals between two releases (spec: withdraw.md, WD-5).

use crate::envelope::{Context, Envelope};
use crate::ids::ArchiveId;
use crate::limits::{MAX_NOTICE_WITHDRAWN, MAX_PAYLOAD_BYTES};
use crate::reject::Reject;
use crate::release::is_date;
use crate::trust::TrustRoot;
use crate::withdraw::{Withdrawal, check_list};
use serde::{Deserialize, Serialize};

/// What is signed. Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// UTC day, `YYYY-MM-DD`; shown only.
    pub date: String,
    /// Always `notice`.
    pub kind: String,
    /// Version of the format.
    pub format: u64,
    /// The archive.
    pub archive: ArchiveId,
    /// The newest release when this was signed.
    pub sequence: u64,
    /// 1 to 64, ascending by item.
    pub withdrawn: Vec<Withdrawal>,
    /// Version of the trust root whose release role signs this.
    #[serde(rename = "root-version")]
    pub root_version: u64,
}

impl Notice {
    /// Decodes and checks a notice payload by itself (not its signatures).
    ///
    /// # Errors
    /// Encoding clauses, `WD-2`, `WD-5`.
    pub fn decode(payload: &[u8]) -> Result<Self, Reject> {
        let notice: Self = crate::cbor::decode(payload, MAX_PAYLOAD_BYTES)?;
        crate::cbor::check_format(notice.format, "WD-5")?;
        if notice.kind != "notice" || !is_date(&notice.date) || notice.withdrawn.is_empty() {
            return Err(Reject::new("WD-5", "not a notice"));
        }
        check_list(&notice.withdrawn, MAX_NOTICE_WITHDRAWN)?;
        if notice.withdrawn.iter().any(|w| w.sequence != notice.sequence) {
            return Err(Reject::new("WD-2", "a withdrawal of another release"));
        }
        Ok(notice)
    }

    /// The encoded payload.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }
}

/// Checks a signed notice under the trust root of the head that is trusted (WD-5). `newest` is the highest
/// sequence of a release that is known to be signed.
///
/// # Errors
/// `WD-5` for another archive or trust root, a sequence above `newest` or too few signatures, and what [`Notice::decode`] and the
/// envelope clauses refuse.
pub fn check_notice(
    archive: &ArchiveId,
    root: &TrustRoot,
    newest: u64,
    envelope: &Envelope,
) -> Result<Notice, Reject> {
    let notice = Notice::decode(&envelope.payload)?;
    if notice.archive != *archive || notice.root_version != root.version {
        return Err(Reject::new("WD-5", "a notice of another archive or trust root"));
    }
    if notice.sequence > newest {
        return Err(Reject::new("WD-5", "a notice of a release that is not known"));
    }
    let signers = envelope.signers(Context::Notice, archive, &root.release.key_set())?;
    if !root.release.agrees(&signers) {
        return Err(Reject::new("WD-5", "too few signatures on the notice"));
    }
    Ok(notice)
}

#[cfg(test)]
#[path = "notice_tests.rs"]
mod tests;
