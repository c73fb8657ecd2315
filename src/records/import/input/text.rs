//! Bytes to text: only UTF-8 is read, and what else it may be is told.

use super::super::problem::{Code, Problem};

/// The text of a file.
///
/// # Errors
/// What it is instead, with the row of the first wrong byte.
pub fn utf8<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Problem> {
    let problem = |code, hint: &str| Problem::new(file, code).hint(hint);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(problem(Code::Encoding, "UTF-16"));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(problem(Code::FileKind, "xlsx, ods"));
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(problem(Code::FileKind, "xls"));
    }
    let line = |at: usize| 1 + bytes[..at].iter().filter(|b| **b == b'\n').count() as u64;
    if let Some(at) = memchr(0, bytes) {
        return Err(Problem::new(file, Code::NulByte).row(line(at)));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let name = if is_windows_1256(bytes) { "Windows-1256" } else { "?" };
            Err(problem(Code::Encoding, name).row(line(error.valid_up_to())))
        }
    }
}

fn memchr(byte: u8, bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|b| *b == byte)
}

/// Whether bytes above ASCII are mostly what Windows-1256 has for letters of Arabic and Persian.
fn is_windows_1256(bytes: &[u8]) -> bool {
    let high = bytes.iter().filter(|b| **b >= 0x80);
    let letter = |b: &u8| {
        matches!(b, 0x81 | 0x8d | 0x8e | 0x90 | 0x98 | 0x9d | 0xc0..=0xd6 | 0xd8..=0xdf)
            || matches!(b, 0xe1 | 0xe3..=0xe6 | 0xec | 0xed | 0xf0..=0xf3 | 0xf5 | 0xf6 | 0xf8)
    };
    let (letters, all) =
        high.fold((0_usize, 0_usize), |(l, n), b| (l + usize::from(letter(b)), n + 1));
    all > 0 && letters * 10 >= all * 9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_are_told_apart() {
        let code = |bytes: &[u8]| {
            let problem = utf8("f", bytes).unwrap_err();
            (problem.code, problem.row, problem.hint.unwrap_or_default())
        };
        // "name,على" in Windows-1256.
        let arabic = b"name\n\xda\xe1\xed \xe3\xcd\xe3\xcf";
        assert_eq!(code(arabic), (Code::Encoding, Some(2), "Windows-1256".to_owned()));
        assert_eq!(code(b"a\n\xff\xfe\xfd"), (Code::Encoding, Some(2), "?".to_owned()));
        assert_eq!(code(b"\xff\xfea\0").0, Code::Encoding);
        assert_eq!(code(b"a\nb\0"), (Code::NulByte, Some(2), String::new()));
        assert_eq!(code(b"PK\x03\x04...").0, Code::FileKind);
        assert_eq!(utf8("f", "\u{feff}نام".as_bytes()).unwrap(), "نام");
    }
}
