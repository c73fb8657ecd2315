//! Where the bench works: folders, workloads and homes made when a row first needs them.

use crate::lab::Lab;
use crate::workload::{self, Scale, Work, files_of};
use crate::{Res, ours};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes compared at once.
const PIECE: usize = 1 << 20;

/// A workload on the disk.
#[derive(Debug, Clone)]
pub struct Tree {
    pub path: PathBuf,
    pub files: usize,
    pub bytes: u64,
}

impl Tree {
    fn of(path: PathBuf) -> Res<Self> {
        let files = files_of(&path)?;
        let sizes = files.iter().map(|file| Ok(fs::metadata(path.join(file))?.len()));
        let bytes = sizes.sum::<Res<u64>>()?;
        Ok(Self { path, files: files.len(), bytes })
    }
}

/// Everything that rows share.
pub struct Stage {
    /// On a tmpfs when there is room.
    pub dir: PathBuf,
    /// On a disk, if there is one with room.
    pub disk: Option<PathBuf>,
    pub lab: Lab,
    /// The program that is measured.
    pub program: PathBuf,
    pub scale: Scale,
    /// How often each row is measured.
    pub reps: usize,
    pub seed: u64,
    /// No single step takes longer.
    pub limit: Duration,
    trees: BTreeMap<Work, Tree>,
    homes: BTreeMap<Work, PathBuf>,
}

impl Stage {
    pub fn new(
        (dir, disk): (PathBuf, Option<PathBuf>),
        program: PathBuf,
        scale: Scale,
        (reps, seed): (usize, u64),
    ) -> Self {
        let limit = Duration::from_secs(if scale.full { 300 } else { 60 });
        let (trees, homes) = (BTreeMap::new(), BTreeMap::new());
        Self { dir, disk, lab: Lab::new(), program, scale, reps, seed, limit, trees, homes }
    }

    /// A workload; made when it is first asked for.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn tree(&mut self, work: Work) -> Res<Tree> {
        if let Some(tree) = self.trees.get(&work) {
            return Ok(tree.clone());
        }
        let path = self.dir.join("trees").join(work.name());
        workload::make(work, &self.scale, self.seed, &path)?;
        let tree = Tree::of(path)?;
        self.trees.insert(work, tree.clone());
        Ok(tree)
    }

    /// A home that has the workload as its release; made when it is first asked for.
    ///
    /// # Errors
    /// When it cannot be published.
    pub fn home(&mut self, work: Work) -> Res<PathBuf> {
        if let Some(home) = self.homes.get(&work) {
            return Ok(home.clone());
        }
        let tree = self.tree(work)?;
        let home = self.fresh(&format!("home-{}", work.name()))?;
        ours::begin(self, &home)?;
        ours::publish(self, &home, &tree.path)?;
        self.homes.insert(work, home.clone());
        Ok(home)
    }

    /// Takes in a home that a row made.
    pub fn keep(&mut self, work: Work, home: PathBuf) {
        self.homes.insert(work, home);
    }

    /// Forgets a workload and its home: a row that is over gives the room back.
    pub fn forget(&mut self, work: Work) {
        let home = self.homes.remove(&work);
        let tree = self.trees.remove(&work).map(|tree| tree.path);
        for path in home.into_iter().chain(tree) {
            let _ = fs::remove_dir_all(path);
        }
    }

    /// A path at which there is nothing.
    ///
    /// # Errors
    /// When what was there cannot be removed.
    pub fn fresh(&self, name: &str) -> Res<PathBuf> {
        let path = self.dir.join(name);
        clear(&path)?;
        Ok(path)
    }

    /// Where the output of a process goes.
    pub fn log(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.log"))
    }
}

/// Removes a folder if it is there.
///
/// # Errors
/// When it cannot be removed.
pub fn clear(path: &Path) -> Res<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {e}", path.display()).into())
        }
        _ => Ok(()),
    }
}

/// Copies the files of a folder, not its sockets; with `link` they are the same ones under another name.
///
/// # Errors
/// When it cannot be copied.
pub fn copy(from: &Path, to: &Path, link: bool) -> Res<()> {
    for file in files_of(from)? {
        let (old, new) = (from.join(&file), to.join(&file));
        if !fs::symlink_metadata(&old)?.is_file() {
            continue;
        }
        if let Some(parent) = new.parent() {
            fs::create_dir_all(parent)?;
        }
        if link {
            fs::hard_link(old, new)?;
        } else {
            fs::copy(old, new)?;
        }
    }
    Ok(())
}

/// Checks that two folders have the same files, byte for byte.
///
/// # Errors
/// What differs.
pub fn same(source: &Path, got: &Path) -> Res<()> {
    let (mut want, mut have) = (files_of(source)?, files_of(got)?);
    want.sort();
    have.sort();
    if want != have {
        let missing = want.iter().filter(|f| have.binary_search(f).is_err()).count();
        let more = have.iter().filter(|f| want.binary_search(f).is_err()).count();
        return Err(
            format!("WRONG: {missing} files are missing, {more} are not in the source").into()
        );
    }
    let wrong: Vec<_> = want
        .par_iter()
        .filter(|f| !same_file(&source.join(f), &got.join(f)).unwrap_or(false))
        .collect();
    match wrong.first() {
        None => Ok(()),
        Some(first) => Err(format!(
            "WRONG: {} files differ from the source, among them {}",
            wrong.len(),
            first.display()
        )
        .into()),
    }
}

/// True when two files have the same bytes.
///
/// # Errors
/// When one cannot be read.
pub fn same_file(one: &Path, other: &Path) -> Res<bool> {
    let (mut one, mut other) = (fs::File::open(one)?, fs::File::open(other)?);
    let length = one.metadata()?.len();
    if length != other.metadata()?.len() {
        return Ok(false);
    }
    let size = PIECE.min(length as usize + 1);
    let (mut left, mut right) = (vec![0; size], vec![0; size]);
    loop {
        let read = one.read(&mut left)?;
        if read == 0 {
            return Ok(other.read(&mut right)? == 0);
        }
        other.read_exact(&mut right[..read])?;
        if left[..read] != right[..read] {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        for (name, bytes) in [("x/one", vec![1; 3 << 20]), ("two", vec![2; 5]), ("empty", vec![])] {
            let path = a.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        copy(&a, &b, false).unwrap();
        same(&a, &b).unwrap();
        let mut bytes = vec![1; 3 << 20];
        bytes[(2 << 20) + 7] = 0;
        fs::write(b.join("x/one"), &bytes).unwrap();
        assert!(same(&a, &b).unwrap_err().to_string().contains("1 files differ"));
        fs::write(b.join("x/one"), vec![1; 3 << 20]).unwrap();
        fs::write(b.join("more"), "").unwrap();
        assert!(same(&a, &b).unwrap_err().to_string().contains("1 are not in the source"));
        fs::remove_file(b.join("more")).unwrap();
        fs::remove_file(b.join("empty")).unwrap();
        assert!(same(&a, &b).unwrap_err().to_string().contains("1 files are missing"));
    }
}
