//! A mirror that has 512 MB for everything: a control group of that size, in which the system ends who takes more. Needs root
//! and control groups that can be made, and says so where that is not so.

use crate::common::{self, Home, Node};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const MEMORY: u64 = 512 << 20;
/// Files of this many bytes, and how many: less than the memory, more than half of what connections may hold.
const FILM: usize = 8_000_000;
const FILMS: u8 = 8;
/// Readers at once: as many as such a mirror has places for guests.
const READERS: usize = 14;

/// A control group, by its folder. Goes with the test, once nobody is in it any more.
struct Group(PathBuf);

impl Group {
    /// `None` when none can be made here.
    fn new() -> Option<Self> {
        // Of the first version and of the second.
        let kinds =
            [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
        let own = format!("yadgar-test-{}", std::process::id());
        let made = kinds.into_iter().find_map(|(base, bound)| {
            let folder = Path::new(base).join(&own);
            std::fs::create_dir(&folder).ok()?;
            let group = Self(folder);
            std::fs::write(group.0.join(bound), MEMORY.to_string()).ok().map(|()| group)
        });
        if made.is_none() {
            let what = "no control group can be made: no mirror with 512 MB";
            crate::skipped("YADGAR_REQUIRE_CGROUP", what);
        }
        made
    }

    /// The command, in the group.
    fn within(&self, command: &Command) -> Command {
        let mut inside = Command::new("sh");
        let enter = format!("echo $$ > {}/cgroup.procs && exec \"$0\" \"$@\"", self.0.display());
        inside.args(["-c", &enter]).arg(command.get_program()).args(command.get_args());
        inside.env_remove("YADGAR_HOME");
        inside
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// Most memory that a process had, in MiB.
fn most_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[test]
fn a_mirror_with_512_mb_serves_as_many_as_it_has_places_for() {
    let Some(group) = Group::new() else { return };
    let home = Home::publisher("Small (fictional)");
    let site = PathBuf::from(home.beside("site"));
    common::write(&site, "index.html", b"<html lang=en><p>A small machine</p></html>");
    for n in 0..FILMS {
        common::write(&site, &format!("media/{n}.mp4"), &common::film(FILM, n));
    }
    home.publish(&site);
    let first = home.mirror(&[], &[]);
    let small = Home::new();
    let args = ["mirror", "--no-mdns", "--yes", "--json", "--listen", "/ip4/127.0.0.1/tcp/0"];
    let invite = home.invite(&[&first.address]);
    let mut node =
        Node::start(group.within(&small.command(&[&args[..], &[invite.as_str()]].concat())));
    node.address = node.wait(|e| e["event"] == "listening")["address"].as_str().unwrap().to_owned();
    node.wait_complete(1);
    let most = small.ok(&["status"])["node"]["connections"]["most"].take();
    let places = |what: &str| most[what].as_u64().unwrap() as usize;
    // It saw how much it has.
    assert!(places("total") < 24 && places("inbound") >= READERS, "{most:#}");
    first.kill();
    let invite = small.invite(&[&node.address]);
    let readers: Vec<Home> = (0..READERS).map(|_| Home::new()).collect();
    let fetched: Vec<Value> = std::thread::scope(|scope| {
        let one = |reader| {
            let invite = &invite;
            scope.spawn(move || Home::ok(reader, &["fetch", invite]))
        };
        let all: Vec<_> = readers.iter().map(one).collect();
        all.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    assert!(fetched.iter().all(|done| done["reached"] == 1), "{fetched:?}");
    let hwm = most_mib(node.pid());
    println!(
        "SMALL: {READERS} readers at once, {} MB each; most memory {hwm} MiB",
        FILM * usize::from(FILMS) / 1_000_000
    );
    assert!(hwm < MEMORY >> 20);
    node.kill();
}
