//! The page of one record.

use super::person_parts::{fact, person};
use super::wall::why_unread;
use crate::memorial::catalogue::Unread;
use crate::memorial::context::Context;
use crate::memorial::links::{File, Page};
use crate::memorial::record_words as words;
use crate::memorial::selection::Selection;
use crate::memorial::text::size;
use crate::memorial::words as page_words;
use crate::memorial::{date, layout, standing};
use maud::{Markup, html};
use yadgar_protocol::record::Victim;
use yadgar_protocol::tree::Entry;
use yadgar_protocol::withdraw::Withdrawal;

/// Name of a saved proof; it gives away nothing.
pub const PROOF_FILE: &str = "record.proof";

/// A record, whatever its state.
pub fn page(cx: &Context<'_>, key: &str, entry: &Entry, record: &Result<Victim, Unread>) -> Markup {
    let lang = cx.lang;
    let main = html! {
        (back(cx))
        (standing::warnings(lang, cx.info))
        @match record {
            Ok(victim) if victim.is_tombstone() => (gone(cx, victim)),
            Ok(victim) => (person(cx, victim)),
            Err(why) => {
                h1 { bdi.mono dir="ltr" { (entry.path.as_str()) } }
                p.notice { (why_unread(*why, lang)) }
            }
        }
        (genuine(cx, entry, key))
    };
    layout::page(cx, &Page::Person(key), &main)
}

/// What stands in place of a record whose file was withdrawn by a notice.
pub fn withdrawn(cx: &Context<'_>, key: &str, withdrawal: &Withdrawal) -> Markup {
    let main = html! { (back(cx)) (standing::withdrawn(cx.lang, withdrawal)) };
    layout::page(cx, &Page::Person(key), &main)
}

fn back(cx: &Context<'_>) -> Markup {
    html! {
        @if let Some(address) = cx.page(&Page::Wall(Selection::default(), 1)) {
            p.crumb { a href=(address) { (page_words::BACK_TO_LIST.get(cx.lang)) } }
        }
    }
}

/// What is left of a record that was taken back: that, when, and the general reason.
fn gone(cx: &Context<'_>, victim: &Victim) -> Markup {
    let lang = cx.lang;
    let reason = victim.status_reason.map_or(words::UNKNOWN, words::status_reason);
    let day = date::both(lang, &victim.issued_on);
    html! {
        h1 { (words::GONE.get(lang)) }
        @if let Some(other) = victim.merged_into {
            @let key = other.to_string();
            p {
                (words::MERGED_INTO.get(lang)) " "
                @match cx.page(&Page::Person(&key)) {
                    Some(address) => a href=(address) { bdi.mono dir="ltr" { (key) } },
                    None => bdi.mono dir="ltr" { (key) },
                }
            }
        } @else {
            p.notice { (words::GONE_HELP.with(lang, &[reason.get(lang), &day])) }
        }
    }
}

/// How a reader can tell that nobody altered it.
fn genuine(cx: &Context<'_>, entry: &Entry, key: &str) -> Markup {
    let lang = cx.lang;
    html! {
        section.seal {
            h2 { (words::GENUINE.get(lang)) }
            p { (words::GENUINE_HELP.get(lang)) }
            (super::cover::six(cx))
            p.small { (words::GENUINE_LIMIT.get(lang)) }
            p.small { (page_words::FILE_HELP.get(lang)) }
            dl.facts {
                (fact(lang, page_words::HASH, &html! { bdi.mono dir="ltr" { (entry.file_hash().to_hex()) } }))
                (fact(lang, page_words::PATH, &html! { bdi.mono dir="ltr" { (entry.path.as_str()) } }))
                (fact(lang, page_words::SIZE, &html! { (size(lang, entry.size)) }))
            }
            @if let Some(address) = cx.file(&File::Proof(key)) {
                p { a href=(address) { (words::PROOF.get(lang)) } }
                p.small {
                    (words::PROOF_HELP.get(lang)) " "
                    bdi.mono dir="ltr" { "yadgar verify --proof " (PROOF_FILE) }
                }
            }
            @if let Some(address) = cx.file(&File::Archived(entry.path.as_str())) {
                p { a href=(address) { (page_words::RAW.get(lang)) } }
            }
        }
    }
}
