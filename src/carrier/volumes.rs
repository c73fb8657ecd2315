//! The volumes of a split carrier that are sent without being written: each has a plan of its own. Byte by byte they are
//! what [`super::split()`] writes without parity (CAR-8).

use super::export::{ExportError, ExportOptions};
use super::plan::{Front, Plan};
use super::split::FAT32_FILE;
use super::stream;
use crate::store::BlockStore;
use std::sync::Arc;
use yadgar_protocol::BlockId;
use yadgar_protocol::carrier::Volume;
use yadgar_protocol::trust::Accepted;

/// The volumes of `head`, of at most `size` bytes each. Reads structure, of content only whether it is here. Some 100
/// bytes of memory for each block.
///
/// # Errors
/// See [`ExportError`]; a size that is too small, or would make too many, is one.
pub fn volumes(
    store: &dyn BlockStore,
    head: &Accepted,
    options: &ExportOptions<'_>,
    size: u64,
) -> Result<Vec<stream::Plan>, ExportError> {
    let size = size.min(FAT32_FILE);
    let front = Front::new(store, head, options, size)?;
    let plan = Plan::new(store, head, options, &front, size)?;
    let (set, count) = (plan.set(&front.head.0, 0), plan.volumes.len() as u64);
    let kept = |(id, bytes): &(BlockId, Vec<u8>)| (*id, Arc::new(bytes.clone()));
    // One copy for all volumes.
    let first = kept(&front.head);
    let rest: Vec<_> = front.first.iter().chain(&front.earlier).map(kept).collect();
    let volume = |(items, number): (&Vec<_>, u64)| {
        let mark = Volume::new(set, number, count, 0).encode();
        let mark = (BlockId::dag_cbor(&mark), Arc::new(mark));
        let front: Vec<_> = [first.clone(), mark].into_iter().chain(rest.iter().cloned()).collect();
        stream::Plan::of_blocks(&front[0].0, &front, items)
    };
    Ok(plan.volumes.iter().zip(1..).map(volume).collect())
}

#[cfg(test)]
mod tests {
    use super::super::lab::{Lab, noise};
    use super::super::split::{SplitOptions, split};
    use super::*;

    #[test]
    fn car_8_volumes_that_are_sent_are_those_that_are_written() {
        let mut lab = Lab::new(3);
        let texts: Vec<_> = (0..30).map(|n| (format!("t/{n}"), noise(3000, n))).collect();
        let core: Vec<_> = texts.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
        let media = [("film", noise(1_500_000, 99))];
        let head = lab.publish(&[("core", &core), ("media", &media)]).clone();
        let (dir, size) = (tempfile::tempdir().unwrap(), 600_000);
        let export = ExportOptions::default();
        let options = SplitOptions { export, size, base: "a", parity: None, force: false };
        let written = split(dir.path(), &lab.store, &head, options, &mut |_, _| ()).unwrap();
        let sent = volumes(&lab.store, &head, &export, size).unwrap();
        assert!(sent.len() > 2 && sent.len() == written.volumes.len());
        for (plan, file) in sent.iter().zip(&written.volumes) {
            let mut bytes = Vec::new();
            while (bytes.len() as u64) < plan.length() {
                let piece = plan.piece(&lab.store, bytes.len() as u64, 50_000).unwrap();
                assert!(!piece.is_empty());
                bytes.extend(piece);
            }
            assert!(bytes == std::fs::read(dir.path().join(&file.name)).unwrap(), "{}", file.name);
            assert!(plan.length() <= size);
        }
        let tags: std::collections::BTreeSet<_> = sent.iter().map(stream::Plan::tag).collect();
        assert_eq!(tags.len(), sent.len());
        assert!(volumes(&lab.store, &head, &export, 1000).is_err());
    }
}
