//! Sticks that are plugged in: what is mounted where people's sticks are.

use super::limits::{MAX_ON_STICK, MAX_STICKS};
use std::path::{Path, PathBuf};

/// Where systems mount what is plugged in.
const PLACES: [&str; 4] = ["/media/", "/run/media/", "/mnt/", "/Volumes/"];

/// A stick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stick {
    /// Where it is mounted.
    pub path: PathBuf,
    /// Its name: the last part of that.
    pub name: String,
    /// Carrier files in its top folder.
    pub carriers: usize,
}

/// Those that are plugged in now.
pub fn sticks() -> Vec<Stick> {
    let mounts = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
    let mut all: Vec<_> = mount_points(&String::from_utf8_lossy(&mounts)).collect();
    all.sort();
    all.dedup();
    all.truncate(MAX_STICKS);
    all.into_iter().map(stick).collect()
}

fn stick(path: PathBuf) -> Stick {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Stick { name, carriers: carriers(&path).len(), path }
}

/// The carrier files in the top folder of a stick.
pub fn carriers(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_carrier = |entry: &std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        // A link on a stick leads where its maker wants.
        (name.ends_with(".car") || name.ends_with(".car.part"))
            && entry.file_type().is_ok_and(|kind| kind.is_file())
    };
    let mut all: Vec<_> =
        entries.filter(is_carrier).map(|entry| entry.path()).take(MAX_ON_STICK).collect();
    all.sort();
    all
}

/// The fifth field of each line of mountinfo is the mount point.
fn mount_points(mountinfo: &str) -> impl Iterator<Item = PathBuf> + use<'_> {
    let point = |line: &str| line.split(' ').nth(4).map(unescaped);
    let points = mountinfo.lines().filter_map(point);
    points.filter(|point| PLACES.iter().any(|place| point.starts_with(place))).map(PathBuf::from)
}

/// Spaces and the like stand as `\040`.
fn unescaped(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        let octal = more.get(..3).filter(|_| *first == b'\\');
        let code = octal.and_then(|o| u8::from_str_radix(std::str::from_utf8(o).ok()?, 8).ok());
        out.push(code.unwrap_or(*first));
        rest = if code.is_some() { &more[3..] } else { more };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_of_sticks() {
        let text = "22 1 0:20 / / rw - ext4 /dev/root rw\n\
            40 22 8:17 / /media/somebody/MY\\040STICK rw,nosuid - vfat /dev/sdb1 rw\n\
            41 22 8:33 / /run/media/a/B rw - exfat /dev/sdc1 rw\n\
            42 22 0:30 / /mediation rw - tmpfs tmpfs rw\nodd\n";
        let found: Vec<_> = mount_points(text).collect();
        let wanted = ["/media/somebody/MY STICK", "/run/media/a/B"].map(PathBuf::from);
        assert_eq!(found, wanted);
    }

    #[test]
    fn carriers_on_top_only() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.car", "a.CAR", "c.car.part", "letter.txt"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(dir.path().join("d.car")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("e.car")).unwrap();
        assert_eq!(carriers(dir.path()).len(), 3);
    }
}
