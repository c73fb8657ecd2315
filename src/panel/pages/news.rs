//! News as text: the page to take it from, and what a pasted one told.

use super::super::news::{Heard, Missing, News, Telling, Told};
use super::super::words::Note;
use super::sees::{HISTORY, sees};
use super::{FILE, NEAR, PASTE, Place, TELL, frame, held};
use crate::memorial::text::{digits, number};
use crate::memorial::{Lang, Text, date, words};
use crate::share::qr::drawings;
use maud::{Markup, html};

const WHAT: Text = Text(
    "این متن به کسی که یادگار دارد می‌گوید تازه‌ترین نسخه کدام است و چه چیزی پس گرفته شده، پیش از آن‌که خود فایل‌ها به او برسند. با هر پیام‌رسانی می‌رود، روی کاغذ هم. او آن را در «گرفتن با نشانی یا متن» می‌چسباند. شکستن یا جابه‌جا شدن خط‌ها زیانی ندارد.",
    "This text tells somebody who has yadgar which release is newest and what was withdrawn, before the files themselves can reach them. It travels by any messenger, on paper too. They paste it under “Get it with an address or text”. Broken or reordered lines do no harm.",
);
const READERS: Text = Text(
    "هر که این متن را بیابد و یادگار را بشناسد می‌فهمد دربارهٔ کدام بایگانی و کدام نسخه است و چه چیزهایی پس گرفته شده؛ نه این‌که چه کسی آن را نوشته. پیام اما نشان می‌دهد که شما آن را فرستاده‌اید. کنارش هیچ واژه‌ای ننویسید.",
    "Whoever finds this text and knows yadgar can tell which archive and which release it is about, and what was withdrawn; not who wrote it. But the message shows that you sent it. Write no word beside it.",
);
const NET: Text = Text(
    "از این صفحه هیچ چیز. اگر متن را بفرستید: هر که در راه پیام را بخواند، همان را که بالا آمد؛ پیام‌رسانی که رمز سرتاسری ندارد خودش هم می‌خواند.",
    "Of this page nothing. When you send the text: whoever reads the message on its way, what is said above; a messenger without end-to-end encryption reads it itself.",
);
const WIFI: Text = Text("از این صفحه هیچ چیز.", "Of this page nothing.");
const DEVICE: Text = Text(
    "آنچه کپی می‌کنید تا کپی بعدی در دستگاه می‌ماند؛ بعضی صفحه‌کلیدها بیشتر هم نگهش می‌دارند. پیام تا پاکش نکنید در پیام‌رسان است، نزد هر دو.",
    "What you copy stays on the device until the next copy; some keyboards keep it longer. The message is in the messenger until it is deleted, on both sides.",
);
const COPY: Text = Text("متن را کپی کنید", "Copy the text");
const MESSAGE: Text = Text("پیام {} از {}", "Message {} of {}");
const NOTICES: Text = Text("پس‌گرفتن فوری در آن: {}", "Urgent withdrawals in it: {}");
const CODE: Text = Text(
    "یا این کد را با گوشی دیگری بخوانند و متنش را بچسبانند:",
    "Or another phone scans this code, and its text is pasted:",
);
const CODES: Text = Text(
    "یا این کدها را با گوشی دیگری بخوانند و متن همه را بچسبانند:",
    "Or another phone scans these codes, and the texts of all are pasted:",
);
/// Rows of the box that a text stands in.
const ROWS: usize = 6;

/// The page with the texts.
pub fn tell(texts: &[Telling], lang: Lang) -> Markup {
    html! {
        h1 { (TELL.get(lang)) }
        p { (WHAT.get(lang)) }
        p.notice { (READERS.get(lang)) }
        (sees(lang, [NET, WIFI, DEVICE, HISTORY]))
        @if texts.is_empty() { (frame::said(lang, Note::Nothing)) }
        @for (n, text) in texts.iter().enumerate() { (one(n, text, lang)) }
    }
}

fn one(n: usize, text: &Telling, lang: Lang) -> Markup {
    let count = text.messages.len();
    html! {
        section.card {
            h2 { bdi { (text.name) } }
            p { (words::RELEASE_N.with(lang, &[&number(lang, text.sequence)])) " – " (date::both(lang, &text.date)) }
            @if text.notices > 0 { p.small { (NOTICES.with(lang, &[&number(lang, text.notices)])) } }
            @for (at, message) in text.messages.iter().enumerate() {
                @let id = format!("t{n}-{at}");
                label for=(id) {
                    @if count > 1 { (MESSAGE.with(lang, &[&number(lang, at as u64 + 1), &number(lang, count as u64)])) }
                    @else { (COPY.get(lang)) }
                }
                textarea.told id=(id) dir="ltr" lang="en" rows=(ROWS) readonly spellcheck="false" { (message) }
            }
            @let codes = drawings(&text.lines, CODE.get(lang));
            @if !codes.is_empty() { p { (if codes.len() > 1 { CODES } else { CODE }.get(lang)) } }
            @for code in &codes { (code) }
        }
    }
}

const NEW: Text = Text(
    "نسخهٔ تازه‌تری هست، با امضای نگه‌دارندگان. هنوز این‌جا نیست.",
    "There is a newer release, signed by the maintainers. It is not here yet.",
);
const HERE: Text = Text("آنچه این‌جا می‌خوانید نسخهٔ {} است.", "What you read here is release {}.");
const NOT_HERE: Text = Text("هنوز چیزی از آن این‌جا نیست.", "Nothing of it is here to read yet.");
const GET: Text = Text("برای گرفتنش:", "To get it:");
const KNOWN: Text = Text(
    "خبر تازه‌ای در آن نبود: این نسخه از پیش این‌جا شناخته بود.",
    "It held no news: this release was known here already.",
);
const OLDER: Text = Text(
    "این متن کهنه است: این‌جا نسخهٔ {} شناخته است. شاید فرستنده خبر شما را بخواهد.",
    "This text is old: release {} is known here. Who sent it may want your news.",
);
const WITHDRAWN: Text = Text(
    "نگه‌دارندگان {} فایل را پس گرفتند: از این‌جا پاک شد و دیگر نشان داده نمی‌شود.",
    "The maintainers withdrew files: {}. They are erased here and not shown any more.",
);
const HELD: Text = Text(
    "بخشی از پس‌گرفته‌ها بیش از اندازه کم می‌کند؛ پس انجام نشد و چیزی از آن پاک نشد.",
    "Some of the withdrawals take away unusually much; so they were not done, and nothing of that was erased.",
);
const MISSING: Text = Text(
    "متن کامل نیست: از {} خط آن این‌ها نیست: {}.",
    "The text is not whole: of its {} lines these are missing: {}.",
);
const MISSING_DO: Text = Text(
    "همهٔ پیام‌هایی را که با آن‌ها آمده یک‌جا بچسبانید، یا پیام نرسیده را دوباره بخواهید.",
    "Paste all messages that it came in at once, or ask for the missing one again.",
);
const ALTERED: Text = Text(
    "بخشی از متن در راه عوض شده بود و کنار گذاشته شد.",
    "Some of the text was changed on the way and was left out.",
);

/// What a pasted text told.
pub fn told(told: &Told, lang: Lang) -> Markup {
    html! {
        @for news in &told.news { (of_one(news, lang)) }
        @for Missing { lines, numbers } in &told.missing {
            div.notice role="alert" {
                p { strong { (MISSING.with(lang, &[&number(lang, *lines), &digits(lang, numbers)])) } }
                p { (MISSING_DO.get(lang)) }
            }
        }
        @if told.altered { p.notice { (ALTERED.get(lang)) } }
    }
}

fn of_one(news: &News, lang: Lang) -> Markup {
    html! {
        section.card {
            h2 { bdi { (news.name) } }
            @if !news.date.is_empty() {
                p { (words::RELEASE_N.with(lang, &[&number(lang, news.sequence)])) " – " (date::both(lang, &news.date)) }
            }
            @match news.heard {
                Heard::New => { (new(news, lang)) },
                Heard::Known => p { (KNOWN.get(lang)) },
                Heard::Older(known) => p { (OLDER.with(lang, &[&number(lang, known)])) },
                Heard::Refused(note) => { (frame::said(lang, note)) },
            }
            @if news.withdrawn > 0 {
                p.notice { (WITHDRAWN.with(lang, &[&number(lang, news.withdrawn)])) }
            }
            @if news.held { p.notice { (HELD.get(lang)) } (held::link(lang)) }
        }
    }
}

fn new(news: &News, lang: Lang) -> Markup {
    html! {
        p.seal { (NEW.get(lang)) }
        p {
            @match news.here {
                Some(here) => (HERE.with(lang, &[&number(lang, here)])),
                None => (NOT_HERE.get(lang)),
            }
        }
        p { (GET.get(lang)) }
        ul {
            @for (place, name) in [(Place::Near, NEAR), (Place::File, FILE), (Place::Paste, PASTE)] {
                li { a href=(place.code()) { (name.get(lang)) } }
            }
        }
    }
}
