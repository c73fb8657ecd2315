//! The list of mirrors of a release (spec: mirrors.md).

use super::prepare::{FolderArgs, Start};
use crate::access::Access;
use crate::cli::{CliError, Exit, Ui};
use crate::store::mirrors::{from_notes, listed};
use std::io::Read;
use yadgar_protocol::Codec;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::mirrors::MIRRORS_PATH;
use yadgar_protocol::tree::{Content, Entry};

/// Longest file of `--mirrors` that is read.
const MAX_NOTES_BYTES: u64 = 256 * 1024;

/// Adds the list of `--mirrors`. Without it the folder's own, which the gate has looked at, is among the entries
/// already; says so when the release before had one and this has none.
pub fn add(
    ui: &Ui,
    access: &Access,
    args: &FolderArgs,
    start: &Start,
    mut entries: Vec<Entry>,
) -> Result<Vec<Entry>, CliError> {
    let at = entries.partition_point(|entry| entry.path.as_str() < MIRRORS_PATH);
    let there = entries.get(at).is_some_and(|entry| entry.path.as_str() == MIRRORS_PATH);
    let Some(file) = &args.mirrors else {
        // What cannot be read of the release before is told elsewhere.
        let before = start.before.as_ref().and_then(|r| listed(&*access.store, r).ok());
        if !there && before.is_some_and(|list| !list.is_empty()) {
            ui.warn(
                "the release before has a list of mirrors, this one has none: give --mirrors FILE again, or put mirrors.txt into the folder",
                "نسخه‌ی پیشین فهرست آینه‌ها دارد و این یکی ندارد: دوباره --mirrors FILE بدهید یا mirrors.txt را در پوشه بگذارید",
            );
        }
        return Ok(entries);
    };
    if there {
        let what = "the folder has a mirrors.txt, and --mirrors gives another list";
        return Err(CliError::new(Exit::Usage, what).advice(
            "nothing was published; take the file out of the folder, or leave out --mirrors",
        ));
    }
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(|e| CliError::file(file, e))?;
    let read = opened.take(MAX_NOTES_BYTES).read_to_string(&mut text);
    read.map_err(|e| CliError::file(file, e))?;
    let list = from_notes(&text).map_err(|fault| {
        let what = format!("{}: {fault}", file.display());
        CliError::new(Exit::Usage, what).advice(
            "nothing was published; one public address a line, /ip4/ADDRESS/tcp/4774 or https://mirror.example.org/archive/",
        )
    })?;
    let path = yadgar_protocol::Path::new(MIRRORS_PATH)
        .map_err(|e| CliError::failed("the list of mirrors", e))?;
    let size = list.len() as u64;
    let block = Packed::plain(Codec::Raw, list);
    let entry = Entry::new(path, size, Content::Block(block.id));
    access.store.put(vec![block])?;
    entries.insert(at, entry);
    Ok(entries)
}
