//! Reading everything that a vault keeps, to find what the disk has lost.

use super::open::{Met, Walker};
use super::record::{Kind, Span, open_data};
use super::{Vault, read_span};
use crate::store::disk::{Indexed, ScanEvent, ScanReport};
use crate::store::pack::inflate;
use crate::store::{BlockStore, StoreError};
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::Packed;

/// See [`Vault::scan`].
pub fn scan(vault: &Vault, visit: &mut dyn FnMut(ScanEvent)) -> Result<ScanReport, StoreError> {
    vault.flush()?;
    let containers: Vec<_> = {
        let state = vault.read();
        state.containers.iter().map(|(n, c)| (*n, c.file.clone(), c.end)).collect()
    };
    let mut report = ScanReport::default();
    for (number, file, end) in containers {
        let io = |error| StoreError::io(format!("verify {}", vault.path(number).display()), error);
        let bytes = u64::from(end) * super::record::UNIT as u64;
        visit(ScanEvent::Segment { number, bytes });
        report.segments += 1;
        report.bytes += bytes;
        let mut walker = Walker::new(&vault.keys, &file, number, end);
        while let Some(met) = walker.step().map_err(io)? {
            match met {
                Met::Record(Kind::Mark, _) => {}
                Met::Record(Kind::Erased, _) => report.erased += 1,
                Met::Bad(span) => damaged(&mut report, visit, span, None, false),
                Met::Record(Kind::Block(block), span) => {
                    let id = BlockId { codec: block.codec, hash: block.hash };
                    let data = open_data(&vault.keys, &block, read_span(&file, &span).map_err(io)?);
                    let packed = data.map(|data| Packed { id, encoding: block.encoding, data });
                    let good = packed.is_some_and(|packed| packed.unpack(&inflate).is_ok());
                    let here = vault.read().blocks.get(&block.hash).copied();
                    let here = here.map(|place| place.span(block.hash) == span);
                    if !good {
                        damaged(&mut report, visit, span, Some(id), here == Some(false));
                        continue;
                    }
                    report.good += 1;
                    report.spare += u64::from(here != Some(true));
                    let index = match here {
                        Some(true) => Indexed::Here,
                        Some(false) => Indexed::Elsewhere,
                        None => Indexed::Nowhere,
                    };
                    let (offset, len) = (span.offset(), span.bytes());
                    visit(ScanEvent::Good { id, segment: number, offset, len, index });
                }
            }
        }
    }
    Ok(report)
}

fn damaged(
    report: &mut ScanReport,
    visit: &mut dyn FnMut(ScanEvent),
    span: Span,
    id: Option<BlockId>,
    spare: bool,
) {
    report.damaged += 1;
    report.damaged_bytes += span.bytes();
    let (segment, offset, len) = (span.container, span.offset(), span.bytes());
    visit(ScanEvent::Damaged { segment, offset, len, id, spare, at_end: false });
}
