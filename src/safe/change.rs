//! What had to change for a document to be in the safe subset.

/// Most changes of one document that are kept one by one; the rest is counted.
pub const MAX_CHANGES: usize = 200;
/// Longest text about a change, in characters.
const MAX_DETAIL: usize = 300;

/// What kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// It could run, send or embed something.
    Active,
    /// It would have been fetched from elsewhere.
    External,
    /// A link that leads out of the site; its text and address stay as text.
    Link,
    /// A link or picture whose target is not in the site.
    Broken,
    /// An element that is not in the list; what it contains may stay.
    Unlisted,
}

impl What {
    /// Its stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::External => "external",
            Self::Link => "link",
            Self::Broken => "broken",
            Self::Unlisted => "unlisted",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What kind.
    pub what: What,
    /// The element, attribute or address.
    pub detail: String,
    /// How often it stands there.
    pub times: usize,
}

/// The changes of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The first [`MAX_CHANGES`], as they stand in the document, each once.
    pub list: Vec<Change>,
    /// How many more there were.
    pub more: usize,
}

impl Changes {
    /// Notes a change down.
    pub fn add(&mut self, what: What, detail: impl AsRef<str>) {
        let detail = short(detail.as_ref());
        if let Some(same) = self.list.iter_mut().find(|c| c.what == what && c.detail == detail) {
            same.times += 1;
            return;
        }
        match self.list.len() < MAX_CHANGES {
            true => self.list.push(Change { what, detail, times: 1 }),
            false => self.more += 1,
        }
    }

    /// True when nothing had to change.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The changes of one kind.
    pub fn of(&self, what: What) -> impl Iterator<Item = &Change> {
        self.list.iter().filter(move |c| c.what == what)
    }
}

/// A text as it can be printed in one line.
fn short(text: &str) -> String {
    let plain = |c: char| match c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) {
        true => ' ',
        false => c,
    };
    let mut out: String = text.chars().take(MAX_DETAIL).map(plain).collect();
    if text.chars().nth(MAX_DETAIL).is_some() {
        out.push('…');
    }
    out
}
