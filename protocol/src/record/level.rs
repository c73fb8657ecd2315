//! The level of verification: computed, never only stated (spec: record.md, REC-11).

use super::evidence::{Level, Method, SourceKind};
use super::types::Source;
use super::victim::Victim;
use super::words::Status;
use crate::limits::MIN_REVIEWERS;
use std::collections::BTreeSet;

/// How many independent groups the sources of a record form.
pub fn groups(sources: &[Source]) -> u64 {
    sources.iter().map(|s| s.group).collect::<BTreeSet<_>>().len() as u64
}

/// What the rules give for a record, whatever it states.
pub fn level(victim: &Victim) -> Level {
    let Some(verification) = &victim.verification else { return Level::UnderReview };
    if victim.status == Status::Disputed {
        return Level::Disputed;
    }
    let groups = groups(&victim.sources);
    if verification.reviewers < MIN_REVIEWERS || groups == 0 {
        return Level::UnderReview;
    }
    let direct_source =
        |s: &Source| matches!(s.kind, SourceKind::OfficialDocument | SourceKind::TestimonyPublic);
    let direct_method = |m: &Method| matches!(m, Method::Document | Method::Testimony);
    let direct =
        victim.sources.iter().any(direct_source) || verification.methods.iter().any(direct_method);
    match (groups, direct) {
        (2.., true) => Level::Verified,
        (2.., false) => Level::Corroborated,
        _ => Level::SingleSource,
    }
}
