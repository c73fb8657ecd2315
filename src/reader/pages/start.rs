//! The start page: what is here, how it was checked, and where to go.

use super::{Frame, Shown, layout};
use crate::reader::respond::{self, Answer};
use crate::reader::server::State;
use crate::reader::text::{self, Lang};
use crate::reader::{date, standing, view::ArchiveView};
use axum::http::StatusCode;
use maud::{Markup, html};
use std::net::SocketAddr;
use std::sync::Arc;
use yadgar_protocol::words::six_words;

pub async fn page(state: &Arc<State>, lang: Lang) -> Answer {
    // A port that could not be opened leaves its archive without a link; the rest is shown.
    let _ = state.open_sites().await;
    let mut cards = Vec::new();
    for (index, view) in state.views().into_iter().enumerate() {
        let site = state.site(&view.archive()).await;
        cards.push(card(&Shown { lang, index, view }, site));
    }
    let main = html! {
        h1.quiet { (text::WELCOME.get(lang)) }
        @if cards.is_empty() {
            section.card {
                p.lead { (text::NO_ARCHIVE.get(lang)) }
                p { (text::NO_ARCHIVE_HELP.get(lang)) }
            }
        }
        @for card in cards { (card) }
    };
    let twin = format!("/{}/", lang.other().code());
    respond::html(StatusCode::OK, layout(lang, &Frame::Ours(&twin), &main))
}

fn card(shown: &Shown, site: Option<SocketAddr>) -> Markup {
    let (lang, view) = (shown.lang, &shown.view);
    html! {
        article.card {
            h2.name { bdi { (view.accepted().name()) } }
            (doors(shown, site))
            (standing::warnings(lang, view))
            (newer(lang, view))
            div.seal {
                p.sealed { span.tick aria-hidden="true" { "✓" } " " (text::CHECKED.get(lang)) }
                p { (text::CHECKED_LONG.get(lang)) }
            }
            (words(lang, view))
            (facts(lang, view))
        }
    }
}

fn doors(shown: &Shown, site: Option<SocketAddr>) -> Markup {
    let (lang, records) = (shown.lang, shown.view.accepted().release.records);
    let count = match records {
        1 => text::RECORD_1.get(lang).to_owned(),
        n => text::RECORDS_N.with(lang, &[&text::number(lang, n)]),
    };
    html! {
        p.doors {
            @if let Some(site) = site {
                a.door.main href=(format!("http://{site}/")) { (text::OPEN_SITE.get(lang)) }
            }
            a.door href=(shown.people()) {
                (text::OPEN_PEOPLE.get(lang)) " " span.count { "(" (count) ")" }
            }
        }
    }
}

fn newer(lang: Lang, view: &ArchiveView) -> Markup {
    let (known, here) = (view.info().trusted_sequence, view.accepted().release.sequence);
    html! {
        @if known > here {
            p.notice { (text::NEWER.with(lang, &[&known.to_string(), &here.to_string()])) }
        }
    }
}

/// The six words of an archive, to compare by voice.
pub fn words(lang: Lang, view: &ArchiveView) -> Markup {
    html! {
        section.words {
            h3 { (text::SIX_WORDS.get(lang)) }
            p.small { (text::CHECKED_LIMIT.get(lang)) }
            ol {
                @for (at, word) in six_words(&view.archive()).iter().enumerate() {
                    @let both = [("fa", word.fa), ("en", word.en)];
                    @let (first, second) = if lang == Lang::Fa { (both[0], both[1]) } else { (both[1], both[0]) };
                    li {
                        i { (text::number(lang, at as u64 + 1)) }
                        b lang=(first.0) { bdi { (first.1) } }
                        span.small lang=(second.0) { bdi { (second.1) } }
                    }
                }
            }
        }
    }
}

fn facts(lang: Lang, view: &ArchiveView) -> Markup {
    let accepted = view.accepted();
    let (release, role) = (&accepted.release, &accepted.trust_root().release);
    let counts = [accepted.signers.len() as u64, role.keys.len() as u64, role.threshold];
    let counts = counts.map(|n| n.to_string());
    let source = crate::freshness::source(&view.info().source);
    let source = if lang == Lang::Fa { source.fa } else { source.en };
    let today = crate::clock::utc_day(std::time::SystemTime::now());
    let [age, agreement] = standing::freshness(lang, view, &today);
    html! {
        dl.facts {
            div {
                dt { (text::RELEASE.get(lang)) }
                dd { (text::RELEASE_N.with(lang, &[&text::number(lang, release.sequence)])) }
            }
            div { dt { (text::DATE.get(lang)) } dd {
                    (date::both(lang, &release.date))
                    span.small.block { (age) }
                } }
            div {
                dt { (text::SIGNED.get(lang)) }
                dd { (text::SIGNED_N.with(lang, &[&counts[0], &counts[1], &counts[2]])) }
            }
            div {
                dt { (text::LEARNED.get(lang)) }
                dd {
                    bdi { (source) }
                    @if let Some(learned) = &view.info().learned {
                        span.small.block { bdi { (date::both(lang, learned)) } }
                    }
                }
            }
            div { dt { (text::OTHERS.get(lang)) } dd { (agreement) } }
        }
        details {
            summary { (text::DETAILS.get(lang)) }
            (parts(lang, view))
            dl.facts {
                div {
                    dt { (text::SIGNED.get(lang)) }
                    dd {
                        @for key in &accepted.signers {
                            bdi.mono.block dir="ltr" { (key.key_id()) }
                        }
                    }
                }
                div {
                    dt { (text::ARCHIVE_ID.get(lang)) }
                    dd { bdi.mono dir="ltr" { (view.archive()) } }
                }
            }
        }
    }
}

fn parts(lang: Lang, view: &ArchiveView) -> Markup {
    let name = |name: &str| match name {
        "core" => text::PART_CORE.get(lang).to_owned(),
        "portraits" => text::PART_PORTRAITS.get(lang).to_owned(),
        "media" => text::PART_MEDIA.get(lang).to_owned(),
        other => other.to_owned(),
    };
    html! {
        table {
            caption { (text::PARTS.get(lang)) }
            thead {
                tr {
                    th scope="col" { (text::PART.get(lang)) }
                    th scope="col" { (text::FILES.get(lang)) }
                    th scope="col" { (text::SIZE.get(lang)) }
                }
            }
            tbody {
                @for part in &view.accepted().release.parts {
                    tr {
                        th scope="row" { bdi { (name(&part.name)) } }
                        td { (text::number(lang, part.files)) }
                        td { (text::size(lang, part.bytes)) }
                    }
                }
            }
        }
    }
}
