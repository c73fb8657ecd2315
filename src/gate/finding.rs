//! What the gate finds, and what it decided.

use super::code::Code;
use yadgar_protocol::record::class::Class;

/// How heavy a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It stops the build, and nothing lets it pass.
    Final,
    /// It stops the build unless a maintainer lets it pass by name, with a reason.
    Stop,
    /// It is told and stops nothing.
    Note,
}

impl Level {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Stop => "stop",
            Self::Note => "note",
        }
    }
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How heavy it is.
    pub level: Level,
    /// The file, below the folder.
    pub path: String,
    /// The field of a record, where it is one.
    pub field: Option<String>,
    /// What kind.
    pub code: Code,
    /// What it is, in a few words; of telephone numbers and the like only the ends.
    pub what: String,
    /// How often it stands there.
    pub times: usize,
}

impl Finding {
    /// A finding about a whole file.
    pub fn of_file(level: Level, code: Code, path: &str, what: impl Into<String>) -> Self {
        Self { level, path: path.to_owned(), field: None, code, what: what.into(), times: 1 }
    }

    /// A finding about a field.
    pub fn of_field(
        level: Level,
        code: Code,
        path: &str,
        field: &str,
        what: impl Into<String>,
    ) -> Self {
        Self { field: Some(field.to_owned()), ..Self::of_file(level, code, path, what) }
    }

    /// What an override names: the path, and the field behind `#`.
    pub fn target(&self) -> String {
        match &self.field {
            Some(field) => format!("{}#{field}", self.path),
            None => self.path.clone(),
        }
    }
}

/// By path, field, code; the same thing once, with how often it is there.
pub fn merge(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        (&a.path, &a.field, a.code, a.level, &a.what)
            .cmp(&(&b.path, &b.field, b.code, b.level, &b.what))
    });
    findings.dedup_by(|next, first| {
        let same = (&next.path, &next.field, next.code, next.level, &next.what)
            == (&first.path, &first.field, first.code, first.level, &first.what);
        first.times += if same { next.times } else { 0 };
        same
    });
}

/// Why a field or file is published or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is public (P0).
    Public,
    /// The consent allows it (P1); the word of its basis.
    Consent(&'static str),
    /// The record says that it is withheld.
    Withheld,
    /// It is not in the record.
    Absent,
    /// The record was withdrawn, merged or retracted: nothing but that is left.
    Gone,
    /// The format has no field for it (P2, P3).
    Never,
    /// It was looked into and has no data about its making.
    Clean,
    /// It is text.
    Text,
    /// Something stands against it; see the findings.
    Found,
    /// Nothing is known about this kind of file.
    Unknown,
    /// The gate writes it itself.
    Written,
}

/// A decision, for `--explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The file.
    pub path: String,
    /// The field of a record.
    pub field: Option<String>,
    /// Its class.
    pub class: Class,
    /// True when it goes into the release.
    pub published: bool,
    /// Why.
    pub why: Why,
}
