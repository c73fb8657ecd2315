//! The words by which findings are known (docs/gate.md). They stay over versions: scripts and release notes use them.

/// A list of codes with their words.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// What kind of thing was found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)+ }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its stable word.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The code of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.word() == word)
            }
        }
    };
}

codes! {
    /// A telephone number.
    Phone = "phone",
    /// An Iranian national id.
    NationalId = "national-id",
    /// An e-mail address.
    Email = "email",
    /// A position finer than about 1 km, or a link to a map.
    Coordinates = "coordinates",
    /// A relative, by name.
    Relative = "relative",
    /// A street address.
    Address = "address",
    /// Characters that cannot be seen, or make text read as what it is not.
    HiddenText = "hidden-text",
    /// Markup or script in a text.
    ActiveContent = "active-content",
    /// A picture of a minor without the family.
    MinorPhoto = "minor-photo",
    /// The story of a minor without the family.
    MinorStory = "minor-story",
    /// The school of a minor.
    MinorSchool = "minor-school",
    /// Brothers or sisters of a minor.
    MinorSibling = "minor-sibling",
    /// The place of a minor below the city.
    MinorPlace = "minor-place",
    /// No ground on which a record is published.
    ConsentMissing = "consent-missing",
    /// The consent does not cover what is there.
    ConsentScope = "consent-scope",
    /// A field of class P2 or P3.
    RestrictedField = "restricted-field",
    /// A field that is withheld, and said in another place.
    WithheldField = "withheld-field",
    /// A record that breaks the format.
    BadRecord = "bad-record",
    /// A record that takes back what the last release says.
    RecordWentBack = "record-went-back",
    /// A series that breaks the format.
    BadSeries = "bad-series",
    /// A list of mirrors that breaks the format.
    BadMirrors = "bad-mirrors",
    /// A picture with data about its making.
    ImageMetadata = "image-metadata",
    /// A picture that cannot be looked into or cleaned.
    ImageUnclean = "image-unclean",
    /// Another file with data about its making.
    FileMetadata = "file-metadata",
    /// A file whose hidden data cannot be seen.
    FileUnclean = "file-unclean",
    /// A file of a record is not there, or not the one that the record names.
    MediaMismatch = "media-mismatch",
    /// The name of a file tells what it should not.
    FileName = "file-name",
    /// Something that a page fetches from elsewhere when it is opened.
    ExternalReference = "external-reference",
    /// A link that leads out; nothing is fetched before somebody follows it.
    ExternalLink = "external-link",
    /// Nothing is known about this kind of file.
    UnknownKind = "unknown-kind",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
