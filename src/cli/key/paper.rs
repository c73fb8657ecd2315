//! `yadgar key backup` and `key restore`: a key on paper, and back.

use super::{create_folder, default_file, passphrase, show};
use crate::cli::{CliError, Exit, Ui};
use crate::durable::{Mode, write_new};
use crate::publish::backup::{LOG_N, PaperError, Sheet, from_words, html, plain};
use crate::publish::keys::{Key, KeyError, check_private};
use clap::Args;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Longest text of words or a QR code that is read.
const MAX_TEXT_BYTES: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The key file
    file: PathBuf,
    /// Where the sheet goes: a page to print (.html), or text (.txt)
    #[arg(long, value_name = "PAPER.html")]
    out: PathBuf,
    /// Read the passphrase from the first line of this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("from").required(true).args(["words", "qr_text"])))]
pub struct RestoreArgs {
    /// File with the words of the sheet, Persian or English; - for standard input
    #[arg(long, value_name = "FILE")]
    words: Option<PathBuf>,
    /// File with the text scanned from the QR code; - for standard input
    #[arg(long, value_name = "FILE")]
    qr_text: Option<PathBuf>,
    /// Where the key file goes (default: keys/maintainer.key in the home)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Read the passphrase from the first line of this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

pub fn backup(ui: &Ui, args: &BackupArgs) -> Result<(), CliError> {
    let as_text = match args.out.extension().and_then(|e| e.to_str()) {
        Some("html") => false,
        Some("txt") => true,
        _ => return Err(CliError::new(Exit::Usage, "the sheet is PAPER.html or PAPER.txt")),
    };
    if args.out.exists() {
        return Err(KeyError::Exists(args.out.display().to_string()).into());
    }
    check_private(&args.file)?;
    let secret = passphrase::ask(args.passphrase_file.as_deref(), "Passphrase")?;
    let key = Key::read(&args.file, &secret)?;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|e| CliError::failed("no random numbers", e))?;
    let sheet = Sheet::seal(&key, &secret, salt, LOG_N)?;
    // What goes on paper is tried before anybody relies on it.
    let page = plain(&sheet, &key.public());
    sheet.open(&secret)?;
    let page = if as_text {
        page
    } else {
        html(&sheet, &key.public()).map_err(|e| CliError::failed("the QR code", e))?
    };
    write_new(&args.out, page.as_bytes(), Mode::Private)
        .map_err(|e| CliError::file(&args.out, e))?;
    let file = args.out.display();
    ui.say(
        format!("Wrote {file}. Print it, try 'yadgar key restore' with it, then delete the file."),
        format!(
            "{file} نوشته شد. چاپش کنید، با yadgar key restore بیازمایید، سپس فایل را پاک کنید."
        ),
    );
    ui.json(&serde_json::json!({
        "key_id": key.public().key_id(), "file": file.to_string(),
    }));
    Ok(())
}

pub fn restore(ui: &Ui, home: &Path, args: &RestoreArgs) -> Result<(), CliError> {
    let file = args.out.clone().unwrap_or(default_file(home));
    if file.exists() {
        return Err(KeyError::Exists(file.display().to_string()).into());
    }
    let (sheet, public) = match (&args.words, &args.qr_text) {
        (Some(words), _) => (Sheet(from_words(&text(words)?).map_err(PaperError::Words)?), None),
        (_, Some(qr)) => Sheet::from_qr_text(&text(qr)?).map(|(sheet, key)| (sheet, Some(key)))?,
        _ => return Err(CliError::new(Exit::Usage, "give --words or --qr-text")),
    };
    sheet.check()?;
    let mark = sheet.key_mark();
    ui.note(
        format!("This is the sheet of the key {mark}..."),
        format!("این برگه‌ی کلید {mark}... است."),
    );
    let secret = passphrase::ask(args.passphrase_file.as_deref(), "Passphrase of the sheet")?;
    let key = sheet.open(&secret)?;
    if public.is_some_and(|public| public != key.public()) {
        return Err(PaperError::OtherKey(mark).into());
    }
    create_folder(&file)?;
    key.write(&file, &secret)?;
    show(ui, &file)
}

fn text(file: &Path) -> Result<String, CliError> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(MAX_TEXT_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|f| f.take(MAX_TEXT_BYTES).read_to_string(&mut text))
    };
    read.map(|_| text).map_err(|e| CliError::file(file, e))
}

impl From<PaperError> for CliError {
    fn from(e: PaperError) -> Self {
        let (exit, advice) = match e {
            PaperError::Passphrase => (Exit::Failed, "try again; nothing was changed"),
            PaperError::Words(_) => {
                (Exit::Damaged, "compare with the sheet; write ? for a word that cannot be read")
            }
            PaperError::Newer => (Exit::Failed, "install a newer yadgar"),
            _ => (Exit::Damaged, "scan it again, or type the words and use --words"),
        };
        Self::new(exit, e.to_string()).advice(advice)
    }
}
