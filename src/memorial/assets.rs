//! The stylesheet, the fonts and the font's licence, as they are sent or written beside the pages.

use super::figures;

/// The one stylesheet, without the fonts, so that it also serves where they are not.
pub const STYLE: &str = include_str!("assets/style.css");
/// Names the fonts, as files beside the stylesheet.
const FONTS: &str = include_str!("assets/fonts.css");

/// A file that every page may need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its name; all lie in one folder.
    pub name: &'static str,
    /// Media type.
    pub media: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Name of the stylesheet.
pub const STYLE_NAME: &str = "style.css";
/// Name of the font's licence.
pub const LICENCE_NAME: &str = "OFL.txt";

/// All of them.
pub fn all() -> Vec<Asset> {
    let asset = |name, media, bytes| Asset { name, media, bytes };
    vec![
        asset(
            STYLE_NAME,
            "text/css; charset=utf-8",
            [FONTS, STYLE, figures::CSS].concat().into_bytes(),
        ),
        asset(
            "regular.woff2",
            "font/woff2",
            include_bytes!("assets/vazirmatn-regular.woff2").to_vec(),
        ),
        asset("bold.woff2", "font/woff2", include_bytes!("assets/vazirmatn-bold.woff2").to_vec()),
        asset(LICENCE_NAME, "text/plain; charset=utf-8", include_bytes!("assets/OFL.txt").to_vec()),
    ]
}

/// One of them.
pub fn named(name: &str) -> Option<Asset> {
    all().into_iter().find(|asset| asset.name == name)
}
