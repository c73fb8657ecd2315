//! Styles: read token by token, and copied but for what fetches or runs something.

use super::change::{Changes, What};
use super::link::{Doc, Target};
use cssparser::{ParseError, Parser, Token};

/// Blocks in blocks at most.
const MAX_BLOCKS: usize = 64;
/// Functions whose strings are addresses.
const FETCHING: [&str; 8] = [
    "url",
    "src",
    "image",
    "image-set",
    "-webkit-image-set",
    "cross-fade",
    "-webkit-cross-fade",
    "url-prefix",
];
/// Properties by which old browsers ran what an address gave.
const BINDING: [&str; 4] = ["behavior", "-moz-binding", "-o-link", "-o-link-source"];
/// Functions that stand for what cannot be known here.
const UNKNOWN: [&str; 3] = ["var", "attr", "env"];

/// A style sheet, or the value of a `style` attribute, in the safe subset.
pub fn clean_css(text: &str, doc: &Doc<'_>, changes: &mut Changes) -> String {
    let text = text.replace('\0', "\u{fffd}");
    let mut parser = Parser::new(&text);
    let mut cleaner = Cleaner { doc, changes, out: String::with_capacity(text.len()) };
    cleaner.block(&mut parser, 0);
    let Cleaner { out, changes, .. } = cleaner;
    // In a page this would end the style or begin a comment.
    if out.contains("</") || out.contains("<!") {
        changes.add(What::Active, "style that would end its element");
        return String::new();
    }
    out
}

struct Cleaner<'a> {
    doc: &'a Doc<'a>,
    changes: &'a mut Changes,
    out: String,
}

type Nested = Result<(), ParseError<()>>;

impl Cleaner<'_> {
    fn block(&mut self, parser: &mut Parser<'_>, depth: usize) {
        loop {
            let start = parser.position();
            let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
                return;
            };
            match token {
                Token::AtKeyword(name) if name.eq_ignore_ascii_case("import") => {
                    self.import(parser)
                }
                Token::AtKeyword(name)
                    if name.eq_ignore_ascii_case("charset")
                        || name.eq_ignore_ascii_case("namespace") =>
                {
                    skip_rule(parser);
                    self.gap();
                }
                Token::WhiteSpace(_) if self.out.ends_with(|c: char| c.is_ascii_whitespace()) => {}
                Token::UnquotedUrl(url) => self.url(&url),
                Token::BadUrl(_) | Token::BadString(_) | Token::CDO | Token::CDC => self.gap(),
                Token::Comment(text) if text.contains('<') => self.gap(),
                Token::QuotedString(text) if text.contains('<') => self.quoted(&text),
                Token::Ident(name) if BINDING.iter().any(|b| name.eq_ignore_ascii_case(b)) => {
                    self.changes.add(What::Active, name.as_ref());
                    self.put("x-removed");
                }
                Token::Function(name) => {
                    let opening = parser.slice_from(start).to_owned();
                    self.function(parser, &name, &opening, depth);
                }
                Token::ParenthesisBlock => self.nested(parser, "(", ')', depth),
                Token::SquareBracketBlock => self.nested(parser, "[", ']', depth),
                Token::CurlyBracketBlock => self.nested(parser, "{", '}', depth),
                _ => self.out.push_str(parser.slice_from(start)),
            }
        }
    }

    /// A space, unless one is there.
    fn gap(&mut self) {
        if !self.out.ends_with(|c: char| c.is_ascii_whitespace()) {
            self.out.push(' ');
        }
    }

    /// A word of ours, that cannot join its neighbours.
    fn put(&mut self, word: &str) {
        self.gap();
        self.out.push_str(word);
        self.gap();
    }

    fn nested(&mut self, parser: &mut Parser<'_>, open: &str, close: char, depth: usize) {
        self.out.push_str(open);
        if depth < MAX_BLOCKS {
            let _: Nested = parser.parse_nested_block(|inner| {
                self.block(inner, depth + 1);
                Ok(())
            });
        }
        self.out.push(close);
    }

    fn function(&mut self, parser: &mut Parser<'_>, name: &str, opening: &str, depth: usize) {
        let lower = name.to_ascii_lowercase();
        if lower == "expression" {
            self.changes.add(What::Active, "expression()");
            self.put("none");
            return;
        }
        if !FETCHING.contains(&lower.as_str()) {
            return self.nested(parser, opening, ')', depth);
        }
        let mut all = true;
        if lower == "url" || lower == "src" {
            let mut address = None;
            let _: Nested = parser.parse_nested_block(|inner| {
                address = inner.expect_string().ok().map(|s| s.as_ref().to_owned());
                while inner.next().is_ok() {}
                Ok(())
            });
            return match address {
                Some(address) => self.url(&address),
                None => self.none(&lower),
            };
        }
        // Sets of pictures: taken whole or not at all.
        let at = self.out.len();
        self.gap();
        self.out.push_str(&format!("{lower}("));
        let _: Nested = parser.parse_nested_block(|inner| {
            all = self.pictures(inner, depth + 1);
            Ok(())
        });
        self.out.push(')');
        if !all {
            self.out.truncate(at);
            self.none(&lower);
        }
    }

    /// The inside of a set of pictures; false when something in it cannot be kept.
    fn pictures(&mut self, parser: &mut Parser<'_>, depth: usize) -> bool {
        let mut all = depth < MAX_BLOCKS;
        loop {
            let start = parser.position();
            let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
                return all;
            };
            match token {
                Token::WhiteSpace(_) if self.out.ends_with(|c: char| c.is_ascii_whitespace()) => {}
                Token::QuotedString(url) | Token::UnquotedUrl(url) => self.url(&url),
                Token::Function(name) if UNKNOWN.iter().any(|f| name.eq_ignore_ascii_case(f)) => {
                    all = false
                }
                Token::Function(name) if name.eq_ignore_ascii_case("type") => {
                    let opening = parser.slice_from(start).to_owned();
                    self.nested(parser, &opening, ')', depth);
                }
                Token::Function(name) => {
                    let opening = parser.slice_from(start).to_owned();
                    self.function(parser, &name, &opening, depth);
                }
                Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => {
                    all = false
                }
                Token::BadUrl(_) | Token::BadString(_) | Token::Comment(_) => self.gap(),
                _ => self.out.push_str(parser.slice_from(start)),
            }
        }
    }

    fn none(&mut self, name: &str) {
        self.changes.add(What::Active, format!("{name}() that cannot be read"));
        self.put("none");
    }

    /// An address, as a picture, font or sheet.
    fn url(&mut self, raw: &str) {
        match self.address(raw) {
            Some(kept) => self.put(&format!("url(\"{kept}\")")),
            None => self.put("none"),
        }
    }

    fn address(&mut self, raw: &str) -> Option<String> {
        match self.doc.target(raw, true) {
            Target::Keep(kept) => Some(kept),
            Target::Missing(kept) => {
                self.changes.add(What::Broken, &kept);
                Some(kept)
            }
            Target::Out(url) => {
                self.changes.add(What::External, url);
                None
            }
            Target::Active(what) => {
                self.changes.add(What::Active, what);
                None
            }
        }
    }

    fn quoted(&mut self, text: &str) {
        let mut quoted = String::new();
        // Writing to a string does not fail.
        let _ = cssparser::serialize_string(text, &mut quoted);
        self.out.push_str(&quoted.replace('<', "\\3c "));
    }

    /// What stands behind `@import`, up to its end.
    fn import(&mut self, parser: &mut Parser<'_>) {
        let address = match parser.next().cloned() {
            Ok(Token::QuotedString(url) | Token::UnquotedUrl(url)) => Some(url.as_ref().to_owned()),
            Ok(Token::Function(name)) if name.eq_ignore_ascii_case("url") => {
                let mut url = None;
                let _: Nested = parser.parse_nested_block(|inner| {
                    url = inner.expect_string().ok().map(|s| s.as_ref().to_owned());
                    while inner.next().is_ok() {}
                    Ok(())
                });
                url
            }
            Ok(Token::Semicolon) | Err(_) => return self.gap(),
            _ => None,
        };
        // A sheet from a `data:` address cannot be looked into here.
        let kept = address.filter(|a| !a.trim_start().to_ascii_lowercase().starts_with("data:"));
        let kept = kept.and_then(|address| self.address(&address));
        let from = parser.position();
        skip_rule(parser);
        let media = parser.slice_from(from).trim_end_matches(';').trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || " ():-,.\n\t".contains(c);
        match kept {
            Some(kept) if media.chars().all(plain) => {
                let space = if media.is_empty() { "" } else { " " };
                self.out.push_str(&format!("@import url(\"{kept}\"){space}{media};"));
            }
            Some(_) => self.none("@import"),
            None => self.gap(),
        }
    }
}

/// Goes on behind the end of a rule that has no block.
fn skip_rule(parser: &mut Parser<'_>) {
    while let Ok(token) = parser.next() {
        match token {
            Token::Semicolon | Token::CurlyBracketBlock => return,
            _ => {}
        }
    }
}
