//! Pages of incidents.

use super::{Shown, error, proof_of, respond};
use crate::memorial::catalogue::{Unread, read};
use crate::memorial::pages::incident;
use crate::reader::respond::Answer;
use axum::http::StatusCode;
use std::sync::Arc;
use yadgar_protocol::Path;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::record::{INCIDENTS_PREFIX, Record, RecordId};
use yadgar_protocol::tree::Entry;

/// Answers for what is under `i/`.
pub async fn answer(shown: Arc<Shown>, rest: &[&str]) -> Answer {
    let lang = shown.lang;
    let id = |text: &str| RecordId::from_text(text).filter(|id| id.to_string() == text);
    let (id, proof) = match rest {
        [text] => (id(text), false),
        [text, "proof"] => (id(text), true),
        _ => (None, false),
    };
    let Some(id) = id else { return error(lang, StatusCode::NOT_FOUND) };
    let text = id.to_string();
    if let Some(withdrawal) = shown.catalogue.withdrawn().incident(&text).cloned() {
        return shown.gone(move |cx| incident::withdrawn(cx, &text, &withdrawal)).await;
    }
    shown
        .answer(move |shown| {
            let Some(entry) = shown.incident(&id)? else {
                return Ok(error(shown.lang, StatusCode::NOT_FOUND));
            };
            if proof { proof_of(shown, &entry) } else { Ok(page(shown, &id, &entry)) }
        })
        .await
}

fn page(shown: &Shown, id: &RecordId, entry: &Entry) -> Answer {
    let record = match read(&*shown.view, entry) {
        Ok(Record::Incident(incident)) => Ok(*incident),
        Ok(Record::Victim(_)) => Err(Unread::NotUnderstood),
        Err(why) => Err(why),
    };
    let status = match record {
        Err(Unread::NotHere) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    respond::html(status, incident::page(&shown.context(), id, entry, &record))
}

impl Shown {
    /// The file of an incident that was not withdrawn.
    fn incident(&self, id: &RecordId) -> Result<Option<Entry>, ReadFault> {
        let Ok(path) = Path::new(&format!("{INCIDENTS_PREFIX}{id}.cbor")) else { return Ok(None) };
        Ok(self.view.find(&path)?.filter(|entry| self.view.withdrawn(entry).is_none()))
    }
}
