//! Every bound of import, in one place.

/// A file that is imported, in bytes. It is held in memory.
pub const MAX_FILE_BYTES: u64 = 512 << 20;
/// Files of a folder that is imported.
pub const MAX_FILES: usize = 200_000;
/// Rows of one import.
pub const MAX_ROWS: usize = 1_000_000;
/// Columns of a table.
pub const MAX_COLUMNS: usize = 2_000;
/// One cell, in bytes of UTF-8. Longer than the longest text of a record.
pub const MAX_CELL_BYTES: usize = 32_768;
/// A key of a row, in bytes.
pub const MAX_KEY_BYTES: usize = 200;
/// Problems that are kept one by one; of more only the number.
pub const MAX_PROBLEMS: usize = 100_000;
/// Suspected pairs that are kept.
pub const MAX_SUSPECTS: usize = 10_000;
/// Records with one key of a name that are compared with each other. More than that share a key that tells nothing.
pub const MAX_BLOCK: usize = 64;
/// The file of keys, in bytes.
pub const MAX_KEYS_BYTES: u64 = 256 << 20;
/// The line that heads a file in the journal, in bytes.
pub const MAX_JOURNAL_LINE: usize = 4_096;
/// Characters of a wrong value that a report shows.
pub const SHOWN_CHARS: usize = 60;
