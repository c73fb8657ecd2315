//! How an archive was checked: the seal, six words to compare, the facts of the release.

use crate::memorial::context::Context;
use crate::memorial::links::Checked;
use crate::memorial::text::{self, Lang};
use crate::memorial::{date, guest_words, standing, words};
use maud::{Markup, html};

/// All of it, below a heading of the second level.
pub fn section(cx: &Context<'_>) -> Markup {
    let lang = cx.lang;
    html! {
        section.check {
            (newer(cx))
            @match cx.links.checked() {
                Checked::Now => div.seal {
                    h2.sealed { span.tick aria-hidden="true" { "✓" } " " (words::CHECKED.get(lang)) }
                    p { (words::CHECKED_LONG.get(lang)) }
                },
                Checked::ByHost => div.seal {
                    h2.sealed { (guest_words::BY_HOST.get(lang)) }
                    p { (guest_words::BY_HOST_LONG.get(lang)) }
                },
                Checked::WhenMade => div.seal {
                    h2.sealed { (words::MADE.get(lang)) }
                    p { (words::MADE_LONG.get(lang)) }
                },
            }
            (six(cx))
            (facts(cx))
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
                @for (at, word) in cx.words.iter().enumerate() {
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
    let checked = cx.links.checked();
    let [age, agreement] = standing::freshness(lang, &release.date, cx.info, cx.today);
    html! {
        dl.facts {
            div {
                dt { (words::RELEASE.get(lang)) }
                dd { (words::RELEASE_N.with(lang, &[&text::number(lang, release.sequence)])) }
            }
            div { dt { (words::DATE.get(lang)) } dd {
                    (date::both(lang, &release.date))
                    @if checked != Checked::WhenMade { span.small.block { (age) } }
                } }
            div {
                dt { (words::SIGNED.get(lang)) }
                dd { (words::SIGNED_N.with(lang, &[&counts[0], &counts[1], &counts[2]])) }
            }
            // How the device that made a folder, or shares it, got the archive is nobody's business.
            @if checked == Checked::Now {
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
            } @else if checked == Checked::WhenMade {
                div { dt { (words::MADE_ON.get(lang)) } dd { (date::both(lang, cx.today)) } }
            }
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
