use super::*;
use crate::net::volume::{Moved, NEWS_BEYOND_LEAST, PerDay};
use crate::store::MemoryStore;
use crate::sync::memory::{BY_RIGHT_BYTES, POOL_BYTES};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio_util::compat::TokioAsyncReadCompatExt as _;
use yadgar_protocol::sync::FrameReader;
use yadgar_protocol::{Codec, Hash};

const SHORT: Duration = Duration::from_millis(100);

fn archive(n: u8) -> ArchiveId {
    ArchiveId(Hash([n; 32]))
}

/// A node with a head and a bulletin of archive 1.
struct One;

impl Tell for One {
    fn head(&self, id: &ArchiveId) -> Option<Vec<u8>> {
        (*id == archive(1)).then(|| b"head".to_vec())
    }

    fn bulletin(&self, id: &ArchiveId) -> Option<Vec<u8>> {
        (*id == archive(1)).then(|| b"bulletin".to_vec())
    }
}

/// Blocks that do not compress, so that several batches are needed.
fn blocks(count: u64, len: usize) -> Vec<Packed> {
    let block = |n: u64| {
        let mut bytes = vec![0; len];
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut bytes);
        Packed::plain(Codec::Raw, bytes)
    };
    (0..count).map(block).collect()
}

fn server(blocks: Vec<Packed>, limits: ServeLimits, stall: Duration) -> Arc<Server> {
    let store = Arc::new(MemoryStore::new());
    store.put(blocks).unwrap();
    Server::with_stall(store, Arc::new(One), limits, stall)
}

type Task = tokio::task::JoinHandle<Result<(), ServeError>>;

fn connect(server: &Arc<Server>, buffer: usize) -> (DuplexStream, Task) {
    connect_as(PeerId::random(), server, buffer)
}

fn connect_as(peer: PeerId, server: &Arc<Server>, buffer: usize) -> (DuplexStream, Task) {
    let (here, there) = duplex(buffer);
    let server = server.clone();
    let task = async move { server.serve(peer, None, there.compat()).await };
    (here, tokio::spawn(task))
}

async fn send(stream: &mut DuplexStream, frames: &[Frame]) {
    let mut out = Vec::new();
    frames.iter().for_each(|frame| frame.encode(&mut out));
    stream.write_all(&out).await.unwrap();
}

/// Everything that comes until the stream is closed.
async fn receive(stream: &mut DuplexStream) -> Vec<Frame> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let (mut reader, mut frames, mut rest) = (FrameReader::new(), Vec::new(), bytes.as_slice());
    while !rest.is_empty() {
        let taken = reader.feed(rest);
        rest = &rest[taken..];
        frames.extend(reader.next().unwrap());
    }
    assert!(reader.is_between_frames());
    frames
}

#[tokio::test]
async fn sync_2_and_5_everything_is_answered_once_then_bye() {
    let held = blocks(200, 20_000);
    let lacked: Vec<_> = blocks(900, 10).into_iter().map(|b| b.id).collect();
    let server = server(held.clone(), ServeLimits::default(), SHORT * 100);
    let (mut stream, task) = connect(&server, 1 << 16);
    let ids: Vec<_> = held.iter().map(|b| b.id).chain(lacked.iter().copied()).collect();
    let mut frames: Vec<_> = ids.chunks(512).map(|ids| Frame::Want(ids.to_vec())).collect();
    let asked = [archive(1), archive(2)];
    frames.extend(asked.map(Frame::GetHead));
    frames.extend(asked.map(Frame::GetBulletin));
    frames.push(Frame::Bye);
    send(&mut stream, &frames).await;
    let mut answers = receive(&mut stream).await;
    assert_eq!(answers.pop(), Some(Frame::Bye));
    let (mut given, mut missing, mut heads) = (Vec::new(), Vec::new(), Vec::new());
    let mut bulletins = Vec::new();
    for answer in answers {
        match answer {
            Frame::Block(packed) => given.push(packed),
            Frame::Missing(ids) => missing.extend(ids),
            Frame::Head(id, head) => heads.push((id, head)),
            Frame::Bulletin(id, bulletin) => bulletins.push((id, bulletin)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(given, held);
    assert_eq!(missing, lacked);
    assert_eq!(bulletins, [(archive(1), Some(b"bulletin".to_vec())), (archive(2), None)]);
    assert_eq!(heads, [(archive(1), Some(b"head".to_vec())), (archive(2), None)]);
    assert_eq!(task.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn sync_6_violations_end_the_stream() {
    let held = blocks(1, 10);
    let id = held[0].id;
    let server = server(held, ServeLimits::default(), SHORT * 100);
    let mut twice = Vec::new();
    Frame::Want(vec![id, id]).encode(&mut twice);
    let mut answer = Vec::new();
    Frame::Missing(vec![id]).encode(&mut answer);
    let bad: [(&str, &[u8]); 5] = [
        ("SYNC-6", &[0, 0, 0, 1, 99]),
        ("SYNC-6", &[0xff, 0xff, 0xff, 0xff, 3]),
        ("SYNC-6", &[0, 0, 0, 0]),
        ("SYNC-2", &twice),
        ("SYNC-6", &answer),
    ];
    for (clause, bytes) in bad {
        let (mut stream, task) = connect(&server, 1 << 20);
        stream.write_all(bytes).await.unwrap();
        match task.await.unwrap() {
            Err(ServeError::Violation(reject)) => assert_eq!(reject.clause, clause),
            other => panic!("{clause}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn sync_7_who_does_not_read_or_stops_in_a_frame_is_left() {
    let held = blocks(50, 20_000);
    let ids: Vec<_> = held.iter().map(|b| b.id).collect();
    let server = server(held, ServeLimits::default(), SHORT);
    let (mut stream, task) = connect(&server, 4096);
    send(&mut stream, &[Frame::Want(ids)]).await;
    assert!(matches!(task.await.unwrap(), Err(ServeError::Lost(_))));
    let (mut stream, task) = connect(&server, 4096);
    stream.write_all(&[0, 0, 1]).await.unwrap();
    assert!(matches!(task.await.unwrap(), Err(ServeError::Lost(_))));
    // A stream that just ends is normal too.
    let (stream, task) = connect(&server, 4096);
    drop(stream);
    assert!(matches!(task.await.unwrap(), Err(ServeError::Lost(_))));
    assert_eq!(server.places.taken(), 0);
}

#[tokio::test]
async fn an_idle_stream_goes_for_a_newcomer_and_a_busy_one_does_not() {
    let held = blocks(50, 20_000);
    let ids: Vec<_> = held.iter().map(|b| b.id).collect();
    let limits = ServeLimits { total: 2, ..ServeLimits::default() };
    let server = server(held, limits, SHORT * 600);
    // Busy: it is owed what it does not read.
    let (mut busy, _busy_task) = connect(&server, 4096);
    send(&mut busy, &[Frame::Want(ids)]).await;
    busy.read_u8().await.unwrap();
    let (mut idle, idle_task) = connect(&server, 4096);
    while server.places.taken() < 2 {
        tokio::task::yield_now().await;
    }
    let (mut new, new_task) = connect(&server, 4096);
    assert!(matches!(idle_task.await.unwrap(), Err(ServeError::Lost(_))));
    assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
    send(&mut new, &[Frame::GetHead(archive(1)), Frame::Bye]).await;
    let head = Frame::Head(archive(1), Some(b"head".to_vec()));
    assert_eq!(receive(&mut new).await, [head, Frame::Bye]);
    assert_eq!(new_task.await.unwrap(), Ok(()));
    assert_eq!(server.places.taken(), 1);
}

#[tokio::test]
async fn a_stream_without_questions_is_closed() {
    let limits = ServeLimits { idle: SHORT, ..ServeLimits::default() };
    let server = server(Vec::new(), limits, SHORT * 6000);
    let (mut stream, task) = connect(&server, 4096);
    send(&mut stream, &[Frame::GetHead(archive(2))]).await;
    assert_eq!(receive(&mut stream).await, [Frame::Head(archive(2), None)]);
    assert!(matches!(task.await.unwrap(), Err(ServeError::Lost(_))));
    assert_eq!(ServeLimits::default().idle, Duration::from_secs(60));
}

#[tokio::test]
async fn one_answer_at_a_time_is_held() {
    // Whoever asks for everything and reads nothing costs one batch being sent, and one ahead.
    let held = blocks(300, 20_000);
    let ids: VecDeque<_> = held.iter().map(|b| b.id).collect();
    assert_eq!(ids.len() * 20_000, 6_000_000);
    let server = server(held, ServeLimits::default(), SHORT * 100);
    for _ in 0..100 {
        let room = server.memory.first();
        let most = room.batch();
        let later = ids.iter().map(|id| Wanted { id: *id, bundled: false }).collect();
        let Batch { blocks, room: _held, .. } =
            look_up(&server, Questions::default(), later, room).await.unwrap();
        assert!(blocks.each.len() * 20_000 < most + 20_001);
        assert_eq!(blocks.each.len() + blocks.later.len(), 300);
        let bytes: usize = blocks.each.iter().map(|(_, b)| b.as_ref().unwrap().data.len()).sum();
        assert_eq!(server.load().answer_bytes, bytes);
    }
    assert_eq!(server.load().answer_bytes, 0);
}

/// A server whose bytes of a day are bounded.
fn metered(up: u64) -> (Arc<Server>, Arc<Volume>) {
    let most = PerDay { up: Some(up), down: None };
    let volume = Arc::new(Volume::new(most, Moved::default()));
    let (store, limits) = (Arc::new(MemoryStore::new()), ServeLimits::default());
    (Server::rationed(store, Arc::new(One), limits, volume.clone()), volume)
}

/// Asks for the head, then waits for the answer: true when it came.
async fn asks(stream: &mut DuplexStream) -> bool {
    let (mut question, mut wanted) = (Vec::new(), Vec::new());
    Frame::GetHead(archive(1)).encode(&mut question);
    Frame::Head(archive(1), Some(b"head".to_vec())).encode(&mut wanted);
    let sent = stream.write_all(&question).await;
    sent.is_ok() && stream.read_exact(&mut vec![0; wanted.len()]).await.is_ok()
}

#[tokio::test]
async fn who_asks_for_heads_without_end_is_left_where_bytes_of_a_day_are_bounded() {
    let (server, _) = metered(1_000_000_000);
    let one = PeerId::random();
    let (mut stream, task) = connect_as(one, &server, 4096);
    let mut told = 0;
    while asks(&mut stream).await {
        told += 1;
        assert!(told < 100_000, "it is told without end");
    }
    assert!(told >= 256, "{told}");
    assert!(matches!(task.await.unwrap(), Err(ServeError::Lost(_))));
    let (mut other, _task) = connect(&server, 4096);
    assert!(asks(&mut other).await, "others are told");
}

#[tokio::test]
async fn when_what_is_left_for_news_is_used_up_too_nothing_is_answered() {
    let (server, volume) = metered(1_000);
    volume.sent(1_000);
    let (mut before, before_task) = connect(&server, 4096);
    assert!(asks(&mut before).await, "news go on");
    volume.sent(NEWS_BEYOND_LEAST as usize);
    let (mut after, after_task) = connect(&server, 4096);
    assert!(!asks(&mut before).await && !asks(&mut after).await);
    for task in [before_task, after_task] {
        assert!(matches!(task.await.unwrap(), Err(ServeError::Lost(_))));
    }
    volume.day("2026-11-30");
    let (mut tomorrow, _task) = connect(&server, 4096);
    assert!(asks(&mut tomorrow).await);
}

#[tokio::test]
async fn memory_is_bounded_and_who_reads_nothing_holds_nobody_up() {
    const STUCK: usize = 30;
    const READERS: usize = 10;
    let held = blocks(60, 20_000);
    let ids: Vec<_> = held.iter().map(|b| b.id).collect();
    let limits = ServeLimits { total: STUCK + READERS, ..ServeLimits::default() };
    let server = server(held.clone(), limits, SHORT * 600);
    // They ask for everything and take nothing: the pool is theirs.
    let mut stuck = Vec::new();
    for _ in 0..STUCK {
        let (mut stream, task) = connect(&server, 256);
        send(&mut stream, &[Frame::Want(ids.clone())]).await;
        stuck.push((stream, task));
    }
    while server.memory.ahead().is_some() {
        tokio::time::sleep(SHORT / 50).await;
    }
    let reader = |server: Arc<Server>, ids: Vec<_>| async move {
        let (mut stream, _task) = connect(&server, 1000);
        send(&mut stream, &[Frame::Want(ids), Frame::Bye]).await;
        receive(&mut stream).await.len()
    };
    let readers: Vec<_> =
        (0..READERS).map(|_| tokio::spawn(reader(server.clone(), ids.clone()))).collect();
    for reader in readers {
        let answers = tokio::time::timeout(SHORT * 500, reader).await;
        assert_eq!(answers.expect("somebody is held up").unwrap(), held.len() + 1);
    }
    let load = server.load();
    assert_eq!((load.streams, load.streams_most), (STUCK, STUCK + READERS));
    let bound = POOL_BYTES + (STUCK + READERS) * BY_RIGHT_BYTES;
    assert!(load.answer_bytes_peak > POOL_BYTES / 2 && load.answer_bytes_peak <= bound, "{load:?}");
    assert!(load.memory_most > bound && load.answer_bytes <= bound);
    drop(stuck);
    while server.load().streams > 0 {
        tokio::time::sleep(SHORT / 50).await;
    }
    assert_eq!(server.load().answer_bytes, 0);
    assert!(server.memory.ahead().is_some());
}
