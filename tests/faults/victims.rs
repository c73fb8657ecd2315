//! What is killed: this test binary, started again. It says on its standard output what was promised; whatever happens
//! then, that must be there.

use crate::sample::Sample;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use yadgar::store::disk::ScanEvent;
use yadgar::store::vault::seal::Keys;
use yadgar::store::vault::{Vault, VaultOptions};
use yadgar::store::{
    ArchiveStates, BlockStore, DiskStore, StoreError, StoreOptions, acts, adopt, complete,
};
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::{ArchiveId, BlockId, Codec};

const KIND: &str = "YADGAR_FAULTS_VICTIM";
const DIR: &str = "YADGAR_FAULTS_DIR";

/// Blocks between two flushes, how often, and in all.
const BATCH: u32 = 6;
const BATCHES: u32 = 3;
const ALL: u32 = BATCH * BATCHES;
/// Releases of the archive of [`Kind::Heads`]; the last but one withdraws a file.
const RELEASES: u32 = 5;

/// What a victim does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Puts and flushes blocks, and reads them again.
    Store,
    /// As the first, in a store that has lost its index.
    Rebuild,
    /// Erases two thirds of a store.
    Erase,
    /// Compacts a store of which two thirds were erased, puts more, and erases and compacts again.
    Compact,
    /// As the first, in an encrypted home of which a power cut took the last mark.
    Vault,
    /// Takes releases and a notice of an archive, and keeps which are whole.
    Heads,
}

const KINDS: [Kind; 6] =
    [Kind::Store, Kind::Rebuild, Kind::Erase, Kind::Compact, Kind::Vault, Kind::Heads];

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Rebuild => "rebuild",
            Self::Erase => "erase",
            Self::Compact => "compact",
            Self::Vault => "vault",
            Self::Heads => "heads",
        }
    }

    /// The highest number that the victim promises.
    pub fn last(self) -> u32 {
        match self {
            Self::Store | Self::Rebuild | Self::Vault => ALL,
            Self::Erase | Self::Compact => 2,
            Self::Heads => RELEASES + 1,
        }
    }

    /// Makes what the victim begins with.
    pub fn prepare(self, dir: &Path) {
        std::fs::create_dir(dir).unwrap();
        let put = |store: &dyn BlockStore, count: u32| {
            store.put((0..count).map(block).collect()).unwrap();
            store.flush().unwrap();
        };
        match self {
            Self::Store => {}
            Self::Rebuild => {
                put(&DiskStore::open(&dir.join("store"), OPTIONS).unwrap(), BATCH);
                std::fs::remove_file(dir.join("store/index.redb")).unwrap();
            }
            Self::Erase => put(&DiskStore::open(&dir.join("store"), OPTIONS).unwrap(), ALL),
            Self::Compact => {
                let store = DiskStore::open(&dir.join("store"), OPTIONS).unwrap();
                put(&store, ALL);
                for ids in to_erase() {
                    store.erase(&ids).unwrap();
                }
            }
            Self::Vault => {
                put(&vault(&dir.join("data")).unwrap(), BATCH);
                // The mark is not synced: a power cut may take it.
                let last = std::fs::OpenOptions::new().write(true).open(dir.join("data/00000001"));
                let last = last.unwrap();
                last.set_len(last.metadata().unwrap().len() - 256).unwrap();
            }
            Self::Heads => {}
        }
    }

    /// What was promised before the victim began.
    fn at_first(self) -> u32 {
        if let Self::Rebuild | Self::Vault = self { BATCH } else { 0 }
    }

    /// Starts the victim.
    pub fn command(self, dir: &Path) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "victims::victim", "--nocapture", "--test-threads=1"]);
        command.env(KIND, self.name()).env(DIR, dir);
        command
    }

    /// Opens what is left and checks it: all that was promised is there, nothing is wrong, and the
    /// same again ends well.
    pub fn check(self, dir: &Path, promised: u32, how: &str) {
        let promised = promised.max(self.at_first());
        match self {
            Self::Store | Self::Rebuild => {
                let store = DiskStore::open(&dir.join("store"), OPTIONS).unwrap();
                check_blocks(&store, promised, how);
                assert!(store.damage().count == 0, "{how}");
                assert!(store.scan(&mut |_| {}).unwrap().is_clean(), "{how}");
                store.put((0..ALL).map(block).collect()).unwrap();
                store.flush().unwrap();
                check_blocks(&store, ALL, how);
            }
            Self::Vault => {
                let store = vault(&dir.join("data")).unwrap();
                check_blocks(&store, promised, how);
                assert!(store.damage().count == 0, "{how}");
                store.put((0..ALL).map(block).collect()).unwrap();
                drop(store);
                let store = vault(&dir.join("data")).unwrap();
                check_blocks(&store, ALL, how);
                check_containers(&store, how);
            }
            Self::Compact => check_compacted(&dir.join("store"), promised, how),
            Self::Erase => check_erased(&dir.join("store"), promised, how),
            Self::Heads => check_heads(dir, promised, how),
        }
    }
}

const OPTIONS: StoreOptions = StoreOptions { quota: None, compress: true, segment_bytes: 30_000 };

fn vault(dir: &Path) -> Result<Vault, StoreError> {
    let options = VaultOptions { quota: None, container_bytes: 25_000 };
    Vault::open(dir, Arc::new(Keys::derive(&[7; 32])), options)
}

/// Block `n`: some compress, some do not; some are so large that an erasing gives pages back.
fn block(n: u32) -> Packed {
    let large = if n.is_multiple_of(4) { 9000 } else { 0 };
    let mut data = vec![n as u8; 200 + (n as usize * 37) % 3000 + large];
    if n.is_multiple_of(2) {
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
    }
    Packed::plain(Codec::Raw, data)
}

/// The victim. Does nothing when it is run as an ordinary test.
#[test]
fn victim() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let (dir, kind) = (Path::new(&dir), std::env::var(KIND).unwrap());
    let kind = KINDS.into_iter().find(|k| k.name() == kind).unwrap();
    match kind {
        Kind::Store | Kind::Rebuild => puts(&DiskStore::open(&dir.join("store"), OPTIONS).unwrap()),
        Kind::Vault => puts(&vault(&dir.join("data")).unwrap()),
        Kind::Erase => {
            let store = DiskStore::open(&dir.join("store"), OPTIONS).unwrap();
            for (round, ids) in to_erase().iter().enumerate() {
                store.erase(ids).unwrap();
                promise(round as u32 + 1);
            }
        }
        Kind::Compact => {
            let store = DiskStore::open(&dir.join("store"), OPTIONS).unwrap();
            compact(&store);
            promise(1);
            store.put((ALL..ALL + BATCH).map(block).collect()).unwrap();
            store.flush().unwrap();
            promise(2);
            compact(&store);
        }
        Kind::Heads => take_heads(dir),
    }
}

fn compact(store: &DiskStore) {
    let done = store.compact(50, &|| true).unwrap();
    assert!(!done.lacks_room, "{done:?}");
}

/// Said in one call, and not by a macro: those are kept back while a test runs.
fn promise(n: u32) {
    let mut out = std::io::stdout();
    out.write_all(format!("\npromised {n}\n").as_bytes()).and_then(|()| out.flush()).unwrap();
}

fn puts(store: &dyn BlockStore) {
    for from in (0..ALL).step_by(BATCH as usize) {
        // Two puts, so that one may be in the segment and the other not.
        store.put((from..from + 1).map(block).collect()).unwrap();
        store.put((from + 1..from + BATCH).map(block).collect()).unwrap();
        store.flush().unwrap();
        promise(from + BATCH);
    }
    for n in 0..ALL {
        assert_eq!(store.get(&block(n).id).unwrap().unwrap(), block(n).data);
    }
}

fn check_blocks(store: &dyn BlockStore, promised: u32, how: &str) {
    for n in 0..ALL {
        let data = store.get(&block(n).id).unwrap();
        assert!(data.is_some() || n >= promised, "block {n} of {promised} is lost after {how}");
        assert!(data.is_none_or(|data| data == block(n).data), "block {n} after {how}");
    }
}

/// No damage is told, but of a container of which nothing at all can be read: that may be somebody else's file.
fn check_containers(store: &Vault, how: &str) {
    let (mut good, mut damaged) = (BTreeSet::new(), BTreeSet::new());
    let report = store.scan(&mut |event| match event {
        ScanEvent::Good { segment, .. } => drop(good.insert(segment)),
        ScanEvent::Damaged { segment, .. } => drop(damaged.insert(segment)),
        _ => {}
    });
    assert_eq!(report.unwrap().dangling, 0, "{how}");
    assert!(good.is_disjoint(&damaged), "damage in {damaged:?} after {how}");
}

/// What is erased, in two goes.
fn to_erase() -> [Vec<BlockId>; 2] {
    let ids = |rest| (0..ALL).filter(|n| n % 3 == rest).map(|n| block(n).id).collect();
    [ids(0), ids(1)]
}

fn check_erased(dir: &Path, promised: u32, how: &str) {
    let store = DiskStore::open(dir, OPTIONS).unwrap();
    let held = |n: u32| store.get(&block(n).id).unwrap();
    for n in 0..ALL {
        match held(n) {
            Some(data) => assert!(data == block(n).data && n % 3 >= promised, "{n} after {how}"),
            None => assert!(n % 3 != 2, "block {n} is lost after {how}"),
        }
    }
    assert!(store.damage().count == 0 && store.scan(&mut |_| {}).unwrap().is_clean(), "{how}");
    for ids in to_erase() {
        store.erase(&ids).unwrap();
    }
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir.join("segments")).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    // The noisy ones are kept as they are: their bytes must be in no file.
    for n in (0..ALL).filter(|n| n.is_multiple_of(2)) {
        let found = memchr::memmem::find(&bytes, &block(n).data[150..200]).is_some();
        assert_eq!(found, n % 3 == 2, "the bytes of block {n} after {how}");
    }
}

fn check_compacted(dir: &Path, promised: u32, how: &str) {
    for _ in 0..2 {
        let store = DiskStore::open(dir, OPTIONS).unwrap();
        for n in 0..ALL + BATCH {
            let held = store.get(&block(n).id).unwrap();
            assert!(held.as_ref().is_none_or(|data| *data == block(n).data), "{n} after {how}");
            let kept = if n < ALL { n % 3 == 2 } else { promised >= 2 };
            assert!(held.is_some() || !kept, "block {n} is lost after {how}");
            assert!(held.is_none() || n >= ALL || n % 3 == 2, "block {n} is back after {how}");
        }
        assert!(store.damage().count == 0 && store.scan(&mut |_| {}).unwrap().is_clean(), "{how}");
        compact(&store);
        assert_eq!(store.compact(50, &|| true).unwrap().segments, 0, "{how}");
    }
    check_erased(dir, 2, how);
}

/// The releases, the notice that follows them, and the file that the last but one withdraws.
struct Story {
    releases: Vec<Sample>,
    notice: Vec<u8>,
    gone: BlockId,
    gone_later: BlockId,
}

fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(|| {
        let files = |release: u32| -> Vec<(String, Vec<u8>)> {
            let text = |n: u32| format!("text {n} of the fictional archive").into_bytes();
            // The first goes with the last but one release, the second by the notice.
            let first = u32::from(release + 1 >= RELEASES);
            (first..40).map(|n| (format!("texts/{n:02}.txt"), text(n))).collect()
        };
        let mut releases = vec![Sample::new("Faults (fictional)", 1, &[("core", files(1))])];
        let gone = releases[0].link("texts/00.txt");
        let gone_later = releases[0].link("texts/01.txt");
        for n in 2..=RELEASES {
            let before = &releases.last().unwrap().accepted;
            let parts = [("core", files(n))];
            let withdrawn = if n + 1 >= RELEASES { vec![gone] } else { vec![] };
            releases.push(Sample::withdrawing(before, &parts, &withdrawn));
        }
        let notice = releases.last().unwrap().notice(&[gone, gone_later]);
        Story { releases, notice, gone, gone_later }
    })
}

fn open_heads(dir: &Path) -> (DiskStore, ArchiveStates) {
    let store = DiskStore::open(&dir.join("store"), OPTIONS).unwrap();
    let states = ArchiveStates::open(&dir.join("archives")).unwrap();
    // As a home is opened.
    acts::resume(&states, &store).unwrap();
    complete::resume(&states, &store).unwrap();
    (store, states)
}

/// Takes the `n`-th release of the story, from 1 on, as a fetch does.
fn take_release(store: &DiskStore, states: &ArchiveStates, n: u32) {
    let sample = &story().releases[n as usize - 1];
    let (id, head) = (sample.accepted.release.archive, &sample.accepted.bytes);
    adopt::adopt(states, store, &id, head, store).unwrap();
    let denied = [story().gone, story().gone_later];
    let blocks = sample.blocks.iter().filter(|(id, _)| n == 1 || !denied.contains(id));
    store.put(blocks.map(|(id, bytes)| Packed::plain(id.codec, bytes.clone())).collect()).unwrap();
    store.flush().unwrap();
    complete::mark_complete(states, store, &id, head).unwrap();
}

fn take_heads(dir: &Path) {
    let (store, states) = open_heads(dir);
    for n in 1..=RELEASES {
        take_release(&store, &states, n);
        states.change_settings(&archive(), |s| s.source = format!("release {n}")).unwrap();
        promise(n);
    }
    acts::take_notice(&states, &store, &archive(), &story().notice).unwrap();
    promise(RELEASES + 1);
}

fn archive() -> ArchiveId {
    story().releases[0].accepted.release.archive
}

fn check_heads(dir: &Path, promised: u32, how: &str) {
    let (store, states) = open_heads(dir);
    let state = states.state(&archive()).unwrap();
    let trusted = state.map_or(0, |state| state.trusted.release.sequence);
    assert!(trusted >= u64::from(promised.min(RELEASES)), "trusts {trusted} after {how}");
    let whole = complete::complete_head(&states, &archive()).unwrap();
    let whole = whole.map_or(0, |head| head.release.sequence);
    assert!(whole >= u64::from(promised.min(RELEASES)) && whole <= trusted, "{whole} after {how}");
    let source = states.settings(&archive()).unwrap().source;
    let said: u32 = source.strip_prefix("release ").map_or(0, |n| n.parse().unwrap());
    assert!(said >= promised.min(RELEASES), "settings of {said} after {how}");
    // What is trusted as whole is whole.
    if let Some(sample) = whole.checked_sub(1).map(|at| &story().releases[at as usize]) {
        let denied = [story().gone, story().gone_later];
        for (id, bytes) in sample.blocks.iter().filter(|(id, _)| !denied.contains(id)) {
            assert_eq!(store.get(id).unwrap().as_ref(), Some(bytes), "{id} after {how}");
        }
    }
    let has = |id: &BlockId| store.has(id).unwrap();
    assert!(promised + 1 < RELEASES || !has(&story().gone), "withdrawn, and here after {how}");
    assert!(promised <= RELEASES || !has(&story().gone_later), "withdrawn, and here after {how}");
    // It goes on.
    for n in 1..=RELEASES {
        if u64::from(n) > whole {
            take_release(&store, &states, n);
        }
    }
    acts::take_notice(&states, &store, &archive(), &story().notice).unwrap();
    assert!(!has(&story().gone) && !has(&story().gone_later), "withdrawn, and here after {how}");
    assert!(
        yadgar::durable::temps(&dir.join("archives").join(archive().to_string()))
            .unwrap()
            .is_empty()
    );
}
