//! A tiny markdown: headings, paragraphs, lists, emphasis. Pure, bounded, and unable to make anything
//! but these elements: whatever else stands in a text is text.
//!
//! | written | shown |
//! |---|---|
//! | `# Title`, `## Section`, `### Part` | headings |
//! | lines, an empty line between | paragraphs |
//! | `- item` or `* item`; `1. item` | lists; lines that are indented go on |
//! | `*word*`, `**word**` | emphasis, strong emphasis |
//! | `[words](address)` | the words, and the address as text: nothing is a link |
//! | `\*` | the sign itself |

use maud::{Markup, PreEscaped, Render, html};

/// Largest text, in bytes.
pub const MAX_BYTES: usize = 65_536;

/// The text is longer than [`MAX_BYTES`], or is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text of a page has at most {MAX_BYTES} bytes of UTF-8")]
pub struct TooLarge;

#[derive(Debug, PartialEq, Eq)]
enum Block {
    Heading(usize, String),
    Paragraph(String),
    List { ordered: bool, items: Vec<String> },
}

/// The text as elements. With `title` its headings begin at the first level, and only the first of
/// that level is one; otherwise all stand one level lower.
///
/// # Errors
/// [`TooLarge`].
pub fn render(text: &str, title: bool) -> Result<Markup, TooLarge> {
    if text.len() > MAX_BYTES {
        return Err(TooLarge);
    }
    let mut may_be_title = title;
    let mut level = |written: usize| {
        let first = written == 1 && std::mem::take(&mut may_be_title);
        if first { 1 } else { (written + usize::from(!title)).clamp(2, 4) }
    };
    Ok(html! {
        @for block in blocks(text) {
            @match block {
                Block::Heading(written, text) => @match level(written) {
                    1 => h1 { (inline(&text)) },
                    2 => h2 { (inline(&text)) },
                    3 => h3 { (inline(&text)) },
                    _ => h4 { (inline(&text)) },
                },
                Block::Paragraph(text) => p { (inline(&text)) },
                Block::List { ordered: true, items } => ol { @for item in &items { li { (inline(item)) } } },
                Block::List { ordered: false, items } => ul { @for item in &items { li { (inline(item)) } } },
            }
        }
    })
}

/// Signs that change the order of writing, and controls, would let a text look like another.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    // Whether the next line may go on with the block before it.
    let mut open = false;
    for line in text.split('\n') {
        let line: String = line
            .chars()
            .map(|c| if c == '\t' { ' ' } else { c })
            .filter(|c| !is_hidden(*c))
            .collect();
        let indented = line.starts_with(' ');
        let line = line.trim();
        if line.is_empty() {
            open = false;
        } else if let Some((level, rest)) = heading(line) {
            found.push(Block::Heading(level, rest.to_owned()));
            open = false;
        } else if let Some((ordered, rest)) = item(line) {
            match found.last_mut() {
                Some(Block::List { ordered: same, items }) if *same == ordered => {
                    items.push(rest.to_owned())
                }
                _ => found.push(Block::List { ordered, items: vec![rest.to_owned()] }),
            }
            open = true;
        } else {
            match found.last_mut() {
                Some(Block::Paragraph(text)) if open => add(text, line),
                Some(Block::List { items, .. }) if open || indented => match items.last_mut() {
                    Some(last) => add(last, line),
                    None => items.push(line.to_owned()),
                },
                _ => found.push(Block::Paragraph(line.to_owned())),
            }
            open = true;
        }
    }
    found
}

fn add(text: &mut String, line: &str) {
    text.push(' ');
    text.push_str(line);
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    let text = rest.strip_prefix(' ')?.trim();
    ((1..=3).contains(&level) && !text.is_empty()).then_some((level, text))
}

fn item(line: &str) -> Option<(bool, &str)> {
    if let Some(rest) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((false, rest.trim()));
    }
    let digit = |c: char| c.is_ascii_digit() || ('۰'..='۹').contains(&c);
    let (number, rest) = line.split_once(". ")?;
    let counted = (1..=3).contains(&number.chars().count()) && number.chars().all(digit);
    counted.then_some((true, rest.trim()))
}

/// Emphasis, addresses and escaped signs of one piece of text.
fn inline(text: &str) -> Markup {
    let mut writer = Inline::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(sign) = rest
            .strip_prefix('\\')
            .and_then(|r| r.chars().next())
            .filter(char::is_ascii_punctuation)
        {
            writer.plain.push(sign);
            rest = &rest[2..];
        } else if let Some(after) =
            rest.strip_prefix("**").filter(|after| writer.may_turn(STRONG, after))
        {
            writer.turn(STRONG);
            rest = after;
        } else if let Some(after) =
            rest.strip_prefix('*').filter(|after| writer.may_turn(EM, after))
        {
            writer.turn(EM);
            rest = after;
        } else if let Some((words, address, after)) = link(rest) {
            writer.plain.push_str(words);
            writer.address(address);
            rest = after;
        } else {
            writer.plain.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    writer.end()
}

const EM: usize = 0;
const STRONG: usize = 1;
const TAGS: [&str; 2] = ["em", "strong"];
const SIGNS: [&str; 2] = ["*", "**"];

#[derive(Default)]
struct Inline {
    out: String,
    /// Text that is not yet written.
    plain: String,
    /// What is open, the innermost last; each at most once.
    open: Vec<usize>,
}

impl Inline {
    /// Whether the sign in front of `after` opens or closes what it stands for.
    fn may_turn(&self, kind: usize, after: &str) -> bool {
        if self.open.contains(&kind) {
            return self.open.last() == Some(&kind);
        }
        let begins = after.chars().next().is_some_and(|c| !c.is_whitespace());
        begins && after.contains(SIGNS[kind])
    }

    fn turn(&mut self, kind: usize) {
        self.flush();
        if self.open.last() == Some(&kind) {
            self.open.pop();
            self.tag("</", kind);
        } else {
            self.open.push(kind);
            self.tag("<", kind);
        }
    }

    fn tag(&mut self, begin: &str, kind: usize) {
        self.out.push_str(begin);
        self.out.push_str(TAGS[kind]);
        self.out.push('>');
    }

    /// The only way by which text gets out: escaped.
    fn flush(&mut self) {
        std::mem::take(&mut self.plain).render_to(&mut self.out);
    }

    fn address(&mut self, address: &str) {
        self.flush();
        html! { " (" bdi.mono dir="ltr" { (address) } ")" }.render_to(&mut self.out);
    }

    fn end(mut self) -> Markup {
        self.flush();
        while let Some(kind) = self.open.pop() {
            self.tag("</", kind);
        }
        PreEscaped(self.out)
    }
}

/// `[words](address)`, also with `!` in front. Words hold no brackets and an address no `[`, so that a
/// text of brackets is not searched to its end for each of them.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let rest = text.strip_prefix('!').unwrap_or(text).strip_prefix('[')?;
    let (words, rest) = rest.split_at(rest.find(['[', ']'])?);
    let rest = rest.strip_prefix("](")?;
    let (address, rest) =
        rest.split_at(rest.find(|c: char| ")[".contains(c) || c.is_whitespace())?);
    let after = rest.strip_prefix(')')?;
    (!address.is_empty()).then_some((words, address, after))
}
