//! Values, selectors and conditions of styles, token by token: what is in no list is refused.

use super::change::{Changes, What};
use super::css_lists::{
    FUNCTIONS, NONE_PROPERTIES, PICTURE_FUNCTIONS, PRELUDE_FUNCTIONS, STRING_FUNCTIONS,
    STRING_PROPERTIES, URL_PROPERTIES,
};
use super::link::{Doc, Target};
use super::lists::has;
use cssparser::{ParseError, Parser, ToCss, Token, TokenSerializationType};

/// Blocks in blocks at most.
pub const MAX_BLOCKS: usize = 64;
/// Signs that stand alone in values.
const VALUE_SIGNS: &str = "+-*/.!=?<>";
/// Signs that stand alone in selectors and conditions.
const PRELUDE_SIGNS: &str = ".*>+~|&=/<-!";

pub type Nested = Result<(), ParseError<()>>;

/// Why something does not stay.
pub struct Refused {
    what: What,
    detail: String,
}

impl Refused {
    pub fn new(what: What, detail: impl Into<String>) -> Self {
        Self { what, detail: detail.into() }
    }

    /// True when browsers do not read it either.
    pub fn is_nonsense(&self) -> bool {
        self.what == What::Unlisted
    }

    pub fn tell(self, changes: &mut Changes) {
        changes.add(self.what, self.detail);
    }
}

pub type Judged = Result<(), Refused>;

/// What may stand in a value.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    name: &'a str,
    urls: bool,
    strings: bool,
    /// An address that does not stay becomes `none`.
    none: bool,
}

impl<'a> Value<'a> {
    /// Of the property or descriptor with this name, in small letters.
    pub fn of(name: &'a str) -> Self {
        Self {
            name,
            urls: has(URL_PROPERTIES, name),
            strings: name.starts_with("--") || has(STRING_PROPERTIES, name),
            none: has(NONE_PROPERTIES, name),
        }
    }

    fn refused(&self, what: &str) -> Refused {
        Refused::new(What::Active, format!("style {}: {what}", self.name))
    }
}

/// What is written of a style, and where.
pub struct Cleaner<'a> {
    pub doc: &'a Doc<'a>,
    pub changes: &'a mut Changes,
    pub out: String,
    /// Length of what is read. A token that ends there may lack its own end.
    pub end: usize,
    /// The token before.
    last: TokenSerializationType,
    /// It was white space.
    space: bool,
    /// A comment between it and the next was left out.
    gap: bool,
}

impl<'a> Cleaner<'a> {
    pub fn new(text: &str, doc: &'a Doc<'a>, changes: &'a mut Changes) -> Self {
        let last = TokenSerializationType::Nothing;
        let out = String::with_capacity(text.len());
        Self { doc, changes, out, end: text.len(), last, space: true, gap: false }
    }

    /// Writes what is no token of the source.
    pub fn put(&mut self, text: &str) {
        if self.gap {
            self.out.push_str("/**/");
        }
        self.out.push_str(text);
        self.last = Token::CloseParenthesis.serialization_type();
        self.space = false;
        self.gap = false;
    }

    /// Takes back what was written since.
    pub fn take_back(&mut self, mark: usize) {
        self.out.truncate(mark);
        self.space = self.out.is_empty() || self.out.ends_with([' ', '\n', '\t']);
        self.gap = false;
    }

    /// Writes the token that was just read as it stands there.
    pub fn token(&mut self, parser: &Parser<'_>, token: &Token<'_>, text: &str) {
        let space = matches!(token, Token::WhiteSpace(_));
        if space && self.space {
            return;
        }
        let this = token.serialization_type();
        if self.gap && self.last.needs_separator_when_before(this) {
            self.out.push_str("/**/");
        }
        let cut_off = parser.position().byte_index() >= self.end && !space;
        match token {
            // In a page `<` could end the style.
            Token::QuotedString(_) if cut_off || text.contains('<') => {
                self.out.push_str(&token.to_css_string().replace('<', "\\3c "));
            }
            Token::Delim(_) => self.out.push_str(text),
            _ if cut_off || text.contains('<') => {
                self.out.push_str(&token.to_css_string().replace("\\<", "\\3c "));
            }
            _ => self.out.push_str(text),
        }
        (self.last, self.space, self.gap) = (this, space, false);
    }

    /// What stands between a bracket and its partner.
    fn nested(
        &mut self,
        parser: &mut Parser<'_>,
        (open, close): (&str, &str),
        depth: usize,
        judge: impl FnOnce(&mut Self, &mut Parser<'_>) -> Judged,
    ) -> Judged {
        if depth >= MAX_BLOCKS {
            return Err(Refused::new(What::Active, "style nested too deep"));
        }
        self.put(open);
        self.space = true;
        let mut judged = Ok(());
        let _: Nested = parser.parse_nested_block(|inner| {
            judged = judge(self, inner);
            Ok(())
        });
        self.put(close);
        judged
    }

    /// A value, up to where the parser ends.
    pub fn value(&mut self, parser: &mut Parser<'_>, of: Value<'_>, depth: usize) -> Judged {
        let inner = Value { none: false, ..of };
        loop {
            let start = parser.position();
            let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
                return Ok(());
            };
            match &token {
                Token::Comment(_) => self.gap = true,
                Token::UnquotedUrl(url) => self.url(url, of)?,
                Token::Function(name) => self.function(parser, name, of, depth)?,
                Token::ParenthesisBlock => {
                    self.nested(parser, ("(", ")"), depth, |c, p| c.value(p, inner, depth + 1))?;
                }
                Token::SquareBracketBlock => {
                    self.nested(parser, ("[", "]"), depth, |c, p| c.value(p, inner, depth + 1))?;
                }
                Token::QuotedString(_) if !of.strings => return Err(of.refused("a string")),
                Token::Delim(sign) if VALUE_SIGNS.contains(*sign) => {
                    self.token(parser, &token, parser.slice_from(start));
                }
                plain if is_plain(plain) => {
                    self.token(parser, &token, parser.slice_from(start));
                }
                Token::BadUrl(_) => return Err(of.refused("url()")),
                _ => return Err(of.refused(parser.slice_from(start))),
            }
        }
    }

    fn function(
        &mut self,
        parser: &mut Parser<'_>,
        name: &str,
        of: Value<'_>,
        depth: usize,
    ) -> Judged {
        let lower = name.to_ascii_lowercase();
        let open = format!("{name}(");
        match lower.as_str() {
            "url" => {
                let address = address_in(parser);
                let address = address.ok_or_else(|| of.refused("url()"))?;
                self.url(&address, of)
            }
            "image-set" | "-webkit-image-set" => {
                let mark = self.out.len();
                let inner = Value { none: false, strings: false, ..of };
                let set =
                    self.nested(parser, (&open, ")"), depth, |c, p| c.pictures(p, inner, depth));
                match set {
                    Err(refused) if of.none => {
                        self.take_back(mark);
                        self.none(refused);
                        Ok(())
                    }
                    set => set,
                }
            }
            "attr" if of.strings => self.nested(parser, ("attr(", ")"), depth, |c, p| {
                // Only the name: a type or something in its stead could make more of it than a text.
                let name = p.expect_ident_cloned().ok().filter(|_| p.is_exhausted());
                let name = name.ok_or_else(|| of.refused("attr()"))?;
                c.put(&Token::Ident(name).to_css_string().replace("\\<", "\\3c "));
                Ok(())
            }),
            _ if has(FUNCTIONS, &lower) => {
                let strings = of.strings || has(STRING_FUNCTIONS, &lower);
                let inner = Value { none: false, strings, ..of };
                self.nested(parser, (&open, ")"), depth, |c, p| c.value(p, inner, depth + 1))
            }
            _ => Err(of.refused(&format!("{lower}()"))),
        }
    }

    /// The inside of a set of pictures, where a string is an address.
    fn pictures(&mut self, parser: &mut Parser<'_>, of: Value<'_>, depth: usize) -> Judged {
        loop {
            let start = parser.position();
            let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
                return Ok(());
            };
            match &token {
                Token::Comment(_) => self.gap = true,
                Token::QuotedString(url) | Token::UnquotedUrl(url) => self.url(url, of)?,
                Token::Function(name) if name.eq_ignore_ascii_case("type") => {
                    let kind = address_in(parser).filter(|k| !k.contains(['"', '\\', '<', '\n']));
                    let kind = kind.ok_or_else(|| of.refused("type()"))?;
                    self.put(&format!("type(\"{kind}\")"));
                }
                Token::Function(name)
                    if name.eq_ignore_ascii_case("url")
                        || has(PICTURE_FUNCTIONS, &name.to_ascii_lowercase()) =>
                {
                    self.function(parser, name, of, depth + 1)?;
                }
                Token::WhiteSpace(_)
                | Token::Number { .. }
                | Token::Dimension { .. }
                | Token::Comma => self.token(parser, &token, parser.slice_from(start)),
                _ => return Err(of.refused(&format!("image-set({}", parser.slice_from(start)))),
            }
        }
    }

    fn none(&mut self, refused: Refused) {
        refused.tell(self.changes);
        // A word, which must not join its neighbours.
        if !self.space {
            self.out.push(' ');
        }
        self.put("none ");
        self.space = true;
    }

    /// An address of a picture, a font or a part of a drawing.
    fn url(&mut self, raw: &str, of: Value<'_>) -> Judged {
        match self.address(raw) {
            Ok(_) if !of.urls => Err(of.refused("url()")),
            Ok(kept) => {
                self.put(&format!("url(\"{kept}\")"));
                Ok(())
            }
            Err(refused) if of.none => {
                self.none(refused);
                Ok(())
            }
            Err(refused) => Err(refused),
        }
    }

    /// An address as it is written.
    pub fn address(&mut self, raw: &str) -> Result<String, Refused> {
        match self.doc.target(raw, true) {
            Target::Keep(kept) => Ok(kept),
            Target::Missing(kept) => {
                self.changes.add(What::Broken, &kept);
                Ok(kept)
            }
            Target::Out(url) => Err(Refused::new(What::External, url)),
            Target::Active(what) => Err(Refused::new(What::Active, what)),
        }
    }

    /// Selectors, or the condition or name of a rule.
    pub fn prelude(&mut self, parser: &mut Parser<'_>, strings: bool, depth: usize) -> Judged {
        loop {
            let start = parser.position();
            let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else {
                return Ok(());
            };
            let text = parser.slice_from(start);
            match &token {
                Token::Comment(_) => self.gap = true,
                Token::Function(name) => {
                    let lower = name.to_ascii_lowercase();
                    if !has(PRELUDE_FUNCTIONS, &lower) && !has(FUNCTIONS, &lower) {
                        return Err(Refused::new(What::Active, format!("style {lower}()")));
                    }
                    let strings = strings || has(STRING_FUNCTIONS, &lower);
                    let open = format!("{name}(");
                    self.nested(parser, (&open, ")"), depth, |c, p| {
                        c.prelude(p, strings, depth + 1)
                    })?;
                }
                Token::ParenthesisBlock => {
                    self.nested(parser, ("(", ")"), depth, |c, p| c.prelude(p, false, depth + 1))?;
                }
                // Values of attributes.
                Token::SquareBracketBlock => {
                    self.nested(parser, ("[", "]"), depth, |c, p| c.prelude(p, true, depth + 1))?;
                }
                Token::QuotedString(_) if !strings => {
                    return Err(Refused::new(What::Active, format!("style {text}")));
                }
                Token::UnquotedUrl(_) | Token::BadUrl(_) => {
                    return Err(Refused::new(What::Active, "style url() in a condition"));
                }
                Token::Delim(sign) if PRELUDE_SIGNS.contains(*sign) => {
                    self.token(parser, &token, text);
                }
                Token::Colon
                | Token::IncludeMatch
                | Token::DashMatch
                | Token::PrefixMatch
                | Token::SuffixMatch
                | Token::SubstringMatch => self.token(parser, &token, text),
                plain if is_plain(plain) => self.token(parser, &token, text),
                Token::CurlyBracketBlock => return Err(Refused::new(What::Active, "style { }")),
                _ => return Err(Refused::new(What::Unlisted, format!("style {text}"))),
            }
        }
    }
}

/// The one string in the brackets of a function.
pub fn address_in(parser: &mut Parser<'_>) -> Option<String> {
    let mut address = None;
    let _: Nested = parser.parse_nested_block(|inner| {
        let string = inner.expect_string().ok().map(|s| s.as_ref().to_owned());
        address = string.filter(|_| inner.is_exhausted());
        Ok(())
    });
    address
}

/// Tokens that stay wherever strings may stand: they open nothing and name no address by themselves.
fn is_plain(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::QuotedString(_)
            | Token::WhiteSpace(_)
            | Token::Ident(_)
            | Token::Hash(_)
            | Token::IDHash(_)
            | Token::Number { .. }
            | Token::Percentage { .. }
            | Token::Dimension { .. }
            | Token::Comma
    )
}
