//! Pages, styles and drawings: whether they are in the safe subset (docs/site.md).

use super::charset;
use super::code::Code;
use super::files::ending;
use super::finding::{Finding, Level};
use crate::safe::{
    Changes, Doc, Folder, Unsafe, What, clean_sheet, clean_svg, folder_url, look_page,
};

/// What in a file is active, or would be fetched from elsewhere. `text` is what stands in it. Browsers go by the name, and
/// where it says nothing by how a file begins: what begins like a page is read as one, whatever it is called.
pub fn lint(path: &str, text: &str) -> Vec<Finding> {
    let stop = |code, what: &str| Finding::of_file(Level::Stop, code, path, what);
    let ending = ending(path);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let html = matches!(ending.as_str(), "html" | "htm");
    let drawing = ending == "svg" || (!html && begins_svg(start));
    let page = html || (ending != "svg" && is_markup(start));
    let style = ending == "css";
    if !drawing && !page && !style {
        return Vec::new();
    }
    let Ok(base) = folder_url(path) else {
        return vec![stop(Code::ActiveContent, "a page whose path makes no address")];
    };
    let doc = Doc { base, here: path, site: &Folder, data: true };
    let mut out = Vec::new();
    let mut add = |changes: Result<Changes, Unsafe>| match changes {
        Ok(changes) => out.extend(found(&changes, path)),
        Err(why) => out.push(stop(Code::ActiveContent, &why.to_string())),
    };
    // What begins like a drawing, and is called otherwise, may be read either way.
    if page {
        add(look_page(text, &doc));
    }
    if style {
        add(Ok(self::style(text, &doc)));
    }
    if drawing {
        add(clean_svg(text, &doc).map(|(_, changes)| changes));
    }
    let xml = drawing || (!html && start.starts_with("<?xml"));
    if let Some(what) = xml.then(|| xml_fault(start, drawing)).flatten() {
        out.push(stop(Code::ActiveContent, what));
    }
    if let Some(charset) = charset::named(text) {
        let what = format!("names a charset that is not UTF-8: {charset}");
        out.push(stop(Code::FileUnclean, &what));
    }
    out
}

/// A tag, comment, declaration or instruction stands first.
fn is_markup(start: &str) -> bool {
    let second = start.strip_prefix('<').and_then(|rest| rest.chars().next());
    second.is_some_and(|c| c.is_ascii_alphabetic() || "!?/".contains(c))
}

/// A drawing, perhaps behind what stands before the first element.
fn begins_svg(start: &str) -> bool {
    let mut rest = start;
    loop {
        let end = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!") => ">",
            _ => break,
        };
        let Some((_, behind)) = rest.split_once(end) else { return false };
        rest = behind.trim_start();
    }
    let name = rest.strip_prefix('<').unwrap_or_default();
    let name = name.split(|c: char| c.is_ascii_whitespace() || "/>".contains(c)).next();
    name.is_some_and(|name| name == "svg" || name.ends_with(":svg"))
}

/// What the parser of drawings leaves aside, and a browser's parser of XML does not: instructions name style sheets that
/// write pages, declarations hold elements and attributes.
fn xml_fault(start: &str, drawing: bool) -> Option<&'static str> {
    if !drawing {
        return Some("XML that is no drawing");
    }
    let declared =
        start.strip_prefix("<?xml").filter(|rest| rest.starts_with([' ', '\t', '\n', '\r']));
    if declared.unwrap_or(start).contains("<?") {
        return Some("an instruction of XML");
    }
    let doctypes = start.split("<!DOCTYPE").skip(1);
    let inner = |doctype: &str| doctype.split('<').next().is_some_and(|head| head.contains('['));
    doctypes.into_iter().any(inner).then_some("declarations of XML")
}

fn style(text: &str, doc: &Doc<'_>) -> Changes {
    let mut changes = Changes::default();
    clean_sheet(text, doc, &mut changes);
    changes
}

fn found(changes: &Changes, path: &str) -> Vec<Finding> {
    let kinds = [
        (What::Active, Code::ActiveContent, ""),
        (What::Unlisted, Code::ActiveContent, "not in the safe subset: "),
        (What::External, Code::ExternalReference, ""),
        (What::Link, Code::ExternalLink, ""),
    ];
    let stop = |code, what: String| Finding::of_file(Level::Stop, code, path, what);
    let mut out = Vec::new();
    for (what, code, before) in kinds {
        for change in changes.of(what) {
            let one = stop(code, format!("{before}{}", change.detail));
            out.push(Finding { times: change.times, ..one });
        }
    }
    if changes.more > 0 {
        let what = format!("{} more things that are not told one by one", changes.more);
        out.push(Finding { times: changes.more, ..stop(Code::ActiveContent, what) });
    }
    out
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
