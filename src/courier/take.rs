//! Learning from a text that somebody sent (COU-1, COU-6, CAR-7).

use crate::access::{Access, AccessError, Adopted};
use crate::carrier::archive_of;
use crate::store::acts::BulletinTaken;
use crate::store::adopt::payloads_needed;
use std::collections::{BTreeMap, BTreeSet};
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::carrier::{CarReader, Event};
use yadgar_protocol::courier::{self, CourierError, Cut};
use yadgar_protocol::head::Head;
use yadgar_protocol::trust::check_head;
use yadgar_protocol::withdraw::Withdrawal;
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash};

/// Why a text could not be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TakeError {
    /// It is too long.
    #[error(transparent)]
    Text(#[from] CourierError),
    /// The home cannot be read or written.
    #[error(transparent)]
    Access(#[from] AccessError),
}

/// What was found in a text, and what came of it.
#[derive(Debug, Default)]
pub struct Reading {
    /// One for each courier that was whole and has a head, in the order of the text.
    pub learnt: Vec<Learnt>,
    /// Couriers of which lines are missing.
    pub cut: Vec<Cut>,
    /// Lines that are damaged.
    pub altered: usize,
    /// Couriers that are whole and have no head in them.
    pub headless: usize,
}

/// The release that a head tells of. Its signatures are those of the archive that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Name of the archive.
    pub name: String,
    /// Number of the release.
    pub sequence: u64,
    /// UTC day of it, as signed.
    pub date: String,
}

/// What one courier came to.
#[derive(Debug)]
pub struct Learnt {
    /// The archive that its head says it is of.
    pub archive: ArchiveId,
    /// The release, when the head is valid by itself.
    pub told: Option<Told>,
    /// What became of the head. `None`: the archive is not known here, and nothing was taken.
    pub adopted: Option<Adopted>,
    /// The newest release that was known here before.
    pub before: Option<u64>,
    /// What came of its bulletin.
    pub bulletin: BulletinTaken,
    /// Withdrawals that are in force here now and were not before.
    pub withdrawn: Vec<Withdrawal>,
    /// Ids of acts that wait for the operator now and did not before.
    pub held: Vec<String>,
}

/// True when there is a courier in a text, whole or cut.
pub fn look(text: &str) -> bool {
    courier::read(text).is_ok_and(|found| !found.whole.is_empty() || !found.cut.is_empty())
}

/// Finds couriers in a text and judges what is in them. Of an archive that is not known here nothing is taken
/// unless `accept` is set: to trust it on first sight is for a person to decide (TRUST-16).
///
/// # Errors
/// See [`TakeError`]. What was taken before stays; the same text can be read again.
pub fn take(access: &Access, text: &str, accept: bool) -> Result<Reading, TakeError> {
    let found = courier::read(text)?;
    let mut reading = Reading { cut: found.cut, altered: found.altered, ..Reading::default() };
    for bytes in &found.whole {
        match Contents::of(bytes) {
            Some(contents) => reading.learnt.push(contents.learn(access, accept)?),
            None => reading.headless += 1,
        }
    }
    Ok(reading)
}

/// What is in the carrier of a courier.
struct Contents {
    archive: ArchiveId,
    head: Vec<u8>,
    bulletin: Option<Vec<u8>>,
    /// Everything of codec dag-cbor; at most what a courier can have (COU-3).
    blocks: BTreeMap<BlockId, Vec<u8>>,
}

impl Contents {
    /// The first head and the first bulletin; `None` without a head.
    fn of(bytes: &[u8]) -> Option<Self> {
        let (mut reader, mut blocks) = (CarReader::new(), BTreeMap::new());
        let (mut head, mut bulletin) = (None, None);
        reader.feed(bytes);
        while let Some(event) = reader.next(true) {
            let Event::Block { id, data, .. } = event else { continue };
            if id.codec != Codec::DagCbor {
                continue;
            }
            if head.is_none()
                && let Some(archive) = archive_of(&data)
            {
                head = Some((archive, data));
            } else if bulletin.is_none() && Bulletin::decode(&data).is_ok() {
                bulletin = Some(data);
            } else {
                blocks.insert(id, data);
            }
        }
        let (archive, head) = head?;
        // The release of the head may be what a fork parts from.
        let payload = Head::decode(&head).ok()?.release.payload;
        blocks.insert(BlockId::dag_cbor(&payload), payload);
        Some(Self { archive, head, bulletin, blocks })
    }

    fn learn(&self, access: &Access, accept: bool) -> Result<Learnt, AccessError> {
        let archive = self.archive;
        let told = check_head(&archive, &self.head).ok().map(|head| Told {
            name: head.name().to_owned(),
            sequence: head.release.sequence,
            date: head.release.date,
        });
        let mut learnt = Learnt {
            archive,
            told,
            adopted: None,
            before: access.trusted(&archive)?.map(|head| head.release.sequence),
            bulletin: BulletinTaken::default(),
            withdrawn: Vec::new(),
            held: Vec::new(),
        };
        if !accept && !access.archives.list()?.contains(&archive) {
            return Ok(learnt);
        }
        let before = Standing::of(access, &archive)?;
        self.put_payloads(access)?;
        learnt.adopted = Some(self.judge(access, &mut learnt.bulletin)?);
        let after = Standing::of(access, &archive)?;
        let new = |w: &Withdrawal| !before.denied.contains(&w.item);
        let denied = access.archives.denied(&archive)?;
        learnt.withdrawn = denied.list().filter(|w| new(w)).cloned().collect();
        learnt.held = after.held.difference(&before.held).cloned().collect();
        Ok(learnt)
    }

    /// A fork is told before anything else (TRUST-24). Notices may be of the release that the head brings, so
    /// what could not be judged before it is judged again after it (WD-5).
    fn judge(&self, access: &Access, out: &mut BulletinTaken) -> Result<Adopted, AccessError> {
        let archive = &self.archive;
        let Some(bulletin) = &self.bulletin else {
            return access.archives.adopt(archive, &self.head);
        };
        let known = access.archives.trusted(archive)?.is_some();
        if known {
            *out = access.archives.take_bulletin(archive, bulletin)?;
        }
        let adopted = access.archives.adopt(archive, &self.head)?;
        if !known || out.later {
            let again = access.archives.take_bulletin(archive, bulletin)?;
            out.taken += again.taken;
            out.fork |= again.fork;
            out.later = again.later;
            out.refused = again.refused.or(out.refused.take());
            out.failed = again.failed.or(out.failed.take());
        }
        Ok(adopted)
    }

    /// Puts the payloads that judging head and fork asks for into the store, as far as they are in here: no
    /// others, since nobody asked for them (CAR-7).
    fn put_payloads(&self, access: &Access) -> Result<(), AccessError> {
        let Some(trusted) = access.trusted(&self.archive)? else { return Ok(()) };
        let mut needed = payloads_needed(&trusted, &self.head, &self.blocks);
        let bulletin = self.bulletin.as_ref().and_then(|bytes| Bulletin::decode(bytes).ok());
        let fork = bulletin.and_then(|bulletin| bulletin.fork);
        if let Some(fork) = fork.and_then(|fork| fork.check(&self.archive).ok()) {
            for head in fork.heads() {
                needed.extend(payloads_needed(&trusted, &head, &self.blocks));
            }
        }
        let packed = needed.into_values().map(|p| Packed::plain(Codec::DagCbor, p));
        Ok(access.store.put(packed.collect())?)
    }
}

/// What is in force and what waits.
struct Standing {
    denied: BTreeSet<Hash>,
    held: BTreeSet<String>,
}

impl Standing {
    fn of(access: &Access, archive: &ArchiveId) -> Result<Self, AccessError> {
        let denied = access.archives.denied(archive)?;
        let held = access.archives.held(archive)?;
        Ok(Self {
            denied: denied.list().map(|w| w.item).collect(),
            held: held.into_iter().map(|act| act.id).collect(),
        })
    }
}
