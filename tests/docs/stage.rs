//! Runs the commands of a page of the guides, as a person would.

use super::common::{Home, Node};
use super::markdown::{blocks, guide, root};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// What a page needs to be there before its first command.
pub struct Stage {
    dir: tempfile::TempDir,
    invite: Option<String>,
    _node: Option<Node>,
    _publisher: Option<Home>,
}

const SAMPLE: &str = "examples/sample-archive";

impl Stage {
    /// A folder to work in, with the program, the sample site and a passphrase file.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("bin");
        fs::create_dir(&bin).unwrap();
        // Mirrors stay on loopback whatever a page says, so that tests are not seen on a network.
        let program = env!("CARGO_BIN_EXE_yadgar");
        script(&bin.join("yadgar"), &WRAPPER.replace("PROGRAM", program));
        // No browser is started on whoever runs the tests.
        for opener in ["xdg-open", "open"] {
            script(&bin.join(opener), "exit 0\n");
        }
        let site = dir.path().join("site");
        let copied = Command::new("cp").arg("-R").arg(root().join(SAMPLE)).arg(&site).status();
        assert!(copied.unwrap().success());
        fs::write(dir.path().join("passphrase.txt"), "several unrelated words\n").unwrap();
        Self { dir, invite: None, _node: None, _publisher: None }
    }

    /// The same, beside a publisher whose node answers to `$INVITE`.
    pub fn with_publisher() -> Self {
        let mut stage = Self::new();
        let publisher = Home::publisher("Guide (fictional)");
        publisher.publish(&stage.dir.path().join("site"));
        let node = publisher.mirror(&[], &[]);
        stage.invite = Some(publisher.invite(&[&node.address]));
        stage._node = Some(node);
        stage._publisher = Some(publisher);
        stage
    }

    /// A file or folder that the page made.
    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// Puts the publisher's archive into a file.
    pub fn carrier(&self, name: &str) {
        self._publisher.as_ref().unwrap().ok(&["export", &self.path(name)]);
    }

    /// Publishes the sample once more, with a page more.
    pub fn next_release(&self) {
        let (site, publisher) = (self.dir.path().join("site"), self._publisher.as_ref().unwrap());
        fs::write(site.join("more.html"), "<html lang=en><p>More (fictional).</html>").unwrap();
        publisher.publish(&site);
    }

    /// Runs every command of a page; `before` is done first.
    pub fn run(&self, page: &str, before: &str) {
        let mut text = PRELUDE.to_owned() + before + "\n";
        for (n, block) in blocks(&guide("en", page)).iter().enumerate() {
            match block.info.as_str() {
                "sh" => text += &block.text,
                "sh linux" if cfg!(target_os = "linux") => text += &block.text,
                "sh background" => text += &background(n, &block.text),
                _ => {}
            }
        }
        text += "finish\n";
        let file = self.dir.path().join("page.sh");
        fs::write(&file, &text).unwrap();
        let user = self.dir.path().join("user");
        fs::create_dir(&user).unwrap();
        let path = format!("{}:{}", self.path("bin"), std::env::var("PATH").unwrap());
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-x"]).arg(&file).current_dir(self.dir.path());
        bash.env("HOME", &user).env("PATH", path).stdin(std::process::Stdio::null());
        bash.env_remove("XDG_DATA_HOME").env_remove("YADGAR_HOME");
        if !cfg!(target_os = "linux") {
            bash.env("YADGAR_HOME", user.join("yadgar")); // The page's default is that of Linux.
        }
        bash.envs(self.invite.iter().map(|invite| ("INVITE", invite)));
        let output = bash.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let trace = String::from_utf8_lossy(&output.stderr);
        println!("{page}:\n{said}\n{trace}");
        assert!(output.status.success(), "{page}: {}", output.status);
    }
}

/// The program; a mirror gets its addresses replaced by one on loopback and is asked nothing, a share gets a network
/// of its own with nobody on it.
const WRAPPER: &str = r#"
LAN='ip link set lo up; ip link add wlan0 type veth peer name far0; ip link set far0 up; ip link set wlan0 up
ip addr add 10.42.0.1/24 dev wlan0; exec "$@"'
case " $* " in
    *' share '*) exec unshare --net sh -c "$LAN" sh 'PROGRAM' "$@" ;;
    *' mirror '*) ;;
    *) exec 'PROGRAM' "$@" ;;
esac
n=$#
while [ "$n" -gt 0 ]; do
    word=$1; shift; n=$((n - 1))
    if [ "$word" = --listen ]; then shift; n=$((n - 1)); else set -- "$@" "$word"; fi
done
exec 'PROGRAM' "$@" --no-mdns --yes --listen /ip4/127.0.0.1/tcp/0
"#;

/// Shell functions that stand in for what people do: look whether it runs, look at a page, press
/// Ctrl-C.
const PRELUDE: &str = r#"
pids=()
trap 'for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done' EXIT
give_up() { echo "$1"; cat "$2"; exit 1; }
wait_mirror() { # pid, log, options
    for _ in $(seq 900); do
        kill -0 "$1" || give_up "the mirror ended" "$2"
        # Before that the home may belong to nobody, and `status` would take it for a moment.
        grep -q ^listening "$2" || { sleep 0.2; continue; }
        said=$(yadgar ${3:+$3} ${4:+"$4"} status --json || true)
        if [[ $said == *'"complete":'[0-9]* && $said != *'"node":null'* ]]; then return; fi
        sleep 0.2
    done
    give_up "the mirror never had the archive" "$2"
}
look_at_page() { # pid, log
    for _ in $(seq 900); do
        kill -0 "$1" || give_up "the reader ended" "$2"
        port=$(sed -n 's|.*http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$2" | head -n 1)
        if [[ -n $port ]]; then break; fi
        sleep 0.2
    done
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /fa/ HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$port" >&3
    page=$(cat <&3)
    exec 3>&-
    [[ $page == 'HTTP/1.'*' 200 '*'<html'* ]] || give_up "no page: $page" "$2"
}
look_at_first_screen() { # pid, log
    for _ in $(seq 900); do
        kill -0 "$1" || give_up "the first screen ended" "$2"
        start=$(sed -n 's|.*http://127.0.0.1:\([0-9]*/s/[0-9a-f]*\).*|\1|p' "$2" | head -n 1)
        if [[ -n $start ]]; then break; fi
        sleep 0.2
    done
    port=${start%%/*}
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /%s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "${start#*/}" "$port" >&3
    page=$(cat <&3)
    exec 3>&-
    [[ $page == 'HTTP/1.'*' 303 '*'/fa/'* ]] || give_up "no way in: $page" "$2"
}
look_at_share() { # pid, log
    for _ in $(seq 900); do
        kill -0 "$1" || give_up "the share ended" "$2"
        url=$(sed -n 's|^ *\(http://10.42.0.1:[0-9]*/\)$|\1|p' "$2" | head -n 1)
        if [[ -n $url ]]; then break; fi
        sleep 0.2
    done
    port=${url##*:}
    nsenter -t "$1" -n bash -euo pipefail -c 'exec 3<>"/dev/tcp/10.42.0.1/${1%/}"
        printf "GET /get/1/all HTTP/1.0\r\nHost: 10.42.0.1:%s\r\n\r\n" "${1%/}" >&3
        while IFS= read -r line <&3 && [[ $line != $'"'\r'"' ]]; do :; done
        cat <&3 > archive.car' - "$port"
}
stop() { kill -TERM "$1"; wait "$1"; }
# A reader has nothing to finish: one that has just begun may end by the signal itself.
close() { kill -TERM "$1"; wait "$1" || [[ $? == 143 ]]; }
finish() { for pid in ${pids[@]+"${pids[@]}"}; do stop "$pid"; done; pids=(); }
"#;

/// Starts a command that goes on. A mirror stays to the end of the page; the reader is looked at
/// and closed, as people do before they go on.
fn background(n: usize, text: &str) -> String {
    let command = text.replace("\\\n", " ");
    let command = command.trim();
    assert!(!command.contains('\n'), "one command in a background block: {text}");
    let log = format!("background-{n}.log");
    // The log is made first: who looks for it may be faster than the shell that starts the command.
    let start = format!(": > {log}\n{command} >> {log} 2>&1 &\npid=$!\n");
    let mut words = command.split_whitespace();
    let home = words.position(|w| w == "--home").and_then(|_| words.next());
    let home = home.map(|h| format!("--home {h}")).unwrap_or_default();
    if command.split_whitespace().any(|w| w == "mirror") {
        return start + &format!("pids+=(\"$pid\")\nwait_mirror \"$pid\" {log} {home}\n");
    }
    if command.split_whitespace().any(|w| w == "share") {
        if !networks() {
            return String::new();
        }
        return start + &format!("look_at_share \"$pid\" {log}\nclose \"$pid\"\n");
    }
    if command == "yadgar" {
        return start + &format!("look_at_first_screen \"$pid\" {log}\nclose \"$pid\"\n");
    }
    assert!(command.contains(" open"), "how would it be seen that this runs? {command}");
    start + &format!("look_at_page \"$pid\" {log}\nclose \"$pid\"\n")
}

/// Whether a share can have a network of its own here; else its command is passed over, with a line that says so.
fn networks() -> bool {
    let probe = Command::new("unshare").args(["--net", "ip", "link"]).output();
    let can = probe.is_ok_and(|p| p.status.success());
    let required = std::env::var_os("YADGAR_REQUIRE_NETNS").is_some_and(|v| v == "1");
    assert!(can || !required, "no network namespaces, and YADGAR_REQUIRE_NETNS=1");
    if !can {
        println!("SKIPPED: share, which needs a network namespace (root, iproute2)");
    }
    can
}

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
