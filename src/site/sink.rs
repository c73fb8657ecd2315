//! Where a clean site goes.

use super::item::SiteError;
use crate::durable;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use yadgar_protocol::Path as SitePath;

/// Takes files; from several threads.
pub trait Sink: Sync {
    /// Takes one file.
    ///
    /// # Errors
    /// When it cannot be written.
    fn put(&self, path: &SitePath, bytes: &[u8]) -> Result<(), SiteError>;
}

/// Takes nothing: only the report is wanted.
#[derive(Debug)]
pub struct Dry;

impl Sink for Dry {
    fn put(&self, _: &SitePath, _: &[u8]) -> Result<(), SiteError> {
        Ok(())
    }
}

/// How a finished site joins the folder that was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// A folder that is not there, or empty.
    New,
    /// A folder with other files; nothing in it is replaced.
    Add,
    /// A folder with other files; what has the same path is replaced.
    Replace,
}

/// A folder beside the one that is wanted, until all is written.
#[derive(Debug)]
pub struct Staged {
    dir: tempfile::TempDir,
    out: PathBuf,
    into: Into,
}

impl Staged {
    /// Begins; looks first whether the folder may be written.
    ///
    /// # Errors
    /// [`SiteError::NotEmpty`], [`SiteError::Io`].
    pub fn new(out: &Path, into: Into) -> Result<Self, SiteError> {
        let out = std::path::absolute(out).map_err(SiteError::at(out.display()))?;
        let full = fs::read_dir(&out).is_ok_and(|mut items| items.next().is_some());
        if into == Into::New && (full || out.is_file()) {
            return Err(SiteError::NotEmpty(out));
        }
        let parent = out.parent().unwrap_or(Path::new("/")).to_owned();
        durable::create_dir_durable(&parent).map_err(SiteError::at(parent.display()))?;
        let dir = tempfile::Builder::new()
            .prefix(".yadgar-site-")
            .tempdir_in(&parent)
            .map_err(SiteError::at(parent.display()))?;
        Ok(Self { dir, out, into })
    }

    /// Puts all files in their place. What is there already, and differs, is an error before anything is moved.
    ///
    /// # Errors
    /// [`SiteError::There`], [`SiteError::Io`].
    pub fn finish(self) -> Result<(), SiteError> {
        let mut files = Vec::new();
        list(self.dir.path(), self.dir.path(), &mut files).map_err(SiteError::at("the copy"))?;
        files.sort();
        let mut there = Vec::new();
        for name in &files {
            let old = self.out.join(name);
            let is_link = fs::symlink_metadata(&old).is_ok_and(|m| m.file_type().is_symlink());
            if is_link
                || old.exists()
                    && self.into != Into::Replace
                    && !same(&old, &self.dir.path().join(name))
            {
                there.push(name.display().to_string());
            }
        }
        if !there.is_empty() {
            return Err(SiteError::There(there));
        }
        for name in &files {
            let new = self.out.join(name);
            let failed = |e| SiteError::Io(new.display().to_string(), e);
            if let Some(folder) = new.parent() {
                fs::create_dir_all(folder).map_err(failed)?;
            }
            fs::rename(self.dir.path().join(name), &new).map_err(failed)?;
        }
        fs::create_dir_all(&self.out).map_err(SiteError::at(self.out.display()))
    }
}

impl Sink for Staged {
    fn put(&self, path: &SitePath, bytes: &[u8]) -> Result<(), SiteError> {
        let target = self.dir.path().join(path.as_str());
        let failed = |e| SiteError::Io(path.to_string(), e);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::File::create_new(&target).and_then(|mut f| f.write_all(bytes)).map_err(failed)
    }
}

fn same(a: &Path, b: &Path) -> bool {
    let size = |p: &Path| fs::metadata(p).map(|m| m.len()).ok();
    size(a) == size(b) && fs::read(a).ok() == fs::read(b).ok()
}

fn list(root: &Path, at: &Path, out: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for item in fs::read_dir(at)? {
        let path = item?.path();
        match path.is_dir() {
            true => list(root, &path, out)?,
            false => out.extend(path.strip_prefix(root).ok().map(Path::to_path_buf)),
        }
    }
    Ok(())
}
