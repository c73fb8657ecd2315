//! Sources, claims, verification, files, consent.

use super::super::lists;
use super::super::problem::Code;
use super::{Builder, parts};
use yadgar_protocol::Hash;
use yadgar_protocol::record::{
    Claim, Confidence, Consent, ConsentBasis, Digest, Edit, ExternalId, Graphic, Level, Media,
    MediaRole, Method, PrivateSources, Scope, Source, SourceKind, Texts, Verification, Victim,
    groups, level,
};

const SOURCE: [&str; 11] = [
    "source#_kind",
    "source#_publisher_fa",
    "source#_publisher_en",
    "source#_title_fa",
    "source#_title_en",
    "source#_url",
    "source#_published",
    "source#_accessed",
    "source#_lang",
    "source#_group",
    "source#_archived",
];
const CLAIM: [&str; 5] =
    ["claim#_field", "claim#_value_fa", "claim#_value_en", "claim#_src", "claim#_confidence"];
const EXTERNAL: [&str; 3] = ["external#_org", "external#_id", "external#_url"];
const MEDIA: [&str; 10] = [
    "media#_path",
    "media#_role",
    "media#_alt_fa",
    "media#_alt_en",
    "media#_caption_fa",
    "media#_caption_en",
    "media#_graphic",
    "media#_licence",
    "media#_edits",
    "media#_commit",
];

impl Builder<'_> {
    /// Numbers of a group of which some cell is filled.
    fn items(&self, kind: &str, names: &[&'static str]) -> Vec<u32> {
        let numbers = self.row.header.numbers(kind);
        numbers.into_iter().filter(|n| self.filled(names, *n)).collect()
    }

    pub(super) fn sources(&mut self) -> Vec<Source> {
        let items = self.items("source", &SOURCE);
        let several = items.len() > 1;
        items.into_iter().map(|n| self.source(n, several)).collect()
    }

    fn source(&mut self, n: u32, several: bool) -> Source {
        let kind = self.word("source#_kind", n, lists::SOURCE_KIND, SourceKind::from_word);
        if self.cell("source#_kind", n).is_none() {
            self.missing("source#_kind", n);
        }
        let publisher = self.texts("source#_publisher_en", "source#_publisher_fa", n);
        if publisher.is_none() {
            self.missing("source#_publisher_fa", n);
        }
        let group = self.number("source#_group", n);
        // Independence is claimed by nobody who has not said so.
        if several && self.cell("source#_group", n).is_none() {
            self.missing("source#_group", n);
        }
        Source {
            sid: format!("s{n}"),
            url: self.text("source#_url", n),
            kind: kind.unwrap_or(SourceKind::SocialMedia),
            lang: self.text("source#_lang", n),
            group: group.unwrap_or(1),
            title: self.texts("source#_title_en", "source#_title_fa", n),
            accessed: self.day("source#_accessed", n),
            published: self.day("source#_published", n),
            publisher: publisher.unwrap_or_default(),
            archived_hash: self.archived("source#_archived", n),
        }
    }

    /// The hash of a file of the folder.
    fn archived(&mut self, name: &'static str, n: u32) -> Option<Digest> {
        let files = self.files;
        let file = self.read(name, n, |cell| files.look(cell).map_err(|code| (code, None)))?;
        Some(Digest(file.hash))
    }

    pub(super) fn claims(&mut self) -> Vec<Claim> {
        let mut claims = Vec::new();
        for n in self.items("claim", &CLAIM) {
            let confidence =
                self.word("claim#_confidence", n, lists::CONFIDENCE, Confidence::from_word);
            let value = self.texts("claim#_value_en", "claim#_value_fa", n);
            let path = self.text("claim#_field", n).map(|text| parts::field_name(&text));
            for (there, name) in [
                (path.is_some(), "claim#_field"),
                (value.is_some(), "claim#_value_fa"),
                (self.cell("claim#_src", n).is_some(), "claim#_src"),
                (self.cell("claim#_confidence", n).is_some(), "claim#_confidence"),
            ] {
                if !there {
                    self.missing(name, n);
                }
            }
            let src = self.srcs("claim#_src", n);
            if let (Some(path), Some(value), false, Some(confidence)) =
                (path, value, src.is_empty(), confidence)
            {
                claims.push(Claim { src, path, value, confidence });
            }
        }
        claims
    }

    pub(super) fn external(&mut self) -> Vec<ExternalId> {
        let mut out = Vec::new();
        for n in self.items("external", &EXTERNAL) {
            let (org, id) = (self.text("external#_org", n), self.text("external#_id", n));
            for (there, name) in [(org.is_some(), "external#_org"), (id.is_some(), "external#_id")]
            {
                if !there {
                    self.missing(name, n);
                }
            }
            let url = self.text("external#_url", n);
            out.extend(org.zip(id).map(|(org, id)| ExternalId { id, org, url }));
        }
        out
    }

    pub(super) fn media(&mut self) -> Vec<Media> {
        let items = self.items("media", &MEDIA);
        items.into_iter().filter_map(|n| self.one_media(n)).collect()
    }

    fn one_media(&mut self, n: u32) -> Option<Media> {
        let role = self.word("media#_role", n, lists::MEDIA_ROLE, MediaRole::from_word);
        let graphic = self.word("media#_graphic", n, lists::GRAPHIC, Graphic::from_word);
        let edits = self.words("media#_edits", n, lists::EDIT, Edit::from_word);
        let alt: Option<Texts> = self.texts("media#_alt_en", "media#_alt_fa", n);
        let commit = self.read("media#_commit", n, |cell| {
            Hash::from_hex(&cell.to_ascii_lowercase()).map(Digest).ok_or((Code::BadHash, None))
        });
        for (there, name) in [
            (self.cell("media#_path", n).is_some(), "media#_path"),
            (self.cell("media#_role", n).is_some(), "media#_role"),
            (alt.is_some(), "media#_alt_fa"),
            (self.cell("media#_graphic", n).is_some(), "media#_graphic"),
        ] {
            if !there {
                self.missing(name, n);
            }
        }
        let files = self.files;
        let file = self.read("media#_path", n, |cell| files.look(cell).map_err(|c| (c, None)))?;
        Some(Media {
            alt: alt?,
            hash: Digest(file.hash),
            mime: file.mime.to_owned(),
            path: file.path,
            role: role?,
            bytes: file.bytes,
            edits,
            commit,
            caption: self.texts("media#_caption_en", "media#_caption_fa", n),
            graphic: graphic?,
            licence: self.text("media#_licence", n),
        })
    }

    pub(super) fn consent(&mut self) -> Option<Consent> {
        let basis = self.word("consent_basis", 0, lists::CONSENT_BASIS, ConsentBasis::from_word);
        let scope = self.words("consent_scope", 0, lists::SCOPE, Scope::from_word);
        let review_by = self.number("consent_review_by", 0);
        let is_year = |year: u64| (1000..=9999).contains(&year);
        if review_by.is_some_and(|year| !is_year(year)) {
            self.wrong("consent_review_by", 0, Code::NotANumber, None);
        }
        Some(Consent { basis: basis?, scope, review_by })
    }

    pub(super) fn verification(&mut self, v: &Victim) -> Option<Verification> {
        let methods = self.words("methods", 0, lists::METHOD, Method::from_word);
        let stated = self.word("level", 0, lists::LEVEL, Level::from_word);
        let reviewers = self.number("reviewers", 0).unwrap_or(0);
        let mut verification = Verification {
            level: Level::UnderReview,
            groups: groups(&v.sources),
            methods,
            reviewers,
            methodology: self.archived("methodology", 0),
            reviewed_on: self.day("reviewed_on", 0),
        };
        let with = Victim { verification: Some(verification.clone()), ..v.clone() };
        verification.level = stated.unwrap_or_else(|| level(&with));
        Some(verification)
    }

    pub(super) fn private_sources(&mut self) -> Option<PrivateSources> {
        self.word("private_sources", 0, lists::PRIVATE_SOURCES, PrivateSources::from_word)
    }
}
