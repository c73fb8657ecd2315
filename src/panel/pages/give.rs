//! Ways to pass an archive on: sharing with the room, a file on a stick.

use super::super::sticks::sticks;
use super::super::{Sharing, Sheet};
use super::get::{stick_list, which};
use super::sees::{HISTORY, NOTHING, device, sees};
use super::{SAVE, SHARE, frame};
use crate::memorial::text::{digits, number};
use crate::memorial::{Lang, Text};
use crate::panel::words::Note;
use crate::share::qr::drawing;
use maud::{Markup, html};

/// That a share is under way.
pub const RUNNING: Text = Text("اکنون به اشتراک است", "It is being shared now");
const WHAT: Text = Text(
    "هر که در همین وای‌فای یا هات‌اسپات است با مرورگر گوشی می‌خواند، فایل بایگانی و این برنامه را برمی‌دارد. پس از ۱۰ دقیقه خودش بسته می‌شود.",
    "Whoever is on this Wi-Fi or hotspot reads it with a phone's browser, and takes the archive's file and this program. After 10 minutes it closes by itself.",
);
const TIP: Text = Text(
    "بهتر است هات‌اسپاتی با رمزی تازه بسازید و رمز را تنها به کسانی بگویید که باید بیایند.",
    "Best make a hotspot with a fresh password, and tell it only to those who should come.",
);
const BEGIN: Text = Text("آغاز کن", "Begin");
const END: Text = Text("همین حالا تمام کن", "End it now");
const LEFT: Text = Text("مانده:", "Left:");
const GUESTS: Text = Text("مهمان‌های این دقیقه: {}", "Guests of this minute: {}");
const ADDRESS: Text = Text(
    "این نشانی را در مرورگر گوشی بنویسند:",
    "They type this address into the phone's browser:",
);
const CODE: Text = Text("یا این کد را بخوانند:", "Or they scan this code:");
const LONELY: Text = Text(
    "هنوز کسی نیامده است. آیا همه در همین وای‌فای‌اند و نشانی را با http:// و عدد پایانش نوشته‌اند؟ بسیاری از وای‌فای‌های عمومی و برخی وای‌فای‌های خانگی مهمان‌ها را از هم جدا می‌کنند (client isolation) و هیچ برنامه‌ای این را عوض نمی‌کند: روی همین دستگاه یا یک گوشی هات‌اسپات بسازید تا همه به آن بپیوندند. اگر این دستگاه دیوار آتش دارد، درگاه را باز کنید.",
    "Nobody has come yet. Are all on this very Wi-Fi, and did they write the address with http:// and the number at its end? Many public and some home Wi-Fis keep their guests apart (client isolation), and no program can change that: make a hotspot on this device or a phone, and let everybody join it. If this device has a firewall, allow the port.",
);
const SHARE_NET: Text = Text(
    "هیچ چیز، مگر وای‌فای از خود او باشد. جز نشانی‌های شبکهٔ محلی به هیچ‌جا پاسخ داده نمی‌شود.",
    "Nothing, unless the Wi-Fi is its own. Nobody but addresses of the local network is answered.",
);
const SHARE_WIFI: Text = Text(
    "همه‌چیز: که این دستگاه به اشتراک می‌گذارد و مهمان‌ها چه می‌خوانند. چیزی در راه رمز ندارد.",
    "Everything: that this device shares, and what guests read. Nothing is encrypted on the way.",
);

/// Sharing.
pub fn share(sheet: &Sheet, lang: Lang) -> Markup {
    html! {
        h1 { (SHARE.get(lang)) }
        @if let Some(share) = &sheet.share {
            (running(share, lang))
        } @else {
            p { (WHAT.get(lang)) }
            p { (TIP.get(lang)) }
        }
        (sees(lang, [SHARE_NET, SHARE_WIFI, device(sheet.kept), HISTORY]))
        @if sheet.share.is_none() {
            @if sheet.archives.is_empty() { (frame::said(lang, Note::Nothing)) }
            @else {
                form method="post" action="do/share" { button.main type="submit" { (BEGIN.get(lang)) } }
            }
        }
    }
}

fn running(share: &Sharing, lang: Lang) -> Markup {
    let (minutes, seconds) = (share.left.as_secs() / 60, share.left.as_secs() % 60);
    html! {
        p { (LEFT.get(lang)) }
        p.timer { bdi dir="ltr" { (digits(lang, &format!("{minutes}:{seconds:02}"))) } }
        p { (GUESTS.with(lang, &[&number(lang, share.guests as u64)])) }
        @if share.lonely { p.notice { (LONELY.get(lang)) } }
        p { (ADDRESS.get(lang)) }
        @for address in &share.addresses { bdi.address { (address) } }
        @if let Some(code) = share.addresses.first().and_then(|a| drawing(a, CODE.get(lang))) {
            p { (CODE.get(lang)) }
            (code)
        }
        form method="post" action="do/end-share" { button.main type="submit" { (END.get(lang)) } }
    }
}

const SAVE_WHAT: Text = Text(
    "بایگانی در یک فایل نوشته می‌شود، دوباره خوانده و سنجیده می‌شود. نامش data.car است و چیزی نمی‌گوید. فایل‌های دیگران روی فلش دست نمی‌خورند.",
    "The archive is written into one file, read back and checked. Its name is data.car and says nothing. Nobody's other files on the stick are touched.",
);
const FOLDER: Text = Text("یا پوشه‌ای روی این دستگاه", "Or a folder on this device");
const WRITE: Text = Text("بنویس", "Write it");
const ARCHIVE: Text = Text("کدام بایگانی؟", "Which archive?");
const DOWNLOAD: Text = Text("یا با مرورگر ذخیره کنید", "Or save it with the browser");
const DOWNLOAD_HELP: Text = Text(
    "در پوشهٔ دانلودهای این دستگاه می‌ماند تا خودتان پاکش کنید، و در فهرست دانلودهای مرورگر می‌آید.",
    "It stays in this device's downloads until you delete it, and stands in the browser's list of downloads.",
);
const ALL: Text = Text("همهٔ بایگانی", "The whole archive");
const CORE: Text = Text("تنها نام‌ها و نوشته‌ها", "Names and texts only");
const FINDER: Text = Text(
    "کسی که فلش را پیدا کند، اگر فایل را باز کند می‌بیند چیست: رمز ندارد. فایل نمی‌گوید از کدام دستگاه آمده است. این دستگاه شاید نام فلش را به یاد بسپارد.",
    "Somebody who finds the stick and opens the file sees what it is: it is not encrypted. The file does not say which device it came from. This device may remember the stick's name.",
);

/// Saving to a stick.
pub fn save(sheet: &Sheet, lang: Lang) -> Markup {
    html! {
        h1 { (SAVE.get(lang)) }
        p { (SAVE_WHAT.get(lang)) }
        (sees(lang, [NOTHING, NOTHING, FINDER, HISTORY]))
        @if sheet.archives.is_empty() { (frame::said(lang, Note::Nothing)) }
        @else {
            form method="post" action="do/save" autocomplete="off" {
                @if sheet.archives.len() > 1 {
                    fieldset {
                        legend { (ARCHIVE.get(lang)) }
                        @for (at, view) in sheet.archives.iter().enumerate() {
                            label.pick {
                                input type="radio" name="archive" value=(at + 1) checked[at == 0];
                                span { bdi { (view.accepted().name()) } }
                            }
                        }
                    }
                } @else { input type="hidden" name="archive" value="1"; }
                (stick_list(lang, &sticks(), false))
                label for="path" { (FOLDER.get(lang)) }
                input #path type="text" name="path" dir="ltr" maxlength="4096" spellcheck="false";
                (which(lang))
                button.main type="submit" { (WRITE.get(lang)) }
            }
            h2 { (DOWNLOAD.get(lang)) }
            p.small { (DOWNLOAD_HELP.get(lang)) }
            @for (at, view) in sheet.archives.iter().enumerate() {
                @if sheet.archives.len() > 1 { h3 { bdi { (view.accepted().name()) } } }
                p.doors {
                    a.door href=(format!("get/{}/all", at + 1)) { (ALL.get(lang)) }
                    a.door href=(format!("get/{}/core", at + 1)) { (CORE.get(lang)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_that_are_kept_apart_are_told_of() {
        let page = |lonely| {
            let left = std::time::Duration::from_secs(500);
            let share = Sharing { addresses: Vec::new(), left, guests: 0, lonely };
            running(&share, Lang::En).into_string()
        };
        assert!(page(true).contains("client isolation") && !page(false).contains("isolation"));
    }
}
