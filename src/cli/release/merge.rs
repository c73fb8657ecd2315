//! `yadgar release merge`.

use super::facts::{Facts, home_if_any};
use super::{file, json, text};
use crate::cli::{CliError, Exit, Ui};
use crate::publish::draft::{Checked, Difference, Kind, Unlike, differences, merge};
use clap::Args;
use serde_json::Value;
use std::path::{Path, PathBuf};
use yadgar_protocol::blocks::ReadBlocks;

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// A draft
    first: PathBuf,
    /// The other copy, signed by somebody else
    second: PathBuf,
    /// Where the joined draft goes (default: in place of the first)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(ui: &Ui, home: &Path, args: &MergeArgs) -> Result<(), CliError> {
    let (a, b) = (file::draft(&args.first)?, file::draft(&args.second)?);
    let access = home_if_any(home, "release merge")?;
    let store = access.as_ref().map(|a| &*a.store as &dyn ReadBlocks);
    let merged = match merge(&a, &b) {
        Ok(merged) => merged,
        Err(Unlike::Payload) => return differ(ui, &a, &b, store, serde_json::json!({})),
        Err(e) => {
            return Err(CliError::new(Exit::Damaged, e.to_string())
                .advice("nothing was written; ask for both files again"));
        }
    };
    let out = args.out.as_deref().unwrap_or(&args.first);
    file::save_draft(out, &merged.draft)?;
    let facts = Facts::new(merged, store);
    same(ui, &facts.checked);
    for quorum in facts.checked.quorums() {
        text::say_quorum(ui, &quorum);
    }
    let mut value = json::describe(&facts);
    value["file"] = out.display().to_string().into();
    value["same"] = true.into();
    ui.json(&value);
    Ok(())
}

fn same(ui: &Ui, checked: &Checked) {
    let chars = checked.chars();
    ui.say(format!("same bytes to sign: {chars}"), format!("بایت‌های امضا یکی است: {chars}"));
}

/// Says whether two drafts are to be signed as the same bytes.
pub fn compare(
    ui: &Ui,
    a: &Checked,
    b: &Checked,
    store: Option<&dyn ReadBlocks>,
    mut value: Value,
) -> Result<(), CliError> {
    if a.draft.signed.payload != b.draft.signed.payload || a.draft.act != b.draft.act {
        return differ(ui, a, b, store, value);
    }
    same(ui, a);
    value["same"] = true.into();
    ui.json(&value);
    Ok(())
}

fn differ(
    ui: &Ui,
    a: &Checked,
    b: &Checked,
    store: Option<&dyn ReadBlocks>,
    mut value: Value,
) -> Result<(), CliError> {
    let difference = differences(a, b, store);
    let (x, y) = (a.chars(), b.chars());
    ui.say(
        format!("the bytes to sign differ: {x} and {y}"),
        format!("بایت‌های امضا یکی نیست: {x} و {y}"),
    );
    for (name, x, y) in &difference.fields {
        let line = format!("  {name}: {x} | {y}");
        ui.say(&line, &line);
    }
    match &difference.files {
        Some(review) => {
            for kind in [Kind::Removed, Kind::Changed, Kind::Moved, Kind::Added] {
                text::list(ui, review, kind, true);
            }
        }
        None => ui.say(
            "  which files differ cannot be told from these drafts",
            "  از این پیش‌نویس‌ها نمی‌شود گفت کدام فایل‌ها فرق دارند",
        ),
    }
    value["same"] = false.into();
    value["fields"] = difference.fields.iter().map(|f| f.0).collect();
    value["files"] = difference.files.as_ref().map_or(Value::Null, json::changes);
    ui.json(&value);
    Err(CliError::new(Exit::Refused, "these are not the same act").advice(advice(&difference)))
}

const fn advice_date() -> &'static str {
    "only the date differs: agree on one, and build with --date YYYY-MM-DD"
}

fn advice(difference: &Difference) -> &'static str {
    if difference.is_date_only() {
        return advice_date();
    }
    "talk to each other: one of the two folders is older, or one of you built on another release. Sign neither before you know"
}
