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
/// Records of a crawl at most.
pub const MAX_RECORDS: usize = 1_000_000;
/// Largest record of a crawl, in bytes: 256 MiB. It is held in memory.
pub const MAX_RECORD_BYTES: u64 = 256 << 20;
/// All records of a crawl together, in bytes: 64 GiB.
pub const MAX_CRAWL_BYTES: u64 = 64 << 30;
/// Head of a record or of an answer, in bytes.
pub const MAX_HEAD_BYTES: usize = 65_536;
/// A body may be this many times as large as what was sent.
pub const MAX_RATIO: u64 = 1_100;
/// Largest body without its packing, in bytes: 256 MiB.
pub const MAX_UNPACKED_BYTES: u64 = 256 << 20;
/// Files in a WACZ at most.
pub const MAX_ZIP_FILES: usize = 10_000;
/// Names of a WACZ's list of digests, in bytes: 16 MiB.
pub const MAX_PACKAGE_BYTES: u64 = 16 << 20;
