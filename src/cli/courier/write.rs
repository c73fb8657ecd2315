//! `yadgar courier write`.

use super::codes;
use crate::access::Access;
use crate::carrier::write_small;
use crate::cli::{CliError, Exit, Ui, dispute, pick};
use crate::courier::{Back, WriteError, Written, write};
use clap::Args;
use std::path::{Path, PathBuf};
use yadgar_protocol::courier::{CourierError, armour, pieces};

/// Characters of one message: what the strictest of the widely used messengers takes (4096), with some room.
pub(in crate::cli) const MESSAGE: usize = 4_000;

#[derive(Debug, Args)]
#[command(
    after_help = "The text is safe to cut into messages, to forward, to quote: any order, anything in between. Nothing in \
    it says who wrote it; whoever finds it and knows yadgar can tell which archive it is about."
)]
pub struct WriteArgs {
    /// The archive: id, start of the id, or name (default: the only one of the home)
    archive: Option<String>,
    /// Write the text into this file instead of showing it
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Show QR codes instead of the text
    #[arg(long)]
    qr: bool,
    /// Write QR codes into this drawing, to print or to send as a picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Characters of one message; an empty line stands between messages
    #[arg(long, value_name = "CHARS", default_value_t = MESSAGE)]
    limit: usize,
    /// Let receivers follow who are so many releases and one more behind (default: as many as keep it short, at most 5)
    #[arg(long, value_name = "RELEASES")]
    back: Option<u64>,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &WriteArgs) -> Result<(), CliError> {
    let access = Access::open(home, "courier")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    dispute::say(ui, &access, &archive)?;
    let made = write(&access, &archive, args.back.map_or(Back::Short, Back::Most))?;
    let lines = armour(&made.bytes)?;
    let messages = pieces(&lines, args.limit, "\n")?;
    let text = messages.join("\n\n");
    let codes = put(ui, args, &lines, &text)?;
    tell(ui, &made, &text, messages.len());
    let shown = args.out.is_none().then_some(&messages);
    ui.json(&serde_json::json!({
        "archive": archive.to_string(), "sequence": made.sequence, "date": made.date,
        "bytes": made.bytes.len(), "characters": text.len(), "lines": lines.len(),
        "earlier": made.earlier, "notices": made.notices, "left_out": made.left_out,
        "dispute": made.fork, "codes": codes, "messages": shown,
    }));
    Ok(())
}

/// Writes and shows what was asked for; gives the number of codes in the drawing, or on the terminal.
fn put(ui: &Ui, args: &WriteArgs, lines: &[String], text: &str) -> Result<usize, CliError> {
    let mut count = 0;
    if let Some(file) = &args.out {
        write_small(file, format!("{text}\n").as_bytes(), args.force)?;
    }
    if let Some(file) = &args.svg {
        let (drawing, codes) = codes::drawing(lines);
        write_small(file, drawing.as_bytes(), args.force)?;
        count = codes;
    }
    if args.qr {
        let (shown, codes) = codes::terminal(lines);
        ui.say(shown.trim_end_matches('\n'), shown.trim_end_matches('\n'));
        count = count.max(codes);
    }
    if args.out.is_none() && args.svg.is_none() && !args.qr {
        ui.say(text, text);
    }
    for file in args.out.iter().chain(&args.svg) {
        ui.note(format!("written: {}", file.display()), format!("نوشته شد: {}", file.display()));
    }
    Ok(count)
}

fn tell(ui: &Ui, made: &Written, text: &str, messages: usize) {
    let Written { sequence, date, earlier, notices, left_out, .. } = made;
    let (characters, behind) = (text.len(), earlier + 1);
    ui.note(
        format!("It tells of release {sequence} of {date}: {characters} characters in {messages} message(s). Whoever is at most {behind} release(s) behind can follow it."),
        format!("از نسخه‌ی {sequence} ({date}) خبر می‌دهد: {characters} نویسه در {messages} پیام. هر که دست‌بالا {behind} نسخه عقب است می‌تواند دنبالش کند."),
    );
    if *notices > 0 {
        ui.note(
            format!("Urgent withdrawals in it: {notices}"),
            format!("پس‌گرفتن‌های فوری در آن: {notices}"),
        );
    }
    if *left_out > 0 {
        ui.warn(
            format!("there was no room for the {left_out} oldest urgent withdrawals; a carrier file has them all"),
            format!("برای {left_out} پس‌گرفتن فوری کهنه‌تر جا نبود؛ فایل حامل همه را دارد"),
        );
    }
    ui.note(
        "Whoever finds this text and knows yadgar can tell which archive it is about, not who wrote it. Put no word beside it.",
        "هر که این متن را بیابد و یادگار را بشناسد می‌فهمد دربارهٔ کدام بایگانی است، اما نه این‌که چه کسی آن را نوشته. کنارش هیچ واژه‌ای ننویسید.",
    );
}

impl From<WriteError> for CliError {
    fn from(e: WriteError) -> Self {
        let what = e.to_string();
        match e {
            WriteError::Access(e) => e.into(),
            WriteError::Nothing => Self::new(Exit::Damaged, what)
                .advice("get it with 'yadgar fetch INVITE' or 'yadgar import FILE'"),
            WriteError::TooLarge(_) => {
                Self::new(Exit::Failed, what).advice("send a carrier file: 'yadgar export FILE'")
            }
            WriteError::Bulletin(_) => {
                Self::new(Exit::Damaged, what).advice("'yadgar verify' says what is damaged")
            }
        }
    }
}

impl From<CourierError> for CliError {
    fn from(e: CourierError) -> Self {
        let advice = match e {
            CourierError::Piece(least) => format!("give --limit {least} or more"),
            CourierError::TextTooLong => "give only the messages that it came in".into(),
            _ => "send a carrier file: 'yadgar export FILE'".into(),
        };
        Self::new(Exit::Usage, e.to_string()).advice(advice)
    }
}
