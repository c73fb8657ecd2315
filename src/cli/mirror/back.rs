//! What a stick lacks is written back to it, when it carries a have file and that was asked for.
//!
//! The file has a name of its own that says nothing and follows from what is in it: the same answer is never written twice, and
//! no other file is touched.

use crate::access::Access;
use crate::carrier::{ExportOptions, FileOptions, Plan, Stamp, export_file, held_by, open_plain};
use crate::cli::{CliError, pick};
use std::io::Read;
use std::path::{Path, PathBuf};
use yadgar_protocol::have::Have;
use yadgar_protocol::limits::MAX_HAVE_BYTES;

/// Have files of a folder that are answered.
const MAX_ASKED: usize = 16;
/// Hex digits of the name.
const DIGITS: usize = 8;

/// The have files of a folder: those called `have`, or with the ending `.have`.
pub fn asked(dir: &Path) -> Vec<(PathBuf, Stamp)> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        name == "have" || name.ends_with(".have")
    });
    let plain = named.filter_map(|entry| {
        // Of a link this is the link itself.
        let meta = entry.metadata().ok()?;
        let stamp = Stamp { length: meta.len(), modified: meta.modified().ok() };
        (meta.is_file() && meta.len() <= MAX_HAVE_BYTES as u64).then(|| (entry.path(), stamp))
    });
    let mut found: Vec<_> = plain.take(MAX_ASKED).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// Writes what the writer of a have file lacks beside it. `None` when it lacks nothing, when the archive is not here, or
/// when it was answered already; else the file and its length.
pub fn answer(access: &Access, file: &Path) -> Result<Option<(PathBuf, u64)>, CliError> {
    let failed = |e| CliError::file(file, e);
    let mut bytes = Vec::new();
    open_plain(file)
        .and_then(|input| input.take(MAX_HAVE_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    let Ok(asked) = Have::decode(&bytes) else { return Ok(None) };
    if !access.archives.list()?.contains(&asked.archive) {
        return Ok(None);
    }
    let Ok(head) = pick::readable(access, &asked.archive) else { return Ok(None) };
    let kept = access.archives.settings(&asked.archive)?.parts;
    let parts: Vec<String> = head.release.parts.iter().map(|part| part.name.clone()).collect();
    let both = [&kept, &asked.want];
    let wanted = |p: &String| both.iter().all(|names| names.as_ref().is_none_or(|n| n.contains(p)));
    let parts: Vec<_> = parts.into_iter().filter(wanted).collect();
    let held = held_by(&*access.store, &asked)?;
    let denied = access.archives.denied(&asked.archive)?;
    let bulletin = access.archives.bulletin(&asked.archive)?;
    let export = ExportOptions {
        parts: Some(&parts),
        denied: Some(&denied),
        bulletin: bulletin.as_deref(),
        except: Some(&held.blocks),
        after: held.sequence,
    };
    let plan = Plan::new(&*access.store, &head, export)?;
    let newest = held.sequence >= Some(head.release.sequence);
    if newest && bulletin.is_none() && plan.content() == 0 {
        return Ok(None);
    }
    let name = format!("data-{}.car", plan.tag().get(..DIGITS).unwrap_or_default());
    let path = file.with_file_name(name);
    if std::fs::symlink_metadata(&path).is_ok() {
        return Ok(None);
    }
    let options = FileOptions { export, force: false, read_back: true };
    let done = export_file(&path, &*access.store, &head, options, &mut |_| ())?;
    Ok(Some((path, done.bytes)))
}
