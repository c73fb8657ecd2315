//! The frame of these pages. Its title is that of all our pages, and says nothing.

use super::Place;
use crate::memorial::{Lang, Text, assets, words};
use crate::panel::words::Note;
use maud::{DOCTYPE, Markup, html};

const BACK: Text = Text("صفحهٔ نخست", "First page");
const DO: Text = Text("چه باید کرد:", "What to do:");
const CLOSED: Text = Text("بسته شد.", "Closed.");
const CLOSED_MORE: Text = Text(
    "برگه‌های دیگر این مرورگر را هم ببندید و تاریخچه‌اش را پاک کنید (Ctrl+H).",
    "Close the other tabs of this browser too, and clear its history (Ctrl+H).",
);
const WIPED: Text = Text("پاک شد و بسته شد.", "Wiped and closed.");
const WIPED_KEY: Text = Text(
    "کلید پیش از همه نابود شد. حافظهٔ فلش شاید نسخه‌ای کهنه از آن را جایی نگه دارد که دست هیچ برنامه‌ای نمی‌رسد؛ آن هم تنها به کار کسی می‌آید که گذرواژه را بداند.",
    "The key went first. Flash memory may keep an old copy of it where no program reaches; it is of use only to who knows the passphrase.",
);
const WIPED_PLAIN: Text = Text(
    "آنچه رمز نداشت شاید از روی دیسک بازگردانده شود، به‌ویژه از حافظهٔ فلش.",
    "What was not encrypted can perhaps be brought back from the disk, from flash memory most of all.",
);

/// A page. With `reload` it loads itself again after so many seconds.
pub fn page(lang: Lang, place: Place, reload: Option<u64>, main: &Markup) -> Markup {
    let other = lang.other();
    let twin = format!("../{}/{}", other.code(), place.code());
    let body = html! {
        a.skip href="#main" { (words::SKIP.get(lang)) }
        header.top {
            a.brand href="./" { (words::TITLE.get(lang)) }
            nav aria-label=(words::OTHER_LANGUAGE.get(lang)) {
                ul { li {
                    a href=(twin) lang=(other.code()) hreflang=(other.code()) { (words::OTHER_LANGUAGE.get(lang)) }
                } }
            }
        }
        main #main.panel tabindex="-1" {
            @if place != Place::Start { p.crumb { a href="./" { (BACK.get(lang)) } } }
            (main)
        }
        footer { p { (words::FOOTER_HISTORY.get(lang)) } }
    };
    document(lang, reload, true, &body)
}

/// The note, then the page.
pub fn noted(lang: Lang, note: Option<Note>, main: &Markup) -> Markup {
    html! {
        @if let Some(note) = note { (said(lang, note)) }
        (main)
    }
}

/// What happened, and what to do.
pub fn said(lang: Lang, note: Note) -> Markup {
    html! {
        div.notice role="alert" {
            p { strong { (note.what().get(lang)) } }
            p { (DO.get(lang)) " " (note.next().get(lang)) }
        }
    }
}

/// The last page of a run.
pub fn closed(lang: Lang) -> Markup {
    last(lang, &[CLOSED, CLOSED_MORE])
}

/// The last page after a wipe.
pub fn wiped(lang: Lang, encrypted: bool) -> Markup {
    last(lang, &[WIPED, if encrypted { WIPED_KEY } else { WIPED_PLAIN }, CLOSED_MORE])
}

fn last(lang: Lang, lines: &[Text]) -> Markup {
    let main = html! {
        main { h1 { (words::TITLE.get(lang)) } @for line in lines { p { (line.get(lang)) } } }
    };
    // Nothing can be loaded any more.
    document(lang, None, false, &main)
}

/// Not the document of other pages: that one tells no address even to its own server.
fn document(lang: Lang, reload: Option<u64>, style: bool, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang.code()) dir=(lang.dir()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(seconds) = reload { meta http-equiv="refresh" content=(seconds); }
                title { (words::TITLE.get(lang)) }
                @if style {
                    link rel="stylesheet" href=(format!("../assets/{}", assets::STYLE_NAME));
                    link rel="stylesheet" href="../assets/panel.css";
                }
            }
            body { (body) }
        }
    }
}
