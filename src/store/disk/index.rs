//! The index of a disk store, in redb: which block lies where.
//!
//! It says nothing that the segments do not say: it can be thrown away and built again. It is
//! checked whole at every open, because redb does not verify its checksums on ordinary reads. After
//! an I/O error redb wants to be opened again; that happens here, unseen by the caller.

use super::copies::{self, ERASING, Erase, FREED, SPARES, SPARES_KNOWN, Span};
use super::dropped::{self, Drop};
pub use super::place::Place;
use super::place::Row;
use crate::store::{StoreError, StoreStats};
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use yadgar_protocol::Hash;

const BLOCKS: TableDefinition<'_, &[u8; 32], Row> = TableDefinition::new("blocks-1");
/// How far each segment is in the index.
const SEGMENTS: TableDefinition<'_, u32, u64> = TableDefinition::new("segments-1");
const STATE: TableDefinition<'_, &str, u64> = TableDefinition::new("state-1");
/// Set while the index is being built from the segments.
const BUILDING: &str = "building";
const TOTALS: [&str; 3] = ["blocks", "stored", "plain"];
/// redb's cache. The system's page cache holds the rest.
const CACHE_BYTES: usize = 16 << 20;

/// What a commit changes.
#[derive(Default)]
pub struct Batch {
    /// The new place of a block, or `None` to forget it.
    pub places: BTreeMap<Hash, Option<Place>>,
    /// How far each segment is in the index after this commit.
    pub covered: BTreeMap<u32, u64>,
    /// Set or cleared by a rebuild.
    pub building: Option<bool>,
    /// Copies of blocks that are at no place of the index.
    pub spares: Vec<(Hash, Span)>,
    /// From now on every copy that the segments hold beside the places is in the index.
    pub spares_known: bool,
    /// Bytes that erased records gave back to the file system.
    pub freed: u64,
    /// A step of an erasing.
    pub erase: Option<Erase>,
    /// A step of letting a whole segment go.
    pub drop: Option<Drop>,
}

/// Why an index could not be opened.
pub enum Broken {
    /// Its bytes are wrong: build it again.
    Damaged,
    /// Building it again would not help.
    Failed(StoreError),
}

/// The index file.
pub struct Index {
    path: PathBuf,
    db: RwLock<Option<Open>>,
}

/// An open database.
struct Open {
    /// The places as of the last commit, for look-ups: to begin a transaction for each costs more than
    /// the look-up. The field before the database, which must outlive it.
    places: Mutex<Option<Arc<Places>>>,
    db: Database,
}

type Places = redb::ReadOnlyTable<&'static [u8; 32], Row>;

impl Open {
    fn new(db: Database) -> Self {
        Self { places: Mutex::default(), db }
    }

    fn places(&self) -> Result<Arc<Places>, redb::Error> {
        let mut held = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = &*held {
            return Ok(Arc::clone(places));
        }
        let places = Arc::new(self.db.begin_read()?.open_table(BLOCKS)?);
        *held = Some(Arc::clone(&places));
        Ok(places)
    }

    /// Before and after every commit: pages of an old state must not be kept from being used again.
    fn let_go(&self) {
        *self.places.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// A state of the index that later commits do not change.
pub struct Snapshot {
    blocks: redb::ReadOnlyTable<&'static [u8; 32], Row>,
    /// How far each segment was in the index.
    pub covered: BTreeMap<u32, u64>,
}

impl Index {
    /// Opens or creates the index and checks all of it.
    pub fn open(path: &Path) -> Result<Self, Broken> {
        let db = open_checked(path).map_err(|error| broken(path, error))?;
        Ok(Self { path: path.to_owned(), db: RwLock::new(Some(Open::new(db))) })
    }

    /// The place of each of `hashes`, `None` where it is not in the index.
    pub fn places(&self, hashes: &[Hash]) -> Result<Vec<Option<Place>>, StoreError> {
        self.with_open("read", |open| {
            let table = open.places()?;
            let get = |hash: &Hash| Ok(table.get(&hash.0)?.and_then(|row| Place::of(row.value())));
            hashes.iter().map(get).collect()
        })
    }

    /// Writes a batch durably, in two phases, and returns the new totals.
    pub fn commit(&self, batch: &Batch) -> Result<StoreStats, StoreError> {
        self.with_open("write", |open| {
            open.let_go();
            let mut txn = open.db.begin_write()?;
            txn.set_two_phase_commit(true);
            let totals = apply(&txn, batch)?;
            txn.commit()?;
            open.let_go();
            Ok(totals)
        })
    }

    /// A state to compare the segments with.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.with("read", |db| {
            let txn = db.begin_read()?;
            let mut covered = BTreeMap::new();
            for row in txn.open_table(SEGMENTS)?.iter()? {
                let (segment, end) = row?;
                covered.insert(segment.value(), end.value());
            }
            Ok(Snapshot { blocks: txn.open_table(BLOCKS)?, covered })
        })
    }

    /// What the index holds, and whether building it was cut short.
    pub fn state(&self) -> Result<(StoreStats, bool), StoreError> {
        self.with("read", |db| {
            let table = db.begin_read()?.open_table(STATE)?;
            let get = |key| Ok::<_, redb::Error>(table.get(key)?.map_or(0, |value| value.value()));
            let totals = StoreStats {
                blocks: get(TOTALS[0])?,
                stored_bytes: get(TOTALS[1])?,
                plain_bytes: get(TOTALS[2])?,
            };
            Ok((totals, get(BUILDING)? != 0))
        })
    }

    /// Blocks in order of their hashes, those after `after`, at most `most`. Fewer only at the end.
    pub fn page(
        &self,
        after: Option<&Hash>,
        most: usize,
    ) -> Result<Vec<(Hash, Place)>, StoreError> {
        self.with("read", |db| {
            let table = db.begin_read()?.open_table(BLOCKS)?;
            let from = after.map_or(Bound::Unbounded, |hash| Bound::Excluded(&hash.0));
            let mut page = Vec::new();
            for row in table.range::<&[u8; 32]>((from, Bound::Unbounded))? {
                let row = row?;
                if page.len() >= most {
                    break;
                }
                page.extend(Place::of(row.1.value()).map(|place| (Hash(*row.0.value()), place)));
            }
            Ok(page)
        })
    }

    /// Copies of each of `hashes` that are at no place of the index.
    pub fn spares(&self, hashes: &[Hash]) -> Result<Vec<(Hash, Span)>, StoreError> {
        self.with("read", |db| {
            let table = db.begin_read()?.open_multimap_table(SPARES)?;
            let mut found = Vec::new();
            for hash in hashes {
                for row in table.get(&hash.0)? {
                    found.push((*hash, Span::of(row?.value())));
                }
            }
            Ok(found)
        })
    }

    /// What an erasing that has not come to its end has to overwrite.
    pub fn erasing(&self) -> Result<Vec<Span>, StoreError> {
        self.with("read", |db| {
            let table = db.begin_read()?.open_table(ERASING)?;
            let spans = table.iter()?.map(|row| Ok(Span::of(row?.0.value())));
            spans.collect()
        })
    }

    /// Whether all copies are known, and how many bytes erased records gave back.
    pub fn erase_state(&self) -> Result<(bool, u64), StoreError> {
        self.with("read", |db| {
            let table = db.begin_read()?.open_table(STATE)?;
            let get = |key| Ok::<_, redb::Error>(table.get(key)?.map_or(0, |value| value.value()));
            Ok((get(SPARES_KNOWN)? != 0, get(FREED)?))
        })
    }

    /// Bytes that the file takes on the disk. It is sparse: its length says more than it takes.
    pub fn disk_bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |meta| meta.len().min(meta.blocks() * 512))
    }

    /// Runs `act` on the database. After a failure the database is closed, and opened again by the
    /// next caller; an operation that only met an earlier failure is tried once more.
    pub fn with<T>(
        &self,
        what: &str,
        act: impl Fn(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        self.with_open(what, |open| act(&open.db))
    }

    fn with_open<T>(
        &self,
        what: &str,
        act: impl Fn(&Open) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let mut again = true;
        loop {
            self.ensure_open()?;
            let guard = self.db.read().unwrap_or_else(PoisonError::into_inner);
            let Some(open) = guard.as_ref() else { continue };
            let result = no_panic(|| act(open));
            drop(guard);
            let Err(error) = result else { return result.map_err(|e| self.error(what, e)) };
            self.close();
            let earlier = matches!(error, redb::Error::PreviousIo | redb::Error::DatabaseClosed);
            if !(earlier && std::mem::take(&mut again)) {
                return Err(self.error(what, error));
            }
        }
    }

    fn ensure_open(&self) -> Result<(), StoreError> {
        if self.db.read().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        let mut guard = self.db.write().unwrap_or_else(PoisonError::into_inner);
        if guard.is_none() {
            let db = open_checked(&self.path).map_err(|error| self.error("open", error))?;
            *guard = Some(Open::new(db));
        }
        Ok(())
    }

    fn close(&self) {
        let db = self.db.write().unwrap_or_else(PoisonError::into_inner).take();
        // Closing a database that has failed may fail again: there is nothing left to lose.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(db)));
    }

    fn error(&self, what: &str, error: redb::Error) -> StoreError {
        match broken(&self.path, error) {
            Broken::Failed(error) => error,
            Broken::Damaged => StoreError::Index(format!("{what} {}", self.path.display())),
        }
    }
}

impl Snapshot {
    /// The place of a block.
    pub fn place(&self, hash: &Hash) -> Result<Option<Place>, StoreError> {
        let row = no_panic(|| Ok(self.blocks.get(&hash.0)?.map(|row| row.value())));
        Ok(row.map_err(unreadable)?.and_then(Place::of))
    }

    /// Number of entries.
    pub fn len(&self) -> Result<u64, StoreError> {
        no_panic(|| Ok(self.blocks.len()?)).map_err(unreadable)
    }

    /// Shows every entry; one that cannot be read as a place is `None`.
    pub fn each(
        &self,
        visit: &mut dyn FnMut(Hash, Option<Place>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut rows = no_panic(|| Ok(self.blocks.iter()?)).map_err(unreadable)?;
        while let Some(row) = no_panic(|| Ok(rows.next().transpose()?)).map_err(unreadable)? {
            visit(Hash(*row.0.value()), Place::of(row.1.value()))?;
        }
        Ok(())
    }
}

fn unreadable(error: redb::Error) -> StoreError {
    StoreError::Index(error.to_string())
}

/// Puts a batch into a transaction and keeps the totals.
fn apply(txn: &redb::WriteTransaction, batch: &Batch) -> Result<StoreStats, redb::Error> {
    let mut blocks = txn.open_table(BLOCKS)?;
    let mut segments = txn.open_table(SEGMENTS)?;
    let mut state = txn.open_table(STATE)?;
    let mut spares = txn.open_multimap_table(SPARES)?;
    let mut totals = [0_u64; 3];
    for (total, key) in totals.iter_mut().zip(TOTALS) {
        *total = state.get(key)?.map_or(0, |value| value.value());
    }
    for (hash, place) in &batch.places {
        let old = match place {
            Some(place) => blocks.insert(&hash.0, place.row())?,
            None => blocks.remove(&hash.0)?,
        };
        let old = old.and_then(|row| Place::of(row.value()));
        // What lies there stays there until it is erased.
        if let Some(old) = old.filter(|old| batch.erase.is_none() && Some(*old) != *place) {
            spares.insert(&hash.0, old.span().row())?;
        }
        for (total, (less, more)) in
            totals.iter_mut().zip(sizes(&old).into_iter().zip(sizes(place)))
        {
            *total = total.saturating_add(more).saturating_sub(less);
        }
    }
    for (segment, end) in &batch.covered {
        segments.insert(segment, end)?;
    }
    for (total, key) in totals.iter().zip(TOTALS) {
        state.insert(key, total)?;
    }
    if let Some(building) = batch.building {
        state.insert(BUILDING, u64::from(building))?;
    }
    copies::apply(txn, batch, &mut spares, &mut state)?;
    dropped::apply(txn, batch.drop.as_ref(), &mut segments, &mut spares, &mut state)?;
    let [blocks, stored_bytes, plain_bytes] = totals;
    Ok(StoreStats { blocks, stored_bytes, plain_bytes })
}

/// What a place adds to each of the totals.
fn sizes(place: &Option<Place>) -> [u64; 3] {
    place.as_ref().map_or([0; 3], |place| [1, place.record_len(), u64::from(place.plain_len)])
}

fn open_checked(path: &Path) -> Result<Database, redb::Error> {
    no_panic(|| {
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
        let db = builder.create(path)?;
        // All tables are there from the start, so that a read never meets a missing one.
        let mut txn = db.begin_write()?;
        txn.set_two_phase_commit(true);
        apply(&txn, &Batch::default())?;
        txn.commit()?;
        Ok(db)
    })
}

/// A damaged file can make redb panic: an error like any other here.
fn no_panic<T>(act: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, redb::Error> {
    catch_unwind(AssertUnwindSafe(act))
        .unwrap_or_else(|_| Err(redb::Error::Corrupted("redb panicked".to_owned())))
}

/// Tells wrong bytes, for which a rebuild helps, from everything else.
fn broken(path: &Path, error: redb::Error) -> Broken {
    use std::io::ErrorKind;
    let what = format!("index {}", path.display());
    match error {
        redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => {
            Broken::Failed(StoreError::InUse(what))
        }
        redb::Error::Io(error) => match error.kind() {
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Broken::Damaged,
            _ if error.raw_os_error() == Some(super::walk::EIO) => Broken::Damaged,
            _ => Broken::Failed(StoreError::io(what, error)),
        },
        redb::Error::PreviousIo | redb::Error::DatabaseClosed => {
            let error = std::io::Error::other("an earlier error of the disk");
            Broken::Failed(StoreError::io(what, error))
        }
        _ => Broken::Damaged,
    }
}
