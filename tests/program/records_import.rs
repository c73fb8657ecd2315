//! Import of a maintainer's table: every planted fault is told, with row, column and kind, and nothing is written.
//! All people here are made up.

mod table;

use crate::common::Home;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use table::{Folder, Table, faults, row};
use yadgar::records::import::{Options, Outcome, Report, import};
use yadgar_protocol::record::{ChangeCode, Record, Victim};

/// Row, column, code of every problem that stops an import.
fn told(report: &Report) -> BTreeSet<(u64, String, &'static str)> {
    let errors = report.problems.iter().filter(|problem| !problem.warning);
    let of = |p: &yadgar::records::import::Problem| {
        (p.row.unwrap_or(0), p.column.clone().unwrap_or_default(), p.code.word())
    };
    errors.map(of).collect()
}

#[test]
fn more_than_50_kinds_of_planted_faults_are_all_told_at_once_and_nothing_is_written() {
    let folder = Folder::new();
    let before = folder.snapshot();
    let planted = faults(&folder);
    let kinds: BTreeSet<_> = planted.iter().map(|fault| fault.code).collect();
    assert!(kinds.len() >= 50, "{} kinds", kinds.len());
    let mut table = Table::default();
    let mut expected = BTreeSet::new();
    for (n, fault) in planted.iter().enumerate() {
        let number = table.push(fault.row(n));
        expected.insert((number, fault.column.to_owned(), fault.code));
    }
    // A short row, and columns that are wrong as a whole.
    let number = table.cut(row(900), 20);
    expected.insert((number, String::new(), "ragged"));
    for (name, code) in [
        ("phone", "restricted-column"),
        ("کد ملی", "restricted-column"),
        ("gendr", "unknown-column"),
        ("gender", "duplicate-column"),
        ("source0_kind", "column-number"),
    ] {
        table.column(name, "x");
        expected.insert((1, name.to_owned(), code));
    }
    let at = table.column("", "x");
    expected.insert((2, at.to_string(), "nameless-column"));
    let report = folder.import(&table.write(&folder, "faulty.csv"), false);
    let found = told(&report);
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "not told: {missing:#?}\ntoo much: {surplus:#?}"
    );
    let twice: Vec<_> = report
        .problems
        .iter()
        .filter(|p| !p.warning)
        .filter(|p| {
            report
                .problems
                .iter()
                .filter(|q| (q.row, &q.column, q.code) == (p.row, &p.column, p.code))
                .count()
                > 1
        })
        .collect();
    assert!(twice.is_empty(), "told twice: {twice:#?}");
    assert!(!report.written);
    assert_eq!(folder.snapshot(), before, "nothing is written");
    // Each mended row is in order.
    let mut mended = Table::default();
    for n in 0..planted.len() {
        mended.push(row(n));
    }
    let report = folder.import(&mended.write(&folder, "mended.csv"), false);
    assert_eq!(told(&report), BTreeSet::new());
    assert!(report.written);
    assert_eq!(report.done.iter().filter(|d| d.outcome == Outcome::New).count(), planted.len());
}

#[test]
fn the_same_table_again_changes_nothing_and_a_changed_row_is_the_next_version() {
    let folder = Folder::new();
    let mut table = Table::default();
    for n in 0..5 {
        table.push(row(n));
    }
    // One row without a key: it is known again by what it says.
    let mut keyless = row(5);
    keyless.remove("key");
    table.push(keyless);
    let file = table.write(&folder, "t.csv");
    let first = folder.import(&file, false);
    assert!(first.written, "{:?}", first.problems);
    let after = folder.snapshot();
    let again = folder.import(&file, false);
    assert!(again.done.iter().all(|d| d.outcome == Outcome::Unchanged), "{:?}", again.done);
    assert_eq!(folder.snapshot(), after);
    // A column that the table has no more leaves the field alone; a cell that is emptied clears it.
    let mut changed = Table::default();
    let mut third = row(2);
    third.insert("role", "bystander".into());
    third.insert("story_fa", String::new());
    for name in ["name_en", "official_cause_fa", "official_cause_src", "city_en", "lat", "lon"] {
        third.remove(name);
    }
    changed.push(third);
    let file = changed.write(&folder, "changed.csv");
    let dry = folder.import(&file, true);
    assert!(!dry.written);
    assert_eq!(folder.snapshot(), after, "a dry run writes nothing");
    let report = folder.import(&file, false);
    let fields = vec!["role".to_owned(), "story".to_owned()];
    assert_eq!(told(&report), BTreeSet::new());
    assert_eq!(report.done[0].outcome, Outcome::Changed(2, fields.clone()));
    assert_eq!(report.done[0].id, first.done[2].id);
    let victim = folder.victim(&report.done[0].id.to_string());
    assert_eq!((victim.version, victim.changes[0].fields.clone()), (2, fields));
    assert!(victim.primary_name("en").is_some() && victim.official_cause.is_some());
    assert_eq!(victim.place.unwrap().lat.as_deref(), Some("35.70"));
}

#[test]
fn what_show_prints_and_the_records_themselves_come_in_unchanged() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample-archive/records");
    let source = Folder::new();
    let mut lines = String::new();
    let mut bytes = BTreeMap::new();
    for file in fs::read_dir(&sample).unwrap() {
        let path = file.unwrap().path();
        let record = fs::read(&path).unwrap();
        let value = serde_json::to_value(Record::decode(&record).unwrap()).unwrap();
        lines += &format!("{value}\n");
        bytes.insert(path.file_name().unwrap().to_owned(), record);
    }
    let jsonl = source.put("all.jsonl", lines.as_bytes());
    let list: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let json = source.put("all.json", json!(list).to_string().as_bytes());
    for from in [jsonl, json, sample.parent().unwrap().to_owned()] {
        let into = Folder::empty();
        let report = into.import(&from, false);
        assert_eq!((told(&report), report.done.len()), (BTreeSet::new(), 44));
        for (name, expected) in &bytes {
            assert_eq!(&fs::read(into.site.join("records").join(name)).unwrap(), expected);
        }
        let again = into.import(&from, false);
        assert!(again.done.iter().all(|d| d.outcome == Outcome::Unchanged));
    }
}

/// Any record that a table makes, printed as JSON, comes into another folder as the same bytes.
#[test]
fn json_of_any_imported_record_is_identity() {
    let folder = Folder::new();
    let mut table = Table::default();
    for n in 0..40 {
        let mut one = row(n);
        // Fields are left out by the bits of a number, so that many shapes occur.
        let optional =
            ["name_en", "story_fa", "injured_at", "claim1", "media1", "external1", "locality_fa"];
        for (bit, name) in optional.iter().enumerate() {
            if (n * 37 + 11) >> bit & 1 == 1 {
                one.retain(|column, _| !column.starts_with(name) && *column != "precision");
            }
        }
        table.push(one);
    }
    let report = folder.import(&table.write(&folder, "t.csv"), false);
    assert_eq!(told(&report), BTreeSet::new());
    let into = Folder::empty();
    for done in &report.done {
        let id = done.id.to_string();
        let value = serde_json::to_string(&folder.victim(&id)).unwrap();
        let file = into.put("one.json", value.as_bytes());
        assert!(into.import(&file, false).written);
        let path = format!("records/{id}.cbor");
        assert_eq!(
            fs::read(into.site.join(&path)).unwrap(),
            fs::read(folder.site.join(&path)).unwrap()
        );
    }
}

#[test]
fn full_records_that_are_wrong_are_told_and_restricted_fields_are_found_at_any_depth() {
    let folder = Folder::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample-archive/records");
    let bytes = fs::read(sample.join("2f4ja5iockvhwmeqgaaylwdxry.cbor")).unwrap();
    let good = serde_json::to_value(Record::decode(&bytes).unwrap()).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value = good.clone();
        change(&mut value);
        value.to_string()
    };
    let lines = [
        with(&|v| v["place"]["phone"] = "1".into()),
        with(&|v| v["gender"] = "x".into()),
        with(&|v| v["died_at"]["jalali"] = "1398-08-26".into()),
        "[1]".to_owned(),
        "{".to_owned(),
        json!({ "name_fa": "نمونه", "national_id": "1", "gender": { "a": 1 } }).to_string(),
        with(&|v| v["unknown"] = 1.into()),
    ];
    let file = folder.put("x.jsonl", lines.join("\n").as_bytes());
    let found = told(&folder.import(&file, false));
    for (row, column, code) in [
        (1, "phone", "restricted-column"),
        (2, "", "bad-json"),
        (3, "died_at.jalali", "calendars-disagree"),
        (4, "", "bad-json"),
        (5, "", "bad-json"),
        (6, "national_id", "restricted-column"),
        (6, "gender", "bad-json"),
        (7, "", "bad-json"),
    ] {
        assert!(found.contains(&(row, column.to_owned(), code)), "{row} {code}: {found:?}");
    }
    // An id of its own, what belongs to a first version, and the level may be left out.
    let bare = with(&|v| {
        for name in ["id", "version", "issued_on", "status"] {
            v.as_object_mut().unwrap().remove(name);
        }
        v["verification"].as_object_mut().unwrap().remove("level");
    });
    let file = folder.put("bare.json", bare.as_bytes());
    assert_eq!(folder.import(&file, false).done[0].outcome, Outcome::New);
    assert_eq!(folder.import(&file, false).done[0].outcome, Outcome::Unchanged);
}

#[test]
fn broken_and_hostile_files_are_told() {
    let folder = Folder::new();
    let code = |name: &str, bytes: &[u8]| {
        let file = folder.put(name, bytes);
        let found = told(&folder.import(&file, false));
        found.into_iter().map(|(_, _, code)| code).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(code("a.csv", b"name_fa\n\xda\xe1\xed\n"), "encoding");
    assert_eq!(code("b.csv", b"\xff\xfen\0a\0"), "encoding");
    assert_eq!(code("c.csv", b"name_fa\na\0b\n"), "nul-byte");
    assert_eq!(code("d.csv", b"PK\x03\x04"), "file-kind");
    assert_eq!(code("e.pdf", b"%PDF"), "file-kind");
    assert_eq!(code("f.csv", "فهرست نام‌ها,,,\nx,y,z,w\n".as_bytes()), "no-header");
    assert_eq!(code("g.csv", b""), "no-header");
    assert!(code("h.csv", b"key,name_fa\na,\"b\nc,d\ne,f\n").contains("open-quote"));
    assert_eq!(code("none/../i.csv", b"").len(), "no-header".len());
    let absent = folder.import(&folder.site.join("absent.csv"), false);
    assert_eq!(told(&absent).first().unwrap().2, "unreadable");
    // A cell of many megabytes is one problem of one cell.
    let mut long = b"key,story_fa\na,".to_vec();
    long.extend(vec![b'x'; 20_000_000]);
    assert!(code("j.csv", &long).contains("long-cell"));
    // Deep nesting ends in an error, not in a crash.
    assert_eq!(code("k.json", "[".repeat(100_000).as_bytes()), "bad-json");
}

/// Delimiters, the byte order mark, comments, empty lines, digits, Persian headings and words.
#[test]
fn a_table_as_spreadsheets_write_it() {
    let folder = Folder::new();
    let persian = [
        ("کلید ردیف", "۱"),
        ("ساختگی", "بله"),
        ("نام", "نمونهٔ ساختگی"),
        ("جنسیت", "زن"),
        ("سن", "۲۸"),
        ("زیر ۱۸ سال", "نه"),
        ("نقش", "معترض"),
        ("چگونگي مرگ", "تير جنگي؛ضرب‌وشتم"),
        ("تاریخ درگذشت", "۲۵ آبان ۱۳۹۸"),
        ("استان", "استان تهران"),
        ("عرض جغرافیایی", "۳۵٫۷۰"),
        ("طول جغرافیایی", "۵۱٫۴۰"),
        ("نوع منبع ۱", "گزارش نهاد مستقل"),
        ("ناشر منبع ۱", "دیده‌بان نمونه"),
        ("تاریخ انتشار منبع ۱", "۱۳۹۸/۱۱/۸"),
        ("مبنای رضایت", "انتشار توسط نهاد مستقل"),
        ("دامنهٔ رضایت", "نام"),
        ("شمار بازبینان", "۲"),
    ];
    for delimiter in [',', ';', '\t'] {
        let line = |cells: Vec<&str>| cells.join(&delimiter.to_string());
        let titles = line(persian.iter().map(|(title, _)| *title).collect());
        let cells = line(persian.iter().map(|(_, cell)| *cell).collect());
        let empty = delimiter.to_string().repeat(persian.len() - 1);
        let text = format!("\u{feff}{titles}\r\n# توضیح{empty}\r\n{empty}\r\n\r\n{cells}\r\n");
        let file = folder.put("t.csv", text.as_bytes());
        let report = folder.import(&file, false);
        assert_eq!(told(&report), BTreeSet::new(), "{delimiter:?}");
        assert_eq!(
            (report.done.len(), report.done[0].row),
            (1, Some(5)),
            "the row of the spreadsheet"
        );
        let victim = folder.victim(&report.done[0].id.to_string());
        let date = victim.died_at.as_ref().unwrap();
        assert_eq!(
            (date.edtf.as_str(), date.jalali.as_deref()),
            ("2019-11-16", Some("1398-08-25"))
        );
        assert_eq!(victim.sources[0].published.as_deref(), Some("2020-01-28"));
        assert_eq!((victim.manner.len(), victim.age.as_ref().unwrap().min), (2, 28));
        let place = victim.place.as_ref().unwrap();
        assert_eq!(
            (place.province.as_deref(), place.lat.as_deref()),
            (Some("IR-23"), Some("35.70"))
        );
    }
}

#[test]
fn duplicates_are_suspected_told_apart_and_merged_with_the_real_program() {
    let home = Home::new();
    let folder = Folder::new();
    let site = folder.site.display().to_string();
    let mut table = Table::default();
    table.push(row(1));
    let mut twin = row(1);
    twin.insert("key", "twin".into());
    twin.insert("name_fa", twin["name_fa"].replace('ی', "ي").replace(' ', "\u{200c}"));
    table.push(twin.clone());
    let file = table.write(&folder, "t.csv").display().to_string();
    let into = ["records", "import", &file, "--into", &site];
    let strict = home.run(&[&into[..], &["--strict"]].concat());
    assert_eq!(strict.status.code(), Some(3), "{strict:?}");
    let said = home.ok(&into);
    assert_eq!(
        (&said["new"], &said["suspects"], &said["written"]),
        (&json!(2), &json!(1), &json!(true))
    );
    // The answer is remembered, also when the column is gone.
    let mut told_apart = Table::default();
    told_apart.push(row(1));
    twin.insert("distinct_from", "row-1".into());
    told_apart.push(twin.clone());
    let other = told_apart.write(&folder, "told.csv").display().to_string();
    assert_eq!(home.ok(&["records", "import", &other, "--into", &site])["suspects"], 0);
    assert_eq!(home.ok(&[&into[..], &["--strict"]].concat())["suspects"], 0);
    // Merged: the dropped id resolves to the kept one, and its row is not imported again.
    let keys: Value = serde_json::from_slice(&fs::read(folder.keys()).unwrap()).unwrap();
    let id = |key: &str| keys["keys"][key].as_str().unwrap().to_owned();
    let (keep, drop) = (id("row-1"), id("twin"));
    let merged = home.ok(&["records", "merge", &site, &keep, &drop]);
    assert_eq!(merged["keys"], json!(["twin"]));
    let gone = folder.victim(&drop);
    assert_eq!(gone.merged_into.unwrap().to_string(), keep);
    assert!(gone.is_tombstone() && gone.names.is_empty() && gone.version == 2);
    home.ok(&["records", "check", &site]);
    for (a, b) in [(&keep, &drop), (&keep, &keep), (&drop, &keep)] {
        home.fails(&["records", "merge", &site, a, b], 2);
    }
    let again = home.run(&[&into[..], &["--json"]].concat());
    assert_eq!(again.status.code(), Some(3));
    assert!(String::from_utf8(again.stdout).unwrap().contains("\"problem\":\"gone\""));
}

/// An import that is killed at any moment has happened as a whole or not at all, at the latest after the next one.
#[test]
fn a_killed_import_is_completed_or_has_not_happened() {
    let home = Home::new();
    let folder = Folder::empty();
    let mut table = Table::default();
    for n in 0..400 {
        let mut one = row(n);
        one.retain(|column, _| !column.starts_with("media1"));
        table.push(one);
    }
    let file = table.write(&folder, "t.csv").display().to_string();
    let site = folder.site.display().to_string();
    let args = ["records", "import", &file, "--into", &site];
    let journal = folder.site.with_file_name("site.import-journal");
    let mut child = home.command(&args).stdout(std::process::Stdio::null()).spawn().unwrap();
    // As soon as the journal is there the files are being written.
    while !journal.exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
    if journal.exists() {
        home.fails(&[&args[..], &["--dry-run"]].concat(), 3);
    }
    let said = home.ok(&args);
    assert_eq!(said["new"].as_u64().unwrap() + said["unchanged"].as_u64().unwrap(), 400, "{said}");
    assert_eq!(fs::read_dir(folder.site.join("records")).unwrap().count(), 400, "each once");
    assert_eq!(home.ok(&args)["unchanged"], 400);
    assert!(!journal.exists());
}

/// The document names every column, both ways, and every kind of problem.
#[test]
fn the_document_has_every_column_and_every_problem() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/records.md");
    let text = fs::read_to_string(&path).unwrap();
    let mut table = String::from(
        "| column | Persian | class | meaning | a cell holds | example |\n|---|---|---|---|---|---|\n",
    );
    for column in yadgar::records::import::columns::all() {
        let class = column.class().map_or("not published", |class| class.word());
        let form = yadgar::records::template::form(column.shape, false).replace('|', "\\|");
        let (en, fa) = (column.titled(None, false), column.titled(None, true));
        table +=
            &format!("| `{en}` | {fa} | {class} | {} | {form} | {} |\n", column.en, column.example);
    }
    if std::env::var_os("YADGAR_WRITE_DOCS").is_some() {
        let (before, rest) = text.split_once("<!-- columns -->\n").unwrap();
        let (_, after) = rest.split_once("<!-- end of columns -->\n").unwrap();
        let whole = format!("{before}<!-- columns -->\n{table}<!-- end of columns -->\n{after}");
        fs::write(&path, whole).unwrap();
        return;
    }
    assert!(text.contains(&table), "run this test with YADGAR_WRITE_DOCS=1");
    for code in yadgar::records::import::Code::ALL {
        assert!(text.contains(&format!("`{}`", code.word())), "{code:?}");
    }
}

impl Folder {
    fn import(&self, file: &Path, dry_run: bool) -> Report {
        let options = Options {
            into: &self.site,
            keys: None,
            today: "2026-06-01",
            code: ChangeCode::Corrected,
            strict: false,
            dry_run,
        };
        import(file, &options, &mut || self.random(), &|_, _| ()).unwrap()
    }

    fn victim(&self, id: &str) -> Victim {
        let bytes = fs::read(self.site.join(format!("records/{id}.cbor"))).unwrap();
        let Record::Victim(victim) = Record::decode(&bytes).unwrap() else { panic!("{id}") };
        *victim
    }

    fn keys(&self) -> PathBuf {
        self.site.with_file_name("site.keys.json")
    }
}
