//! What a head has to be by itself.
use super::refused;
use super::trustlab::{Lab, NONE, public, sign};
use yadgar_protocol::envelope::Context;
use yadgar_protocol::head::Head;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::trust::{Base, Role, TrustRoot, check_head};
use yadgar_protocol::{ArchiveId, BlockId, Hash};

fn alone(lab: &Lab, head: &[u8]) -> &'static str {
    refused(&lab.id, None, head, &NONE)
}

#[test]
fn trust_1_endless_and_arbitrary_data() {
    let lab = Lab::new();
    assert_eq!(alone(&lab, &vec![0; 262_145]), "ENC-1");
    assert_eq!(alone(&lab, b"a program"), "ENC-8");
    let mut none = Head::decode(&lab.next(None, 1).head).unwrap();
    none.roots.clear();
    assert_eq!(alone(&lab, &none.encode()), "TRUST-1");
}

#[test]
fn trust_2_another_archive() {
    let (lab, head) = (Lab::new(), Lab::new().next(None, 1).head);
    let other = ArchiveId(Hash::of(b"other"));
    assert_eq!(refused(&other, None, &head, &NONE), "TRUST-2");
    // Signed by the same keys, but for another archive of theirs.
    let mut elsewhere = Lab::new();
    elsewhere.id = other;
    let made = elsewhere.next(None, 1);
    assert_eq!(alone(&lab, &made.head), "TRUST-6");
}

#[test]
fn trust_3_roles() {
    let keys = |n: &[u8]| -> Vec<PublicKey> { n.iter().map(|n| public(*n)).collect() };
    let mut ordered = Role::new(keys(&[4, 5]), 1);
    ordered.keys.reverse();
    let twice = Role { keys: vec![public(4), public(4)], threshold: 2 };
    let many: Vec<u8> = (1..=17).collect();
    let bad = [
        Role::new(keys(&[4, 5]), 3),
        Role::new(keys(&[4, 5]), 0),
        Role { keys: vec![], threshold: 1 },
        Role::new(keys(&many), 1),
        ordered,
        twice,
    ];
    for role in bad {
        let root = TrustRoot::first("Test", Role::new(keys(&[1]), 1), role, [0; 16]);
        assert_eq!(TrustRoot::decode(&root.encode()).unwrap_err().clause, "TRUST-3");
    }
}

#[test]
fn trust_4_and_5_root_signatures() {
    let lab = Lab::new();
    let mut weak = Lab::new();
    weak.roots[0].signatures.pop();
    assert_eq!(alone(&lab, &weak.next(None, 1).head), "TRUST-4");
    let half = lab.rotated_by([7, 8, 9], None, &[1]);
    assert_eq!(alone(&lab, &half.next(None, 1).head), "TRUST-5");
    // Release keys cannot change the trust root.
    let by_release = lab.rotated_by([7, 8, 9], None, &[4, 5]);
    assert_eq!(alone(&lab, &by_release.next(None, 1).head), "ENV-5");
    // A version that is left out, and one that follows another.
    let (two, three) = (lab.rotated([7, 8, 9], None), lab.rotated([8, 9, 10], None));
    let gap = Lab {
        roots: vec![lab.roots[0].clone(), two.rotated([4, 5, 6], None).roots[2].clone()],
        ..two.clone()
    };
    assert_eq!(alone(&lab, &gap.next(None, 1).head), "TRUST-5");
    let mixed = three.rotated([4, 5, 6], None).roots[2].clone();
    let cross = Lab { roots: vec![two.roots[0].clone(), two.roots[1].clone(), mixed], ..two };
    assert_eq!(alone(&lab, &cross.next(None, 1).head), "TRUST-5");
}

#[test]
fn trust_5_new_root_keys_sign_too() {
    let lab = Lab::new();
    let mut next = TrustRoot::decode(&lab.roots[0].payload).unwrap();
    next.version = 2;
    next.nonce = None;
    next.prev = Some(lab.roots[0].payload_hash());
    next.archive = Some(lab.id);
    next.root = Role::new([11, 12].map(public), 2);
    let mut e = yadgar_protocol::envelope::Envelope::unsigned(next.encode());
    sign(&mut e, Context::TrustRoot, &lab.id, 1);
    sign(&mut e, Context::TrustRoot, &lab.id, 2);
    sign(&mut e, Context::TrustRoot, &lab.id, 11);
    let mut new = lab.clone();
    new.roots.push(e);
    assert_eq!(alone(&lab, &new.next(None, 1).head), "TRUST-5");
    sign(&mut new.roots[1], Context::TrustRoot, &lab.id, 12);
    check_head(&lab.id, &new.next(None, 1).head).unwrap();
}

#[test]
fn trust_6_root_version() {
    let lab = Lab::new();
    let mut release = lab.unsigned(None, 1);
    release.root_version = 2;
    assert_eq!(alone(&lab, &lab.signed(release, &[4, 5]).head), "TRUST-6");
}

#[test]
fn trust_7_below_threshold() {
    let lab = Lab::new();
    let release = lab.unsigned(None, 1);
    assert_eq!(alone(&lab, &lab.signed(release.clone(), &[4]).head), "TRUST-7");
    assert_eq!(alone(&lab, &lab.signed(release.clone(), &[]).head), "TRUST-7");
    // A key of no role, a root key, and one key twice count for nothing.
    assert_eq!(alone(&lab, &lab.signed(release.clone(), &[4, 40]).head), "ENV-5");
    assert_eq!(alone(&lab, &lab.signed(release.clone(), &[4, 1]).head), "ENV-5");
    let mut head = Head::decode(&lab.signed(release, &[4]).head).unwrap();
    let same = head.release.signatures[0].clone();
    head.release.signatures.push(same);
    assert_eq!(alone(&lab, &head.encode()), "ENV-4");
}

#[test]
fn trust_7_a_replaced_key_signs_later() {
    let lab = Lab::new();
    let new = lab.rotated([5, 6, 7], None);
    let made = new.signed(new.unsigned(None, 1), &[4, 5]);
    assert_eq!(alone(&lab, &made.head), "ENV-5");
}

#[test]
fn trust_8_link() {
    let lab = Lab::new();
    let mut head = Head::decode(&lab.next(None, 1).head).unwrap();
    head.link = BlockId::dag_cbor(b"other");
    assert_eq!(alone(&lab, &head.encode()), "TRUST-8");
}

#[test]
fn trust_9_sequence_and_predecessor() {
    let lab = Lab::new();
    let with = |sequence, prev| {
        let mut release = lab.unsigned(None, 1);
        (release.sequence, release.prev) = (sequence, prev);
        lab.signed(release, &[4, 5]).head
    };
    let some = Some(Hash::of(b"x"));
    for head in [with(0, None), with(2, None), with(1, some)] {
        assert_eq!(alone(&lab, &head), "TRUST-9");
    }
}

#[test]
fn trust_18_bases_never_go_back() {
    let lab = Lab::new();
    let chain = lab.chain(5);
    let two = lab.rotated([7, 8, 9], Some(&chain[3]));
    let other = lab.next(Some(&chain[2]), 9);
    for base in [None, Some(&chain[2]), Some(&other)] {
        let bad = two.rotated([10, 11, 12], base);
        assert_eq!(alone(&lab, &bad.next(Some(&chain[4]), 1).head), "TRUST-18");
    }
    for base in [&chain[3], &chain[4]] {
        let good = two.rotated([10, 11, 12], Some(base));
        check_head(&lab.id, &good.next(Some(&chain[4]), 1).head).unwrap();
    }
    let mut first = TrustRoot::decode(&lab.roots[0].payload).unwrap();
    first.base = Some(Base(1, Hash::of(b"x")));
    assert_eq!(TrustRoot::decode(&first.encode()).unwrap_err().clause, "TRUST-18");
}

#[test]
fn trust_19_after_the_base() {
    let lab = Lab::new();
    let chain = lab.chain(5);
    let new = lab.rotated([7, 8, 9], Some(&chain[3]));
    let other = lab.next(Some(&chain[2]), 9);
    for before in [&chain[1], &chain[2], &other] {
        assert_eq!(alone(&lab, &new.next(Some(before), 1).head), "TRUST-19");
    }
    check_head(&lab.id, &new.next(Some(&chain[3]), 1).head).unwrap();
}
