//! CAR-2: what is planned is what an export writes.
use super::super::export::{export_with, tests::ids};
use super::super::lab::{Lab, lab};
use super::*;
use yadgar_protocol::withdraw::Denied;

fn written(lab: &Lab, options: ExportOptions<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    export_with(&lab.store, lab.head(), options, &mut out, &mut |_| ()).unwrap();
    out
}

/// All of it, by pieces of this size at least.
fn read(plan: &Plan, store: &dyn BlockStore, most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let piece = plan.piece(store, out.len() as u64, most).unwrap();
        if piece.is_empty() {
            return out;
        }
        out.extend(piece);
    }
}

#[test]
fn the_same_bytes_as_an_export() {
    let lab = lab();
    let core = ["core".to_owned()];
    let denied = Denied::none(lab.archive);
    for options in [
        ExportOptions::default(),
        ExportOptions { parts: Some(&core), ..ExportOptions::default() },
        ExportOptions {
            bulletin: Some(b"a bulletin"),
            denied: Some(&denied),
            ..ExportOptions::default()
        },
    ] {
        let plan = Plan::new(&lab.store, lab.head(), options).unwrap();
        let expected = written(&lab, options);
        assert_eq!(plan.length(), expected.len() as u64);
        assert_eq!(plan.missing(), 0);
        for most in [1, 1000, 300_000, usize::MAX] {
            assert!(read(&plan, &lab.store, most) == expected, "by {most}");
        }
    }
}

#[test]
fn from_any_byte_on() {
    let lab = lab();
    let plan = Plan::new(&lab.store, lab.head(), ExportOptions::default()).unwrap();
    let all = written(&lab, ExportOptions::default());
    let edges = plan.sections.iter().flat_map(|s| [s.at - 1, s.at, s.at + 1, s.at + 37]);
    for at in edges.chain([0, 1, 40, plan.length() - 1]).filter(|at| *at < plan.length()) {
        let piece = plan.piece(&lab.store, at, 1).unwrap();
        assert!(!piece.is_empty());
        assert!(all[at as usize..].starts_with(&piece), "at {at}");
    }
    for at in [plan.length(), plan.length() + 1, u64::MAX] {
        assert!(plan.piece(&lab.store, at, 1).unwrap().is_empty());
    }
}

#[test]
fn what_is_missing_is_left_out_and_what_goes_is_noticed() {
    let lab = lab();
    let whole = Plan::new(&lab.store, lab.head(), ExportOptions::default()).unwrap();
    let gone = *ids(&written(&lab, ExportOptions::default())).last().unwrap();
    lab.store.erase(&[gone]).unwrap();
    let less = Plan::new(&lab.store, lab.head(), ExportOptions::default()).unwrap();
    assert_eq!((less.missing(), less.blocks()), (1, whole.blocks() - 1));
    assert!(read(&less, &lab.store, 1000) == written(&lab, ExportOptions::default()));
    assert_ne!(less.tag(), whole.tag());
    // Promised before it went: an error, never other bytes.
    let last = whole.sections.last().unwrap().at;
    assert!(matches!(whole.piece(&lab.store, last, 1), Err(PieceError::Gone(id)) if id == gone));
}

#[test]
fn a_tag_says_which_bytes() {
    let lab = lab();
    let plan = |options| Plan::new(&lab.store, lab.head(), options).unwrap().tag().to_owned();
    let whole = plan(ExportOptions::default());
    assert_eq!((whole.len(), &whole), (TAG_DIGITS, &plan(ExportOptions::default())));
    let core = ["core".to_owned()];
    assert_ne!(whole, plan(ExportOptions { parts: Some(&core), ..ExportOptions::default() }));
}
