//! The page of one record.

use super::people::why_unread;
use super::person_parts::{fact, person};
use super::{Frame, Shown, fault, layout};
use crate::reader::record::{self, Unread};
use crate::reader::record_text as words;
use crate::reader::respond::{self, Answer};
use crate::reader::server::{State, blocking};
use crate::reader::text;
use crate::reader::{date, standing, url};
use axum::http::StatusCode;
use maud::{Markup, html};
use std::net::SocketAddr;
use std::sync::Arc;
use yadgar_protocol::proof::BuildFault;
use yadgar_protocol::record::Victim;
use yadgar_protocol::tree::Entry;

/// Name of a saved proof; it gives away nothing.
const PROOF_FILE: &str = "record.proof";

pub async fn page(state: &Arc<State>, shown: &Shown, key: &str) -> Answer {
    let lang = shown.lang;
    let here = shown.person(key);
    let twin = shown.other(&here);
    let list = match state.records(&shown.view).await {
        Ok(list) => list,
        Err(error) => return fault(lang, &twin, &error),
    };
    let Some(path) = list.by_key(key).map(|item| item.path.clone()) else {
        return super::error(lang, StatusCode::NOT_FOUND);
    };
    let view = shown.view.clone();
    let found = blocking(move || {
        let Some(entry) = view.find(&path)? else { return Ok(None) };
        let record = record::read(&view, &entry);
        Ok(Some((entry, record)))
    });
    let (entry, record) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return super::error(lang, StatusCode::NOT_FOUND),
        Err(error) => return fault(lang, &twin, &error),
    };
    if let Some(withdrawal) = shown.view.withdrawn(&entry) {
        let main = standing::withdrawn(lang, withdrawal);
        return respond::html(StatusCode::GONE, layout(lang, &Frame::Ours(&twin), &main));
    }
    let status = match record {
        Err(Unread::NotHere) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let site = state.site(&shown.view.archive()).await;
    let main = html! {
        p.crumb { a href=(shown.people()) { (text::BACK_TO_LIST.get(lang)) } }
        (standing::warnings(lang, &shown.view))
        @match &record {
            Ok(victim) if victim.is_tombstone() => (gone(shown, victim)),
            Ok(victim) => (person(lang, victim, site)),
            Err(why) => {
                h1 { bdi.mono dir="ltr" { (entry.path.as_str()) } }
                p.notice { (why_unread(*why, lang)) }
            }
        }
        (genuine(shown, &entry, key, site))
    };
    respond::html(status, layout(lang, &Frame::Ours(&twin), &main))
}

/// The proof of one record, as a file to save.
pub async fn proof(state: &Arc<State>, shown: &Shown, key: &str) -> Answer {
    let lang = shown.lang;
    let twin = shown.other(&shown.person(key));
    let list = match state.records(&shown.view).await {
        Ok(list) => list,
        Err(error) => return fault(lang, &twin, &error),
    };
    // What was withdrawn is not in the list.
    let Some(path) = list.by_key(key).map(|item| item.path.clone()) else {
        return super::error(lang, StatusCode::NOT_FOUND);
    };
    let view = shown.view.clone();
    let built = blocking(move || match view.proof(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(BuildFault::Read(fault)) => Err(fault),
        Err(BuildFault::TooLarge) => Ok(None),
    });
    match built.await {
        Ok(Some(bytes)) => respond::download(PROOF_FILE, bytes),
        Ok(None) => super::error(lang, StatusCode::NOT_FOUND),
        Err(error) => fault(lang, &twin, &error),
    }
}

/// What is left of a record that was taken back: that, when, and the general reason.
fn gone(shown: &Shown, victim: &Victim) -> Markup {
    let lang = shown.lang;
    let reason = victim.status_reason.map_or(words::UNKNOWN, words::status_reason);
    let day = date::both(lang, &victim.issued_on);
    html! {
        h1 { (words::GONE.get(lang)) }
        @if let Some(other) = victim.merged_into {
            p { (words::MERGED_INTO.get(lang)) " " a href=(shown.person(&other.to_string())) { bdi.mono dir="ltr" { (other) } } }
        } @else {
            p.notice { (words::GONE_HELP.with(lang, &[reason.get(lang), &day])) }
        }
    }
}

/// How a reader can tell that nobody altered it.
fn genuine(shown: &Shown, entry: &Entry, key: &str, site: Option<SocketAddr>) -> Markup {
    let lang = shown.lang;
    html! {
        section.seal {
            h2 { (words::GENUINE.get(lang)) }
            p { (words::GENUINE_HELP.get(lang)) }
            (super::start::words(lang, &shown.view))
            p.small { (words::GENUINE_LIMIT.get(lang)) }
            p.small { (text::FILE_HELP.get(lang)) }
            dl.facts {
                (fact(lang, text::HASH, &html! { bdi.mono dir="ltr" { (entry.file_hash().to_hex()) } }))
                (fact(lang, text::PATH, &html! { bdi.mono dir="ltr" { (entry.path.as_str()) } }))
                (fact(lang, text::SIZE, &html! { (text::size(lang, entry.size)) }))
            }
            p { a href=(format!("{}/proof", shown.person(key))) { (words::PROOF.get(lang)) } }
            p.small {
                (words::PROOF_HELP.get(lang)) " "
                bdi.mono dir="ltr" { "yadgar verify --proof " (PROOF_FILE) }
            }
            @if let Some(site) = site {
                p { a href=(format!("http://{site}{}", url::encode(entry.path.as_str()))) { (text::RAW.get(lang)) } }
            }
        }
    }
}
