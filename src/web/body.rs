//! The body of an answer, read piece by piece.

use super::client::{Idle, Site};
use super::dial::Ask;
use super::error::WebError;
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

/// What comes. When all was read the connection is used again; dropped before, it is closed.
pub struct Body {
    pub(super) incoming: Incoming,
    /// Bytes that may still come.
    pub(super) left: u64,
    /// True when exactly `left` bytes must come.
    pub(super) exact: bool,
    pub(super) stall: Duration,
    /// The time of SYNC-7 that is left; only what is waited for the host counts.
    patience: Duration,
    trickle: usize,
    toll: Toll,
    lease: Option<(Arc<Idle>, Site, Ask)>,
}

impl Body {
    pub(super) fn new(
        incoming: Incoming,
        (left, exact): (u64, bool),
        stall: Duration,
        toll: Toll,
        lease: (Arc<Idle>, Site, Ask),
    ) -> Self {
        let lease = Some(lease);
        Self { incoming, left, exact, stall, patience: stall, trickle: 0, toll, lease }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When it stalls, breaks, ends early or is too long.
    pub async fn next(&mut self) -> Result<Option<Bytes>, WebError> {
        loop {
            let began = Instant::now();
            let frame = tokio::time::timeout(self.patience, self.incoming.frame()).await;
            self.patience = self.patience.saturating_sub(began.elapsed());
            let frame = match frame.map_err(|_| WebError::Stalled)? {
                None if self.exact && self.left > 0 => return Err(WebError::Short),
                None => {
                    if let Some((idle, site, ask)) = self.lease.take() {
                        idle.give(site, ask);
                    }
                    return Ok(None);
                }
                Some(Err(error)) if is_cut_off(&error) => return Err(WebError::Short),
                Some(Err(error)) => return Err(WebError::Broken(error.to_string())),
                Some(Ok(frame)) => frame,
            };
            let Ok(data) = frame.into_data() else { continue };
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
