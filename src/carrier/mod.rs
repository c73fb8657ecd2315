//! Carriers as files: an archive on a stick, whole, in pieces, or only what is new
//! (spec: carrier.md).
//!
//! [`mod@export`] writes one from a store, [`mod@import`] takes what belongs to an accepted release out of
//! one, [`verify`] says what is damaged or missing in one. Import and verify first index the file
//! (`index`) and then walk releases through the index (`walk`), so sections may stand in any
//! order, and nothing is taken into a store before it is known to belong there (CAR-7).

mod damage;
pub mod export;
mod file;
pub mod held;
pub mod import;
mod index;
mod input;
pub mod mend;
mod mounts;
mod parity;
mod plan;
mod rebuild;
mod rounds;
mod sets;
mod slot;
mod split;
mod staged;
pub mod stream;
mod taking;
pub mod verify;
mod volumes;
mod watch;

pub use crate::survey::{Fault, PartFound};
pub use damage::{Damage, Damages};
pub use export::{
    ExportError, ExportOptions, ExportProgress, ExportSummary, blocks_of, export, export_with,
};
pub use file::{FileOptions, export_file, write_small};
pub use held::{Held, have, held_by, held_since};
pub use import::{
    Decision, FileFound, HeadFound, ImportError, ImportOptions, ImportProgress, ImportSummary,
    ReleaseFound, import, import_all,
};
pub use input::{FileInput, Input, ReadAt, open_plain};
pub use mend::{MendReport, mend};
pub use mounts::{Mount, mounts_below};
pub use parity::Parity;
pub use sets::{SetFound, ranges};
pub use split::{
    FAT32_FILE, SplitOptions, SplitSummary, VolumeWritten, is_base, split, volume_name,
};
pub use stream::{PieceError, Plan};
pub use verify::{CarrierReport, verify_carrier, verify_carrier_with};
pub use volumes::volumes;
pub use watch::{Look, Stamp, Watch};

use std::io::{Read, Seek};
use yadgar_protocol::head::Head;
use yadgar_protocol::{ArchiveId, BlockId};

/// A carrier that can be read in any order, as a file can.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek + ?Sized> ReadSeek for T {}

/// The archive that a head says it is of. Not checked: the acceptance rules do that. `None` when
/// the bytes are no head.
pub fn archive_of(head: &[u8]) -> Option<ArchiveId> {
    let head = Head::decode(head).ok()?;
    head.roots.first().map(|root| ArchiveId(root.payload_hash()))
}

/// The release payload before `release`, as a block.
fn before(release: &yadgar_protocol::release::Release) -> Option<BlockId> {
    release.prev.map(|hash| BlockId { codec: yadgar_protocol::Codec::DagCbor, hash })
}

#[cfg(test)]
pub(crate) mod lab;
