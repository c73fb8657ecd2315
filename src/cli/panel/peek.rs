//! Which archives carriers bring, before anything of them is taken.

use crate::carrier::{Input, archive_of};
use crate::panel::job::Stranger;
use crate::panel::limits::{MAX_ASKED, PEEK_BYTES};
use std::collections::BTreeSet;
use yadgar_protocol::carrier::{CarReader, Event};
use yadgar_protocol::trust::check_head;
use yadgar_protocol::{ArchiveId, Codec};

/// Bytes read at a time.
const PIECE: usize = 1 << 18;

/// The archives that are not among `known` and of which a carrier has a head that is signed as it should be. Looks at
/// the beginning, where the head of a whole carrier is; at all of it where there is none.
pub fn strangers(inputs: &[Input<'_>], known: &[ArchiveId]) -> std::io::Result<Vec<Stranger>> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for input in inputs {
        let mut input = input.borrow_mut();
        let (mut reader, mut piece, mut at, mut any) = (CarReader::new(), vec![0; PIECE], 0, false);
        loop {
            let count = input.read_at(at, &mut piece)?;
            reader.feed(&piece[..count]);
            while let Some(event) = reader.next(count == 0) {
                let Event::Block { id, data, .. } = event else { continue };
                let Some(archive) = head_of(id.codec, &data) else { continue };
                any = true;
                if known.contains(&archive) || found.len() == MAX_ASKED || !seen.insert(archive) {
                    continue;
                }
                match check_head(&archive, &data) {
                    Ok(head) => found.push(Stranger {
                        archive,
                        name: head.name().to_owned(),
                        sequence: head.release.sequence,
                        date: head.release.date.clone(),
                    }),
                    Err(_) => any = false,
                }
            }
            at += count as u64;
            if count == 0 || (any && at >= PEEK_BYTES) {
                break;
            }
        }
    }
    Ok(found)
}

fn head_of(codec: Codec, data: &[u8]) -> Option<ArchiveId> {
    (codec == Codec::DagCbor).then(|| archive_of(data)).flatten()
}
