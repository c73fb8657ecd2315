//! `yadgar have`: a small file that tells another home what need not be brought.

use super::ui::size;
use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::carrier::{have, write_small};
use clap::Args;
use std::path::{Path, PathBuf};
use yadgar_protocol::have::Have;
use yadgar_protocol::limits::MAX_HAVE_BYTES;

#[derive(Debug, Args)]
pub struct HaveArgs {
    /// The file to write; whoever exports for it needs nothing else
    file: PathBuf,
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &HaveArgs) -> Result<(), CliError> {
    let access = Access::open(home, "have")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    let (told, sequence) = told(&access, archive)?;
    let bytes = told.encode_bounded();
    write_small(&args.file, &bytes, args.force)?;
    let (file, length) = (args.file.display(), size(bytes.len() as u64));
    ui.say(
        format!("{file}: what is here of release {sequence}, {length}; it names no device"),
        format!("{file}: آن‌چه از نسخه‌ی {sequence} این‌جاست، {length}؛ نام هیچ دستگاهی در آن نیست"),
    );
    ui.note(
        format!("On the other side: yadgar export NEW.car --for {file}"),
        format!("در آن سو: yadgar export NEW.car --for {file}"),
    );
    ui.json(&serde_json::json!({
        "file": file.to_string(), "bytes": bytes.len(), "sequence": sequence,
    }));
    Ok(())
}

/// What this home has of an archive, and the number of the release that it trusts.
fn told(access: &Access, archive: yadgar_protocol::ArchiveId) -> Result<(Have, u64), CliError> {
    let (trusted, shown) = (access.trusted(&archive)?, access.complete(&archive)?);
    let newest = trusted.as_ref();
    let older = shown.as_ref().filter(|shown| {
        newest.is_none_or(|newest| shown.release.sequence < newest.release.sequence)
    });
    let heads: Vec<_> = newest.into_iter().chain(older).collect();
    let kept = access.archives.settings(&archive)?.parts;
    let denied = access.archives.denied(&archive)?;
    let told = have(&*access.store, archive, &heads, kept.as_deref(), &denied)?;
    Ok((told, newest.map_or(0, |head| head.release.sequence)))
}

/// Reads a have file that somebody gave.
pub fn read(file: &Path) -> Result<Have, CliError> {
    use std::io::Read;
    let (mut bytes, failed) = (Vec::new(), |e| CliError::file(file, e));
    let input =
        crate::carrier::open_plain(&file.canonicalize().map_err(failed)?).map_err(failed)?;
    input.take(MAX_HAVE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Have::decode(&bytes).map_err(|e| {
        let (exit, advice) = match e.needs_newer_version() {
            true => (Exit::Failed, "install a newer yadgar"),
            false => (Exit::Damaged, "on the other side 'yadgar have FILE' writes one"),
        };
        CliError::new(exit, format!("{}: not a have file: {e}", file.display())).advice(advice)
    })
}
