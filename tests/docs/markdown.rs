//! The documents, and Markdown as far as it is needed to look at them.

use std::fs;
use std::path::{Path, PathBuf};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn guide(lang: &str, page: &str) -> String {
    fs::read_to_string(root().join("docs/guide").join(lang).join(page)).unwrap()
}

/// All Markdown files of the source tree: path from the root, and text.
pub fn markdown() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, out: &mut Vec<(PathBuf, String)>) {
        for item in fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let others = ["target", "node_modules"].contains(&name.as_str());
            if path.is_dir() && !name.starts_with('.') && !others {
                walk(&path, out);
            } else if name.ends_with(".md") {
                let text = fs::read_to_string(&path).unwrap();
                out.push((path.strip_prefix(root()).unwrap().to_path_buf(), text));
            }
        }
    }
    let mut out = Vec::new();
    walk(root(), &mut out);
    assert!(out.len() > 10, "this does not look like the source tree");
    out
}

/// A fenced block: the words behind the fence, and the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub info: String,
    pub text: String,
}

pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let mut open: Option<Block> = None;
    for line in markdown.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => out.push(block),
            (Some(info), None) => open = Some(Block { info: info.into(), text: String::new() }),
            (None, Some(mut block)) => {
                block.text += line;
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed: {open:?}");
    out
}

/// The lines outside fences and indented code.
pub fn prose(markdown: &str) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in markdown.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if !inside && !line.starts_with("    ") {
            out += line;
            out.push('\n');
        }
    }
    out
}

/// Lines of code: fenced, and indented by four (the readme has such).
pub fn code_lines(markdown: &str) -> String {
    let indented = markdown.lines().filter_map(|l| l.strip_prefix("    "));
    let fenced: String = blocks(markdown).into_iter().map(|b| b.text).collect();
    fenced.replace("\\\n", " ") + &indented.map(|l| l.to_owned() + "\n").collect::<String>()
}

/// Pieces of code in running text: between backticks, and in `<code dir="ltr">`.
pub fn code_spans(markdown: &str) -> Vec<String> {
    let text = prose(markdown).replace("<code dir=\"ltr\">", "`").replace("</code>", "`");
    text.lines().flat_map(|l| l.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}
