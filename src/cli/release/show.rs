//! `yadgar release show`.

use super::facts::{Facts, home_if_any};
use super::{file, json, text};
use crate::cli::{CliError, Exit, Ui};
use crate::publish::draft::{FileChange, Over, Side};
use crate::publish::walk::shown;
use clap::Args;
use std::path::{Path, PathBuf};
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::tree::Content;

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The draft
    file: PathBuf,
    /// List every file, however many
    #[arg(long)]
    all: bool,
    /// Print a changed record before and after, as the draft has it; may be given several times
    #[arg(long, value_name = "PATH")]
    content: Vec<String>,
}

pub fn run(ui: &Ui, home: &Path, args: &ShowArgs) -> Result<(), CliError> {
    let checked = file::draft(&args.file)?;
    let access = home_if_any(home, "release show")?;
    let store = access.as_ref().map(|a| &*a.store as &dyn ReadBlocks);
    let facts = Facts::new(checked, store);
    text::say(ui, &facts, args.all);
    let mut out = json::describe(&facts);
    out["file"] = args.file.display().to_string().into();
    for path in &args.content {
        let (old, new) = content(ui, &facts, store, path)?;
        out["content"][path] = serde_json::json!({ "old": old, "new": new });
    }
    ui.json(&out);
    Ok(())
}

type Text = Option<String>;

fn content(
    ui: &Ui,
    facts: &Facts,
    store: Option<&dyn ReadBlocks>,
    path: &str,
) -> Result<(Text, Text), CliError> {
    let file = facts.changes().and_then(|c| c.files.iter().find(|f| f.path.as_str() == path));
    let Some(FileChange { old, new, .. }) = file else {
        let what = format!("{} does not change in this draft", shown(path));
        return Err(CliError::new(Exit::Usage, what).advice("name a path from the list"));
    };
    let blocks = Over(&facts.checked.blocks, store);
    let read = |side: &Option<Side>| -> Result<Text, CliError> {
        let Some(side) = side else { return Ok(None) };
        let block = match side.content {
            Content::Block(id) => blocks.block(&id).ok().flatten(),
            Content::List { .. } => None,
        };
        let bytes = block.ok_or_else(|| {
            CliError::new(Exit::Damaged, format!("the content of {} is not here", shown(path)))
                .advice("look at it on the machine where the draft was built")
        })?;
        Ok(Some(readable(&bytes)))
    };
    let (old, new) = (read(old)?, read(new)?);
    for (text, en, fa) in [(&old, "before", "پیش"), (&new, "after", "پس")] {
        let lines: Vec<_> =
            text.iter().flat_map(|t| t.lines()).map(|l| format!("  {}", shown(l))).collect();
        ui.say(
            format!("{path}, {en}:\n{}", lines.join("\n")),
            format!("{path}، {fa}:\n{}", lines.join("\n")),
        );
    }
    Ok((old, new))
}

/// A record as its fields, anything else as the text that it is: a signer must be able to read it.
fn readable(bytes: &[u8]) -> String {
    let record = yadgar_protocol::record::Record::decode_form(bytes).ok();
    let json = record.and_then(|record| serde_json::to_string_pretty(&record).ok());
    json.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
}
