//! Too little of what a machine has: handles, memory, space; two processes on one home; bits that turn.

use crate::common::{Node, film, tree_of, write};
use crate::nets::{PATIENCE, TIMING, reader};
use crate::power::{say, scratch};
use crate::program::{Lab, copy, ok, yadgar};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::net::TcpStream;
use std::os::unix::fs::FileExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use yadgar::net::{NetHandle, PeerId};
use yadgar::store::{ArchiveStates, BlockStore, DiskStore, MemoryStore, StoreOptions};
use yadgar::sync::{FetchJob, FetchProgress, fetch_release};
use yadgar_protocol::trust::check_head;
use yadgar_protocol::withdraw::Denied;

/// The command with something before it, such as `prlimit`.
fn under(wrapper: &[&str], command: &Command) -> Command {
    let mut wrapped = Command::new(wrapper[0]);
    wrapped.args(&wrapper[1..]).arg(command.get_program()).args(command.get_args());
    wrapped.env_remove("YADGAR_HOME").stdin(Stdio::null());
    wrapped
}

/// Processor time of a process, in hundredths of a second as the system counts.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit_once(") ").unwrap().1;
    let fields: Vec<&str> = after_name.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// A hundred hold the doors open and say nothing. With 64 handles the mirror's own bounds leave it some; with 40 there
/// is none for anything. Who was connected before is served all the same, and the mirror does not turn in a circle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_7_without_handles_a_mirror_serves_on_and_does_not_spin() {
    let lab = Lab::get();
    for most in [64, 40] {
        let dir = scratch();
        let home = dir.path().join("home");
        copy(&lab.path("published"), &home);
        let args = ["mirror", "--no-lan", "--yes", "--json", "--listen", "/ip4/127.0.0.1/tcp/0"];
        let limit = format!("--nofile={most}:{most}");
        let mirror = Node::start(under(&["prlimit", &limit], &yadgar(&home, &args)));
        let event = mirror.wait(|event| event["event"] == "listening");
        let address = event["address"].as_str().unwrap().to_owned();
        let net = reader().await;
        let peer = net.dial(address.parse().unwrap()).await.unwrap();

        let port = address.split('/').nth(4).unwrap();
        let dial = || TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        let doors: Vec<TcpStream> = (0..100).map(|_| dial()).collect();
        // Somebody waits at the control socket as well.
        let _control = UnixStream::connect(home.join("control.sock")).unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let taken = std::fs::read_dir(format!("/proc/{}/fd", mirror.pid())).unwrap().count();
        assert!(taken >= 38, "only {taken} handles are taken");
        let before = ticks(mirror.pid());
        tokio::time::sleep(Duration::from_secs(2)).await;
        let spent = ticks(mirror.pid()) - before;
        say(&format!(
            "{taken} of {most} handles taken: {} ms of processor time in 2 s",
            spent * 10
        ));
        assert!(spent < 50, "{spent} hundredths of a second in 2 s");

        let blocks = fetch_from(&net, peer, &lab.path("published/archives")).await;
        assert!(blocks > 10, "{blocks}");
        // When the doors are free again others come in, too.
        drop(doors);
        let invite = ok(&lab.path("published"), &["invite", "--address", &address]);
        let invite = invite["invite"].as_str().unwrap();
        let other = dir.path().join("other");
        let done = tokio::task::block_in_place(|| ok(&other, &["fetch", invite]));
        assert_eq!(done["sequence"], 1, "{done}");
    }
}

/// Fetches what these states trust from a peer that is connected already; the number of blocks.
async fn fetch_from(net: &NetHandle, peer: PeerId, states: &Path) -> u64 {
    let states = ArchiveStates::open(states).unwrap();
    let id = states.list().unwrap()[0];
    let release = check_head(&id, &states.trusted(&id).unwrap().unwrap()).unwrap();
    let (sources, peers) = mpsc::channel(1);
    sources.send(peer.into()).await.unwrap();
    let store = Arc::new(MemoryStore::new());
    let job = FetchJob {
        release,
        parts: vec!["core".into()],
        denied: Arc::new(Denied::none(id)),
        writer: None,
        store: store.clone(),
        net: net.clone(),
        sources: peers,
        progress: watch::channel(FetchProgress::default()).0,
        cancel: CancellationToken::new(),
        reconnect: Default::default(),
        timing: TIMING,
        give_up: None,
        hurry: None,
    };
    tokio::time::timeout(PATIENCE, fetch_release(job)).await.unwrap().unwrap();
    store.stats().unwrap().blocks
}

/// A group of processes with a bound on memory; `None` where that cannot be had.
struct Group(PathBuf);

impl Group {
    fn new(bytes: u64) -> Option<Self> {
        let name = format!("yadgar-test-{}-{bytes}", std::process::id());
        let path = Path::new("/sys/fs/cgroup/memory").join(name);
        std::fs::create_dir(&path).ok()?;
        let group = Self(path);
        std::fs::write(group.0.join("memory.limit_in_bytes"), bytes.to_string()).ok()?;
        Some(group)
    }

    fn run(&self, command: &Command) -> Output {
        let enter = format!("echo $$ > {}/cgroup.procs && exec \"$@\"", self.0.display());
        under(&["sh", "-c", &enter, "sh"], command).output().unwrap()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// 60 MB with 64 MiB, of which the system's cache is part. With less than the program takes by itself it may be
/// ended by the system; then it goes on where it was.
#[test]
fn f_8_a_fetch_with_little_memory_ends_well_or_goes_on_later() {
    // Not in memory: that would count.
    let dir = tempfile::tempdir().unwrap();
    let (lab, home, site) = (Lab::get(), dir.path().join("home"), dir.path().join("site"));
    let Some(bound) = Group::new(64 << 20) else {
        return say("SKIPPED: no right to bound the memory of a process (memory cgroup)");
    };
    copy(&lab.path("created"), &home);
    write(&site, "media/film.bin", &film(60_000_000, 5));
    write(&site, "index.html", b"<html lang=en><p>fictional</html>");
    let pass = lab.path("pass").display().to_string();
    ok(&home, &["publish", site.to_str().unwrap(), "--passphrase-file", &pass]);
    let args = ["mirror", "--no-lan", "--yes", "--json", "--listen", "/ip4/127.0.0.1/tcp/0"];
    let mirror = Node::start(yadgar(&home, &args));
    let event = mirror.wait(|event| event["event"] == "listening");
    let address = event["address"].as_str().unwrap().to_owned();
    let invite = ok(&lab.path("published"), &["invite", "--address", &address]);
    let invite = invite["invite"].as_str().unwrap();

    let much = dir.path().join("much");
    let output = bound.run(&yadgar(&much, &["fetch", invite, "--json"]));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(ok(&much, &["verify"])["ok"], true);
    drop(bound);

    let little = dir.path().join("little");
    let bound = Group::new(14 << 20).unwrap();
    let output = bound.run(&yadgar(&little, &["fetch", invite, "--json"]));
    say(&format!("a fetch of 60 MB with 14 MiB: {}", output.status));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
    ok(&little, &["fetch", invite]);
    assert_eq!(ok(&little, &["verify"])["ok"], true);
}

/// Both at once, many times: each does its work or says that the home is in use.
#[test]
fn two_processes_on_one_home_lose_nothing() {
    let (lab, dir) = (Lab::get(), scratch());
    let carrier = lab.path("one.car").display().to_string();
    for round in 0..8 {
        let home = dir.path().join(format!("home-{round}"));
        let both = [(); 2].map(|()| {
            let mut command = yadgar(&home, &["import", &carrier, "--json"]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        });
        let mut done = 0;
        for child in both {
            let output = child.wait_with_output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            done += u32::from(output.status.success());
            assert!(output.status.success() || stderr.contains("in use"), "{stderr}");
        }
        assert!(done >= 1, "neither did its work");
        assert_eq!(ok(&home, &["verify"])["ok"], true);
        assert_eq!(ok(&home, &["status"])["archives"][0]["complete"], 1);
    }
}

/// What a kill left of files beside the store goes at the next start; what is not ours stays.
#[test]
fn f_1_temporary_files_of_a_home_go_at_the_next_start() {
    let (lab, dir) = (Lab::get(), scratch());
    let home = dir.path().join("home");
    copy(&lab.path("reader"), &home);
    let archive = std::fs::read_dir(home.join("archives")).unwrap().next().unwrap().unwrap().path();
    let left = [home.join(".yadgar-7-0.tmp"), archive.join(".yadgar-7-1.tmp")];
    let other = home.join("notes.tmp");
    for file in left.iter().chain([&other]) {
        std::fs::write(file, b"half").unwrap();
    }
    ok(&home, &["import", &lab.path("one.car").display().to_string()]);
    assert!(left.iter().all(|file| !file.exists()) && other.exists());
}

/// A file system of so many KiB, in memory.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path, kib: u32) -> Option<Self> {
        std::fs::create_dir(at).unwrap();
        let size = format!("size={kib}k");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "yadgar-test"]).arg(at).stderr(Stdio::null());
        mount.status().is_ok_and(|status| status.success()).then(|| Self(at.to_owned()))
    }

    fn grow(&self, kib: u32) {
        let size = format!("remount,size={kib}k");
        let grown = Command::new("mount").args(["-o", &size]).arg(&self.0).status().unwrap();
        assert!(grown.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// What is too small for the archive: it says so, keeps what it has, and goes on when there is space.
#[test]
fn a_full_disk_is_told_and_the_same_again_goes_on() {
    let (lab, dir) = (Lab::get(), scratch());
    let carrier = lab.path("one.car").display().to_string();
    for (round, kib) in [8, 60, 120, 200, 300].into_iter().enumerate() {
        let Some(disk) = SmallDisk::mount(&dir.path().join(format!("disk-{round}")), kib) else {
            return say("SKIPPED: no right to mount a file system, the disk is not filled");
        };
        let home = disk.0.join("home");
        let output = yadgar(&home, &["import", &carrier]).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && !stderr.contains("panicked"), "{kib}: {stderr}");
        let told = ["space", "full"].iter().any(|word| stderr.to_lowercase().contains(word));
        assert!(told, "{kib} KiB: {stderr}");
        disk.grow(4000);
        ok(&home, &["import", &carrier]);
        assert_eq!(ok(&home, &["verify"])["ok"], true);
    }
}

/// Bits turn anywhere in the store while nobody looks. No page, file or carrier ever shows a wrong byte, and a
/// carrier mends it.
#[test]
fn f_4_f_5_after_bit_rot_nothing_wrong_is_given_out_and_a_carrier_mends_it() {
    let (lab, dir) = (Lab::get(), scratch());
    let carrier = lab.path("one.car").display().to_string();
    let right = tree_of(&lab.path("site"));
    let mut hurt = 0;
    for seed in 0..20_u64 {
        let mut random = StdRng::seed_from_u64(seed);
        let home = dir.path().join(format!("home-{seed}"));
        let out = dir.path().join(format!("out-{seed}"));
        copy(&lab.path("reader"), &home);
        let files =
            ["segments/00000001.seg", "index.redb"].map(|name| home.join("store").join(name));
        for _ in 0..random.random_range(1..12_u32) {
            let file = &files[usize::from(random.random_range(0..3_u32) == 0)];
            let len = file.metadata().unwrap().len();
            let file = std::fs::File::options().read(true).write(true).open(file).unwrap();
            let (at, mut byte) = (random.random_range(0..len), [0]);
            file.read_exact_at(&mut byte, at).unwrap();
            byte[0] ^= 1 << random.random_range(0..8_u32);
            file.write_all_at(&byte, at).unwrap();
        }
        let output = yadgar(&home, &["checkout", out.to_str().unwrap()]).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "seed {seed}: {stderr}");
        if out.exists() {
            for (path, hash) in tree_of(&out) {
                assert_eq!(right.get(&path), Some(&hash), "seed {seed}: {path} is wrong");
            }
        }
        hurt += u32::from(!output.status.success());
        // Finds all that is damaged: so the carrier's blocks are taken again.
        let output = yadgar(&home, &["verify"]).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "seed {seed}: {stderr}");
        ok(&home, &["import", &carrier]);
        ok(&home, &["checkout", out.to_str().unwrap()]);
        assert_eq!(tree_of(&out), right, "seed {seed}");
        let store = DiskStore::open(&home.join("store"), StoreOptions::default()).unwrap();
        assert_eq!(store.scan(&mut |_| {}).unwrap().dangling, 0, "seed {seed}");
    }
    assert!(hurt >= 5, "{hurt}");
}
