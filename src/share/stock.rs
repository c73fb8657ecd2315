//! The carriers that guests can take: settled once for each state of an archive, read from the store as they go.

use super::download::Content;
use super::limits::{MEGA, SPLITS};
use crate::carrier::{ExportError, ExportOptions, PieceError, Plan, volume_name, volumes};
use crate::reader::ArchiveView;
use crate::store::BlockStore;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use yadgar_protocol::release::CORE;
use yadgar_protocol::{ArchiveId, Hash};

/// What a share needs cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub String);

/// Why a carrier cannot be given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StockError {
    /// What is known of the archive cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The carrier cannot be planned.
    #[error(transparent)]
    Plan(#[from] ExportError),
}

/// Where a share has everything from. Asked at every request; may read the disk.
pub trait Source: Send + Sync {
    /// The archives that are shared, as they can be read now.
    fn views(&self) -> Vec<Arc<ArchiveView>>;
    /// The blocks of all of them.
    fn store(&self) -> Arc<dyn BlockStore>;
    /// What must be known of an archive before anything else (CAR-2).
    ///
    /// # Errors
    /// When it cannot be read: then no carrier is given, because it would hide what others must know.
    fn bulletin(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, SourceError>;
    /// The parts that are kept here; all without.
    ///
    /// # Errors
    /// When the settings cannot be read.
    fn parts(&self, archive: &ArchiveId) -> Result<Option<Vec<String>>, SourceError>;
    /// The lines that tell what is newest of an archive (courier.md); `None` when they would be too many.
    ///
    /// # Errors
    /// When it cannot be read.
    fn news(&self, archive: &ArchiveId) -> Result<Option<Vec<String>>, SourceError>;
}

/// Which carrier of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// All that is here.
    Whole,
    /// The part `core` alone: names and texts.
    Core,
    /// All that is here, as files of at most so many bytes (one of [`SPLITS`]).
    Split(u64),
}

impl Carrier {
    /// Its name in addresses.
    pub fn code(self) -> String {
        match self {
            Self::Whole => "all".into(),
            Self::Core => "core".into(),
            Self::Split(bytes) => (bytes / MEGA).to_string(),
        }
    }

    /// Reads that name.
    pub fn from_code(code: &str) -> Option<Self> {
        let splits = SPLITS.into_iter().map(Self::Split);
        [Self::Whole, Self::Core].into_iter().chain(splits).find(|c| c.code() == code)
    }

    /// The name of its file, the `number`th from 1 of so many.
    fn name(self, number: usize, count: usize) -> String {
        match self {
            Self::Whole => "archive.car".into(),
            Self::Core => "archive-core.car".into(),
            Self::Split(_) => volume_name("archive", number as u64, count as u64),
        }
    }
}

/// What a plan was made from: the head, how much is withdrawn, the bulletin, the parts.
type Of = (Hash, usize, Option<Hash>, Option<Vec<String>>);

/// The plans of the files of a carrier.
pub type Plans = Arc<Vec<Plan>>;

/// Plans, and what they were made from.
type Kept = (Of, Plans);

/// The plans that were made.
#[derive(Default)]
pub struct Stock {
    plans: Mutex<BTreeMap<(ArchiveId, Carrier), Kept>>,
}

impl Stock {
    /// The plans of a carrier's files, one unless it is split; `None` when the archive has no such one (no core beside other parts). Reads the
    /// disk when something changed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn plan(
        &self,
        source: &dyn Source,
        view: &ArchiveView,
        which: Carrier,
    ) -> Result<Option<Plans>, StockError> {
        let id = view.archive();
        let (bulletin, kept) = (source.bulletin(&id)?, source.parts(&id)?);
        let Some(parts) = parts(view, which, kept) else { return Ok(None) };
        let bytes_of = bulletin.as_deref();
        let head = Hash::of(&view.accepted().bytes);
        let of = (head, view.withdrawn_items(), bytes_of.map(Hash::of), parts.clone());
        // Held while planning, so that many guests at once plan only once.
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, plan)) = plans.get(&(id, which))
            && *known == of
        {
            return Ok(Some(plan.clone()));
        }
        let options = ExportOptions {
            parts: parts.as_deref(),
            except: None,
            denied: view.info().denied.as_ref(),
            bulletin: bytes_of,
            ..ExportOptions::default()
        };
        let (store, head) = (source.store(), view.accepted());
        let plan = Arc::new(match which {
            Carrier::Split(size) => volumes(&*store, head, &options, size)?,
            Carrier::Whole | Carrier::Core => vec![Plan::new(&*store, head, options)?],
        });
        plans.insert((id, which), (of, plan.clone()));
        Ok(Some(plan))
    }

    /// A plan whose bytes turned out not to be there is made anew.
    fn forget(&self, archive: ArchiveId) {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        plans.retain(|(id, _), _| *id != archive);
    }
}

/// Names of the parts to send; the inner `None` is all.
fn parts(
    view: &ArchiveView,
    which: Carrier,
    kept: Option<Vec<String>>,
) -> Option<Option<Vec<String>>> {
    let release = &view.accepted().release;
    let kept = kept.map(|mut names| {
        names.retain(|name| release.part(name).is_some());
        names
    });
    let count = kept.as_ref().map_or(release.parts.len(), Vec::len);
    match which {
        Carrier::Whole | Carrier::Split(_) => Some(kept),
        Carrier::Core if count > 1 && release.part(CORE).is_some() => {
            Some(Some(vec![CORE.to_owned()]))
        }
        Carrier::Core => None,
    }
}

/// A planned carrier as a file: of its plans the `number`th, from 1.
pub fn content(
    stock: &Arc<Stock>,
    store: Arc<dyn BlockStore>,
    archive: ArchiveId,
    (plans, number): (Plans, usize),
    which: Carrier,
) -> Option<Content> {
    let at = number.checked_sub(1)?;
    let plan = plans.get(at)?;
    let (length, tag, stock) = (plan.length(), plan.tag().to_owned(), stock.clone());
    let name = which.name(number, plans.len());
    let read = move |from, most| {
        plans[at].piece(&*store, from, most).map_err(|e| {
            if matches!(e, PieceError::Gone(_)) {
                stock.forget(archive);
            }
            io::Error::other(e)
        })
    };
    Some(Content { length, tag, name, read: Arc::new(read) })
}
