//! How much memory this machine has for us.

use std::path::Path;

/// Where a container's bound may stand, by the two versions of control groups.
const BOUNDS: [&str; 2] =
    ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

/// Bytes of memory of this machine, or of the container that this is; `None` where the system does not tell.
pub fn memory() -> Option<u64> {
    let all = std::fs::read_to_string("/proc/meminfo").ok().as_deref().and_then(total)?;
    let bounds = BOUNDS.iter().filter_map(|file| bound(Path::new(file)));
    Some(bounds.fold(all, u64::min))
}

fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

fn bound(file: &Path) -> Option<u64> {
    // "max" is no number, and no bound.
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_tells() {
        let text = "MemTotal:         498344 kB\nMemFree:          10000 kB\n";
        assert_eq!(total(text), Some(498_344 * 1024));
        for none in ["", "MemFree: 1 kB", "MemTotal: many kB", "MemTotal: 18446744073709551615 kB"]
        {
            assert_eq!(total(none), None, "{none}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        for (text, bytes) in [("max\n", None), ("536870912\n", Some(1 << 29))] {
            std::fs::write(file.path(), text).unwrap();
            assert_eq!(bound(file.path()), bytes);
        }
    }
}
