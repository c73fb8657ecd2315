//! `yadgar wipe`: takes a home away.

use super::ui::size;
use super::{CliError, Exit, Ui};
use crate::access::wipe::{self, Removed};
use crate::access::{self, Kind};
use crate::store::lock::LockError;
use crate::store::vault::key;
use clap::Args;
use serde_json::json;
use std::path::Path;
use std::time::Instant;

#[derive(Debug, Args)]
pub struct WipeArgs {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &WipeArgs) -> Result<(), CliError> {
    if !wipe::is_home(home) {
        nothing_here(ui, home);
        return Ok(());
    }
    let encrypted = access::kind(home) != Kind::Plain;
    if !args.yes {
        confirm(ui, home)?;
    }
    let begun = Instant::now();
    let failed = |e| CliError::failed(home.display(), e);
    // The key before everything else: whoever serves the home may hang.
    let key = key::destroy(home).map_err(|e| {
        CliError::failed("THE KEY WAS NOT DESTROYED", e)
            .advice("run the same command again, as the user who owns this folder")
    })?;
    let key_seconds = begun.elapsed().as_secs_f64();
    if key {
        ui.note("The key is destroyed.", "کلید نابود شد.");
    }
    let stopped = wipe::stop_holder(home).map_err(failed)?;
    let lock = wipe::take_lock(home).map_err(|e| still_held(e, key))?;
    let done = wipe::remove(home, lock).map_err(failed)?;
    ui.json(&json!({
        "home": home.display().to_string(), "encrypted": encrypted, "key_destroyed": key,
        "key_seconds": key_seconds, "stopped": stopped, "files": done.files, "bytes": done.bytes,
        "left": paths(&done),
        "more_left": done.more_left, "seconds": begun.elapsed().as_secs_f64(),
    }));
    let (files, bytes) = (done.files, size(done.bytes));
    ui.say(format!("Removed: {files} files, {bytes}."), format!("پاک شد: {files} فایل، {bytes}."));
    say_left(ui, &done);
    say_limits(ui, encrypted);
    Ok(())
}

/// Done before, or never begun: that is no error. Anything else there is somebody else's.
fn nothing_here(ui: &Ui, home: &Path) {
    let others = wipe::others(home);
    ui.json(&json!({
        "home": home.display().to_string(), "files": 0, "nothing": true,
        "left": paths(&others), "more_left": others.more_left,
    }));
    ui.say(
        "Nothing is here: there is no home to wipe.",
        "این‌جا چیزی نیست: خانه‌ای برای پاک‌کردن نیست.",
    );
    say_left(ui, &others);
    if !others.left.is_empty() {
        let path = home.display();
        ui.warn(
            format!("{path} is no home of yadgar (any more): nothing was touched. If yours is elsewhere, name it: --home DIR"),
            format!("{path} خانه‌ی یادگار نیست (یا دیگر نیست): به چیزی دست زده نشد. اگر خانه‌تان جای دیگری است نامش را بدهید: --home DIR"),
        );
    }
}

fn paths(done: &Removed) -> Vec<String> {
    done.left.iter().map(|path| path.display().to_string()).collect()
}

fn say_left(ui: &Ui, done: &Removed) {
    for path in &done.left {
        let path = path.display();
        ui.warn(
            format!("left, because it is not yadgar's: {path}"),
            format!("ماند، چون از یادگار نیست: {path}"),
        );
    }
    if done.more_left > 0 {
        let more = done.more_left;
        ui.warn(format!("and {more} more"), format!("و {more} فایل دیگر"));
    }
}

fn confirm(ui: &Ui, home: &Path) -> Result<(), CliError> {
    let path = home.display();
    if home.join("keys").is_dir() {
        ui.warn(
            "there are signing keys of a maintainer in this home. Without a copy elsewhere (on paper: \
             yadgar key backup) they are lost for good",
            "کلیدهای امضای نگه‌دارنده در این خانه است. بدون نسخه‌ای جای دیگر (روی کاغذ: yadgar key backup) \
             برای همیشه از دست می‌روند",
        );
    }
    ui.warn(
        format!("this removes everything that yadgar keeps in {path}. It cannot be undone. Type 'wipe' to do it:"),
        format!("هر چه یادگار در {path} دارد پاک می‌شود. برگشتی ندارد. برای انجامش wipe بنویسید:"),
    );
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    if read.is_ok() && line.trim() == "wipe" {
        return Ok(());
    }
    Err(CliError::new(Exit::Usage, "nothing was removed")
        .advice("without a question: yadgar wipe --yes"))
}

fn still_held(e: LockError, key: bool) -> CliError {
    let LockError::Held { pid, .. } = e else { return CliError::new(Exit::Failed, e.to_string()) };
    let done =
        if key { "the key is destroyed, the files are still there" } else { "nothing was removed" };
    CliError::new(Exit::Busy, format!("process {pid} has the home and does not end: {done}"))
        .advice(format!("end it (kill {pid}) and run the same command again"))
}

/// What no program can promise.
fn say_limits(ui: &Ui, encrypted: bool) {
    if encrypted {
        ui.say(
            "Without the key nothing of it can be read. Not promised: flash memory (telephones, sticks, SSDs) may \
             keep an old copy of the key file where no program reaches; it is of use only to who knows or guesses \
             the passphrase. That an encrypted folder was here can be seen.",
            "بدون کلید هیچ‌چیزش خواندنی نیست. آن‌چه نمی‌شود قول داد: حافظه‌ی فلش (گوشی، فلش، SSD) شاید نسخه‌ای \
             کهنه از فایل کلید را جایی نگه دارد که دست هیچ برنامه‌ای به آن نمی‌رسد؛ آن هم تنها به کار کسی می‌آید که \
             گذرواژه را بداند یا حدس بزند. این‌که پوشه‌ای رمزشده این‌جا بوده دیدنی است.",
        );
    } else {
        ui.say(
            "Not promised: this home was not encrypted. Deleted files can be brought back by who has the disk, from \
             flash memory most of all. Next time read in memory (yadgar open --from FILE), or in an encrypted home \
             (yadgar home encrypt).",
            "آن‌چه نمی‌شود قول داد: این خانه رمزشده نبود. فایل‌های پاک‌شده را کسی که دیسک را دارد می‌تواند برگرداند، \
             بیش از همه از حافظه‌ی فلش. بار دیگر در حافظه بخوانید (yadgar open --from FILE) یا در خانه‌ای رمزشده \
             (yadgar home encrypt).",
        );
    }
    ui.say(
        "Outside of its reach too: the browser's history, the history of the shell, backups, and the swap file.",
        "این‌ها هم بیرون از دسترس آن است: تاریخچه‌ی مرورگر، تاریخچه‌ی پوسته، نسخه‌های پشتیبان و فایل swap.",
    );
}
