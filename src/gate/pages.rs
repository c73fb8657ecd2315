//! Pages, styles and drawings: whether they are in the safe subset (docs/site.md).

use super::charset;
use super::code::Code;
use super::finding::{Finding, Level};
use crate::safe::{
    Changes, Doc, Folder, Unsafe, What, clean_css, clean_svg, folder_url, look_page,
};

/// Most findings of one file and one kind.
const MAX_FINDINGS: usize = 8;

/// What in a file is active, or would be fetched from elsewhere. `text` is what stands in it.
pub fn lint(path: &str, text: &str) -> Vec<Finding> {
    let stop = |code, what: String| Finding::of_file(Level::Stop, code, path, what);
    let ending = ending(path);
    if matches!(ending.as_str(), "js" | "mjs") {
        return vec![stop(Code::ActiveContent, "a script".to_owned())];
    }
    let Ok(base) = folder_url(path) else { return Vec::new() };
    let doc = Doc { base, here: path, site: &Folder, data: true };
    let svg =
        ending == "svg" || text.trim_start_matches('\u{feff}').trim_start().starts_with("<svg");
    let changes = match ending.as_str() {
        "html" | "htm" | "xhtml" => look_page(text, &doc),
        "css" => Ok(style(text, &doc)),
        _ if svg => clean_svg(text, &doc).map(|(_, changes)| changes),
        _ => return Vec::new(),
    };
    let mut out = match changes {
        Ok(changes) => found(&changes, stop),
        // What cannot be read as a drawing is not drawn.
        Err(Unsafe::NoSvg) => Vec::new(),
        Err(why) => vec![stop(Code::ActiveContent, why.to_string())],
    };
    if let Some(charset) = charset::named(text) {
        let what = format!("names a charset that is not UTF-8: {charset}");
        out.push(stop(Code::FileUnclean, what));
    }
    out
}

fn style(text: &str, doc: &Doc<'_>) -> Changes {
    let mut changes = Changes::default();
    clean_css(text, doc, &mut changes);
    changes
}

fn found(changes: &Changes, stop: impl Fn(Code, String) -> Finding) -> Vec<Finding> {
    let kinds = [
        (What::Active, Code::ActiveContent, ""),
        (What::External, Code::ExternalReference, ""),
        (What::Link, Code::ExternalReference, "a link to "),
    ];
    let mut out = Vec::new();
    for (what, code, before) in kinds {
        let all = changes.of(what).count();
        for change in changes.of(what).take(MAX_FINDINGS) {
            out.push(stop(code, format!("{before}{}", change.detail)));
        }
        if all > MAX_FINDINGS {
            out.push(stop(code, format!("{} more", all - MAX_FINDINGS)));
        }
    }
    out
}

fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default()
}
