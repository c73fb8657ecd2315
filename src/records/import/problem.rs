//! What may be wrong with a table: every problem with its place and a stable word (docs/records.md, "Problems").

use super::limits::SHOWN_CHARS;

/// A list of codes with their words.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// What kind of problem it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)+ }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its stable word.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

codes! {
    /// The file is larger than allowed.
    TooLarge = "too-large",
    /// The file cannot be read.
    Unreadable = "unreadable",
    /// The text is not UTF-8.
    Encoding = "encoding",
    /// There are bytes of value zero: not a text.
    NulByte = "nul-byte",
    /// It is no kind of file that can be imported.
    FileKind = "file-kind",
    /// The JSON is not well formed, or not of the form that is expected.
    BadJson = "bad-json",
    /// No row names columns.
    NoHeader = "no-header",
    /// More rows or columns than allowed.
    TooMany = "too-many",
    /// One column twice.
    DuplicateColumn = "duplicate-column",
    /// A heading that means no column.
    UnknownColumn = "unknown-column",
    /// A column of what is never published.
    RestrictedColumn = "restricted-column",
    /// Values below an empty heading.
    NamelessColumn = "nameless-column",
    /// A numbered column with 0, a number too high, or none.
    ColumnNumber = "column-number",
    /// A row is longer or shorter than the headings.
    Ragged = "ragged",
    /// A quotation mark is never closed.
    OpenQuote = "open-quote",
    /// A cell is longer than allowed.
    LongCell = "long-cell",
    /// A spreadsheet would execute this cell.
    Formula = "formula",
    /// The spreadsheet could not compute this cell.
    SpreadsheetError = "spreadsheet-error",
    /// A sign that stands for nothing.
    Placeholder = "placeholder",
    /// Characters that cannot be seen.
    ControlCharacter = "control-character",
    /// Marks of direction, which were taken out.
    DirectionMark = "direction-mark",
    /// Not a word of the list.
    BadWord = "bad-word",
    /// A value twice.
    Repeated = "repeated",
    /// Not a whole number.
    NotANumber = "not-a-number",
    /// No such date, or not a form that is known.
    BadDate = "bad-date",
    /// Day and month before the year.
    DateOrder = "date-order",
    /// A year of two digits.
    ShortYear = "short-year",
    /// The year is of another calendar.
    WrongCalendar = "wrong-calendar",
    /// It must be one certain day.
    NotADay = "not-a-day",
    /// The two calendars name different days.
    CalendarsDisagree = "calendars-disagree",
    /// A date after the day of death.
    DateSequence = "date-sequence",
    /// Not a time of day.
    BadTime = "bad-time",
    /// Not a time zone.
    BadZone = "bad-zone",
    /// No such province.
    BadProvince = "bad-province",
    /// Not the two letters of a country.
    BadCountry = "bad-country",
    /// Not degrees, or finer than is published.
    BadDegrees = "bad-degrees",
    /// Latitude without longitude.
    HalfPosition = "half-position",
    /// The precision says more than the place.
    Precision = "precision",
    /// Not a web address.
    BadUrl = "bad-url",
    /// Not an id.
    BadId = "bad-id",
    /// Not a key.
    BadKey = "bad-key",
    /// Not a hash.
    BadHash = "bad-hash",
    /// A source that the row does not have.
    UnknownSource = "unknown-source",
    /// Not the name of a field.
    BadField = "bad-field",
    /// Not a language tag.
    BadLang = "bad-lang",
    /// Not a script.
    BadScript = "bad-script",
    /// The file is not in the folder.
    NoFile = "no-file",
    /// Not a path of the folder.
    BadPath = "bad-path",
    /// Something needed is missing.
    Missing = "missing",
    /// Two columns that exclude each other.
    Conflict = "conflict",
    /// The text is too long.
    LongText = "long-text",
    /// Markup in a name.
    Markup = "markup",
    /// Too many items.
    TooManyItems = "too-many-items",
    /// Not an age, or the least above the most.
    AgeRange = "age-range",
    /// Under 18 does not agree with the age.
    MinorAge = "minor-age",
    /// No primary name in Persian or English.
    NoPrimaryName = "no-primary-name",
    /// No ground on which it is published.
    ConsentMissing = "consent-missing",
    /// The consent does not cover it.
    ConsentScope = "consent-scope",
    /// A minor's picture or story without the family.
    MinorFamily = "minor-family",
    /// A minor's school.
    MinorSchool = "minor-school",
    /// A minor's place below the city.
    MinorPlace = "minor-place",
    /// Withheld and published.
    Withheld = "withheld",
    /// Not the level that the rules give.
    Level = "level",
    /// A plain hash where a salted commitment belongs.
    Commitment = "commitment",
    /// Another rule of the format.
    Format = "format",
    /// No record of that id.
    UnknownId = "unknown-id",
    /// An id, or a record, twice in what is imported.
    TwiceId = "twice-id",
    /// A key twice.
    TwiceKey = "twice-key",
    /// The key belongs to another record.
    KeyMismatch = "key-mismatch",
    /// The record was withdrawn, merged or taken out.
    Gone = "gone",
    /// The incident is not there.
    UnknownIncident = "unknown-incident",
    /// The id belongs to a record of another kind.
    OtherKind = "other-kind",
    /// The folder has a later version.
    OlderVersion = "older-version",
    /// A record of the folder is damaged.
    FolderRecord = "folder-record",
    /// Two records that may be one person.
    Duplicate = "duplicate",
}

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The row as a spreadsheet counts, from 1; in JSON the item, in JSON lines the line.
    pub row: Option<u64>,
    /// The column as the table names it; the field in full records.
    pub column: Option<String>,
    /// What kind of problem.
    pub code: Code,
    /// The value that is wrong, cut short.
    pub value: Option<String>,
    /// The nearest right value, the rule, or what else helps.
    pub hint: Option<String>,
    /// True when it does not stop the import.
    pub warning: bool,
}

impl Problem {
    /// A problem of a file.
    pub fn new(file: &str, code: Code) -> Self {
        Self {
            file: file.to_owned(),
            row: None,
            column: None,
            code,
            value: None,
            hint: None,
            warning: false,
        }
    }

    /// In a row.
    pub fn row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }

    /// In a column.
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// With the wrong value.
    pub fn value(mut self, value: &str) -> Self {
        self.value = Some(clip(value));
        self
    }

    /// With what helps.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// As a warning.
    pub fn warning(mut self) -> Self {
        self.warning = true;
        self
    }
}

/// A value as a report may show it: nothing of it can act on a terminal.
pub fn clip(value: &str) -> String {
    let escape = |c: char| match c {
        // Joiners are part of Persian words.
        '\u{200c}' | '\u{200d}' => c.to_string(),
        c if c.is_alphanumeric() => c.to_string(),
        c => c.escape_debug().to_string(),
    };
    let mut out: String = value.chars().take(SHOWN_CHARS).map(escape).collect();
    if value.chars().nth(SHOWN_CHARS).is_some() {
        out.push('…');
    }
    out
}
