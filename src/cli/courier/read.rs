//! `yadgar courier read`: what a text told, and what to do next.

use crate::access::{Access, Adopted};
use crate::carrier::{open_plain, ranges};
use crate::cli::{CliError, Exit, Ui, dispute, fetch, node, pick};
use crate::courier::{Learnt, Reading, TakeError, look, take};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use yadgar_protocol::courier::Cut;
use yadgar_protocol::limits::MAX_COURIER_TEXT_BYTES;

#[derive(Debug, Args)]
pub struct ReadArgs {
    /// Files with the text in it, whatever else is in them; - or none for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Take also what is of an archive that is not in this home yet; compare its six words first
    #[arg(long)]
    accept: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &ReadArgs) -> Result<(), CliError> {
    let stdin = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &stdin[..] } else { &args.files };
    let mut text = String::new();
    for file in files {
        text.push_str(&String::from_utf8_lossy(&bytes_of(ui, file)?));
        text.push('\n');
    }
    judge(ui, &Access::open(home, "courier")?, &text, args.accept)
}

/// What is in a file, as far as a text may go and one byte more.
fn bytes_of(ui: &Ui, file: &Path) -> Result<Vec<u8>, CliError> {
    let (mut bytes, most) = (Vec::new(), MAX_COURIER_TEXT_BYTES as u64 + 1);
    let failed = |e| CliError::file(file, e);
    if file == Path::new("-") {
        if std::io::stdin().is_terminal() {
            ui.note(
                "Paste the text, then press Enter and Ctrl-D.",
                "متن را این‌جا بگذارید، سپس Enter و Ctrl-D را بزنید.",
            );
        }
        std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let input = open_plain(&file.canonicalize().map_err(failed)?).map_err(failed)?;
        input.take(most).read_to_end(&mut bytes).map_err(failed)?;
    }
    Ok(bytes)
}

/// Takes those of some files that are texts with a courier in it, and gives the others, and what came of the
/// texts.
pub fn take_texts(
    ui: &Ui,
    access: &Access,
    files: Vec<PathBuf>,
) -> (Vec<PathBuf>, Result<(), CliError>) {
    let (mut others, mut text) = (Vec::new(), String::new());
    for file in files {
        match text_of(&file).filter(|text| look(text)) {
            Some(found) => text = format!("{text}{found}\n"),
            None => others.push(file),
        }
    }
    let told = if text.is_empty() { Ok(()) } else { judge(ui, access, &text, false) };
    (others, told)
}

/// A text that is short enough. Carriers are none: the hashes in them are no UTF-8.
fn text_of(file: &Path) -> Option<String> {
    let input = open_plain(file).ok()?;
    if input.metadata().ok()?.len() > MAX_COURIER_TEXT_BYTES as u64 {
        return None;
    }
    let mut text = String::new();
    input.take(MAX_COURIER_TEXT_BYTES as u64).read_to_string(&mut text).ok()?;
    Some(text)
}

fn judge(ui: &Ui, access: &Access, text: &str, accept: bool) -> Result<(), CliError> {
    let reading = take(access, text, accept)?;
    let mut facts = Vec::new();
    for learnt in &reading.learnt {
        if learnt.adopted == Some(Adopted::Accepted) && learnt.before.is_none() {
            remember(access, learnt)?;
        }
        say(ui, access, learnt)?;
        facts.push(describe(access, learnt)?);
    }
    for cut in &reading.cut {
        say_cut(ui, cut);
    }
    if reading.altered > 0 {
        let count = reading.altered;
        ui.warn(
            format!("{count} line(s) were altered on the way and were left out"),
            format!("{count} خط در راه تغییر کرده و کنار گذاشته شد"),
        );
    }
    let cut = |cut: &Cut| json!({ "lines": cut.lines, "missing": cut.missing });
    ui.json(&json!({
        "couriers": facts, "cut": reading.cut.iter().map(cut).collect::<Vec<_>>(),
        "altered": reading.altered,
    }));
    conclude(&reading)
}

/// Notes how an archive came to be known here.
pub(in crate::cli) fn remember(access: &Access, learnt: &Learnt) -> Result<(), CliError> {
    let mut settings = access.archives.settings(&learnt.archive)?;
    if settings.source.is_empty() {
        settings.source = "courier".into();
        settings.learned = Some(pick::today());
        access.archives.set_settings(&learnt.archive, &settings)?;
    }
    Ok(())
}

/// Release that can be read here, if any.
fn readable(access: &Access, learnt: &Learnt) -> Result<Option<u64>, CliError> {
    Ok(access.complete(&learnt.archive)?.map(|head| head.release.sequence))
}

fn describe(access: &Access, learnt: &Learnt) -> Result<Value, CliError> {
    let trusted = access.trusted(&learnt.archive)?.map(|head| head.release.sequence);
    let complete = readable(access, learnt)?;
    Ok(json!({
        "archive": learnt.archive.to_string(),
        "name": learnt.told.as_ref().map(|told| &told.name),
        "sequence": learnt.told.as_ref().map(|told| told.sequence),
        "date": learnt.told.as_ref().map(|told| &told.date),
        "outcome": learnt.adopted, "known_before": learnt.before, "known": trusted,
        "complete": complete,
        "behind": trusted.map(|trusted| trusted.saturating_sub(complete.unwrap_or(0))),
        "withdrawn": reasons(learnt), "held": learnt.held, "later": learnt.bulletin.later,
        "dispute": dispute::describe(access, &learnt.archive)?,
    }))
}

/// New withdrawals, counted by reason.
fn reasons(learnt: &Learnt) -> BTreeMap<&'static str, u64> {
    let mut reasons = BTreeMap::new();
    for withdrawal in &learnt.withdrawn {
        *reasons.entry(withdrawal.reason.word()).or_default() += 1;
    }
    reasons
}

fn say(ui: &Ui, access: &Access, learnt: &Learnt) -> Result<(), CliError> {
    if let Some(told) = &learnt.told {
        let (name, id) = (&told.name, learnt.archive);
        ui.say(format!("archive {id}\nname    {name}"), format!("بایگانی {id}\nنام {name}"));
    }
    match &learnt.adopted {
        None => say_unknown(ui, learnt),
        Some(Adopted::Accepted) => say_new(ui, access, learnt)?,
        Some(Adopted::Known) => {
            let known = learnt.before.unwrap_or(0);
            ui.say(
                format!("nothing newer: release {known} was known here already"),
                format!("تازه‌تر نیست: نسخه‌ی {known} از پیش این‌جا شناخته بود"),
            );
        }
        Some(Adopted::Older) => {
            let (told, known) = (sequence(learnt), learnt.before.unwrap_or(0));
            ui.say(
                format!("the text tells of release {told}; here release {known} is known already. Who sent it may want yours: yadgar courier write"),
                format!("این متن از نسخه‌ی {told} می‌گوید؛ این‌جا نسخه‌ی {known} شناخته است. شاید فرستنده متن شما را بخواهد: yadgar courier write"),
            );
        }
        // What is refused is said at the end.
        Some(_) => {}
    }
    say_withdrawn(ui, learnt);
    if learnt.adopted.is_some() {
        dispute::say(ui, access, &learnt.archive)?;
    }
    Ok(())
}

fn sequence(learnt: &Learnt) -> u64 {
    learnt.told.as_ref().map_or(0, |told| told.sequence)
}

fn say_new(ui: &Ui, access: &Access, learnt: &Learnt) -> Result<(), CliError> {
    let date = learnt.told.as_ref().map_or("-", |told| told.date.as_str());
    let (new, here) = (sequence(learnt), readable(access, learnt)?);
    ui.say(
        format!("newest: release {new} of {date}, signed by the maintainers"),
        format!("تازه‌ترین: نسخه‌ی {new} ({date})، با امضای نگه‌دارندگان"),
    );
    match here {
        Some(here) => {
            let behind = new.saturating_sub(here);
            ui.say(
                format!("here to read: release {here}, {behind} behind"),
                format!("این‌جا برای خواندن: نسخه‌ی {here}، {behind} نسخه عقب"),
            );
        }
        None => ui.say("none of it is here to read yet", "هنوز چیزی از آن این‌جا برای خواندن نیست"),
    }
    ui.say(
        "to get it: yadgar fetch (from another device), or yadgar import FILE (from a stick)",
        "برای گرفتنش: yadgar fetch (از دستگاهی دیگر) یا yadgar import FILE (از فلش)",
    );
    if learnt.before.is_none() {
        fetch::first_contact(ui, &learnt.archive);
    }
    Ok(())
}

fn say_unknown(ui: &Ui, learnt: &Learnt) {
    let Some(told) = &learnt.told else { return };
    let (sequence, date) = (told.sequence, &told.date);
    ui.say(
        format!("It tells of release {sequence} of {date}. This archive is not in this home; nothing was taken."),
        format!("از نسخه‌ی {sequence} ({date}) می‌گوید. این بایگانی در این خانه نیست؛ چیزی پذیرفته نشد."),
    );
    fetch::first_contact(ui, &learnt.archive);
}

fn say_withdrawn(ui: &Ui, learnt: &Learnt) {
    let count = learnt.withdrawn.len();
    if count > 0 {
        let each = reasons(learnt).into_iter().map(|(word, count)| format!("{word} {count}"));
        let each = each.collect::<Vec<_>>().join(", ");
        ui.say(
            format!("withdrawn by the maintainers: {count} file(s) ({each}). What was here of them is erased and not shown any more."),
            format!("نگه‌دارندگان پس گرفته‌اند: {count} فایل ({each}). آن‌چه از آن‌ها این‌جا بود پاک شد و دیگر نشان داده نمی‌شود."),
        );
    }
    for act in &learnt.held {
        node::say_held(ui, act);
    }
    if learnt.bulletin.later {
        ui.say(
            "some of what was withdrawn can be judged only when a newer release is known here: read the text again then",
            "بخشی از آن‌چه پس گرفته شده تنها وقتی سنجیدنی است که نسخه‌ای تازه‌تر این‌جا شناخته باشد: آن‌گاه متن را دوباره بخوانید",
        );
    }
    if let Some(why) = &learnt.bulletin.failed {
        ui.warn(
            format!("what was withdrawn could not all be taken in: {why}"),
            format!("همه‌ی آن‌چه پس گرفته شده پذیرفته نشد: {why}"),
        );
    }
}

fn say_cut(ui: &Ui, cut: &Cut) {
    let missing: Vec<u64> = cut.missing.iter().map(|n| u64::from(*n)).collect();
    let (lines, missing) = (cut.lines, ranges(&missing));
    ui.warn(
        format!("a text is not whole: of its {lines} lines these are missing: {missing}. Give all messages that it came in, at once"),
        format!("متنی کامل نیست: از {lines} خط آن این‌ها نیست: {missing}. همه‌ی پیام‌هایی را که با آن‌ها آمده یک‌جا بدهید"),
    );
}

/// Whether something could be learnt, and why not.
fn conclude(reading: &Reading) -> Result<(), CliError> {
    let fine = |learnt: &Learnt| {
        matches!(learnt.adopted, Some(Adopted::Accepted | Adopted::Known | Adopted::Older))
    };
    if reading.learnt.iter().any(fine) {
        return Ok(());
    }
    if let Some(learnt) = reading.learnt.iter().find(|learnt| learnt.adopted.is_some()) {
        return Err(refusal(learnt));
    }
    if reading.learnt.iter().any(|learnt| learnt.told.is_some()) {
        return Err(CliError::new(Exit::Refused, "the archive is not known here")
            .advice("compare the six words with somebody you trust who has it; if they are right: yadgar courier read --accept FILE"));
    }
    if !reading.cut.is_empty() {
        return Err(CliError::new(Exit::Damaged, "lines of the text are missing, see above")
            .advice("ask for the missing message, or for the whole text again"));
    }
    if !reading.learnt.is_empty() || reading.headless > 0 {
        return Err(CliError::new(Exit::Refused, "the text is whole, but no valid head is in it")
            .advice("ask for it again on another way"));
    }
    Err(CliError::new(Exit::Damaged, "there is nothing of this kind in the text")
        .advice("such a text has lines of capital letters and digits that begin with 90 and end with 09; copy all of them"))
}

fn refusal(learnt: &Learnt) -> CliError {
    let (told, known) = (sequence(learnt), learnt.before.unwrap_or(0));
    let refused = |what: String| CliError::new(Exit::Refused, what);
    match &learnt.adopted {
        Some(Adopted::NeedsAncestor) => {
            let back = told.saturating_sub(known).saturating_sub(1);
            CliError::new(Exit::Damaged, format!("it tells of release {told}, but what leads there from release {known} is not in it"))
                .advice(format!("ask the sender for a text made with 'yadgar courier write --back {back}', or for a carrier file"))
        }
        Some(Adopted::Fork) => refused(format!(
            "it shows another release {told} than the one that is trusted here; somebody signed two"
        ))
        .advice("ask the maintainers, on a way that you trust"),
        Some(Adopted::RootFork) => refused("it shows other keys than the trusted ones".into())
            .advice("ask the maintainers, on a way that you trust"),
        Some(Adopted::SupersededRoot) => {
            refused("it is signed under keys that were replaced".into())
                .advice("ask for a newer text")
        }
        Some(Adopted::Refused(why)) => refused(format!("its head is not valid: {why}"))
            .advice("ask for it again on another way"),
        _ => refused("it was not taken".into()),
    }
}

impl From<TakeError> for CliError {
    fn from(e: TakeError) -> Self {
        match e {
            TakeError::Text(e) => e.into(),
            TakeError::Access(e) => e.into(),
        }
    }
}
