//! Nothing in a carrier changes unnoticed.
use super::super::lab::{Lab, lab, noise};
use super::*;
use proptest::prelude::*;
use std::io::Cursor;

fn verify(bytes: &[u8]) -> CarrierReport {
    verify_carrier(Cursor::new(bytes), None).unwrap()
}

#[test]
fn a_whole_carrier() {
    let lab = lab();
    let report = verify(&lab.carrier());
    assert!(report.is_complete());
    assert_eq!(report.archive, Some(lab.archive.to_string()));
    assert_eq!((report.sequence, report.name.as_deref()), (Some(2), Some("Lab")));
    assert_eq!((report.parts[0].files, report.parts[0].whole_files), (150, 150));
    assert!(report.faults.is_empty());
    serde_json::to_string(&report).unwrap();
}

#[test]
fn of_another_archive() {
    let lab = lab();
    let other = ArchiveId(yadgar_protocol::Hash::of(b"other"));
    let report = verify_carrier(Cursor::new(lab.carrier()), Some(&other)).unwrap();
    assert!(report.head_problem.unwrap().contains("TRUST-2"));
    let right = verify_carrier(Cursor::new(lab.carrier()), Some(&lab.archive)).unwrap();
    assert!(right.is_complete());
}

#[test]
fn car_5_every_changed_byte_is_found() {
    let mut lab = Lab::new(2);
    lab.publish(&[("core", &[("a.txt", noise(90, 1)), ("b.txt", vec![]), ("c.txt", noise(9, 3))])]);
    let good = lab.carrier();
    assert!(verify(&good).is_complete());
    for at in 0..good.len() {
        for change in [0x01, 0x24, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] ^= change;
            let report = verify(&bad);
            assert!(!report.is_intact(), "byte {at} ^ {change}");
        }
    }
    for length in 0..good.len() {
        assert!(!verify(&good[..length]).is_complete(), "cut at {length}");
    }
}

#[test]
fn missing_and_damaged_files_are_named() {
    let lab = lab();
    let carrier = lab.carrier();
    // A byte in the middle of the film, which two files share.
    let film = noise(600_000, 1000);
    let spot = film[300_000..300_020].to_vec();
    let at = carrier.windows(20).position(|w| w == spot).unwrap();
    let mut bad = carrier.clone();
    bad[at] ^= 1;
    let report = verify(&bad);
    let names: Vec<_> = report.faults.iter().map(|f| (f.part.as_str(), f.path.as_str())).collect();
    assert_eq!(names, [("media", "a.mp4"), ("media", "b.mp4")]);
    let range = &report.damages.ranges[0];
    assert!(range.from <= at as u64 && (at as u64) < range.to && range.to - range.from < 300_000);
    assert_eq!((report.damages.count, report.parts[1].missing_blocks), (1, 1));
    assert_eq!((report.parts[1].whole_files, report.parts[0].whole_files), (1, 150));
}

#[test]
fn a_part_is_intact_and_not_complete() {
    let lab = lab();
    let core = ["core".to_owned()];
    let mut out = Vec::new();
    super::super::export(&lab.store, lab.head(), Some(&core), &mut out, &mut |_| ()).unwrap();
    let report = verify(&out);
    assert!(report.is_intact() && !report.is_complete());
    assert_eq!(report.faults[0].path, "all files");
    assert_eq!((report.parts[0].is_whole(), report.parts[1].whole_files), (true, 0));
}

#[test]
fn sectors_that_cannot_be_read_cost_only_themselves() {
    struct Worn(Cursor<Vec<u8>>, std::ops::Range<u64>);
    impl Read for Worn {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let at = self.0.position();
            let end = at + out.len() as u64;
            if at < self.1.end && end > self.1.start {
                return Err(io::Error::from_raw_os_error(5));
            }
            self.0.read(out)
        }
    }
    impl Seek for Worn {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let carrier = lab().carrier();
    let worn = Worn(Cursor::new(carrier.clone()), 409_600..413_696);
    let report = verify_carrier(worn, None).unwrap();
    assert_eq!((report.bytes, report.damages.count), (carrier.len() as u64, 1));
    assert_eq!(report.parts[0].whole_files, 150);
    let range = &report.damages.ranges[0];
    assert!(range.from < 409_600 && range.to >= 413_696 && range.to - range.from < 300_000);
    // A stick that is pulled out is an error, not a damaged carrier.
    let gone = Worn(Cursor::new(vec![0; 1 << 27]), 0..u64::MAX);
    assert!(verify_carrier(gone, None).is_err());
}

#[test]
fn a_list_that_names_itself_over_and_over_ends() {
    // 200 MiB of one block, in a handful of list nodes.
    let mut lab = Lab::new(3);
    lab.publish(&[("core", &[("zeros.bin", vec![0; 200 << 20])])]);
    let report = verify(&lab.carrier());
    assert!(report.is_complete());
    assert!(report.blocks < 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_bytes_give_a_report(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        prop_assert!(!verify(&bytes).is_intact());
    }

    #[test]
    fn car_5_a_changed_byte_anywhere_in_a_bigger_one(
        spot in any::<prop::sample::Index>(),
        change in 1u8..=255,
    ) {
        let mut bytes = lab().carrier();
        let at = spot.index(bytes.len());
        bytes[at] ^= change;
        prop_assert!(!verify(&bytes).is_intact());
    }
}
