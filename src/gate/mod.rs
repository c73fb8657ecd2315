//! The privacy gate: what is looked at before a release is built (docs/gate.md).
//!
//! Rules are pure functions of bytes (`text`, `record`, `files`); [`inspect`] reads the files, each once
//! and again when it has changed (`keep`), and remembers the hash of what it judged; [`judge`] weighs what was found against what maintainers let pass.
//! Findings of other checkers (of pages, say) join by [`Inspected::add`]. Advice to people is in `cli`.

mod charset;
mod code;
mod files;
mod finding;
mod inspect;
mod judge_file;
mod keep;
mod mirrors;
mod names;
mod overrides;
mod pages;
mod picture;
mod record;
mod series;
mod succession;
mod table;
mod text;

pub use code::Code;
pub use files::{Kind, sniff};
pub use finding::{Decision, Finding, Level, Why};
pub use inspect::{GateError, Inspected, inspect};
pub use keep::rules;
pub use overrides::{Judged, Override, OverrideError, Stale, judge, read_overrides};
pub use picture::{Format, MAX_PICTURE_BYTES, Uncleanable, clean, looked_into};
pub use succession::{Base, Compared, succession};
