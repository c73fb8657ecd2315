//! The memorial pages: what is shown of the records.

pub mod essays;
pub mod figures;
