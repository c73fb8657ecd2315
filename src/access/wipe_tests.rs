//! What a wipe takes and what it leaves.

use super::*;
use crate::access::local::Local;
use crate::carrier::lab::Lab;
use crate::store::vault::key::{self, Cost};

const CHEAP: Cost = Cost { kib: 64, passes: 1, lanes: 1 };

/// A home with an archive and all that a home may have beside it.
fn home(encrypted: bool) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    fs::create_dir(&home).unwrap();
    drop(HomeLock::acquire(&home, "test", None).unwrap());
    let local = if encrypted {
        let keys = key::create(&home, b"right", CHEAP).unwrap();
        Local::open_encrypted(&home, keys, None).unwrap()
    } else {
        Local::open(&home, None).unwrap()
    };
    let mut lab = Lab::new(1);
    lab.publish(&[("core", &[("index.html", b"read".to_vec())])]);
    crate::access::Archives::adopt(&local, &lab.archive, &lab.head().bytes).unwrap();
    drop(local);
    for name in crate::access::IDENTITIES.into_iter().chain(["peers", "front", "volume"]) {
        fs::write(home.join(name), b"x").unwrap();
    }
    fs::write(home.join(".yadgar-1-1.tmp"), b"x").unwrap();
    (dir, home)
}

fn wipe(home: &Path) -> Removed {
    key::destroy(home).unwrap();
    remove(home, take_lock(home).unwrap()).unwrap()
}

#[test]
fn everything_of_ours_goes_and_the_folder_too() {
    for encrypted in [false, true] {
        let (dir, home) = home(encrypted);
        assert!(is_home(&home));
        let done = wipe(&home);
        assert!(done.files >= 4 && done.bytes > 0 && done.left.is_empty(), "{done:?}");
        assert!(!home.exists() && !is_home(&home));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

/// A change of the passphrase that was under way writes the key file again: it goes with the rest.
#[test]
fn a_key_that_came_back_goes_too() {
    let (dir, home) = home(true);
    let key_file = fs::read(key::path(&home)).unwrap();
    key::destroy(&home).unwrap();
    let lock = take_lock(&home).unwrap();
    fs::write(key::path(&home), key_file).unwrap();
    remove(&home, lock).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn what_is_not_ours_stays() {
    for encrypted in [false, true] {
        let (dir, home) = home(encrypted);
        let folders = if encrypted { ["data", "files"] } else { ["store/segments", "archives"] };
        let mut mine: Vec<PathBuf> =
            folders.iter().map(|folder| home.join(folder).join("mine.txt")).collect();
        mine.extend(["mine.txt", "keys/mine.txt", "keys/mine.key"].map(|name| home.join(name)));
        fs::create_dir(home.join("keys")).unwrap();
        for path in &mine {
            fs::write(path, b"mine").unwrap();
        }
        fs::write(home.join("keys/other.key"), b"yadgar key 1\npublic").unwrap();
        // A link in the place of a folder of ours: what it leads to is not looked at.
        let outside = dir.path().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("00000001.seg"), b"mine").unwrap();
        let other = if encrypted { "store" } else { "data" };
        std::os::unix::fs::symlink(&outside, home.join(other)).unwrap();
        let done = wipe(&home);
        assert!(mine.iter().all(|path| fs::read(path).unwrap() == b"mine"));
        assert!(mine.iter().all(|path| done.left.iter().any(|l| path.starts_with(l))), "{done:?}");
        assert_eq!(fs::read(outside.join("00000001.seg")).unwrap(), b"mine");
        assert!(!home.join("lock").exists() && !home.join("keys/other.key").exists());
        assert!(!is_home(&home));
    }
}

/// Killed after any number of removals: what is left is a home, and the next one takes the rest.
#[test]
fn a_wipe_that_was_cut_off_is_finished_by_the_next() {
    for encrypted in [false, true] {
        let all = |home: &Path| {
            let mut all = Vec::new();
            let mut todo = vec![home.to_owned()];
            while let Some(folder) = todo.pop() {
                for entry in fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_dir() { todo.push(path) } else { all.push(path) }
                }
            }
            all.retain(|path| !path.ends_with("lock") || path.parent() != Some(home));
            all.sort();
            all
        };
        let count = all(&home(encrypted).1).len();
        for killed_after in 0..=count {
            let (_dir, home) = home(encrypted);
            key::destroy(&home).unwrap();
            let lock = take_lock(&home).unwrap();
            let text = fs::read(home.join("lock")).unwrap();
            for path in all(&home).into_iter().take(killed_after) {
                fs::remove_file(path).unwrap();
            }
            drop(lock);
            fs::write(home.join("lock"), text).unwrap();
            assert!(is_home(&home));
            wipe(&home);
            assert!(!home.exists());
        }
    }
}

#[test]
fn other_folders_are_no_homes() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    assert!(!is_home(folder) && !is_home(&folder.join("none")));
    for name in ["data", "files", "store", "keys", "archives/photos"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    for name in ["data/00000001", "key", "identity", "lock", "keys/maintainer.key", "letters.txt"] {
        fs::write(folder.join(name), b"").unwrap();
    }
    fs::write(folder.join("key"), vec![7; 4096]).unwrap();
    let private = fs::Permissions::from_mode(0o600);
    fs::set_permissions(folder.join("lock"), private).unwrap();
    assert!(!is_home(folder));
}

#[test]
fn nobody_holds_it_nobody_is_stopped() {
    let (_dir, home) = home(false);
    assert_eq!(stop_holder(&home).unwrap(), None);
    assert_eq!(stop_holder(&home.join("none")).unwrap(), None);
    // This process holds it: it does not end itself.
    let lock = HomeLock::acquire(&home, "test", None).unwrap();
    assert_eq!(stop_holder(&home).unwrap(), Some(std::process::id()));
    drop(lock);
}

#[test]
fn folders_that_are_links_are_not_followed() {
    let (dir, home) = home(false);
    let stick = dir.path().join("stick");
    fs::create_dir_all(stick.join("keys")).unwrap();
    fs::write(stick.join("keys/maintainer.key"), b"yadgar key 1\npublic").unwrap();
    fs::rename(home.join("store"), stick.join("store")).unwrap();
    for name in ["keys", "store"] {
        std::os::unix::fs::symlink(stick.join(name), home.join(name)).unwrap();
    }
    wipe(&home);
    assert!(stick.join("keys/maintainer.key").exists() && stick.join("store/segments").exists());
}
