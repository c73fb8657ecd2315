//! The records of a folder that is to be published: reading them all, and writing new versions.

pub mod export;
mod folder;
pub mod import;
mod revise;
pub mod template;

pub use folder::{FileFault, read_all, read_one};
pub use revise::{Revised, revise};
