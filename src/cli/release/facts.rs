//! What is known of a draft when it is shown: itself, what it changes, and what is odd about it.

use super::warn::{Warning, warnings};
use crate::access::Access;
use crate::cli::CliError;
use crate::publish::draft::{Back, Body, Checked, Names, Over, Review, back, names, review};
use crate::publish::notes::{self, Note};
use std::path::Path;
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::release::Release;
use yadgar_protocol::withdraw::Withdrawal;

/// All that is shown of a draft.
pub struct Facts {
    /// The draft.
    pub checked: Checked,
    /// The release that a release draft follows.
    pub before: Option<Release>,
    /// What a release changes; the text says why it cannot be told. `None` for other acts.
    pub review: Option<Result<Review, String>>,
    /// What a release takes back of the records of the one before; nothing where the review cannot be made.
    pub back: Back,
    /// What a release says that was let pass the privacy gate; `None` when that cannot be told, and for other acts.
    pub gate: Option<Note>,
    /// The paths behind what it withdraws newly.
    pub names: Names,
    /// What the signer should think about.
    pub warnings: Vec<Warning>,
}

impl Facts {
    /// Gathers them; blocks that the draft has not are looked up in `store`.
    pub fn new(checked: Checked, store: Option<&dyn ReadBlocks>) -> Self {
        let over = Over(&checked.blocks, store);
        let before = checked.before(&over);
        let review = match &checked.body {
            Body::Release(release) if release.prev.is_some() && before.is_none() => {
                Some(Err("the release before is not here".to_owned()))
            }
            Body::Release(release) => {
                Some(review(&over, before.as_ref(), release).map_err(|e| e.to_string()))
            }
            _ => None,
        };
        let back = match (&checked.body, &review) {
            (Body::Release(release), Some(Ok(review))) => back(&over, review, release),
            _ => Back::default(),
        };
        let gate = match &checked.body {
            Body::Release(release) => notes::of_release(&over, release).ok(),
            _ => None,
        };
        let nothing = (Names::default(), Vec::new());
        let mut facts =
            Self { checked, before, review, back, gate, names: nothing.0, warnings: nothing.1 };
        if let Some(newest) = facts.newest() {
            let over = Over(&facts.checked.blocks, store);
            let items = facts.withdrawn().map(|w| w.item);
            facts.names = names(&over, &facts.checked.archive, newest, items);
        }
        facts.warnings = warnings(&facts);
        facts
    }

    /// The release that withdrawn content is looked for in.
    pub fn newest(&self) -> Option<&Release> {
        self.checked.prev.as_ref().map(|p| &p.release).or(self.before.as_ref())
    }

    /// What is withdrawn newly by this act.
    pub fn withdrawn(&self) -> impl Iterator<Item = &Withdrawal> {
        let list = match &self.checked.body {
            Body::Release(release) => &release.withdrawn[..],
            Body::Notice(notice) => &notice.withdrawn[..],
            Body::TrustRoot(_) => &[],
        };
        let known = self.newest().map_or(&[][..], |r| &r.withdrawn[..]);
        list.iter().filter(|w| !known.contains(w))
    }

    /// Newly withdrawn items of which nothing here tells what they stand for.
    pub fn unnamed(&self) -> usize {
        self.withdrawn().filter(|w| !self.names.paths.contains_key(&w.item)).count()
    }

    /// What the release changes, where it can be told.
    pub fn changes(&self) -> Option<&Review> {
        self.review.as_ref()?.as_ref().ok()
    }
}

/// The home, when there is one: a draft can be looked at where there is none, and none is made.
pub fn home_if_any(home: &Path, purpose: &str) -> Result<Option<Access>, CliError> {
    if !home.join("archives").is_dir() {
        return Ok(None);
    }
    Ok(Some(Access::open(home, purpose)?))
}
