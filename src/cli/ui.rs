//! What a person or a script sees.

use super::{CliError, Global};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::io::IsTerminal;

/// Language of messages and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// Persian.
    Fa,
    /// English.
    En,
}

/// Output of a command: results on stdout, everything else on stderr.
#[derive(Debug, Clone)]
pub struct Ui {
    /// Language of messages.
    pub lang: Lang,
    /// Results as JSON.
    pub json: bool,
    quiet: bool,
    verbose: bool,
    /// Nothing at all is printed.
    mute: bool,
}

impl Ui {
    /// Output as the options say.
    pub fn new(global: &Global, lang: Lang) -> Self {
        Self {
            lang: global.lang.unwrap_or(lang),
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose > 0,
            mute: false,
        }
    }

    /// For what is told elsewhere: prints nothing.
    pub fn mute(lang: Lang) -> Self {
        Self { lang, json: false, quiet: true, verbose: false, mute: true }
    }

    /// The options that make another process of ours speak as this one does to people; never JSON.
    pub fn options(&self) -> Vec<&'static str> {
        let lang = ["--lang", self.pick("en", "fa")];
        let verbose = self.verbose.then_some("-v");
        let quiet = self.quiet.then_some("-q");
        lang.into_iter().chain(verbose).chain(quiet).collect()
    }

    /// A line of a result, in both languages; the chosen one is printed. Not printed with `--json`.
    pub fn say(&self, en: impl AsRef<str>, fa: impl AsRef<str>) {
        if !self.json && !self.mute {
            out(self.pick(en.as_ref(), fa.as_ref()));
        }
    }

    /// A line about the way to the result; not with `--quiet` or `--json`.
    pub fn note(&self, en: impl AsRef<str>, fa: impl AsRef<str>) {
        if !self.quiet && !self.json {
            err(self.pick(en.as_ref(), fa.as_ref()));
        }
    }

    /// Something the user should know although the command goes on.
    pub fn warn(&self, en: impl AsRef<str>, fa: impl AsRef<str>) {
        if self.mute {
            return;
        }
        err(self.pick(&format!("warning: {}", en.as_ref()), &format!("هشدار: {}", fa.as_ref())));
    }

    /// A result for scripts; only with `--json`.
    pub fn json(&self, value: &impl Serialize) {
        if self.json
            && let Ok(text) = serde_json::to_string(value)
        {
            out(&text);
        }
    }

    /// The failure of the command.
    pub fn error(&self, e: &CliError) {
        if self.json {
            let advice = e.advice.as_deref();
            self.json(&serde_json::json!({
                "error": e.what, "advice": advice, "exit": e.exit as u8,
            }));
        }
        let persian = |text: &Option<String>| text.clone().filter(|_| self.lang == Lang::Fa);
        let what = persian(&e.persian.what).unwrap_or_else(|| e.what.clone());
        err(&format!("{} {what}", self.pick("error:", "خطا:")));
        if let Some(advice) = persian(&e.persian.advice).or_else(|| e.advice.clone()) {
            err(&format!("{} {advice}", self.pick("what to do:", "چه باید کرد:")));
        }
    }

    /// A progress bar over bytes; invisible when nobody looks.
    pub fn bytes_bar(&self, total: u64, en: &str, fa: &str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(total), self.target());
        let template = "{prefix} {bar:24} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta} {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(self.pick(en, fa).to_owned());
        bar
    }

    /// A progress bar over things that are counted; invisible when nobody looks.
    pub fn count_bar(&self, en: &str, fa: &str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, self.target());
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.set_prefix(self.pick(en, fa).to_owned());
        bar
    }

    /// A line that is written again and again in its place; invisible when nobody looks.
    pub fn line(&self) -> ProgressBar {
        let line = ProgressBar::with_draw_target(None, self.target());
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            line.set_style(style);
        }
        line
    }

    fn target(&self) -> ProgressDrawTarget {
        let seen = !self.quiet && !self.json && std::io::stderr().is_terminal();
        if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
    }

    /// The text in the chosen language.
    pub fn pick<'a>(&self, en: &'a str, fa: &'a str) -> &'a str {
        match self.lang {
            Lang::En => en,
            Lang::Fa => fa,
        }
    }
}

// A closed pipe (`yadgar status | head`) ends output, not the command.
fn out(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

fn err(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}
