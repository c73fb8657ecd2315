//! Sticks that are plugged in: mount points below a folder such as `/media/USER`, as the system lists them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// How deep below the folder a mount point may lie: `/run/media/USER/STICK` below `/run/media`.
const MAX_DEPTH: usize = 2;
/// Sticks that are looked at together.
const MAX_STICKS: usize = 64;
/// File systems that are on no stick: some of the system's own, and such as wait for a network.
const STRANGE: [&str; 9] =
    ["autofs", "proc", "sysfs", "devtmpfs", "cgroup2", "nfs", "nfs4", "cifs", "9p"];

/// A file system that is mounted somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Number of the mount: another one each time that something is plugged in.
    pub id: u64,
    /// Where it is.
    pub path: PathBuf,
}

/// What is mounted below `dir` (not at it), at most two folders deep, and at most 64. Text as in `/proc/self/mountinfo`; where that
/// is not to be had (other systems), there is nothing to be told.
pub fn mounts_below(dir: &Path) -> Vec<Mount> {
    let text = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
    below(&text, dir)
}

fn below(mountinfo: &[u8], dir: &Path) -> Vec<Mount> {
    let lines = mountinfo.split(|byte| *byte == b'\n').filter_map(mount);
    let deep = |mount: &Mount| {
        let depth = mount.path.strip_prefix(dir).map_or(0, |rest| rest.components().count());
        (1..=MAX_DEPTH).contains(&depth)
    };
    lines.filter(deep).take(MAX_STICKS).collect()
}

fn mount(line: &[u8]) -> Option<Mount> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let dash = fields.iter().position(|field| *field == b"-")?;
    let kind = std::str::from_utf8(fields.get(dash + 1)?).ok()?;
    if STRANGE.contains(&kind) || kind.starts_with("fuse.") {
        return None;
    }
    let id = std::str::from_utf8(fields.first()?).ok()?.parse().ok()?;
    let path = PathBuf::from(OsString::from_vec(plain(fields.get(4)?)));
    Some(Mount { id, path })
}

/// Spaces and the like stand there as `\040`.
fn plain(text: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(byte) = text.get(at) {
        let digits = text.get(at + 1..at + 4).and_then(|d| std::str::from_utf8(d).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match code.filter(|_| *byte == b'\\') {
            Some(code) => {
                out.push(code);
                at += 4;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_plugged_in_below_the_folder() {
        let text = b"22 27 0:21 / /proc rw,relatime - proc proc rw\n\
            30 27 8:1 / /media/a/STICK\\040ONE rw,nosuid - vfat /dev/sdb1 rw\n\
            31 27 8:2 / /media/a/two rw shared:1 master:2 - exfat /dev/sdc1 rw\n\
            32 27 8:2 / /media/a/two/deep/er rw - ext4 /dev/sdd1 rw\n\
            33 27 0:99 / /media/a/far rw - nfs4 server:/x rw\n\
            34 27 0:99 / /media/a/gvfs rw - fuse.gvfsd-fuse x rw\n\
            35 27 8:5 / /media/a rw - ext4 /dev/sde1 rw\n\
            36 27 8:5 / /mnt/other rw - ext4 /dev/sdf1 rw\n\
            x y z\n\xff\xfe - \n";
        let found = below(text, Path::new("/media/a"));
        let expected = [(30, "/media/a/STICK ONE"), (31, "/media/a/two")];
        let expected = expected.map(|(id, path)| Mount { id, path: PathBuf::from(path) });
        assert_eq!(found, expected);
        assert_eq!(below(text, Path::new("/media")).len(), 3);
    }
}
