//! Import of records from a maintainer's table (docs/records.md).

pub mod columns;
pub mod lists;
mod near;
