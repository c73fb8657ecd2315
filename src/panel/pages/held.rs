//! What takes away unusually much and waits for the person's yes: what it is, when to say yes, and what came of it.

use super::super::Waiting;
use super::Place;
use super::sees::{HISTORY, NOTHING, sees};
use crate::memorial::text::number;
use crate::memorial::{Lang, Text, date, standing, words};
use crate::store::acts::{ActKind, HeldAct};
use maud::{Markup, html};
use yadgar_protocol::withdraw::Reason;

/// Hex digits of an act's id that are shown, as many as on the command line.
const SHORT: usize = 16;

const TITLE: Text = Text("چیزی منتظر تصمیم شماست", "Something waits for your decision");
const NONE: Text = Text("چیزی منتظر شما نیست", "Nothing waits for you");
const STRIP: Text = Text(
    "چیزی رسیده که بیش از اندازه از آنچه این‌جاست کم می‌کند. انجام نشد و چیزی پاک نشد.",
    "Something came that takes away unusually much of what is here. It was not done, and nothing was erased.",
);
const SEE: Text = Text("ببینید چیست", "See what it is");
const WHAT: Text = Text(
    "امضایش درست است، ولی بیش از اندازه از آنچه این‌جاست کم می‌کند. شاید نگه‌دارندگان همین را خواسته‌اند؛ شاید کسی کلیدهایشان را دزدیده یا آنان را زیر فشار به امضا واداشته است. این برنامه نمی‌تواند این دو را از هم بازشناسد؛ پس کاری نکرد و چیزی پاک نشد.",
    "Its signatures are right, but it takes away unusually much of what is here. The maintainers may have meant it; or somebody stole their keys, or forced them to sign. This program cannot tell one from the other, so it did nothing and erased nothing.",
);
const SAFE: Text = Text(
    "اگر مطمئن نیستید، دست نزنید: کاری نکردن بی‌خطر است و هر وقت بخواهید می‌توانید تصمیم بگیرید.",
    "If you are not sure, leave it: doing nothing is safe, and you can decide at any time.",
);
const WHEN: Text = Text(
    "تنها وقتی بله بگویید که از کسانی که به آن‌ها اعتماد دارید، با صدای خودشان و نه با پیام، شنیده باشید که این درست است: از چه روزی، چند فایل، به چه دلیل. رودررو از همه بهتر است: تلفن را دیگران هم می‌شنوند.",
    "Say yes only if you heard from people you trust, by their own voice and not in a message, that this is true: of which day, how many files, for which reason. Face to face is best: others can listen to a telephone.",
);
const STAYS: Text = Text(
    "تا بله نگفته‌اید، همه‌چیز مانند پیش این‌جا خوانده می‌شود و اگر آن را به دیگران برسانید به آنان هم می‌رسد.",
    "Until you say yes, everything can be read here as before, and reaches others when you pass it on.",
);
const WHICH: Text = Text("چه", "What");
const DATE: Text = Text("تاریخ", "Date");
const NOTICE: Text = Text("پس‌گرفتن فوری، پس از نسخهٔ {}", "Urgent withdrawal, after release {}");
const ITEMS: Text = Text("پس گرفته می‌شود", "Withdrawn");
const ITEMS_N: Text = Text("{} فایل", "Files: {}");
const REASONS: Text = Text("دلیل", "Reason");
const LESS: Text = Text("از آنچه این‌جاست برداشته می‌شود", "Taken away of what is here");
const LESS_N: Text = Text("{} پرونده و {} فایل دیگر", "Records: {}; other files: {}");
const REWRITTEN: Text = Text("با محتوای دیگر", "With other content");
const REWRITTEN_N: Text = Text("{} پرونده", "Records: {}");
const SIGN: Text = Text("نشان", "Mark");
const AFTER: Text = Text("اگر بله بگویید", "If you say yes");
const ERASES: Text = Text(
    "آنچه پس گرفته شده از این دستگاه پاک می‌شود و دیگر نشان داده نمی‌شود و از این‌جا به کسی نمی‌رسد. برگشتی ندارد. تنها فایلی که بایگانی دیگری هم در این‌جا دارد برای آن می‌ماند.",
    "What is withdrawn is erased from this device, is not shown any more, and reaches nobody from here. It cannot be undone. Only a file that another archive here has, too, stays for that one.",
);
const SHOWS: Text = Text(
    "به‌جای آنچه اکنون می‌خوانید نسخهٔ {} نشان داده می‌شود. آنچه تنها در آن نیست پاک نمی‌شود، ولی دیگر نشان داده نمی‌شود.",
    "Release {} is shown in place of what you read now. What is merely not in it is not erased, but not shown any more.",
);
const LOCAL: Text = Text(
    "پاسخ شما تنها در همین دستگاه می‌ماند و به هیچ‌کس فرستاده نمی‌شود.",
    "Your answer stays on this device and is sent to nobody.",
);
const WIFI: Text = Text(
    "از پاسخ شما هیچ چیز. اگر به اشتراک بگذارید، مهمان‌ها از آن پس این فایل‌ها را از شما نمی‌گیرند.",
    "Of your answer nothing. When you share, guests do not get these files from you from then on.",
);
const DEVICE: Text = Text(
    "اگر بتواند بایگانی را بخواند: چند فایل، در چه روزی و به چه دلیل پس گرفته شد؛ نه این‌که چه بودند. حافظهٔ فلش شاید تکه‌هایی کهنه را جایی نگه دارد که دست هیچ برنامه‌ای نمی‌رسد.",
    "When they can read the archive: how many files were withdrawn, on which day and for which reason; not what they were. Flash memory may keep old pieces where no program reaches.",
);
const HEARD: Text = Text(
    "به گوش خود، از کسی که به او اعتماد دارم، شنیده‌ام که این درست است",
    "I heard with my own ears, from somebody I trust, that this is true",
);
const YES: Text = Text("بله، انجام شود", "Yes, do it");
const LEAVE_IT: Text = Text("همین‌طور بماند", "Leave it as it is");
const ERASED: Text = Text(
    "نگه‌دارندگان {} فایل را پس گرفتند. هر چه از آن‌ها این‌جا بود پاک شد و دیگر نشان داده نمی‌شود.",
    "The maintainers withdrew files: {}. What was here of them is erased and not shown any more.",
);
const SHOWN: Text = Text("از این پس نسخهٔ {} نشان داده می‌شود.", "Release {} is shown from now on.");

/// The page of everything that waits.
pub fn page(waiting: &[Waiting], lang: Lang) -> Markup {
    html! {
        h1 { (if waiting.is_empty() { NONE } else { TITLE }.get(lang)) }
        @if !waiting.is_empty() {
            p { (WHAT.get(lang)) }
            p.notice { strong { (SAFE.get(lang)) } }
            p { (WHEN.get(lang)) }
            p { (STAYS.get(lang)) }
            (sees(lang, [NOTHING, WIFI, DEVICE, HISTORY]))
            @for waits in waiting { (one(waits, lang)) }
        }
        p.doors { a.door.main href="./" { (LEAVE_IT.get(lang)) } }
    }
}

fn one(waits: &Waiting, lang: Lang) -> Markup {
    let act = &waits.act;
    html! {
        section.card {
            h2 { bdi { (waits.name) } }
            (facts(act, lang))
            h3 { (AFTER.get(lang)) }
            ul {
                @if act.items > 0 { li { (ERASES.get(lang)) } }
                @if act.drops { li { (SHOWS.with(lang, &[&number(lang, act.sequence)])) } }
                li { (LOCAL.get(lang)) }
            }
            form method="post" action="do/approve" {
                input type="hidden" name="archive" value=(waits.archive);
                input type="hidden" name="act" value=(act.id);
                label.pick { input type="checkbox" name="heard" value="yes" required; span { (HEARD.get(lang)) } }
                button type="submit" { (YES.get(lang)) }
            }
        }
    }
}

fn facts(act: &HeldAct, lang: Lang) -> Markup {
    let n = |n: u64| number(lang, n);
    let which = if act.kind == ActKind::Notice { NOTICE } else { words::RELEASE_N };
    let date = if act.kind == ActKind::Notice { DATE } else { words::DATE };
    let reasons: Vec<&str> = act.reasons.iter().map(|word| reason(word, lang)).collect();
    let lines = [
        (true, WHICH, which.with(lang, &[&n(act.sequence)])),
        (act.items > 0, ITEMS, ITEMS_N.with(lang, &[&n(act.items)])),
        (!reasons.is_empty(), REASONS, reasons.join(Text("، ", ", ").get(lang))),
        (true, LESS, LESS_N.with(lang, &[&n(act.records), &n(act.files)])),
        (act.rewritten > 0, REWRITTEN, REWRITTEN_N.with(lang, &[&n(act.rewritten)])),
    ];
    html! {
        dl.facts {
            div { dt { (date.get(lang)) } dd { (date::both(lang, &act.date)) } }
            @for (_, name, what) in lines.iter().filter(|(is, ..)| *is) {
                div { dt { (name.get(lang)) } dd { (what) } }
            }
            div { dt { (SIGN.get(lang)) } dd { bdi.mono dir="ltr" { (act.id.get(..SHORT).unwrap_or(&act.id)) } } }
        }
    }
}

fn reason(word: &str, lang: Lang) -> &str {
    Reason::from_word(word).map_or(word, |reason| standing::reason(reason).get(lang))
}

/// What came of a yes.
pub fn done(waits: &Waiting, lang: Lang) -> Markup {
    let act = &waits.act;
    html! {
        section.card {
            h2 { bdi { (waits.name) } }
            @if act.items > 0 { p.seal { (ERASED.with(lang, &[&number(lang, act.items)])) } }
            @if act.drops { p.seal { (SHOWN.with(lang, &[&number(lang, act.sequence)])) } }
            (facts(act, lang))
        }
    }
}

/// A line on the first page that leads here.
pub fn strip(lang: Lang) -> Markup {
    html! { p.notice { (STRIP.get(lang)) " " a href=(Place::Held.code()) { (SEE.get(lang)) } } }
}

/// The way here from where it is said already what happened.
pub fn link(lang: Lang) -> Markup {
    html! { p { a href=(Place::Held.code()) { (SEE.get(lang)) } } }
}

#[cfg(test)]
#[path = "held_tests.rs"]
mod tests;
