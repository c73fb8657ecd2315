//! Pages read by an HTML parser, under bounds: what a stranger nests does not cost us more than it costs him.

use super::{MAX_DEPTH, MAX_TEXT_BYTES, Unsafe};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{QuirksMode, TreeBuilder, TreeBuilderOpts, TreeSink};
use markup5ever_rcdom::{Handle, RcDom};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Open elements of formatting at most; the parser repeats them in every paragraph.
const MAX_FORMATTING: usize = 32;
/// Tags of one page at most.
const MAX_TAGS: usize = 200_000;

/// Bytes that the parser is given at a time.
const PIECE: usize = 1 << 16;
/// Places at most where an attribute may begin in one tag, beyond a piece. The parser compares each with all before it.
const MAX_SEAMS: usize = 50_000;

/// Elements whose end is often left out and then known from what follows.
const OPTIONAL: &[&str] =
    &["colgroup", "dd", "dt", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"];
const FORMATTING: &[&str] = &[
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// A page as a tree.
pub struct Page {
    /// Its document node.
    pub document: Handle,
    /// Browsers show it by the rules of old pages.
    pub quirks: bool,
}

/// Reads a page; scripting is off, so what stands in `noscript` is read.
///
/// # Errors
/// [`Unsafe::TooLong`], [`Unsafe::TooDeep`].
pub fn parse(text: &str) -> Result<Page, Unsafe> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(Unsafe::TooLong);
    }
    let opts = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let guard = Guard {
        builder: TreeBuilder::new(RcDom::default(), opts),
        open: RefCell::default(),
        depth: Cell::new(0),
        formatting: Cell::new(0),
        tags: Cell::new(0),
        tokens: Cell::new(0),
        full: Cell::new(false),
    };
    let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
    let (input, mut rest, mut silent) = (BufferQueue::default(), text, 0);
    while !rest.is_empty() && !tokenizer.sink.full.get() {
        let mut end = rest.len().min(PIECE);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, behind) = rest.split_at(end);
        let before = tokenizer.sink.tokens.get();
        input.push_back(StrTendril::from_slice(piece));
        while !input.is_empty() {
            // It stops at scripts and wherever an encoding is named; nothing is done about either.
            let _ = tokenizer.feed(&input);
        }
        let seams =
            piece.bytes().filter(|b| b.is_ascii_whitespace() || b"/\"'".contains(b)).count();
        silent = if before == tokenizer.sink.tokens.get() { silent + seams } else { 0 };
        if silent > MAX_SEAMS {
            tokenizer.sink.full.set(true);
        }
        rest = behind;
    }
    tokenizer.end();
    if tokenizer.sink.full.get() {
        return Err(Unsafe::TooDeep);
    }
    let dom = tokenizer.sink.builder.sink.finish();
    let quirks = dom.quirks_mode.get() == QuirksMode::Quirks;
    Ok(Page { document: dom.document, quirks })
}

/// Counts tags on their way to the tree, and lets none through when there are too many.
struct Guard {
    builder: TreeBuilder<Handle, RcDom>,
    open: RefCell<BTreeMap<String, usize>>,
    depth: Cell<usize>,
    formatting: Cell<usize>,
    tags: Cell<usize>,
    tokens: Cell<usize>,
    full: Cell<bool>,
}

impl Guard {
    fn count(&self, tag: &Tag) {
        self.tags.set(self.tags.get() + 1);
        let name: &str = &tag.name;
        let foreign = self.builder.adjusted_current_node_present_but_not_in_html_namespace();
        let leaf = super::lists::has(super::lists::VOID, name) || super::lists::has(OPTIONAL, name);
        if !foreign && leaf {
            return;
        }
        let formatting = usize::from(super::lists::has(FORMATTING, name));
        let mut open = self.open.borrow_mut();
        match tag.kind {
            TagKind::StartTag if foreign && tag.self_closing => {}
            TagKind::StartTag => {
                *open.entry(name.to_owned()).or_default() += 1;
                self.depth.set(self.depth.get() + 1);
                self.formatting.set(self.formatting.get() + formatting);
            }
            TagKind::EndTag => {
                if let Some(count) = open.get_mut(name).filter(|count| **count > 0) {
                    *count -= 1;
                    self.depth.set(self.depth.get() - 1);
                    self.formatting.set(self.formatting.get() - formatting);
                }
            }
        }
        let over = self.depth.get() > MAX_DEPTH || self.formatting.get() > MAX_FORMATTING;
        if over || self.tags.get() > MAX_TAGS {
            self.full.set(true);
        }
    }
}

impl TokenSink for Guard {
    type Handle = Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Handle> {
        self.tokens.set(self.tokens.get() + 1);
        if let Token::TagToken(tag) = &token {
            self.count(tag);
            // The parser copies whole trees for it.
            if &*tag.name == "selectedcontent" {
                return TokenSinkResult::Continue;
            }
        }
        if self.full.get() && !matches!(token, Token::EOFToken) {
            return TokenSinkResult::Continue;
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
