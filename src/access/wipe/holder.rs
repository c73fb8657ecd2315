//! Ending the process that holds a home: asked first, killed when it does not end.
//!
//! The number of that process stands in a file. Nothing is sent to a process before it is known, by the system's own
//! list of locks where that can be read, that it is the one that holds the lock, and that it is this program.

use crate::access::client::Client;
use crate::store::lock::{Holder, HomeLock, LockError};
use rustix::process::Signal;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a process may take to answer over its control socket before it gets a signal.
const ANSWER_PATIENCE: Duration = Duration::from_millis(800);
/// How long it may take to end after it was asked; then it is killed.
const STOP_PATIENCE: Duration = Duration::from_secs(3);
/// How long all that may take, with further processes that wanted the home meanwhile.
const END_PATIENCE: Duration = Duration::from_secs(10);
/// How often the lock is tried.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks the process that holds the home to end: over its control socket, or by a signal where it has none or does
/// not answer there. Waits for nothing. Returns its number, `None` when there is none.
///
/// # Errors
/// When the file system refuses.
pub fn stop_holder(home: &Path) -> io::Result<Option<u32>> {
    let Some(holder) = HomeLock::holder(home)? else { return Ok(None) };
    ask(home, &holder);
    Ok(Some(holder.pid))
}

/// Takes the lock of a home once whoever holds it has ended. One that does not end within three seconds is killed;
/// another that came in between is asked first, too.
///
/// # Errors
/// [`LockError::Held`] when it cannot be ended, or is not known to be this program; what the file system says
/// otherwise.
pub fn take_lock(home: &Path) -> Result<HomeLock, LockError> {
    let end = Instant::now() + END_PATIENCE;
    let mut met: Option<(Holder, Instant)> = None;
    loop {
        let refused = match HomeLock::acquire(home, "wipe", None) {
            Err(refused @ LockError::Held { .. }) => refused,
            other => return other,
        };
        let now = Instant::now();
        if now >= end {
            return Err(refused);
        }
        if let Ok(Some(holder)) = HomeLock::holder(home) {
            match &met {
                Some((before, asked)) if is_same(before, &holder) => {
                    if now >= *asked + STOP_PATIENCE {
                        signal(home, holder.pid, Signal::KILL);
                    }
                }
                other => {
                    // The first one was asked by `stop_holder`.
                    if other.is_some() {
                        ask(home, &holder);
                    }
                    met = Some((holder, now));
                }
            }
        }
        std::thread::sleep(PAUSE);
    }
}

fn is_same(one: &Holder, other: &Holder) -> bool {
    (one.pid, one.since) == (other.pid, other.since)
}

/// In a thread: a process that hangs may not even take a connection.
fn ask(home: &Path, holder: &Holder) {
    let (home, holder) = (home.to_owned(), holder.clone());
    std::thread::spawn(move || {
        let asked = holder.control.as_deref().map(|socket| {
            let client = Client::connect(socket)?;
            client.stop(ANSWER_PATIENCE)
        });
        if !matches!(asked, Some(Ok(()))) {
            signal(&home, holder.pid, Signal::TERM);
        }
    });
}

/// Sends a signal to the process that holds the home, when this number is that.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn signal(home: &Path, pid: u32, signal: Signal) {
    use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};
    let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
    // The process itself, before it is looked at: its number may go to another one at any moment.
    let Ok(process) = pidfd_open(number, PidfdFlags::empty()) else { return };
    if is_holder(home, pid) {
        // One that has ended meanwhile needs no signal.
        let _ = pidfd_send_signal(process, signal);
    }
}

/// Elsewhere nothing can tell which process a number means.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn signal(_: &Path, _: u32, _: Signal) {}

/// True when this process is another one of this program and has the lock of the home now. Where the list of locks
/// cannot be read (Android), what stands in the lock that is held has to do.
#[cfg(any(target_os = "linux", target_os = "android", test))]
fn is_holder(home: &Path, pid: u32) -> bool {
    let name = |of: &str| fs::read_to_string(format!("/proc/{of}/comm")).ok();
    let own = name("self");
    if own.is_none() || name(&pid.to_string()) != own || pid == std::process::id() {
        return false;
    }
    let Ok(lock) = fs::symlink_metadata(HomeLock::path(home)) else { return false };
    match fs::read_to_string("/proc/locks") {
        Ok(list) => has_lock(&list, pid, lock.ino()),
        Err(_) => HomeLock::holder(home).is_ok_and(|holder| holder.is_some_and(|h| h.pid == pid)),
    }
}

/// True when the list has a lock of this process on a file of this number. A line reads
/// `1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF`; the number of the disk is not always the one that files tell.
fn has_lock(list: &str, pid: u32, inode: u64) -> bool {
    list.lines().any(|line| {
        let mut words = line.split_whitespace().skip(3);
        let kind = words.next();
        let of = words.next().and_then(|word| word.parse::<u32>().ok());
        let file = words.next().and_then(|word| word.rsplit(':').next()?.parse::<u64>().ok());
        // A line of one who only waits for it has one word more.
        kind == Some("WRITE") && of == Some(pid) && file == Some(inode)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_has_the_lock_is_the_holder() {
        let list = "1: FLOCK  ADVISORY  WRITE 12685 fe:00:10010717 0 EOF\n\
                    2: -> FLOCK  ADVISORY  WRITE 77 fe:00:10010717 0 EOF\n\
                    3: POSIX  ADVISORY  READ 5 08:01:9 0 EOF\nnonsense\n";
        assert!(has_lock(list, 12685, 10_010_717));
        for (pid, inode) in [(12685, 9), (77, 10_010_717), (5, 9), (1, 10_010_717)] {
            assert!(!has_lock(list, pid, inode), "{pid} {inode}");
        }
    }

    /// A living process of this very program whose number stands in the lock of somebody else.
    #[test]
    fn a_process_that_is_only_named_in_the_lock_is_not_killed() {
        const MARK: &str = "YADGAR_TEST_BYSTANDER";
        if std::env::var_os(MARK).is_some() {
            std::thread::sleep(Duration::from_secs(600));
            return;
        }
        let home = tempfile::tempdir().unwrap();
        let lock = HomeLock::acquire(home.path(), "test", None).unwrap();
        let mut other = std::process::Command::new(std::env::current_exe().unwrap());
        let module = module_path!().split_once("::").unwrap().1;
        let name = format!("{module}::a_process_that_is_only_named_in_the_lock_is_not_killed");
        let mut other = other.args(["--exact", &name]).env(MARK, "1").spawn().unwrap();
        let told = Holder { pid: other.id(), ..lock.info().clone() };
        fs::write(HomeLock::path(home.path()), serde_json::to_vec(&told).unwrap()).unwrap();
        assert_eq!(HomeLock::holder(home.path()).unwrap(), Some(told));
        for which in [Signal::TERM, Signal::KILL] {
            signal(home.path(), other.id(), which);
        }
        assert!(matches!(take_lock(home.path()), Err(LockError::Held { .. })));
        assert_eq!(other.try_wait().unwrap(), None);
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
