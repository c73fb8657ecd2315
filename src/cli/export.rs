//! `yadgar export`: an archive as one file, or its memorial as a folder.

mod site;

use super::ui::size;
use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::carrier::{ExportError, ExportOptions, FileOptions, export_file};
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The file to write
    file: Option<PathBuf>,
    /// Write the memorial as pages into this folder instead, for any browser: new, empty, or of an earlier export
    #[arg(long, value_name = "DIR", conflicts_with = "file")]
    site: Option<PathBuf>,
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
    /// Replace the file if it is there. With --site: also over another archive or a newer release
    #[arg(long)]
    force: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &ExportArgs) -> Result<(), CliError> {
    match (&args.site, &args.file) {
        (Some(dir), _) => site::run(ui, home, args, dir),
        (None, Some(file)) => carrier(ui, home, args, file),
        (None, None) => Err(CliError::new(Exit::Usage, "nothing to write")
            .advice("name a file, or a folder with --site DIR")),
    }
}

fn carrier(ui: &Ui, home: &Path, args: &ExportArgs, file: &Path) -> Result<(), CliError> {
    let access = Access::open(home, "export")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    super::dispute::say(ui, &access, &archive)?;
    let head = pick::readable(&access, &archive)?;
    let kept = access.archives.settings(&archive)?.parts;
    let parts = if args.parts.is_empty() { kept } else { Some(args.parts.clone()) };
    let wanted = |name: &String| parts.as_ref().is_none_or(|p| p.contains(name));
    let total = head.release.parts.iter().filter(|p| wanted(&p.name)).map(|p| p.bytes).sum();
    let bar = ui.bytes_bar(total, "exporting", "برون‌بری");
    let (denied, bulletin) =
        (access.archives.denied(&archive)?, access.archives.bulletin(&archive)?);
    let export = ExportOptions {
        parts: parts.as_deref(),
        denied: Some(&denied),
        bulletin: bulletin.as_deref(),
        ..ExportOptions::default()
    };
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
            "{file}: نسخه‌ی {sequence}، {} بلوک، {bytes}، دوباره خوانده و وارسی شد",
            done.blocks
        ),
    );
    ui.json(&serde_json::json!({
        "file": file.to_string(), "sequence": sequence, "blocks": done.blocks, "bytes": done.bytes,
        "missing": done.missing,
        "withdrawn": done.parts.iter().map(|p| p.withdrawn).sum::<u64>(),
    }));
    if done.missing > 0 {
        let what = format!("{} blocks were not here and are not in the file", done.missing);
        return Err(CliError::new(Exit::Damaged, what)
            .advice("'yadgar verify' names them; the file is good for what is in it"));
    }
    Ok(())
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
            ExportError::NoSuchPart(_) => {
                Self::new(Exit::Usage, what).advice("'yadgar status' lists the parts")
            }
            _ => Self::new(Exit::Failed, what).advice("nothing was left behind; try again"),
        }
    }
}
