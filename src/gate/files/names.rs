//! What the ending of a name says of a file. What stands in no list is not known, and stops the build.

/// Pages, styles, and what is meant to be read.
const TEXTS: &[&str] = &["css", "htm", "html", "jsonld", "md", "srt", "txt", "vtt", "webmanifest"];
/// Tables and data.
const TABLES: &[&str] = &[
    "bak", "csv", "geojson", "ics", "json", "jsonl", "log", "ndjson", "sql", "tsv", "vcf", "yaml",
    "yml",
];
const FONTS: &[&str] = &["eot", "otf", "ttc", "ttf", "woff", "woff2"];
const PICTURES: &[&str] = &[
    "apng", "avif", "bmp", "cr2", "dng", "gif", "heic", "heif", "ico", "jpe", "jpeg", "jpg", "jxl",
    "png", "psd", "tif", "tiff", "webp",
];
const OPAQUE: &[&str] = &[
    "3gp", "7z", "avi", "bz2", "cbor", "db", "doc", "docx", "eml", "epub", "flac", "gz", "m4a",
    "m4v", "mkv", "mov", "mp3", "mp4", "msg", "odp", "ods", "odt", "ogg", "opus", "pdf", "ppt",
    "pptx", "rar", "rtf", "sqlite", "svgz", "tar", "tgz", "wav", "webm", "xls", "xlsx", "xz",
    "zip", "zst",
];
/// Texts that come without an ending.
const PLAIN: [&str; 8] =
    ["license", "licence", "copying", "readme", "authors", "notice", "changelog", "credits"];
/// What may stand behind such a name.
const PLAIN_BEHIND: [&str; 10] =
    ["-mit", "-apache", "-apache-2.0", "-bsd", "-ofl", "-cc0", "-cc-by", "-cc-by-sa", ".fa", ".en"];

/// What browsers, desktops and web servers run, or open in a program that does.
const RUNS: [(&str, &[&str]); 6] = [
    (
        "XML, in which browsers run scripts and style sheets",
        &[
            "atom", "dtd", "gpx", "kml", "mathml", "mml", "opml", "plist", "rdf", "rss", "xaml",
            "xbl", "xht", "xhtm", "xhtml", "xml", "xsd", "xsl", "xslt", "xul",
        ],
    ),
    ("a page with files inside", &["chm", "maff", "mht", "mhtml", "webarchive"]),
    (
        "a page for a web server",
        &[
            "asa", "asp", "aspx", "cfm", "cgi", "jsp", "jspx", "php", "php3", "php4", "php5",
            "phtml", "shtm", "shtml", "stm",
        ],
    ),
    (
        "a script",
        &[
            "ahk",
            "applescript",
            "au3",
            "bash",
            "bat",
            "btm",
            "cjs",
            "cmd",
            "command",
            "csh",
            "fish",
            "hta",
            "htc",
            "inf",
            "js",
            "jse",
            "jsx",
            "ksh",
            "lua",
            "mjs",
            "pl",
            "ps1",
            "psc1",
            "psd1",
            "psm1",
            "py",
            "pyc",
            "pyw",
            "pyz",
            "rb",
            "reg",
            "scpt",
            "sct",
            "sh",
            "tool",
            "ts",
            "tsx",
            "vb",
            "vbe",
            "vbs",
            "workflow",
            "ws",
            "wsc",
            "wsf",
            "wsh",
            "zsh",
        ],
    ),
    (
        "a program, or an image of a disk with one",
        &[
            "aab",
            "apk",
            "app",
            "appimage",
            "application",
            "appref-ms",
            "appx",
            "class",
            "com",
            "cpl",
            "crx",
            "deb",
            "dex",
            "dll",
            "dmg",
            "dylib",
            "elf",
            "exe",
            "flatpak",
            "flatpakref",
            "gadget",
            "img",
            "ipa",
            "iso",
            "jar",
            "jnlp",
            "mpkg",
            "msc",
            "msi",
            "msix",
            "msp",
            "ocx",
            "pif",
            "pkg",
            "rpm",
            "run",
            "scr",
            "snap",
            "so",
            "swf",
            "sys",
            "vhd",
            "vhdx",
            "war",
            "wasm",
            "xap",
            "xpi",
        ],
    ),
    (
        "a shortcut, which leads elsewhere or runs something",
        &[
            "desktop",
            "diagcab",
            "directory",
            "hlp",
            "inetloc",
            "iqy",
            "library-ms",
            "lnk",
            "msrcincident",
            "rdp",
            "scf",
            "search-ms",
            "searchconnector-ms",
            "settingcontent-ms",
            "slk",
            "theme",
            "themepack",
            "url",
            "webloc",
            "website",
        ],
    ),
];
/// How files of that kind begin that have no ending.
const RUNS_BY_START: [(&[u8], &str); 3] = [
    (b"#!", "a script"),
    (b"[Desktop Entry]", "a shortcut, which leads elsewhere or runs something"),
    (b"[InternetShortcut]", "a shortcut, which leads elsewhere or runs something"),
];

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// It would be run: what it is.
    Runs(&'static str),
    /// A drawing.
    Svg,
    /// A text of pages.
    Text,
    /// A table or data.
    Table,
    /// A font.
    Font,
    /// A picture.
    Picture,
    /// A file whose hidden data cannot be seen.
    Opaque,
    /// Text that comes without an ending.
    Plain,
    /// Nothing: it has no ending.
    Bare,
    /// An ending that nobody knows here.
    Unknown,
}

/// What the name of a file says.
pub fn name_of(path: &str) -> Name {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let ending = ending(path);
    let has = |list: &[&str]| list.contains(&ending.as_str());
    if let Some((what, _)) = RUNS.iter().find(|(_, list)| has(list)) {
        return Name::Runs(what);
    }
    // «COPYING-2.0» has no ending.
    let bare = ending.bytes().all(|b| b.is_ascii_digit());
    match () {
        () if ending == "svg" => Name::Svg,
        () if has(TEXTS) => Name::Text,
        () if has(TABLES) => Name::Table,
        () if has(FONTS) => Name::Font,
        () if has(PICTURES) => Name::Picture,
        () if has(OPAQUE) => Name::Opaque,
        () if bare && is_plain(&name) => Name::Plain,
        () if bare => Name::Bare,
        () => Name::Unknown,
    }
}

/// A name of [`PLAIN`], perhaps with a number or a word of [`PLAIN_BEHIND`]: a list of people may be called anything.
fn is_plain(name: &str) -> bool {
    let behind = PLAIN.iter().find_map(|plain| name.strip_prefix(plain));
    let version = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || "-.".contains(c));
    behind.is_some_and(|rest| version(rest) || PLAIN_BEHIND.contains(&rest))
}

/// What would be run, by how it begins.
pub fn runs_by_start(head: &[u8]) -> Option<&'static str> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    RUNS_BY_START.iter().find(|(start, _)| head.starts_with(start)).map(|(_, what)| *what)
}

/// The ending of a name in small letters; Windows ignores dots and spaces behind it.
pub fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default()
}
