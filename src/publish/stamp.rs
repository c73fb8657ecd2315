//! By what a file is known to be the one that was read: size, times, inode, device.

use rustix::fs::Stat;
use std::os::fd::AsFd;
use std::time::{Duration, SystemTime};

/// A change so soon after another one may leave the times as they are: file systems keep them by the second, or by the
/// tick of the system's clock. Files that were changed less than this before they were read are read again.
const SETTLED: Duration = Duration::from_secs(2);

/// Size, times of the last change of bytes (`mtime`) and of anything (`ctime`, which no program can set), inode and device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// In bytes.
    pub size: u64,
    /// Seconds and nanoseconds.
    pub mtime: (i64, u32),
    /// Seconds and nanoseconds.
    pub ctime: (i64, u32),
    /// Number of the file in its file system.
    pub inode: u64,
    /// The file system.
    pub device: u64,
}

impl Stamp {
    /// Bytes of an encoded one.
    pub const BYTES: usize = 48;

    /// As the system tells it.
    // The types of the fields differ between systems.
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion)]
    pub fn of(stat: &Stat) -> Self {
        Self {
            size: u64::try_from(stat.st_size).unwrap_or(0),
            mtime: (i64::from(stat.st_mtime), stat.st_mtime_nsec as u32),
            ctime: (i64::from(stat.st_ctime), stat.st_ctime_nsec as u32),
            inode: u64::from(stat.st_ino),
            device: stat.st_dev as u64,
        }
    }

    /// The stamp of an open file.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn of_open(file: impl AsFd) -> std::io::Result<Self> {
        Ok(Self::of(&rustix::fs::fstat(file)?))
    }

    /// True when whatever changes the file after `now` gives it another stamp. Times that lie ahead say nothing.
    pub fn is_settled(&self, now: SystemTime) -> bool {
        let Ok(now) = now.duration_since(SystemTime::UNIX_EPOCH) else { return false };
        let Some(last) = now.checked_sub(SETTLED) else { return false };
        let Ok(seconds) = i64::try_from(last.as_secs()) else { return false };
        let last = (seconds, last.subsec_nanos());
        self.mtime <= last && self.ctime <= last
    }

    /// For a file.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.size.to_le_bytes());
        for (seconds, nanos) in [self.mtime, self.ctime] {
            out.extend(seconds.to_le_bytes());
            out.extend(nanos.to_le_bytes());
        }
        out.extend(self.inode.to_le_bytes());
        out.extend(self.device.to_le_bytes());
    }

    /// What [`Stamp::encode`] wrote.
    pub fn decode(bytes: &[u8; Self::BYTES]) -> Self {
        let eight = |at: usize| {
            let mut out = [0; 8];
            out.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(out)
        };
        let time = |at: usize| {
            let mut nanos = [0; 4];
            nanos.copy_from_slice(&bytes[at + 8..at + 12]);
            (eight(at).cast_signed(), u32::from_le_bytes(nanos))
        };
        Self {
            size: eight(0),
            mtime: time(8),
            ctime: time(20),
            inode: eight(32),
            device: eight(40),
        }
    }
}

/// True for file systems that give every change a new `ctime` by the clock of this machine. Of others (sticks with FAT,
/// folders of other machines, those that programs make) nothing is known by its times, and all is read.
#[cfg(target_os = "linux")]
pub fn keeps_times(folder: impl AsFd) -> bool {
    // Numbers of linux/magic.h: ext2 to ext4, tmpfs, overlay, XFS, Btrfs, F2FS, bcachefs, ZFS.
    const KNOWN: [u64; 8] = [
        0xef53,
        0x0102_1994,
        0x794c_7630,
        0x5846_5342,
        0x9123_683e,
        0xf2f5_2010,
        0xca45_1a4e,
        0x2fc1_2fc1,
    ];
    // The type of the field differs between architectures; the numbers have 32 bits.
    #[allow(clippy::unnecessary_cast)]
    rustix::fs::fstatfs(folder).is_ok_and(|fs| KNOWN.contains(&(fs.f_type as u64 & 0xffff_ffff)))
}

/// Elsewhere nothing is known of them.
#[cfg(not(target_os = "linux"))]
pub fn keeps_times(_folder: impl AsFd) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn what_was_just_changed_is_not_settled() {
        let stamp = Stamp { size: 1, mtime: (1000, 5), ctime: (900, 0), inode: 7, device: 8 };
        assert!(!stamp.is_settled(at(1002)), "5 ns too soon");
        assert!(stamp.is_settled(at(1003)));
        assert!(
            !Stamp { ctime: (1002, 0), ..stamp }.is_settled(at(1003)),
            "renamed, or its times set"
        );
        assert!(!Stamp { mtime: (i64::MAX, 0), ..stamp }.is_settled(at(1003)), "ahead");
        assert!(!stamp.is_settled(at(1)) && !stamp.is_settled(SystemTime::UNIX_EPOCH));
        assert!(!stamp.is_settled(SystemTime::UNIX_EPOCH - Duration::from_secs(5)));
        assert!(Stamp { mtime: (-3, 0), ..stamp }.is_settled(at(1003)));
    }

    #[test]
    fn encoded_and_back() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"four").unwrap();
        let stamp = Stamp::of_open(&file).unwrap();
        assert_eq!(stamp.size, 4);
        let mut bytes = Vec::new();
        stamp.encode(&mut bytes);
        assert_eq!(Stamp::decode(bytes.as_slice().try_into().unwrap()), stamp);
    }
}
