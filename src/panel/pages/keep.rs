//! How it is kept, and how to leave without a trace.

use super::super::{Kept, Sheet};
use super::sees::{HISTORY, NOTHING, device, sees};
use super::{KEEP, LEAVE};
use crate::memorial::{Lang, Text};
use maud::{Markup, html};

/// Longest passphrase, in characters.
const MAX_PASSPHRASE: usize = 1024;

const LOCKED: Text = Text("گذرواژه", "Passphrase");
const LOCKED_WHAT: Text = Text(
    "روی این دستگاه چیزی رمزشده نگه داشته شده است.",
    "Something is kept on this device, encrypted.",
);
const KEY_GONE: Text = Text(
    "آنچه این‌جا رمزشده بود دیگر خواندنی نیست: کلیدش نابود شده است. در «بی‌ردپا» بازمانده‌اش را پاک کنید، یا تنها در حافظه بخوانید.",
    "What was kept here, encrypted, cannot be read any more: its key was destroyed. Wipe what is left of it under “Leave no trace”, or read in memory only.",
);
const OPEN: Text = Text("باز کن", "Open");
const INSTEAD: Text = Text("این بار تنها در حافظه بخوان", "Read in memory only this time");
const MEMORY_NOW: Text = Text(
    "اکنون تنها در حافظه است: هیچ فایلی نوشته نمی‌شود و با بستن برنامه همه‌چیز می‌رود. این امن‌ترین راه است.",
    "It is in memory only now: no file is written, and when the program closes everything is gone. This is the safest way.",
);
const ENCRYPT: Text = Text("رمزشده روی این دستگاه نگه دار", "Keep it encrypted on this device");
const ENCRYPT_WHAT: Text = Text(
    "تا بار دیگر دوباره لازم نباشد بگیرید. چند واژهٔ بی‌ربط را گذرواژه کنید. اگر فراموشش کنید، هیچ راهی به درون نیست. کسی می‌تواند شما را وادار کند آن را بگویید.",
    "So that you need not get it again next time. Take several unrelated words as the passphrase. If you forget it, there is no way in. Somebody could force you to tell it.",
);
const AGAIN: Text = Text("همان گذرواژه، دوباره", "The same passphrase again");
const ENCRYPTED_NOW: Text = Text(
    "اکنون روی این دستگاه رمزشده است. بی گذرواژه هیچ‌چیزش خوانده نمی‌شود.",
    "It is on this device now, encrypted. Without the passphrase nothing of it can be read.",
);
const PLAIN_NOW: Text = Text(
    "اکنون روی این دستگاه است و رمز ندارد: هر که آن را بگردد همه را می‌بیند. اگر خطرناک است، آن را روی فلش ذخیره کنید، در «بی‌ردپا» پاک کنید، و از نو تنها در حافظه بخوانید یا رمزشده نگه دارید.",
    "It is on this device and not encrypted: whoever searches it sees everything. If that is dangerous, save it to a stick, wipe it under “Leave no trace”, and then read in memory only or keep it encrypted.",
);
const KEEP_DEVICE: Text = Text(
    "تنها در حافظه: پس از بستن، چیزی از بایگانی نمی‌یابد. رمزشده: می‌بیند پوشه‌ای رمزشده هست و چه اندازه است، نه این‌که در آن چیست.",
    "In memory only: after closing, nothing of the archive is found. Encrypted: that there is an encrypted folder and its size, not what is in it.",
);
const MEMORY_OTHER: Text = Text(
    "روی این دستگاه چیزی از پیش نگه داشته شده است؛ این بار باز نشد. برای رمزشده نگه داشتن، نخست آن را در «بی‌ردپا» پاک کنید.",
    "Something is kept on this device from before; it was not opened this time. To keep this encrypted, first wipe that under “Leave no trace”.",
);

/// The encrypted home is not open yet.
pub fn locked(sheet: &Sheet, lang: Lang) -> Markup {
    html! {
        h1 { (LOCKED.get(lang)) }
        @if sheet.kept == Kept::KeyGone {
            p.notice { (KEY_GONE.get(lang)) }
        } @else {
            p { (LOCKED_WHAT.get(lang)) }
            form method="post" action="do/unlock" {
                label for="passphrase" { (LOCKED.get(lang)) }
                (passphrase("passphrase", "current-password"))
                button.main type="submit" { (OPEN.get(lang)) }
            }
        }
        (sees(lang, [NOTHING, NOTHING, device(sheet.kept), HISTORY]))
        form method="post" action="do/memory" { button type="submit" { (INSTEAD.get(lang)) } }
        p { a href=(super::Place::Leave.code()) { (LEAVE.get(lang)) } }
    }
}

fn passphrase(name: &str, complete: &str) -> Markup {
    // So that no browser offers to remember it, as far as it heeds that.
    html! {
        input id=(name) type="password" name=(name) dir="auto" required maxlength=(MAX_PASSPHRASE)
            autocomplete=(if complete == "current-password" { "off" } else { complete }) spellcheck="false";
    }
}

/// How it is kept.
pub fn page(sheet: &Sheet, lang: Lang) -> Markup {
    let now = match sheet.kept {
        Kept::Encrypted => ENCRYPTED_NOW,
        Kept::Plain => PLAIN_NOW,
        Kept::Memory | Kept::Locked | Kept::KeyGone => MEMORY_NOW,
    };
    html! {
        h1 { (KEEP.get(lang)) }
        p { (now.get(lang)) }
        (sees(lang, [NOTHING, NOTHING, KEEP_DEVICE, HISTORY]))
        @if sheet.kept == Kept::Memory && sheet.home { p.notice { (MEMORY_OTHER.get(lang)) } }
        @if sheet.kept == Kept::Memory && !sheet.home {
            h2 { (ENCRYPT.get(lang)) }
            p { (ENCRYPT_WHAT.get(lang)) }
            form method="post" action="do/encrypt" {
                label for="passphrase" { (LOCKED.get(lang)) }
                (passphrase("passphrase", "off"))
                label for="again" { (AGAIN.get(lang)) }
                (passphrase("again", "off"))
                button.main type="submit" { (ENCRYPT.get(lang)) }
            }
        }
    }
}

const CLOSE: Text = Text("بستن", "Close");
const CLOSE_WHAT: Text = Text(
    "برنامه پایان می‌یابد و حافظه‌اش خالی می‌شود؛ اشتراک و کارهای دیگر همان دم تمام می‌شوند.",
    "The program ends and its memory is gone; a share and other work end at once.",
);
const CLOSE_MEMORY: Text =
    Text("از بایگانی چیزی روی دیسک نمی‌ماند.", "Nothing of the archive stays on the disk.");
const CLOSE_KEPT: Text =
    Text("آنچه روی این دستگاه نگه داشته شده می‌ماند.", "What is kept on this device stays.");
const WIPE: Text = Text("پاک کردن از این دستگاه", "Wipe it from this device");
const WIPE_WHAT: Text = Text(
    "نخست کلید نابود می‌شود، سپس فایل‌ها پاک می‌شوند و برنامه بسته می‌شود. برگشتی ندارد.",
    "The key is destroyed first, then the files are removed and the program closes. It cannot be undone.",
);
const SIGNING: Text = Text(
    "کلیدهای امضای یک نگه‌دارنده هم این‌جاست: بی نسخه‌ای جای دیگر، برای همیشه از دست می‌روند.",
    "The signing keys of a maintainer are here too: without a copy elsewhere they are lost for good.",
);
const SURE: Text = Text("مطمئنم: همه‌اش پاک شود", "I am sure: wipe all of it");
const WIPE_DO: Text = Text("پاک کن و ببند", "Wipe and close");
const LIMITS: [Text; 3] = [
    Text(
        "حافظهٔ فلش (گوشی، فلش، SSD) شاید تکه‌هایی کهنه را جایی نگه دارد که دست هیچ برنامه‌ای نمی‌رسد. اگر رمز داشت، بی گذرواژه به کاری نمی‌آیند؛ اگر نداشت، شاید بازگردانده شوند.",
        "Flash memory (phones, sticks, SSDs) may keep old pieces where no program reaches. If it was encrypted they are of no use without the passphrase; if not, they can perhaps be brought back.",
    ),
    Text(
        "تاریخچهٔ مرورگر را خودتان پاک کنید: Ctrl+H، سپس هر چه «صفحهٔ محلی» نام دارد.",
        "Clear the browser's history yourself: Ctrl+H, then all that is called “Local page”.",
    ),
    Text(
        "این‌ها هم می‌مانند تا خودتان پاکشان کنید: خود این برنامه، و فایل‌هایی که نامشان به car پایان می‌یابد: در دانلودها، پیام‌رسان و روی فلش. سیستم شاید تکه‌هایی از حافظه را هم در فایل swap گذاشته باشد.",
        "These stay too until you delete them: this program itself, and .car files in the downloads, in messengers and on sticks. The system may also have put pieces of memory into its swap file.",
    ),
];
const NOT_PROMISED: Text = Text("آنچه نمی‌شود قول داد", "What cannot be promised");

/// Close and wipe.
pub fn leave(sheet: &Sheet, lang: Lang) -> Markup {
    let stays = if sheet.home { CLOSE_KEPT } else { CLOSE_MEMORY };
    html! {
        h1 { (LEAVE.get(lang)) }
        p { (CLOSE_WHAT.get(lang)) " " (stays.get(lang)) }
        form method="post" action="do/close" { button.main type="submit" { (CLOSE.get(lang)) } }
        @if sheet.home {
            section.end {
                h2 { (WIPE.get(lang)) }
                p { (WIPE_WHAT.get(lang)) }
                @if sheet.signing_keys { p.notice { strong { (SIGNING.get(lang)) } } }
                form method="post" action="do/wipe" {
                    label.pick { input type="checkbox" name="sure" value="yes" required; span { (SURE.get(lang)) } }
                    button type="submit" { (WIPE_DO.get(lang)) }
                }
            }
        }
        section.seen {
            h2 { (NOT_PROMISED.get(lang)) }
            ul { @for line in LIMITS { li { (line.get(lang)) } } }
        }
        (sees(lang, [NOTHING, NOTHING, device(sheet.kept), HISTORY]))
    }
}
