//! Hostile drafts, and merging.

use super::*;
use crate::publish::keys::Key;
use proptest::prelude::*;
use std::collections::BTreeMap;
use yadgar_protocol::envelope::{Context, to_be_signed};
use yadgar_protocol::head::Head;
use yadgar_protocol::notice::Notice;
use yadgar_protocol::path::Path;
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::{self, Content, Entry};
use yadgar_protocol::trust::{Base, Role, TrustRoot};
use yadgar_protocol::withdraw::{Reason, Withdrawal, item};
use yadgar_protocol::{ArchiveId, Codec};

type Blocks = BTreeMap<BlockId, Vec<u8>>;

fn key(seed: u8) -> Key {
    Key::from_seed(&[seed; 32]).unwrap()
}

fn sign(envelope: &mut Envelope, context: Context, archive: &ArchiveId, seeds: &[u8]) {
    let message = to_be_signed(context, archive, &envelope.payload);
    for seed in seeds {
        envelope.add(key(*seed).public(), &key(*seed).sign(&message));
    }
}

/// Root keys 1 to 3 and release keys 4 to 6, two of each needed.
fn trust_root(nonce: u8) -> TrustRoot {
    let role = |seeds: [u8; 3]| Role::new(seeds.map(|s| key(s).public()), 2);
    TrustRoot::first("Drafts (fictional)", role([1, 2, 3]), role([4, 5, 6]), [nonce; 16])
}

struct Lab {
    archive: ArchiveId,
    roots: Vec<Envelope>,
    blocks: Blocks,
    first: Release,
    head: Head,
    second: Release,
}

fn release(archive: ArchiveId, files: &[(&str, &str)], blocks: &mut Blocks) -> Release {
    let mut entries: Vec<_> = files
        .iter()
        .map(|(path, text)| {
            let id = BlockId::of(Codec::Raw, text.as_bytes());
            blocks.insert(id, text.as_bytes().to_vec());
            Entry::new(Path::new(path).unwrap(), text.len() as u64, Content::Block(id))
        })
        .collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let built = tree::build(&entries).unwrap();
    blocks.extend(built.nodes);
    let part =
        Part { name: "core".into(), root: built.root, bytes: built.bytes, files: built.files };
    Release {
        date: "2026-01-01".into(),
        kind: "release".into(),
        prev: None,
        parts: vec![part],
        format: 1,
        archive,
        records: files.iter().filter(|f| f.0.starts_with("records/")).count() as u64,
        sequence: 1,
        withdrawn: vec![],
        root_version: 1,
    }
}

fn lab() -> Lab {
    let payload = trust_root(0).encode();
    let archive = ArchiveId(Hash::of(&payload));
    let mut root = Envelope::unsigned(payload);
    sign(&mut root, Context::TrustRoot, &archive, &[1, 2]);
    let mut blocks = Blocks::new();
    let many: Vec<_> =
        (0..300).map(|n| (format!("records/r{n:03}.json"), format!("{n}"))).collect();
    let mut files: Vec<_> = many.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    files.push(("index.html", "one"));
    let first = release(archive, &files, &mut blocks);
    let mut envelope = Envelope::unsigned(first.encode());
    sign(&mut envelope, Context::Release, &archive, &[4, 5]);
    let head = Head::new(vec![root.clone()], envelope);
    files[7].1 = "seven";
    files.remove(3);
    files.push(("records/new.json", "new"));
    let second = Release {
        prev: Some(Hash::of(&first.encode())),
        sequence: 2,
        date: "2026-02-01".into(),
        ..release(archive, &files, &mut blocks)
    };
    Lab { archive, roots: vec![root], blocks, first, head, second }
}

impl Lab {
    fn draft(&self, payload: Vec<u8>) -> Draft {
        let packed = pack(&self.blocks, Some(&self.first), &self.second).unwrap();
        let prev = Some(self.head.encode());
        Draft::new(Act::Release, payload, self.roots.clone(), prev, packed.blocks)
    }

    fn signed(&self, seeds: &[u8]) -> Checked {
        let mut draft = self.draft(self.second.encode());
        sign(&mut draft.signed, Context::Release, &self.archive, seeds);
        Checked::of(draft).unwrap()
    }
}

fn clause(draft: Draft) -> &'static str {
    Checked::of(draft).unwrap_err().clause
}

#[test]
fn draft_1_one_encoding_and_no_other() {
    let lab = lab();
    let bytes = lab.draft(lab.second.encode()).encode();
    assert_eq!(Draft::decode(&bytes).unwrap().encode(), bytes);
    let trailing = [&bytes[..], &[0]].concat();
    assert_eq!(Draft::decode(&trailing).unwrap_err().clause, "ENC-8");
    assert!(Draft::decode(&bytes[..bytes.len() - 1]).is_err());
    let mut other = lab.draft(lab.second.encode());
    other.kind = "head".into();
    assert_eq!(Draft::decode(&other.encode()).unwrap_err().clause, "DRAFT-1");
    other.kind = "draft".into();
    other.format = 2;
    assert!(Draft::decode(&other.encode()).unwrap_err().needs_newer_version());
}

#[test]
fn draft_2_and_3_another_archive_or_trust_root() {
    let lab = lab();
    let other = ArchiveId(Hash::of(b"another"));
    let wrong = |r: Release| clause(lab.draft(r.encode()));
    assert_eq!(wrong(Release { archive: other, ..lab.second.clone() }), "TRUST-6");
    assert_eq!(wrong(Release { root_version: 2, ..lab.second.clone() }), "TRUST-6");
    let none = Draft { roots: vec![], ..lab.draft(lab.second.encode()) };
    assert_eq!(clause(none), "DRAFT-2");
    let mut unsigned = lab.draft(lab.second.encode());
    unsigned.roots[0].signatures.pop();
    assert_eq!(clause(unsigned), "TRUST-4");
    let mut root = Envelope::unsigned(trust_root(9).encode());
    let id = ArchiveId(root.payload_hash());
    sign(&mut root, Context::TrustRoot, &id, &[1, 2]);
    let swapped = Draft { roots: vec![root], ..lab.draft(lab.second.encode()) };
    assert_eq!(clause(swapped), "TRUST-6");
}

#[test]
fn draft_3_trust_roots_follow_and_need_both_sets() {
    let lab = lab();
    let next = TrustRoot {
        base: Some(Base(1, Hash::of(&lab.first.encode()))),
        prev: Some(lab.roots[0].payload_hash()),
        nonce: None,
        archive: Some(lab.archive),
        root: Role::new([1, 2, 7].map(|s| key(s).public()), 2),
        version: 2,
        ..trust_root(0)
    };
    let draft = |root: &TrustRoot| {
        let prev = Some(lab.head.encode());
        Draft::new(Act::TrustRoot, root.encode(), lab.roots.clone(), prev, vec![])
    };
    let mut signed = draft(&next);
    sign(&mut signed.signed, Context::TrustRoot, &lab.archive, &[2, 3]);
    let checked = Checked::of(signed.clone()).unwrap();
    let missing: Vec<_> = checked.quorums().iter().map(|q| (q.role, q.missing())).collect();
    assert_eq!(missing, [("root", 0), ("new-root", 1)]);
    sign(&mut signed.signed, Context::TrustRoot, &lab.archive, &[7]);
    let checked = Checked::of(signed).unwrap();
    assert!(checked.is_signed());
    yadgar_protocol::trust::check_chain(&lab.archive, &checked.new_roots()).unwrap();
    assert_eq!(clause(draft(&TrustRoot { version: 3, ..next.clone() })), "TRUST-5");
    assert_eq!(clause(draft(&TrustRoot { prev: Some(Hash([0; 32])), ..next.clone() })), "TRUST-5");
    let elsewhere = TrustRoot { base: Some(Base(1, Hash([1; 32]))), ..next };
    assert_eq!(clause(draft(&elsewhere)), "DRAFT-5");
}

#[test]
fn draft_4_strangers_and_signatures_for_something_else() {
    let lab = lab();
    let with = |context, archive: &ArchiveId, seeds: &[u8]| {
        let mut draft = lab.draft(lab.second.encode());
        sign(&mut draft.signed, context, archive, seeds);
        Checked::of(draft).map_err(|e| e.clause)
    };
    assert_eq!(with(Context::Release, &lab.archive, &[9]).unwrap_err(), "ENV-5");
    assert_eq!(with(Context::Release, &lab.archive, &[1]).unwrap_err(), "ENV-5", "a root key");
    assert_eq!(with(Context::Notice, &lab.archive, &[4]).unwrap_err(), "ENV-3");
    assert_eq!(with(Context::Release, &ArchiveId(Hash([0; 32])), &[4]).unwrap_err(), "ENV-3");
    let one = with(Context::Release, &lab.archive, &[4]).unwrap();
    assert_eq!((one.is_signed(), one.quorums()[0].missing()), (false, 1));
    let two = with(Context::Release, &lab.archive, &[4, 6]).unwrap();
    assert!(two.is_signed());
    yadgar_protocol::trust::check_head(&lab.archive, &two.head().encode()).unwrap();
}

#[test]
fn draft_5_the_head_before_is_the_one_that_is_followed() {
    let lab = lab();
    let mut forged = lab.head.clone();
    forged.release.signatures.pop();
    let draft = lab.draft(lab.second.encode());
    assert_eq!(clause(Draft { prev: Some(forged.encode()), ..draft.clone() }), "TRUST-7");
    let jump = Release { sequence: 3, ..lab.second.clone() };
    assert_eq!(clause(lab.draft(jump.encode())), "DRAFT-5");
    let else_where = Release { prev: Some(Hash([3; 32])), ..lab.second.clone() };
    assert_eq!(clause(lab.draft(else_where.encode())), "DRAFT-5");
}

#[test]
fn draft_6_blocks_are_what_their_ids_say() {
    let lab = lab();
    let good = lab.draft(lab.second.encode());
    assert!(good.blocks.len() > 3);
    let mut wrong = good.clone();
    wrong.blocks[1].1.push(0);
    assert_eq!(clause(wrong), "DRAFT-6");
    let mut twice = good.clone();
    twice.blocks.insert(1, twice.blocks[0].clone());
    assert_eq!(clause(twice), "DRAFT-6");
    let mut order = good;
    order.blocks.swap(0, 1);
    assert_eq!(clause(order), "DRAFT-6");
}

#[test]
fn draft_7_and_8_a_draft_alone_tells_what_changes() {
    let lab = lab();
    let checked = lab.signed(&[]);
    assert!(checked.blocks.len() < lab.blocks.len() / 2, "only what changed");
    let told = review(&checked.blocks, Some(&lab.first), &lab.second).unwrap();
    let shown: Vec<_> = told.files.iter().map(|f| (f.path.as_str(), f.kind())).collect();
    assert_eq!(
        shown,
        [
            ("records/new.json", Kind::Added),
            ("records/r003.json", Kind::Removed),
            ("records/r007.json", Kind::Changed),
        ]
    );
    for side in told.files.iter().flat_map(|f| [&f.old, &f.new]).flatten() {
        assert!(checked.blocks.contains_key(&side.link()), "content of changed records");
    }
    // Nodes of other trees do not help, and a lack of nodes is never taken for "nothing changed".
    for left_out in checked.blocks.keys().filter(|id| id.codec == Codec::DagCbor) {
        let mut blocks = checked.blocks.clone();
        blocks.remove(left_out);
        let told_less = review(&blocks, Some(&lab.first), &lab.second);
        assert!(told_less.is_err() || told_less.unwrap() == told);
    }
}

#[test]
fn what_nodes_would_hold_is_told() {
    let mut lab = lab();
    let few: Vec<_> = (0..290).map(|n| (format!("records/r{n:03}.json"), format!("{n}"))).collect();
    let files: Vec<_> = few.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let mut small = release(lab.archive, &files, &mut lab.blocks);
    small.sequence = 2;
    let holds = |small: &Release| {
        review(&lab.blocks, Some(&lab.first), small).unwrap().holds(&lab.first, small)
    };
    assert_eq!((holds(&small).dropped, holds(&small).release_held), (10, true));
    small.withdrawn = (290..296)
        .map(|n| Withdrawal {
            item: item(&lab.archive, &BlockId::raw(format!("{n}").as_bytes())),
            date: "2026-01-01".into(),
            reason: Reason::Error,
            sequence: 2,
        })
        .collect();
    let told = holds(&small);
    assert_eq!((told.withdrawn.records, told.dropped), (6, 4));
    assert_eq!((told.withdrawals_held, told.release_held), (false, true), "6 of 300 is 2 %");
}

#[test]
fn hold_3_what_is_rewritten_is_told() {
    let mut lab = lab();
    for (changed, held) in [(150, false), (151, true)] {
        let text = |n| if n < changed { format!("{n}, corrected") } else { format!("{n}") };
        let all: Vec<_> = (0..300).map(|n| (format!("records/r{n:03}.json"), text(n))).collect();
        let files: Vec<_> = all.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
        let mut next = release(lab.archive, &files, &mut lab.blocks);
        next.sequence = 2;
        let told = review(&lab.blocks, Some(&lab.first), &next).unwrap().holds(&lab.first, &next);
        assert_eq!((told.rewritten, told.rewriting_held), (changed, held));
        assert!(!told.release_held);
    }
}

#[test]
fn draft_9_different_acts_are_not_merged_but_compared() {
    let lab = lab();
    let a = lab.signed(&[4]);
    let dated = Release { date: "2026-02-02".into(), ..lab.second.clone() };
    let b = Checked::of(lab.draft(dated.encode())).unwrap();
    assert!(matches!(merge(&a, &b), Err(Unlike::Payload)));
    assert!(differences(&a, &b, None).is_date_only());
    assert_ne!(a.chars(), b.chars());
    let mut blocks = lab.blocks.clone();
    let other = release(lab.archive, &[("index.html", "x")], &mut blocks);
    let other = Release { prev: lab.second.prev, sequence: 2, ..other };
    let packed = pack(&blocks, Some(&lab.first), &other).unwrap();
    let c = Draft::new(Act::Release, other.encode(), lab.roots.clone(), None, packed.blocks);
    let difference = differences(&a, &Checked::of(c).unwrap(), None);
    assert!(!difference.is_date_only());
    assert_eq!(difference.files.unwrap().files.len(), 301);
}

#[test]
fn notices_are_drafts_too() {
    let lab = lab();
    let notice = Notice {
        date: "2026-02-01".into(),
        kind: "notice".into(),
        format: 1,
        archive: lab.archive,
        sequence: 1,
        withdrawn: vec![Withdrawal {
            item: item(&lab.archive, &BlockId::raw(b"7")),
            date: "2026-02-01".into(),
            reason: Reason::Withheld,
            sequence: 1,
        }],
        root_version: 1,
    };
    let draft = |notice: &Notice| {
        let prev = Some(lab.head.encode());
        Draft::new(Act::Notice, notice.encode(), lab.roots.clone(), prev, vec![])
    };
    let mut signed = draft(&notice);
    sign(&mut signed.signed, Context::Notice, &lab.archive, &[5, 6]);
    assert!(Checked::of(signed).unwrap().is_signed());
    let later = Notice { root_version: 2, ..notice };
    assert_eq!(clause(draft(&later)), "WD-5");
}

/// Copies of one draft: who signed it, whether the head goes along, which blocks.
fn copies() -> impl Strategy<Value = Vec<(Vec<u8>, bool, u8)>> {
    let seeds = proptest::sample::subsequence(vec![4u8, 5, 6], 0..=3);
    proptest::collection::vec((seeds, any::<bool>(), 0u8..4), 3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn draft_9_merging_is_commutative_associative_idempotent(copies in copies()) {
        let lab = lab();
        let made: Vec<_> = copies
            .iter()
            .map(|(seeds, prev, skip)| {
                let mut draft = lab.signed(seeds).draft;
                draft.prev = draft.prev.filter(|_| *prev);
                let every = usize::from(*skip) + 1;
                draft.blocks = draft.blocks.into_iter().step_by(every).collect();
                Checked::of(draft).unwrap()
            })
            .collect();
        let [a, b, c] = <[Checked; 3]>::try_from(made).unwrap();
        let join = |x: &Checked, y: &Checked| merge(x, y).unwrap();
        prop_assert_eq!(&join(&a, &a).draft, &a.draft);
        prop_assert_eq!(&join(&a, &b).draft, &join(&b, &a).draft);
        let (left, right) = (join(&join(&a, &b), &c), join(&a, &join(&b, &c)));
        prop_assert_eq!(&left.draft, &right.draft);
        let signers: std::collections::BTreeSet<_> =
            [&a, &b, &c].iter().flat_map(|d| d.signers.clone()).collect();
        prop_assert_eq!(left.signers, signers);
    }

    #[test]
    fn draft_1_damaged_drafts_are_refused_and_never_panic(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let lab = lab();
        let checked = lab.signed(&[4, 5]);
        let mut bytes = checked.draft.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(Checked::read(&bytes).is_err());
    }
}
