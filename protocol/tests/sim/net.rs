//! A simulated stream between two nodes: latency, bandwidth, bytes in pieces.

use crate::PATIENCE;
use crate::lab::Rng;
use crate::node::{Kind, Node};
use std::collections::{BTreeMap, VecDeque};
use yadgar_protocol::blocks::{Encoding, Packed, ReadBlocks};
use yadgar_protocol::release::Release;
use yadgar_protocol::sync::{
    Answer, Ask, Budget, Frame, FrameReader, Requester, Responder, SourceId,
};
use yadgar_protocol::{ArchiveId, Hash, Reject};

/// Bytes that an answerer keeps on the way before it looks up more.
const WINDOW: u64 = 32 * 1024;
/// How often the newest head is asked for (SYNC-8).
const HEAD_EVERY: u64 = 500;

/// Bytes on the way in one direction.
struct Pipe {
    latency: u64,
    bytes_per_tick: u64,
    free_at: u64,
    on_the_way: VecDeque<(u64, Vec<u8>)>,
    waiting: u64,
}

impl Pipe {
    fn new(rng: &mut Rng) -> Self {
        let bytes_per_tick = if rng.one_in(6) { 300 } else { rng.range(2_000, 50_000) };
        let (free_at, waiting) = (0, 0);
        Self {
            latency: rng.range(1, 30),
            bytes_per_tick,
            free_at,
            on_the_way: VecDeque::new(),
            waiting,
        }
    }

    /// Puts bytes on the way in pieces of a tick's worth.
    fn send(&mut self, bytes: &[u8], now: u64) {
        for piece in bytes.chunks(self.bytes_per_tick as usize) {
            self.free_at = self.free_at.max(now) + 1;
            self.waiting += piece.len() as u64;
            self.on_the_way.push_back((self.free_at + self.latency, piece.to_vec()));
        }
    }

    fn arrived(&mut self, now: u64) -> Option<Vec<u8>> {
        let (at, _) = self.on_the_way.front()?;
        if *at > now {
            return None;
        }
        let (_, bytes) = self.on_the_way.pop_front()?;
        self.waiting -= bytes.len() as u64;
        Some(bytes)
    }
}

pub struct Link {
    pub asker: usize,
    pub answerer: usize,
    source: SourceId,
    up: Pipe,
    down: Pipe,
    requester: Requester,
    responder: Responder,
    questions: FrameReader,
    answers: FrameReader,
    head_at: u64,
    progress_at: u64,
    pub is_cut: bool,
}

impl Link {
    pub fn new(asker: usize, answerer: usize, now: u64, rng: &mut Rng, nodes: &mut [Node]) -> Self {
        let source = SourceId(rng.next());
        nodes[asker].add_source(source, now);
        Self {
            asker,
            answerer,
            source,
            up: Pipe::new(rng),
            down: Pipe::new(rng),
            requester: Requester::new(),
            responder: Responder::new(),
            questions: FrameReader::new(),
            answers: FrameReader::new(),
            head_at: now,
            progress_at: now,
            is_cut: false,
        }
    }

    /// One tick; true when the asker learned of a new release.
    pub fn tick(
        &mut self,
        now: u64,
        nodes: &mut [Node],
        published: &BTreeMap<Vec<u8>, Release>,
        rng: &mut Rng,
    ) -> bool {
        let mut has_new = false;
        self.ask(now, &mut nodes[self.asker]);
        while let Some(bytes) = self.up.arrived(now) {
            for frame in frames(&mut self.questions, &bytes).unwrap() {
                self.responder.on_frame(frame).unwrap();
            }
        }
        self.answer(now, &mut nodes[self.answerer], rng);
        while let Some(bytes) = self.down.arrived(now) {
            self.progress_at = now;
            let read = frames(&mut self.answers, &bytes);
            if self.hear(read, &mut nodes[self.asker], published, &mut has_new).is_err() {
                nodes[self.asker].blame(self.answerer, now);
                self.is_cut = true;
                break;
            }
        }
        has_new
    }

    /// The asker has a new plan: tells it what was asked under the old one.
    pub fn carry_over(&self, node: &mut Node) {
        node.under_way(self.source, self.requester.outstanding());
    }

    fn ask(&mut self, now: u64, node: &mut Node) {
        let mut bytes = Vec::new();
        let archive = ArchiveId(Hash::of(b"archive"));
        if now >= self.head_at && !self.requester.is_asking_head(&archive) {
            self.head_at = now + HEAD_EVERY;
            self.requester.get_head(archive).encode(&mut bytes);
        }
        // A few round trips' worth, as a real driver would.
        let open = self.requester.outstanding().count();
        let budget = Budget { ids: 40usize.saturating_sub(open), bytes: 64 * 1024 };
        if budget.ids > 10 && now.is_multiple_of(4) {
            let wants = node.wants(self.source, budget);
            for frame in self.requester.want(&wants) {
                frame.encode(&mut bytes);
            }
        }
        if !self.requester.is_owed() {
            self.progress_at = now;
        }
        self.up.send(&bytes, now);
    }

    fn answer(&mut self, now: u64, node: &mut Node, rng: &mut Rng) {
        if node.kind == Kind::Silent {
            return;
        }
        while self.down.waiting < WINDOW {
            let frame = match self.responder.next() {
                Some(Ask::Head(archive)) => {
                    Some(self.responder.answer_head(archive, node.head.clone()))
                }
                Some(Ask::Bulletin(archive)) => Some(self.responder.answer_bulletin(archive, None)),
                Some(Ask::Block(id)) => {
                    let plain =
                        node.store.block(&id).unwrap().filter(|_| node.kind != Kind::Denier);
                    let packed = plain.map(|data| Packed { id, encoding: Encoding::Plain, data });
                    self.responder.answer_block(id, packed)
                }
                Some(Ask::Bye) => Some(Frame::Bye),
                None => match self.responder.flush() {
                    None => return,
                    frame => frame,
                },
            };
            let Some(frame) = frame else { continue };
            let mut bytes = Vec::new();
            frame.encode(&mut bytes);
            match node.kind {
                Kind::Liar if rng.one_in(8) => lie(&frame, &mut bytes, rng),
                Kind::Cutter if rng.one_in(20) => {
                    self.is_cut = true;
                    return;
                }
                _ => {}
            }
            self.down.send(&bytes, now);
        }
    }

    fn hear(
        &mut self,
        read: Result<Vec<Frame>, Reject>,
        node: &mut Node,
        published: &BTreeMap<Vec<u8>, Release>,
        has_new: &mut bool,
    ) -> Result<(), Reject> {
        for frame in read? {
            match self.requester.on_frame(frame, &|_, _| None)? {
                Answer::Head(_, Some(head)) => *has_new |= node.on_head(&head, published),
                Answer::Head(_, None) | Answer::Bulletin(..) | Answer::Bye => {}
                Answer::Block(block) => node.on_block(self.source, block.packed.id, block.plain()),
                Answer::Bundle(_) => unreachable!("none was asked for"),
                Answer::Missing(ids) => node.on_missing(self.source, &ids),
            }
        }
        Ok(())
    }

    /// Whether the stream is over; tells the asker.
    pub fn is_over(&mut self, now: u64, nodes: &mut [Node]) -> bool {
        let gone = nodes[self.asker].is_away(now) || nodes[self.answerer].is_away(now);
        let stalled = now > self.progress_at + PATIENCE;
        if self.is_cut || gone || stalled {
            nodes[self.asker].remove_source(self.source);
            if stalled && !self.is_cut {
                nodes[self.asker].leave_alone(self.answerer, now);
            }
            return true;
        }
        false
    }
}

fn frames(reader: &mut FrameReader, mut bytes: &[u8]) -> Result<Vec<Frame>, Reject> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let taken = reader.feed(bytes);
        bytes = &bytes[taken..];
        match reader.next()? {
            Some(frame) => frames.push(frame),
            None => assert!(bytes.is_empty(), "a whole frame is always read"),
        }
    }
    Ok(frames)
}

/// Something wrong in place of an answer.
fn lie(frame: &Frame, bytes: &mut Vec<u8>, rng: &mut Rng) {
    match (rng.range(0, 5), frame) {
        // Another byte in the data of a block.
        (0 | 1, Frame::Block(packed)) if !packed.data.is_empty() => {
            let at = rng.range(0, packed.data.len() as u64) as usize;
            let last = bytes.len() - 1;
            bytes[last - at] ^= 1;
        }
        // A block cut short, with a length that fits.
        (2, Frame::Block(packed)) if !packed.data.is_empty() => {
            let mut short = packed.clone();
            short.data.pop();
            bytes.clear();
            Frame::Block(short).encode(bytes);
        }
        // The answer twice.
        (3, _) => bytes.extend(bytes.clone()),
        // A frame of a kind that does not exist.
        _ => *bytes = vec![0, 0, 0, 1, 9],
    }
}
