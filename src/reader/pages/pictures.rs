//! Pictures of a record: the step before hard ones, the page of one, and the bytes.

use super::{Shown, error, respond};
use crate::memorial::catalogue::read_person;
use crate::memorial::pages::picture;
use crate::reader::respond::Answer;
use axum::http::StatusCode;
use maud::Markup;
use std::sync::Arc;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::record::{Media, Victim};

impl Shown {
    /// The record that an address names, when it can be read and is there.
    fn victim(&self, key: &str) -> Result<Option<Victim>, ReadFault> {
        let Some(entry) = self.record(key)? else { return Ok(None) };
        Ok(read_person(&*self.view, &entry).ok())
    }
}

fn nth(victim: &Victim, n: usize) -> Option<&Media> {
    victim.media.get(n.checked_sub(1)?)
}

fn shown(shown: &Shown, page: Option<Markup>) -> Answer {
    match page {
        Some(page) => respond::html(StatusCode::OK, page),
        None => error(shown.lang, StatusCode::NOT_FOUND),
    }
}

/// The warning before picture `n`.
pub async fn warning(at: Arc<Shown>, key: &str, n: usize) -> Answer {
    let key = key.to_owned();
    at.answer(move |at| {
        let victim = at.victim(&key)?;
        Ok(shown(at, victim.and_then(|v| picture::warning(&at.context(), &key, &v, n))))
    })
    .await
}

/// The page of picture `n`.
pub async fn page(at: Arc<Shown>, key: &str, n: usize) -> Answer {
    let key = key.to_owned();
    at.answer(move |at| {
        let Some(victim) = at.victim(&key)? else { return Ok(shown(at, None)) };
        let looked = nth(&victim, n).map(|media| picture::look(&*at.view, media));
        let page = looked.and_then(|looked| picture::page(&at.context(), &key, &victim, n, looked));
        Ok(shown(at, page))
    })
    .await
}

/// The bytes of picture `n`, if they may be shown.
pub async fn bytes(at: Arc<Shown>, key: &str, n: usize) -> Answer {
    let key = key.to_owned();
    at.answer(move |at| {
        let Some(victim) = at.victim(&key)? else { return Ok(shown(at, None)) };
        let read = nth(&victim, n).map(|media| picture::read(&*at.view, media));
        Ok(match read {
            Some(Ok((kind, bytes))) => respond::bytes(StatusCode::OK, kind, bytes),
            _ => error(at.lang, StatusCode::NOT_FOUND),
        })
    })
    .await
}
