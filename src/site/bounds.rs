//! Every bound on what a source may be.

/// Files of a site at most.
pub const MAX_ITEMS: usize = 500_000;
/// Largest file that is taken in, in bytes: 2 GiB.
pub const MAX_ITEM_BYTES: u64 = 2 << 30;
/// All files of a site together, in bytes: 64 GiB.
pub const MAX_SITE_BYTES: u64 = 64 << 30;
/// Folders in folders.
pub const MAX_FOLDERS: usize = 64;
/// Largest file that is looked into whole, in bytes: 64 MiB.
pub const MAX_WHOLE_BYTES: u64 = 64 << 20;
