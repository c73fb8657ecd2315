//! Hosts whose indexes are many: invented ones, and those of a large archive.

use super::super::lab::{Lab, Send, answer};
use super::super::room::Budget;
use super::*;
use crate::store::WebForm;
use crate::web::{BaseUrl, ClientConfig};
use std::sync::Mutex;
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::pack::{HEAD_NAME, Member, PackBuilder, PackRef};
use yadgar_protocol::{ArchiveId, Codec, Hash};

const ARCHIVE: ArchiveId = ArchiveId(Hash([7; 32]));

type Files = BTreeMap<String, Vec<u8>>;

/// A pack in a catalog: what it holds, its part, its index, and its bytes if there are any.
type Pack = (Holds, &'static str, PackIndex, Vec<u8>);

/// The files of a mirror that has these packs.
fn files(packs: &[Pack]) -> Files {
    let mut files = Files::new();
    let mut entries = Vec::new();
    for (holds, part, index, bytes) in packs {
        let encoded = index.encode();
        let (pack, file) = (index.pack, FileRef::of(&encoded));
        let (parts, blocks) = (vec![(*part).to_owned()], index.ids().count() as u64);
        entries.push(PackRef { pack, holds: *holds, index: file, parts, blocks });
        files.insert(pack_name(&index.pack.hash), bytes.clone());
        files.insert(index_name(&file.hash), encoded);
    }
    let catalogs: Vec<_> = Catalog::split(entries).iter().map(Catalog::encode).collect();
    let named = catalogs.iter().map(|bytes| FileRef::of(bytes)).collect();
    let head = StaticHead::new(ARCHIVE, vec![1], None, None, named).encode();
    files.insert(HEAD_NAME.into(), head);
    files.extend(catalogs.into_iter().map(|b| (index_name(&FileRef::of(&b).hash), b)));
    files
}

/// A host whose files can be exchanged, within a bound of memory.
async fn host(files: Files, budget: &Arc<Budget>) -> (Lab, Arc<Mutex<Files>>, HostSource) {
    let files = Arc::new(Mutex::new(files));
    let served = files.clone();
    let lab = Lab::start(move |head| {
        let path = head.split(' ').nth(1).unwrap().trim_start_matches('/');
        let gone = || answer("404 Not Found", &[], b"");
        let found = served.lock().unwrap().get(path).map(|bytes| answer("200 OK", &[], bytes));
        vec![found.unwrap_or_else(gone)] as Vec<Send>
    })
    .await;
    let url = BaseUrl::parse(&format!("http://{}/", lab.at), false).unwrap();
    let config = ClientConfig {
        stall: std::time::Duration::from_secs(60),
        ..ClientConfig::new(crate::dial::Dialler::default())
    };
    (lab, files, HostSource::new(0, url, WebForm::Static, config).within(budget.clone()))
}

/// Indexes that were asked for so far; there is one catalog.
fn indexes(lab: &Lab) -> usize {
    lab.seen().iter().filter(|head| head.contains(" /i/")).count() - 1
}

async fn find(host: &HostSource, ids: &[BlockId]) -> Vec<bool> {
    let shelf = host.shelf(false).await.unwrap();
    let found = shelf.find(host, ids).await.unwrap();
    found.into_iter().map(|(_, at)| at.is_some()).collect()
}

/// An index that was made up: so many members, each of one block that takes next to nothing on the wire.
fn invented(pack: u32, blocks: std::ops::Range<u32>) -> Pack {
    let member = |n: u32| {
        let id = BlockId::raw(&n.to_be_bytes());
        Member { stored: 1, encoding: Encoding::Zstd, blocks: vec![(id, 0)] }
    };
    let bytes = u64::from(blocks.end - blocks.start);
    let pack = FileRef { hash: Hash::of(&pack.to_be_bytes()), bytes };
    (Holds::Content, "core", PackIndex { pack, members: blocks.map(member).collect() }, Vec::new())
}

/// A pack of one block.
fn alone(holds: Holds, part: &'static str, n: u32) -> (BlockId, Pack) {
    let bytes = format!("{part} {n}").into_bytes();
    let codec = if holds == Holds::Structure { Codec::DagCbor } else { Codec::Raw };
    let packed = Packed::plain(codec, bytes.clone());
    let (id, mut pack) = (packed.id, PackBuilder::default());
    pack.push(PackBuilder::alone(packed, bytes.len() as u64)).unwrap();
    let (index, bytes) = pack.finish();
    (id, (holds, part, index, bytes))
}

#[test]
fn a_place_takes_no_more_than_is_counted() {
    // One byte more of each; 7 of 8 places are taken before the table grows to twice as many.
    let each = (size_of::<(BlockId, At)>() + 1) * 2 * 8;
    assert!(each <= PLACE_BYTES * 7, "{each}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invented_indexes_take_little_memory_and_leave_room_for_others() {
    const MOST: usize = 2_000_000;
    let same = (0..40).map(|n| invented(n, 0..2_000)).collect::<Vec<_>>();
    let each_other = (0..40).map(|n| invented(n, n * 2_000..(n + 1) * 2_000)).collect::<Vec<_>>();
    for packs in [same, each_other] {
        let budget = Arc::new(Budget::new(MOST));
        let (lab, _, hostile) = host(files(&packs), &budget).await;
        hostile.shown(ARCHIVE).await.unwrap();
        assert_eq!(find(&hostile, &[BlockId::raw(b"nowhere")]).await, [false]);
        assert!(hostile.share().own() <= MOST / 2);
        assert!(indexes(&lab) < 20, "{}", indexes(&lab));
        let faults = hostile.faults();
        assert!(faults.len() == 1 && faults[0].why.contains("memory"), "{faults:?}");
        // Nothing more is read because of another block.
        let before = indexes(&lab);
        assert_eq!(find(&hostile, &[BlockId::raw(b"neither")]).await, [false]);
        assert_eq!(indexes(&lab), before);
        // Another host is of use meanwhile.
        let few = [100, 101].map(|n| invented(n, n * 500..(n + 1) * 500));
        let (_lab, _, other) = host(files(&few), &budget).await;
        other.shown(ARCHIVE).await.unwrap();
        let id = *few[0].2.ids().next().unwrap();
        assert_eq!(find(&other, &[id]).await, [true]);
        assert!(other.faults().is_empty());
        hostile.rest().await;
        assert_eq!(hostile.share().own(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_listed_twice_costs_its_place_once() {
    let budget = Arc::new(Budget::new(100_000_000));
    let packs: Vec<_> = (0..4).map(|n| invented(n, 0..500)).collect();
    let (_lab, _, host) = host(files(&packs), &budget).await;
    host.shown(ARCHIVE).await.unwrap();
    find(&host, &[BlockId::raw(b"nowhere")]).await;
    assert_eq!(host.share().own(), 4 * Listed::cost(500, 500) + 500 * PLACE_BYTES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_of_a_large_archive_reads_few_indexes() {
    let kinds = [
        (Holds::Structure, "tree", 30),
        (Holds::Content, "core", 150),
        (Holds::Content, "media", 100),
    ];
    let of = |more: u32| {
        let all = kinds
            .iter()
            .flat_map(|(holds, part, count)| (0..count + more).map(|n| alone(*holds, part, n)));
        all.collect::<Vec<_>>()
    };
    let mirror = |packs: &[(BlockId, Pack)]| {
        files(&packs.iter().map(|(_, pack)| pack.clone()).collect::<Vec<_>>())
    };
    let (old, new) = (of(0), of(1));
    let budget = Arc::new(Budget::new(100_000_000));
    // Who has what was there before, and asks for the first time: what is new is found at once.
    let (lab, _, first) = host(mirror(&new), &budget).await;
    first.shown(ARCHIVE).await.unwrap();
    let newest = [new[30].0, new[30 + 1 + 150].0, new[30 + 1 + 150 + 1 + 100].0];
    assert_eq!(find(&first, &newest[..1]).await, [true]);
    assert_eq!(find(&first, &newest).await, [true; 3]);
    assert!(indexes(&lab) <= 2 * INDEXES, "{}", indexes(&lab));
    // Who has nothing reads each index once, beginning with the first.
    let (lab, served, whole) = host(mirror(&old), &budget).await;
    whole.shown(ARCHIVE).await.unwrap();
    assert_eq!(find(&whole, &[old[0].0, old[30].0, old[180].0]).await, [true; 3]);
    assert!(indexes(&lab) <= 3 * INDEXES, "{}", indexes(&lab));
    let all: Vec<_> = old.iter().map(|(id, _)| *id).collect();
    assert!(find(&whole, &all).await.into_iter().all(|found| found));
    assert_eq!(indexes(&lab), old.len());
    // A new head: what is known of the packs that it still names is not read again.
    let questions = lab.seen().len();
    *served.lock().unwrap() = mirror(&new);
    whole.shown(ARCHIVE).await.unwrap();
    assert!(find(&whole, &newest).await.into_iter().all(|found| found));
    assert!(find(&whole, &all).await.into_iter().all(|found| found));
    // The head, the catalog, three indexes.
    assert_eq!(lab.seen().len() - questions, 5);
    let bytes = whole.block(newest[1]).await;
    assert_eq!(bytes.as_deref(), Some(&b"core 150"[..]));
}
