//! What became of a site.

use crate::safe::What;
use serde::Serialize;
use std::collections::BTreeMap;

/// Why a file was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// It is a script or something else that runs.
    Active,
    /// Its hidden data cannot be seen; `--keep` takes it as it is.
    Opaque,
    /// Nothing is known about this kind of file; `--keep` takes it as it is.
    Unknown,
    /// A picture that cannot be cleaned.
    Picture,
    /// A page, style or drawing that cannot be made safe.
    Unsafe,
    /// A link, device, pipe or socket.
    Special,
    /// A hidden file, or what an editor left.
    Hidden,
    /// A file that looks like a key or a password.
    Secret,
    /// A record of a crawl that is damaged, or not what its digest says.
    Damaged,
    /// An answer of a server that is no page: an error, a redirect to nowhere.
    NoPage,
    /// A bound was reached.
    Bound,
}

/// A file that was left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LeftOut {
    /// Its path or address in the source.
    pub source: String,
    /// Why.
    pub why: Why,
    /// In words.
    pub detail: String,
}

/// A change in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Changed {
    /// Its path in the clean folder.
    pub path: String,
    /// A word: `active`, `external`, `link`, `broken`, `unlisted`, `picture`, `charset`, `renamed`, `hollow`.
    pub what: &'static str,
    /// The element, address, name.
    pub detail: String,
}

/// What became of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Files written.
    pub files: usize,
    /// Bytes written.
    pub bytes: u64,
    /// Changes by path.
    pub changed: Vec<Changed>,
    /// Changes that are not in the list because one file had very many.
    pub more: usize,
    /// Files left out.
    pub left_out: Vec<LeftOut>,
}

impl Report {
    /// How many changes there are of each kind.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut out = BTreeMap::new();
        for change in &self.changed {
            *out.entry(change.what).or_default() += 1;
        }
        out
    }

    /// True when the source was in the safe subset: nothing had to change or stay behind. Broken links are told, and are no danger.
    pub fn is_safe(&self) -> bool {
        let harmless = [What::Broken.word(), What::Unlisted.word()];
        let hidden = |l: &LeftOut| matches!(l.why, Why::Hidden);
        self.changed.iter().all(|c| harmless.contains(&c.what)) && self.left_out.iter().all(hidden)
    }

    /// Puts lists into a fixed order.
    pub fn sort(&mut self) {
        self.changed.sort();
        self.left_out.sort();
    }
}
