//! What others can see of a step: the same four on every page.

use crate::memorial::{Lang, Text};
use crate::panel::Kept;
use maud::{Markup, html};

const TITLE: Text = Text("دیگران چه می‌بینند", "What others can see");
const WHO: [Text; 4] = [
    Text("سرویس‌دهندهٔ اینترنت", "Your internet provider"),
    Text("کسانی که در همین وای‌فای‌اند", "Others on the same Wi-Fi"),
    Text("کسی که این دستگاه را بگردد", "Somebody who searches this device"),
    Text("تاریخچهٔ مرورگر", "The browser's history"),
];

/// Nothing at all.
pub const NOTHING: Text = Text("هیچ چیز.", "Nothing.");
/// What the history has of these pages.
pub const HISTORY: Text = Text(
    "نشانی‌هایی مانند 127.0.0.1 با عنوان «صفحهٔ محلی»؛ نه این‌که چه بود. پنجرهٔ خصوصی همین را هم نگه نمی‌دارد.",
    "Addresses such as 127.0.0.1, called “Local page”; not what it was. A private window keeps not even that.",
);

/// What stays on the device, by how it is kept.
pub const fn device(kept: Kept) -> Text {
    match kept {
        Kept::Memory => Text(
            "تا برنامه باز است، آن را در حافظه می‌یابد. پس از بستن چیزی از بایگانی روی دیسک نمی‌ماند؛ خود برنامه می‌ماند.",
            "While the program is open it is in the memory. After closing, nothing of the archive is on the disk; the program itself is.",
        ),
        Kept::Encrypted | Kept::Locked | Kept::KeyGone => Text(
            "می‌بیند پوشه‌ای رمزشده هست و چه اندازه است؛ بی گذرواژه نمی‌بیند در آن چیست. تا برنامه باز است کلید در حافظه است.",
            "That there is an encrypted folder, and its size; without the passphrase not what is in it. While the program is open, the key is in the memory.",
        ),
        Kept::Plain => {
            Text("همهٔ بایگانی را: رمز ندارد.", "The whole archive: it is not encrypted.")
        }
    }
}

/// The box: provider, neighbours, device, history.
pub fn sees(lang: Lang, lines: [Text; 4]) -> Markup {
    html! {
        section.sees {
            h2 { (TITLE.get(lang)) }
            dl {
                @for (who, what) in WHO.iter().zip(lines) {
                    dt { (who.get(lang)) }
                    dd { (what.get(lang)) }
                }
            }
        }
    }
}
