//! Urgent notices: judging, keeping, passing on (WD-5, WD-9).

use super::count::Weight;
use super::file::{self, ActKind, Acts, Kept};
use super::weigh::{self, Statement};
use super::{NoticeVerdict, is_listed};
use crate::store::adopt::{adopt_fork, trusted_head};
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use serde::{Deserialize, Serialize};
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::envelope::{Context, Envelope};
use yadgar_protocol::limits::{MAX_NOTICES, MAX_PAYLOAD_BYTES, MAX_WITHDRAWN};
use yadgar_protocol::notice::{Notice, check_notice};
use yadgar_protocol::trust::{TrustRoot, Verdict};
use yadgar_protocol::withdraw::{Denied, Withdrawal};
use yadgar_protocol::{ArchiveId, Hash, Reject, cbor};

/// Judges an urgent notice: the encoded envelope. When it is taken, this returns after what it covers is
/// erased.
///
/// # Errors
/// When state or store fail. What is wrong with the notice is in the verdict.
pub fn take_notice(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    envelope: &[u8],
) -> Result<NoticeVerdict, StoreError> {
    let signed: Envelope = match cbor::decode(envelope, MAX_PAYLOAD_BYTES) {
        Ok(signed) => signed,
        Err(reject) => return Ok(refused(reject)),
    };
    let notice = match judged(states, archive, &signed)? {
        Ok(notice) => notice,
        Err(verdict) => return Ok(verdict),
    };
    let statement = Statement {
        id: signed.payload_hash(),
        kind: ActKind::Notice,
        sequence: notice.sequence,
        date: &notice.date,
        items: &notice.withdrawn,
    };
    if let Some(verdict) = weigh::decided(&*file::load(states, archive)?, &statement) {
        return Ok(verdict);
    }
    // All trees are looked through: not while others wait to judge heads.
    let weighed = Weight::of(states, store, archive, &notice.withdrawn, None)?;
    let _one_at_a_time = states.lock_heads();
    if let Err(verdict) = judged(states, archive, &signed)? {
        return Ok(verdict);
    }
    let verdict = weigh::take(states, store, archive, &statement, None, Some(weighed));
    // Also a held one: other operators must hear of it to decide. It can do no harm by itself. And one that
    // could not be erased here (it may be denied by now, and would count as known the next time).
    let spreads = match &verdict {
        Ok(verdict) => matches!(verdict, NoticeVerdict::Taken | NoticeVerdict::Held(_)),
        Err(_) => true,
    };
    if spreads && !is_listed(states, archive, &notice.withdrawn)? {
        let acts = file::load(states, archive)?.acts.clone();
        keep(states, archive, acts, Kept { id: statement.id, envelope: envelope.to_vec() })?;
    }
    verdict
}

fn refused(reject: Reject) -> NoticeVerdict {
    NoticeVerdict::Refused(reject.to_string())
}

/// The notice, if it is right under what is trusted now (WD-5).
fn judged(
    states: &ArchiveStates,
    archive: &ArchiveId,
    signed: &Envelope,
) -> Result<Result<Notice, NoticeVerdict>, StoreError> {
    let Some(trusted) = trusted_head(states, archive)? else {
        return Ok(Err(NoticeVerdict::Later));
    };
    let (root, newest) = (trusted.trust_root(), newest(states, archive)?);
    Ok(match Notice::decode(&signed.payload) {
        Err(reject) => Err(refused(reject)),
        Ok(notice) if notice.archive == *archive && notice.root_version != root.version => {
            Err(NoticeVerdict::Later)
        }
        // Its release is not known here yet.
        Ok(notice) if notice.archive == *archive && notice.sequence > newest => {
            Err(NoticeVerdict::Later)
        }
        Ok(_) => check_notice(archive, root, newest, signed).map_err(refused),
    })
}

/// The highest sequence of a release that is known to be signed: the trusted one's, or while a fork stands
/// that of one of its branches (WD-5).
fn newest(states: &ArchiveStates, archive: &ArchiveId) -> Result<u64, StoreError> {
    let Some(state) = states.state(archive)? else { return Ok(0) };
    let branches = state.fork.iter().flat_map(|fork| &fork.releases);
    let sequences = branches.map(|release| release.sequence);
    Ok(sequences.max().unwrap_or(0).max(state.trusted.release.sequence))
}

/// Keeps a notice to be passed on. When there are too many, one that waits for the operator goes first.
fn keep(
    states: &ArchiveStates,
    archive: &ArchiveId,
    mut acts: Acts,
    new: Kept,
) -> Result<(), StoreError> {
    if acts.notices.iter().any(|kept| kept.id == new.id) {
        return Ok(());
    }
    if acts.notices.len() >= MAX_NOTICES {
        let waits = |kept: &Kept| acts.held.iter().any(|held| held.id == kept.id);
        let at = acts.notices.iter().position(waits).unwrap_or(0);
        acts.notices.remove(at);
    }
    acts.notices.push(new);
    file::save(states, archive, acts).map(drop)
}

/// Forgets notices that the trusted release has made needless, and those of another trust root that the keys
/// of this one do not stand for (WD-9).
pub(super) fn prune(
    acts: &mut Acts,
    archive: &ArchiveId,
    withdrawn: &[Withdrawal],
    root: &TrustRoot,
) {
    let keys = root.release.key_set();
    acts.notices.retain(|kept| {
        let signed: Option<Envelope> = cbor::decode(&kept.envelope, MAX_PAYLOAD_BYTES).ok();
        let Some(signed) = signed else { return false };
        let Ok(notice) = Notice::decode(&signed.payload) else { return false };
        let signers = signed.signers(Context::Notice, archive, &keys);
        signers.is_ok_and(|signers| root.release.agrees(&signers))
            && !weigh::lists(withdrawn, &notice.withdrawn)
    });
}

/// What came of a bulletin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulletinTaken {
    /// Notices that were new here, to be passed on at once: their envelopes.
    pub new: Vec<Vec<u8>>,
    /// Some could not be judged under the head that is trusted now: to be judged again after the head.
    pub later: bool,
    /// How many were honoured at once.
    pub taken: usize,
    /// True when its fork proof changed what is trusted here (TRUST-24).
    pub fork: bool,
    /// Acts that wait for the operator.
    pub held: Vec<String>,
    /// What was wrong with one of them, or with the bulletin.
    pub refused: Option<String>,
    /// Why our own store could not take it.
    pub failed: Option<String>,
}

/// Judges everything in a bulletin.
///
/// # Errors
/// When state or store fail.
pub fn take_bulletin(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    bytes: &[u8],
) -> Result<BulletinTaken, StoreError> {
    let mut out = BulletinTaken::default();
    let bulletin = match Bulletin::decode(bytes) {
        Ok(bulletin) => bulletin,
        Err(reject) => {
            out.refused = Some(reject.to_string());
            return Ok(out);
        }
    };
    if let Some(fork) = &bulletin.fork {
        // First of all (TRUST-24). A node that has a network has asked for payloads in between before.
        let verdict = adopt_fork(states, store, archive, &fork.encode(), store)?;
        out.fork = matches!(verdict, Verdict::Fork(_));
    }
    let known = file::load(states, archive)?;
    for notice in bulletin.notices {
        let envelope = cbor::encode(&notice);
        let is_new = !known.acts.notices.iter().any(|kept| kept.id == notice.payload_hash());
        match take_notice(states, store, archive, &envelope)? {
            NoticeVerdict::Taken => {
                out.taken += 1;
                out.new.push(envelope);
            }
            NoticeVerdict::Held(act) => {
                out.held.push(act);
                if is_new {
                    out.new.push(envelope);
                }
            }
            NoticeVerdict::Known => {}
            NoticeVerdict::Later => out.later = true,
            NoticeVerdict::Refused(why) => out.refused = Some(why),
        }
    }
    Ok(out)
}

/// The bulletin of an archive for those who ask; `None` when there is nothing to tell.
///
/// # Errors
/// When the state cannot be read.
pub fn bulletin(
    states: &ArchiveStates,
    archive: &ArchiveId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let loaded = file::load(states, archive)?;
    let decode = |kept: &Kept| cbor::decode(&kept.envelope, MAX_PAYLOAD_BYTES).ok();
    // The newest first: should there be no room for all, they are the ones that nobody has yet.
    let notices: Vec<Envelope> = loaded.acts.notices.iter().rev().filter_map(decode).collect();
    let fork = states.state(archive)?.and_then(|state| state.fork).map(|checked| checked.fork);
    let bulletin = Bulletin::new(fork, notices);
    Ok((!bulletin.is_empty()).then(|| bulletin.encode()))
}

/// The notices that are passed on: hash of the payload and the envelope.
///
/// # Errors
/// When the state cannot be read.
pub fn notices(
    states: &ArchiveStates,
    archive: &ArchiveId,
) -> Result<Vec<(Hash, Vec<u8>)>, StoreError> {
    let loaded = file::load(states, archive)?;
    Ok(loaded.acts.notices.iter().map(|kept| (kept.id, kept.envelope.clone())).collect())
}

/// What release `sequence` is to list as withdrawn (WD-4): what the release before did, and what is denied
/// here. What names a later release, which was set aside since, is listed with this one's own number (WD-2).
///
/// More than a release can list may come out: see [`newest_of`].
pub fn cumulative(before: &[Withdrawal], denied: &Denied, sequence: u64) -> Vec<Withdrawal> {
    let mut all = Denied::none(*denied.archive());
    all.add(before);
    all.add(denied.list());
    let clamped = |w: &Withdrawal| Withdrawal { sequence: w.sequence.min(sequence), ..w.clone() };
    all.list().map(clamped).collect()
}

/// The newest withdrawals of an ascending list, as many as a release can list, ascending again (WD-4).
pub fn newest_of(mut list: Vec<Withdrawal>) -> Vec<Withdrawal> {
    if list.len() > MAX_WITHDRAWN {
        list.sort_by(|a, b| (b.sequence, &b.date, b.item).cmp(&(a.sequence, &a.date, a.item)));
        list.truncate(MAX_WITHDRAWN);
        list.sort_by_key(|w| w.item);
    }
    list
}

#[cfg(test)]
#[path = "notices_tests.rs"]
mod tests;
