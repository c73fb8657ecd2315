//! A folder to import into, a row that is in order, and the faults that are planted into it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use yadgar::records::import::{Options, import, merge};
use yadgar_protocol::Hash;
use yadgar_protocol::record::ChangeCode;

/// A row by the names of its columns.
pub type Row = BTreeMap<&'static str, String>;

/// A folder that is published, in one of its own.
pub struct Folder {
    _dir: tempfile::TempDir,
    pub site: PathBuf,
    counter: Cell<u8>,
    /// A record that is there, one that was merged, an incident.
    pub ids: [String; 3],
}

impl Folder {
    /// One with nothing in it.
    pub fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = dir.path().join("site");
        fs::create_dir_all(site.join("portraits")).unwrap();
        fs::write(site.join("portraits/p.jpg"), b"not looked into here").unwrap();
        Self { _dir: dir, site, counter: Cell::new(0), ids: Default::default() }
    }

    /// One with a person, a merged one and an incident.
    pub fn new() -> Self {
        let mut folder = Self::empty();
        let mut table = Table::default();
        for (n, key) in [(700, "there"), (701, "merged")] {
            let mut one = row(n);
            one.insert("key", key.into());
            table.push(one);
        }
        let incident = r#"{"schema":"incident/1","id":"ceirceirceirceirceirceirce","title":{"en":"Made up"},
            "fictional":"yes","sources":[{"sid":"s1","kind":"media","group":1,"publisher":{"en":"Nobody"}}]}"#;
        let options = Options {
            into: &folder.site.clone(),
            keys: None,
            today: "2026-01-01",
            code: ChangeCode::Corrected,
            strict: false,
            dry_run: false,
        };
        let run = |file: &Path| {
            let report = import(file, &options, &mut || folder.random(), &|_, _| ()).unwrap();
            assert!(report.written, "{:#?}", report.problems);
            report.done.iter().map(|done| done.id.to_string()).collect::<Vec<_>>()
        };
        let people = run(&table.write(&folder, "before.csv"));
        let incident = run(&folder.put("incident.json", incident.as_bytes()));
        merge(&folder.site, None, [&people[0], &people[1]], "2026-01-02").unwrap();
        folder.ids = [people[0].clone(), people[1].clone(), incident[0].clone()];
        folder
    }

    /// Ids that are not the same twice, for tests that must be repeatable.
    pub fn random(&self) -> [u8; 16] {
        self.counter.set(self.counter.get().wrapping_add(1));
        let seed = [self.counter.get(), std::process::id() as u8];
        let mut id = [0; 16];
        id.copy_from_slice(
            &Hash::of(&[&seed[..], self.site.as_os_str().as_encoded_bytes()].concat()).0[..16],
        );
        id
    }

    /// Writes a file beside the folder.
    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.site.with_file_name(name.rsplit('/').next().unwrap());
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Every file of the folder and the file of keys, with its bytes.
    pub fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        for dir in ["records", "incidents", "portraits", ""] {
            for file in fs::read_dir(self.site.join(dir)).into_iter().flatten().flatten() {
                if file.path().is_file() {
                    files.insert(file.path(), fs::read(file.path()).unwrap());
                }
            }
        }
        let keys = self.site.with_file_name("site.keys.json");
        files.insert(keys.clone(), fs::read(keys).unwrap_or_default());
        files
    }
}

/// A table in the making.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
    cut: Option<(usize, usize)>,
    extra: Vec<(String, String)>,
}

impl Table {
    /// Adds a row; gives its number in a spreadsheet.
    pub fn push(&mut self, row: Row) -> u64 {
        self.rows.push(row);
        self.rows.len() as u64 + 1
    }

    /// Adds a row of which only some cells are there.
    pub fn cut(&mut self, row: Row, cells: usize) -> u64 {
        // What is behind the end is empty: it must be nothing that a row needs.
        self.cut = Some((self.rows.len(), cells));
        self.push(row)
    }

    /// Adds a column at the end with a cell in each row; gives its place from 1.
    pub fn column(&mut self, name: &str, cell: &str) -> usize {
        self.extra.push((name.to_owned(), cell.to_owned()));
        self.names().len() + self.extra.len()
    }

    fn names(&self) -> Vec<&'static str> {
        let names: std::collections::BTreeSet<_> =
            self.rows.iter().flat_map(|row| row.keys().copied()).collect();
        names.into_iter().collect()
    }

    /// Writes it as a file.
    pub fn write(&self, folder: &Folder, name: &str) -> PathBuf {
        let names = self.names();
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let titles = names.iter().copied().chain(self.extra.iter().map(|(name, _)| name.as_str()));
        out.write_record(titles).unwrap();
        for (at, row) in self.rows.iter().enumerate() {
            let cells = names.iter().map(|name| row.get(name).map_or("", String::as_str));
            let mut cells: Vec<_> =
                cells.chain(self.extra.iter().map(|(_, cell)| cell.as_str())).collect();
            if let Some((of, n)) = self.cut.filter(|(of, _)| *of == at) {
                assert_eq!(of, at);
                // The last cells go: those that were added, and n of them is enough to be seen.
                cells.truncate(cells.len() - self.extra.len().min(n));
            }
            out.write_record(cells).unwrap();
        }
        folder.put(name, &out.into_inner().unwrap())
    }
}

/// A row that is in order; each number makes another person.
pub fn row(n: usize) -> Row {
    let letters = ["آب", "باران", "چنار", "دریا", "سنگ", "گندم", "کوه", "ماه", "نسیم", "یاس"];
    let name =
        |n: usize| format!("{} {}{}", letters[n % 10], letters[n / 10 % 10], letters[n / 100 % 10]);
    let mut row: Row = [
        ("fictional", "yes"),
        ("gender", "female"),
        ("birth", "1991"),
        ("birth_jalali", "1370"),
        ("age", "28"),
        ("age_basis", "stated"),
        ("minor", "no"),
        ("occupation_fa", "آموزگار"),
        ("education_fa", "تاریخ"),
        ("nationality", "AF"),
        ("died_at", "2019-11-16"),
        ("died_at_jalali", "1398-08-25"),
        ("died_at_time", "21:30"),
        ("died_at_tz", "Asia/Tehran"),
        ("injured_at", "2019-11-15"),
        ("country", "IR"),
        ("province", "IR-23"),
        ("city_fa", "مهتاب‌کران"),
        ("city_en", "Mahtabkaran"),
        ("locality_fa", "سروستان"),
        ("place_kind", "street"),
        ("precision", "locality"),
        ("lat", "35.70"),
        ("lon", "51.40"),
        ("role", "protester"),
        ("manner", "live_fire"),
        ("custody", "no"),
        ("forces", "police"),
        ("official_cause_fa", "تصادف"),
        ("official_cause_src", "s2"),
        ("story_fa", "روایت ساختگی."),
        ("source1_kind", "ngo_report"),
        ("source1_publisher_fa", "دیده‌بان نمونه"),
        ("source1_url", "https://example.org/a"),
        ("source1_published", "2020-01-28"),
        ("source1_lang", "fa"),
        ("source1_group", "1"),
        ("source2_kind", "media"),
        ("source2_publisher_en", "Sample Daily"),
        ("source2_group", "2"),
        ("claim1_field", "died_at"),
        ("claim1_value_en", "17 November"),
        ("claim1_src", "s2"),
        ("claim1_confidence", "reported"),
        ("reviewers", "2"),
        ("reviewed_on", "2026-05-20"),
        ("methods", "cross_check"),
        ("external1_org", "Sample List"),
        ("media1_path", "portraits/p.jpg"),
        ("media1_role", "portrait"),
        ("media1_alt_fa", "نگارهٔ ساختگی"),
        ("media1_graphic", "none"),
        ("consent_basis", "ngo_published"),
        ("consent_scope", "name;photo;story"),
        ("withheld", "burial_city"),
        ("name_fa_src", "s1"),
        ("name1_text", "Made Up"),
        ("name1_lang", "ku"),
        ("name1_script", "Latn"),
    ]
    .map(|(name, cell)| (name, cell.to_owned()))
    .into();
    row.insert("key", format!("row-{n}"));
    row.insert("name1_text", format!("Made Up{n}"));
    row.insert("name_fa", name(n));
    row.insert("name_en", format!("Sample Number{n}"));
    row.insert("external1_id", n.to_string());
    row
}

/// A fault: what is changed in a row that is in order, and what must be told of it.
pub struct Fault {
    pub code: &'static str,
    pub column: &'static str,
    pub change: Vec<(&'static str, String)>,
}

impl Fault {
    /// The row with the fault.
    pub fn row(&self, n: usize) -> Row {
        let mut row = row(n);
        for (name, cell) in &self.change {
            row.insert(name, cell.clone());
        }
        row
    }
}

fn fault(code: &'static str, column: &'static str, change: &[(&'static str, &str)]) -> Fault {
    let change = change.iter().map(|(name, cell)| (*name, (*cell).to_owned())).collect();
    Fault { code, column, change }
}

/// All of them.
pub fn faults(folder: &Folder) -> Vec<Fault> {
    let one = |code, column, cell: &str| fault(code, column, &[(column, cell)]);
    let minor = [
        ("minor", "yes"),
        ("age", "16"),
        ("birth", ""),
        ("birth_jalali", ""),
        ("media1_path", ""),
        ("media1_role", ""),
        ("media1_alt_fa", ""),
        ("media1_graphic", ""),
        ("story_fa", ""),
        ("education_fa", ""),
        ("locality_fa", ""),
        ("precision", ""),
        ("lat", ""),
        ("lon", ""),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&minor[..], more].concat();
    let hash = Hash::of(b"not looked into here").to_hex();
    // Names of fields that exist, and that no row has: only their number is wrong.
    let parts = [
        "alt", "basis", "bytes", "city", "code", "county", "edits", "edtf", "en", "fa", "group",
        "hash", "id", "kind", "lang", "lat", "lon", "max", "min", "on", "org", "path",
    ];
    let of = |field: &'static str| parts.map(|part| format!("{field}.{part}"));
    let many = [of("merged_into"), of("name_label"), of("status_reason")].concat()[..65].to_vec();
    let mut all = vec![
        one("formula", "name_en", "=cmd()"),
        one("formula", "occupation_fa", "@SUM(1)"),
        one("spreadsheet-error", "city_en", "#REF!"),
        one("placeholder", "injured_at", "نامعلوم"),
        one("control-character", "city_fa", "a\u{7}b"),
        one("long-cell", "story_fa", &"x".repeat(33_000)),
        one("long-text", "story_fa", &"x".repeat(25_000)),
        one("bad-word", "gender", "femal"),
        one("bad-word", "status", "withdrawn"),
        one("bad-word", "consent_basis", "friend"),
        one("bad-word", "methods", "document;magic"),
        one("repeated", "manner", "beating;beating"),
        one("not-a-number", "age", "بیست"),
        one("not-a-number", "consent_review_by", "29"),
        one("bad-date", "injured_at", "2019-02-30"),
        one("date-order", "injured_at", "16/11/2019"),
        one("short-year", "injured_at", "98/8/24"),
        one("wrong-calendar", "died_at_jalali", "2019-11-16"),
        one("wrong-calendar", "injured_at", "1441-03-18"),
        one("calendars-disagree", "died_at_jalali", "1398-08-26"),
        one("date-sequence", "injured_at", "2019-12-01"),
        one("not-a-day", "source1_published", "2020-01"),
        one("bad-time", "died_at_time", "25:00"),
        one("bad-zone", "died_at_tz", "Asia Tehran"),
        one("bad-province", "province", "تهرون"),
        one("bad-country", "country", "Iran (IR)"),
        one("bad-degrees", "lat", "35.7012"),
        fault("half-position", "lat", &[("lon", "")]),
        fault("precision", "precision", &[("locality_fa", "")]),
        one("bad-url", "source1_url", "example.org"),
        one("bad-id", "id", "abc"),
        one("bad-key", "key", "a;b"),
        one("bad-hash", "media1_commit", "xyz"),
        one("unknown-source", "name_fa_src", "s9"),
        one("unknown-source", "claim1_src", "s7"),
        one("bad-field", "claim1_field", "Day of death!"),
        one("bad-lang", "source1_lang", "Persian"),
        one("bad-script", "name1_script", "latin"),
        one("no-file", "media1_path", "portraits/none.jpg"),
        one("bad-path", "media1_path", "../p.jpg"),
        one("missing", "gender", ""),
        one("missing", "role", ""),
        one("missing", "manner", ""),
        one("missing", "source1_kind", ""),
        one("missing", "source2_group", ""),
        one("missing", "claim1_src", ""),
        one("missing", "media1_alt_fa", ""),
        one("missing", "external1_id", ""),
        one("missing", "official_cause_src", ""),
        fault("conflict", "age", &[("age_min", "20")]),
        fault("conflict", "name_fa", &[("name_label_fa", "ناشناس")]),
        one("markup", "name_en", "<b>x"),
        fault("age-range", "age_min", &[("age", ""), ("age_min", "30"), ("age_max", "20")]),
        fault("minor-age", "minor", &with(&[("age", "28")])),
        fault(
            "no-primary-name",
            "name_fa",
            &[("name_fa", ""), ("name_en", ""), ("name_fa_src", ""), ("name_fa_2", "نام")],
        ),
        one("consent-missing", "consent_basis", ""),
        fault("consent-scope", "story_fa", &[("consent_scope", "name;photo")]),
        fault("minor-family", "story_fa", &with(&[("story_fa", "روایت")])),
        fault("minor-school", "education_fa", &with(&[("education_fa", "دبیرستان")])),
        fault("minor-place", "locality_fa", &with(&[("locality_fa", "سروستان")])),
        one("withheld", "withheld", "story"),
        one("too-many-items", "withheld", &many.join(";")),
        one("level", "level", "verified"),
        one("commitment", "media1_commit", &hash),
        one("unknown-id", "id", "aaaaaaaaaaaaaaaaaaaaaaaaaa"),
        one("unknown-id", "distinct_from", "nobody"),
        one("unknown-incident", "incident", "aaaaaaaaaaaaaaaaaaaaaaaaaa"),
        one("gone", "id", &folder.ids[1]),
        one("other-kind", "id", &folder.ids[2]),
        fault("key-mismatch", "key", &[("id", &folder.ids[0]), ("key", "merged")]),
        one("twice-key", "key", "row-0"),
    ];
    // The row before is about the same record.
    let after = all.iter().position(|fault| fault.code == "key-mismatch").unwrap() + 1;
    all.insert(after, one("twice-id", "id", &folder.ids[0]));
    all
}
