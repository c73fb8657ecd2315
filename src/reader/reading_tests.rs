//! How much is read for a page, and who waits for it: over a store that counts, or that makes its readers wait.
use super::pages_say::{both, id, person_file};
use super::*;
use crate::store::{BlockStore, StoreError, StoreStats};
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex as StdMutex};
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{ReadBlocks, ReadError};
use yadgar_protocol::record::*;

/// Ends a test that hangs; nothing depends on speed.
const PATIENCE: Duration = Duration::from_secs(120);

/// A store in memory that remembers what was read, and that can be shut.
#[derive(Default)]
struct Watched {
    store: MemoryStore,
    read: StdMutex<BTreeMap<BlockId, usize>>,
    shut: StdMutex<bool>,
    opened: Condvar,
}

impl Watched {
    fn of(sample: &Sample) -> Arc<Self> {
        let watched = Self::default();
        let blocks = sample.blocks.iter();
        let packed = blocks.map(|(id, data)| Packed::plain(id.codec, data.clone())).collect();
        watched.store.put(packed).unwrap();
        Arc::new(watched)
    }

    fn set_shut(&self, shut: bool) {
        *self.shut.lock().unwrap() = shut;
        self.opened.notify_all();
    }
}

impl ReadBlocks for Watched {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        let shut = self.shut.lock().unwrap();
        drop(self.opened.wait_while(shut, |shut| *shut).unwrap());
        *self.read.lock().unwrap().entry(*id).or_default() += 1;
        self.store.block(id)
    }
    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        self.store.has_block(id)
    }
}

impl BlockStore for Watched {
    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        self.store.has(id)
    }
    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(id)
    }
    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        self.store.get_packed(id)
    }
    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        self.store.put(blocks)
    }
    fn flush(&self) -> Result<(), StoreError> {
        self.store.flush()
    }
    fn stats(&self) -> Result<StoreStats, StoreError> {
        self.store.stats()
    }
    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        self.store.erase(ids)
    }
    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError> {
        self.store.ids_after(after, most)
    }
}

/// Lets everybody in when a test ends, also by a panic: the runtime waits for its readers.
struct Opens(Arc<Watched>);

impl Drop for Opens {
    fn drop(&mut self) {
        self.0.set_shut(false);
    }
}

fn seen(store: &Arc<Watched>, sample: Sample) -> Arc<ArchiveView> {
    Arc::new(ArchiveView::new(store.clone(), sample.accepted, ViewInfo::default()))
}

/// A person with a picture of many blocks.
fn with_picture() -> (Sample, Vec<u8>) {
    let picture = [b"\xff\xd8\xff\xe0".as_slice(), &long_file()].concat();
    let person = person_file(1, |v| {
        v.media = vec![Media {
            alt: both("what it shows"),
            hash: Digest(Hash::of(&picture)),
            mime: "image/jpeg".to_owned(),
            path: "portraits/a.jpg".to_owned(),
            role: MediaRole::Portrait,
            bytes: picture.len() as u64,
            edits: Vec::new(),
            commit: None,
            caption: None,
            graphic: Graphic::None,
            licence: None,
        }];
    });
    let portraits = vec![file("portraits/a.jpg", &picture)];
    (Sample::new("t", 1, &[("core", vec![person]), ("portraits", portraits)]), picture)
}

/// The blocks that hold the bytes of the picture, by what is in them.
fn chunks(sample: &Sample, picture: &[u8]) -> Vec<BlockId> {
    let inside = |data: &[u8]| data.len() > 9000 && picture.windows(data.len()).any(|w| w == data);
    sample.blocks.iter().filter(|(_, data)| inside(data)).map(|(id, _)| *id).collect()
}

#[tokio::test]
async fn a_persons_page_does_not_read_pictures_whole() {
    let (sample, picture) = with_picture();
    let chunks = chunks(&sample, &picture);
    assert!(chunks.len() > 3, "a picture of many blocks");
    let store = Watched::of(&sample);
    let (served, _stop) = start(vec![seen(&store, sample)]).await;
    for path in [format!("/en/p/{}", id(1)), format!("/en/p/{}/1/b", id(1))] {
        store.read.lock().unwrap().clear();
        let page = get(served.pages, &path).await.text();
        assert_eq!(page.matches("<img").count(), 1, "{page}");
        let read = store.read.lock().unwrap().clone();
        assert_eq!(chunks.iter().filter(|id| read.contains_key(id)).count(), 1, "{path}");
    }
    // Its bytes are sent when all of them were read and have the right hash.
    let bytes = get(served.pages, &format!("/en/p/{}/1", id(1))).await;
    assert!(bytes.status == 200 && bytes.body == picture);
}

#[tokio::test]
async fn a_picture_with_a_piece_missing_is_not_promised() {
    let (sample, picture) = with_picture();
    for gone in chunks(&sample, &picture) {
        let (mut sample, _) = with_picture();
        sample.blocks.remove(&gone).unwrap();
        let (served, _stop) = start(vec![view(sample, 1)]).await;
        let page = get(served.pages, &format!("/en/p/{}", id(1))).await.text();
        assert!(!page.contains("<img") && page.contains("not on this device"), "{page}");
        assert_eq!(get(served.pages, &format!("/en/p/{}/1", id(1))).await.status, 404);
    }
}

#[tokio::test]
async fn nobody_waits_for_the_records_of_another_archive() {
    let made = |name: &str| Sample::new(name, 1, &[("core", vec![person_file(1, |_| ())])]);
    let mut samples = [made("one"), made("two")];
    samples.sort_by_key(|sample| sample.accepted.release.archive);
    let stores = samples.each_ref().map(Watched::of);
    let _opens = Opens(stores[0].clone());
    stores[0].set_shut(true);
    let views = stores.iter().zip(samples).map(|(store, sample)| seen(store, sample)).collect();
    let (served, _stop) = start(views).await;
    let pages = served.pages;
    let first = tokio::spawn(async move { get(pages, "/en/p/").await.status });
    // The first one is being read, by whoever asked and by what reads ahead.
    let second = tokio::time::timeout(PATIENCE, get(pages, "/en/2/p/")).await;
    assert_eq!(second.expect("it waits for the other archive").status, 200);
    assert!(!first.is_finished());
    stores[0].set_shut(false);
    assert_eq!(first.await.unwrap(), 200);
}

#[tokio::test]
async fn many_requests_at_once_read_the_records_once() {
    let sample = Sample::new("one", 1, &[("core", vec![person_file(1, |_| ())])]);
    let record = sample.link(&format!("records/{}.cbor", id(1)));
    let store = Watched::of(&sample);
    let opens = Opens(store.clone());
    store.set_shut(true);
    let (served, _stop) = start(vec![seen(&store, sample)]).await;
    let pages = served.pages;
    let asked: Vec<_> = (0..5).map(|_| tokio::spawn(get(pages, "/en/p/"))).collect();
    drop(opens);
    for reply in asked {
        assert_eq!(reply.await.unwrap().status, 200);
    }
    assert_eq!(store.read.lock().unwrap().get(&record), Some(&1));
}

/// WD-7: what is withdrawn, or not to be shown any more, is not sent further, also where sending had begun.
#[tokio::test]
async fn a_file_that_is_withdrawn_meanwhile_is_not_sent_to_its_end() {
    const LONG: usize = 48 << 20;
    let film = sample::Sample::new("n", 1, &[("core", vec![file("film.mp4", &vec![7; LONG])])]);
    let (before, shown) = (view(film, 1), Arc::new(std::sync::atomic::AtomicBool::new(true)));
    let (views, stop) = (shown.clone(), CancellationToken::new());
    let config = ReaderConfig { bind: [127, 0, 0, 1].into(), port: None, lang: Lang::En };
    let views = move || match views.load(std::sync::atomic::Ordering::Relaxed) {
        true => vec![before.clone()],
        false => Vec::new(),
    };
    let served = serve(config, Arc::new(views), stop.clone()).await.unwrap();
    let at = served.sites[0].1;
    let mut stream = TcpStream::connect(at).await.unwrap();
    let asked = format!("GET /film.mp4 HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut piece = vec![0; 4096];
    stream.read_exact(&mut piece).await.unwrap();
    assert!(piece.starts_with(b"HTTP/1.1 200"));
    shown.store(false, std::sync::atomic::Ordering::Relaxed);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let mut rest = Vec::new();
    // The connection breaks off, or ends: it is not whole in either case.
    let _ = stream.read_to_end(&mut rest).await;
    assert!(rest.len() < LONG - (1 << 20), "{}", rest.len());
    stop.cancel();
}
