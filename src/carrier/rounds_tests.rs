//! Carriers that fail, are too many, or are there to crowd out others.
use super::super::lab::{Lab, big_lab, is_whole, lab, noise};
use super::super::{
    Decision, ExportOptions, Parity, ReadAt, SplitOptions, export_with, import_all, split,
};
use super::*;
use crate::store::{MemoryStore, StoreError};
use std::cell::Cell;
use std::io::{self, Cursor};
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::carrier::{ParitySet, header, section};
use yadgar_protocol::{ArchiveId, BlockId};

fn held(files: &[Vec<u8>]) -> Vec<Input<'static>> {
    let input = |bytes: &Vec<u8>| Rc::new(RefCell::new(Cursor::new(bytes.clone()))) as Input<'_>;
    files.iter().map(input).collect()
}

fn run(lab: &Lab, store: &MemoryStore, rounds: Rounds<'_, '_>) -> ImportSummary {
    let bytes = lab.head().bytes.clone();
    let mut judge = |head: &[u8], _: &dyn ReadBlocks| match head == bytes {
        true => Decision::Keep(Box::new(lab.head().clone())),
        false => Decision::Drop("another".into()),
    };
    rounds.run(store, ImportOptions::default(), &mut judge, &mut |_| ()).unwrap()
}

/// A medium of which less can be read after a while.
struct Worn {
    bytes: Vec<u8>,
    /// From here on reading fails.
    good: Rc<Cell<usize>>,
    read: Rc<Cell<usize>>,
}

impl ReadAt for Worn {
    fn length(&mut self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let (at, good) = (at as usize, self.good.get().min(self.bytes.len()));
        if at >= good && good < self.bytes.len() {
            return Err(io::Error::other("input/output error"));
        }
        let length = buffer.len().min(good.saturating_sub(at));
        buffer[..length].copy_from_slice(&self.bytes[at..at + length]);
        self.read.set(self.read.get() + length);
        Ok(length)
    }
}

#[test]
fn what_was_taken_before_the_stick_was_pulled_is_not_taken_again() {
    let (lab, store) = (big_lab(), MemoryStore::new());
    let carrier = lab.carrier();
    let (good, read) = (Rc::new(Cell::new(carrier.len() / 2)), Rc::new(Cell::new(0)));
    let worn = Worn { bytes: carrier.clone(), good: good.clone(), read: read.clone() };
    let inputs: Vec<Input<'_>> = vec![Rc::new(RefCell::new(worn))];
    let first = run(&lab, &store, Rounds::of(&inputs, &[]));
    assert!(first.files[0].may_do_better() && first.new_blocks > 10);
    assert!(!is_whole(&store, lab.head()));
    // Plugged in again.
    good.set(usize::MAX);
    read.set(0);
    let second = run(&lab, &store, Rounds::of(&inputs, &[lab.head().clone()]));
    assert!(!second.files[0].may_do_better() && is_whole(&store, lab.head()));
    let all =
        run(&lab, &MemoryStore::new(), Rounds::of(&held(std::slice::from_ref(&carrier)), &[]));
    assert_eq!(first.new_blocks + second.new_blocks, all.new_blocks);
    // Looked through once; of what is here already nothing is read a second time, but for structure.
    let most = carrier.len() as u64 + second.new_bytes + carrier.len() as u64 / 8;
    assert!((read.get() as u64) < most, "{} bytes read", read.get());
}

#[test]
fn a_medium_that_fails_while_blocks_are_taken_costs_only_its_own() {
    let (lab, store) = (lab(), MemoryStore::new());
    let carrier = lab.carrier();
    let good = Rc::new(Cell::new(usize::MAX));
    let worn = Worn { bytes: carrier.clone(), good: good.clone(), read: Rc::default() };
    let inputs: Vec<Input<'_>> = vec![Rc::new(RefCell::new(worn))];
    let mut judge = |_: &[u8], _: &dyn ReadBlocks| {
        // It was read to its end, and then it was pulled out.
        good.set(5_000);
        Decision::Keep(Box::new(lab.head().clone()))
    };
    let done =
        import_all(&store, &inputs, ImportOptions::default(), &mut judge, &mut |_| ()).unwrap();
    assert!(done.files[0].unreadable.is_some() && !done.releases[0].is_whole());
    // The same blocks are on another one.
    let mut both = inputs.clone();
    both.extend(held(&[carrier]));
    good.set(usize::MAX);
    let store = MemoryStore::new();
    let done =
        import_all(&store, &both, ImportOptions::default(), &mut judge, &mut |_| ()).unwrap();
    assert!(done.releases[0].is_whole() && is_whole(&store, lab.head()));
    assert!(done.files[0].may_do_better() && !done.files[1].may_do_better());
}

#[test]
fn more_than_fit_are_worked_through_in_rounds() {
    let lab = lab();
    let root = BlockId::dag_cbor(&lab.head().bytes);
    let junk = |n: u64| {
        let mut out = header(&root);
        (0..2_000).for_each(|k| {
            let data = noise(20, n * 10_000 + k);
            section(&BlockId::raw(&data), &data, &mut out);
        });
        out
    };
    let carrier = lab.carrier();
    // Each of the strange ones alone has more blocks than a round.
    let files = [junk(1), carrier.clone(), junk(2), b"no carrier".to_vec()];
    let store = MemoryStore::new();
    let done = run(&lab, &store, Rounds::of(&held(&files), &[]).at_most(100, 1_500));
    assert!(is_whole(&store, lab.head()) && done.releases[0].is_whole());
    let told: Vec<_> = done.files.iter().map(|file| file.unreadable.is_some()).collect();
    assert_eq!(told, [true, false, true, false]);
    // More files than a round has places: the last one is the carrier.
    let mut files = vec![b"nothing".to_vec(); MAX_SOURCES + 10];
    files.push(carrier);
    let store = MemoryStore::new();
    let done = run(&lab, &store, Rounds::of(&held(&files), &[]));
    assert!(is_whole(&store, lab.head()) && done.files.len() == files.len());
}

fn volumes(lab: &Lab, lost: usize) -> Vec<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let export = ExportOptions::default();
    let parity = Some(Parity::Volumes(2));
    let options = SplitOptions { export, size: 520_000, base: "data", parity, force: false };
    let done = split(dir.path(), &lab.store, lab.head(), options, &mut |_, _| ()).unwrap();
    let read = |v: &super::super::VolumeWritten| std::fs::read(dir.path().join(&v.name)).unwrap();
    done.volumes.iter().skip(lost).map(read).collect()
}

#[test]
fn volumes_of_different_rounds_are_rebuilt_together() {
    let (lab, store) = (big_lab(), MemoryStore::new());
    let files = volumes(&lab, 2);
    let done = run(&lab, &store, Rounds::of(&held(&files), &[]).at_most(2, usize::MAX));
    assert!(is_whole(&store, lab.head()), "{:?}", done.sets);
    assert_eq!(done.files.len(), files.len());
}

#[test]
fn strange_bulletins_and_sets_take_no_place_from_true_ones() {
    let (lab, store) = (big_lab(), MemoryStore::new());
    let root = BlockId::dag_cbor(&lab.head().bytes);
    let gone = lab.link("a.mp4");
    let notice = yadgar_protocol::cbor::decode(&lab.notice(&[gone]), 65_536).unwrap();
    let bulletin = Bulletin::new(None, vec![notice]).encode();
    let mut strange = header(&root);
    for n in 0..40u8 {
        // Signed by somebody else.
        let other = Lab::new(100 + n);
        let mut other_lab = other;
        other_lab.publish(&[("core", &[("x.txt", noise(70, u64::from(n)))])]);
        let notice = yadgar_protocol::cbor::decode(&other_lab.notice(&[gone]), 65_536).unwrap();
        let junk = Bulletin::new(None, vec![notice]).encode();
        section(&BlockId::dag_cbor(&junk), &junk, &mut strange);
        let set = ParitySet::new(yadgar_protocol::Hash::of(&[n]), 64, 1, vec![64, 64]).unwrap();
        let set = set.encode();
        section(&BlockId::dag_cbor(&set), &set, &mut strange);
    }
    let mut files = vec![strange; 3];
    files.extend(volumes(&lab, 1));
    let options = ExportOptions { bulletin: Some(&bulletin), after: Some(9), ..Default::default() };
    let except = crate::carrier::blocks_of(&lab.store, &lab.head().release, None).unwrap();
    let options = ExportOptions { except: Some(&except), ..options };
    let mut last = Vec::new();
    export_with(&lab.store, lab.head(), options, &mut last, &mut |_| ()).unwrap();
    files.push(last);
    let seen = RefCell::new(Vec::new());
    let judged = |_: &ArchiveId, bytes: &[u8]| -> Result<(), StoreError> {
        seen.borrow_mut().push(bytes.to_vec());
        Ok(())
    };
    let options = ImportOptions { bulletin: Some(&judged), ..Default::default() };
    let mut judge = |_: &[u8], _: &dyn ReadBlocks| Decision::Keep(Box::new(lab.head().clone()));
    import_all(&store, &held(&files), options, &mut judge, &mut |_| ()).unwrap();
    assert!(seen.borrow().contains(&bulletin), "the true one was shown");
    assert!(is_whole(&store, lab.head()), "rebuilt all the same");
}
