//! Addresses between the files of the folder: relative, and each of a file, because a browser that opens files shows no
//! folder by its `index.html`.

use super::names;
use crate::memorial::Catalogue;
use crate::memorial::assets::{LICENCE_NAME, STYLE_NAME};
use crate::memorial::catalogue::Unread;
use crate::memorial::links::{Checked, File, Links, Page};
use crate::memorial::pages::picture::Looked;
use crate::memorial::text::Lang;
use yadgar_protocol::record::RecordId;
use yadgar_protocol::withdraw::Withdrawal;

/// What a page of a folder may load: files that lie beside it. Browsers differ in what `'self'` means where pages are files, so
/// that `file:` stands beside it; no page of ours names a file outside of the folder.
const POLICY: &str = "default-src 'none'; style-src 'self' file:; font-src 'self' file:; \
                      img-src 'self' file:; base-uri 'none'; form-action 'none'";

/// The addresses that the page at one place needs.
pub struct FolderLinks<'a> {
    /// The way up to the folder.
    up: String,
    catalogue: &'a Catalogue,
    /// The pictures of the record that the page is about.
    pictures: &'a [Looked],
}

impl<'a> FolderLinks<'a> {
    /// For the page at `path`. `pictures` are those of its record; empty for pages of no record.
    pub fn new(path: &str, catalogue: &'a Catalogue, pictures: &'a [Looked]) -> Self {
        Self { up: "../".repeat(path.matches('/').count()), catalogue, pictures }
    }

    /// The address of a file of the folder.
    pub fn to(&self, path: &str) -> String {
        format!("{}{path}", self.up)
    }

    fn exists(&self, lang: Lang, page: &Page<'_>) -> bool {
        match page {
            Page::Wall(selection, _) => selection
                .chosen()
                .all(|(facet, value)| self.catalogue.totals().of(facet).contains_key(&value)),
            Page::Person(key) => {
                self.catalogue.by_key(key).is_some()
                    || is_among(self.catalogue.withdrawn().people(), key)
            }
            Page::Incident(id) => {
                self.incident(id) || is_among(self.catalogue.withdrawn().incidents(), id)
            }
            Page::Letter(at, _) => *at < self.catalogue.letters(lang).len(),
            _ => true,
        }
    }

    fn incident(&self, id: &str) -> bool {
        RecordId::from_text(id).is_some_and(|id| self.catalogue.incidents().contains_key(&id))
    }

    /// True when the bytes of a record are here, so that it can be proven.
    fn is_here(&self, key: &str) -> bool {
        let item = self.catalogue.by_key(key).and_then(|place| self.catalogue.item(place));
        item.is_some_and(|item| !matches!(item.record, Err(Unread::NotHere)))
    }
}

/// True when a record of this id is among what was withdrawn and has a page.
fn is_among<'a>(
    mut withdrawn: impl Iterator<Item = (Option<RecordId>, &'a Withdrawal)>,
    id: &str,
) -> bool {
    let id = RecordId::from_text(id);
    id.is_some() && withdrawn.any(|(known, _)| known == id)
}

impl Links for FolderLinks<'_> {
    fn page(&self, lang: Lang, page: &Page<'_>) -> Option<String> {
        let path = names::page(lang, page)?;
        self.exists(lang, page).then(|| self.to(&path))
    }

    fn file(&self, file: &File<'_>) -> Option<String> {
        let path = match file {
            File::Style => names::asset(STYLE_NAME),
            File::FontLicence => names::asset(LICENCE_NAME),
            File::Proof(key) => names::proof(Some(*key).filter(|key| self.is_here(key))?),
            File::IncidentProof(id) => names::proof(Some(*id).filter(|id| self.incident(id))?),
            File::Picture(key, n) => match self.pictures.get(n.checked_sub(1)?)? {
                Looked::Good(media) => names::picture(key, *n, media)?,
                _ => return None,
            },
            File::Archived(_) => return None,
        };
        Some(self.to(&path))
    }

    fn start(&self, lang: Lang) -> String {
        format!("{}{}/{}", self.up, lang.code(), names::INDEX)
    }

    fn site(&self) -> Option<String> {
        None
    }

    fn form(&self, _: Lang) -> Option<String> {
        None
    }

    fn checked(&self) -> Checked {
        Checked::WhenMade
    }

    fn policy(&self) -> Option<&'static str> {
        Some(POLICY)
    }
}
