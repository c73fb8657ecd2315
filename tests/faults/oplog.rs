//! What strace saw of a victim, as changes of the files below one folder.
//!
//! The victim runs under `strace -f -y -xx` with its data in full. What cannot be understood is a failure: a call that
//! is passed over would make every image that follows from the log a lie.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Calls that are recorded: all by which Rust's standard library, redb and rustix change files, and those by which
/// the place in a file moves.
pub const CALLS: &str = "trace=open,creat,openat,write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,\
splice,lseek,ftruncate,truncate,fallocate,fsync,fdatasync,sync,syncfs,sync_file_range,msync,rename,renameat,renameat2,\
link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir";

/// A change of the disk, or a step towards its lasting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A name is made for a new file.
    Create(PathBuf),
    /// Bytes at an offset.
    Write(PathBuf, u64, Vec<u8>),
    /// Bytes at the end.
    Append(PathBuf, Vec<u8>),
    /// A new length.
    Truncate(PathBuf, u64),
    /// A range becomes zeros.
    Punch(PathBuf, u64, u64),
    /// All that came before lasts: of a file, or the names in a folder.
    Sync(PathBuf),
    /// The same of everything.
    SyncAll,
    /// Within one folder.
    Rename(PathBuf, PathBuf),
    /// A second name.
    Link(PathBuf, PathBuf),
    /// A name goes.
    Unlink(PathBuf),
    /// A new folder.
    Mkdir(PathBuf),
    /// An empty folder goes.
    Rmdir(PathBuf),
    /// What the victim said.
    Said(String),
}

/// An act and the lines of the log at which it began and ended.
#[derive(Debug, Clone)]
pub struct Step {
    pub start: usize,
    pub end: usize,
    pub act: Act,
}

/// Reads a log. Only what lies below `root` and what was written to standard output counts.
pub fn parse(log: &str, root: &Path) -> Vec<Step> {
    let mut reader = Reader { root: root.to_owned(), ..Reader::default() };
    let mut begun: HashMap<&str, (usize, String)> = HashMap::new();
    for (at, line) in log.lines().enumerate() {
        let Some((pid, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if let Some(head) = rest.strip_suffix("<unfinished ...>") {
            begun.insert(pid, (at, head.trim_end().to_owned()));
        } else if let Some(tail) = rest.strip_prefix("<... ") {
            let (start, head) = begun.remove(pid).expect("a call that was resumed had begun");
            let tail = tail.split_once(" resumed>").expect("the form of strace").1;
            reader.call(start, at, &format!("{head}{tail}"));
        } else {
            reader.call(at, at, rest);
        }
    }
    // What was under way when the victim was killed.
    for (start, head) in begun.into_values() {
        reader.call(start, usize::MAX, &format!("{head}) = ?"));
    }
    let mut steps = reader.steps;
    // A process that the victim starts says things to the victim; the last word is the victim's own.
    let outside = reader.said.iter().max_by_key(|(start, _)| **start).map(|(_, pipe)| pipe.clone());
    let inside =
        |start: usize| reader.said.get(&start).is_some_and(|p| Some(p) != outside.as_ref());
    steps.retain(|step| !inside(step.start));
    steps.sort_by_key(|step| step.start);
    steps
}

#[derive(Default)]
struct Reader {
    root: PathBuf,
    /// To which pipe something was said, by the line of the log.
    said: HashMap<usize, PathBuf>,
    /// Where the next `write` to a descriptor of a file goes; `None`: to its end.
    places: HashMap<(String, PathBuf), Option<u64>>,
    steps: Vec<Step>,
}

/// A descriptor as strace shows it: its number, and what it is of.
struct Fd {
    number: String,
    path: PathBuf,
    deleted: bool,
}

impl Reader {
    fn call(&mut self, start: usize, end: usize, text: &str) {
        let Some((name, rest)) = text.split_once('(') else { return };
        let Some((args, result)) = rest.rsplit_once(" = ") else { return };
        if result.starts_with('-') {
            return;
        }
        let args = args.trim_end();
        let args = args.strip_suffix(')').unwrap_or(args);
        let args: Vec<&str> = args.split(", ").collect();
        let acts = self.acts(name, &args, result, text);
        if let [Act::Said(_)] = acts[..] {
            self.said.insert(start, fd(args[0]).path);
        }
        self.steps.extend(acts.into_iter().map(|act| Step { start, end, act }));
    }

    fn acts(&mut self, name: &str, args: &[&str], result: &str, text: &str) -> Vec<Act> {
        let number = |n: usize| args[n].parse::<u64>().unwrap();
        match name {
            "openat" => return self.open(args, result),
            "write" if fd(args[0]).number == "1" => {
                return vec![Act::Said(String::from_utf8_lossy(&string(args[1])).into_owned())];
            }
            "rename" | "link" => {
                let (from, to) = (path(&string(args[0])), path(&string(args[1])));
                return self.pair(name == "link", from, to);
            }
            "renameat" | "renameat2" | "linkat" => {
                let (from, to) = (at(args[0], args[1]), at(args[2], args[3]));
                return self.pair(name == "linkat", from, to);
            }
            "unlink" => return self.named(path(&string(args[0])), Act::Unlink),
            "rmdir" => return self.named(path(&string(args[0])), Act::Rmdir),
            "unlinkat" => {
                let act = if args[2].contains("AT_REMOVEDIR") { Act::Rmdir } else { Act::Unlink };
                return self.named(at(args[0], args[1]), act);
            }
            "mkdir" => return self.named(path(&string(args[0])), Act::Mkdir),
            "mkdirat" => return self.named(at(args[0], args[1]), Act::Mkdir),
            _ => {}
        }
        let of = fd(args[0]);
        if !of.path.starts_with(&self.root) || of.deleted {
            return vec![];
        }
        vec![match name {
            "write" => self.write(of, string(args[1]), result),
            "pwrite64" => Act::Write(of.path, number(3), written(string(args[1]), result)),
            "pwritev" => Act::Write(of.path, number(args.len() - 1), written(pieces(args), result)),
            "ftruncate" => Act::Truncate(of.path, number(1)),
            "fallocate" if args[1].contains("FALLOC_FL_PUNCH_HOLE") => {
                Act::Punch(of.path, number(2), number(3))
            }
            "fsync" | "fdatasync" => Act::Sync(of.path),
            "syncfs" => Act::SyncAll,
            "lseek" => {
                self.places.insert((of.number, of.path), Some(result.trim().parse().unwrap()));
                return vec![];
            }
            _ => panic!("a call that the model of the disk does not know: {text}"),
        }]
    }

    fn open(&mut self, args: &[&str], result: &str) -> Vec<Act> {
        let of = fd(result);
        if !of.path.starts_with(&self.root) {
            return vec![];
        }
        let place = if args[2].contains("O_APPEND") { None } else { Some(0) };
        self.places.insert((of.number, of.path.clone()), place);
        let mut acts = Vec::new();
        if args[2].contains("O_CREAT") {
            acts.push(Act::Create(of.path.clone()));
        }
        if args[2].contains("O_TRUNC") {
            acts.push(Act::Truncate(of.path, 0));
        }
        acts
    }

    fn write(&mut self, of: Fd, bytes: Vec<u8>, result: &str) -> Act {
        let bytes = written(bytes, result);
        let place = self.places.get_mut(&(of.number, of.path.clone()));
        match place.expect("a file that is written was opened") {
            None => Act::Append(of.path, bytes),
            Some(place) => {
                let at = *place;
                *place += bytes.len() as u64;
                Act::Write(of.path, at, bytes)
            }
        }
    }

    fn named(&self, path: PathBuf, act: impl Fn(PathBuf) -> Act) -> Vec<Act> {
        if path.starts_with(&self.root) { vec![act(path)] } else { vec![] }
    }

    fn pair(&mut self, link: bool, from: PathBuf, to: PathBuf) -> Vec<Act> {
        if !from.starts_with(&self.root) && !to.starts_with(&self.root) {
            return vec![];
        }
        assert_eq!(from.parent(), to.parent(), "the model of the disk moves within a folder only");
        if link {
            return vec![Act::Link(from, to)];
        }
        // Descriptors go by the name that strace shows, which is the new one from now on.
        let moved: Vec<_> = self.places.keys().filter(|key| key.1 == from).cloned().collect();
        for key in moved {
            let place = self.places.remove(&key).unwrap();
            self.places.insert((key.0, to.clone()), place);
        }
        vec![Act::Rename(from, to)]
    }
}

/// A call that was cut short by a kill may have written all; one that ended, as much as it says.
fn written(mut bytes: Vec<u8>, result: &str) -> Vec<u8> {
    if let Ok(count) = result.trim().parse::<usize>() {
        bytes.truncate(count);
    }
    bytes
}

/// The bytes of `[{iov_base="\x61", iov_len=1}, ...]`.
fn pieces(args: &[&str]) -> Vec<u8> {
    let bases = args.iter().filter_map(|arg| Some(arg.split_once("iov_base=")?.1));
    bases.flat_map(string).collect()
}

/// `"\x61\x62"`, all in hex.
fn string(text: &str) -> Vec<u8> {
    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let inner = inner.unwrap_or_else(|| panic!("no whole string: {:.80}", text));
    hex::decode(inner.replace("\\x", "")).expect("strace was told to write all in hex")
}

fn path(bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(String::from_utf8(bytes.to_vec()).unwrap());
    assert!(path.is_absolute(), "the model of the disk knows no working folder: {path:?}");
    path
}

/// `4<\x2f\x74>` or `AT_FDCWD<...>`, perhaps with `(deleted)`.
fn fd(text: &str) -> Fd {
    let (number, rest) = text.trim().split_once('<').unwrap_or((text, ">"));
    let (inner, after) = rest.split_once('>').unwrap_or((rest, ""));
    let bytes = hex::decode(inner.replace("\\x", "")).unwrap_or_default();
    let path = PathBuf::from(String::from_utf8_lossy(&bytes).into_owned());
    Fd { number: number.to_owned(), path, deleted: after.contains("(deleted)") }
}

fn at(dir: &str, name: &str) -> PathBuf {
    let name = PathBuf::from(String::from_utf8(string(name)).unwrap());
    fd(dir).path.join(name)
}
