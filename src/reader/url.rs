//! Percent-encoding of paths, both ways, strict.

use yadgar_protocol::Path;

/// What the path of a request points at.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// The root of the site.
    Root,
    /// A file, or a folder without its slash.
    File(Path),
    /// A folder, with a slash at the end.
    Folder(Path),
}

/// Why a path cannot be looked up.
#[derive(Debug, PartialEq, Eq)]
pub enum BadPath {
    /// Not UTF-8, or broken percent-encoding: 400.
    Malformed,
    /// Well formed, but no file can have such a name: 404.
    Impossible,
}

/// Reads the path of a request. `%2f`, `..`, `%00` and the like name nothing, because no part of a
/// [`Path`] can hold them.
///
/// # Errors
/// See [`BadPath`].
pub fn target(raw: &str) -> Result<Target, BadPath> {
    let raw = raw.strip_prefix('/').ok_or(BadPath::Malformed)?;
    if raw.is_empty() {
        return Ok(Target::Root);
    }
    let (body, folder) = match raw.strip_suffix('/') {
        Some(body) => (body, true),
        None => (raw, false),
    };
    let mut parts = Vec::new();
    for part in body.split('/') {
        let part = decode(part).ok_or(BadPath::Malformed)?;
        if part.contains('/') {
            return Err(BadPath::Impossible);
        }
        parts.push(part);
    }
    let path = Path::new(&parts.join("/")).map_err(|_| BadPath::Impossible)?;
    Ok(if folder { Target::Folder(path) } else { Target::File(path) })
}

/// The text of one percent-encoded part; `None` when it is broken or not UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let hex = [bytes.next()?, bytes.next()?];
        let digit = |b: u8| char::from(b).to_digit(16);
        out.push((digit(hex[0])? * 16 + digit(hex[1])?) as u8);
    }
    String::from_utf8(out).ok()
}

/// The path as it stands in a link: a leading slash, everything unusual encoded.
pub fn encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 1);
    out.push('/');
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_name_nothing() {
        for raw in
            ["/..%2fetc", "/a/../b", "/%2e%2e/b", "/a%00b", "//evil.example/", "/a//b", "/a%5cb"]
        {
            assert_eq!(target(raw), Err(BadPath::Impossible), "{raw}");
        }
        for raw in ["/%ff", "/%4", "/%zz", "/%+1", "x"] {
            assert_eq!(target(raw), Err(BadPath::Malformed), "{raw}");
        }
    }

    #[test]
    fn files_and_folders() {
        let path = Path::new("یاد/a b.html").unwrap();
        assert_eq!(target(&encode(path.as_str())), Ok(Target::File(path)));
        assert_eq!(target("/en/"), Ok(Target::Folder(Path::new("en").unwrap())));
        assert_eq!(target("/"), Ok(Target::Root));
    }
}
