//! What is said while an archive is still arriving: how much of it is here, and what to do meanwhile.

use super::layout;
use super::standing::{DISPUTE, DISPUTE_DO};
use super::text::{Lang, Text, digits, size};
use maud::{Markup, html};
use std::sync::{Mutex, PoisonError};

/// A page that waits for what is not here loads itself again after so many seconds.
pub const RELOAD_SECONDS: u32 = 3;

const ARRIVING: Text = Text("این بایگانی هنوز در راه است", "This archive is still arriving");
const HERE: Text = Text("{} از {} رسیده و سنجیده شده است.", "{} of {} is here, checked.");
const FIRST: Text = Text(
    "هر صفحه‌ای که باز کنید پیش از بقیه دریافت می‌شود. فهرست نام‌ها و جست‌وجو وقتی کار می‌کند که همهٔ پرونده‌ها رسیده باشد.",
    "Whatever page you open is fetched before the rest. The list of names and the search work once all records are here.",
);
const SEEKING: Text =
    Text("در جست‌وجوی کسی که این بایگانی را دارد …", "Looking for somebody who has this archive …");
const NO_SOURCE: Text = Text(
    "اکنون هیچ منبعی در دسترس نیست. برنامه دوباره می‌کوشد و این صفحه خودش باز می‌شود. اگر به درازا کشید:",
    "No source can be reached now. The program keeps trying, and this page loads itself again. If it lasts:",
);
const NO_SOURCE_NET: Text =
    Text("ببینید دستگاه به شبکه وصل است؛", "see whether this device is on a network;");
const NO_SOURCE_ADDRESS: Text = Text(
    "از کسی که دعوت‌نامه را داده نشانی دیگری بخواهید و آن را با این گزینه به برنامه بدهید:",
    "ask who gave you the invite for another address, and give it to the program with",
);
const NO_SOURCE_NEAR: Text = Text(
    "کسی را که در همین وای‌فای بایگانی را دارد با این گزینه می‌یابید:",
    "somebody on the same Wi-Fi who has the archive is found with",
);
const NO_SOURCE_WHY: Text =
    Text("پایانه می‌گوید چه پیش آمده است.", "the terminal says what went wrong.");
const SEEN: Text = Text(
    "هر که بایگانی را برایتان می‌فرستد می‌تواند ببیند کدام صفحه‌ها را باز می‌کنید. اگر نباید بداند، این برنامه را ببندید و نخست yadgar fetch و پس از پایانش yadgar open را اجرا کنید: آنگاه تنها می‌بیند که همه‌اش را گرفته‌اید.",
    "Whoever sends you the archive can see which pages you open. If they must not know, end this program, run yadgar fetch first and yadgar open when it has ended: then they see only that you took all of it.",
);
const DISPUTED: Text = Text(
    "نگه‌دارندگان این بایگانی دو نسخه را امضا کرده‌اند که با هم نمی‌خوانند. آخرین نسخه‌ای که هر دو بر سر آن یکی‌اند این‌جا نیست، پس چیزی نشان داده نمی‌شود.",
    "The keepers of this archive signed two releases that contradict each other. The last one that both agree on is not here, so nothing is shown.",
);
const NOT_YET: Text = Text(
    "آنچه خواستید هنوز نرسیده است. این صفحه چند ثانیهٔ دیگر خودش دوباره باز می‌شود.",
    "What you asked for is not here yet. This page loads itself again in a few seconds.",
);

/// How far an archive is that is still arriving.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Bytes of files that are here.
    pub here: u64,
    /// Bytes of all files; 0 before a release is known.
    pub total: u64,
    /// Sources that serve now.
    pub sources: usize,
    /// Parts that are wholly here.
    pub parts: Vec<String>,
    /// The last search for sources came to nothing.
    pub failed: bool,
    /// Two signed releases contradict each other, and neither may be shown (TRUST-24).
    pub disputed: bool,
    /// Everything is here, or nothing more comes.
    pub over: bool,
}

/// Shared between who fetches an archive and who shows it.
#[derive(Debug, Default)]
pub struct Arrival(Mutex<Standing>);

impl PartialEq for Arrival {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Arrival {}

impl Arrival {
    /// How far it is.
    pub fn now(&self) -> Standing {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how far it is.
    pub fn change(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Sources that serve now, and whether the last search for some came to nothing.
    pub fn sources(&self) -> (usize, bool) {
        let now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (now.sources, now.failed)
    }

    /// True when all of this part is here.
    pub fn has_part(&self, name: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).parts.iter().any(|part| part == name)
    }
}

/// The notice on pages of an archive that is still arriving.
pub fn notice(lang: Lang, arrival: &Arrival) -> Markup {
    let now = arrival.now();
    html! {
        @if !now.over {
            div.notice role="status" {
                p { strong { (ARRIVING.get(lang)) } }
                (how_far(lang, &now))
                p { (FIRST.get(lang)) }
                p { (SEEN.get(lang)) }
            }
        }
    }
}

fn how_far(lang: Lang, now: &Standing) -> Markup {
    let nobody = now.failed && now.sources == 0;
    html! {
        @if now.total > 0 {
            @let said = HERE.with(lang, &[&size(lang, now.here), &size(lang, now.total)]);
            p { (said) }
            progress.arriving max=(now.total) value=(now.here.min(now.total)) aria-label=(said) {}
        } @else if !nobody {
            p { (SEEKING.get(lang)) }
        }
        @if nobody {
            p { (NO_SOURCE.get(lang)) }
            ul {
                li { (NO_SOURCE_NET.get(lang)) }
                li { (NO_SOURCE_ADDRESS.get(lang)) " " code dir="ltr" { "--address" } }
                li { (NO_SOURCE_NEAR.get(lang)) " " code dir="ltr" { "--lan" } }
                li { (NO_SOURCE_WHY.get(lang)) }
            }
        }
    }
}

/// The page in place of one that cannot be shown yet, in both languages; it loads itself again.
pub fn page(lang: Lang, arrival: &Arrival) -> Markup {
    let now = arrival.now();
    let main = html! {
        div.errors {
            @for l in [lang, lang.other()] {
                section lang=(l.code()) dir=(l.dir()) {
                    @if now.disputed {
                        h1 { (DISPUTE.get(l)) }
                        p { (DISPUTED.get(l)) }
                        p { (DISPUTE_DO.get(l)) }
                    } @else {
                        h1 { (ARRIVING.get(l)) }
                        @if now.sources > 0 || !now.failed { p { (NOT_YET.get(l)) } }
                        (how_far(l, &now))
                        p.small { (SEEN.get(l)) }
                    }
                    p.small { (digits(l, "503")) }
                }
            }
        }
    };
    layout::reloading(lang, RELOAD_SECONDS, &main)
}
