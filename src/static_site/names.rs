//! Names of the files in the folder. ASCII, lower case and short, so that they fit on any stick, and spread over folders, because
//! FAT holds only some ten thousand names in one. A name says nothing but a random id or a number.

use crate::memorial::assets;
use crate::memorial::catalogue::is_id;
use crate::memorial::essays::Essay;
use crate::memorial::links::Page;
use crate::memorial::selection::{Facet, Selection};
use crate::memorial::text::Lang;

/// The entrance, written last: a folder without it is not finished.
pub const INDEX: &str = "index.html";
/// Says what the folder is; written first.
pub const MARKER: &str = "site.json";
/// The signed head of the release.
pub const HEAD: &str = "head.cbor";
/// The blank page.
pub const LEAVE: &str = "x.html";
/// Folder of the stylesheet and the fonts.
const ASSETS: &str = "a";
/// Folder of pictures.
const PICTURES: &str = "i";
/// Folder of proofs.
const PROOFS: &str = "proofs";
/// Everything that is ours lies in these folders, or beside them.
pub const FOLDERS: [&str; 5] = [ASSETS, PICTURES, PROOFS, "fa", "en"];
/// Most folders that a file of ours lies in.
pub const MAX_DEPTH: usize = 3;
/// Media types of pictures and how their names end.
const PICTURE_TYPES: [(&str, &str); 4] =
    [("image/jpeg", "jpg"), ("image/png", "png"), ("image/gif", "gif"), ("image/webp", "webp")];

/// The folder of a record's files among its like. A thousand of them for random ids.
fn shard(key: &str) -> String {
    if is_id(key) {
        return key.chars().take(2).collect();
    }
    let digits: Vec<char> = key.chars().collect();
    let last: String = digits[digits.len().saturating_sub(2)..].iter().collect();
    format!("{last:0>2}")
}

/// A page. `None` for a list that has no page of its own. Whether there is such a record is not asked.
pub fn page(lang: Lang, page: &Page<'_>) -> Option<String> {
    let l = lang.code();
    Some(match page {
        Page::Cover => format!("{l}/{INDEX}"),
        Page::Wall(selection, n) => return wall(lang, selection, *n),
        Page::Lists => format!("{l}/find.html"),
        Page::Letter(letter, n) => format!("{l}/l/{letter}/{n}.html"),
        Page::Person(key) => format!("{l}/p/{}/{key}.html", shard(key)),
        Page::Warning(key, n) => format!("{l}/p/{}/{key}-{n}w.html", shard(key)),
        Page::Picture(key, n) => format!("{l}/p/{}/{key}-{n}.html", shard(key)),
        Page::Incident(id) => format!("{l}/i/{}/{id}.html", shard(id)),
        Page::Timeline => format!("{l}/t.html"),
        Page::Map => format!("{l}/m.html"),
        Page::Statistics => format!("{l}/s.html"),
        Page::Essay(which) => format!("{l}/{}.html", which.slug()),
        Page::Notices(n) => format!("{l}/c/{n}.html"),
        Page::Leave => LEAVE.to_owned(),
    })
}

fn wall(lang: Lang, selection: &Selection, n: usize) -> Option<String> {
    if selection.is_all() {
        return Some(format!("{}/n/{n}.html", lang.code()));
    }
    let mut chosen = selection.chosen();
    match (chosen.next(), chosen.next()) {
        (Some((facet, value)), None) if selection.words.is_empty() => {
            Some(format!("{}/g/{}{value}/{n}.html", lang.code(), facet.code()))
        }
        _ => None,
    }
}

/// The proof of a record.
pub fn proof(key: &str) -> String {
    format!("{PROOFS}/{}/{key}.cbor", shard(key))
}

/// A picture of a record; `None` for a type that is not shown.
pub fn picture(key: &str, n: usize, media: &str) -> Option<String> {
    let (_, end) = PICTURE_TYPES.iter().find(|(known, _)| *known == media)?;
    Some(format!("{PICTURES}/{}/{key}-{n}.{end}", shard(key)))
}

/// A file that every page may need.
pub fn asset(name: &str) -> String {
    format!("{ASSETS}/{name}")
}

/// What a file of ours holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page.
    Page,
    /// A proof.
    Proof,
    /// A picture.
    Picture,
    /// Anything else.
    Other,
}

/// What a name means: its kind, and the key of the record that it belongs to. `None` for a name that we never give.
pub fn parse(path: &str) -> Option<(Kind, Option<&str>)> {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [INDEX | LEAVE] => Some((Kind::Page, None)),
        [MARKER | HEAD] => Some((Kind::Other, None)),
        [ASSETS, name] => assets::named(name).map(|_| (Kind::Other, None)),
        [PROOFS, folder, name] => {
            let key = name.strip_suffix(".cbor")?;
            (is_key(key) && shard(key) == *folder).then_some((Kind::Proof, Some(key)))
        }
        [PICTURES, folder, name] => {
            let (stem, end) = name.rsplit_once('.')?;
            let (key, n) = stem.rsplit_once('-')?;
            let known = PICTURE_TYPES.iter().any(|(_, known)| *known == end);
            let fits = known && is_number(n) && is_key(key) && shard(key) == *folder;
            fits.then_some((Kind::Picture, Some(key)))
        }
        [lang, rest @ ..] if Lang::from_code(lang).is_some() => {
            parse_page(rest).map(|key| (Kind::Page, key))
        }
        _ => None,
    }
}

/// The key of the person whose page it is, if it is one's; `None` for no page of ours.
fn parse_page<'a>(parts: &[&'a str]) -> Option<Option<&'a str>> {
    let (name, folders) = parts.split_last()?;
    let stem = name.strip_suffix(".html")?;
    match folders {
        [] => {
            let known = ["index", "find", "t", "m", "s"].contains(&stem);
            (known || Essay::from_slug(stem).is_some()).then_some(None)
        }
        ["n" | "c"] => is_number(stem).then_some(None),
        ["l", letter] => (is_number(letter) && is_number(stem)).then_some(None),
        ["g", group] => {
            let value = group.get(1..)?;
            let known = Facet::ALL.iter().any(|facet| group.starts_with(facet.code()));
            (known && is_number(value) && is_number(stem)).then_some(None)
        }
        ["i", folder] => (is_key(stem) && shard(stem) == *folder).then_some(None),
        ["p", folder] => {
            let (key, n) = stem.split_once('-').unwrap_or((stem, "1"));
            let n = n.strip_suffix('w').unwrap_or(n);
            (is_key(key) && is_number(n) && shard(key) == *folder).then_some(Some(key))
        }
        _ => None,
    }
}

/// True for the name of a folder that is made for one record or list, or for some of them.
pub fn is_folder(path: &str) -> bool {
    let is_shard = |name: &str| name.len() == 2 && name.bytes().all(|b| b.is_ascii_alphanumeric());
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [PICTURES | PROOFS, name] | ["fa" | "en", "p" | "i", name] => is_shard(name),
        ["fa" | "en", "g", name] => name.get(1..).is_some_and(is_number),
        ["fa" | "en", "l", name] => is_number(name),
        _ => false,
    }
}

fn is_number(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_key(text: &str) -> bool {
    is_id(text) || is_number(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memorial::selection::{AGES, UNKNOWN};

    const KEY: &str = "2f4ja5iockvhwmeqgaaylwdxry";

    fn some_pages(lang: Lang) -> Vec<String> {
        let of = |facet, value| Page::Wall(Selection::of(facet, value), 12);
        let mut pages = vec![
            Page::Cover,
            Page::Wall(Selection::default(), 1),
            Page::Lists,
            Page::Letter(32, 1),
            of(Facet::City, (1 << 40) - 1),
            of(Facet::Day, UNKNOWN),
            of(Facet::Age, AGES[0].0),
            Page::Person(KEY),
            Page::Person("7"),
            Page::Person("100000"),
            Page::Warning(KEY, 64),
            Page::Picture(KEY, 1),
            Page::Incident(KEY),
            Page::Timeline,
            Page::Map,
            Page::Statistics,
            Page::Notices(3),
            Page::Leave,
        ];
        pages.extend(Essay::ALL.map(Page::Essay));
        let names: Vec<_> = pages.iter().filter_map(|p| page(lang, p)).collect();
        assert_eq!(names.len(), pages.len());
        names
    }

    #[test]
    fn every_name_is_known_again_and_fits_on_a_stick() {
        let mut names = [some_pages(Lang::Fa), some_pages(Lang::En)].concat();
        names.extend([INDEX.into(), MARKER.into(), HEAD.into(), proof(KEY), proof("7")]);
        names.extend(PICTURE_TYPES.iter().filter_map(|(media, _)| picture(KEY, 64, media)));
        names.extend(assets::all().iter().map(|a| asset(a.name)));
        for name in &names {
            assert!(parse(name).is_some(), "{name}");
            for piece in name.split('/') {
                assert!(piece.len() <= 40, "{name}");
                let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
                assert!(piece.bytes().all(plain), "{name}");
            }
        }
        assert_eq!(parse(&proof(KEY)), Some((Kind::Proof, Some(KEY))));
        let warning = page(Lang::Fa, &Page::Warning(KEY, 2)).unwrap();
        assert_eq!(parse(&warning), Some((Kind::Page, Some(KEY))));
    }

    #[test]
    fn other_names_are_not_ours() {
        for name in [
            "",
            "notes.txt",
            "fa",
            "fa/notes.html",
            "fa/p/2f/holiday.html",
            "fa/p/zz/2f4ja5iockvhwmeqgaaylwdxry.html",
            "fa/p/2f/2f4ja5iockvhwmeqgaaylwdxry.txt",
            "fa/p/2f/2f4ja5iockvhwmeqgaaylwdxry-.html",
            "fa/g/z1/1.html",
            "fa/g/p/1.html",
            "fa/../index.html",
            "/index.html",
            "i/2f/photo-1.jpg",
            "i/2f/2f4ja5iockvhwmeqgaaylwdxry-1.svg",
            "proofs/2f/2f4ja5iockvhwmeqgaaylwdxry",
            "a/other.css",
            "de/index.html",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn what_no_page_shows_has_no_name() {
        let two = Selection::of(Facet::Age, 1).with(Facet::Gender, Some(1));
        assert_eq!(page(Lang::Fa, &Page::Wall(two, 1)), None);
        assert_eq!(page(Lang::Fa, &Page::Wall(Selection::search("x"), 1)), None);
        assert_eq!(picture(KEY, 1, "image/svg+xml"), None);
    }
}
