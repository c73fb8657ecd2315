//! A trustless gateway as a source: blocks one by one, each named by its CID and checked against it (gateway.md).

use super::error::WebError;
use super::host::HostSource;
use super::limits::{BLOCK_TRIES, GATEWAY_PARALLEL};
use super::patience::{Patience, Wave};
use crate::store::pack::inflate;
use crate::sync::{End, Line, Wants};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::gateway::RAW_TYPE;
use yadgar_protocol::limits::MAX_BLOCK_BYTES;
use yadgar_protocol::sync::{Answer, Received};
use yadgar_protocol::{BlockId, Reject};

/// Where a block is, below the address of a gateway.
fn name(id: &BlockId) -> String {
    format!("ipfs/{id}")
}

impl HostSource {
    /// A block of a gateway, checked; `None` when it is not there.
    pub(super) async fn raw(&self, id: BlockId) -> Result<Option<Vec<u8>>, WebError> {
        let mut url = self.file_url(&name(&id));
        url.set_query(Some("format=raw"));
        let body = self.client().get_as(&url, MAX_BLOCK_BYTES as u64, Some(RAW_TYPE)).await;
        let bytes = match body {
            Err(WebError::Status(404 | 410)) => return Ok(None),
            other => other?.all().await?,
        };
        if !id.matches(&bytes) {
            return Err(WebError::Wrong("it is not the block of this name".into()));
        }
        Ok(Some(bytes))
    }
}

/// Gives blocks to a fetch.
pub(super) async fn give(host: Arc<HostSource>, line: Line) -> End {
    let Some(mut orders) = line.up().await else { return End::LetGo };
    let mut giving = Giving::new(host, line);
    let end = giving.work(&mut orders).await;
    giving.line.down().await;
    end
}

/// What came of a question.
type Came = Result<Option<Vec<u8>>, WebError>;

struct Giving {
    host: Arc<HostSource>,
    line: Line,
    /// Wanted and not asked for; bounded by what the fetch asks of a source.
    queue: VecDeque<BlockId>,
    tasks: JoinSet<(BlockId, Wave, Came)>,
    /// Of whatever block.
    patience: Patience,
    /// How often a block failed that is in the queue again.
    failed: BTreeMap<BlockId, u32>,
}

impl Giving {
    fn new(host: Arc<HostSource>, line: Line) -> Self {
        let (tasks, queue, failed) = (JoinSet::new(), VecDeque::new(), BTreeMap::new());
        Self { host, line, queue, tasks, patience: Patience::new(Instant::now()), failed }
    }

    async fn work(&mut self, orders: &mut mpsc::Receiver<Wants>) -> End {
        let cancel = self.line.cancel().clone();
        loop {
            self.start();
            let waits = !self.queue.is_empty() && !self.patience.may_ask(Instant::now());
            let step = tokio::select! {
                biased;
                () = cancel.cancelled() => return End::LetGo,
                Some(done) = self.tasks.join_next() => match done {
                    Ok((id, wave, came)) => self.ended(id, wave, came).await,
                    Err(error) => Err(End::Lost(error.to_string())),
                },
                order = orders.recv() => match order {
                    Some(wants) => {
                        self.queue.extend(wants.ids);
                        Ok(())
                    }
                    None => return End::LetGo,
                },
                () = tokio::time::sleep_until(self.patience.not_before()), if waits => Ok(()),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    fn start(&mut self) {
        while self.tasks.len() < GATEWAY_PARALLEL && self.patience.may_ask(Instant::now()) {
            let Some(id) = self.queue.pop_front() else { return };
            let (host, wave) = (self.host.clone(), self.patience.wave());
            self.tasks.spawn(async move { (id, wave, host.raw(id).await) });
        }
    }

    async fn ended(&mut self, id: BlockId, wave: Wave, came: Came) -> Result<(), End> {
        if !matches!(&came, Err(error) if error.may_pass()) {
            self.failed.remove(&id);
        }
        let answer = match came {
            Ok(Some(bytes)) => {
                self.patience.came();
                let packed = Packed::plain(id.codec, bytes);
                let mut received = Received::check(packed, &inflate).map_err(End::Lied)?;
                // Nobody has tried whether it shrinks.
                received.bundled = true;
                Answer::Block(received)
            }
            Ok(None) => {
                self.patience.came();
                Answer::Missing(vec![id])
            }
            Err(error) if error.may_pass() => {
                // That there is no connection is of no block.
                let more = u32::from(!error.is_unreached());
                let times = self.failed.remove(&id).unwrap_or(0) + more;
                if times < BLOCK_TRIES {
                    // Behind the others: it may be this block alone.
                    self.failed.insert(id, times);
                    self.queue.push_back(id);
                } else if !self.line.answers(vec![Answer::Missing(vec![id])]).await {
                    return Err(End::LetGo);
                }
                return self.pause(wave, error);
            }
            Err(error) => {
                self.host.fault(name(&id), error.to_string());
                if self.host.is_hopeless() {
                    return Err(End::Lied(Reject::new("GW-10", "a gateway sends what is wrong")));
                }
                Answer::Missing(vec![id])
            }
        };
        if self.line.answers(vec![answer]).await { Ok(()) } else { Err(End::LetGo) }
    }

    fn pause(&mut self, wave: Wave, error: WebError) -> Result<(), End> {
        let reopen = self.line.timing().reopen;
        if self.patience.failed(wave, &error, reopen, Instant::now()) {
            return Ok(());
        }
        Err(self.host.given_up(error))
    }
}

#[cfg(test)]
#[path = "gateway_tests.rs"]
mod tests;
