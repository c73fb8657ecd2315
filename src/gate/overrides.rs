//! What maintainers let pass, finding by finding, and what then still stops the build.

use super::code::Code;
use super::finding::{Finding, Level};
use super::inspect::Inspected;
use super::text;
use crate::publish::notes::{MAX_WHY_BYTES, Passed};
use serde::Deserialize;
use std::io::Read;
use std::path::Path;
use yadgar_protocol::path::is_plain_text;

/// Largest file of overrides, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// A finding that is let pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The kind of finding.
    pub code: Code,
    /// The path, and the field behind `#` (see [`Finding::target`]).
    pub target: String,
    /// How many such findings there are; with more or fewer it does not hold.
    pub count: usize,
    /// Why: everybody will be able to read it.
    pub why: String,
    /// Hash of the file for which it was decided; with another content it does not hold. Of an override that is kept in a
    /// file it is always there; one that was typed is for what is there now.
    pub hash: Option<String>,
}

/// Why an override cannot be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverrideError {
    /// The file of overrides could not be read.
    #[error("cannot read {0}: {1}")]
    Read(String, #[source] std::io::Error),
    /// It is not of the form of docs/gate.md.
    #[error("{0}: {1}")]
    Form(String, String),
    /// Not of the form `CODE:PATH`, with `#FIELD` or `=COUNT` behind it.
    #[error(
        "'{0}' is not of the form CODE:PATH#FIELD=COUNT, for example phone:records/ID.cbor#story.fa or external-link:links.html=12"
    )]
    Target(String),
    /// No such kind of finding.
    #[error("'{0}' is no word for a finding")]
    Code(String),
    /// No reason, a long one, or one that must not be published itself.
    #[error("the reason for {0} {1}")]
    Why(String, String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    overrides: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    code: String,
    path: String,
    field: Option<String>,
    why: String,
    hash: String,
    #[serde(default = "one")]
    count: usize,
}

const fn one() -> usize {
    1
}

impl Override {
    /// From the command line: `CODE:PATH` or `CODE:PATH#FIELD`, with `=COUNT` behind it for more than one, and the reason.
    ///
    /// # Errors
    /// See [`OverrideError`].
    pub fn parse(target: &str, why: &str) -> Result<Self, OverrideError> {
        let form = || OverrideError::Target(target.to_owned());
        let (code, target) = target.split_once(':').ok_or_else(form)?;
        // A name may end so too: then the count is written out, also when it is one.
        let digits = |c: &str| !c.is_empty() && c.bytes().all(|b| b.is_ascii_digit());
        let (target, count) = match target.rsplit_once('=').filter(|(_, count)| digits(count)) {
            Some((target, count)) => (target, count.parse().map_err(|_| form())?),
            None => (target, one()),
        };
        if target.is_empty() {
            return Err(form());
        }
        Self::new(code, target.to_owned(), why, None, count)
    }

    fn new(
        code: &str,
        target: String,
        why: &str,
        hash: Option<String>,
        count: usize,
    ) -> Result<Self, OverrideError> {
        if count == 0 {
            return Err(OverrideError::Target(format!("{code}:{target}=0")));
        }
        let known = Code::from_word(code).ok_or_else(|| OverrideError::Code(code.to_owned()))?;
        let why = why.trim();
        let bad = |what: &str| Err(OverrideError::Why(target.clone(), what.to_owned()));
        if why.is_empty() {
            return bad("is missing");
        }
        if why.len() > MAX_WHY_BYTES || !is_plain_text(why) {
            return bad("is longer than 500 bytes, or more than one line of plain text");
        }
        // The reason is published: it must not tell what the gate is there to keep back.
        if let Some(hit) = text::lint(why).into_iter().find(|hit| hit.sure) {
            return bad(&format!("has something itself that must not be published ({})", hit.code));
        }
        Ok(Self { code: known, why: why.to_owned(), target, count, hash })
    }
}

/// Reads a file of overrides: `{"overrides":[{"code","path","field","why","hash","count"}]}`.
///
/// # Errors
/// See [`OverrideError`].
pub fn read_overrides(path: &Path) -> Result<Vec<Override>, OverrideError> {
    let name = || path.display().to_string();
    let failed = |e| OverrideError::Read(name(), e);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(OverrideError::Form(name(), "larger than 1 MiB".to_owned()));
    }
    let file: File =
        serde_json::from_slice(&bytes).map_err(|e| OverrideError::Form(name(), e.to_string()))?;
    let one = |line: Line| {
        let target = match line.field {
            Some(field) => format!("{}#{field}", line.path),
            None => line.path,
        };
        Override::new(&line.code, target, &line.why, Some(line.hash), line.count)
    };
    file.overrides.into_iter().map(one).collect()
}

/// An override that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// What was let pass.
    pub over: Override,
    /// How many such findings there are.
    pub found: usize,
}

/// What came of the findings.
#[derive(Debug, Default)]
pub struct Judged {
    /// Findings that stop the build.
    pub stops: Vec<Finding>,
    /// Findings that were let pass.
    pub allowed: Vec<Finding>,
    /// Findings that are only told.
    pub notes: Vec<Finding>,
    /// Overrides of findings that are not there, not so many, or not of this content any more.
    pub stale: Vec<Stale>,
    /// Overrides of findings that nothing lets pass.
    pub refused: Vec<Override>,
    /// What goes into the release note, in order.
    pub passed: Vec<Passed>,
}

impl Judged {
    /// True when a release may be built.
    pub fn may_pass(&self) -> bool {
        self.stops.is_empty() && self.stale.is_empty() && self.refused.is_empty()
    }
}

/// Weighs findings against overrides. An override is for as many findings as it says: with one more, which nobody looked
/// at, none of them passes. One that lets nothing pass is an error: what it was made for has changed, and somebody should know.
pub fn judge(inspected: &Inspected, overrides: &[Override]) -> Judged {
    let mut out = Judged::default();
    let mut by_target = std::collections::BTreeMap::<(Code, &str), Vec<usize>>::new();
    for (n, over) in overrides.iter().enumerate() {
        by_target.entry((over.code, over.target.as_str())).or_default().push(n);
    }
    let mut counts = std::collections::BTreeMap::<(Code, String), usize>::new();
    for stop in inspected.findings.iter().filter(|f| f.level == Level::Stop) {
        *counts.entry((stop.code, stop.target())).or_default() += stop.times;
    }
    let count = |code, target: &str| counts.get(&(code, target.to_owned())).copied().unwrap_or(0);
    let mut used = vec![false; overrides.len()];
    let mut refused = vec![false; overrides.len()];
    for finding in &inspected.findings {
        let target = finding.target();
        let of = by_target.get(&(finding.code, target.as_str())).cloned().unwrap_or_default();
        let hash = || inspected.hash(&finding.path).map(|hash| hash.to_hex());
        let found = count(finding.code, &target);
        let fits = |n: &&usize| {
            let over = &overrides[**n];
            over.count == found && (over.hash.is_none() || over.hash == hash())
        };
        let over = of.iter().find(fits).copied();
        match (finding.level, over) {
            (Level::Note, _) => {
                // Worth a look, and somebody had one: that is no mistake.
                of.iter().for_each(|n| used[*n] = true);
                out.notes.push(finding.clone());
            }
            (Level::Final, _) => {
                of.iter().for_each(|n| refused[*n] = true);
                out.stops.push(finding.clone());
            }
            (Level::Stop, None) => out.stops.push(finding.clone()),
            (Level::Stop, Some(n)) => {
                used[n] = true;
                out.allowed.push(finding.clone());
                out.passed.push(passed(finding, &overrides[n]));
            }
        }
    }
    for (n, over) in overrides.iter().enumerate() {
        if refused[n] {
            out.refused.push(over.clone());
        } else if !used[n] {
            out.stale.push(Stale { over: over.clone(), found: count(over.code, &over.target) });
        }
    }
    out.passed.sort();
    out.passed.dedup();
    out
}

fn passed(finding: &Finding, over: &Override) -> Passed {
    Passed {
        path: finding.path.clone(),
        field: finding.field.clone(),
        code: finding.code.word().to_owned(),
        count: over.count as u64,
        why: over.why.clone(),
    }
}

#[cfg(test)]
#[path = "overrides_tests.rs"]
mod tests;
