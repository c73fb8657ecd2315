//! What every page function is given.

use super::catalogue::Catalogue;
use super::links::{File, Links, Page};
use super::standing::ViewInfo;
use super::text::Lang;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::words::Word;

/// What a page is made from besides its own subject.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Language of the page.
    pub lang: Lang,
    /// Where things are.
    pub links: &'a dyn Links,
    /// The release, whose signatures were checked.
    pub accepted: &'a Accepted,
    /// The six words of the archive. Given, because they are slow to make on purpose.
    pub words: &'a [Word; 6],
    /// What is known of it besides.
    pub info: &'a ViewInfo,
    /// Its records.
    pub catalogue: &'a Catalogue,
    /// Today by this device's clock, `YYYY-MM-DD`; only said, never decided by.
    pub today: &'a str,
}

impl Context<'_> {
    /// Address of a page in the language of this one.
    pub fn page(&self, page: &Page<'_>) -> Option<String> {
        self.links.page(self.lang, page)
    }

    /// Address of a file.
    pub fn file(&self, file: &File<'_>) -> Option<String> {
        self.links.file(file)
    }

    /// True when every record says that it is made up.
    pub fn is_fictional(&self) -> bool {
        self.catalogue.fictional()
    }
}
