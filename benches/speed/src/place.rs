//! Where the bench works, and on what machine.

use crate::Res;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What a tmpfs says it is (Linux, `statfs`).
const TMPFS: rustix::fs::FsWord = 0x0102_1994;
/// Memory that is to stay free beside what lies on a tmpfs.
const SPARE: u64 = 2 << 30;

/// The folders of a run. They go with it.
pub struct Place {
    pub main: TempDir,
    pub disk: Option<TempDir>,
    /// For whoever reads the table.
    pub words: String,
}

struct Room {
    tmpfs: bool,
    free: u64,
}

fn room(path: &Path) -> Option<Room> {
    let stat = rustix::fs::statfs(path).ok()?;
    let free = stat.f_bavail.saturating_mul(u64::try_from(stat.f_bsize).ok()?);
    Some(Room { tmpfs: stat.f_type == TMPFS, free })
}

fn free_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

impl Place {
    /// A tmpfs when it and the memory have room for `need` bytes, else an ordinary folder; and a folder on a disk.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn choose(need: u64, asked: Option<&Path>) -> Res<Self> {
        let make =
            |parent: &Path| tempfile::Builder::new().prefix("yadgar-speed-").tempdir_in(parent);
        let mut disks = vec![PathBuf::from("/var/tmp"), std::env::temp_dir()];
        disks.extend(std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.to_owned())));
        let on_disk = |path: &PathBuf| room(path).is_some_and(|r| !r.tmpfs && r.free > need);
        let disk = disks.iter().find(|path| on_disk(path)).and_then(|path| make(path).ok());
        let shm = Path::new("/dev/shm");
        let fits =
            room(shm).is_some_and(|r| r.tmpfs && r.free > need) && free_memory() > need + SPARE;
        let parent = match asked {
            Some(asked) => asked.to_owned(),
            None if fits => shm.to_owned(),
            None => std::env::temp_dir(),
        };
        let main = make(&parent).map_err(|e| format!("{}: {e}", parent.display()))?;
        let kind = if room(main.path()).is_some_and(|r| r.tmpfs) { "a tmpfs" } else { "a disk" };
        let words = format!("both ends on {kind} ({})", parent.display());
        Ok(Self { main, disk, words })
    }
}

/// The machine and the moment.
pub struct Machine {
    pub cores: usize,
    pub processor: String,
    pub kernel: String,
    pub memory_mib: u64,
    pub date: String,
    pub load: String,
}

/// What a command says in its first line.
fn said(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The load of the last one, five and fifteen minutes.
pub fn load() -> String {
    read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" ")
}

impl Machine {
    pub fn now() -> Self {
        let cpu = read("/proc/cpuinfo");
        let model = cpu.lines().find_map(|l| l.strip_prefix("model name")?.split_once(':'));
        let memory = read("/proc/meminfo");
        let total =
            memory.lines().find_map(|l| l.strip_prefix("MemTotal:")?.split_whitespace().next());
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            processor: model.map_or_else(String::new, |(_, name)| name.trim().to_owned()),
            kernel: read("/proc/sys/kernel/osrelease"),
            memory_mib: total.and_then(|t| t.parse::<u64>().ok()).unwrap_or(0) / 1024,
            date: said("date", &["-u", "+%-d %B %Y, %H:%M UTC"]),
            load: load(),
        }
    }

    pub fn words(&self) -> String {
        let Self { cores, processor, kernel, memory_mib, date, load } = self;
        format!(
            "{date}; {cores} cores ({processor}), {memory_mib} MiB, Linux {kernel}; load {load} at the start, {} at the end",
            self::load()
        )
    }

    pub fn json(&self) -> Value {
        json!({
            "cores": self.cores, "processor": self.processor, "kernel": self.kernel, "memory_mib": self.memory_mib,
            "date": self.date, "load_start": self.load, "load_end": load(),
        })
    }
}
