//! The texts of the memorial.

use crate::memorial::text::{Lang, Text};
use maud::{Markup, html};

/// One of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Essay {
    /// What this archive is, and what yadgar is.
    About,
    /// How records are verified.
    Method,
    /// What a shutdown is and why it violates rights.
    Shutdown,
    /// How to help seek justice.
    Justice,
    /// How to read this archive safely.
    Safety,
}

impl Essay {
    /// All of them, in the order in which pages list them.
    pub const ALL: [Self; 5] =
        [Self::About, Self::Method, Self::Shutdown, Self::Justice, Self::Safety];

    /// A short name for menus.
    pub const fn name(self, lang: Lang) -> &'static str {
        let text = match self {
            Self::About => Text("درباره", "About"),
            Self::Method => Text("روش راستی‌آزمایی", "How records are verified"),
            Self::Shutdown => Text("قطع اینترنت", "The shutdown"),
            Self::Justice => Text("دادخواهی", "Seeking justice"),
            Self::Safety => Text("خواندن بی‌خطر", "Reading safely"),
        };
        text.get(lang)
    }

    /// Path of the archive's own text in its tree. None where an archive brings none.
    pub fn own_path(self, _: Lang) -> Option<String> {
        None
    }
}

/// The text of a page.
pub fn page_with(lang: Lang, essay: Essay, _: Option<&[u8]>) -> Markup {
    html! { h1 { (essay.name(lang)) } }
}
