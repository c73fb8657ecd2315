//! What carriers are read from: files, or anything that can be read anywhere in it.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Files that stay open, of those that are read together; others are opened again each time.
const KEPT_OPEN: usize = 200;

/// Something that can be read from any place on.
pub trait ReadAt {
    /// Its length, in bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    fn length(&mut self) -> io::Result<u64>;
    /// Reads from `at` on, as much as comes at once; 0 at the end.
    ///
    /// # Errors
    /// When it cannot be read there.
    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

impl<T: Read + Seek> ReadAt for T {
    fn length(&mut self) -> io::Result<u64> {
        self.seek(SeekFrom::End(0))
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.seek(SeekFrom::Start(at))?;
        self.read(buffer)
    }
}

/// A carrier that is read together with others.
pub type Input<'a> = Rc<RefCell<dyn ReadAt + 'a>>;

/// A plain file. What is no plain file is refused, and no link is followed: a stick can hold anything.
pub struct FileInput {
    path: PathBuf,
    keep: bool,
    open: Option<File>,
}

impl FileInput {
    /// The files of these paths, each of which can be read anew when it could not be before.
    pub fn all<'a>(paths: &[PathBuf]) -> Vec<Input<'a>> {
        let keep = paths.len() <= KEPT_OPEN;
        let input = |path: &PathBuf| Self { path: path.clone(), keep, open: None };
        paths.iter().map(|path| Rc::new(RefCell::new(input(path))) as Input<'a>).collect()
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        let mut file = match self.open.take() {
            Some(file) => file,
            None => open_plain(&self.path)?,
        };
        let done = act(&mut file);
        self.open = self.keep.then_some(file);
        done
    }
}

impl ReadAt for FileInput {
    fn length(&mut self) -> io::Result<u64> {
        self.with(|file| Ok(file.metadata()?.len()))
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.with(|file| {
            file.seek(SeekFrom::Start(at))?;
            file.read(buffer)
        })
    }
}

/// Opens a plain file for reading.
///
/// # Errors
/// When it is a link, a folder, a device or a pipe, or cannot be opened.
pub fn open_plain(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::RDONLY
        | rustix::fs::OFlags::NOFOLLOW
        | rustix::fs::OFlags::CLOEXEC
        | rustix::fs::OFlags::NONBLOCK;
    let file = File::from(rustix::fs::open(path, flags, rustix::fs::Mode::empty())?);
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a plain file")),
    }
}
