use super::*;
use crate::store::{BlockStore as _, MemoryStore};
use crate::sync::{ServeLimits, Server, Tell};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt as _};
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::{Codec, Hash};

const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(60);

fn block(text: &str) -> Packed {
    Packed::plain(Codec::DagCbor, text.repeat(50).into_bytes())
}

fn archive(n: u8) -> ArchiveId {
    ArchiveId(Hash([n; 32]))
}

/// A node with the heads of a hundred archives and one bulletin.
struct Few;

impl Tell for Few {
    fn head(&self, archive: &ArchiveId) -> Option<Vec<u8>> {
        let n = archive.0.0[0];
        (n < 100).then(|| vec![n])
    }

    fn bulletin(&self, archive: &ArchiveId) -> Option<Vec<u8>> {
        (archive.0.0[0] == 7).then(|| b"bulletin".to_vec())
    }
}

fn pair(stall: Duration) -> (Session<Compat<DuplexStream>>, DuplexStream) {
    let (here, there) = duplex(1 << 16);
    (Session::new(here.compat(), stall), there)
}

#[tokio::test]
async fn bulletins_heads_and_blocks_of_a_server() {
    let store = Arc::new(MemoryStore::new());
    store.put(vec![block("a"), block("b")]).unwrap();
    let server = Server::new(store, Arc::new(Few), ServeLimits::default());
    let (mut session, there) = pair(LONG);
    let serving = async move { server.serve(PeerId::random(), None, there.compat()).await };
    let serving = tokio::spawn(serving);
    // More archives than may be asked for at once.
    for n in 0..150 {
        let shown = session.shown(archive(n)).await.unwrap();
        let bulletin = (n == 7).then(|| b"bulletin".to_vec());
        assert_eq!(shown, Shown { bulletin, head: (n < 100).then(|| vec![n]) });
    }
    assert_eq!(session.bulletin(archive(7)).await.unwrap(), Some(b"bulletin".to_vec()));
    assert_eq!(session.bulletin(archive(8)).await.unwrap(), None);
    assert_eq!(session.head(archive(7)).await.unwrap(), Some(vec![7]));
    let (a, b, c) = (block("a"), block("b"), block("c"));
    let got = session.blocks(&[a.id, b.id, c.id, a.id]).await.unwrap();
    assert_eq!(got.len(), 2);
    assert_eq!(got[&a.id], a.data);
    assert_eq!(session.blocks(&[]).await.unwrap().len(), 0);
    session.finish().await.unwrap();
    assert_eq!(serving.await.unwrap(), Ok(()));
}

/// What the session says when a peer answers a want of block "a" with `answer` and then closes.
async fn answered(answer: Vec<u8>) -> End {
    let (mut session, mut there) = pair(LONG);
    let peer = async move {
        let mut question = [0; 4 + 1 + 36];
        there.read_exact(&mut question).await.unwrap();
        there.write_all(&answer).await.unwrap();
    };
    let (end, ()) = tokio::join!(async { session.blocks(&[block("a").id]).await }, peer);
    end.unwrap_err()
}

fn frame(frame: Frame) -> Vec<u8> {
    let mut out = Vec::new();
    frame.encode(&mut out);
    out
}

#[tokio::test]
async fn sync_6_liars_are_told_from_broken_streams() {
    let good = block("a");
    let wrong = Packed { data: b"wrong".to_vec(), ..good.clone() };
    let bomb = Packed { encoding: Encoding::Zstd, data: zstd_of_zeroes(1 << 20), ..good.clone() };
    for (clause, answer) in [
        ("SYNC-6", frame(Frame::Block(wrong))),
        ("SYNC-1", frame(Frame::Block(bomb))),
        ("SYNC-2", frame(Frame::Block(block("b")))),
        ("SYNC-2", frame(Frame::Missing(vec![block("b").id]))),
        ("SYNC-2", frame(Frame::Head(archive(1), None))),
        ("SYNC-2", frame(Frame::Bulletin(archive(1), None))),
        ("SYNC-5", frame(Frame::Bye)),
        ("SYNC-6", vec![0, 0, 0, 1, 77]),
        ("SYNC-6", vec![0xff; 8]),
        ("SYNC-6", frame(Frame::Want(vec![good.id]))),
    ] {
        match answered(answer).await {
            End::Lied(reject) => assert_eq!(reject.clause, clause),
            other => panic!("{clause}: {other:?}"),
        }
    }
    let mut cut = frame(Frame::Block(good));
    cut.truncate(20);
    assert!(matches!(answered(cut).await, End::Lost(_)));
    assert!(matches!(answered(Vec::new()).await, End::Lost(_)));
}

fn zstd_of_zeroes(len: usize) -> Vec<u8> {
    zstd::bulk::compress(&vec![0; len], 3).unwrap()
}

#[tokio::test]
async fn sync_7_silence_and_trickle_are_left() {
    let (mut session, _there) = pair(SHORT);
    assert_eq!(session.blocks(&[block("a").id]).await, Err(End::Stalled));
    let (mut session, mut there) = pair(SHORT);
    let trickle = tokio::spawn(async move {
        // The start of a long frame that never ends.
        let mut bytes = vec![0, 4, 0, 0, 4];
        loop {
            if there.write_all(&bytes).await.is_err() {
                return;
            }
            bytes = vec![0];
            tokio::time::sleep(SHORT / 10).await;
        }
    });
    assert_eq!(session.blocks(&[block("a").id]).await, Err(End::Stalled));
    drop(session);
    trickle.await.unwrap();
}
