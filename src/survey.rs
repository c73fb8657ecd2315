//! Walks a release and finds out what of it can be read from some blocks: all of it, or which files are
//! missing. Goes on after a gap, so that everything that is wrong is named at once.

use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::{ReadBlocks, ReadError, ReadFault};
use yadgar_protocol::chunk;
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::{Content, Entry, Expect, Node, decode_node};

/// Most faults that are named one by one.
const MAX_FAULTS: usize = 100;

/// Something of a release that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The part.
    pub part: String,
    /// The file, or the range of files when their tree node is not readable.
    pub path: String,
    /// Why, for people.
    pub why: String,
}

/// What a walk over a release found.
#[derive(Debug, Default, serde::Serialize)]
pub struct Survey {
    /// Blocks that were read and checked.
    pub blocks: u64,
    /// Files that are here whole.
    pub files: u64,
    /// Bytes of these files.
    pub bytes: u64,
    /// Files that are not (those below an unreadable tree node are counted too).
    pub bad_files: u64,
    /// Up to 100 of the reasons.
    pub faults: Vec<Fault>,
}

impl Survey {
    /// True when everything is here.
    pub fn is_whole(&self) -> bool {
        self.bad_files == 0 && self.faults.is_empty()
    }

    fn fault(&mut self, part: &Part, path: String, files: u64, why: String) {
        self.bad_files += files;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { part: part.name.clone(), path, why });
        }
    }
}

/// How carefully blocks of content are looked at. Structure is always read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Only whether they are here.
    Presence,
    /// Read and hashed.
    Content,
}

/// Walks the parts called `parts` (all without) of a release.
///
/// # Errors
/// When the source of the blocks fails as such.
pub fn survey(
    blocks: &dyn ReadBlocks,
    release: &Release,
    parts: Option<&[String]>,
    depth: Depth,
    progress: &mut dyn FnMut(u64),
) -> Result<Survey, ReadError> {
    let mut walk = Walk { blocks, depth, survey: Survey::default(), progress };
    let wanted = |p: &&Part| parts.is_none_or(|names| names.contains(&p.name));
    for part in release.parts.iter().filter(wanted) {
        walk.part(part)?;
    }
    Ok(walk.survey)
}

struct Walk<'a> {
    blocks: &'a dyn ReadBlocks,
    depth: Depth,
    survey: Survey,
    progress: &'a mut dyn FnMut(u64),
}

impl Walk<'_> {
    fn part(&mut self, part: &Part) -> Result<(), ReadError> {
        let mut stack = vec![(part.root, Expect::of_part(part))];
        while let Some((id, expect)) = stack.pop() {
            let range = || match (&expect.after, &expect.last) {
                (_, Some(last)) => format!("files up to {last}"),
                (Some(after), None) => format!("files after {after}"),
                (None, None) => "all files".into(),
            };
            let Some(bytes) = self.blocks.block(&id)? else {
                let why = format!("tree node {id} is not here");
                self.survey.fault(part, range(), expect.files, why);
                continue;
            };
            self.survey.blocks += 1;
            match decode_node(&bytes, &expect) {
                Err(reject) => {
                    let why = format!("tree node {id}: {reject}");
                    self.survey.fault(part, range(), expect.files, why);
                }
                Ok(Node::Leaf(entries)) => {
                    entries.iter().try_for_each(|entry| self.file(part, entry))?;
                }
                Ok(node) => stack.extend(expect.children(&node).into_iter().rev()),
            }
        }
        Ok(())
    }

    fn file(&mut self, part: &Part, entry: &Entry) -> Result<(), ReadError> {
        let why = match &entry.content {
            Content::Block(id) => self.block(id, entry.size)?,
            Content::List { root, .. } => self.list(root, entry.size)?,
        };
        match why {
            None => {
                self.survey.files += 1;
                self.survey.bytes += entry.size;
            }
            Some(why) => self.survey.fault(part, entry.path.to_string(), 1, why),
        }
        (self.progress)(entry.size);
        Ok(())
    }

    /// The reason when a block of content is not as it should be.
    fn block(&mut self, id: &BlockId, size: u64) -> Result<Option<String>, ReadError> {
        let here = match self.depth {
            Depth::Presence => self.blocks.has_block(id)?,
            Depth::Content => match self.blocks.block(id)? {
                Some(bytes) if bytes.len() as u64 != size => {
                    return Ok(Some(format!("block {id} has another size than the release says")));
                }
                found => found.is_some(),
            },
        };
        self.survey.blocks += u64::from(here);
        Ok((!here).then(|| format!("block {id} is missing or damaged")))
    }

    fn list(&mut self, root: &BlockId, size: u64) -> Result<Option<String>, ReadError> {
        let mut chunks = Vec::new();
        let read = chunk::read_list(self.blocks, root, size, &mut |chunk| {
            chunks.push(chunk);
            true
        });
        match read {
            Err(ReadFault::Source(e)) => return Err(e),
            Err(ReadFault::Missing(id)) => {
                return Ok(Some(format!("block list node {id} is missing or damaged")));
            }
            Err(ReadFault::Damaged(reject)) => return Ok(Some(reject.to_string())),
            Ok(()) => {}
        }
        let mut first = None;
        for chunk in chunks {
            let why = self.block(&chunk.id, chunk.bytes)?;
            first = first.or(why);
        }
        Ok(first)
    }
}
