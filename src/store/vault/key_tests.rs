//! The key file: right and wrong passphrases, damage, another passphrase, its end.

use super::*;

const CHEAP: Cost = Cost { kib: 64, passes: 1, lanes: 1 };

fn kind(result: Result<Keys, StoreError>) -> &'static str {
    match result {
        Ok(_) => "open",
        Err(StoreError::WrongPassphrase) => "wrong",
        Err(StoreError::Damaged(_)) => "damaged",
        Err(StoreError::Newer(_)) => "newer",
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_wrong_passphrase_says_only_that() {
    let home = tempfile::tempdir().unwrap();
    assert!(!exists(home.path()));
    let keys = create(home.path(), b"right", CHEAP).unwrap();
    assert!(exists(home.path()));
    create(home.path(), b"other", CHEAP).unwrap_err();
    let again = open(home.path(), b"right").unwrap();
    assert_eq!(keys.name(&[b"x"]), again.name(&[b"x"]));
    for wrong in [&b"Right"[..], b"", b"right "] {
        let error = open(home.path(), wrong).unwrap_err();
        assert_eq!(error.to_string(), "wrong passphrase");
    }
}

#[test]
fn damage_is_told_from_a_wrong_passphrase() {
    let home = tempfile::tempdir().unwrap();
    create(home.path(), b"right", CHEAP).unwrap();
    let good = std::fs::read(path(home.path())).unwrap();
    assert_eq!(good.len(), FILE_BYTES);
    for at in 0..END * 8 {
        let mut bad = good.clone();
        bad[at / 8] ^= 1 << (at % 8);
        std::fs::write(path(home.path()), &bad).unwrap();
        assert_eq!(kind(open(home.path(), b"right")), "damaged", "bit {at}");
    }
    for len in [0, 1, END, FILE_BYTES - 1] {
        std::fs::write(path(home.path()), &good[..len]).unwrap();
        assert_eq!(kind(open(home.path(), b"right")), "damaged");
    }
    // One who can write the file can make the check right, and gains nothing by it.
    let forge = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bad = good.clone();
        change(&mut bad);
        let check = blake3::hash(&bad[..CHECK]);
        bad[CHECK..END].copy_from_slice(&check.as_bytes()[..8]);
        std::fs::write(path(home.path()), &bad).unwrap();
        kind(open(home.path(), b"right"))
    };
    assert_eq!(forge(&|file| file[0] = 2), "newer");
    assert_eq!(forge(&|file| file[7] = 0xff), "damaged", "more memory than allowed");
    assert_eq!(forge(&|file| file[8] = 0), "damaged", "no pass at all");
    assert_eq!(forge(&|file| file[8] = 2), "wrong");
    assert_eq!(forge(&|file| file[WRAPPED] ^= 1), "wrong");
    assert_eq!(forge(&|file| file[END] ^= 1), "open", "noise after the end");
}

/// A wipe takes away the link and not the key: so it is never used as one.
#[test]
fn a_link_is_no_key() {
    let (home, stick) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create(stick.path(), b"right", CHEAP).unwrap();
    std::os::unix::fs::symlink(path(stick.path()), path(home.path())).unwrap();
    assert_eq!(kind(open(home.path(), b"right")), "damaged");
    assert!(!is_right(home.path()) && is_right(stick.path()));
}

#[test]
fn another_passphrase_opens_the_same_key_and_the_old_one_nothing() {
    let home = tempfile::tempdir().unwrap();
    let keys = create(home.path(), b"old", CHEAP).unwrap();
    // The old bytes, as somebody finds them who had the file open.
    let before = std::fs::File::open(path(home.path())).unwrap();
    assert_eq!(
        kind(change(home.path(), b"no", b"new", CHEAP).map(|()| Keys::derive(&[0; 32]))),
        "wrong"
    );
    change(home.path(), b"old", b"new", CHEAP).unwrap();
    assert_eq!(kind(open(home.path(), b"old")), "wrong");
    assert_eq!(open(home.path(), b"new").unwrap().name(&[b"x"]), keys.name(&[b"x"]));
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut { before }, &mut bytes).unwrap();
    assert_eq!(bytes.len(), FILE_BYTES);
    assert!(matches!(unwrap(&bytes, b"old"), Err(StoreError::Damaged(_))), "overwritten");
}

#[test]
fn a_key_that_was_destroyed_is_gone_also_its_left_overs() {
    let home = tempfile::tempdir().unwrap();
    assert!(!destroy(home.path()).unwrap());
    assert!(!destroy(&home.path().join("none")).unwrap());
    create(home.path(), b"right", CHEAP).unwrap();
    let file = std::fs::File::open(path(home.path())).unwrap();
    std::fs::copy(path(home.path()), home.path().join(".yadgar-1-0.tmp")).unwrap();
    std::fs::write(home.path().join("mine.txt"), b"mine").unwrap();
    assert!(destroy(home.path()).unwrap());
    assert!(!destroy(home.path()).unwrap());
    assert!(!exists(home.path()));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut { file }, &mut bytes).unwrap();
    assert!(matches!(unwrap(&bytes, b"right"), Err(StoreError::Damaged(_))), "overwritten");
    // Something in the way does not save the key.
    create(home.path(), b"right", CHEAP).unwrap();
    std::fs::create_dir_all(home.path().join(".yadgar-2-0.tmp/full")).unwrap();
    let _ = destroy(home.path());
    assert!(!exists(home.path()));
    std::fs::remove_dir_all(home.path().join(".yadgar-2-0.tmp")).unwrap();
    // A link is removed, what it leads to is not touched.
    std::os::unix::fs::symlink(home.path().join("mine.txt"), path(home.path())).unwrap();
    assert!(destroy(home.path()).unwrap());
    assert_eq!(std::fs::read(home.path().join("mine.txt")).unwrap(), b"mine");
}
