//! Where pages and files are. The pages name what they lead to; the address is made by whoever publishes
//! them: the server of the reader, or a folder of files that is opened from a stick.

use super::essays::Essay;
use super::selection::Selection;
use super::text::Lang;

/// A page of the memorial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page<'a> {
    /// The entrance: what this is, and where to go.
    Cover,
    /// Names: those that fit a selection, and which page of them, from 1.
    Wall(Selection, usize),
    /// The way to all ready-made lists, where there is no search.
    Lists,
    /// Names that begin with a letter: its place in [`super::catalogue::Catalogue::letters`], and which page of
    /// them, from 1.
    Letter(usize, usize),
    /// One person, by the key of [`super::catalogue::Catalogue::by_key`].
    Person(&'a str),
    /// The warning before a picture that is hard to bear: the person's key, and the number of the picture in
    /// the record, from 1.
    Warning(&'a str, usize),
    /// One picture with its words, after that warning or without one.
    Picture(&'a str, usize),
    /// One incident, by the text of its id.
    Incident(&'a str),
    /// Deaths by day.
    Timeline,
    /// Deaths by province.
    Map,
    /// Numbers.
    Statistics,
    /// A text about the archive.
    Essay(Essay),
    /// What was corrected, and what was taken back: which page of it, from 1.
    Notices(usize),
    /// A blank page, for who has to hide the screen at once.
    Leave,
}

/// Something that pages refer to and that is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File<'a> {
    /// The stylesheet.
    Style,
    /// Text of the font's licence.
    FontLicence,
    /// Proof of a person's record, by key.
    Proof(&'a str),
    /// Proof of an incident's record, by the text of its id.
    IncidentProof(&'a str),
    /// Bytes of a picture: the person's key and the number in the record, from 1. Only for pictures that may
    /// be shown (`super::picture`).
    Picture(&'a str, usize),
    /// A file of the archive as it is, by its path there.
    Archived(&'a str),
}

/// What the reader of a page can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// The program checks every byte at the moment it is shown.
    Now,
    /// A program on another device checks them and sends them over a LAN, unencrypted: whoever reads has to take
    /// that device's word for it.
    ByHost,
    /// The pages were made of checked bytes, and lie in a folder that anybody could have changed since.
    WhenMade,
}

/// Addresses. They must be neutral: a browser's history keeps them.
pub trait Links {
    /// Address of a page; `None` where there is no such page: its name then stands without a link.
    fn page(&self, lang: Lang, page: &Page<'_>) -> Option<String>;

    /// Address of a file; `None` where there is none.
    fn file(&self, file: &File<'_>) -> Option<String>;

    /// The page that comes before the cover: all archives that are here. The cover itself where there is one.
    fn start(&self, lang: Lang) -> String;

    /// The archived site, where there is one to be opened.
    fn site(&self) -> Option<String>;

    /// Where a form sends a selection by GET; `None` where nothing can answer it (a folder of files): pages
    /// then lead to ready-made lists instead.
    fn form(&self, lang: Lang) -> Option<String>;

    /// Whether bytes are checked as they are shown.
    fn checked(&self) -> Checked;

    /// What a page itself says that it may load, where no server says it.
    fn policy(&self) -> Option<&'static str> {
        None
    }
}
