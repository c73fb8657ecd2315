//! Making a courier of what a home knows (COU-1).

use crate::access::{Access, AccessError};
use crate::carrier::export::earlier;
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::carrier::{header, section, section_length};
use yadgar_protocol::limits::MAX_COURIER_BYTES;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{ArchiveId, BlockId, Reject};

/// Earlier payloads are added up to this length of the whole when nobody says how many, in bytes: two messages
/// of 4000 characters.
const SHORT_BYTES: usize = 4_000;
/// Earlier payloads at most when nobody says how many.
const SHORT_BACK: u64 = 5;

/// Why there is no courier.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The home cannot be read.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// No release of the archive is known here.
    #[error("no release of this archive is known here")]
    Nothing,
    /// Head and fork proof alone are more than a courier can have (COU-3).
    #[error("head and proof have {0} bytes, more than the {MAX_COURIER_BYTES} of a courier")]
    TooLarge(usize),
    /// The bulletin of this home is damaged.
    #[error("the bulletin of this home: {0}")]
    Bulletin(Reject),
}

/// How many earlier release payloads go along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// As many as keep it short.
    Short,
    /// So many, as far as they are here and there is room.
    Most(u64),
}

/// A courier that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The carrier.
    pub bytes: Vec<u8>,
    /// Number of the release that it tells of.
    pub sequence: u64,
    /// UTC day of it.
    pub date: String,
    /// Earlier release payloads in it: so many releases and one more a receiver may be behind.
    pub earlier: u64,
    /// Urgent notices in it.
    pub notices: usize,
    /// Urgent notices for which there was no room, the oldest.
    pub left_out: usize,
    /// True when it tells of a fork.
    pub fork: bool,
}

/// Writes head, bulletin and earlier payloads of an archive. While a fork stands the head is the agreed one, if
/// it was seen; the proof goes along in any case (TRUST-24).
///
/// # Errors
/// See [`WriteError`].
pub fn write(access: &Access, archive: &ArchiveId, back: Back) -> Result<Written, WriteError> {
    let head = access.trusted(archive)?.ok_or(WriteError::Nothing)?;
    let id = BlockId::dag_cbor(&head.bytes);
    let mut bytes = header(&id);
    section(&id, &head.bytes, &mut bytes);
    let room = MAX_COURIER_BYTES.saturating_sub(bytes.len());
    let kept = access.archives.bulletin(archive)?;
    let kept =
        kept.map(|kept| Bulletin::decode(&kept).map_err(WriteError::Bulletin)).transpose()?;
    let known = kept.as_ref().map_or(0, |kept| kept.notices.len());
    let told = kept.map(|kept| fitting(kept, room));
    if let Some(told) = told.as_ref().filter(|told| !told.is_empty()) {
        let told = told.encode();
        section(&BlockId::dag_cbor(&told), &told, &mut bytes);
    }
    if bytes.len() > MAX_COURIER_BYTES {
        return Err(WriteError::TooLarge(bytes.len()));
    }
    let earlier = add_earlier(access, &head, back, &mut bytes)?;
    let notices = told.as_ref().map_or(0, |told| told.notices.len());
    let fork = told.is_some_and(|told| told.fork.is_some());
    let (sequence, date) = (head.release.sequence, head.release.date.clone());
    let left_out = known - notices;
    Ok(Written { bytes, sequence, date, earlier, notices, left_out, fork })
}

/// The bulletin with as many notices as there is room for; the newest come first in it.
fn fitting(mut told: Bulletin, room: usize) -> Bulletin {
    while length(told.encode().len()) > room && told.notices.pop().is_some() {}
    told
}

/// Length of a section. What a block can have fits in any number.
fn length(bytes: usize) -> usize {
    usize::try_from(section_length(bytes)).unwrap_or(usize::MAX)
}

/// The payloads before the head, newest first, without a gap.
fn add_earlier(
    access: &Access,
    head: &Accepted,
    back: Back,
    bytes: &mut Vec<u8>,
) -> Result<u64, AccessError> {
    let (most, limit) = match back {
        Back::Short => (SHORT_BACK, SHORT_BYTES),
        Back::Most(most) => (most, MAX_COURIER_BYTES),
    };
    if most == 0 {
        return Ok(0);
    }
    let after = head.release.sequence.saturating_sub(1).checked_sub(most);
    let mut added = 0;
    for (id, payload) in earlier(&*access.store, &head.release, after)? {
        if bytes.len() + length(payload.len()) > limit {
            break;
        }
        section(&id, &payload, bytes);
        added += 1;
    }
    Ok(added)
}
