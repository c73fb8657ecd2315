//! What the program is held against: rsync, nginx + curl, for records casync, and the machine itself.

use crate::Res;
use crate::lab::{FETCHER, SOURCE};
use crate::process::Process;
use crate::stage::Stage;
use crate::workload::{Work, files_of};
use rayon::prelude::*;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Bytes read, hashed and written at once.
const PIECE: usize = 1 << 20;
/// Transfers of curl at a time.
const CURL_AT_ONCE: &str = "8";
/// Names that casync serves.
const CHUNKS: &str = "tree.castr";
const INDEX: &str = "tree.caidx";
/// How long a server may take to answer.
const UP: Duration = Duration::from_secs(20);

/// A program to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Floor {
    Rsync,
    Http,
    /// Over nginx. Compresses many records together, so it is the one to beat in bytes.
    Casync,
}

impl Floor {
    pub const ALL: [Self; 3] = [Self::Rsync, Self::Http, Self::Casync];

    /// Name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsync => "rsync",
            Self::Http => "nginx + curl",
            Self::Casync => "casync",
        }
    }

    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Rsync => &["rsync"],
            Self::Http => &["nginx", "curl"],
            Self::Casync => &["casync", "nginx"],
        }
    }

    /// Those that this machine has and that `work` is for.
    pub fn installed(work: Work) -> Vec<Self> {
        let all = Self::ALL.into_iter();
        let all = all.filter(|floor| *floor != Self::Casync || work == Work::Records);
        all.filter(|floor| floor.programs().iter().all(|program| find(program).is_some())).collect()
    }

    /// Serves `tree` on the source machine.
    ///
    /// # Errors
    /// When the server does not come up.
    pub fn serve(self, stage: &mut Stage, tree: &Path) -> Res<Served> {
        let ip = stage.lab.machine(SOURCE)?;
        stage.lab.machine(FETCHER)?;
        // Free on this machine; in a namespace of its own every port is.
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let dir = stage.fresh(&format!("served-{}", self.programs()[0]))?;
        fs::create_dir_all(&dir)?;
        let command = match self {
            Self::Rsync => rsync_daemon(stage, tree, &dir, (&ip, port))?,
            Self::Http => nginx(stage, tree, &dir, (&ip, port))?,
            Self::Casync => {
                chunk(tree, &dir)?;
                nginx(stage, &dir, &dir, (&ip, port))?
            }
        };
        let process = Process::start(command, &dir.join("log"), None)?;
        let mut served =
            Served { floor: self, process, dir, tree: tree.to_owned(), at: (ip, port) };
        served.wait(stage)?;
        Ok(served)
    }
}

/// How something is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As usual.
    Plain,
    /// So that a killed fetch can go on.
    Resumable,
    /// Where a killed one was.
    Again,
}

/// Where a program is.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let more = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(more).map(|dir| dir.join(program)).find(|p| p.is_file())
}

fn rsync_daemon(stage: &Stage, tree: &Path, dir: &Path, (ip, port): (&str, u16)) -> Res<Command> {
    let conf = dir.join("rsyncd.conf");
    let user = if rustix::process::getuid().is_root() { "uid = root\ngid = root\n" } else { "" };
    fs::write(
        &conf,
        format!(
            "port = {port}\naddress = {ip}\nuse chroot = no\n{user}log file = {}\n[data]\npath = {}\nread only = yes\n",
            dir.join("rsyncd.log").display(),
            tree.display()
        ),
    )?;
    let mut command = stage.lab.on(SOURCE, "rsync");
    command.args(["--daemon", "--no-detach"]).arg(format!("--config={}", conf.display()));
    Ok(command)
}

/// Cuts `tree` into compressed chunks with an index, for casync to fetch.
fn chunk(tree: &Path, dir: &Path) -> Res<()> {
    let mut command = Command::new("casync");
    command.arg("make").arg(format!("--store={}", dir.join(CHUNKS).display()));
    let done = command.arg(dir.join(INDEX)).arg(tree).output()?;
    match done.status.success() {
        true => Ok(()),
        false => Err(format!("casync: {}", String::from_utf8_lossy(&done.stderr)).into()),
    }
}

fn nginx(stage: &Stage, tree: &Path, dir: &Path, (ip, port): (&str, u16)) -> Res<Command> {
    let at = dir.display();
    let user = if rustix::process::getuid().is_root() { "user root;" } else { "" };
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {at}/{kind};"))
        .join(" ");
    fs::write(
        dir.join("nginx.conf"),
        format!(
            "daemon off; {user} worker_processes 2; pid {at}/pid; error_log {at}/errors;
events {{ worker_connections 1024; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; {temporary}
default_type application/octet-stream;
server {{ listen {ip}:{port}; root {}; }} }}\n",
            tree.display()
        ),
    )?;
    let program = find("nginx").ok_or("nginx is not installed")?;
    let mut command = stage.lab.on(SOURCE, program);
    command
        .arg("-p")
        .arg(dir)
        .arg("-e")
        .arg(dir.join("errors"))
        .arg("-c")
        .arg(dir.join("nginx.conf"));
    Ok(command)
}

/// A server that runs.
pub struct Served {
    floor: Floor,
    process: Process,
    dir: PathBuf,
    tree: PathBuf,
    at: (String, u16),
}

impl Served {
    /// Until it takes connections: a machine of its own is asked from there, by its own tool.
    fn wait(&mut self, stage: &Stage) -> Res<()> {
        let (ip, port) = &self.at;
        let end = Instant::now() + UP;
        while Instant::now() < end {
            if let Some(status) = self.process.ended()? {
                return Err(self.process.failed(status).into());
            }
            let up = if stage.lab.is_real() {
                let mut probe = stage.lab.on(FETCHER, std::env::current_exe()?);
                probe.args([crate::KNOCK, &format!("{ip}:{port}")]).output()?.status.success()
            } else {
                TcpStream::connect((ip.as_str(), *port)).is_ok()
            };
            if up {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(format!("{} does not answer", self.floor.name()).into())
    }

    /// The command that fetches everything into `out`.
    ///
    /// # Errors
    /// When its list cannot be written.
    pub fn fetch(&self, stage: &Stage, out: &Path, way: Way) -> Res<Command> {
        self.fetch_on(stage, FETCHER, out, way)
    }

    /// The same on a machine by name.
    ///
    /// # Errors
    /// As [`Self::fetch`].
    pub fn fetch_on(&self, stage: &Stage, machine: &str, out: &Path, way: Way) -> Res<Command> {
        fs::create_dir_all(out)?;
        let (ip, port) = &self.at;
        match self.floor {
            Floor::Rsync => {
                let mut command = stage.lab.on(machine, "rsync");
                command.arg("-a");
                if way != Way::Plain {
                    // Else a SIGKILL leaves nothing that the next run looks at.
                    command.arg("--inplace");
                }
                command
                    .arg(format!("rsync://{ip}:{port}/data/"))
                    .arg(format!("{}/", out.display()));
                Ok(command)
            }
            Floor::Casync => {
                let mut command = stage.lab.on(machine, "casync");
                let at = format!("http://{ip}:{port}");
                command.args(["extract", &format!("--store={at}/{CHUNKS}")]);
                command.arg(format!("{at}/{INDEX}")).arg(out);
                Ok(command)
            }
            Floor::Http => {
                let list = self.dir.join(format!("list-{machine}"));
                fs::write(&list, self.list(out, way == Way::Again)?)?;
                let mut command = stage.lab.on(machine, "curl");
                command.args(["-sS", "-q", "--parallel", "--parallel-max", CURL_AT_ONCE]);
                command.arg("--config").arg(list);
                Ok(command)
            }
        }
    }

    /// What curl is to fetch. The names are given to it: a site has no list of its files.
    fn list(&self, out: &Path, again: bool) -> Res<String> {
        let (ip, port) = &self.at;
        let mut files = files_of(&self.tree)?;
        files.sort();
        let mut items = Vec::new();
        for file in files {
            let (to, name) = (out.join(&file), file.display());
            let have = fs::metadata(&to).map_or(0, |m| m.len());
            if again && have == fs::metadata(self.tree.join(&file))?.len() {
                continue;
            }
            let go_on = if again && have > 0 { "continue-at = \"-\"\n" } else { "" };
            items.push(format!(
                "url = \"http://{ip}:{port}/{name}\"\noutput = \"{}\"\ncreate-dirs\nfail\n{go_on}",
                to.display()
            ));
        }
        Ok(items.join("next\n"))
    }
}

/// Reads and hashes every file on all cores, then writes as many bytes once: what publishing cannot do without.
/// In seconds.
///
/// # Errors
/// When it cannot be read or written.
pub fn hash_and_write(tree: &Path, bytes: u64, dir: &Path) -> Res<f64> {
    let files = files_of(tree)?;
    let start = Instant::now();
    files.par_iter().try_for_each(|file| -> Res<()> {
        let (mut file, mut hasher) = (File::open(tree.join(file))?, blake3::Hasher::new());
        let mut piece = vec![0; PIECE.min(file.metadata()?.len() as usize + 1)];
        loop {
            match file.read(&mut piece)? {
                0 => break,
                read => drop(hasher.update(&piece[..read])),
            }
        }
        std::hint::black_box(hasher.finalize());
        Ok(())
    })?;
    let hashed = start.elapsed().as_secs_f64();
    Ok(hashed + write(dir, bytes, false)?)
}

/// Writes so many bytes into one file; with `sync` they are on the medium in the end. In seconds.
///
/// # Errors
/// When they cannot be written.
pub fn write(dir: &Path, bytes: u64, sync: bool) -> Res<f64> {
    let path = dir.join("written");
    let piece: Vec<u8> = (0..PIECE).map(|n| (n * 31 % 251) as u8).collect();
    let start = Instant::now();
    let mut file = File::create(&path)?;
    let mut left = bytes as usize;
    while left > 0 {
        let now = left.min(PIECE);
        file.write_all(&piece[..now])?;
        left -= now;
    }
    if sync {
        file.sync_all()?;
    }
    let seconds = start.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(seconds)
}
