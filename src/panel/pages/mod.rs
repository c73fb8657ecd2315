//! The pages: one that says what is here and where to go, one for each thing that can be done, one for what is under way.

mod frame;
mod get;
mod give;
mod held;
mod keep;
mod news;
mod sees;
mod start;
mod work;

pub use frame::{closed, wiped};

use super::Sheet;
use super::news::Telling;
use super::words::Note;
use crate::memorial::{Lang, Text};
use maud::Markup;

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// What is here.
    Start,
    /// Looking for neighbours.
    Near,
    /// From a file.
    File,
    /// From a text.
    Paste,
    /// Sharing.
    Share,
    /// Saving to a stick.
    Save,
    /// How it is kept.
    Keep,
    /// Leaving no trace.
    Leave,
    /// What is under way.
    Work,
    /// News as text.
    Tell,
    /// What waits for the person's yes.
    Held,
}

/// Each with its name in addresses. These are neutral: a browser's history keeps them.
const PLACES: [(Place, &str); 11] = [
    (Place::Start, ""),
    (Place::Near, "1"),
    (Place::File, "2"),
    (Place::Paste, "3"),
    (Place::Share, "4"),
    (Place::Save, "5"),
    (Place::Keep, "6"),
    (Place::Leave, "7"),
    (Place::Work, "8"),
    (Place::Tell, "9"),
    (Place::Held, "10"),
];

impl Place {
    /// Its name in addresses.
    pub fn code(self) -> &'static str {
        PLACES.iter().find(|(place, _)| *place == self).map_or("", |(_, code)| code)
    }

    /// Reads that name.
    pub fn from_code(code: &str) -> Option<Self> {
        PLACES.iter().find(|(_, known)| *known == code).map(|(place, _)| *place)
    }

    /// The page that has the form of an act.
    pub fn of_act(what: &str) -> Self {
        match what {
            "near" => Self::Near,
            "upload" | "path" => Self::File,
            "pasted" => Self::Paste,
            "share" | "end-share" => Self::Share,
            "save" => Self::Save,
            "encrypt" => Self::Keep,
            "wipe" | "close" => Self::Leave,
            "cancel" | "yes" => Self::Work,
            "approve" => Self::Held,
            _ => Self::Start,
        }
    }
}

/// The page, with what there is to say of something that was not done. `texts` are needed for [`Place::Tell`].
pub fn page(
    sheet: &Sheet,
    lang: Lang,
    place: Place,
    note: Option<Note>,
    texts: &[Telling],
) -> Markup {
    let locked = matches!(sheet.kept, super::Kept::Locked | super::Kept::KeyGone);
    let main = match place {
        Place::Leave => keep::leave(sheet, lang),
        // Nothing else can be done before it is known how things are kept.
        _ if locked => keep::locked(sheet, lang),
        Place::Start => start::page(sheet, lang),
        Place::Near => get::near(sheet, lang),
        Place::File => get::file(sheet, lang),
        Place::Paste => get::paste(sheet, lang),
        Place::Share => give::share(sheet, lang),
        Place::Save => give::save(sheet, lang),
        Place::Keep => keep::page(sheet, lang),
        Place::Tell => news::tell(texts, lang),
        Place::Held => held::page(&sheet.waiting, lang),
        Place::Work => work::page(sheet, lang),
    };
    let reload = match place {
        Place::Work if sheet.job.as_ref().is_some_and(work::reloads) => {
            Some(super::limits::RELOAD_SECONDS)
        }
        Place::Share if sheet.share.is_some() => Some(super::limits::SHARE_RELOAD_SECONDS),
        _ => None,
    };
    frame::page(lang, place, reload, &frame::noted(lang, note, &main))
}

/// The names of the pages, as headings and as links.
const NEAR: Text = Text("گشتن دنبال همسایه‌ها", "Look for neighbours");
const FILE: Text = Text("گرفتن از فایل یا فلش", "Get it from a file or stick");
const PASTE: Text = Text("گرفتن با نشانی یا متن", "Get it with an address or text");
const SHARE: Text = Text("۱۰ دقیقه به اشتراک بگذار", "Share for 10 minutes");
const SAVE: Text = Text("ذخیره روی فلش", "Save to a stick");
const TELL: Text = Text("رساندن خبر به شکل متن", "Pass on the news as text");
const KEEP: Text = Text("چگونه نگه داشته می‌شود", "How it is kept");
const LEAVE: Text = Text("بی‌ردپا: بستن یا پاک کردن", "Leave no trace: close or wipe");
