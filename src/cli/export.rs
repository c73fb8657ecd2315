//! `yadgar export`: an archive as one file or as plain files for a web host, or its memorial as a folder.

mod mirror;
mod new;
mod site;
mod volumes;

use super::ui::size;
use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::carrier::{ExportError, ExportOptions, ExportSummary, FileOptions, Parity, export_file};
use crate::survey::Fault;
use clap::Args;
use std::path::{Path, PathBuf};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::have::Have;
use yadgar_protocol::trust::Accepted;

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The file to write; with --split the folder
    file: Option<PathBuf>,
    /// Write files of at most this size instead of one, for example 650MB: each of use alone, in any order
    #[arg(long, value_name = "SIZE", value_parser = super::mirror::parse_size, conflicts_with = "site")]
    split: Option<u64>,
    /// With --split: write so many volumes more, or a share of them, for example 20%; any as many as without are enough to
    /// rebuild all
    #[arg(long, value_name = "K", requires = "split")]
    parity: Option<Parity>,
    /// With --split: beginning of the names of the files
    #[arg(long, value_name = "NAME", requires = "split", default_value = "data")]
    base: String,
    /// Write the memorial as pages into this folder instead, for any browser: new, empty, or of an earlier export
    #[arg(long, value_name = "DIR", conflicts_with = "file")]
    site: Option<PathBuf>,
    /// Write the archive as plain files into this folder instead, for any web host; run again to bring them up to date
    #[arg(long = "static", value_name = "DIR", conflicts_with_all = ["file", "site", "split", "since", "have"])]
    mirror: Option<PathBuf>,
    /// With --site: the day that the pages say they were made on (default: today)
    #[arg(long, value_name = "YYYY-MM-DD", requires = "site", conflicts_with = "file")]
    #[arg(value_parser = site::day)]
    date: Option<String>,
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
    /// Only this part; may be given several times. With --site: pictures of this part (records are always there)
    #[arg(long = "part", value_name = "NAME")]
    parts: Vec<String>,
    /// Write only what a home lacks that has this earlier release: its number, or its hash (see 'yadgar releases')
    #[arg(long, value_name = "RELEASE", conflicts_with_all = ["have", "site"])]
    since: Option<String>,
    /// Write only what the home lacks that wrote this file with 'yadgar have'
    #[arg(long = "for", value_name = "HAVE-FILE", conflicts_with = "site")]
    have: Option<PathBuf>,
    /// Replace the file if it is there. With --site: also over another archive or a newer release; with --static: over a newer release, and over packs of which nothing tells whose they are
    #[arg(long)]
    force: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &ExportArgs) -> Result<(), CliError> {
    if let Some(dir) = &args.mirror {
        return mirror::run(ui, home, args, dir);
    }
    match (&args.site, &args.file) {
        (Some(dir), _) => site::run(ui, home, args, dir),
        (None, Some(file)) => carrier(ui, home, args, file),
        (None, None) => Err(CliError::new(Exit::Usage, "nothing to write")
            .advice("name a file, or a folder with --site DIR or --static DIR")),
    }
}

fn carrier(ui: &Ui, home: &Path, args: &ExportArgs, file: &Path) -> Result<(), CliError> {
    let asked = new::asked(args)?;
    let access = Access::open(home, "export")?;
    let archive = chosen(&access, args, asked.as_ref())?;
    super::dispute::say(ui, &access, &archive)?;
    let head = pick::readable(&access, &archive)?;
    let parts = parts(&access, &head, args, asked.as_ref())?;
    let held = new::held(ui, &access, &head, args, asked.as_ref(), parts.as_deref())?;
    let wanted = |name: &String| parts.as_ref().is_none_or(|p| p.contains(name));
    let total = head.release.parts.iter().filter(|p| wanted(&p.name)).map(|p| p.bytes).sum();
    let bar = ui.bytes_bar(total, "exporting", "برون‌بری");
    let (denied, bulletin) =
        (access.archives.denied(&archive)?, access.archives.bulletin(&archive)?);
    let export = ExportOptions {
        parts: parts.as_deref(),
        denied: Some(&denied),
        bulletin: bulletin.as_deref(),
        except: held.as_ref().map(|held| &held.blocks),
        after: held.as_ref().and_then(|held| held.sequence),
    };
    if let Some(size) = args.split {
        bar.finish_and_clear();
        return volumes::run(ui, &*access.store, &head, export, args, (file, size));
    }
    let options = FileOptions { export, force: args.force, read_back: true };
    let done = export_file(file, &*access.store, &head, options, &mut |p| {
        bar.set_position(p.bytes.min(total));
    })?;
    bar.finish_and_clear();
    let (file, bytes, sequence) = (file.display(), size(done.bytes), head.release.sequence);
    ui.say(
        format!(
            "{file}: release {sequence}, {} blocks, {bytes}, read back and checked",
            done.blocks
        ),
        format!(
            "{file}: نسخه‌ی {sequence}، {} بلوک، {bytes}، دوباره خوانده و سنجیده شد",
            done.blocks
        ),
    );
    if held.is_some() {
        let left = done.left_out;
        ui.say(
            format!("left out, because the other side has it: {left} blocks"),
            format!("کنار گذاشته شد، چون آن سو دارد: {left} بلوک"),
        );
    }
    ui.json(&serde_json::json!({
        "file": file.to_string(), "sequence": sequence, "blocks": done.blocks, "bytes": done.bytes,
        "missing": done.missing, "not_whole": done.faults, "left_out": done.left_out,
        "withdrawn": done.parts.iter().map(|p| p.withdrawn).sum::<u64>(),
    }));
    if done.missing > 0 { Err(not_whole(ui, &done)) } else { Ok(()) }
}

/// Names what is not wholly in the file, and says what to do.
fn not_whole(ui: &Ui, done: &ExportSummary) -> CliError {
    for Fault { part, path, why } in &done.faults {
        ui.say(
            format!("not whole in the file: {part}: {path}: {why}"),
            format!("در فایل کامل نیست: {part}: {path}: {why}"),
        );
    }
    let what = format!("{} blocks were not here and are not in the file", done.missing);
    CliError::new(Exit::Damaged, what).advice(
        "the file is good for what is in it; get the rest again with 'yadgar fetch INVITE' or 'yadgar import FILE', then export again",
    )
}

/// The archive that was named, or that the have file is of.
fn chosen(access: &Access, args: &ExportArgs, asked: Option<&Have>) -> Result<ArchiveId, CliError> {
    let named =
        args.archive.as_deref().map(|text| pick::archive(access, Some(text))).transpose()?;
    let Some(asked) = asked else {
        return named.map_or_else(|| pick::archive(access, None), Ok);
    };
    if named.is_some_and(|named| named != asked.archive) {
        return Err(CliError::new(Exit::Usage, "the have file is of another archive")
            .advice("leave out --archive"));
    }
    if !access.archives.list()?.contains(&asked.archive) {
        let what = format!("the have file is of archive {}, which is not here", asked.archive);
        return Err(CliError::new(Exit::Usage, what).advice("'yadgar status' lists the archives"));
    }
    Ok(asked.archive)
}

/// The parts to write: those that were named, else those that the receiver wants, else those kept here.
fn parts(
    access: &Access,
    head: &Accepted,
    args: &ExportArgs,
    asked: Option<&Have>,
) -> Result<Option<Vec<String>>, CliError> {
    if !args.parts.is_empty() {
        return Ok(Some(args.parts.clone()));
    }
    let kept = access.archives.settings(&head.release.archive)?.parts;
    let Some(want) = asked.and_then(|asked| asked.want.as_ref()) else { return Ok(kept) };
    let here = |name: &&String| kept.as_ref().is_none_or(|kept| kept.contains(name));
    let want = want.iter().filter(here).filter(|name| head.release.part(name).is_some());
    Ok(Some(want.cloned().collect()))
}

impl From<ExportError> for CliError {
    fn from(e: ExportError) -> Self {
        let what = e.to_string();
        match e {
            ExportError::Store(e) => e.into(),
            ExportError::Exists(_) => {
                Self::new(Exit::Failed, what).advice("choose another name, or add --force")
            }
            ExportError::DiskFull(_) => Self::new(Exit::Failed, what).advice(
                "free some space, or export fewer parts with --part; nothing was left behind",
            ),
            ExportError::FileTooLarge(_) => Self::new(Exit::Failed, what)
                .advice("write pieces instead: name a folder, and add --split 4GB"),
            ExportError::ReadBack(_) => Self::new(Exit::Failed, what)
                .advice("nothing was left behind; do not trust this stick, take another one"),
            ExportError::TooSmall(_) => {
                Self::new(Exit::Usage, what).advice("give a greater --split, for example 10MB")
            }
            ExportError::TooManyVolumes(_) | ExportError::TooLargeForParity(_) => {
                Self::new(Exit::Usage, what).advice("give a greater --split")
            }
            ExportError::NoSuchPart(_) => {
                Self::new(Exit::Usage, what).advice("'yadgar status' lists the parts")
            }
            _ => Self::new(Exit::Failed, what).advice("nothing was left behind; try again"),
        }
    }
}
