//! `yadgar export --static`: the archive as plain files that any web host serves.

use super::super::ui::size;
use super::super::{CliError, Exit, Ui, dispute, pick};
use super::ExportArgs;
use crate::access::Access;
use crate::static_mirror::{MirrorError, Options, Summary, write};
use crate::survey::Fault;
use std::path::Path;

pub fn run(ui: &Ui, home: &Path, args: &ExportArgs, dir: &Path) -> Result<(), CliError> {
    let access = Access::open(home, "export")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    dispute::say(ui, &access, &archive)?;
    let head = pick::readable(&access, &archive)?;
    let parts = super::parts(&access, &head, args, None)?;
    let (denied, bulletin) =
        (access.archives.denied(&archive)?, access.archives.bulletin(&archive)?);
    let options = Options {
        parts: parts.as_deref(),
        denied: &denied,
        bulletin: bulletin.as_deref(),
        force: args.force,
    };
    let bar = ui.bytes_bar(0, "exporting", "برون‌بری");
    let done = write(&*access.store, &head, dir, options, &mut |at, total| {
        bar.set_length(total.max(at));
        bar.set_position(at);
    });
    bar.finish_and_clear();
    say(ui, dir, &done?)
}

fn say(ui: &Ui, dir: &Path, done: &Summary) -> Result<(), CliError> {
    let (shown, sequence, packs) = (dir.display(), done.sequence, done.packs);
    let (bytes, plain, new) = (size(done.bytes), size(done.plain_bytes), size(done.new_bytes));
    let (files, removed) = (done.new_files, done.removed);
    ui.say(
        format!("{shown}: release {sequence} in {packs} packs, {bytes} (plain: {plain})\n{files} files written ({new}), {removed} removed; upload what is new first, and 'head' last"),
        format!("{shown}: نسخه‌ی {sequence} در {packs} بسته، {bytes} (بی‌فشرده‌سازی: {plain})\n{files} فایل نوشته شد ({new})، {removed} برداشته شد؛ اول چیزهای تازه را بارگذاری کنید و «head» را آخر از همه"),
    );
    if done.damaged > 0 {
        let n = done.damaged;
        ui.warn(
            format!(
                "{n} files of the folder were gone or damaged; what was in them was written again"
            ),
            format!("{n} فایل پوشه گم یا آسیب‌دیده بود؛ آنچه در آن‌ها بود دوباره نوشته شد"),
        );
    }
    for Fault { part, path, why } in &done.not_whole {
        ui.say(
            format!("not whole in the folder: {part}: {path}: {why}"),
            format!("در پوشه کامل نیست: {part}: {path}: {why}"),
        );
    }
    let mut value = serde_json::json!(done);
    value["dir"] = shown.to_string().into();
    ui.json(&value);
    if done.missing > 0 || !done.not_whole.is_empty() {
        let what = format!("{} blocks were not here and are not in the folder", done.missing);
        return Err(CliError::new(Exit::Damaged, what).advice(
            "the folder is good for what is in it; get the rest again with 'yadgar fetch INVITE' or 'yadgar import FILE', then run the same command",
        ));
    }
    Ok(())
}

impl From<MirrorError> for CliError {
    fn from(e: MirrorError) -> Self {
        let what = e.to_string();
        let failed = |advice: &str| Self::new(Exit::Failed, what.clone()).advice(advice);
        match e {
            MirrorError::Store(e) => e.into(),
            MirrorError::InTheWay(_) => failed("move it away, or name another folder"),
            MirrorError::OtherArchive(_) => {
                Self::new(Exit::Usage, what).advice("name another folder: one for each archive")
            }
            MirrorError::HeadLost => Self::both(
                Exit::Usage,
                what,
                "در پوشه بسته‌هایی هست و «head» خوانایی نیست، و بسته‌ها نمی‌گویند از کدام بایگانی‌اند",
            )
            .advise((
                "name another folder; or add --force if they may be lost: they are removed then",
                "پوشه‌ی دیگری نام ببرید؛ یا اگر از دست رفتنشان زیانی ندارد --force را بیفزایید: آن‌گاه برداشته می‌شوند",
            )),
            MirrorError::NotOlder { .. } => failed(
                "get the newer release first ('yadgar fetch' or 'yadgar import'), or add --force to go back",
            ),
            MirrorError::Busy(_) => Self::new(Exit::Busy, what).advice("wait until it ends"),
            MirrorError::DiskFull(_) => failed(
                "free some space and run the same command again, or write fewer parts with --part; the folder is readable as it was",
            ),
            MirrorError::Write(..) => {
                failed("run the same command again to go on; the folder is readable as it was")
            }
            MirrorError::TooLarge => failed("write fewer parts with --part"),
            MirrorError::NoSuchPart(_) => {
                Self::new(Exit::Usage, what).advice("'yadgar status' lists the parts")
            }
        }
    }
}
