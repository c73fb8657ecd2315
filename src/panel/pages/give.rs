//! Ways to pass an archive on: sharing with the room, a file on a stick.

use super::super::limits::{MAX_WIFI_CHARS, SHARE_CHOICES, SHARE_MINUTES};
use super::super::sticks::sticks;
use super::super::{Network, Sharing, Sheet};
use super::get::{stick_list, which};
use super::sees::{HISTORY, NOTHING, device, sees};
use super::{SAVE, SHARE, frame};
use crate::memorial::text::{digits, number};
use crate::memorial::{Lang, Text};
use crate::panel::words::Note;
use crate::share::Wifi;
use crate::share::qr::drawing;
use maud::{Markup, html};

/// That a share is under way.
pub const RUNNING: Text = Text("اکنون به اشتراک است", "It is being shared now");
const WHAT: Text = Text(
    "هر که در همین وای‌فای یا هات‌اسپات است با مرورگر گوشی می‌خواند، فایل بایگانی و این برنامه را برمی‌دارد. پس از زمانی که برمی‌گزینید خودش بسته می‌شود.",
    "Whoever is on this Wi-Fi or hotspot reads it with a phone's browser, and takes the archive's file and this program. After the time that you choose it closes by itself.",
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
const HOW_LONG: Text = Text("تا کی؟", "For how long?");
const MINUTES: Text = Text("{} دقیقه", "{} minutes");
const WHERE: Text = Text("در کدام شبکه؟", "On which network?");
const EVERYWHERE: Text = Text(
    "همهٔ شبکه‌های محلی که این دستگاه در آن‌هاست یا به آن‌ها می‌پیوندد",
    "All local networks that this device is on, or joins meanwhile",
);
const ONLY: Text = Text("تنها", "Only");
const WIFI: Text = Text(
    "نام و رمز وای‌فای، اگر می‌خواهید مهمان‌ها با کد بپیوندند",
    "Name and password of the Wi-Fi, if guests should join it with a code",
);
const WIFI_HELP: Text = Text(
    "اختیاری است و جایی ذخیره نمی‌شود. کد در همین صفحه می‌آید؛ هر که آن را بخواند رمز را دارد. اگر بالا یک شبکه را برگزینید، کد در صفحهٔ مهمان‌ها هم می‌آید.",
    "Optional, and stored nowhere. The code is shown on this page; whoever scans it has the password. If you choose one network above, guests see the code on their page, too.",
);
const SSID: Text = Text("نام وای‌فای", "Name of the Wi-Fi");
const PASSWORD: Text = Text("رمز آن (وای‌فای بی‌رمز: خالی)", "Its password (none: leave it empty)");
const JOIN: Text =
    Text("نخست با این کد به این وای‌فای بپیوندند:", "First they join this Wi-Fi with this code:");
const ON_ALL: Text =
    Text("در همهٔ شبکه‌های محلی این دستگاه.", "On all local networks of this device.");
const ON_ONE: Text = Text("تنها در شبکهٔ", "Only on the network");
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
        h1 { (if sheet.share.is_some() { RUNNING } else { SHARE }.get(lang)) }
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
                (form(&sheet.networks, lang))
            }
        }
    }
}

fn form(networks: &[Network], lang: Lang) -> Markup {
    html! {
        form method="post" action="do/share" autocomplete="off" {
            fieldset {
                legend { (HOW_LONG.get(lang)) }
                @for minutes in SHARE_CHOICES {
                    label.pick {
                        input type="radio" name="minutes" value=(minutes) checked[minutes == SHARE_MINUTES];
                        span { (MINUTES.with(lang, &[&number(lang, minutes)])) }
                    }
                }
            }
            // Also where there is but one: what is chosen holds when another comes.
            @if !networks.is_empty() {
                fieldset {
                    legend { (WHERE.get(lang)) }
                    label.pick {
                        input type="radio" name="network" value="" checked;
                        span { (EVERYWHERE.get(lang)) }
                    }
                    @for network in networks {
                        label.pick {
                            input type="radio" name="network" value=(network.name);
                            span { (ONLY.get(lang)) " " bdi dir="ltr" { (network.name) " (" (network.address) ")" } }
                        }
                    }
                }
            }
            fieldset {
                legend { (WIFI.get(lang)) }
                p.small { (WIFI_HELP.get(lang)) }
                label for="ssid" { (SSID.get(lang)) }
                input #ssid type="text" name="ssid" dir="auto" maxlength=(MAX_WIFI_CHARS) spellcheck="false";
                label for="password" { (PASSWORD.get(lang)) }
                input #password type="password" name="password" dir="ltr" maxlength=(MAX_WIFI_CHARS)
                    autocomplete="new-password";
            }
            button.main type="submit" { (BEGIN.get(lang)) }
        }
    }
}

/// The code by which guests join the Wi-Fi, where the host typed its name.
fn joining(wifi: &Wifi, lang: Lang) -> Markup {
    html! {
        p { (JOIN.get(lang)) " " bdi.mono dir="ltr" { (wifi.name()) } }
        @if let Some(code) = drawing(&wifi.text(), JOIN.get(lang)) { (code) }
    }
}

fn running(share: &Sharing, lang: Lang) -> Markup {
    let (minutes, seconds) = (share.left.as_secs() / 60, share.left.as_secs() % 60);
    html! {
        p { (LEFT.get(lang)) }
        p.timer { bdi dir="ltr" { (digits(lang, &format!("{minutes}:{seconds:02}"))) } }
        p { (GUESTS.with(lang, &[&number(lang, share.guests as u64)])) }
        @if share.lonely { p.notice { (LONELY.get(lang)) } }
        p.small {
            @match &share.network {
                Some(name) => { (ON_ONE.get(lang)) " " bdi dir="ltr" { (name) } },
                None => (ON_ALL.get(lang)),
            }
        }
        @if let Some(wifi) = &share.wifi { (joining(wifi, lang)) }
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
        let page = |lonely| page(lonely, None, None);
        assert!(page(true).contains("client isolation") && !page(false).contains("isolation"));
    }

    fn page(lonely: bool, network: Option<&str>, wifi: Option<Wifi>) -> String {
        let left = std::time::Duration::from_secs(500);
        let (network, wifi) = (network.map(str::to_owned), wifi.map(std::sync::Arc::new));
        let share = Sharing { addresses: Vec::new(), left, guests: 0, lonely, network, wifi };
        running(&share, Lang::En).into_string()
    }

    #[test]
    fn the_wifi_is_shown_as_a_code_and_its_password_nowhere_else() {
        let wifi = Wifi::new("<room>", Some(String::from("pass word 1").into())).unwrap();
        let code = drawing(&wifi.text(), JOIN.get(Lang::En)).unwrap().into_string();
        let shown = page(false, Some("wlan7"), Some(wifi));
        assert!(shown.contains(&code) && shown.contains("&lt;room&gt;") && shown.contains("wlan7"));
        assert!(!shown.contains("pass word"));
        let without = page(false, None, None);
        assert!(!without.contains(JOIN.get(Lang::En)) && without.contains(ON_ALL.get(Lang::En)));
    }

    #[test]
    fn all_networks_and_ten_minutes_unless_chosen() {
        let network = |name: &str| Network { name: name.into(), address: "10.0.0.1".into() };
        let form = form(&[network("wlan0"), network("eth0")], Lang::En).into_string();
        let checked: Vec<_> = form.split("<input").filter(|i| i.contains(" checked")).collect();
        assert_eq!(checked.len(), 2, "{form}");
        assert!(checked[0].contains("value=\"10\"") && checked[1].contains("value=\"\""));
        assert!(form.contains("value=\"eth0\"") && form.contains("value=\"60\""));
        assert!(!super::form(&[], Lang::En).into_string().contains("name=\"network\""));
    }
}
