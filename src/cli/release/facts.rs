//! What is known of a draft when it is shown: itself, what it changes, and what is odd about it.

use super::warn::{Warning, warnings};
use crate::access::Access;
use crate::cli::CliError;
use crate::publish::draft::{Body, Checked, Over, Review, review};
use std::path::Path;
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::release::Release;

/// All that is shown of a draft.
pub struct Facts {
    /// The draft.
    pub checked: Checked,
    /// The release that a release draft follows.
    pub before: Option<Release>,
    /// What a release changes; the text says why it cannot be told. `None` for other acts.
    pub review: Option<Result<Review, String>>,
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
        let mut facts = Self { checked, before, review, warnings: Vec::new() };
        facts.warnings = warnings(&facts);
        facts
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
