//! `yadgar records template`: an empty table with comments.

use crate::cli::{CliError, Lang, Ui};
use crate::durable::{self, Mode};
use crate::records::template;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct TemplateArgs {
    /// The file to write, with .csv at its end; its language is that of --lang
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
}

pub fn run(ui: &Ui, args: &TemplateArgs) -> Result<(), CliError> {
    let path = args.file.display().to_string();
    let bytes = template::csv(ui.lang == Lang::Fa).map_err(|e| CliError::failed(&path, e))?;
    durable::write_new(&args.file, &bytes, Mode::Shared).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => CliError::failed(&path, "is there already")
            .advice("a template never replaces a file: name another one"),
        _ => CliError::file(&args.file, e),
    })?;
    ui.say(
        format!("{path}: open it in a spreadsheet, write below the comments, save it as CSV (UTF-8). You may delete columns that you do not need."),
        format!("{path}: آن را در برنامهٔ صفحه‌گسترده باز کنید، زیر توضیح‌ها بنویسید و با قالب CSV (UTF-8) ذخیره کنید. ستون‌هایی را که نمی‌خواهید می‌توانید پاک کنید."),
    );
    ui.json(&json!({ "file": path, "columns": template::columns() }));
    Ok(())
}
