use super::*;
use crate::envelope::to_be_signed;
use crate::ids::{Hash, PublicKey};
use crate::trust::Role;
use crate::withdraw::Reason;
use ed25519_dalek::{Signer, SigningKey};

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn public(n: u8) -> PublicKey {
    PublicKey::from_bytes(key(n).verifying_key().to_bytes()).unwrap()
}

/// Root key 1, release keys 2 and 3 of which both are needed.
fn root() -> (ArchiveId, TrustRoot) {
    let release = Role::new([public(2), public(3)], 2);
    let root = TrustRoot::first("Test", Role::new([public(1)], 1), release, [0; 16]);
    (ArchiveId(Hash::of(&root.encode())), root)
}

fn notice(archive: ArchiveId) -> Notice {
    let withdrawal = Withdrawal {
        item: Hash([1; 32]),
        date: "2026-11-23".into(),
        reason: Reason::Withheld,
        sequence: 4,
    };
    Notice {
        date: "2026-11-23".into(),
        kind: "notice".into(),
        format: 1,
        archive,
        sequence: 4,
        withdrawn: vec![withdrawal],
        root_version: 1,
    }
}

fn signed(notice: &Notice, context: Context, keys: &[u8]) -> Envelope {
    let mut e = Envelope::unsigned(notice.encode());
    for n in keys {
        let bytes = to_be_signed(context, &notice.archive, &e.payload);
        e.add(public(*n), &key(*n).sign(&bytes).to_bytes());
    }
    e
}

#[test]
fn wd_5_the_threshold_of_the_release_role_signs() {
    let (archive, root) = root();
    let good = notice(archive);
    let check =
        |e: &Envelope| check_notice(&archive, &root, good.sequence, e).map_err(|r| r.clause);
    assert_eq!(check(&signed(&good, Context::Notice, &[2, 3])).unwrap(), good);
    assert_eq!(check(&signed(&good, Context::Notice, &[2])), Err("WD-5"));
    assert!(check(&signed(&good, Context::Notice, &[1, 2, 3])).is_err(), "a key of another role");
    assert!(check(&signed(&good, Context::Release, &[2, 3])).is_err(), "another context");
    let other = Notice { archive: ArchiveId(Hash([7; 32])), ..good.clone() };
    assert_eq!(check(&signed(&other, Context::Notice, &[2, 3])), Err("WD-5"));
    let before = good.sequence - 1;
    let late = check_notice(&archive, &root, before, &signed(&good, Context::Notice, &[2, 3]));
    assert_eq!(late.map_err(|r| r.clause), Err("WD-5"));
    let later = Notice { root_version: 2, ..good.clone() };
    assert_eq!(check(&signed(&later, Context::Notice, &[2, 3])), Err("WD-5"));
}

#[test]
fn wd_2_and_wd_5_form() {
    let (archive, _) = root();
    let good = notice(archive);
    Notice::decode(&good.encode()).unwrap();
    let mut many = good.clone();
    let one = many.withdrawn[0].clone();
    many.withdrawn = (0..65).map(|n| Withdrawal { item: Hash([n; 32]), ..one.clone() }).collect();
    let bads = [
        Notice { withdrawn: vec![], ..good.clone() },
        Notice { kind: "release".into(), ..good.clone() },
        Notice { date: "today".into(), ..good.clone() },
        Notice { sequence: 5, ..good.clone() },
        Notice { format: 2, ..good.clone() },
        many,
    ];
    for bad in bads {
        assert!(Notice::decode(&bad.encode()).is_err());
    }
}
