//! The first page: what is here, how old it is, and where to go.

use super::super::{Kept, Sheet};
use super::{FILE, KEEP, LEAVE, NEAR, PASTE, Place, SAVE, SHARE, TELL, held, work};
use crate::memorial::text::number;
use crate::memorial::{Lang, Text, date, standing, words};
use crate::reader::ArchiveView;
use maud::{Markup, html};

const HAVE: Text = Text("آنچه این‌جاست", "What is here");
const EMPTY: Text = Text("هنوز چیزی این‌جا نیست.", "Nothing is here yet.");
const EMPTY_HELP: Text = Text(
    "یکی از سه راه زیر را بزنید. تا چیزی را نزنید، این برنامه با هیچ‌کس تماس نمی‌گیرد.",
    "Choose one of the three ways below. Until you do, this program contacts nobody.",
);
const MEMORY: Text = Text(
    "تنها در حافظه: با بستن برنامه همه‌چیز می‌رود.",
    "In memory only: when the program closes, everything is gone.",
);
const ENCRYPTED: Text = Text("رمزشده روی این دستگاه.", "Encrypted on this device.");
const PLAIN: Text = Text(
    "روی این دستگاه، بی رمز: هر که آن را بگردد می‌بیند.",
    "On this device, not encrypted: whoever searches it sees it.",
);
const READ: Text = Text("خواندن", "Read");
const READ_HELP: Text = Text("در برگه‌ای تازه باز می‌شود.", "It opens in a new tab.");
const WITHDRAWN: Text = Text("پس‌گرفته‌ها", "Withdrawn");
const WITHDRAWN_N: Text =
    Text("{} فایل؛ این‌جا نشان داده نمی‌شوند", "{} files; they are not shown here");
const NOT_YET: Text = Text(
    "شناخته شده، ولی هنوز هیچ نسخهٔ کاملی این‌جا نیست. از یکی از راه‌های زیر بگیرید.",
    "It is known, but no whole release is here yet. Get it by one of the ways below.",
);
const GET: Text = Text("گرفتن", "Get it");
const GIVE: Text = Text("رساندن به دیگران", "Pass it on");
const SAFE: Text = Text("نگه داشتن و رفتن", "Keep it, and leave");

/// What a way is, in a line.
const WAYS: [(Place, Text, Text); 8] = [
    (
        Place::Near,
        NEAR,
        Text(
            "در همین وای‌فای یا هات‌اسپات، بی اینترنت",
            "On this Wi-Fi or hotspot, without internet",
        ),
    ),
    (
        Place::File,
        FILE,
        Text("فایلی که دارید یا فلشی که زده‌اید", "A file you have, or a stick that is plugged in"),
    ),
    (
        Place::Paste,
        PASTE,
        Text(
            "دعوت‌نامه، نشانی صفحهٔ کسی، یا خبری که کسی فرستاده",
            "An invite, the address of somebody's page, or news that somebody sent",
        ),
    ),
    (
        Place::Share,
        SHARE,
        Text(
            "هر گوشی در این وای‌فای می‌خواند و برمی‌دارد",
            "Any phone on this Wi-Fi reads it and takes it",
        ),
    ),
    (Place::Save, SAVE, Text("فایلی با نامی که چیزی نمی‌گوید", "A file whose name says nothing")),
    (
        Place::Tell,
        TELL,
        Text(
            "تازه‌ترین نسخه و پس‌گرفته‌ها، برای هر پیام‌رسانی",
            "The newest release and what was withdrawn, for any messenger",
        ),
    ),
    (Place::Keep, KEEP, Text("تنها در حافظه، یا رمزشده", "In memory only, or encrypted")),
    (Place::Leave, LEAVE, Text("برنامه بسته می‌شود", "The program closes")),
];

/// The page.
pub fn page(sheet: &Sheet, lang: Lang) -> Markup {
    let empty = sheet.archives.is_empty();
    html! {
        h1 { (HAVE.get(lang)) }
        @if let Some(job) = &sheet.job { (work::strip(job, lang)) }
        @if !sheet.waiting.is_empty() { (held::strip(lang)) }
        @if sheet.share.is_some() { p.notice { a href=(Place::Share.code()) { (super::give::RUNNING.get(lang)) } } }
        @if empty && sheet.known.is_empty() {
            section.card { p.lead { (EMPTY.get(lang)) } p { (EMPTY_HELP.get(lang)) } }
        }
        @for view in &sheet.archives { (archive(sheet, view, lang)) }
        @for known in &sheet.known {
            section.card {
                @if let Some(name) = &known.name { h2 { bdi { (name) } } }
                p { (NOT_YET.get(lang)) }
            }
        }
        p.small { (kept(sheet.kept).get(lang)) }
        h2 { (GET.get(lang)) }
        (ways(lang, &WAYS[..3]))
        @if !empty || sheet.known.iter().any(|known| known.name.is_some()) {
            h2 { (GIVE.get(lang)) }
            // Of what cannot be read yet, the news can be passed on.
            (ways(lang, if empty { &WAYS[5..6] } else { &WAYS[3..6] }))
        }
        h2 { (SAFE.get(lang)) }
        (ways(lang, &WAYS[6..]))
    }
}

const fn kept(kept: Kept) -> Text {
    match kept {
        Kept::Memory | Kept::Locked | Kept::KeyGone => MEMORY,
        Kept::Encrypted => ENCRYPTED,
        Kept::Plain => PLAIN,
    }
}

fn ways(lang: Lang, ways: &[(Place, Text, Text)]) -> Markup {
    html! {
        ul.steps {
            @for (place, name, help) in ways {
                li { a href=(place.code()) { b { (name.get(lang)) } span { (help.get(lang)) } } }
            }
        }
    }
}

fn archive(sheet: &Sheet, view: &ArchiveView, lang: Lang) -> Markup {
    let (release, info) = (&view.accepted().release, view.info());
    let [age, others] = standing::freshness(lang, &release.date, info, &sheet.today);
    let (known, here) = (info.trusted_sequence, release.sequence);
    let withdrawn = view.withdrawn_items() as u64;
    html! {
        section.card {
            h2 { bdi { (view.accepted().name()) } }
            (standing::warnings(lang, info))
            @if known > here {
                p.notice { (words::NEWER.with(lang, &[&known.to_string(), &here.to_string()])) }
            }
            dl.facts {
                div { dt { (words::RELEASE.get(lang)) } dd { (words::RELEASE_N.with(lang, &[&number(lang, here)])) } }
                div {
                    dt { (words::DATE.get(lang)) }
                    dd { (date::both(lang, &release.date)) span.small.block { (age) } }
                }
                div { dt { (words::OTHERS.get(lang)) } dd { (others) } }
                @if withdrawn > 0 {
                    div { dt { (WITHDRAWN.get(lang)) } dd { (WITHDRAWN_N.with(lang, &[&number(lang, withdrawn)])) } }
                }
            }
            p.small { span.tick aria-hidden="true" { "✓" } " " (words::CHECKED_LONG.get(lang)) }
            (six(lang, view.words()))
            @if let Some(reader) = &sheet.reader {
                p.doors {
                    a.door.main href=(format!("{reader}{}/", lang.code())) target="_blank" rel="noopener noreferrer" { (READ.get(lang)) }
                }
                p.small { (READ_HELP.get(lang)) }
            }
        }
    }
}

/// Six words, to compare by voice.
pub fn six(lang: Lang, all: &[yadgar_protocol::words::Word; 6]) -> Markup {
    html! {
        div.words {
            h3 { (words::SIX_WORDS.get(lang)) }
            p.small { (words::CHECKED_LIMIT.get(lang)) }
            ol {
                @for (at, word) in all.iter().enumerate() {
                    @let both = [("fa", word.fa), ("en", word.en)];
                    @let (first, second) = if lang == Lang::Fa { (both[0], both[1]) } else { (both[1], both[0]) };
                    li {
                        i { (number(lang, at as u64 + 1)) }
                        b lang=(first.0) { bdi { (first.1) } }
                        span.small lang=(second.0) { bdi { (second.1) } }
                    }
                }
            }
        }
    }
}
