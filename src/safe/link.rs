//! Where an address in a document leads. Addresses are read as browsers read them (WHATWG URL), and written anew.

use data_encoding::BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

/// The host under which the files of a folder are addressed while it is worked on.
pub const FOLDER_HOST: &str = "folder.invalid";
/// Longest `data:` address, in bytes: 512 KiB.
const MAX_DATA_BYTES: usize = 512 << 10;
/// What stays as it is in a path that is written.
const KEPT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');
/// Pictures that may stand in a `data:` address, and how their bytes begin.
const DATA: [(&str, &[u8]); 4] = [
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF8"),
    ("image/webp", b"RIFF"),
];

/// Where an address leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// To a file of the site: its path.
    Inside(String),
    /// To where a file of the site would be, and there is none.
    Missing(String),
    /// Out of the site.
    Outside,
}

/// The rest of the site, as a document sees it.
pub trait Site: Sync {
    /// Where a web address leads.
    fn find(&self, url: &Url) -> Place;

    /// True when this picture may stand inside a document. `mime` is its type.
    fn takes_picture(&self, _mime: &str, _bytes: &[u8]) -> bool {
        true
    }
}

/// A folder of which nothing is known: every relative address leads inside.
#[derive(Debug)]
pub struct Folder;

impl Site for Folder {
    fn find(&self, url: &Url) -> Place {
        if url.host_str() != Some(FOLDER_HOST) {
            return Place::Outside;
        }
        let path = percent_decode_str(url.path().trim_start_matches('/')).decode_utf8_lossy();
        Place::Inside(path.into_owned())
    }
}

/// The address of a file of a folder.
///
/// # Errors
/// When the path makes no address.
pub fn folder_url(path: &str) -> Result<Url, url::ParseError> {
    Url::parse(&format!("http://{FOLDER_HOST}/{}", encoded(path)))
}

/// A document of a site.
pub struct Doc<'a> {
    /// What its addresses are relative to.
    pub base: Url,
    /// Its path in the folder that is written.
    pub here: &'a str,
    /// The site.
    pub site: &'a dyn Site,
    /// `data:` pictures may stand in it.
    pub data: bool,
}

/// What becomes of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// It is written so.
    Keep(String),
    /// It is written so, and there is nothing.
    Missing(String),
    /// It leads out: the whole address.
    Out(String),
    /// It could run something.
    Active(String),
}

impl Doc<'_> {
    /// What becomes of an address that stands in the document; `picture` where a picture is wanted.
    pub fn target(&self, raw: &str, picture: bool) -> Target {
        let trimmed = raw.trim_matches(|c: char| c <= ' ');
        if trimmed == "#" {
            return Target::Keep("#".to_owned());
        }
        let url = match trimmed.strip_prefix('#') {
            // A fragment is of the document itself, whatever its base.
            Some(_) => self.own().and_then(|own| own.join(trimmed)),
            // Whether an address with a scheme and without slashes is relative depends on the scheme of the page, which
            // is another one over file://. So it is read as a whole one.
            None if has_scheme(trimmed) => Url::parse(trimmed),
            None => self.base.join(trimmed),
        };
        let Ok(url) = url else { return Target::Out(trimmed.to_owned()) };
        let fragment = url.fragment().map(fragment).unwrap_or_default();
        if trimmed.starts_with('#') {
            return Target::Keep(fragment);
        }
        match url.scheme() {
            // Nobody's address, except where we made it out of a relative one.
            "http" | "https" if url.host_str() == Some(FOLDER_HOST) && names_host(trimmed) => {
                Target::Out(trimmed_address(&url))
            }
            "http" | "https" => match self.site.find(&url) {
                Place::Inside(path) => Target::Keep(relative(self.here, &path) + &fragment),
                Place::Missing(path) => Target::Missing(relative(self.here, &path) + &fragment),
                Place::Outside => Target::Out(trimmed_address(&url)),
            },
            "data" if picture => self.data(trimmed),
            "javascript" | "vbscript" | "data" | "blob" | "filesystem" | "livescript" => {
                Target::Active(url.scheme().to_owned() + ":")
            }
            _ => Target::Out(trimmed_address(&url)),
        }
    }

    fn own(&self) -> Result<Url, url::ParseError> {
        folder_url(self.here)
    }

    fn data(&self, text: &str) -> Target {
        let refused = || Target::Active("data:".to_owned());
        let parts = text.get(5..).and_then(|rest| rest.split_once(','));
        let Some((head, body)) = parts.filter(|_| self.data && text.len() <= MAX_DATA_BYTES) else {
            return refused();
        };
        let head = head.to_ascii_lowercase();
        let Some(mime) = head.strip_suffix(";base64") else { return refused() };
        let body = percent_decode_str(body).decode_utf8_lossy();
        let mut packed: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        while !packed.len().is_multiple_of(4) {
            packed.push('=');
        }
        let Ok(bytes) = BASE64.decode(packed.as_bytes()) else { return refused() };
        let known = DATA.iter().any(|(name, magic)| *name == mime && bytes.starts_with(magic));
        match known && self.site.takes_picture(mime, &bytes) {
            true => Target::Keep(format!("data:{mime};base64,{packed}")),
            false => refused(),
        }
    }
}

/// What browsers take away before they read an address.
fn bare(raw: &str) -> impl Iterator<Item = char> {
    raw.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r'))
}

/// A scheme stands before a colon.
fn has_scheme(raw: &str) -> bool {
    let scheme: Option<String> = {
        let text: String = bare(raw).collect();
        text.split_once(':').map(|(scheme, _)| scheme.to_owned())
    };
    scheme.is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// It says itself which host it means.
fn names_host(raw: &str) -> bool {
    let slash = |c: char| matches!(c, '/' | '\\');
    has_scheme(raw) || bare(raw).take(2).filter(|c| slash(*c)).count() == 2
}

/// An address as it is shown: without a password.
fn trimmed_address(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_password(None);
    url.to_string()
}

fn fragment(text: &str) -> String {
    // The parser leaves a few signs that end an attribute or a style's string.
    let safe = |c: char| match c {
        '"' | '\'' | '<' | '>' | '`' | '(' | ')' | '\\' => format!("%{:02X}", c as u32),
        c => c.to_string(),
    };
    std::iter::once("#".to_owned()).chain(text.chars().map(safe)).collect()
}

fn encoded(path: &str) -> String {
    utf8_percent_encode(path, KEPT).to_string()
}

/// The address of one file as it is written in another.
pub fn relative(here: &str, path: &str) -> String {
    let mut from: Vec<_> = here.split('/').collect();
    from.pop();
    let to: Vec<_> = path.split('/').collect();
    let folders = to.len().saturating_sub(1).min(from.len());
    let same = (0..folders).take_while(|at| from.get(*at) == to.get(*at)).count();
    let up = "../".repeat(from.len().saturating_sub(same));
    let down = encoded(&to.get(same..).unwrap_or_default().join("/"));
    match up.is_empty() && (down.is_empty() || down.starts_with('/')) {
        // An empty address is the document, and one slash the root: neither is meant.
        true => format!("./{}", down.trim_start_matches('/')),
        false => up + &down,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(here: &str, raw: &str) -> Target {
        let base = folder_url(here).unwrap();
        Doc { base, here, site: &Folder, data: true }.target(raw, true)
    }

    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        let keep = |here, raw, wanted: &str| {
            assert_eq!(target(here, raw), Target::Keep(wanted.into()), "{raw}");
        };
        keep("a/b.html", "../c.html#x", "../c.html#x");
        keep("a/b.html", "/c d.html?x=1", "../c%20d.html");
        keep("a/b.html", "..\\..\\c.html", "../c.html");
        keep("a/b.html", "#یاد", "#%DB%8C%D8%A7%D8%AF");
        keep("a/b.html", "a:b".replace(':', "%3A").as_str(), "a%3Ab");
        for raw in
            ["java\nscript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"]
        {
            assert!(matches!(target("a", raw), Target::Active(_)), "{raw}");
        }
        for raw in [
            "//e.example/x",
            "\\\\e.example",
            "https:e.example",
            "http:e.example/x",
            "ht\ntp:/e.example",
            "mailto:a@b.example",
            "http://",
            "http://folder.invalid/x",
            "http://folder.invalid:8765/x",
            "//folder.invalid/x",
            "\\/folder.invalid",
        ] {
            assert!(matches!(target("a", raw), Target::Out(_)), "{raw}");
        }
    }

    #[test]
    fn only_pictures_as_data() {
        let png = format!("data:image/png;base64,{}", BASE64.encode(b"\x89PNG\r\n\x1a\n..."));
        assert_eq!(target("a", &png), Target::Keep(png.clone()));
        let lie = format!("data:image/png;base64,{}", BASE64.encode(b"<svg onload=x>"));
        assert!(matches!(target("a", &lie), Target::Active(_)));
        assert!(matches!(target("a", "data:image/svg+xml,<svg/>"), Target::Active(_)));
    }
}
