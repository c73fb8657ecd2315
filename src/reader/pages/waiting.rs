//! Pages in place of what is still arriving.

use crate::memorial::Lang;
use crate::memorial::arriving::{self, Arrival};
use crate::memorial::pages::error as errors;
use crate::reader::headers::Waiting;
use crate::reader::respond::{self, Answer};
use crate::reader::server::State;
use axum::http::StatusCode;
use maud::Markup;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use yadgar_protocol::blocks::ReadFault;

/// The first page is answered at once when the release becomes known within this time.
const MOMENT: Duration = Duration::from_secs(5);
/// How often it is looked for meanwhile.
const LOOK: Duration = Duration::from_millis(20);

/// True while an archive is awaited and there is nothing to show of any.
pub fn awaits(state: &Arc<State>) -> bool {
    let awaited = state.awaited.as_ref().is_some_and(|arrival| !arrival.now().over);
    awaited && state.views().is_empty()
}

/// Waits until there is something to show; not for long, and not while nobody can be reached.
pub async fn a_moment(state: &Arc<State>) {
    let failed = || state.awaited.as_ref().is_some_and(|arrival| arrival.now().failed);
    let end = Instant::now() + MOMENT;
    while awaits(state) && !failed() && Instant::now() < end {
        tokio::time::sleep(LOOK).await;
    }
}

/// What every address of ours leads to while there is nothing to show.
pub fn for_all(state: &Arc<State>, lang: Lang) -> Answer {
    match &state.awaited {
        Some(arrival) => answer(lang, arrival),
        None => super::error(lang, StatusCode::NOT_FOUND),
    }
}

/// What is missing may still come: its page loads itself again. Anything else, or when nothing more comes,
/// is said by `page`.
pub fn fault(
    lang: Lang,
    fault: &ReadFault,
    arriving: Option<&Arrival>,
    page: impl FnOnce(&Markup) -> Markup,
) -> Answer {
    match (fault, arriving) {
        (ReadFault::Missing(_), Some(arrival)) if !arrival.now().over => answer(lang, arrival),
        _ => respond::html(StatusCode::SERVICE_UNAVAILABLE, page(&errors::fault(lang, fault))),
    }
}

fn answer(lang: Lang, arrival: &Arrival) -> Answer {
    let page = arriving::page(lang, arrival);
    let mut answer = respond::html(StatusCode::SERVICE_UNAVAILABLE, page);
    answer.extensions_mut().insert(Waiting);
    answer
}
