//! Why something from outside was refused.
//!
//! One small type for the whole crate: a clause of the spec and a short reason. Strangers are told
//! nothing of it; tests, logs and maintainers' tools compare the clause.

use std::fmt;

/// A refusal: which clause of the spec was broken, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Clause of the spec, for example `ENC-4`. Stable: tests and scripts compare it.
    pub clause: &'static str,
    /// What was wrong, in a few words, without content from the input.
    pub why: &'static str,
}

impl Reject {
    /// A refusal under `clause`.
    pub const fn new(clause: &'static str, why: &'static str) -> Self {
        Self { clause, why }
    }

    /// True when the input is of a newer format than this program knows (ENC-9).
    pub fn needs_newer_version(&self) -> bool {
        self.clause == "ENC-9"
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.why, self.clause)
    }
}

impl std::error::Error for Reject {}
