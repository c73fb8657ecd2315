//! Styles: read rule by rule, and written anew from lists of what is allowed. What is in no list goes, and is told.

use super::change::{Changes, What};
use super::css_lists::{DECLARED, FEATURES, GROUPS, KEYFRAMES, MARGINS, PLAIN_ATTRIBUTES};
use super::css_value::{Cleaner, Judged, MAX_BLOCKS, Nested, Refused, Value, address_in};
use super::link::Doc;
use super::lists::has;
use cssparser::{Delimiter, Parser, Token};

/// A style sheet in the safe subset.
pub fn clean_sheet(text: &str, doc: &Doc<'_>, changes: &mut Changes) -> String {
    cleaned(text, doc, changes, |cleaner, parser| cleaner.block(parser, Inside::Rules, 0))
}

/// The value of a `style` attribute in the safe subset.
pub fn clean_declarations(text: &str, doc: &Doc<'_>, changes: &mut Changes) -> String {
    cleaned(text, doc, changes, |cleaner, parser| cleaner.block(parser, Inside::Declarations, 0))
}

/// The value of an attribute of SVG, which may be a style; `None` when it cannot stay.
pub fn clean_value(name: &str, text: &str, doc: &Doc<'_>, changes: &mut Changes) -> Option<String> {
    // Without these nothing can be fetched.
    if !text.contains(['(', '\\']) || has(PLAIN_ATTRIBUTES, name) {
        return Some(text.to_owned());
    }
    let mut stays = false;
    let value = cleaned(text, doc, changes, |cleaner, parser| {
        match cleaner.value(parser, Value::of(name), 0) {
            Ok(()) => stays = true,
            Err(refused) => refused.tell(cleaner.changes),
        }
    });
    stays.then_some(value)
}

/// True for an address that a browser reads as a style sheet, and that was therefore looked at as one. Other files of a folder could
/// be read as one too, where a page asks for it.
pub fn is_sheet(address: &str) -> bool {
    let path = address.split(['#', '?']).next().unwrap_or_default();
    path.to_ascii_lowercase().ends_with(".css")
}

fn cleaned(
    text: &str,
    doc: &Doc<'_>,
    changes: &mut Changes,
    read: impl FnOnce(&mut Cleaner<'_>, &mut Parser<'_>),
) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace('\0', "\u{fffd}");
    let mut parser = Parser::new(&text);
    let mut cleaner = Cleaner::new(&text, doc, changes);
    read(&mut cleaner, &mut parser);
    let Cleaner { out, changes, .. } = cleaner;
    // In a page this would end the style or begin a comment.
    if out.contains("</") || out.contains("<!") {
        changes.add(What::Active, "style that would end its element");
        return String::new();
    }
    out
}

/// What stands in a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Rules, as in a sheet.
    Rules,
    /// Declarations, and rules for what is inside.
    Style,
    /// Declarations only.
    Declarations,
    /// Declarations and margins.
    Page,
    /// Lists of features of a font.
    Features,
    /// Steps of an animation.
    Keyframes,
}

impl Inside {
    fn has_rules(self) -> bool {
        matches!(self, Self::Rules | Self::Style | Self::Keyframes)
    }

    fn has_declarations(self) -> bool {
        matches!(self, Self::Style | Self::Declarations | Self::Page | Self::Features)
    }

    /// What stands in an at-rule with this name; `None` when it is not in the lists.
    fn at_rule(self, name: &str) -> Option<Self> {
        match self {
            Self::Rules | Self::Style if name == "scope" => Some(Self::Style),
            Self::Rules | Self::Style if has(GROUPS, name) => Some(self),
            Self::Rules if has(DECLARED, name) => Some(Self::Declarations),
            Self::Rules if has(KEYFRAMES, name) => Some(Self::Keyframes),
            Self::Rules if name == "page" => Some(Self::Page),
            Self::Rules if name == "font-feature-values" => Some(Self::Features),
            Self::Page if has(MARGINS, name) => Some(Self::Declarations),
            Self::Features if has(FEATURES, name) => Some(Self::Declarations),
            _ => None,
        }
    }
}

impl Cleaner<'_> {
    fn block(&mut self, parser: &mut Parser<'_>, inside: Inside, depth: usize) {
        loop {
            let start = parser.state();
            let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
                return;
            };
            let text = parser.slice_from(start.position());
            match token {
                Token::WhiteSpace(_) => self.token(parser, &token, text),
                Token::Comment(said) => {
                    let plain = !said.contains('<') && !said.starts_with(['#', '@']);
                    // It may lack its end.
                    if plain && text.len() >= 4 && text.ends_with("*/") {
                        self.put(text);
                    }
                }
                Token::Semicolon if inside.has_declarations() => {}
                Token::CDO | Token::CDC if depth == 0 && inside == Inside::Rules => {}
                Token::AtKeyword(name) => self.at_rule(parser, &name, inside, depth),
                _ => {
                    parser.reset(&start);
                    match inside.has_declarations() && is_declaration(parser, inside) {
                        true => self.declaration(parser, depth),
                        false => self.rule(parser, inside, depth),
                    }
                }
            }
        }
    }

    /// Judges something and writes it, or tells why it does not stay.
    fn whole(&mut self, judge: impl FnOnce(&mut Self) -> Judged) -> bool {
        let mark = self.out.len();
        match judge(self) {
            Ok(()) => true,
            Err(refused) => {
                self.take_back(mark);
                refused.tell(self.changes);
                false
            }
        }
    }

    fn declaration(&mut self, parser: &mut Parser<'_>, depth: usize) {
        let stays = self.whole(|cleaner| {
            let start = parser.position();
            // It was looked at: a word and a colon.
            let name = parser.next().cloned();
            let text = parser.slice_from(start);
            let Ok(Token::Ident(ident)) = &name else {
                return Err(Refused::new(What::Unlisted, "style"));
            };
            let lower = ident.to_ascii_lowercase();
            cleaner.token(parser, &Token::Ident(ident.clone()), text.trim_start());
            let _ = parser.expect_colon();
            cleaner.put(":");
            let mut judged = Ok(());
            let _: Nested = parser.parse_until_before(Delimiter::Semicolon, |inner| {
                judged = match lower.as_str() {
                    "src" => cleaner.sources(inner, depth),
                    _ => cleaner.value(inner, Value::of(&lower), depth),
                };
                Ok(())
            });
            judged
        });
        if parser.next().is_ok() && stays {
            self.put(";");
        }
    }

    /// Where a font is taken from: those that stay.
    fn sources(&mut self, parser: &mut Parser<'_>, depth: usize) -> Judged {
        let mark = self.out.len();
        let mut none = true;
        loop {
            let before = self.out.len();
            if !none {
                self.put(",");
            }
            let _: Nested = parser.parse_until_before(Delimiter::Comma, |inner| {
                match self.value(inner, Value::of("src"), depth) {
                    Ok(()) => none = false,
                    Err(refused) => {
                        self.take_back(before);
                        refused.tell(self.changes);
                    }
                }
                Ok(())
            });
            if parser.next().is_err() {
                break;
            }
        }
        match none {
            true => {
                self.take_back(mark);
                Err(Refused::new(What::External, "style src without a file of the site"))
            }
            false => Ok(()),
        }
    }

    /// A rule with selectors, or with a step of an animation; or what is no rule at all.
    fn rule(&mut self, parser: &mut Parser<'_>, inside: Inside, depth: usize) {
        let ends = match inside {
            Inside::Rules => Delimiter::CurlyBracketBlock,
            _ if !inside.has_rules() => Delimiter::Semicolon,
            _ => Delimiter::CurlyBracketBlock | Delimiter::Semicolon,
        };
        let mark = self.out.len();
        let judged = self.head(parser, ends, false, depth);
        let has_block = matches!(parser.next(), Ok(Token::CurlyBracketBlock));
        let within = if inside == Inside::Keyframes { Inside::Declarations } else { Inside::Style };
        self.body(parser, (has_block, within), depth, judged, mark);
    }

    fn head(
        &mut self,
        parser: &mut Parser<'_>,
        ends: cssparser::Delimiters,
        strings: bool,
        depth: usize,
    ) -> Judged {
        let mut judged = Ok(());
        let _: Nested = parser.parse_until_before(ends, |inner| {
            judged = self.prelude(inner, strings, depth);
            Ok(())
        });
        judged
    }

    /// The block of a rule. Without one, browsers pass over it, and it goes without a word unless there is one to say.
    fn body(
        &mut self,
        parser: &mut Parser<'_>,
        (has_block, within): (bool, Inside),
        depth: usize,
        judged: Judged,
        mark: usize,
    ) {
        let deep = depth >= MAX_BLOCKS;
        let looked_at = judged.as_ref().is_ok() || judged.as_ref().is_err_and(Refused::is_nonsense);
        if has_block && looked_at && !deep {
            self.put("{");
            let _: Nested = parser.parse_nested_block(|inner| {
                self.block(inner, within, depth + 1);
                Ok(())
            });
            self.put("}");
        } else if has_block {
            skip_block(parser);
        }
        let stays = judged.is_ok() && has_block && !deep;
        if !stays {
            self.take_back(mark);
        }
        if let Err(refused) = judged {
            refused.tell(self.changes);
        } else if deep {
            self.changes.add(What::Active, "style nested too deep");
        }
    }

    fn at_rule(&mut self, parser: &mut Parser<'_>, name: &str, inside: Inside, depth: usize) {
        let lower = name.to_ascii_lowercase();
        if lower == "import" && depth == 0 && inside == Inside::Rules {
            return self.import(parser);
        }
        let Some(within) = inside.at_rule(&lower) else {
            skip_rule(parser);
            // What is written is UTF-8, whatever it was.
            if lower != "charset" {
                self.changes.add(What::Active, format!("style @{lower}"));
            }
            return;
        };
        let mark = self.out.len();
        self.put(&format!("@{lower}"));
        let strings = has(KEYFRAMES, &lower) || lower == "font-feature-values";
        let ends = Delimiter::CurlyBracketBlock | Delimiter::Semicolon;
        let judged = self.head(parser, ends, strings, depth);
        let has_block = matches!(parser.next(), Ok(Token::CurlyBracketBlock));
        if !has_block && lower == "layer" && judged.is_ok() {
            return self.put(";");
        }
        self.body(parser, (has_block, within), depth, judged, mark);
    }

    /// What stands behind `@import`, up to its end.
    fn import(&mut self, parser: &mut Parser<'_>) {
        let ends = Delimiter::CurlyBracketBlock | Delimiter::Semicolon;
        self.whole(|cleaner| {
            let mut judged = Ok(());
            let _: Nested = parser.parse_until_before(ends, |inner| {
                judged = cleaner.imported(inner);
                Ok(())
            });
            judged
        });
        skip_rule(parser);
    }

    fn imported(&mut self, parser: &mut Parser<'_>) -> Judged {
        let address = match parser.next().cloned() {
            Ok(Token::QuotedString(url) | Token::UnquotedUrl(url)) => Some(url.as_ref().to_owned()),
            Ok(Token::Function(name)) if name.eq_ignore_ascii_case("url") => address_in(parser),
            Err(_) => return Ok(()),
            _ => None,
        };
        let no_sheet = || Refused::new(What::Active, "style @import of what is no style sheet");
        let kept = self.address(&address.ok_or_else(no_sheet)?)?;
        if !is_sheet(&kept) {
            return Err(no_sheet());
        }
        self.put(&format!("@import url(\"{kept}\")"));
        self.prelude(parser, false, 0)?;
        self.put(";");
        Ok(())
    }
}

/// Whether a declaration follows and no rule: as browsers do it, by what comes first behind a colon, a block or an end. The parser
/// stays where it is.
fn is_declaration(parser: &mut Parser<'_>, inside: Inside) -> bool {
    let start = parser.state();
    let custom = match parser.next() {
        Ok(Token::Ident(name)) => name.starts_with("--"),
        _ => {
            parser.reset(&start);
            return false;
        }
    };
    let mut is = parser.expect_colon().is_ok();
    if is && !custom && inside.has_rules() {
        loop {
            match parser.next() {
                Ok(Token::CurlyBracketBlock) => {
                    is = false;
                    break;
                }
                Ok(Token::Semicolon) | Err(_) => break,
                Ok(_) => {}
            }
        }
    }
    parser.reset(&start);
    is
}

/// Goes on behind the end of a rule.
fn skip_rule(parser: &mut Parser<'_>) {
    while let Ok(token) = parser.next() {
        match token {
            Token::Semicolon => return,
            Token::CurlyBracketBlock => return skip_block(parser),
            _ => {}
        }
    }
}

/// Goes on behind the block that was just begun; what is read next would have it in front otherwise.
fn skip_block(parser: &mut Parser<'_>) {
    let _: Nested = parser.parse_nested_block(|_| Ok(()));
}
