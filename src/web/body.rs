//! The body of an answer, read piece by piece.

use super::dial::Ask;
use super::disk::Pieces;
use super::error::WebError;
use super::idle::{Idle, Site};
use super::limits::TRICKLE_BYTES;
use crate::net::Volume;
use crate::net::pace::Pace;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::Instant;

/// What is to be done about each byte that comes.
#[derive(Clone)]
pub(super) struct Toll {
    /// The operator's limits.
    pub(super) paces: Vec<Arc<Pace>>,
    /// Counts those of the day.
    pub(super) volume: Arc<Volume>,
    /// Counts them.
    pub(super) received: Arc<AtomicU64>,
}

/// Where it comes from.
pub(super) enum From {
    /// A host, over a connection that is used again afterwards.
    Host(Incoming, (Arc<Idle>, Site, Ask)),
    /// A file of this machine.
    Disk(Pieces),
}

impl From {
    /// The next piece, which may be empty; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, WebError> {
        let incoming = match self {
            Self::Disk(pieces) => return pieces.next().await,
            Self::Host(incoming, _) => incoming,
        };
        match incoming.frame().await {
            None => Ok(None),
            Some(Err(error)) if is_cut_off(&error) => Err(WebError::Short),
            Some(Err(error)) => Err(WebError::Broken(error.to_string())),
            Some(Ok(frame)) => Ok(Some(frame.into_data().unwrap_or_default())),
        }
    }
}

/// What comes. When all was read the connection is used again; dropped before, it is closed.
pub struct Body {
    /// Until all was read.
    from: Option<From>,
    /// Bytes that may still come.
    pub(super) left: u64,
    /// True when exactly `left` bytes must come.
    pub(super) exact: bool,
    pub(super) stall: Duration,
    /// The time of SYNC-7 that is left; only what is waited for the host counts.
    patience: Duration,
    trickle: usize,
    toll: Toll,
}

impl Body {
    pub(super) fn new(from: From, (left, exact): (u64, bool), stall: Duration, toll: Toll) -> Self {
        Self { from: Some(from), left, exact, stall, patience: stall, trickle: 0, toll }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When it stalls, breaks, ends early or is too long.
    pub async fn next(&mut self) -> Result<Option<Bytes>, WebError> {
        loop {
            let Some(from) = &mut self.from else { return Ok(None) };
            let began = Instant::now();
            let piece = tokio::time::timeout(self.patience, from.next()).await;
            self.patience = self.patience.saturating_sub(began.elapsed());
            let Some(data) = piece.map_err(|_| WebError::Stalled)?? else {
                if self.exact && self.left > 0 {
                    return Err(WebError::Short);
                }
                if let Some(From::Host(_, (idle, site, ask))) = self.from.take() {
                    idle.give(site, ask);
                }
                return Ok(None);
            };
            self.left = self.left.checked_sub(data.len() as u64).ok_or(WebError::TooLong)?;
            self.trickle += data.len();
            if self.trickle >= TRICKLE_BYTES {
                (self.trickle, self.patience) = (0, self.stall);
            }
            if !data.is_empty() {
                self.toll.received.fetch_add(data.len() as u64, Relaxed);
                self.toll.volume.received(data.len());
                self.pay(data.len()).await;
                return Ok(Some(data));
            }
        }
    }

    /// Waits until the operator's limits allow more. The connection is not read meanwhile.
    async fn pay(&self, bytes: usize) {
        let now = std::time::Instant::now();
        if let Some(until) = self.toll.paces.iter().map(|pace| pace.moved(bytes, now)).max() {
            tokio::time::sleep_until(until.into()).await;
        }
    }

    /// All of it, which is not more than was allowed when it was asked for.
    ///
    /// # Errors
    /// As [`Body::next`].
    pub async fn all(mut self) -> Result<Vec<u8>, WebError> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

/// True when the connection ended before the body did.
fn is_cut_off(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|e| e.downcast_ref::<std::io::Error>());
    error.is_incomplete_message()
        || cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::UnexpectedEof)
}
