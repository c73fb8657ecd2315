//! A trustless gateway as a source: blocks one by one, each named by its CID and checked against it (gateway.md).

use super::error::WebError;
use super::host::HostSource;
use super::limits::{BLOCK_TRIES, GATEWAY_PARALLEL, TRIES};
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
    tasks: JoinSet<(BlockId, Came)>,
    /// Failures in a row, of whatever block.
    fails: u32,
    /// How often a block failed that is in the queue again.
    failed: BTreeMap<BlockId, u32>,
    not_before: Instant,
}

impl Giving {
    fn new(host: Arc<HostSource>, line: Line) -> Self {
        let (tasks, queue, failed) = (JoinSet::new(), VecDeque::new(), BTreeMap::new());
        Self { host, line, queue, tasks, fails: 0, failed, not_before: Instant::now() }
    }

    async fn work(&mut self, orders: &mut mpsc::Receiver<Wants>) -> End {
        let cancel = self.line.cancel().clone();
        loop {
            self.start();
            let waits = !self.queue.is_empty() && Instant::now() < self.not_before;
            let step = tokio::select! {
                biased;
                () = cancel.cancelled() => return End::LetGo,
                Some(done) = self.tasks.join_next() => match done {
                    Ok((id, came)) => self.ended(id, came).await,
                    Err(error) => Err(End::Lost(error.to_string())),
                },
                order = orders.recv() => match order {
                    Some(wants) => {
                        self.queue.extend(wants.ids);
                        Ok(())
                    }
                    None => return End::LetGo,
                },
                () = tokio::time::sleep_until(self.not_before), if waits => Ok(()),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    fn start(&mut self) {
        while self.tasks.len() < GATEWAY_PARALLEL && Instant::now() >= self.not_before {
            let Some(id) = self.queue.pop_front() else { return };
            let host = self.host.clone();
            self.tasks.spawn(async move { (id, host.raw(id).await) });
        }
    }

    async fn ended(&mut self, id: BlockId, came: Came) -> Result<(), End> {
        if !matches!(&came, Err(error) if error.may_pass()) {
            self.failed.remove(&id);
        }
        let answer = match came {
            Ok(Some(bytes)) => {
                self.fails = 0;
                let packed = Packed::plain(id.codec, bytes);
                let mut received = Received::check(packed, &inflate).map_err(End::Lied)?;
                // Nobody has tried whether it shrinks.
                received.bundled = true;
                Answer::Block(received)
            }
            Ok(None) => {
                self.fails = 0;
                Answer::Missing(vec![id])
            }
            Err(error) if error.may_pass() => {
                let times = self.failed.remove(&id).unwrap_or(0) + 1;
                if times < BLOCK_TRIES {
                    // Behind the others: it may be this block alone.
                    self.failed.insert(id, times);
                    self.queue.push_back(id);
                } else if !self.line.answers(vec![Answer::Missing(vec![id])]).await {
                    return Err(End::LetGo);
                }
                return self.pause(error);
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

    /// Waits longer after each failure in a row, and gives up after some. The first may be of the block, not of the host,
    /// when it is the gateway that found nothing: nothing waits for that.
    fn pause(&mut self, error: WebError) -> Result<(), End> {
        let of_block = matches!(error, WebError::Status(500 | 502 | 504));
        self.fails += if error == WebError::Stalled { TRIES / 2 } else { 1 };
        if self.fails >= TRIES {
            return Err(self.host.given_up(error));
        }
        if of_block && self.fails == 1 {
            return Ok(());
        }
        let reopen = self.line.timing().reopen;
        self.not_before = Instant::now() + reopen * 2u32.pow(self.fails.min(5));
        Ok(())
    }
}

#[cfg(test)]
#[path = "gateway_tests.rs"]
mod tests;
