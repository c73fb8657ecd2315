//! sync.md: frames, blocks as they travel, and what may be asked and answered.

use crate::case::{Case, Outcome, list, number, settle, text};
use crate::formula::{given, numbered};
use crate::rle;
use serde_json::Value;
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::sync::bundle;
use yadgar_protocol::sync::{Answer, Ask, Frame, FrameReader, Received, Requester, Responder};
use yadgar_protocol::{BlockId, Codec, Hash, Reject};

/// Reads exactly one frame.
fn read(data: &[u8]) -> Result<Frame, Reject> {
    let mut reader = FrameReader::new();
    let taken = reader.feed(data);
    let frame = reader.next()?.ok_or(Reject::new("SYNC-6", "cut off"))?;
    if taken < data.len() || !reader.is_between_frames() {
        return Err(Reject::new("SYNC-6", "bytes after the frame"));
    }
    let mut again = Vec::new();
    frame.encode(&mut again);
    assert_eq!(again, data, "written as other bytes");
    Ok(frame)
}

/// One frame as bytes.
pub fn frame(case: &Case) -> Outcome {
    settle(match case.kind {
        "frame" => read(&given(case.input)).and_then(describe),
        "frame-length" => length(&given(case.input)),
        other => panic!("unknown kind {other}"),
    })
}

/// A length that no frame has is refused before any more is read.
fn length(field: &[u8]) -> Result<Outcome, Reject> {
    let mut reader = FrameReader::new();
    assert_eq!(reader.feed(field), field.len());
    assert_eq!(reader.next()?, None);
    let length = Frame::length(field.try_into().unwrap())?;
    Ok(Outcome::good().with("length", length))
}

fn describe(frame: Frame) -> Result<Outcome, Reject> {
    let named = |name: &str| Outcome::good().with("frame", name);
    Ok(match frame {
        Frame::GetHead(archive) => named("get-head").with("archive", archive.0.to_hex()),
        Frame::Head(archive, head) => named("head")
            .with("archive", archive.0.to_hex())
            .with("head_bytes", head.map_or(0, |h| h.len())),
        Frame::GetBulletin(archive) => named("get-bulletin").with("archive", archive.0.to_hex()),
        Frame::Bulletin(archive, bulletin) => named("bulletin")
            .with("archive", archive.0.to_hex())
            .with("bulletin_bytes", bulletin.map_or(0, |b| b.len())),
        Frame::Want(ids) => named("want").with("ids", ids.len()),
        Frame::WantBundled(ids) => named("want-bundled").with("ids", ids.len()),
        Frame::Bundle(bytes) => named("bundle").with("bundle_bytes", bytes.len()),
        Frame::Missing(ids) => named("missing").with("ids", ids.len()),
        Frame::Bye => named("bye"),
        Frame::Block(packed) => {
            let out = named("block")
                .with("encoding", packed.encoding.code())
                .with("id", hex::encode(packed.id.to_bytes()))
                .with("data_bytes", packed.data.len());
            if packed.encoding == Encoding::Plain {
                Received::check(packed, &|_, _| None)?;
            }
            out
        }
    })
}

/// A block frame and the block in it.
pub fn packed(case: &Case) -> Outcome {
    assert_eq!(case.kind, "block-frame");
    let plain = read(&given(case.input)).and_then(|frame| match frame {
        Frame::Block(packed) => Received::check(packed, &rle::inflate),
        other => panic!("not a block: {other:?}"),
    });
    settle(plain.map(|p| Outcome::good().with("hash", Hash::of(p.plain()).to_hex())))
}

/// A bundle frame and the names of the blocks in it.
pub fn bundle(case: &Case) -> Outcome {
    assert_eq!(case.kind, "bundle-frame");
    let opened = read(&given(case.input)).and_then(|frame| match frame {
        Frame::Bundle(bytes) => bundle::open(&bytes, &rle::inflate),
        other => panic!("not a bundle: {other:?}"),
    });
    let names = |blocks: Vec<Packed>| blocks.iter().flat_map(|block| block.id.to_bytes()).collect();
    settle(opened.map(|blocks| {
        let names: Vec<u8> = names(blocks);
        Outcome::good().with("names", hex::encode(names))
    }))
}

/// Both sides of a stream, each of which must see the violation that concerns it.
struct Stream {
    asker: Requester,
    answerer: Responder,
}

/// What is wanted and answered on a stream.
pub fn session(case: &Case) -> Outcome {
    assert_eq!(case.kind, "session");
    let mut stream = Stream { asker: Requester::new(), answerer: Responder::new() };
    let events = list(case.input, "events");
    let result = events.iter().try_for_each(|event| stream.event(event));
    let open = stream.asker.outstanding().count();
    settle(result.map(|()| Outcome::good().with("unanswered", open)))
}

impl Stream {
    fn event(&mut self, event: &Value) -> Result<(), Reject> {
        match text(event, "do") {
            "want" => self.want(event),
            "block" => range(event).try_for_each(|n| self.block(n)),
            "missing" => self.missing(event),
            "bye" => {
                self.asker.bye();
                self.answerer.on_frame(Frame::Bye)?;
                let end = self.asker.on_frame(Frame::Bye, &|_, _| None)?;
                assert_eq!(end, Answer::Bye);
                assert_eq!(self.answerer.next(), Some(Ask::Bye));
                Ok(())
            }
            other => panic!("unknown event {other}"),
        }
    }

    /// The crate's asker never asks for too much; a foreign one may, and the answerer must see it.
    fn want(&mut self, event: &Value) -> Result<(), Reject> {
        let ids: Vec<BlockId> = range(event).map(|n| numbered(n).0).collect();
        let frames = self.asker.want(&ids);
        let asked: usize =
            frames.iter().map(|f| matches!(f, Frame::Want(ids) if !ids.is_empty())).count();
        if asked == 0 {
            return self.answerer.on_frame(Frame::Want(ids));
        }
        frames.into_iter().try_for_each(|frame| self.answerer.on_frame(frame))
    }

    fn block(&mut self, n: u64) -> Result<(), Reject> {
        let (id, data) = numbered(n);
        let packed = Packed::plain(Codec::Raw, data);
        let answer = self.asker.on_frame(Frame::Block(packed.clone()), &|_, _| None)?;
        assert!(matches!(answer, Answer::Block(received) if received.packed.id == id));
        self.look_all_up();
        assert_eq!(
            self.answerer.answer_block(id, Some(packed.clone())),
            Some(Frame::Block(packed))
        );
        Ok(())
    }

    fn missing(&mut self, event: &Value) -> Result<(), Reject> {
        let ids: Vec<BlockId> = range(event).map(|n| numbered(n).0).collect();
        let answer = self.asker.on_frame(Frame::Missing(ids.clone()), &|_, _| None)?;
        assert_eq!(answer, Answer::Missing(ids.clone()));
        self.look_all_up();
        for id in &ids {
            assert_eq!(self.answerer.answer_block(*id, None), None);
        }
        assert_eq!(self.answerer.flush(), Some(Frame::Missing(ids)));
        Ok(())
    }

    fn look_all_up(&mut self) {
        while self.answerer.next().is_some() {}
    }
}

fn range(event: &Value) -> std::ops::Range<u64> {
    let first = number(event, "first");
    first..first + number(event, "count")
}
