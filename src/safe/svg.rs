//! Drawings as files: read by an XML parser, and written anew from what is allowed.

use super::attrs::Out;
use super::change::{Changes, What};
use super::css::clean_sheet;
use super::link::{Doc, Folder, folder_url};
use super::lists::has;
use super::svg_lists::{SVG, SVG_ACTIVE};
use super::{MAX_DEPTH, MAX_TEXT_BYTES, Unsafe, write};
use html5ever::Namespace;
use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use xml5ever::driver::{XmlParseOpts, parse_document};

/// Elements of one drawing at most, counted as `<`.
const MAX_ELEMENTS: usize = 500_000;

/// A drawing in the safe subset, and what had to change. Cleaned again, it stays as it is.
///
/// # Errors
/// See [`Unsafe`].
pub fn clean_svg(text: &str, doc: &Doc<'_>) -> Result<(String, Changes), Unsafe> {
    let (first, changes) = pass(text, doc)?;
    let base = folder_url(doc.here).map_err(|_| Unsafe::Unstable)?;
    let written = Doc { base, here: doc.here, site: &Folder, data: doc.data };
    match pass(&first, &written)?.0 == first {
        true => Ok((first, changes)),
        false => Err(Unsafe::Unstable),
    }
}

fn pass(text: &str, doc: &Doc<'_>) -> Result<(String, Changes), Unsafe> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(Unsafe::TooLong);
    }
    bounded(text)?;
    let dom = parse_document(RcDom::default(), XmlParseOpts::default()).one(text);
    let children = dom.document.children.borrow();
    let root = children.iter().find_map(|node| match &node.data {
        NodeData::Element { name, .. } if &*name.local == "svg" => Some((node, name.ns.clone())),
        _ => None,
    });
    let (root, space) = root.ok_or(Unsafe::NoSvg)?;
    let mut changes = Changes::default();
    let text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut drawing = Drawing { out: Out { doc, changes: &mut changes, text, xml: true }, space };
    drawing.element(root, 0)?;
    let text = std::mem::take(&mut drawing.out.text);
    Ok((text + "\n", changes))
}

/// The parser looks through all open elements for each that ends: no more of them than is sane.
fn bounded(text: &str) -> Result<(), Unsafe> {
    let mut depth = 0usize;
    let mut count = 0usize;
    for piece in text.split('<').skip(1) {
        count += 1;
        depth = match piece.as_bytes().first() {
            Some(b'/') => depth.saturating_sub(1),
            Some(b'!' | b'?') => depth,
            _ if piece.split('>').next().is_some_and(|tag| tag.ends_with('/')) => depth,
            _ => depth + 1,
        };
        if depth > MAX_DEPTH * 4 || count > MAX_ELEMENTS {
            return Err(Unsafe::TooDeep);
        }
    }
    Ok(())
}

struct Drawing<'a> {
    out: Out<'a>,
    space: Namespace,
}

impl Drawing<'_> {
    fn element(&mut self, node: &Handle, depth: usize) -> Result<(), Unsafe> {
        if depth > MAX_DEPTH {
            return Err(Unsafe::TooDeep);
        }
        let NodeData::Element { name, attrs, .. } = &node.data else { return Ok(()) };
        let tag: &str = &name.local;
        if has(SVG_ACTIVE, tag) {
            self.out.changes.add(What::Active, format!("svg {tag}"));
            return Ok(());
        }
        if name.ns != self.space || !has(SVG, tag) {
            // Programs that draw leave much of their own; it is not drawn.
            self.out.changes.add(What::Unlisted, format!("svg {tag}"));
            return Ok(());
        }
        self.out.text.push('<');
        self.out.text.push_str(tag);
        if depth == 0 {
            write::attribute(&mut self.out.text, "xmlns", "http://www.w3.org/2000/svg", true);
            write::attribute(
                &mut self.out.text,
                "xmlns:xlink",
                "http://www.w3.org/1999/xlink",
                true,
            );
        }
        self.out.svg_attributes(tag, &attrs.borrow());
        if node.children.borrow().is_empty() {
            self.out.text.push_str("/>");
            return Ok(());
        }
        self.out.text.push('>');
        match tag {
            "style" => {
                let css = self.out.only_text(node, tag);
                let css = clean_sheet(&css, self.out.doc, self.out.changes);
                write::text(&mut self.out.text, &css, true);
            }
            "title" | "desc" => {
                let said = self.out.only_text(node, tag);
                write::text(&mut self.out.text, &said, true);
            }
            _ => {
                for child in node.children.borrow().iter() {
                    match &child.data {
                        NodeData::Text { contents } => {
                            write::text(&mut self.out.text, &contents.borrow(), true);
                        }
                        _ => self.element(child, depth + 1)?,
                    }
                }
            }
        }
        self.out.text.push_str("</");
        self.out.text.push_str(tag);
        self.out.text.push('>');
        Ok(())
    }
}
