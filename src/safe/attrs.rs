//! Attributes: what stays of them.

use super::change::{Changes, What};
use super::css::{clean_declarations, clean_value};
use super::link::{Doc, Target};
use super::lists::{ATTRIBUTES, has};
use super::page::text_of;
use super::svg_lists::SVG_ATTRIBUTES;
use super::write;
use html5ever::{Attribute, ns};
use markup5ever_rcdom::{Handle, NodeData};

/// Attributes that hold an address, and whether it is of a picture.
const ADDRESSES: [(&str, bool); 5] =
    [("href", false), ("src", true), ("poster", true), ("background", true), ("usemap", false)];
/// Attributes that send something, or fetch into a place of their own.
const ACTIVE: &[&str] = &[
    "action",
    "attributionsrc",
    "codebase",
    "data",
    "dynsrc",
    "formaction",
    "http-equiv",
    "is",
    "lowsrc",
    "manifest",
    "ping",
    "profile",
    "shadowrootmode",
    "srcdoc",
];

/// Everything that a place in a document needs to write.
pub struct Out<'a> {
    /// The document.
    pub doc: &'a Doc<'a>,
    /// What had to change.
    pub changes: &'a mut Changes,
    /// What is written.
    pub text: String,
    /// By the rules of XML.
    pub xml: bool,
}

/// What the addresses of an element are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// The reader follows it.
    Link,
    /// It is fetched with the page.
    Fetch,
    /// Only a place in the same document will do.
    Here,
}

impl Out<'_> {
    /// The attributes of an element of HTML. The address under `left_out` is not written.
    pub fn html_attributes(&mut self, element: &str, attrs: &[Attribute], left_out: &[&str]) {
        for attr in attrs {
            let (name, value): (&str, &str) = (&attr.name.local, &attr.value);
            if attr.name.prefix.is_some()
                || left_out.contains(&name)
                || self.is_handler(element, name)
            {
                continue;
            }
            let address = ADDRESSES.iter().find(|(known, _)| *known == name);
            match name {
                "style" => self.style(value),
                "srcset" => self.srcset(element, value),
                _ if address.is_some() => {
                    let picture = address.is_some_and(|(_, picture)| *picture);
                    let used = match (element, name) {
                        ("a" | "area", "href") | ("link", "href") => Use::Link,
                        (_, "usemap") => Use::Here,
                        ("img" | "source" | "video" | "audio" | "track", "src") => Use::Fetch,
                        ("video", "poster") | (_, "background") => Use::Fetch,
                        // Not written; noted down when it leads out.
                        _ => {
                            self.address(value, picture, Use::Fetch);
                            continue;
                        }
                    };
                    if let Some(kept) = self.address(value, picture, used) {
                        write::attribute(&mut self.text, name, &kept, self.xml);
                    }
                }
                _ if has(ATTRIBUTES, name) || name.starts_with("aria-") && is_plain(name) => {
                    write::attribute(&mut self.text, name, value, self.xml);
                }
                _ => {}
            }
        }
    }

    /// The attributes of an element of SVG.
    pub fn svg_attributes(&mut self, element: &str, attrs: &[Attribute]) {
        let mut seen_href = false;
        for attr in attrs {
            let (name, value): (&str, &str) = (&attr.name.local, &attr.value);
            if self.is_handler(element, name) {
                continue;
            }
            let prefix = attr.name.prefix.as_deref();
            match (prefix, name) {
                // Browsers take the second one; which that is depends on its name, not on its place.
                _ if is_href(attr) && seen_href => {
                    self.changes.add(What::Active, format!("svg {element} with two addresses"));
                }
                (Some("xlink") | None, "href") => {
                    let used = match element {
                        "a" => Use::Link,
                        "image" => Use::Fetch,
                        _ => Use::Here,
                    };
                    seen_href = true;
                    if let Some(kept) = self.address(value, element == "image", used) {
                        // Old browsers know it only by its old name.
                        write::attribute(&mut self.text, "xlink:href", &kept, self.xml);
                    }
                }
                (Some("xml"), "space") => {
                    write::attribute(&mut self.text, "xml:space", value, self.xml);
                }
                (None, "style") => self.style(value),
                (None, _)
                    if has(SVG_ATTRIBUTES, name) || name.starts_with("aria-") && is_plain(name) =>
                {
                    if let Some(value) = clean_value(name, value, self.doc, self.changes) {
                        write::attribute(&mut self.text, name, value.trim(), self.xml);
                    }
                }
                _ if is_href(attr) || prefix == Some("xml") && name == "base" => {
                    self.changes.add(What::Active, format!("svg {element} {name}="));
                }
                // Nobody has looked at it, and it may hold an address.
                (None, _) if name != "xmlns" && value.contains(['(', '\\', ':']) => {
                    self.changes.add(What::Active, format!("svg {element} {name}="));
                }
                _ => {}
            }
        }
    }

    /// The text of an element that holds nothing else; what else it holds is noted down.
    pub fn only_text(&mut self, node: &Handle, element: &str) -> String {
        let children = node.children.borrow();
        if children.iter().any(|child| matches!(child.data, NodeData::Element { .. })) {
            self.changes.add(What::Active, format!("svg {element} with elements in it"));
        }
        text_of(node, 0)
    }

    /// True for what runs or sends something; notes it down.
    fn is_handler(&mut self, element: &str, name: &str) -> bool {
        let active =
            name.len() > 2 && name.get(..2).is_some_and(|two| two.eq_ignore_ascii_case("on"));
        let active = active || has(ACTIVE, name) && !(element == "data" || element == "meta");
        if active {
            self.changes.add(What::Active, format!("{element} {name}="));
        }
        active
    }

    fn style(&mut self, value: &str) {
        let cleaned = clean_declarations(value, self.doc, self.changes);
        let cleaned = cleaned.trim();
        if !cleaned.is_empty() {
            write::attribute(&mut self.text, "style", cleaned, self.xml);
        }
    }

    /// An address as it is written, or nothing. What was wrong is noted down.
    pub fn address(&mut self, raw: &str, picture: bool, used: Use) -> Option<String> {
        let target = self.doc.target(raw, picture);
        match target {
            Target::Keep(kept) if used == Use::Here && !kept.starts_with('#') => {
                self.changes.add(What::External, kept);
                None
            }
            Target::Keep(kept) => Some(kept),
            Target::Missing(kept) => {
                self.changes.add(What::Broken, &kept);
                (used != Use::Here).then_some(kept)
            }
            Target::Out(url) => {
                let what = if used == Use::Link { What::Link } else { What::External };
                self.changes.add(what, url);
                None
            }
            Target::Active(what) => {
                self.changes.add(What::Active, what);
                None
            }
        }
    }

    /// Several pictures of which the browser takes one.
    fn srcset(&mut self, element: &str, value: &str) {
        if !matches!(element, "img" | "source") {
            return;
        }
        let mut kept = Vec::new();
        let mut rest = value;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
            if rest.is_empty() {
                break;
            }
            let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
            let (url, behind) = rest.split_at(end);
            let bare = url.trim_end_matches(',');
            let (size, next) = match bare.len() < url.len() {
                true => ("", behind),
                false => behind.split_once(',').unwrap_or((behind, "")),
            };
            rest = next;
            let size = size.trim();
            let plain = size.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
            if let Some(address) = self.address(bare, true, Use::Fetch).filter(|_| plain) {
                // A comma in it would be read as its end.
                let address = address.replace(',', "%2C");
                kept.push(if size.is_empty() { address } else { format!("{address} {size}") });
            }
        }
        kept.retain(|candidate| !candidate.starts_with("data:"));
        if !kept.is_empty() {
            write::attribute(&mut self.text, "srcset", &kept.join(", "), self.xml);
        }
    }
}

/// An address in a drawing, whatever its prefix is called.
fn is_href(attr: &Attribute) -> bool {
    let (prefix, space) = (attr.name.prefix.as_deref(), &attr.name.ns);
    &*attr.name.local == "href" && (matches!(prefix, None | Some("xlink")) || *space == ns!(xlink))
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

/// The value of an attribute.
pub fn value<'a>(attrs: &'a [Attribute], name: &str) -> Option<&'a str> {
    let found = attrs.iter().find(|a| a.name.prefix.is_none() && &*a.name.local == name);
    found.map(|a| &*a.value)
}
