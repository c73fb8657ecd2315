//! `yadgar diff`: what changed between two releases, from their trees alone.

use super::releases::known;
use super::ui::size;
use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::history::{Chain, Link};
use crate::publish::changes::{Delta, deltas};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::release::RECORDS_PREFIX;

/// Records that are named one by one.
const MAX_SHOWN: usize = 50;

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Number of the older release, or 'newest'
    #[arg(value_name = "N")]
    from: String,
    /// Number of the other release, or 'newest'
    #[arg(value_name = "M")]
    to: String,
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
}

pub fn run(ui: &Ui, home: &Path, args: &DiffArgs) -> Result<(), CliError> {
    let access = Access::open(home, "diff")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    let (_, chain) = known(&access, &archive)?;
    let (from, to) = (find(&chain, &args.from)?, find(&chain, &args.to)?);
    let changes = deltas(&*access.store, Some(&from.release), &to.release).map_err(missing)?;
    let summary = Summary::of(&changes);
    summary.say(ui, from, to);
    ui.json(&summary.describe(from, to));
    Ok(())
}

/// The release of this number in the chain.
fn find<'a>(chain: &'a Chain, text: &str) -> Result<&'a Link, CliError> {
    let newest = chain.links.first().map_or(0, |link| link.release.sequence);
    let number = if text == "newest" { Ok(newest) } else { text.parse::<u64>() };
    let number = number.map_err(|_| {
        CliError::new(Exit::Usage, format!("'{text}' is not the number of a release"))
            .advice("give numbers, or 'newest'; 'yadgar releases' lists them")
    })?;
    if number == 0 || number > newest {
        let what = format!("there is no release {number}: the newest known is {newest}");
        return Err(CliError::new(Exit::Usage, what).advice("'yadgar releases' lists them"));
    }
    chain.get(number).ok_or_else(|| {
        let hash = chain.missing.map_or_else(String::new, |id| id.hash.to_hex());
        let what = format!("release {number} is not known here: the chain ends at payload {hash}");
        CliError::new(Exit::Damaged, what).advice("import a carrier that was made with its history")
    })
}

fn missing((part, fault): (String, ReadFault)) -> CliError {
    let what = format!("part {part} cannot be compared: {fault}");
    CliError::new(Exit::Damaged, what).advice(
        "the trees of both releases must be here: fetch the part, or import a carrier of the old release",
    )
}

/// Files and bytes of one kind of change.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    files: u64,
    bytes: u64,
}

impl Count {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn json(self) -> Value {
        json!({ "files": self.files, "bytes": self.bytes })
    }

    fn text(self) -> String {
        format!("{} ({})", self.files, size(self.bytes))
    }
}

/// The changes of one part. A file that moved is removed in one part and added in another.
#[derive(Debug, Default, Clone, Copy)]
struct PartCount {
    added: Count,
    changed: Count,
    removed: Count,
}

#[derive(Debug, Default)]
struct Summary<'a> {
    parts: BTreeMap<&'a str, PartCount>,
    /// Paths of records: added, changed, removed.
    records: [Vec<&'a str>; 3],
    moved: u64,
}

impl<'a> Summary<'a> {
    fn of(changes: &'a [Delta]) -> Self {
        let mut out = Self::default();
        for change in changes {
            let mut kind = None;
            match (&change.old, &change.new) {
                (Some((from, old)), Some((to, new))) if from == to => {
                    out.parts.entry(to).or_default().changed.add(new.size);
                    kind = (old.content != new.content).then_some(1);
                }
                (old, new) => {
                    if let Some((part, entry)) = new {
                        out.parts.entry(part).or_default().added.add(entry.size);
                        kind = Some(0);
                    }
                    if let Some((part, entry)) = old {
                        out.parts.entry(part).or_default().removed.add(entry.size);
                        kind = Some(2);
                    }
                    if let (Some((_, old)), Some((_, new))) = (old, new) {
                        out.moved += 1;
                        kind = (old.content != new.content).then_some(1);
                    }
                }
            }
            let path = change.path.as_str();
            if let Some(kind) = kind.filter(|_| path.starts_with(RECORDS_PREFIX)) {
                out.records[kind].push(path);
            }
        }
        out
    }

    fn say(&self, ui: &Ui, from: &Link, to: &Link) {
        let (a, b) = (&from.release, &to.release);
        ui.say(
            format!(
                "from release {} of {} to release {} of {}",
                a.sequence, a.date, b.sequence, b.date
            ),
            format!("از نسخه‌ی {} در {} تا نسخه‌ی {} در {}", a.sequence, a.date, b.sequence, b.date),
        );
        let [added, changed, removed] = &self.records;
        let (n, c, r) = (added.len(), changed.len(), removed.len());
        ui.say(
            format!("records {} -> {}: {n} added, {c} changed, {r} removed", a.records, b.records),
            format!(
                "پرونده‌ها {} -> {}: {n} افزوده، {c} تغییرکرده، {r} برداشته",
                a.records, b.records
            ),
        );
        for (sign, paths) in [("+", added), ("~", changed), ("-", removed)] {
            for path in paths.iter().take(MAX_SHOWN) {
                ui.say(format!("  {sign} {path}"), format!("  {sign} {path}"));
            }
            if let Some(more) = paths.len().checked_sub(MAX_SHOWN).filter(|more| *more > 0) {
                ui.say(format!("  … and {more} more"), format!("  … و {more} تای دیگر"));
            }
        }
        for (part, count) in &self.parts {
            let (n, c, r) = (count.added.text(), count.changed.text(), count.removed.text());
            ui.say(
                format!("part {part}: files added {n}, changed {c}, removed {r}"),
                format!("بخش {part}: فایل‌های افزوده {n}، تغییرکرده {c}، برداشته {r}"),
            );
        }
        if self.moved > 0 {
            let moved = self.moved;
            ui.say(
                format!("{moved} of these files went from one part to another"),
                format!("{moved} تا از این فایل‌ها از بخشی به بخش دیگر رفته است"),
            );
        }
        if self.parts.is_empty() {
            ui.say("No file differs.", "هیچ فایلی فرق ندارد.");
        }
    }

    fn describe(&self, from: &Link, to: &Link) -> Value {
        let parts = self.parts.iter().map(|(name, count)| {
            json!({ "name": name, "added": count.added.json(), "changed": count.changed.json(),
                    "removed": count.removed.json() })
        });
        let [added, changed, removed] = &self.records;
        json!({
            "from": from.release.sequence, "to": to.release.sequence,
            "records": { "added": added, "changed": changed, "removed": removed,
                         "before": from.release.records, "after": to.release.records },
            "parts": parts.collect::<Vec<_>>(), "moved": self.moved,
        })
    }
}
