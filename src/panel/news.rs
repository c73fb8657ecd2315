//! News that travels as text: what a pasted one told, and what can be passed on (spec: courier.md).

use super::words::Note;

/// What became of what a text told of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is newer than what was known.
    New,
    /// It was known.
    Known,
    /// This release, a newer one, is known.
    Older(u64),
    /// It was not taken.
    Refused(Note),
}

/// What a text told of one archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// How the archive calls itself.
    pub name: String,
    /// The number of the release that the text is about.
    pub sequence: u64,
    /// The date of that, `YYYY-MM-DD`.
    pub date: String,
    /// What became of it.
    pub heard: Heard,
    /// The release that can be read here.
    pub here: Option<u64>,
    /// Files that are withdrawn now and were not before.
    pub withdrawn: u64,
    /// Whether something waits for the owner of the device.
    pub held: bool,
}

/// A text that did not come whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Lines that it has.
    pub lines: u64,
    /// Those that are not there, such as `2, 5-7`.
    pub numbers: String,
}

/// All that a pasted text told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Of each archive.
    pub news: Vec<News>,
    /// Texts that did not come whole.
    pub missing: Vec<Missing>,
    /// Whether something of it was changed on the way.
    pub altered: bool,
}

/// A text to pass on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// How the archive calls itself.
    pub name: String,
    /// The number of the release that it tells of.
    pub sequence: u64,
    /// The date of that, `YYYY-MM-DD`.
    pub date: String,
    /// Urgent withdrawals in it.
    pub notices: u64,
    /// The text, in messages that every messenger takes.
    pub messages: Vec<String>,
    /// Lines of the newest alone, for codes.
    pub lines: Vec<String>,
}
