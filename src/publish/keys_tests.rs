use super::*;
#[test]
fn round_trip_wrong_passphrase_and_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.key");
    let key = Key::from_seed(&[5; 32]).unwrap();
    let pass = SecretString::from("correct horse".to_owned());
    assert!(matches!(
        key.write(&path, &SecretString::from("short".to_owned())),
        Err(KeyError::Weak(_))
    ));
    key.write(&path, &pass).unwrap();
    assert!(matches!(key.write(&path, &pass), Err(KeyError::Exists(_))));
    assert_eq!(read_public(&path).unwrap(), key.public());
    assert_eq!(Key::read(&path, &pass).unwrap().sign(b"x"), key.sign(b"x"));
    let wrong = SecretString::from("wrong horse".to_owned());
    assert!(matches!(Key::read(&path, &wrong), Err(KeyError::Passphrase(_))));
    // Another public key in the label is noticed.
    let other = Key::from_seed(&[6; 32]).unwrap();
    let text = std::fs::read_to_string(&path)
        .unwrap()
        .replace(&base32(key.public().as_bytes()), &base32(other.public().as_bytes()));
    std::fs::write(&path, text).unwrap();
    assert!(matches!(Key::read(&path, &pass), Err(KeyError::Malformed(_))));
}

#[test]
fn weak_passphrases_are_refused_with_the_reason() {
    let why = |text: &str| match check_passphrase(&passphrase(text)) {
        Err(KeyError::Weak(why)) => why,
        other => panic!("{text}: {other:?}"),
    };
    assert!(why("").contains("shorter"));
    assert!(why("گذرواژه").contains("shorter"), "characters are counted, not bytes");
    assert!(why("aaaaaaaaaaaaaaaa").contains("one character"));
    assert!(why("abababababab").contains("different"));
    assert!(why("abcdefghij").contains("follow"));
    assert!(why("987654321").contains("follow"));
    assert!(why("۱۲۳۴۵۶۷۸").contains("follow"));
    assert!(why("193847265019").contains("digits"));
    assert!(why("abcde1abcde1").contains("again and again"));
    for good in ["correct horse", "سه واژه ی بی ربط", "1938472650192837"] {
        check_passphrase(&passphrase(good)).unwrap();
    }
}

#[test]
fn another_keyboard_gives_the_same_passphrase() {
    let same = |a: &str, b: &str| passphrase(a).expose_secret() == passphrase(b).expose_secret();
    assert!(same("\u{622}ب", "\u{627}\u{653}ب") && same("e\u{301}", "\u{e9}"));
    assert!(!same("a", "b"));
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.key");
    let pass = passphrase("correct horse");
    Key::from_seed(&[5; 32]).unwrap().write(&path, &pass).unwrap();
    check_private(&path).unwrap();
    for mode in [0o640, 0o604, 0o620] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(check_private(&path), Err(KeyError::Exposed(_, m)) if m == mode));
        assert!(matches!(Key::read(&path, &pass), Err(KeyError::Exposed(..))));
        read_public(&path).unwrap();
    }
}

#[test]
fn weak_keys_are_refused() {
    assert!(Key::from_seed(&[0; 32]).is_err());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("weak.key");
    std::fs::write(&path, format!("{MAGIC}\npublic {}\nx", base32(&[0; 32]))).unwrap();
    assert!(matches!(read_public(&path), Err(KeyError::Malformed(_))));
}
