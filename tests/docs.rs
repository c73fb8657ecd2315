//! The guides are run, command by command, and held to what the program offers.
//!
//! Fences in the guides: `sh` is run, in order, as one script for each page; `sh linux` only on
//! Linux; `sh background` holds one command that goes on until somebody ends it. Anything else is
//! not run. Nothing here needs a network beyond loopback.

#[path = "docs/ceremony.rs"]
mod ceremony;
mod common;
#[path = "docs/markdown.rs"]
mod markdown;
#[path = "docs/stage.rs"]
mod stage;

use markdown::{Block, blocks, code_lines, code_spans, guide, markdown, prose, root};
use stage::Stage;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGES: [&str; 12] = [
    "before-a-shutdown.md",
    "couriers.md",
    "first-screen.md",
    "hotspot.md",
    "mirror.md",
    "read.md",
    "publish.md",
    "ceremony.md",
    "carrier.md",
    "records.md",
    "tor.md",
    "usb.md",
];

#[test]
fn first_screen_guide() {
    Stage::new().run("first-screen.md", "");
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
fn records_guide() {
    Stage::new().run("records.md", "");
}

#[test]
fn hotspot_guide() {
    let stage = Stage::with_publisher();
    stage.carrier("before.car");
    // What a guest takes from the share, where there can be one in the tests.
    stage.carrier("archive.car");
    stage.run("hotspot.md", "yadgar import before.car");
}

#[test]
fn carrier_guide() {
    let stage = Stage::with_publisher();
    stage.carrier("before.car");
    stage.run("carrier.md", "yadgar import before.car");
}

#[test]
fn before_a_shutdown_guide() {
    let stage = Stage::with_publisher();
    stage.carrier("memorial.car");
    stage.run("before-a-shutdown.md", "");
}

#[test]
fn couriers_guide() {
    let stage = Stage::with_publisher();
    stage.carrier("before.car");
    stage.next_release();
    stage.carrier("newest.car");
    stage.run("couriers.md", "yadgar import newest.car\nyadgar --home other import before.car");
}

#[test]
fn tor_guide() {
    let stage = Stage::with_publisher();
    stage.carrier("memorial.car");
    stage.run("tor.md", "yadgar import memorial.car");
}

#[test]
fn usb_guide() {
    let stage = Stage::with_publisher();
    stage.carrier("before.car");
    stage.run("usb.md", "yadgar import before.car\nyadgar --home other import before.car");
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
        assert!(
            text.starts_with("<div dir=\"rtl\">\n\n") && text.ends_with("\n\n</div>\n"),
            "{page}"
        );
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
    matches!(
        command,
        "key"
            | "archive"
            | "gate"
            | "records"
            | "release"
            | "rotate"
            | "node"
            | "site"
            | "home"
            | "courier"
    )
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
    let groups = [
        "key new",
        "key show",
        "key backup",
        "key restore",
        "archive create",
        "rotate build",
        "records revise",
        "records import",
        "records export",
        "site import",
        "site check",
        "gate check",
        "gate clean",
        "home encrypt",
        "home passphrase",
        "courier write",
        "courier read",
    ];
    let steps = ["build", "show", "sign", "merge", "adopt", "head"].map(|s| format!("release {s}"));
    for group in groups.into_iter().chain(steps.iter().map(String::as_str)) {
        all += &help.of(group).unwrap();
    }
    all += &options_of_developers_programs();
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

/// The options of the benchmark and of the simulator, out of their sources: to build them in a test takes
/// minutes.
fn options_of_developers_programs() -> String {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let speed = read("benches/speed/src/main.rs");
    let lines: Vec<&str> = speed.lines().map(str::trim).collect();
    let fields = lines.windows(2).filter(|pair| pair[0].starts_with("#[arg(long"));
    let options = fields.filter_map(|pair| Some(format!(" --{}", pair[1].split_once(':')?.0)));
    read("protocol/examples/scale/main.rs") + &options.collect::<String>()
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
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Source files that the documents name are there, and hold the tests named behind them in brackets.
#[test]
fn named_tests_exist() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for (path, text) in markdown().into_iter().filter(|(path, _)| path.starts_with("docs")) {
        let text = prose(&text);
        let pieces: Vec<_> = text.split('`').collect();
        for (at, name) in pieces.iter().enumerate().skip(1).step_by(2) {
            let ours =
                ["protocol/", "src/", "tests/"].iter().any(|folder| name.starts_with(folder));
            if !ours || name.contains(' ') {
                continue;
            }
            seen += 1;
            let place = format!("{}: {name}", path.display());
            if !root().join(name).exists() {
                wrong.push(place);
                continue;
            }
            let brackets = pieces[at + 1].strip_prefix(" (").and_then(|rest| rest.split_once(')'));
            let tests = brackets.map(|(inside, _)| inside).filter(|t| !t.starts_with("needs "));
            let source = fs::read_to_string(root().join(name)).unwrap_or_default();
            for test in tests.into_iter().flat_map(|t| t.split(", ")) {
                if !source.contains(test) {
                    wrong.push(format!("{place} has no {test}"));
                }
            }
        }
    }
    assert!(seen > 30, "only {seen} names found");
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
