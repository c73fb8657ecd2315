//! What of a release goes into the folder: records and texts always, pictures of the parts that were asked for.

use crate::memorial::source::Source;
use crate::reader::ArchiveView;
use yadgar_protocol::Path;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::tree::{self, Entry};
use yadgar_protocol::withdraw::Withdrawal;

/// A view of some parts of a release.
pub struct Held<'a> {
    view: &'a ArchiveView,
    /// Names of parts; `None` for all of them.
    parts: Option<&'a [String]>,
}

impl<'a> Held<'a> {
    /// The first part, in which the records are, and those of these names.
    pub fn new(view: &'a ArchiveView, parts: Option<&'a [String]>) -> Self {
        Self { view, parts }
    }
}

impl Source for Held<'_> {
    fn listed(&self, prefix: &str) -> Result<Vec<Entry>, ReadFault> {
        Source::listed(self.view, prefix)
    }

    /// Of a part that is left out nothing is known: the same as when it is not here.
    fn find(&self, path: &Path) -> Result<Option<Entry>, ReadFault> {
        let mut fault = None;
        for (at, part) in self.view.accepted().release.parts.iter().enumerate() {
            let wanted = at == 0 || self.parts.is_none_or(|names| names.contains(&part.name));
            if !wanted {
                fault = fault.or(Some(ReadFault::Missing(part.root)));
                continue;
            }
            match tree::get(self.view.blocks(), part, path) {
                Ok(Some(entry)) => return Ok(Some(entry)),
                Ok(None) => {}
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        fault.map_or(Ok(None), Err)
    }

    fn read(&self, entry: &Entry) -> Result<Vec<u8>, ReadFault> {
        Source::read(self.view, entry)
    }

    fn start(&self, entry: &Entry, most: u64) -> Result<Vec<u8>, ReadFault> {
        Source::start(self.view, entry, most)
    }

    fn withdrawn(&self, entry: &Entry) -> Option<&Withdrawal> {
        Source::withdrawn(self.view, entry)
    }
}
