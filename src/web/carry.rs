//! One question for neighbours in a pack, and what comes of it.

use super::client::Span;
use super::cutter::Cutter;
use super::desk::{At, Run};
use super::error::WebError;
use super::give::Shared;
use super::limits::{AT_ONCE, MAX_BAD_MEMBERS, SPARE_BYTES};
use super::shelf::Shelf;
use crate::sync::Line;
use bytes::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use yadgar_protocol::Reject;
use yadgar_protocol::sync::Answer;

/// Answers that wait to be told. The desk no longer knows them as wanted, so they are told even when the task that
/// carries them is ended.
struct Telling {
    line: Arc<Line>,
    answers: Vec<Answer>,
}

impl Telling {
    fn new(shared: &Shared) -> Self {
        Self { line: shared.line.clone(), answers: Vec::new() }
    }

    /// Tells them; false when the fetch is over.
    async fn tell(&mut self) -> bool {
        let (line, answers) = (self.line.clone(), std::mem::take(&mut self.answers));
        // By itself: it goes on when this is no longer waited for.
        tokio::spawn(async move { line.answers(answers).await }).await.unwrap_or(false)
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        if !self.answers.is_empty() {
            let (line, answers) = (self.line.clone(), std::mem::take(&mut self.answers));
            tokio::spawn(async move { line.answers(answers).await });
        }
    }
}

/// What came of a question.
pub(super) struct Carried {
    /// Members that came, and need not be asked for again.
    pub(super) landed: BTreeSet<At>,
    /// Members that are not what their index says.
    pub(super) bad: BTreeSet<At>,
    /// A block came that was wanted.
    pub(super) delivered: bool,
    /// How it ended.
    pub(super) end: Result<(), WebError>,
}

/// Asks for a run of members and passes on what is wanted of them.
pub(super) async fn carry(shared: &Shared, shelf: &Shelf, run: &Run) -> Carried {
    let mut carried =
        Carried { landed: BTreeSet::new(), bad: BTreeSet::new(), delivered: false, end: Ok(()) };
    carried.end = bring(shared, shelf, run, &mut carried).await;
    carried
}

async fn bring(
    shared: &Shared,
    shelf: &Shelf,
    run: &Run,
    carried: &mut Carried,
) -> Result<(), WebError> {
    let (url, size) = shelf.pack(&shared.host, run.pack);
    let all = shelf.members(run.pack);
    let start = shelf.start(At { pack: run.pack, member: run.members.start });
    let length: u64 = run.iter().map(|at| shelf.length(at)).sum();
    let reply = shared.host.client().part(&url, Span { start, length }, size).await?;
    let coming = if reply.whole {
        // Then all of it is taken: asking for each piece would bring the whole file each time.
        shared.host.note_whole();
        let whole = Run { pack: run.pack, members: 0..all };
        shared.desk().all_fly(&whole);
        whole
    } else {
        run.clone()
    };
    let done = members(shared, shelf, &coming, Cutter::new(reply.body), carried).await;
    if reply.whole {
        let rest = coming.iter().filter(|at| !carried.landed.contains(at)).collect();
        shared.desk().again(&rest);
    }
    done
}

async fn members(
    shared: &Shared,
    shelf: &Shelf,
    coming: &Run,
    mut cutter: Cutter,
    carried: &mut Carried,
) -> Result<(), WebError> {
    let (mut telling, mut bytes) = (Telling::new(shared), 0);
    for at in coming.iter() {
        let length = usize::try_from(shelf.length(at)).map_err(|_| WebError::TooLong)?;
        if !telling.answers.is_empty() && (bytes >= AT_ONCE || !cutter.has(length)) {
            carried.delivered = true;
            bytes = 0;
            if !telling.tell().await {
                return Ok(());
            }
        }
        let stored = match cutter.take(length).await {
            Ok(stored) => stored,
            Err(error) => {
                telling.tell().await;
                return Err(error);
            }
        };
        match open(shared, shelf, at, stored) {
            Ok(more) => {
                carried.landed.insert(at);
                bytes += more.iter().map(weight).sum::<usize>();
                telling.answers.extend(more);
            }
            Err(reject) => {
                tracing::debug!(%reject, "a member of a pack is damaged");
                carried.bad.insert(at);
                carried.landed.insert(at);
                if carried.bad.len() >= MAX_BAD_MEMBERS {
                    telling.tell().await;
                    return Err(WebError::Wrong("what is in it is not what it should be".into()));
                }
            }
        }
    }
    if !telling.answers.is_empty() {
        carried.delivered = true;
        telling.tell().await;
    }
    cutter.end().await;
    Ok(())
}

fn weight(answer: &Answer) -> usize {
    match answer {
        Answer::Block(received) => received.packed.data.len(),
        _ => 0,
    }
}

/// What is wanted of a member. When there is more in it, it is kept for a while: what stands beside a block is
/// mostly wanted next.
///
/// # Errors
/// When it is not what the index says.
pub(super) fn open(
    shared: &Shared,
    shelf: &Shelf,
    at: At,
    stored: Bytes,
) -> Result<Vec<Answer>, Reject> {
    let mut desk = shared.desk();
    if !desk.is_awaited(at, shelf.ids(at)) {
        desk.landed(at);
        desk.keep(at, stored, SPARE_BYTES);
        return Ok(Vec::new());
    }
    drop(desk);
    let blocks = shelf.open(at, &stored)?;
    let mut desk = shared.desk();
    let (mut answers, mut over) = (Vec::new(), false);
    for block in blocks {
        if desk.answer(&block.packed.id) {
            answers.push(Answer::Block(block));
        } else {
            over = true;
        }
    }
    desk.landed(at);
    if over {
        desk.keep(at, stored, SPARE_BYTES);
    }
    Ok(answers)
}
