//! The guides are run, command by command, and held to what the program offers.
//!
//! Fences in the guides: `sh` is run, in order, as one script for each page; `sh linux` only on
//! Linux; `sh background` holds one command that goes on until somebody ends it. Anything else is
//! not run. Nothing here needs a network beyond loopback.

mod common;

use common::{Home, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGES: [&str; 4] = ["mirror.md", "read.md", "publish.md", "carrier.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn guide(lang: &str, page: &str) -> String {
    fs::read_to_string(root().join("docs/guide").join(lang).join(page)).unwrap()
}

/// All Markdown files of the source tree: path from the root, and text.
fn markdown() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, out: &mut Vec<(PathBuf, String)>) {
        for item in fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                walk(&path, out);
            } else if name.ends_with(".md") {
                let text = fs::read_to_string(&path).unwrap();
                out.push((path.strip_prefix(root()).unwrap().to_path_buf(), text));
            }
        }
    }
    let mut out = Vec::new();
    walk(root(), &mut out);
    assert!(out.len() > 10, "this does not look like the source tree");
    out
}

// ---- Markdown, as much of it as is needed ----

/// A fenced block: the words behind the fence, and the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    info: String,
    text: String,
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let mut open: Option<Block> = None;
    for line in markdown.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => out.push(block),
            (Some(info), None) => open = Some(Block { info: info.into(), text: String::new() }),
            (None, Some(mut block)) => {
                block.text += line;
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed: {open:?}");
    out
}

/// The lines outside fences and indented code.
fn prose(markdown: &str) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in markdown.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if !inside && !line.starts_with("    ") {
            out += line;
            out.push('\n');
        }
    }
    out
}

/// Lines of code: fenced, and indented by four (the readme has such).
fn code_lines(markdown: &str) -> String {
    let indented = markdown.lines().filter_map(|l| l.strip_prefix("    "));
    let fenced: String = blocks(markdown).into_iter().map(|b| b.text).collect();
    fenced.replace("\\\n", " ") + &indented.map(|l| l.to_owned() + "\n").collect::<String>()
}

/// Pieces of code in running text: between backticks, and in `<code dir="ltr">`.
fn code_spans(markdown: &str) -> Vec<String> {
    let text = prose(markdown).replace("<code dir=\"ltr\">", "`").replace("</code>", "`");
    text.lines().flat_map(|l| l.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}

// ---- Running a page ----

/// What a page needs to be there before its first command.
struct Stage {
    dir: tempfile::TempDir,
    invite: Option<String>,
    _node: Option<Node>,
    _publisher: Option<Home>,
}

const SAMPLE: &str = "examples/sample-archive";

impl Stage {
    /// A folder to work in, with the program, the sample site and a passphrase file.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("bin");
        fs::create_dir(&bin).unwrap();
        // The tests of a machine must not be seen on its LAN: mirrors stay on loopback.
        let program = env!("CARGO_BIN_EXE_yadgar");
        script(&bin.join("yadgar"), &format!(
            "case \" $* \" in *' mirror '*) set -- \"$@\" --no-mdns --listen /ip4/127.0.0.1/tcp/0 ;; esac\n\
             exec '{program}' \"$@\"\n"
        ));
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
    fn with_publisher() -> Self {
        let mut stage = Self::new();
        let publisher = Home::publisher("Guide (fictional)");
        publisher.publish(&stage.dir.path().join("site"));
        let node = publisher.mirror(&[], &[]);
        stage.invite = Some(publisher.invite(&[&node.address]));
        stage._node = Some(node);
        stage._publisher = Some(publisher);
        stage
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// Puts the publisher's archive into a file.
    fn carrier(&self, name: &str) {
        self._publisher.as_ref().unwrap().ok(&["export", &self.path(name)]);
    }

    /// Runs every command of a page; `before` is done first.
    fn run(&self, page: &str, before: &str) {
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
        assert!(output.status.success(), "{page}: {}\n{said}\n{trace}", output.status);
    }
}

/// Shell functions that stand in for what people do: look whether it runs, look at a page, press
/// Ctrl-C.
const PRELUDE: &str = r#"
pids=()
trap 'for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done' EXIT
give_up() { echo "$1"; cat "$2"; exit 1; }
wait_mirror() { # pid, log, options
    for _ in $(seq 900); do
        kill -0 "$1" || give_up "the mirror ended" "$2"
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
stop() { kill -TERM "$1"; wait "$1"; }
finish() { for pid in ${pids[@]+"${pids[@]}"}; do stop "$pid"; done; pids=(); }
"#;

/// Starts a command that goes on. A mirror stays to the end of the page; the reader is looked at
/// and closed, as people do before they go on.
fn background(n: usize, text: &str) -> String {
    let command = text.replace("\\\n", " ");
    let command = command.trim();
    assert!(!command.contains('\n'), "one command in a background block: {text}");
    let log = format!("background-{n}.log");
    let start = format!("{command} > {log} 2>&1 &\npid=$!\n");
    let mut words = command.split_whitespace();
    let home = words.position(|w| w == "--home").and_then(|_| words.next());
    let home = home.map(|h| format!("--home {h}")).unwrap_or_default();
    if command.contains(" mirror ") {
        return start + &format!("pids+=(\"$pid\")\nwait_mirror \"$pid\" {log} {home}\n");
    }
    assert!(command.contains(" open"), "how would it be seen that this runs? {command}");
    start + &format!("look_at_page \"$pid\" {log}\nstop \"$pid\"\n")
}

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn mirror_guide() {
    Stage::with_publisher().run("mirror.md", "");
}

#[test]
fn read_guide() {
    let stage = Stage::with_publisher();
    stage.carrier("memorial.car");
    stage.run("read.md", "");
}

#[test]
fn publish_guide() {
    Stage::new().run("publish.md", "");
}

#[test]
fn carrier_guide() {
    let stage = Stage::with_publisher();
    stage.carrier("before.car");
    stage.run("carrier.md", "yadgar import before.car");
}

// ---- Both languages say the same ----

/// What must be equal in both languages: blocks, levels of headings, rows of tables.
fn shape(markdown: &str) -> (Vec<Block>, Vec<usize>, usize) {
    let text = prose(markdown);
    let level = |l: &str| l.chars().take_while(|c| *c == '#').count();
    let headings = text.lines().map(level).filter(|n| *n > 0).collect();
    (blocks(markdown), headings, text.lines().filter(|l| l.starts_with('|')).count())
}

#[test]
fn both_languages_have_the_same_pages_and_commands() {
    for lang in ["en", "fa"] {
        let folder = fs::read_dir(root().join("docs/guide").join(lang)).unwrap();
        let names: BTreeSet<_> =
            folder.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(names, PAGES.iter().map(|p| p.to_string()).collect(), "pages of {lang}");
    }
    for page in PAGES {
        assert_eq!(shape(&guide("en", page)), shape(&guide("fa", page)), "{page}");
    }
}

#[test]
fn persian_is_set_right() {
    let mut texts: Vec<_> = PAGES.iter().map(|p| (*p, guide("fa", p))).collect();
    texts.push(("README.fa.md", fs::read_to_string(root().join("README.fa.md")).unwrap()));
    for (page, text) in texts {
        // Letters that look like the Persian ones and are not.
        assert!(!text.contains(['\u{64a}', '\u{643}']), "{page}: Arabic yeh or kaf");
        assert!(text.starts_with("<div dir=\"rtl\">\n\n") && text.ends_with("\n\n</div>\n"), "{page}");
        let lines: Vec<_> = text.lines().collect();
        let fences = lines.iter().enumerate().filter(|(_, l)| l.starts_with("```"));
        for (n, (at, _)) in fences.enumerate() {
            let wrapped = match n % 2 {
                0 => lines[at - 2] == "<div dir=\"ltr\">",
                _ => lines[at + 2] == "</div>",
            };
            assert!(wrapped, "{page}: the code around line {at} would be set from the right");
        }
        // A sign at the edge of code in backticks would jump to the other side.
        for line in prose(&text).lines() {
            for span in line.split('`').skip(1).step_by(2) {
                let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
                let right = edge(span.chars().next()) && edge(span.chars().last());
                assert!(right, "{page}: write <code dir=\"ltr\"> around {span}");
            }
        }
    }
}

// ---- Documents and program agree ----

/// `--help` of commands, asked once each.
#[derive(Default)]
struct Help(BTreeMap<String, Option<String>>);

impl Help {
    /// The help of a command, none when there is no such command.
    fn of(&mut self, command: &str) -> Option<String> {
        let ask = || {
            let mut program = Command::new(env!("CARGO_BIN_EXE_yadgar"));
            let output = program.args(command.split_whitespace()).arg("--help").output().unwrap();
            output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
        };
        self.0.entry(command.to_owned()).or_insert_with(ask).clone()
    }

    /// What is wrong with a command line, from behind the program's name on.
    fn wrong(&mut self, line: &str) -> Option<String> {
        let end = line.find(['|', ')', ';', '#', '&', '>']).unwrap_or(line.len());
        let mut words = line[..end].split_whitespace().peekable();
        let (mut command, mut options) = (Vec::new(), Vec::new());
        while let Some(word) = words.next() {
            if word == "--home" {
                words.next();
            } else if word.starts_with("--") {
                options.push(word.split('=').next().unwrap_or(word));
            } else if command.is_empty() || (command.len() == 1 && is_group(command[0])) {
                command.push(word);
            }
        }
        let command = command.join(" ");
        let Some(help) = self.of(&command) else { return Some(format!("no command '{command}'")) };
        let missing = options.iter().find(|o| !has_option(&help, o));
        missing.map(|o| format!("'{command}' has no {o}"))
    }
}

fn is_group(command: &str) -> bool {
    matches!(command, "key" | "archive")
}

fn has_option(help: &str, option: &str) -> bool {
    help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| word == option)
}

/// Texts whose command lines must be right.
fn manuals() -> Vec<(PathBuf, String)> {
    let is_manual = |p: &Path| {
        p.starts_with("docs") || p.parent() == Some(Path::new("")) && !p.ends_with("CHANGELOG.md")
    };
    markdown().into_iter().filter(|(path, _)| is_manual(path)).collect()
}

#[test]
fn commands_in_documents_exist() {
    let mut help = Help::default();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (path, text) in manuals() {
        let code = code_lines(&text) + &code_spans(&text).join("\n");
        for line in code.lines() {
            for (at, _) in line.match_indices("yadgar ") {
                let before = line[..at].chars().last();
                if before.is_some_and(|c| !matches!(c, ' ' | '(' | '\'')) {
                    continue;
                }
                seen += 1;
                let what = help.wrong(&line[at + "yadgar ".len()..]);
                wrong.extend(what.map(|what| format!("{}: {what}: {line}", path.display())));
            }
        }
    }
    assert!(seen > 60, "only {seen} command lines found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn options_named_in_the_text_exist() {
    let mut help = Help::default();
    let main = help.of("").unwrap();
    let list = main.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names = list.lines().filter_map(|l| l.split_whitespace().next());
    let mut all = main.clone();
    for name in names.filter(|n| *n != "help") {
        all += &help.of(name).unwrap_or_default();
    }
    for group in ["key new", "key show", "archive create"] {
        all += &help.of(group).unwrap();
    }
    let mut wrong = Vec::new();
    for (path, text) in manuals() {
        for span in code_spans(&text).iter().filter(|s| s.starts_with("--")) {
            let option = span.split([' ', '=']).next().unwrap();
            if !has_option(&all, option) {
                wrong.push(format!("{}: {option}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

// ---- Links and paths ----

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for (path, text) in markdown() {
        let text = prose(&text);
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().unwrap();
            if target.contains("://") || target.starts_with("mailto:") || target.starts_with('#') {
                continue;
            }
            let file = target.split('#').next().unwrap();
            if !root().join(&path).parent().unwrap().join(file).exists() {
                wrong.push(format!("{}: {target}", path.display()));
            }
        }
        // Source files that the documents name are there.
        for span in code_spans(&text).iter().filter(|s| s.ends_with(".rs") && s.contains('/')) {
            if path.starts_with("docs") && !root().join(span).exists() {
                wrong.push(format!("{}: {span}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_path_of_a_machine() {
    let private = ["/work/", "/tmp/", "/root/", "/home/", "/Users/"];
    for (path, text) in markdown() {
        for line in text.lines() {
            let found = private.iter().find(|p| line.contains(**p));
            assert!(found.is_none(), "{}: {line}", path.display());
        }
    }
}
