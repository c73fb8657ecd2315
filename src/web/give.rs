//! A static mirror gives blocks to a fetch: several questions at a time, each for neighbours in a pack.

use super::carry::{Carried, carry};
use super::desk::{At, Desk, Run};
use super::error::WebError;
use super::host::HostSource;
use super::limits::{HEAD_AGAIN, PARALLEL, PARALLEL_WHOLE, RUN_BYTES};
use super::patience::{Patience, Wave};
use super::shelf::Shelf;
use crate::sync::{End, Host, Line};
use futures::future::BoxFuture;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use yadgar_protocol::sync::Answer;
use yadgar_protocol::{BlockId, Reject};

impl Host for HostSource {
    fn number(&self) -> u32 {
        self.number
    }

    fn give(self: Arc<Self>, line: Line) -> BoxFuture<'static, End> {
        if self.is_gateway() {
            return Box::pin(super::gateway::give(self, line));
        }
        Box::pin(async move {
            let shelf = tokio::select! {
                shelf = self.shelf(false) => shelf,
                () = line.cancel().cancelled() => return End::LetGo,
            };
            let shelf = match shelf {
                Ok(shelf) => shelf,
                Err(error) => return self.given_up(error),
            };
            let Some(mut orders) = line.up().await else { return End::LetGo };
            let line = Arc::new(line);
            let end = Giving::new(self, shelf, line.clone()).work(&mut orders).await;
            line.down().await;
            end
        })
    }
}

/// What the questions under way share.
pub(super) struct Shared {
    pub(super) host: Arc<HostSource>,
    pub(super) line: Arc<Line>,
    desk: Mutex<Desk>,
}

impl Shared {
    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Giving {
    shared: Arc<Shared>,
    shelf: Arc<Shelf>,
    tasks: JoinSet<(Run, Wave, Carried)>,
    patience: Patience,
    /// When something wanted last came.
    delivered: Instant,
}

impl Giving {
    fn new(host: Arc<HostSource>, shelf: Arc<Shelf>, line: Arc<Line>) -> Self {
        let shared = Arc::new(Shared { host, line, desk: Mutex::default() });
        let (tasks, patience) = (JoinSet::new(), Patience::new(Instant::now()));
        Self { shared, shelf, tasks, patience, delivered: Instant::now() }
    }

    async fn work(&mut self, orders: &mut mpsc::Receiver<crate::sync::Wants>) -> End {
        let shared = self.shared.clone();
        let cancel = shared.line.cancel();
        loop {
            self.start();
            let waits = self.shared.desk().has_queue() && !self.patience.may_ask(Instant::now());
            let step = tokio::select! {
                biased;
                () = cancel.cancelled() => return End::LetGo,
                Some(done) = self.tasks.join_next() => match done {
                    Ok((run, wave, carried)) => self.ended(&run, wave, carried).await,
                    Err(error) => Err(End::Lost(error.to_string())),
                },
                order = orders.recv() => match order {
                    Some(wants) => self.take(wants.ids).await,
                    None => return End::LetGo,
                },
                () = tokio::time::sleep_until(self.patience.not_before()), if waits => Ok(()),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Asks, as far as questions may be under way.
    fn start(&mut self) {
        let most = if self.shared.host.sends_whole() { PARALLEL_WHOLE } else { PARALLEL };
        while self.tasks.len() < most && self.patience.may_ask(Instant::now()) {
            let shelf = self.shelf.clone();
            let run = self.shared.desk().cut(&|at| shelf.length(at), RUN_BYTES);
            let Some(run) = run else { return };
            let (shared, wave) = (self.shared.clone(), self.patience.wave());
            self.tasks.spawn(async move {
                let carried = carry(&shared, &shelf, &run).await;
                (run, wave, carried)
            });
        }
    }

    /// Takes wants: what lies here is answered, what is nowhere is said to be missing.
    async fn take(&mut self, ids: Vec<BlockId>) -> Result<(), End> {
        let shared = self.shared.clone();
        let mut found = loop {
            let wave = self.patience.wave();
            let finding = self.shelf.find(&shared.host, &ids);
            let error = tokio::select! {
                found = finding => match found {
                    Ok(found) => break found,
                    Err(error) => error,
                },
                () = shared.line.cancel().cancelled() => return Err(End::LetGo),
            };
            self.failed(wave, &error)?;
            tokio::time::sleep_until(self.patience.not_before()).await;
        };
        let lost = |(id, at): &(BlockId, Option<At>)| at.is_none().then_some(*id);
        let mut missing: Vec<BlockId> = found.iter().filter_map(lost).collect();
        if !missing.is_empty() && shared.host.may_look_again() && self.renew().await? {
            return Box::pin(self.take(ids)).await;
        }
        let mut here = BTreeSet::new();
        for (id, at) in found.drain(..) {
            let Some(at) = at else { continue };
            if self.shelf.is_bad(at) {
                missing.push(id);
            } else if shared.desk().want(id, at) {
                here.insert(at);
            }
        }
        let nothing = missing.len() == ids.len();
        self.miss(missing).await?;
        if nothing && !ids.is_empty() && self.is_dry() {
            return Err(End::Useless("it has nothing more of what is wanted".into()));
        }
        for at in here {
            let Some(stored) = shared.desk().spare(at) else { continue };
            let Ok(answers) = super::carry::open(&shared, &self.shelf, at, stored) else {
                self.shelf.damaged(&shared.host, at);
                let lost = shared.desk().lost(&BTreeSet::from([at]));
                self.miss(lost).await?;
                continue;
            };
            if !answers.is_empty() && !shared.line.answers(answers).await {
                return Err(End::LetGo);
            }
        }
        Ok(())
    }

    /// True when nothing came for long and nothing is under way: then the head was read again, too.
    fn is_dry(&self) -> bool {
        let waits = !self.tasks.is_empty() || self.shared.desk().has_queue();
        !waits && self.delivered.elapsed() >= HEAD_AGAIN
    }

    async fn miss(&self, ids: Vec<BlockId>) -> Result<(), End> {
        let told = ids.is_empty() || self.shared.line.answers(vec![Answer::Missing(ids)]).await;
        if told { Ok(()) } else { Err(End::LetGo) }
    }

    /// A question ended.
    async fn ended(&mut self, run: &Run, wave: Wave, carried: Carried) -> Result<(), End> {
        let shared = self.shared.clone();
        if carried.delivered {
            self.patience.came();
            self.delivered = Instant::now();
        }
        if !carried.bad.is_empty() {
            carried.bad.iter().for_each(|at| self.shelf.damaged(&shared.host, *at));
            let lost = shared.desk().lost(&carried.bad);
            self.miss(lost).await?;
            self.too_many()?;
        }
        let left: BTreeSet<At> = run.iter().filter(|at| !carried.landed.contains(at)).collect();
        match carried.end {
            Ok(()) => shared.desk().again(&left),
            Err(error) if error.may_pass() => {
                shared.desk().again(&left);
                self.failed(wave, &error)?;
            }
            // The pack is not what the catalog says, or gone: there may be a newer one.
            Err(error) => {
                if shared.host.may_look_again() && self.renew().await? {
                    return Ok(());
                }
                self.shelf.bad_pack(&shared.host, run.pack, &error);
                let lost = shared.desk().lost(&left);
                self.miss(lost).await?;
                self.too_many()?;
            }
        }
        Ok(())
    }

    /// A host with too many damaged files is left: each costs a question.
    fn too_many(&self) -> Result<(), End> {
        if !self.shared.host.is_hopeless() {
            return Ok(());
        }
        Err(End::Lied(Reject::new("STATIC-6", "too many files of a static mirror are damaged")))
    }

    fn failed(&mut self, wave: Wave, error: &WebError) -> Result<(), End> {
        tracing::debug!(%error, "a question to a web host failed");
        let reopen = self.shared.line.timing().reopen;
        if self.patience.failed(wave, error, reopen, Instant::now()) {
            return Ok(());
        }
        Err(self.shared.host.given_up(error.clone()))
    }

    /// Reads the head again; true when it leads to another catalog: then all that is wanted is looked up there.
    async fn renew(&mut self) -> Result<bool, End> {
        let host = self.shared.host.clone();
        let shelf = tokio::select! {
            shelf = host.shelf(true) => shelf,
            () = self.shared.line.cancel().cancelled() => return Err(End::LetGo),
        };
        let Ok(shelf) = shelf else { return Ok(false) };
        if shelf.is_same(&self.shelf) {
            return Ok(false);
        }
        self.tasks.shutdown().await;
        self.shelf = shelf;
        let wanted = self.shared.desk().clear();
        Box::pin(self.take(wanted)).await?;
        Ok(true)
    }
}

#[cfg(test)]
#[path = "give_tests.rs"]
mod tests;
