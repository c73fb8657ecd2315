//! Language, digits and numbers of the pages.

use yadgar_protocol::persian::order;

/// Language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// Persian.
    Fa,
    /// English.
    En,
}

impl Lang {
    /// The code in addresses and in `<html lang>`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fa => "fa",
            Self::En => "en",
        }
    }

    /// Direction of writing, for `<html dir>`.
    pub const fn dir(self) -> &'static str {
        match self {
            Self::Fa => "rtl",
            Self::En => "ltr",
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Fa => Self::En,
            Self::En => Self::Fa,
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "fa" => Some(Self::Fa),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// One sentence in both languages. `{}` stands for what is put in, in order.
#[derive(Debug, Clone, Copy)]
pub struct Text(pub &'static str, pub &'static str);

impl Text {
    /// The sentence in a language.
    pub const fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Fa => self.0,
            Lang::En => self.1,
        }
    }

    /// The sentence with each `{}` replaced, digits in the way of the language.
    pub fn with(self, lang: Lang, values: &[&str]) -> String {
        let mut parts = self.get(lang).split("{}");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for (n, part) in parts.enumerate() {
            out.push_str(&digits(lang, values.get(n).copied().unwrap_or_default()));
            out.push_str(part);
        }
        out
    }
}

/// How many there are of something: Persian has one form, English tells one from more. `{}` stands
/// for the number.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// Persian, of any number.
    pub fa: &'static str,
    /// English, of one.
    pub one: &'static str,
    /// English, of any other number.
    pub other: &'static str,
}

impl Counted {
    /// The words for `n`, digits grouped and in the way of the language.
    pub fn of(self, lang: Lang, n: u64) -> String {
        let english = if n == 1 { self.one } else { self.other };
        Text(self.fa, english).with(lang, &[&number(lang, n)])
    }
}

/// Text with Persian digits where the language is Persian.
pub fn digits(lang: Lang, text: &str) -> String {
    let persian = |c: char| match c {
        '0'..='9' => char::from_u32('۰' as u32 + c as u32 - '0' as u32).unwrap_or(c),
        other => other,
    };
    match lang {
        Lang::Fa => text.chars().map(persian).collect(),
        Lang::En => text.to_owned(),
    }
}

/// A number with groups of three.
pub fn number(lang: Lang, n: u64) -> String {
    let plain = n.to_string();
    let mut out = String::new();
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            out.push(if lang == Lang::Fa { '٬' } else { ',' });
        }
        out.push(digit);
    }
    digits(lang, &out)
}

/// A key by which names sort as readers of a language expect.
pub fn sort_key(lang: Lang, name: &str) -> String {
    match lang {
        Lang::Fa => order::persian_key(name),
        Lang::En => order::latin_key(name),
    }
}

/// A size in bytes, rounded, in words.
pub fn size(lang: Lang, bytes: u64) -> String {
    const UNITS: [Text; 4] = [
        Text("بایت", "bytes"),
        Text("کیلوبایت", "KB"),
        Text("مگابایت", "MB"),
        Text("گیگابایت", "GB"),
    ];
    let (mut value, mut unit) = (bytes, 0);
    let mut tenths = 0;
    while value >= 1000 && unit + 1 < UNITS.len() {
        (tenths, value) = (value % 1000 / 100, value / 1000);
        unit += 1;
    }
    let name = UNITS[unit].get(lang);
    if unit == 0 || value >= 100 || tenths == 0 {
        return format!("{} {name}", number(lang, value));
    }
    let point = if lang == Lang::Fa { '٫' } else { '.' };
    format!("{}{point}{} {name}", number(lang, value), number(lang, tenths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sizes() {
        assert_eq!(number(Lang::En, 1_234_567), "1,234,567");
        assert_eq!(number(Lang::Fa, 1044), "۱٬۰۴۴");
        assert_eq!(size(Lang::En, 999), "999 bytes");
        assert_eq!(size(Lang::En, 1_250_000), "1.2 MB");
        assert_eq!(size(Lang::Fa, 2_500), "۲٫۵ کیلوبایت");
        assert_eq!(size(Lang::En, u64::MAX), "18,446,744,073.7 GB".replace(".7", ""));
    }

    #[test]
    fn sentences_take_their_values() {
        const SHOWN: Text = Text("{} تا {} از {}", "{} to {} of {}");
        assert_eq!(SHOWN.with(Lang::En, &["1", "2", "3"]), "1 to 2 of 3");
        assert_eq!(SHOWN.with(Lang::Fa, &["1", "2", "3"]), "۱ تا ۲ از ۳");
        const NAMES: Counted = Counted { fa: "{} نام", one: "{} name", other: "{} names" };
        assert_eq!([0, 1, 2].map(|n| NAMES.of(Lang::En, n)), ["0 names", "1 name", "2 names"]);
        assert_eq!(NAMES.of(Lang::Fa, 1000), "۱٬۰۰۰ نام");
    }
}
