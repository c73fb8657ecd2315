//! Reading from memory only: what is read comes from a carrier file or from the network, and no file of any
//! kind is written.

use crate::access::Access;
use crate::cli::fetch::{self, FetchArgs};
use crate::cli::import::{self, ImportArgs};
use crate::cli::mirror::parse_size;
use crate::cli::web::WebArgs;
use crate::cli::{CliError, Exit, Ui, no_dump};
use clap::Args;
use std::io::Read;
use yadgar_protocol::words::looks_like_words;

/// Longest list of sources that is read from standard input, in bytes.
const MAX_LIST_BYTES: u64 = 1 << 16;

#[derive(Debug, Args)]
pub struct AmnesicArgs {
    /// Read this carrier file, or what this invite leads to, in memory only: nothing is written. May be
    /// given several times; '-' reads them from standard input, one a line
    #[arg(long, value_name = "FILE|INVITE", group = "source")]
    from: Vec<String>,
    /// With --from: take only this part; may be given several times
    #[arg(long = "part", value_name = "NAME", requires = "from")]
    parts: Vec<String>,
    /// With an invite: a further address to ask; may be given several times
    #[arg(long = "address", value_name = "MULTIADDR", requires = "source")]
    pub addresses: Vec<String>,
    /// With an invite: do not use QUIC
    #[arg(long, requires = "source")]
    pub no_quic: bool,
    /// With --from: the most memory that the archive may take
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "1GB")]
    memory: u64,
}

impl AmnesicArgs {
    /// True when nothing is to be written.
    pub fn is_wanted(&self) -> bool {
        !self.from.is_empty()
    }
}

/// Takes everything into memory.
pub fn fill(ui: &Ui, args: &AmnesicArgs, web: &WebArgs) -> Result<Access, CliError> {
    no_dump::forbid();
    let access = Access::in_memory(args.memory);
    let Some(local) = access.local.clone() else {
        return Err(CliError::new(Exit::Failed, "a home in memory is held by its own process"));
    };
    let mut problem = None;
    for source in sources(&args.from)? {
        let taken = if is_invite(&source) {
            let (addresses, parts) = (args.addresses.clone(), args.parts.clone());
            let args = FetchArgs::of(source, addresses, parts, args.no_quic).with_web(web);
            fetch::take_in(ui, &access, local.clone(), &args)
        } else {
            import::take_all(ui, &access, &ImportArgs::of(source.into(), args.parts.clone()))
        };
        match taken {
            // Something may be readable all the same, of this source or of another.
            Err(e) if e.exit != Exit::Stopped => {
                ui.error(&e);
                problem = Some(e);
            }
            other => other?,
        }
    }
    if !has_something(&access)?
        && let Some(problem) = problem
    {
        return Err(problem);
    }
    ui.warn(
        "when this ends it also forgets which files the maintainers have withdrawn: an older carrier, read next \
         time, would show them again. Always read the newest one you have",
        "با پایان کار، این هم فراموش می‌شود که نگه‌دارندگان چه فایل‌هایی را پس گرفته‌اند: اگر بار دیگر حامل کهنه‌تری \
         بخوانید، آن‌ها دوباره دیده می‌شوند. همیشه تازه‌ترین حاملی را که دارید بخوانید",
    );
    ui.say(
        "Read in memory only: no file is written, and nothing is left here when this ends. The \
         browser's history, this window and the system's swap file are outside of its reach.",
        "تنها در حافظه خوانده می‌شود: هیچ فایلی نوشته نمی‌شود و با پایانش چیزی از آن این‌جا نمی‌ماند. \
         تاریخچه‌ی مرورگر، همین پنجره و فایل swap سیستم بیرون از اختیار آن است.",
    );
    Ok(access)
}

/// True when a release of some archive can be read.
fn has_something(access: &Access) -> Result<bool, CliError> {
    for archive in access.archives.list()? {
        if access.complete(&archive)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_invite(source: &str) -> bool {
    source.trim_start().to_lowercase().starts_with("yadgar:") || looks_like_words(source)
}

/// What was named, and what standard input names: arguments can be seen by other programs and stay in the
/// shell's history.
fn sources(named: &[String]) -> Result<Vec<String>, CliError> {
    let mut all = Vec::new();
    for name in named {
        if name != "-" {
            all.push(name.clone());
            continue;
        }
        let mut text = String::new();
        let input = std::io::stdin().lock().take(MAX_LIST_BYTES).read_to_string(&mut text);
        input.map_err(|e| CliError::failed("standard input", e))?;
        if looks_like_words(&text) {
            // The words of one invite, on as many lines as there was room.
            all.push(text);
            continue;
        }
        all.extend(text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned));
    }
    if all.is_empty() {
        return Err(CliError::new(Exit::Usage, "standard input names nothing to read")
            .advice("write the name of a carrier file or an invite on a line of its own"));
    }
    Ok(all)
}
