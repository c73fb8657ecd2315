use super::*;
use crate::store::MemoryStore;
use std::collections::BTreeSet;
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
    let (here, there) = duplex(buffer);
    let server = server.clone();
    let task = async move { server.serve(PeerId::random(), None, there.compat()).await };
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
    let ids: Vec<_> = held.iter().map(|b| b.id).collect();
    let unread: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(unread.len() * 20_000, 6_000_000);
    let server = server(held, ServeLimits::default(), SHORT * 100);
    let (mut stream, _task) = connect(&server, 1024);
    send(&mut stream, &[Frame::Want(ids)]).await;
    let later = unread.into_iter().map(|id| Wanted { id, bundled: false }).collect();
    let Batch { blocks, .. } = look_up(&server, Questions::default(), later).await.unwrap();
    assert!(blocks.each.len() * 20_000 < batch::BATCH_BYTES + 20_001);
    assert_eq!(blocks.each.len() + blocks.later.len(), 300);
}
