//! The texts, with what an archive brings for them.

use super::timeline::{day_link, deaths};
use crate::memorial::context::Context;
use crate::memorial::essays::{self, Essay, markdown};
use crate::memorial::links::Page;
use crate::memorial::source::Source;
use crate::memorial::text::Lang;
use crate::memorial::{figures, layout, standing, words};
use maud::{Markup, html};
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::limits::MAX_SERIES_BYTES;
use yadgar_protocol::series::{self, Series};

/// What an archive brings for a text.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// A text of its own.
    text: Option<Vec<u8>>,
    /// How much of the internet could be reached, hour by hour.
    series: Option<Series>,
    /// True when there is a series that is none (SER-1 to SER-8).
    broken_series: bool,
}

impl Brought {
    /// Reads what a release has for a text.
    ///
    /// # Errors
    /// [`ReadFault`] when it is not here: the page would then say less than the archive does.
    pub fn load(source: &dyn Source, lang: Lang, essay: Essay) -> Result<Self, ReadFault> {
        let mut out = Self::default();
        if let Some(path) = essay.own_path(lang) {
            out.text = file(source, &path, markdown::MAX_BYTES)?;
        }
        if essay == Essay::Shutdown {
            let bytes = file(source, series::CONNECTIVITY_PATH, MAX_SERIES_BYTES)?;
            let parsed = bytes.map(|bytes| series::parse(&bytes));
            out.broken_series = matches!(parsed, Some(Err(_)));
            out.series = parsed.and_then(Result::ok);
        }
        Ok(out)
    }
}

/// The bytes of a file of the core part that was not withdrawn: what an archive brings for a text is there
/// (docs/memorial.md), and who has nothing but the core must be able to read it. One that is too long is given as far as one byte too many, which its
/// reader then refuses.
fn file(source: &dyn Source, path: &str, most: usize) -> Result<Option<Vec<u8>>, ReadFault> {
    let files = source.files(path)?;
    match files.into_iter().find(|entry| entry.path.as_str() == path) {
        Some(entry) if entry.size > most as u64 => Ok(Some(vec![0; most + 1])),
        Some(entry) => source.read(&entry).map(Some),
        None => Ok(None),
    }
}

/// The page of a text.
pub fn page(cx: &Context<'_>, essay: Essay, brought: &Brought) -> Markup {
    let lang = cx.lang;
    let main = html! {
        (standing::warnings(lang, cx.info))
        (essays::page_with(lang, essay, brought.text.as_deref()))
        @if let Some(series) = &brought.series {
            section {
                h2 { (words::CONNECTIVITY.get(lang)) }
                (figures::connectivity(lang, "hours", series, &deaths(cx).0, &|day| day_link(cx, day)))
            }
        }
        @if brought.broken_series { p.notice { (words::SERIES_BROKEN.get(lang)) } }
    };
    layout::page(cx, &Page::Essay(essay), &main)
}
