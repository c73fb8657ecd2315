//! Pages: read, and written anew from what is allowed.

use super::attrs::{Out, Use, value};
use super::change::{Changes, What};
use super::css::{clean_sheet, is_sheet};
use super::link::{Doc, Folder, Target, folder_url};
use super::lists::{
    ACTIVE, ACTIVE_AROUND, FETCHED, FETCHING_RELATIONS, HTML, META, RELATIONS, UNSEEN, has,
};
use super::svg_lists::{SVG, SVG_ACTIVE};
use super::{MAX_DEPTH, Unsafe, dom, write};
use html5ever::{Attribute, QualName, ns};
use markup5ever_rcdom::{Handle, NodeData};

/// How often what was written is read again until it stays as it is.
const MAX_ROUNDS: usize = 4;
/// A page with less text than this, in characters, and with scripts, was made by them.
const MIN_TEXT: usize = 40;

/// A page in the safe subset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanPage {
    /// The page, in UTF-8.
    pub text: String,
    /// What had to change.
    pub changes: Changes,
    /// Nothing is left of it that could be read: scripts or frames would have filled it.
    pub hollow: bool,
}

/// A page in the safe subset. Cleaned again, it stays as it is, byte for byte.
///
/// # Errors
/// See [`Unsafe`].
pub fn clean_page(text: &str, doc: &Doc<'_>) -> Result<CleanPage, Unsafe> {
    let mut page = pass(text, doc)?;
    let base = folder_url(doc.here).map_err(|_| Unsafe::Unstable)?;
    let written = Doc { base, here: doc.here, site: &Folder, data: doc.data };
    for _ in 0..MAX_ROUNDS {
        let again = pass(&page.text, &written)?;
        if again.text == page.text {
            return Ok(page);
        }
        page.text = again.text;
    }
    Err(Unsafe::Unstable)
}

/// What would have to change in a page; looked at once, and nothing is written.
///
/// # Errors
/// See [`Unsafe`].
pub fn look_page(text: &str, doc: &Doc<'_>) -> Result<Changes, Unsafe> {
    pass(text, doc).map(|page| page.changes)
}

fn pass(text: &str, doc: &Doc<'_>) -> Result<CleanPage, Unsafe> {
    let page = dom::parse(text)?;
    let base = match base_of(&page.document, 0) {
        Some(href) => doc.base.join(&href).unwrap_or_else(|_| doc.base.clone()),
        None => doc.base.clone(),
    };
    let doc = Doc { base, here: doc.here, site: doc.site, data: doc.data };
    let mut changes = Changes::default();
    let text = String::with_capacity(text.len());
    let out = Out { doc: &doc, changes: &mut changes, text, xml: false };
    let mut walker = Walker { out, seen: 0, pictures: 0, scripts: false };
    if !page.quirks {
        walker.out.text.push_str("<!DOCTYPE html>\n");
    }
    walker.children(&page.document, 0);
    let hollow = walker.scripts && walker.seen < MIN_TEXT && walker.pictures == 0;
    let text = std::mem::take(&mut walker.out.text);
    Ok(CleanPage { text, changes, hollow })
}

/// What the page says its addresses are relative to.
fn base_of(node: &Handle, depth: usize) -> Option<String> {
    if let NodeData::Element { name, attrs, .. } = &node.data
        && &*name.local == "base"
        && let Some(href) = value(&attrs.borrow(), "href")
    {
        return Some(href.to_owned());
    }
    if depth > 3 {
        return None; // It stands in the head.
    }
    node.children.borrow().iter().find_map(|child| base_of(child, depth + 1))
}

struct Walker<'a> {
    out: Out<'a>,
    seen: usize,
    pictures: usize,
    scripts: bool,
}

impl Walker<'_> {
    fn children(&mut self, node: &Handle, depth: usize) {
        if depth > MAX_DEPTH * 2 {
            return self.out.changes.add(What::Unlisted, "nested too deep");
        }
        for child in node.children.borrow().iter() {
            self.node(child, depth + 1);
        }
    }

    fn node(&mut self, node: &Handle, depth: usize) {
        match &node.data {
            NodeData::Text { contents } => {
                let contents = contents.borrow();
                self.seen += contents.chars().filter(|c| !c.is_whitespace()).count();
                write::text(&mut self.out.text, &contents, false);
            }
            NodeData::Element { name, attrs, .. } => {
                let attrs = attrs.borrow();
                match name.ns {
                    ns!(html) => self.html(node, name, &attrs, depth),
                    ns!(svg) => self.svg(node, name, &attrs, depth),
                    _ => {
                        self.out.changes.add(What::Unlisted, &*name.local);
                        self.children(node, depth);
                    }
                }
            }
            // Comments, doctypes and instructions go.
            _ => {}
        }
    }

    fn html(&mut self, node: &Handle, name: &QualName, attrs: &[Attribute], depth: usize) {
        let tag: &str = &name.local;
        if has(ACTIVE, tag) {
            self.scripts |= matches!(tag, "script" | "frameset" | "iframe");
            return self.out.changes.add(What::Active, tag);
        }
        if has(ACTIVE_AROUND, tag) {
            self.out.changes.add(What::Active, tag);
            return self.children(node, depth);
        }
        if has(UNSEEN, tag) {
            // Nobody has looked at what they contain, and browsers can be made to show it.
            return self.out.changes.add(What::Active, tag);
        }
        match tag {
            "noscript" => {
                // Read as text by browsers that run scripts, as elements by others: what it holds may be either.
                self.out.changes.add(What::Active, tag);
                self.children(node, depth);
            }
            _ if !has(HTML, tag) => {
                self.out.changes.add(What::Unlisted, tag);
                self.children(node, depth);
            }
            "a" => self.anchor(node, attrs, depth),
            "img" => self.image(attrs),
            "link" => self.link(attrs),
            "meta" => self.meta(attrs),
            "style" => self.style(node, attrs),
            "head" => {
                self.open(tag, attrs);
                self.out.text.push_str("<meta charset=\"utf-8\">");
                self.head(node, depth);
                self.out.text.push_str("</head>");
            }
            "title" => {
                self.open(tag, attrs);
                let title = text_of(node, 0);
                write::text(&mut self.out.text, &title, false);
                self.out.text.push_str("</title>");
            }
            _ => {
                self.pictures += usize::from(matches!(tag, "video" | "audio"));
                self.plain(node, tag, attrs, depth);
            }
        }
    }

    /// What stands in a head is not text to read.
    fn head(&mut self, node: &Handle, depth: usize) {
        let (seen, pictures) = (self.seen, self.pictures);
        self.children(node, depth);
        (self.seen, self.pictures) = (seen, pictures);
    }

    fn open(&mut self, tag: &str, attrs: &[Attribute]) {
        self.out.text.push('<');
        self.out.text.push_str(tag);
        self.out.html_attributes(tag, attrs, &[]);
        self.out.text.push('>');
    }

    fn plain(&mut self, node: &Handle, tag: &str, attrs: &[Attribute], depth: usize) {
        self.open(tag, attrs);
        if write::is_void(tag) {
            return;
        }
        if tag == "pre" && starts_with_line(node) {
            self.out.text.push('\n'); // The parser takes the first one away.
        }
        self.children(node, depth);
        self.end(tag);
    }

    fn end(&mut self, tag: &str) {
        self.out.text.push_str("</");
        self.out.text.push_str(tag);
        self.out.text.push('>');
    }

    /// A link; one that leads out becomes text, with its address behind it.
    fn anchor(&mut self, node: &Handle, attrs: &[Attribute], depth: usize) {
        let Some(href) = value(attrs, "href") else {
            return self.plain(node, "a", attrs, depth);
        };
        let shown = match self.out.doc.target(href, false) {
            Target::Keep(_) | Target::Missing(_) => return self.plain(node, "a", attrs, depth),
            Target::Out(url) => {
                self.out.changes.add(What::Link, &url);
                Some(url)
            }
            Target::Active(what) => {
                self.out.changes.add(What::Active, format!("a href={what}"));
                None
            }
        };
        self.out.text.push_str("<span");
        self.out.html_attributes("span", attrs, &["href", "name", "type"]);
        if let (Some(name), None) = (value(attrs, "name"), value(attrs, "id")) {
            write::attribute(&mut self.out.text, "id", name, false);
        }
        self.out.text.push('>');
        self.children(node, depth);
        self.end("span");
        if let Some(url) = shown {
            let said = text_of(node, 0);
            self.address(&url, said.trim());
        }
    }

    /// An address as text, unless the text before it says it.
    fn address(&mut self, url: &str, said: &str) {
        let bare = url.trim_end_matches('/');
        if said.trim_end_matches('/') == bare || bare.strip_prefix("mailto:") == Some(said) {
            return;
        }
        self.out.text.push_str(" (<bdi dir=\"ltr\">");
        write::text(&mut self.out.text, url, false);
        self.out.text.push_str("</bdi>)");
    }

    /// A picture; without one that is kept, what it says instead.
    fn image(&mut self, attrs: &[Attribute]) {
        let mut attrs = attrs.to_vec();
        // Scripts would have put it there when it comes into view.
        for (lazy, real) in [("data-src", "src"), ("data-srcset", "srcset")] {
            let Some(found) = value(&attrs, lazy).map(str::to_owned) else { continue };
            let placeholder = value(&attrs, real).is_none_or(|src| src.starts_with("data:"));
            let known =
                matches!(self.out.doc.target(&found, false), Target::Keep(_)) || real == "srcset";
            if !placeholder || !known {
                continue;
            }
            attrs.retain(|a| &*a.name.local != real);
            for attr in attrs.iter_mut().filter(|a| &*a.name.local == lazy) {
                attr.name.local = real.into();
            }
        }
        let mark = self.out.text.len();
        self.open("img", &attrs);
        let written = self.out.text.get(mark..).unwrap_or_default();
        if written.contains(" src=\"") || written.contains(" srcset=\"") {
            self.pictures += 1;
            return;
        }
        self.out.text.truncate(mark);
        let alt = value(&attrs, "alt").unwrap_or_default().trim().to_owned();
        if !alt.is_empty() {
            self.out.text.push_str("<span>");
            write::text(&mut self.out.text, &alt, false);
            self.out.text.push_str("</span>");
        }
    }

    fn link(&mut self, attrs: &[Attribute]) {
        let rel = value(attrs, "rel").unwrap_or_default().to_ascii_lowercase();
        let href = value(attrs, "href").unwrap_or_default();
        let words: Vec<_> = rel.split_ascii_whitespace().collect();
        if let Some(word) = words.iter().find(|word| has(FETCHING_RELATIONS, word)) {
            return self.out.changes.add(What::External, format!("link rel={word} {href}"));
        }
        let fetched = words.iter().any(|word| has(FETCHED, word));
        let sheet = words.contains(&"stylesheet");
        let known = |word: &&str| has(RELATIONS, word) || sheet && *word == "alternate";
        if words.is_empty() || !words.iter().all(known) {
            // It says something to programs; browsers fetch it for the words that they know.
            if fetched && self.out.address(href, false, Use::Fetch).is_some() {
                self.out.changes.add(What::Active, format!("link rel={rel}"));
            }
            return;
        }
        let used = if fetched { Use::Fetch } else { Use::Link };
        if let Some(kept) = self.out.address(href, false, used) {
            if sheet && !is_sheet(&kept) {
                let what = format!("link rel={rel} to what is no style sheet");
                return self.out.changes.add(What::Active, what);
            }
            self.out.text.push_str("<link");
            write::attribute(&mut self.out.text, "rel", &words.join(" "), false);
            write::attribute(&mut self.out.text, "href", &kept, false);
            self.out.html_attributes("link", attrs, &["href", "rel"]);
            self.out.text.push('>');
        }
    }

    fn meta(&mut self, attrs: &[Attribute]) {
        let lower = |name| value(attrs, name).unwrap_or_default().trim().to_ascii_lowercase();
        let (name, equiv) = (lower("name"), lower("http-equiv"));
        if equiv == "refresh" || equiv == "set-cookie" {
            return self.out.changes.add(What::Active, format!("meta {equiv}"));
        }
        if equiv.is_empty() && has(META, &name) {
            self.out.text.push_str("<meta");
            write::attribute(&mut self.out.text, "name", &name, false);
            let content = value(attrs, "content").unwrap_or_default();
            write::attribute(&mut self.out.text, "content", content, false);
            self.out.text.push('>');
        }
    }

    fn style(&mut self, node: &Handle, attrs: &[Attribute]) {
        let css = text_of(node, 0);
        let css = clean_sheet(&css, self.out.doc, self.out.changes);
        if !css.trim().is_empty() {
            self.open("style", attrs);
            self.out.text.push_str(&css);
            self.end("style");
        }
    }

    /// Drawings inside pages: without styles of their own, and with nothing but text in titles.
    fn svg(&mut self, node: &Handle, name: &QualName, attrs: &[Attribute], depth: usize) {
        let tag: &str = &name.local;
        if has(SVG_ACTIVE, tag) {
            return self.out.changes.add(What::Active, format!("svg {tag}"));
        }
        if tag == "style" {
            return self.out.changes.add(What::Active, "svg style");
        }
        if !has(SVG, tag) {
            return self.out.changes.add(What::Unlisted, format!("svg {tag}"));
        }
        self.pictures += usize::from(tag == "svg");
        self.out.text.push('<');
        self.out.text.push_str(tag);
        self.out.svg_attributes(tag, attrs);
        self.out.text.push('>');
        if matches!(tag, "title" | "desc") {
            let text = self.out.only_text(node, tag);
            write::text(&mut self.out.text, &text, false);
        } else {
            self.children(node, depth);
        }
        self.end(tag);
    }
}

/// All text below a node.
pub fn text_of(node: &Handle, depth: usize) -> String {
    let mut out = String::new();
    if depth > MAX_DEPTH * 2 {
        return out;
    }
    for child in node.children.borrow().iter() {
        match &child.data {
            NodeData::Text { contents } => out.push_str(&contents.borrow()),
            _ => out.push_str(&text_of(child, depth + 1)),
        }
    }
    out
}

fn starts_with_line(node: &Handle) -> bool {
    match node.children.borrow().first().map(|child| &child.data) {
        Some(NodeData::Text { contents }) => contents.borrow().starts_with('\n'),
        _ => false,
    }
}
