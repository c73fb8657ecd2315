//! What a reader must know before anything else: a dispute between signed releases, acts that wait,
//! how new the release is, what was withdrawn. The same words on every page.

use super::arriving::{self, Arrival};
use super::date;
use super::text::{Lang, Text, digits};
use crate::freshness::{self, Agreement, Words};
use maud::{Markup, html};
use std::sync::Arc;
use yadgar_protocol::withdraw::{Denied, Reason, Withdrawal};

/// What is known about a release besides its signatures. Shown, never decided by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewInfo {
    /// Sequence of the newest release that is trusted. Above the shown one's when that one is not
    /// complete yet.
    pub trusted_sequence: u64,
    /// How it was learned: `peer`, `carrier`, `published` or another short text.
    pub source: String,
    /// Day on which it was learned, `YYYY-MM-DD` or other text.
    pub learned: Option<String>,
    /// What other sources had when they were asked last.
    pub agreement: Option<Agreement>,
    /// The fork that stands, if any (TRUST-24).
    pub dispute: Option<Dispute>,
    /// What must not be shown (WD-7).
    pub denied: Option<Denied>,
    /// Acts that wait for the operator's yes (HOLD-2, HOLD-3).
    pub held: usize,
    /// What root keys set aside last: its sequence, and the version of the trust root (TRUST-20).
    pub set_aside: Option<(u64, u64)>,
    /// How far it is, while its blocks are still arriving.
    pub arriving: Option<Arc<Arrival>>,
}

/// Two signed releases contradict each other; people have to say which is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The last release that both agree on; `None` when there is none.
    pub agreed: Option<u64>,
    /// Sequences of the two that contradict each other.
    pub sequences: [u64; 2],
    /// True when what is shown is the agreed one, or before it.
    pub shown_agreed: bool,
}

pub(super) const DISPUTE: Text =
    Text("دو نسخهٔ امضاشده با هم نمی‌خوانند", "Two signed releases contradict each other");
const DISPUTE_WHAT: Text = Text(
    "نگه‌دارندگان این بایگانی دو نسخهٔ متفاوت امضا کرده‌اند (شماره‌های {} و {}). شاید کلیدهایشان دزدیده شده یا کسی زیر فشار امضا کرده است. این برنامه خودش هیچ‌کدام را برنمی‌گزیند و از هیچ‌کدام جلوتر نمی‌رود.",
    "The keepers of this archive signed two different releases (numbers {} and {}). Keys may have been stolen, or somebody was forced to sign. This program does not choose between them and follows neither.",
);
const DISPUTE_AGREED: Text = Text(
    "آنچه می‌بینید آخرین نسخه‌ای است که هر دو بر سر آن یکی‌اند.",
    "What you see is the last release that both agree on.",
);
const DISPUTE_ONE_SIDE: Text = Text(
    "آخرین نسخهٔ بی‌اختلاف روی این دستگاه نیست؛ آنچه می‌بینید یکی از دو سوی اختلاف است. با احتیاط بخوانید.",
    "The last undisputed release is not on this device; what you see is one side of the dispute. Read it with care.",
);
pub(super) const DISPUTE_DO: Text = Text(
    "از راهی که به آن اعتماد دارید از نگه‌دارندگان بپرسید. هرگاه با کلیدهای ریشه تصمیم گرفتند، این پیام از میان می‌رود.",
    "Ask the keepers on a way that you trust. When they settle it with their root keys, this message goes away.",
);
const HELD: Text = Text(
    "نسخه یا اعلانی هست که بیش از اندازه کم می‌کند یا پس می‌گیرد؛ پذیرفته نشده و چیزی پاک نشده است. دارندهٔ این دستگاه باید تصمیم بگیرد (در صفحهٔ نخست برنامه، یا با yadgar node held).",
    "A release or notice would take away unusually much. It was not followed and nothing was erased; the owner of this device has to decide (on the program's first page, or with yadgar node held).",
);
const SET_ASIDE: Text = Text(
    "نسخهٔ شمارهٔ {} که این دستگاه می‌شناخت، با کلیدهای ریشه (ریشهٔ اعتماد {}) کنار گذاشته شد.",
    "Release number {}, which this device knew, was set aside by the root keys (trust root {}).",
);
const WITHDRAWN: Text = Text("این فایل پس گرفته شده است", "This was withdrawn");
const WITHDRAWN_HELP: Text = Text(
    "نگه‌دارندگان بایگانی آن را پس گرفته‌اند، پس این‌جا نگه داشته و نشان داده نمی‌شود. این‌که چه بود جایی ثبت نمی‌ماند.",
    "The keepers of the archive withdrew it, so it is neither kept nor shown here. What it was is not recorded.",
);
const WITHDRAWN_WHEN: Text =
    Text("روز: {} · نسخهٔ شمارهٔ {} · دلیل: {}", "Day: {} · release number {} · reason: {}");
const BANNER: Text = Text(
    "اختلاف: دو نسخهٔ امضاشدهٔ این بایگانی با هم نمی‌خوانند. صفحهٔ آغاز یادگار می‌گوید چه کنید.",
    "Dispute: two signed releases of this archive contradict each other. Yadgar's start page says what to do.",
);

/// The reason of a withdrawal in words as general as the code.
pub const fn reason(reason: Reason) -> Text {
    match reason {
        Reason::Duplicate => Text("تکراری", "duplicate"),
        Reason::Error => Text("نادرست", "error"),
        Reason::OutOfScope => Text("بیرون از موضوع", "out of scope"),
        Reason::FoundAlive => Text("زنده یافته شد", "found alive"),
        Reason::Fabricated => Text("ساختگی", "fabricated"),
        Reason::SourceWithdrawn => Text("منبع پس گرفت", "its source withdrew it"),
        Reason::Withheld => Text("بازداشته", "withheld"),
    }
}

/// Warnings about an archive; nothing when all is well.
pub fn warnings(lang: Lang, info: &ViewInfo) -> Markup {
    html! {
        @if let Some(arrival) = &info.arriving {
            (arriving::notice(lang, arrival))
        }
        @if let Some(dispute) = &info.dispute {
            @let [a, b] = dispute.sequences.map(|n| n.to_string());
            div.notice.dispute role="alert" {
                p { strong { (DISPUTE.get(lang)) } }
                p { (DISPUTE_WHAT.with(lang, &[&a, &b])) }
                p {
                    @if dispute.shown_agreed { (DISPUTE_AGREED.get(lang)) }
                    @else { (DISPUTE_ONE_SIDE.get(lang)) }
                }
                p { (DISPUTE_DO.get(lang)) }
            }
        }
        @if let Some((sequence, version)) = info.set_aside {
            p.notice { (SET_ASIDE.with(lang, &[&sequence.to_string(), &version.to_string()])) }
        }
        @if info.held > 0 {
            p.notice { (HELD.get(lang)) }
        }
    }
}

/// The line that stands on top of every page of an archived site while a dispute lasts. It has to
/// hold its own among unknown styles, also those that would hide it.
pub fn banner(lang: Lang, info: &ViewInfo) -> Option<String> {
    info.dispute.as_ref()?;
    let style = "all:initial!important;display:block!important;position:relative!important;\
                 z-index:2147483647!important;padding:.7em 1em!important;\
                 background:#7a1f1f!important;color:#fff!important;\
                 font:bold 1rem/1.6 sans-serif!important";
    let line = |l: Lang| html! { p lang=(l.code()) dir=(l.dir()) style="all:unset!important;display:block!important" { (BANNER.get(l)) } };
    let both = html! { div role="alert" style=(style) { (line(lang)) (line(lang.other())) } };
    Some(both.into_string())
}

/// What is said in place of something withdrawn.
pub fn withdrawn(lang: Lang, withdrawal: &Withdrawal) -> Markup {
    let day = date::both(lang, &withdrawal.date);
    let sequence = withdrawal.sequence.to_string();
    let why = reason(withdrawal.reason).get(lang);
    html! {
        h1 { (WITHDRAWN.get(lang)) }
        p { (WITHDRAWN_HELP.get(lang)) }
        p.small { (WITHDRAWN_WHEN.with(lang, &[&day, &sequence, why])) }
    }
}

/// How old the release is and whether others agree, by this device's clock `today`.
pub fn freshness(lang: Lang, date: &str, info: &ViewInfo, today: &str) -> [String; 2] {
    let said = |words: Words| match lang {
        Lang::Fa => digits(lang, &words.fa),
        Lang::En => words.en,
    };
    let age = freshness::age(date, today);
    [said(age), said(freshness::agreement(info.agreement.as_ref()))]
}
