//! Where a line of ours stands in an archived page, so that nothing in the page can hide it from the parser.
//!
//! It stands in front of all of the page's own elements: a browser then opens the body for it, and takes what belongs into
//! the head (titles, styles) where it finds it. Only the doctype stays before it, or the page would be shown by the rules
//! of old pages, with comments and spaces before the doctype.

/// Characters that HTML skips before the doctype.
const SPACES: [u8; 5] = *b"\t\n\x0c\r ";

/// The page, or its beginning, with `line` in it, in the encoding of the page.
pub fn marked(page: &[u8], line: &str) -> Vec<u8> {
    let coding = Coding::of(page);
    let mark = coding.mark().min(page.len());
    let at = mark + coding.width() * prolog(&coding.plain(&page[mark..]));
    let (before, after) = page.split_at(at);
    [before, &coding.bytes(line), after].concat()
}

/// How a page is encoded: what we send is called UTF-8, and a byte order mark outranks that.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16Be,
}

impl Coding {
    fn of(page: &[u8]) -> Self {
        match page {
            [0xef, 0xbb, 0xbf, ..] => Self::Utf8Marked,
            [0xff, 0xfe, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] => Self::Utf16Be,
            _ => Self::Utf8,
        }
    }

    /// Bytes of the mark.
    const fn mark(self) -> usize {
        match self {
            Self::Utf8 => 0,
            Self::Utf8Marked => 3,
            Self::Utf16Le | Self::Utf16Be => 2,
        }
    }

    /// Bytes of a unit.
    const fn width(self) -> usize {
        match self {
            Self::Utf8 | Self::Utf8Marked => 1,
            Self::Utf16Le | Self::Utf16Be => 2,
        }
    }

    /// One byte for each unit: the character where it is ASCII.
    fn plain(self, text: &[u8]) -> Vec<u8> {
        let unit = |pair: &[u8]| match (self, pair) {
            (Self::Utf16Le, [c, 0]) | (Self::Utf16Be, [0, c]) => *c,
            _ => u8::MAX,
        };
        match self.width() {
            1 => text.to_vec(),
            _ => text.chunks_exact(2).map(unit).collect(),
        }
    }

    fn bytes(self, line: &str) -> Vec<u8> {
        match self {
            Self::Utf8 | Self::Utf8Marked => line.as_bytes().to_vec(),
            Self::Utf16Le => line.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => line.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

/// Where the doctype ends, if nothing but comments and spaces is before it and it ends here; else 0.
fn prolog(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        at += text[at..].iter().take_while(|b| SPACES.contains(b)).count();
        let rest = &text[at..];
        let doctype = rest.get(..9).is_some_and(|b| b.eq_ignore_ascii_case(b"<!doctype"));
        let end = match rest {
            [b'<', b'!', b'-', b'-', ..] => comment(rest),
            // Also what is taken for a comment. In a doctype even a quoted `>` ends it.
            [b'<', b'!' | b'?', ..] => after(rest, b">"),
            _ => None,
        };
        match end {
            Some(end) if doctype => return at + end,
            Some(end) => at += end,
            None => return 0,
        }
    }
}

/// Where a comment ends that `text` begins with.
fn comment(text: &[u8]) -> Option<usize> {
    const OPEN: usize = "<!--".len();
    let said = &text[OPEN..];
    if said.starts_with(b">") || said.starts_with(b"->") {
        return after(text, b">");
    }
    let ends = [b"-->".as_slice(), b"--!>"].into_iter().filter_map(|end| after(said, end));
    ends.min().map(|end| OPEN + end)
}

/// The place behind the first `end`.
fn after(text: &[u8], end: &[u8]) -> Option<usize> {
    text.windows(end.len()).position(|w| w == end).map(|at| at + end.len())
}

#[cfg(test)]
#[path = "mark_tests.rs"]
mod tests;
