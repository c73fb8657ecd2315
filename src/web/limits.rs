//! Every bound of the web client, in one place.

use std::time::Duration;

/// Bytes read at once of a file on this machine.
pub(super) const DISK_PIECE: usize = 64 * 1024;
/// Redirects followed for one file.
pub(super) const MAX_REDIRECTS: usize = 3;
/// Bytes of the head of an answer.
pub(super) const MAX_HEADER_BYTES: usize = 32 * 1024;
/// Header lines of an answer.
pub(super) const MAX_HEADERS: usize = 64;
/// Connections that are kept open while nothing is asked on them.
pub(super) const MAX_IDLE: usize = 8;
/// Bytes of a URL that a person gives.
pub(super) const MAX_URL_BYTES: usize = 2048;
/// Bytes that must come within the stall time: a host that trickles is as good as silent.
pub(super) const TRICKLE_BYTES: usize = 4096;
/// Questions under way at a host at the same time.
pub(super) const PARALLEL: usize = 4;
/// The same where a host does not send parts of files.
pub(super) const PARALLEL_WHOLE: usize = 1;
/// Bytes asked for in one question, unless a single member is longer.
pub(super) const RUN_BYTES: u64 = 1024 * 1024;
/// Bytes of members kept of which something may be wanted soon: one whole pack and a little more.
pub(super) const SPARE_BYTES: usize = 18 * 1024 * 1024;
/// Bytes of blocks that are told together.
pub(super) const AT_ONCE: usize = 256 * 1024;
/// Indexes of packs that are read at the same time.
pub(super) const INDEXES: usize = 4;
/// Bytes of all indexes that are read of one mirror under one head.
pub(super) const MAX_INDEX_BYTES: u64 = 192 * 1024 * 1024;
/// Bytes that the indexes of all hosts take in memory: some two million blocks of one host, for it leaves as much free as
/// it takes.
pub(super) const MAX_KNOWN_BYTES: usize = 512 * 1024 * 1024;
/// All of them have at most this part of the memory of the machine.
pub(super) const MEMORY_SHARE: u64 = 8;
/// What the place of a block takes in the table of a mirror, at most: the table is half empty when it has just grown.
pub(super) const PLACE_BYTES: usize = 104;
/// Kinds of packs that are told apart; what there is beyond them is one kind. Structure, and content of each part.
pub(super) const MAX_KINDS: usize = yadgar_protocol::limits::MAX_PARTS + 1;
/// Waves of questions in a row that brought nothing before a host is given up. What is asked between two pauses is one
/// wave, and fails as one.
pub(super) const TRIES: u32 = 6;
/// Tries to read the head or the catalog.
pub(super) const HEAD_TRIES: u32 = 3;
/// Files that were damaged or missing before a host is given up.
pub(super) const MAX_FAULTS: usize = 16;
/// The head is not read again sooner than this.
pub(super) const HEAD_AGAIN: Duration = Duration::from_secs(30);
/// Damaged members after which a whole pack is given up.
pub(super) const MAX_BAD_MEMBERS: usize = 4;
/// After this, files of a host that were damaged or missing in an earlier round are told no more.
pub(super) const FORGIVE: Duration = Duration::from_secs(6 * 3600);
/// Failures after which a block is asked elsewhere: some gateways search long for what nobody has, and then fail.
pub(super) const BLOCK_TRIES: u32 = 2;
/// Blocks asked of a gateway at the same time.
pub(super) const GATEWAY_PARALLEL: usize = 8;
