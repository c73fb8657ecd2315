//! Ways to get an archive: neighbours, files, texts.

use super::super::limits::{MAX_INVITE_CHARS, MAX_PASTED_CHARS, MAX_PROXY_CHARS};
use super::super::sticks::{Stick, sticks};
use super::super::{Kept, Sheet};
use super::sees::{HISTORY, NOTHING, device, sees};
use super::{FILE, NEAR, PASTE};
use crate::memorial::text::number;
use crate::memorial::{Lang, Text};
use maud::{Markup, html};
use yadgar_protocol::ArchiveId;

const NEAR_WHAT: Text = Text(
    "اگر کسی در همین وای‌فای یا هات‌اسپات بایگانی را با یادگار می‌رساند، پیدایش می‌کند و از او می‌گیرد. اینترنت لازم نیست. تا دکمه را نزنید چیزی فرستاده نمی‌شود.",
    "If somebody on this Wi-Fi or hotspot passes the archive on with yadgar, this finds them and takes it. No internet is needed. Nothing is sent until you press the button.",
);
const WHICH: Text = Text("کدام بایگانی؟", "Which archive?");
const INVITE: Text = Text("یا دعوت‌نامه را این‌جا بچسبانید", "Or paste an invite here");
const INVITE_ONLY: Text = Text("دعوت‌نامه را این‌جا بچسبانید", "Paste an invite here");
const HOW: Text = Text("چگونه؟", "How?");
const LISTEN: Text = Text(
    "تنها گوش بده: تا کسی خودش را اعلام نکند چیزی فرستاده نمی‌شود. کندتر است.",
    "Only listen: nothing is sent until somebody announces the archive. It is slower.",
);
const ASK: Text = Text(
    "بپرس: تندتر است، ولی دیگران می‌بینند که یادگار به کار می‌رود.",
    "Ask: it is faster, but the others see that yadgar is used.",
);
const LOOK: Text = Text("بگرد", "Look");
const NEAR_WIFI: Text = Text(
    "اگر بپرسید: که یادگار روی این دستگاه به کار می‌رود؛ کسانی که دعوت‌نامه را دارند، این را هم که این بایگانی جسته می‌شود. اگر تنها گوش بدهید: هیچ چیز، تا وقتی که از کسی بگیرید.",
    "When you ask: that yadgar is used on this device; those who have the invite, also that this archive is looked for. When you only listen: nothing, until you take it from somebody.",
);
const NEAR_NET: Text = Text(
    "هیچ چیز، مگر وای‌فای از خود او باشد یا او در همان شبکه گوش بدهد.",
    "Nothing, unless the Wi-Fi is the provider's own or it listens on that network.",
);

/// Looking for neighbours.
pub fn near(sheet: &Sheet, lang: Lang) -> Markup {
    let held =
        sheet.archives.iter().map(|view| (view.archive(), view.accepted().name().to_owned()));
    let known =
        sheet.known.iter().map(|k| (k.archive, k.name.clone().unwrap_or_else(|| "…".into())));
    let all: Vec<(ArchiveId, String)> = held.chain(known).collect();
    let pick = |name: &str, value: String, text: Markup, on: bool| {
        html! { label.pick { input type="radio" name=(name) value=(value) checked[on]; span { (text) } } }
    };
    html! {
        h1 { (NEAR.get(lang)) }
        p { (NEAR_WHAT.get(lang)) }
        (sees(lang, [NEAR_NET, NEAR_WIFI, device(sheet.kept), HISTORY]))
        form method="post" action="do/near" autocomplete="off" {
            @if !all.is_empty() {
                fieldset {
                    legend { (WHICH.get(lang)) }
                    @for (at, (id, name)) in all.iter().enumerate() {
                        (pick("archive", id.to_string(), html! { bdi { (name) } }, at == 0))
                    }
                }
            }
            label for="invite" { (if all.is_empty() { INVITE_ONLY } else { INVITE }.get(lang)) }
            textarea #invite name="invite" dir="ltr" rows="3" maxlength=(MAX_INVITE_CHARS) spellcheck="false" {}
            fieldset {
                legend { (HOW.get(lang)) }
                (pick("how", "listen".into(), html! { (LISTEN.get(lang)) }, true))
                (pick("how", "ask".into(), html! { (ASK.get(lang)) }, false))
            }
            button.main type="submit" { (LOOK.get(lang)) }
        }
    }
}

const FILE_WHAT: Text = Text(
    "فایل بایگانی را از فلش، پیام‌رسان یا پوشهٔ دانلودها بدهید. هر بایت آن سنجیده می‌شود؛ فایل دست‌کاری‌شده پذیرفته نمی‌شود. هیچ چیزی از آن اجرا نمی‌شود.",
    "Give the archive's file from a stick, a messenger or the downloads. Every byte of it is checked; a changed file is refused. Nothing in it is run.",
);
const CHOOSE: Text = Text(
    "فایل‌ها (یکی یا چند تا؛ ترتیب مهم نیست)",
    "Files (one or several; their order does not matter)",
);
const TAKE: Text = Text("بگیر", "Take it");
const STICKS: Text = Text("فلش‌هایی که زده‌اید", "Sticks that are plugged in");
const NO_STICK: Text = Text("فلشی دیده نمی‌شود.", "No stick can be seen.");
const ON_IT: Text = Text("{} فایل بایگانی", "{} archive files");
const TYPED: Text =
    Text("یا نشانی فایل یا پوشه روی این دستگاه", "Or where the file or folder is on this device");
const FROM_STICK: Text = Text("از همین‌جا بگیر", "Take it from there");
const FILE_DEVICE: [Text; 3] = [
    Text(
        "خود فایل را، در دانلودها یا روی فلش، اگر پاکش نکنید. از این برنامه پس از بستن چیزی از بایگانی نمی‌ماند.",
        "The file itself, in the downloads or on the stick, unless you delete it. Of this program, nothing of the archive stays after closing.",
    ),
    Text(
        "خود فایل را، اگر پاکش نکنید. آنچه گرفته شد رمزشده است.",
        "The file itself, unless you delete it. What was taken in is encrypted.",
    ),
    Text(
        "خود فایل را، اگر پاکش نکنید، و آنچه گرفته شد را: رمز ندارد.",
        "The file itself, unless you delete it, and what was taken in: it is not encrypted.",
    ),
];

/// From a file.
pub fn file(sheet: &Sheet, lang: Lang) -> Markup {
    let device = match sheet.kept {
        Kept::Memory | Kept::Locked | Kept::KeyGone => FILE_DEVICE[0],
        Kept::Encrypted => FILE_DEVICE[1],
        Kept::Plain => FILE_DEVICE[2],
    };
    html! {
        h1 { (FILE.get(lang)) }
        p { (FILE_WHAT.get(lang)) }
        (sees(lang, [NOTHING, NOTHING, device, HISTORY]))
        form method="post" action="do/upload" enctype="multipart/form-data" {
            label for="file" { (CHOOSE.get(lang)) }
            input #file type="file" name="file" multiple required;
            button.main type="submit" { (TAKE.get(lang)) }
        }
        form method="post" action="do/path" autocomplete="off" {
            (stick_list(lang, &sticks(), true))
            label for="path" { (TYPED.get(lang)) }
            input #path type="text" name="path" dir="ltr" maxlength="4096" spellcheck="false";
            button type="submit" { (FROM_STICK.get(lang)) }
        }
    }
}

/// Sticks to choose from; with the number of carriers on each when one is to be read.
pub fn stick_list(lang: Lang, sticks: &[Stick], count: bool) -> Markup {
    html! {
        fieldset {
            legend { (STICKS.get(lang)) }
            @if sticks.is_empty() { p.small { (NO_STICK.get(lang)) } }
            @for (at, stick) in sticks.iter().enumerate() {
                label.pick {
                    input type="radio" name="stick" value=(stick.path.display()) checked[at == 0];
                    span {
                        bdi { (stick.name) }
                        @if count { span.small.block { (ON_IT.with(lang, &[&number(lang, stick.carriers as u64)])) } }
                    }
                }
            }
        }
    }
}

const PASTE_WHAT: Text = Text(
    "متنی را که کسی به شما داده یا از کد QR خوانده‌اید بچسبانید: دعوت‌نامه (با yadgar: آغاز می‌شود، یا ۳۵ واژه یا بیشتر است)، نشانی صفحهٔ کسی که در همین وای‌فای به اشتراک گذاشته است، یا خبر تازه‌ترین نسخه (خط‌هایی که با 90 آغاز می‌شوند؛ همهٔ پیام‌ها را یک‌جا).",
    "Paste the text that somebody gave you or that a QR code held: an invite (it begins with yadgar:, or is 35 words or more), the address of the page of somebody who shares on this Wi-Fi, or news of the newest release (lines that begin with 90; all messages at once).",
);
const TEXT: Text = Text("متن یا نشانی", "Text or address");
const GO: Text = Text("بگیر", "Get it");
const WHOLE: Text = Text("همهٔ بایگانی", "The whole archive");
const CORE: Text = Text("تنها نام‌ها و نوشته‌ها؛ کوچک‌تر", "Names and texts only; smaller");
const PASTE_NET: Text = Text(
    "هیچ چیز، مگر راه دورتری برگزینید. از وب‌سایت‌ها: بازدید از آن‌ها، کِی و چه اندازه. از راه اینترنت هم: که چنین برنامه‌ای به کار می‌رود، به کدام نشانی‌ها، کِی و چه اندازه؛ در ایران این را برنگزینید. با پراکسی روی همین دستگاه: تنها پراکسی.",
    "Nothing, unless you pick a way that leads farther. From websites: visits to them, when and how much. Over the internet too: that such a program is used, to which addresses, when and how much; inside Iran do not pick that. Through a proxy on this device: only the proxy.",
);
const PASTE_WIFI: Text = Text(
    "با نشانی صفحه: آنچه می‌گیرید در راه رمز ندارد؛ کسی که رمز این وای‌فای را دارد و گوش می‌دهد آن را می‌بیند. اگر در راه عوضش کند پذیرفته نمی‌شود.",
    "With the address of a page: what you take is not encrypted on the way; who has the password of this Wi-Fi and listens can see it. If it is changed on the way, it is refused.",
);

const REACH: Text = Text("دعوت‌نامه تا کجا برود؟", "How far may an invite lead?");
const NEARBY: Text =
    Text("تنها به همین وای‌فای و همین دستگاه.", "Only to this Wi-Fi and this device.");
const WEBSITES: Text = Text(
    "به وب‌سایت‌هایی که نام می‌برد هم. سرویس‌دهنده بازدید از یک وب‌سایت را می‌بیند؛ شاید بداند که آن وب‌سایت برای چیست.",
    "To websites that it names, too. The provider sees visits to a website, and may know what that website is for.",
);
const INTERNET: Text = Text(
    "از راه اینترنت هم. سرویس‌دهنده می‌بیند که چنین برنامه‌ای به کار می‌رود، مگر با پراکسی زیر: در ایران بی پراکسی برنگزینید.",
    "Over the internet too. The provider sees that such a program is used, unless through the proxy below: do not pick this inside Iran without one.",
);
const BY_PROXY: Text = Text(
    "از راه Tor، سایفون یا پراکسی دیگری روی این دستگاه",
    "Through Tor, Psiphon or another proxy on this device",
);
const PROXY: Text = Text("نشانی پراکسی", "Address of the proxy");
const PROXY_WHAT: Text = Text(
    "آن‌گاه همه چیز از آن می‌گذرد و چیزی از کنارش نمی‌رود. Tor در socks5h://127.0.0.1:9050 است (مرورگر Tor: درگاه 9150)؛ دیگران درگاه خود را نشان می‌دهند. یکی از دو راه دورتر را هم برگزینید.",
    "Everything then goes through it, and nothing past it. Tor is at socks5h://127.0.0.1:9050 (Tor Browser: port 9150); others tell their port. Pick one of the two ways that lead farther, too.",
);

/// From a text.
pub fn paste(sheet: &Sheet, lang: Lang) -> Markup {
    html! {
        h1 { (PASTE.get(lang)) }
        p { (PASTE_WHAT.get(lang)) }
        (sees(lang, [PASTE_NET, PASTE_WIFI, device(sheet.kept), HISTORY]))
        form method="post" action="do/pasted" autocomplete="off" {
            label for="text" { (TEXT.get(lang)) }
            textarea #text name="text" dir="ltr" rows="5" required maxlength=(MAX_PASTED_CHARS) spellcheck="false" {}
            (which(lang))
            fieldset {
                legend { (REACH.get(lang)) }
                @for (at, (value, text)) in [("near", NEARBY), ("web", WEBSITES), ("internet", INTERNET)].iter().enumerate() {
                    label.pick { input type="radio" name="reach" value=(value) checked[at == 0]; span { (text.get(lang)) } }
                }
            }
            details {
                summary { (BY_PROXY.get(lang)) }
                label for="proxy" { (PROXY.get(lang)) }
                input #proxy type="text" name="proxy" dir="ltr" maxlength=(MAX_PROXY_CHARS) spellcheck="false" placeholder="socks5h://127.0.0.1:9050";
                p.small { (PROXY_WHAT.get(lang)) }
            }
            button.main type="submit" { (GO.get(lang)) }
        }
    }
}

/// All of it, or the core only.
pub fn which(lang: Lang) -> Markup {
    html! {
        fieldset {
            legend { (HOW_MUCH.get(lang)) }
            label.pick { input type="radio" name="which" value="all" checked; span { (WHOLE.get(lang)) } }
            label.pick { input type="radio" name="which" value="core"; span { (CORE.get(lang)) } }
        }
    }
}

const HOW_MUCH: Text = Text("چه اندازه؟", "How much?");
