//! What every place for the files of archives must do, run on each of them.

use super::*;
use yadgar_protocol::Hash;

fn id(byte: u8) -> ArchiveId {
    ArchiveId(Hash([byte; 32]))
}

fn on_each(test: impl Fn(&dyn StateFiles)) {
    test(&MemoryFiles::default());
    let dir = tempfile::tempdir().unwrap();
    test(&PlainFiles::open(&dir.path().join("archives")).unwrap());
    let keys = std::sync::Arc::new(crate::store::vault::seal::Keys::derive(&[7; 32]));
    test(&crate::store::vault::SealedFiles::open(&dir.path().join("files"), keys).unwrap());
}

#[test]
fn what_was_written_is_read_and_replaced_and_removed() {
    on_each(|files| {
        assert_eq!(files.list().unwrap(), []);
        assert_eq!(files.read(&id(1), "state", 10).unwrap(), None);
        files.remove(&id(1), "state").unwrap();
        files.write(&id(2), "state", b"two").unwrap();
        files.write(&id(1), "state", b"one").unwrap();
        files.write(&id(1), "acts", b"").unwrap();
        files.write(&id(1), "state", b"one again").unwrap();
        assert_eq!(files.list().unwrap(), [id(1), id(2)]);
        assert_eq!(files.read(&id(1), "state", 9).unwrap().unwrap(), b"one again");
        assert_eq!(files.read(&id(1), "acts", 9).unwrap().unwrap(), b"");
        assert_eq!(files.read(&id(2), "acts", 9).unwrap(), None);
        files.remove(&id(1), "state").unwrap();
        assert_eq!(files.read(&id(1), "state", 9).unwrap(), None);
        assert_eq!(files.read(&id(2), "state", 9).unwrap().unwrap(), b"two");
    });
}

#[test]
fn a_file_longer_than_allowed_is_damaged_never_missing() {
    on_each(|files| {
        files.write(&id(1), "state", &[7; 11]).unwrap();
        let error = files.read(&id(1), "state", 10).unwrap_err();
        assert!(matches!(error, StoreError::Damaged(_)), "{error}");
        assert_eq!(files.read(&id(1), "state", 11).unwrap().unwrap(), [7; 11]);
    });
}
