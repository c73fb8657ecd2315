//! Texts of the memorial: what the archive is, how records are verified, what a shutdown is, how to
//! help, how to read safely. They are written in the tiny markdown of [`markdown`], as the texts that an
//! archive brings of its own are (docs/memorial.md).

pub mod markdown;

#[cfg(test)]
#[path = "essay_tests.rs"]
mod essay_tests;

use crate::memorial::text::{Lang, Text};
use markdown::{TooLarge, render};
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

/// How a text of the archive's own goes with ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    /// It takes the place of ours.
    Replaces,
    /// Ours follows: what it says holds in every archive, or keeps readers safe.
    IsFollowed,
    /// There is none.
    None,
}

const OF_ARCHIVE: Text =
    Text("نوشتهٔ نگه‌دارندگان این بایگانی", "Written by the keepers of this archive");
const OF_PROGRAM: Text =
    Text("آنچه در همهٔ بایگانی‌های یادگار یکسان است", "What holds in every archive of yadgar");
const UNREADABLE: Text = Text(
    "متنی که این بایگانی برای این صفحه آورده نمایش‌دادنی نیست و کنار گذاشته شد.",
    "The text that this archive brings for this page cannot be shown and was left out.",
);

impl Essay {
    /// All of them, in the order in which pages list them.
    pub const ALL: [Self; 5] =
        [Self::About, Self::Method, Self::Shutdown, Self::Justice, Self::Safety];

    /// Its name in addresses and file names.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::Method => "method",
            Self::Shutdown => "shutdown",
            Self::Justice => "justice",
            Self::Safety => "safety",
        }
    }

    /// The one of a name.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|essay| essay.slug() == slug)
    }

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

    /// Path of the archive's own text in its tree: `pages/about.fa.md`. None where an archive brings none.
    pub fn own_path(self, lang: Lang) -> Option<String> {
        let some = self.own() != Own::None;
        some.then(|| format!("pages/{}.{}.md", self.slug(), lang.code()))
    }

    const fn own(self) -> Own {
        match self {
            Self::About | Self::Shutdown => Own::Replaces,
            Self::Method | Self::Justice => Own::IsFollowed,
            Self::Safety => Own::None,
        }
    }

    const fn built_in(self, lang: Lang) -> &'static str {
        let text = match self {
            Self::About => Text(include_str!("text/about.fa.md"), include_str!("text/about.en.md")),
            Self::Method => {
                Text(include_str!("text/method.fa.md"), include_str!("text/method.en.md"))
            }
            Self::Shutdown => {
                Text(include_str!("text/shutdown.fa.md"), include_str!("text/shutdown.en.md"))
            }
            Self::Justice => {
                Text(include_str!("text/justice.fa.md"), include_str!("text/justice.en.md"))
            }
            Self::Safety => {
                Text(include_str!("text/safety.fa.md"), include_str!("text/safety.en.md"))
            }
        };
        text.get(lang)
    }
}

/// The built-in text: a heading of the first level, then sections.
pub fn page(lang: Lang, essay: Essay) -> Markup {
    page_with(lang, essay, None)
}

/// The text of a page when the archive may bring its own: the bytes of the file at
/// [`Essay::own_path`], if there is one. About and shutdown are replaced by it; in method and
/// justice it stands first and ours follows. What cannot be shown is said, and ours is shown.
pub fn page_with(lang: Lang, essay: Essay, own: Option<&[u8]>) -> Markup {
    let own = own.filter(|_| essay.own() != Own::None).map(readable);
    let ours = || render(essay.built_in(lang), true).unwrap_or_default();
    html! {
        article.essay {
            @match own {
                None => (ours()),
                Some(Err(TooLarge)) => { (ours()) p.notice { (UNREADABLE.get(lang)) } },
                Some(Ok(text)) => {
                    (text)
                    p.small { (OF_ARCHIVE.get(lang)) "." }
                    @if essay.own() == Own::IsFollowed {
                        section.of-program {
                            p.quiet { (OF_PROGRAM.get(lang)) }
                            (render(essay.built_in(lang), false).unwrap_or_default())
                        }
                    }
                },
            }
        }
    }
}

/// What is not UTF-8 is left out like what is too large.
fn readable(bytes: &[u8]) -> Result<Markup, TooLarge> {
    render(std::str::from_utf8(bytes).map_err(|_| TooLarge)?, true)
}
