//! The scenarios of tuf-conformance that have a meaning here (docs/tuf.md), on the acceptance rules.
//! Where TUF and yadgar differ on purpose, the test says how.

#[path = "tuf/lab.rs"]
mod lab;

use lab::{Archive, role, signed};
use std::collections::BTreeMap;
use yadgar_protocol::cbor;
use yadgar_protocol::envelope::Context;
use yadgar_protocol::head::Head;
use yadgar_protocol::trust::{Base, Role, State, Verdict, judge};
use yadgar_protocol::{BlockId, Hash};

type Blocks = BTreeMap<BlockId, Vec<u8>>;

/// Judges heads in order: the last verdict, and the state then.
fn judged(archive: &Archive, heads: &[Vec<u8>], blocks: &Blocks) -> (Verdict, Option<State>) {
    let (mut state, mut last) = (None, Verdict::Older);
    for head in heads {
        let judged = judge(&archive.id, state.as_ref(), head, blocks);
        state = judged.next.or(state);
        last = judged.verdict;
    }
    (last, state)
}

fn clause(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Refuse(reject) => reject.clause,
        other => panic!("not refused: {other:?}"),
    }
}

/// The sequence that is trusted then.
fn trusted(state: Option<State>) -> u64 {
    state.unwrap().trusted.release.sequence
}

const NONE: Blocks = BTreeMap::new();

// ---- test_basic.py

#[test]
fn unsigned_initial_root() {
    let unsigned = Archive::new(role(&[1], 1), role(&[2], 1), &[]);
    let head = unsigned.head(&unsigned.release(1, None), &[2]);
    let (verdict, state) = judged(&unsigned, &[head], &NONE);
    assert!(matches!(verdict, Verdict::Refuse(_)) && state.is_none());
    let short = Archive::new(role(&[1, 3], 2), role(&[2], 1), &[1]);
    let head = short.head(&short.release(1, None), &[2]);
    assert_eq!(clause(&judged(&short, &[head], &NONE).0), "TRUST-4");
}

#[test]
fn invalid_initial_root() {
    let (a, mut b) = (Archive::small(), Archive::small());
    b.id.0 = Hash::of(b"another archive");
    let head = a.head(&a.release(1, None), &[2]);
    assert_eq!(clause(&judged(&b, &[head], &NONE).0), "TRUST-2");
}

#[test]
fn unsigned_release_keeps_the_one_before() {
    let a = Archive::new(role(&[1], 1), role(&[2, 3], 2), &[1]);
    let first = a.release(1, None);
    let second = a.release(2, Some(&first));
    for signers in [&[][..], &[2], &[1], &[2, 4], &[2, 3, 4]] {
        let heads = [a.head(&first, &[2, 3]), a.head(&second, signers)];
        let (verdict, state) = judged(&a, &heads, &NONE);
        assert!(matches!(verdict, Verdict::Refuse(_)), "{signers:?}: {verdict:?}");
        assert_eq!(trusted(state), 1);
    }
}

#[test]
fn content_changes_without_a_new_number() {
    let a = Archive::small();
    let first = a.release(1, None);
    let mut other = first.clone();
    other.records = 9;
    let (verdict, state) = judged(&a, &[a.head(&first, &[2]), a.head(&other, &[2])], &NONE);
    assert!(matches!(verdict, Verdict::Fork(_)), "TUF ignores it; here it is proven: {verdict:?}");
    assert!(state.unwrap().fork.is_some());
}

#[test]
fn bytes_are_kept_as_received() {
    let a = Archive::small();
    let head = a.head(&a.release(1, None), &[2]);
    let (_, state) = judged(&a, std::slice::from_ref(&head), &NONE);
    assert_eq!(state.unwrap().trusted.bytes, head);
}

#[test]
fn unknown_fields_are_refused() {
    let a = Archive::small();
    let payload = a.release(1, None).encode();
    let ciborium::Value::Map(mut fields) = cbor::decode(&payload, 65536).unwrap() else {
        panic!("a map")
    };
    fields.insert(0, (ciborium::Value::Text("x".into()), ciborium::Value::Integer(1.into())));
    let more = cbor::encode(&ciborium::Value::Map(fields));
    let (verdict, _) = judged(&a, &[a.head_of(more, &[2])], &NONE);
    assert_eq!(clause(&verdict), "ENC-8", "TUF keeps them; one content has one form here");
}

#[test]
fn wrong_type_in_the_place_of_a_release() {
    let a = Archive::small();
    let root = a.head_of(a.roots[0].payload.clone(), &[2]);
    assert!(matches!(judged(&a, &[root], &NONE).0, Verdict::Refuse(_)));
    let mut of_other_kind = a.release(1, None);
    of_other_kind.kind = "notice".into();
    let head = a.head(&of_other_kind, &[2]);
    assert_eq!(clause(&judged(&a, &[head], &NONE).0), "TRUST-6");
    // The very bytes of a release, signed for another purpose.
    let release = a.release(1, None).encode();
    let envelope = signed(Context::Notice, &a.id, release, &[2]);
    let head = Head::new(a.roots.clone(), envelope).encode();
    assert!(matches!(judged(&a, &[head], &NONE).0, Verdict::Refuse(_)));
}

#[test]
fn what_lies_between_is_missing() {
    let a = Archive::small();
    let first = a.release(1, None);
    let second = a.release(2, Some(&first));
    let third = a.release(3, Some(&second));
    let heads = [a.head(&first, &[2]), a.head(&third, &[2])];
    let (verdict, state) = judged(&a, &heads, &NONE);
    let wanted = BlockId::dag_cbor(&second.encode());
    assert!(matches!(verdict, Verdict::NeedsAncestor(id) if id == wanted));
    assert_eq!(trusted(state), 1);
    let blocks = Blocks::from([(wanted, second.encode())]);
    assert_eq!(trusted(judged(&a, &heads, &blocks).1), 3);
}

// ---- test_expiration.py

#[test]
fn no_date_makes_a_release_expire() {
    let a = Archive::small();
    let mut before = None;
    let mut heads = Vec::new();
    for (at, date) in ["2026-01-02", "1970-01-01", "9999-12-31", "2038-01-20"].iter().enumerate() {
        let mut release = a.release(at as u64 + 1, before.as_ref());
        release.date = (*date).into();
        heads.push(a.head(&release, &[2]));
        before = Some(release);
    }
    let (verdict, state) = judged(&a, &heads, &NONE);
    assert!(matches!(verdict, Verdict::Accept(_)));
    assert_eq!(trusted(state), 4);
}

// ---- test_keys.py

#[test]
fn threshold_above_the_number_of_keys() {
    let a = Archive::new(role(&[1], 1), role(&[2, 3], 3), &[1]);
    let head = a.head(&a.release(1, None), &[2, 3]);
    assert_eq!(clause(&judged(&a, &[head], &NONE).0), "TRUST-3");
}

#[test]
fn one_key_twice_in_a_role() {
    let mut twice = role(&[2], 2);
    twice.keys.push(twice.keys[0]);
    let a = Archive::new(role(&[1], 1), twice, &[1]);
    let head = a.head(&a.release(1, None), &[2]);
    assert_eq!(clause(&judged(&a, &[head], &NONE).0), "TRUST-3");
}

#[test]
fn one_signature_twice() {
    let a = Archive::new(role(&[1], 1), role(&[2, 3], 2), &[1]);
    let mut envelope = signed(Context::Release, &a.id, a.release(1, None).encode(), &[2]);
    envelope.signatures.push(envelope.signatures[0].clone());
    let head = Head::new(a.roots.clone(), envelope).encode();
    assert_eq!(clause(&judged(&a, &[head], &NONE).0), "ENV-4");
}

#[test]
fn a_bad_signature_beside_enough_good_ones() {
    let a = Archive::new(role(&[1], 1), role(&[2, 3], 1), &[1]);
    let mut envelope = signed(Context::Release, &a.id, a.release(1, None).encode(), &[2, 3]);
    envelope.signatures[1].1[70] ^= 1;
    let head = Head::new(a.roots.clone(), envelope).encode();
    assert_eq!(clause(&judged(&a, &[head], &NONE).0), "ENV-3", "TUF counts the good ones");
}

// ---- test_rollback.py

#[test]
fn rollback_is_older() {
    let a = Archive::small();
    let first = a.release(1, None);
    let second = a.release(2, Some(&first));
    let heads = [a.head(&second, &[2]), a.head(&first, &[2])];
    let (verdict, state) = judged(&a, &heads, &NONE);
    assert!(matches!(verdict, Verdict::Older));
    assert_eq!(trusted(state), 2);
}

#[test]
fn fast_forward_recovery() {
    let mut a = Archive::small();
    let first = a.release(1, None);
    let mut far = a.release(u64::MAX, Some(&first));
    far.prev = Some(Hash::of(b"nothing"));
    let far = a.head(&far, &[2]);
    // Who has the chain does not follow, a newcomer does.
    let (verdict, state) = judged(&a, &[a.head(&first, &[2]), far.clone()], &NONE);
    assert_eq!(clause(&verdict), "TRUST-15");
    assert_eq!(trusted(state), 1);
    let base = Base(1, Hash::of(&first.encode()));
    a.rotate(role(&[1], 1), role(&[5], 1), Some(base), &[1]);
    let good = a.head(&a.release(2, Some(&first)), &[5]);
    let (verdict, state) = judged(&a, &[far.clone(), good.clone()], &NONE);
    assert!(matches!(verdict, Verdict::Settled { .. }), "{verdict:?}");
    assert_eq!(trusted(state), 2);
    // The stolen key has no say any more.
    let (verdict, state) = judged(&a, &[good, far], &NONE);
    assert!(matches!(verdict, Verdict::SupersededRoot), "{verdict:?}");
    assert_eq!(trusted(state), 2);
}

// ---- test_static_repositories.py

#[test]
fn twelve_trust_roots_at_once() {
    let mut a = Archive::small();
    let first = a.release(1, None);
    let start = a.head(&first, &[2]);
    for n in 3..14 {
        a.rotate(role(&[n], 1), role(&[n + 20], 1), None, &[if n == 3 { 1 } else { n - 1 }, n]);
    }
    let head = a.head(&a.release(2, Some(&first)), &[33]);
    let (verdict, state) = judged(&a, &[start, head], &NONE);
    assert!(matches!(verdict, Verdict::Accept(_)), "{verdict:?}");
    assert_eq!(state.unwrap().trusted.roots.len(), 12);
}

// ---- test_updater_key_rotations.py

/// Keys, threshold, signers of one version.
type Step = (&'static [u8], u64, &'static [u8]);

const FIVE: &[u8] = &[0, 1, 2, 3, 4];
const OTHER_FIVE: &[u8] = &[5, 6, 7, 8, 9];

/// The cases by their names there, and whether the last step is taken.
#[rustfmt::skip]
const ROOTS: &[(&str, &[Step], bool)] = &[
    ("1-of-1-key-rotation", &[(&[1], 1, &[1]), (&[2], 1, &[2, 1]), (&[2], 1, &[2])], true),
    // TUF passes over signatures that count for nothing; here they are not allowed (ENV-5).
    ("1-of-1-key-rotation-unused-signatures", &[(&[1], 1, &[1]), (&[2], 1, &[3, 2, 1, 4])], false),
    ("3-of-5-sign-with-different-keycombos", &[
        (FIVE, 3, &[0, 2, 4]), (FIVE, 3, &[0, 4, 1]), (FIVE, 3, &[0, 1, 3]), (FIVE, 3, &[0, 1, 3])], true),
    ("3-of-5-one-key-rotated", &[(FIVE, 3, &[0, 2, 4]), (&[0, 1, 3, 4, 5], 3, &[0, 4, 1])], true),
    ("3-of-5-one-key-rotated-with-intermediate-step", &[
        (FIVE, 3, &[0, 2, 4]), (&[0, 1, 3, 4, 5], 3, &[0, 2, 4, 5]), (&[0, 1, 3, 4, 5], 3, &[0, 4, 5])], true),
    ("3-of-5-all-keys-rotated-with-intermediate-step", &[
        (FIVE, 3, &[0, 2, 4]), (OTHER_FIVE, 3, &[0, 2, 4, 5, 6, 7]), (OTHER_FIVE, 3, &[5, 6, 7])], true),
    ("1-of-3-threshold-increase-to-2-of-3", &[(&[1, 2, 3], 1, &[1]), (&[1, 2, 3], 2, &[1, 2])], true),
    ("2-of-3-threshold-decrease-to-1-of-3", &[
        (&[1, 2, 3], 2, &[1, 2]), (&[1, 2, 3], 1, &[1, 2]), (&[1, 2, 3], 1, &[1])], true),
    ("1-of-2-threshold-increase-to-2-of-2", &[(&[1], 1, &[1]), (&[1, 2], 2, &[1, 2])], true),
    ("1-of-1-key-rotation-fail-not-signed-with-old-key", &[(&[1], 1, &[1]), (&[2], 1, &[2])], false),
    ("1-of-1-key-rotation-fail-not-signed-with-new-key", &[(&[1], 1, &[1]), (&[2], 1, &[1])], false),
    ("3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys", &[
        (FIVE, 3, &[0, 2, 4]), (&[0, 1, 3, 4, 5], 3, &[0, 2, 4])], false),
    ("3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys", &[
        (FIVE, 3, &[0, 2, 4]), (&[0, 1, 3, 4, 5], 3, &[0, 4, 5])], false),
    ("1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached", &[
        (&[1, 2, 3], 1, &[1]), (&[1, 2, 3], 2, &[2])], false),
    ("2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-reached", &[
        (&[1, 2, 3], 2, &[1, 2]), (&[1, 2, 3], 1, &[1])], false),
];

#[test]
fn root_rotation_matrix() {
    for (name, steps, taken) in ROOTS {
        let of = |step: &Step| -> Role { role(step.0, step.1) };
        let release = || role(&[40], 1);
        let mut a = Archive::new(of(&steps[0]), release(), steps[0].2);
        for step in &steps[1..] {
            a.rotate(of(step), release(), None, step.2);
        }
        let head = a.head(&a.release(1, None), &[40]);
        let mut before = a.clone();
        before.roots.pop();
        let start = before.head(&before.release(1, None), &[40]);
        let (verdict, state) = judged(&a, &[start, head], &NONE);
        let roots = state.unwrap().trusted.roots.len();
        assert_eq!(roots, steps.len() - usize::from(!taken), "{name}: {verdict:?}");
    }
}

#[rustfmt::skip]
const RELEASES: &[(&str, Step, bool)] = &[
    ("1-of-1-key-rotation", (&[2], 1, &[2]), true),
    // As above: a signature that counts for nothing is not allowed.
    ("1-of-1-key-rotation-unused-signatures", (&[1], 1, &[3, 1, 4]), false),
    ("1-of-1-key-rotation-fail-not-signed-with-new-key", (&[2], 1, &[1]), false),
    ("3-of-5-one-key-signature-wrong-not-signed-with-3-expected-keys", (&[0, 1, 3, 4, 5], 3, &[0, 2, 4]), false),
    ("2-of-5-one-key-signature-missing-threshold-not-reached", (&[0, 1, 3, 4, 5], 3, &[0, 4]), false),
    ("3-of-5-sign-first-combo", (FIVE, 3, &[0, 2, 4]), true),
    ("3-of-5-sign-second-combo", (FIVE, 3, &[0, 4, 1]), true),
    ("3-of-5-sign-third-combo", (FIVE, 3, &[0, 1, 3]), true),
    ("3-of-5-sign-fourth-combo", (FIVE, 3, &[1, 2, 3]), true),
    ("3-of-5-sign-fifth-combo", (FIVE, 3, &[2, 3, 4]), true),
];

#[test]
fn release_rotation_matrix() {
    for (name, step, taken) in RELEASES {
        let mut a = Archive::new(role(&[30], 1), role(&[31], 1), &[30]);
        let first = a.release(1, None);
        let start = a.head(&first, &[31]);
        a.rotate(role(&[30], 1), role(step.0, step.1), None, &[30]);
        let head = a.head(&a.release(2, Some(&first)), step.2);
        let (verdict, state) = judged(&a, &[start, head], &NONE);
        assert_eq!(trusted(state), 1 + u64::from(*taken), "{name}: {verdict:?}");
    }
}
