//! `yadgar release build`: a folder becomes an unsigned release, in a draft.

use super::facts::Facts;
use super::{file, json, merge, text};
use crate::access::{Access, Writing};
use crate::cli::publish::prepare::{FolderArgs, remember};
use crate::cli::{CliError, Exit, Ui};
use crate::publish::draft::{Act, Checked, Draft, pack};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub struct BuildArgs {
    #[command(flatten)]
    folder: FolderArgs,
    /// Where the draft goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Another maintainer's draft of the same release: says whether the bytes to sign are the same
    #[arg(long, value_name = "DRAFT")]
    compare: Option<PathBuf>,
    /// Leave the blocks out that tell what changes: a smaller file, for signers who have the release
    #[arg(long)]
    no_blocks: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &BuildArgs) -> Result<(), CliError> {
    let other = args.compare.as_deref().map(file::draft).transpose()?;
    let access = Access::open(home, "release build")?;
    let start = args.folder.start(ui, &access)?;
    let writing = Writing::begin(&access.archives, start.archive)?;
    let Some(new) = args.folder.build(ui, &access, &start, &Arc::default())? else {
        return Err(CliError::new(Exit::Usage, "nothing changed since the last release")
            .advice("no draft was made; change the folder first"));
    };
    access.store.flush()?;
    writing.finish()?;
    let packed = pack(&*access.store, start.before.as_ref(), &new.release).map_err(|e| {
        CliError::new(Exit::Damaged, format!("the blocks of the draft: {e}"))
            .advice("get the last release with all its parts ('yadgar fetch'), then build again")
    })?;
    if !packed.provable {
        ui.warn(
            "the list of files is too large for a draft: signers need the release in their homes",
            "فهرست فایل‌ها برای پیش‌نویس بزرگ است: امضاکنندگان باید نسخه را در خانه‌ی خود داشته باشند",
        );
    }
    let blocks = if args.no_blocks { Vec::new() } else { packed.blocks };
    // The head of the release before, when that is the trusted one.
    let trusted = start.trusted.as_ref().filter(|t| Some(t.release_hash()) == start.before_hash);
    let prev = trusted.map(|t| t.bytes.clone());
    let draft = Draft::new(Act::Release, new.release.encode(), start.roots.clone(), prev, blocks);
    let checked = finish(ui, &args.out, draft)?;
    remember(ui, home, &start);
    let facts = Facts::new(checked, Some(&*access.store));
    text::say(ui, &facts, false);
    let mut out = json::describe(&facts);
    out["file"] = args.out.display().to_string().into();
    if let Some(other) = other {
        return merge::compare(ui, &facts.checked, &other, Some(&*access.store), out);
    }
    ui.json(&out);
    Ok(())
}

/// Checks a new draft as any other, and writes it.
pub fn finish(ui: &Ui, out: &Path, draft: Draft) -> Result<Checked, CliError> {
    let checked = Checked::of(draft).map_err(|e| {
        CliError::new(Exit::Usage, format!("this draft would not be right: {e}")).advice(
            "nothing was written; 'yadgar status' shows what this home knows of the archive",
        )
    })?;
    file::save_draft(out, &checked.draft)?;
    let name = out.display();
    ui.note(
        format!("Wrote {name}. Signers: yadgar release sign {name} --key FILE"),
        format!("{name} نوشته شد. امضاکنندگان: yadgar release sign {name} --key FILE"),
    );
    Ok(checked)
}
