//! The page of one record.

use super::parts::{back, fact, gone, gone_file, link, said};
use super::person_parts::person;
use super::picture::Looked;
use super::wall::why_unread;
use crate::memorial::catalogue::Unread;
use crate::memorial::context::Context;
use crate::memorial::guest_words;
use crate::memorial::links::{Checked, File, Page};
use crate::memorial::record_words as words;
use crate::memorial::text::size;
use crate::memorial::words as page_words;
use crate::memorial::{layout, standing};
use maud::{Markup, html};
use yadgar_protocol::record::{RecordId, Status, Victim};
use yadgar_protocol::tree::Entry;
use yadgar_protocol::withdraw::Withdrawal;

/// Name of a saved proof; it gives away nothing.
pub const PROOF_FILE: &str = "record.proof";

/// A record, whatever its state. `pictures` is [`super::picture::look_all`] of it.
pub fn page(
    cx: &Context<'_>,
    key: &str,
    entry: &Entry,
    record: &Result<Victim, Unread>,
    pictures: &[Looked],
) -> Markup {
    let lang = cx.lang;
    let main = html! {
        (back(cx))
        (standing::warnings(lang, cx.info))
        @match record {
            Ok(victim) if victim.is_tombstone() => @match victim.merged_into {
                Some(into) => (merged(cx, into)),
                None => (gone(lang, victim.status, victim.status_reason, &victim.issued_on)),
            },
            Ok(victim) => (person(cx, key, victim, pictures)),
            Err(why) => {
                h1 { bdi.mono dir="ltr" { (entry.path.as_str()) } }
                p.notice { (why_unread(*why, lang)) }
            }
        }
        (genuine(cx, entry, cx.file(&File::Proof(key))))
    };
    layout::page(cx, &Page::Person(key), &main)
}

/// What stands in place of a record whose file was withdrawn.
pub fn withdrawn(cx: &Context<'_>, key: &str, withdrawal: &Withdrawal) -> Markup {
    let main = html! { (back(cx)) (standing::warnings(cx.lang, cx.info)) (gone_file(cx.lang, withdrawal)) };
    layout::page(cx, &Page::Person(key), &main)
}

/// A record that another one has taken in leads there.
fn merged(cx: &Context<'_>, into: RecordId) -> Markup {
    let key = into.to_string();
    let name = cx.catalogue.by_key(&key).and_then(|place| cx.catalogue.item(place));
    let name = name.and_then(|item| item.record.as_ref().ok()).map(|record| &record.name);
    let name = name.and_then(|name| said(cx.lang, name));
    let text = name.unwrap_or_else(|| html! { bdi.mono dir="ltr" { (key) } });
    html! {
        h1 { (words::gone(Status::Merged).get(cx.lang)) }
        p.notice { (words::MERGED_INTO.get(cx.lang)) " " (link(cx.page(&Page::Person(&key)), &text)) }
    }
}

/// How a reader can tell that nobody altered it. `proof` is the address of its proof.
pub fn genuine(cx: &Context<'_>, entry: &Entry, proof: Option<String>) -> Markup {
    let lang = cx.lang;
    html! {
        section.seal {
            h2 #genuine { (words::GENUINE.get(lang)) }
            @match cx.links.checked() {
                Checked::Now => p { (words::GENUINE_HELP.get(lang)) },
                Checked::ByHost => p { (guest_words::GENUINE.get(lang)) },
                Checked::WhenMade => p { (words::GENUINE_MADE.get(lang)) },
            }
            (super::check::six(cx))
            p.small { (words::GENUINE_LIMIT.get(lang)) }
            p.small { (page_words::FILE_HELP.get(lang)) }
            dl.facts {
                (fact(lang, page_words::HASH, &html! { bdi.mono dir="ltr" { (entry.file_hash().to_hex()) } }))
                (fact(lang, page_words::PATH, &html! { bdi.mono dir="ltr" { (entry.path.as_str()) } }))
                (fact(lang, page_words::SIZE, &html! { (size(lang, entry.size)) }))
            }
            @if let Some(address) = proof {
                @let in_folder = address.trim_start_matches("../");
                @let served = cx.links.checked() != Checked::WhenMade;
                p { a href=(address) { (words::PROOF.get(lang)) } }
                p.small {
                    (words::PROOF_HELP.get(lang)) " "
                    bdi.mono dir="ltr" { "yadgar verify --proof " (if served { PROOF_FILE } else { in_folder }) }
                }
            }
            @if let Some(address) = cx.file(&File::Archived(entry.path.as_str())) {
                p { a href=(address) { (page_words::RAW.get(lang)) } }
            }
        }
    }
}
