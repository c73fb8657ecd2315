//! The entrance: what is here, how it was checked, and where to go.

use crate::memorial::context::Context;
use crate::memorial::layout::{self, Frame};
use crate::memorial::links::Page;
use crate::memorial::selection::Selection;
use crate::memorial::text::{self, Lang};
use crate::memorial::{date, standing, words};
use maud::{Markup, html};
use yadgar_protocol::words::six_words;

/// The entrance of one archive.
pub fn page(cx: &Context<'_>) -> Markup {
    layout::page(cx, &Page::Cover, &card(cx))
}

/// The entrance where there are several archives, or none yet.
pub fn start(lang: Lang, frame: &Frame, cards: &[Markup]) -> Markup {
    let main = html! {
        h1.quiet { (words::WELCOME.get(lang)) }
        @if cards.is_empty() {
            section.card {
                p.lead { (words::NO_ARCHIVE.get(lang)) }
                p { (words::NO_ARCHIVE_HELP.get(lang)) }
            }
        }
        @for card in cards { (card) }
    };
    layout::framed(lang, frame, &main)
}

/// An archive on such a page.
pub fn card(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    html! {
        article.card {
            h2.name { bdi { (cx.accepted.name()) } }
            (doors(cx))
            (standing::warnings(lang, cx.info))
            (newer(cx))
            div.seal {
                p.sealed { span.tick aria-hidden="true" { "✓" } " " (words::CHECKED.get(lang)) }
                p { (words::CHECKED_LONG.get(lang)) }
            }
            (six(cx))
            (facts(cx))
        }
    }
}

fn doors(cx: &Context<'_>) -> Markup {
    let (lang, records) = (cx.lang, cx.accepted.release.records);
    let count = match records {
        1 => words::RECORD_1.get(lang).to_owned(),
        n => words::RECORDS_N.with(lang, &[&text::number(lang, n)]),
    };
    html! {
        p.doors {
            @if let Some(site) = cx.links.site() {
                a.door.main href=(site) { (words::OPEN_SITE.get(lang)) }
            }
            @if let Some(names) = cx.page(&Page::Wall(Selection::default(), 1)) {
                a.door href=(names) {
                    (words::OPEN_PEOPLE.get(lang)) " " span.count { "(" (count) ")" }
                }
            }
        }
    }
}

fn newer(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    let (known, here) = (cx.info.trusted_sequence, cx.accepted.release.sequence);
    html! {
        @if known > here {
            p.notice { (words::NEWER.with(lang, &[&known.to_string(), &here.to_string()])) }
        }
    }
}

/// The six words of an archive, to compare by voice.
pub fn six(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    html! {
        section.words {
            h3 { (words::SIX_WORDS.get(lang)) }
            p.small { (words::CHECKED_LIMIT.get(lang)) }
            ol {
                @for (at, word) in six_words(&cx.accepted.release.archive).iter().enumerate() {
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

fn facts(cx: &Context<'_>) -> Markup {
    let (lang, accepted) = (cx.lang, cx.accepted);
    let (release, role) = (&accepted.release, &accepted.trust_root().release);
    let counts = [accepted.signers.len() as u64, role.keys.len() as u64, role.threshold];
    let counts = counts.map(|n| n.to_string());
    let source = crate::freshness::source(&cx.info.source);
    let source = if lang == Lang::Fa { source.fa } else { source.en };
    let [age, agreement] = standing::freshness(lang, &release.date, cx.info, cx.today);
    html! {
        dl.facts {
            div {
                dt { (words::RELEASE.get(lang)) }
                dd { (words::RELEASE_N.with(lang, &[&text::number(lang, release.sequence)])) }
            }
            div { dt { (words::DATE.get(lang)) } dd {
                    (date::both(lang, &release.date))
                    span.small.block { (age) }
                } }
            div {
                dt { (words::SIGNED.get(lang)) }
                dd { (words::SIGNED_N.with(lang, &[&counts[0], &counts[1], &counts[2]])) }
            }
            div {
                dt { (words::LEARNED.get(lang)) }
                dd {
                    bdi { (source) }
                    @if let Some(learned) = &cx.info.learned {
                        span.small.block { bdi { (date::both(lang, learned)) } }
                    }
                }
            }
            div { dt { (words::OTHERS.get(lang)) } dd { (agreement) } }
        }
        details {
            summary { (words::DETAILS.get(lang)) }
            (parts(cx))
            dl.facts {
                div {
                    dt { (words::SIGNED.get(lang)) }
                    dd {
                        @for key in &accepted.signers {
                            bdi.mono.block dir="ltr" { (key.key_id()) }
                        }
                    }
                }
                div {
                    dt { (words::ARCHIVE_ID.get(lang)) }
                    dd { bdi.mono dir="ltr" { (release.archive) } }
                }
            }
        }
    }
}

fn parts(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    let name = |name: &str| match name {
        "core" => words::PART_CORE.get(lang).to_owned(),
        "portraits" => words::PART_PORTRAITS.get(lang).to_owned(),
        "media" => words::PART_MEDIA.get(lang).to_owned(),
        other => other.to_owned(),
    };
    html! {
        table {
            caption { (words::PARTS.get(lang)) }
            thead {
                tr {
                    th scope="col" { (words::PART.get(lang)) }
                    th scope="col" { (words::FILES.get(lang)) }
                    th scope="col" { (words::SIZE.get(lang)) }
                }
            }
            tbody {
                @for part in &cx.accepted.release.parts {
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
