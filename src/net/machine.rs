//! How much memory this machine has for us.

use std::path::{Path, PathBuf};

/// Where control groups of the second version stand, and the file of their bound.
const UNIFIED: (&str, &str) = ("/sys/fs/cgroup", "memory.max");
/// The same of the first version.
const MEMORY: (&str, &str) = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes");

/// Bytes of memory of this machine, or what the container or the service that this is may use; `None` where the system
/// does not tell.
pub fn memory() -> Option<u64> {
    let all = std::fs::read_to_string("/proc/meminfo").ok().as_deref().and_then(total)?;
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let bounds = groups.lines().flat_map(files).filter_map(|file| bound(&file));
    Some(bounds.fold(all, u64::min))
}

/// Where the bounds may stand of one line of `/proc/self/cgroup`: of the group that is named, and of those around it.
fn files(line: &str) -> Vec<PathBuf> {
    let mut fields = line.splitn(3, ':').skip(1);
    let (Some(what), Some(group)) = (fields.next(), fields.next()) else { return Vec::new() };
    let (base, file) = match what {
        "" => UNIFIED,
        _ if what.split(',').any(|one| one == "memory") => MEMORY,
        _ => return Vec::new(),
    };
    let group = Path::new(group.trim_start_matches('/'));
    group.ancestors().map(|group| Path::new(base).join(group).join(file)).collect()
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
    fn bounds_of_a_service_and_of_what_is_around_it() {
        let at = |line| -> Vec<String> {
            files(line).iter().map(|file| file.display().to_string()).collect()
        };
        let service = [
            "/sys/fs/cgroup/system.slice/yadgar.service/memory.max",
            "/sys/fs/cgroup/system.slice/memory.max",
            "/sys/fs/cgroup/memory.max",
        ];
        assert_eq!(at("0::/system.slice/yadgar.service"), service);
        assert_eq!(at("0::/"), service[2..]);
        let old = "/sys/fs/cgroup/memory/";
        let both =
            [format!("{old}small/memory.limit_in_bytes"), format!("{old}memory.limit_in_bytes")];
        assert_eq!(at("9:memory,hugetlb:/small"), both);
        for none in ["8:cpu,cpuacct:/small", "", "0:", "memory"] {
            assert!(files(none).is_empty(), "{none}");
        }
    }

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
