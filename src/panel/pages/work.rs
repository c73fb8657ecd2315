//! What is under way: how far it is, what it asks, how it ended. The page loads itself again; nothing runs in it.

use super::super::Sheet;
use super::super::job::{Stands, Stranger, View, What};
use super::super::words::{Note, Outcome};
use super::{Place, frame, held, news, start};
use crate::memorial::text::{number, size};
use crate::memorial::{Lang, Text, date, words};
use maud::{Markup, html};
use yadgar_protocol::words::six_words;

const NOTHING: Text = Text("کاری در جریان نیست.", "Nothing is under way.");
const STOP: Text = Text("متوقف کن", "Stop");
const OK: Text = Text("باشد", "All right");
const SEE: Text = Text("ببینید", "See");
const OF: Text = Text("{} از {}", "{} of {}");
const PERCENT: Text = Text("{}٪", "{}%");
const RELOADS: Text = Text("این صفحه خودش تازه می‌شود.", "This page refreshes itself.");
const HERE: Text = Text(
    "رسید و سنجیده شد. شش واژه را با صدا مقایسه کنید.",
    "It is here, and was checked. Compare the six words by voice.",
);
const HELD: Text = Text(
    "رسید، ولی بیش از اندازه کم می‌کند؛ پس نشان داده نشد و چیزی پاک نشد.",
    "It came, but it takes away unusually much, so it is not shown and nothing was erased.",
);
const SAVED: Text = Text(
    "نوشته شد، دوباره خوانده و سنجیده شد. نام فایل:",
    "Written, read back and checked. Name of the file:",
);
const EJECT: Text = Text(
    "پیش از بیرون کشیدن، فلش را از سیستم جدا کنید (eject).",
    "Eject the stick before you pull it out.",
);
const KEPT: Text = Text("رمزشده نگه داشته شد.", "It is kept, encrypted.");
const ASKS: Text =
    Text("این بایگانی برای این دستگاه تازه است", "This archive is new to this device");
const ASKS_WHY: Text = Text(
    "هر کسی می‌تواند بایگانی‌ای بسازد و نامی بر آن بگذارد. پیش از گرفتن، این شش واژه را با صدا با کسی مقایسه کنید که به او اعتماد دارید. اگر یکی از آن‌ها فرق دارد، نگیرید.",
    "Anybody can make an archive and give it a name. Before you take it, compare these six words by voice with somebody you trust. If one of them differs, do not take it.",
);
const YES: Text = Text("همین است، بگیر", "It is the right one: take it");
const NO: Text = Text("نه، نگیر", "No, do not take it");

const LARGE: Text = Text("این صفحه {} می‌فرستد", "This page sends {}");
const LARGE_WHY: Text = Text(
    "هنوز این‌همه گرفته نشده است. این اندازه را فرستنده می‌گوید و سنجش تنها پس از رسیدن شدنی است. اگر از همسایه چیزی به این بزرگی چشم نمی‌داشتید، نگیرید، یا تنها نام‌ها و نوشته‌ها را بگیرید.",
    "It has not been taken yet. The size is what the sender says; what comes can be checked only once it is here. If you did not expect so much from this neighbour, do not take it, or take names and texts only.",
);
const GO_ON: Text = Text("بگیر", "Take it");

const fn title(what: What) -> Text {
    match what {
        What::Near => Text("گشتن در همین نزدیکی", "Looking near here"),
        What::Fetch => Text("دریافت", "Fetching"),
        What::Grab => Text("گرفتن از صفحهٔ همسایه", "Taking it from a neighbour's page"),
        What::Take => Text("سنجیدن و گرفتن فایل", "Checking and taking the file"),
        What::Read => Text("خواندن خبر", "Reading the news"),
        What::Save => Text("نوشتن فایل", "Writing the file"),
        What::Keep => Text("رمز کردن", "Encrypting"),
        What::Approve => Text("انجام آنچه پذیرفتید", "Doing what you agreed to"),
    }
}

/// Whether the page is to be loaded again.
pub fn reloads(job: &View) -> bool {
    matches!(job.stands, Stands::Running)
}

/// The page.
pub fn page(sheet: &Sheet, lang: Lang) -> Markup {
    let Some(job) = &sheet.job else {
        return html! { h1 { (NOTHING.get(lang)) } };
    };
    html! {
        h1 { (title(job.what).get(lang)) }
        @match &job.stands {
            Stands::Running => {
                (running(job, lang))
                // Half of it is nothing: it goes on to its end.
                @if job.what != What::Approve { (form("cancel", STOP, false, lang)) }
            }
            Stands::Asks(strangers) => { (asks(strangers, lang)) }
            Stands::AsksSize(bytes) => { (asks_size(*bytes, lang)) }
            Stands::Done(outcome) => { (done(outcome, lang)) (form("dismiss", OK, true, lang)) }
            Stands::Failed(note) => { (frame::said(lang, *note)) (form("dismiss", OK, true, lang)) }
        }
    }
}

fn running(job: &View, lang: Lang) -> Markup {
    html! {
        @if job.total > 0 {
            progress.bar max=(job.total) value=(job.done) aria-label=(title(job.what).get(lang)) {}
            p {
                (PERCENT.with(lang, &[&number(lang, job.done * 100 / job.total)])) " – "
                (OF.with(lang, &[&size(lang, job.done), &size(lang, job.total)]))
            }
        } @else {
            progress.bar aria-label=(title(job.what).get(lang)) {}
        }
        p.small { (RELOADS.get(lang)) }
    }
}

fn asks(strangers: &[Stranger], lang: Lang) -> Markup {
    html! {
        p.notice { strong { (ASKS.get(lang)) } }
        @for stranger in strangers {
            section.card {
                h2 { bdi { (stranger.name) } }
                p { (words::RELEASE_N.with(lang, &[&number(lang, stranger.sequence)])) " – " (date::both(lang, &stranger.date)) }
                (start::six(lang, &six_words(&stranger.archive)))
            }
        }
        p { (ASKS_WHY.get(lang)) }
        (form("yes", YES, true, lang))
        (form("cancel", NO, false, lang))
    }
}

fn asks_size(bytes: u64, lang: Lang) -> Markup {
    html! {
        p.notice { strong { (LARGE.with(lang, &[&size(lang, bytes)])) } }
        p { (LARGE_WHY.get(lang)) }
        (form("yes", GO_ON, true, lang))
        (form("cancel", NO, false, lang))
    }
}

fn done(outcome: &Outcome, lang: Lang) -> Markup {
    html! {
        @match outcome {
            Outcome::Here => p.seal { (HERE.get(lang)) },
            Outcome::Held => { p.notice { (HELD.get(lang)) } (held::link(lang)) },
            Outcome::Told(told) => { (news::told(told, lang)) },
            Outcome::Approved(waiting) => { (held::done(waiting, lang)) },
            Outcome::Kept => p.seal { (KEPT.get(lang)) },
            Outcome::Saved(name, bytes) => {
                p.seal { (SAVED.get(lang)) " " bdi.mono dir="ltr" { (name) } " (" (size(lang, *bytes)) ")" }
                p { (EJECT.get(lang)) }
            },
        }
    }
}

fn form(what: &str, name: Text, main: bool, lang: Lang) -> Markup {
    html! {
        form method="post" action=(format!("do/{what}")) {
            button.main[main] type="submit" { (name.get(lang)) }
        }
    }
}

/// A line on the first page that leads here.
pub fn strip(job: &View, lang: Lang) -> Markup {
    let failed: Option<Note> = match &job.stands {
        Stands::Failed(note) => Some(*note),
        _ => None,
    };
    html! {
        p.notice {
            (title(job.what).get(lang)) ": "
            @if let Some(note) = failed { (note.what().get(lang)) " " }
            a href=(Place::Work.code()) { (SEE.get(lang)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_said_before_it_is_taken() {
        let page = asks_size(3 << 30, Lang::En).into_string();
        assert!(page.contains(&size(Lang::En, 3 << 30)), "{page}");
        assert!(page.contains("do/yes") && page.contains("do/cancel"));
    }
}
