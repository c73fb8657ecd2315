//! An empty table with a heading for every column, and comments that say what belongs in it.

use super::import::columns::{self, Column, Shape};
use super::import::lists::List;

/// How many columns of each numbered kind a template has; a table may have more.
fn copies(column: &Column) -> std::ops::RangeInclusive<u32> {
    if column.name.starts_with("source") {
        1..=3
    } else if column.name.starts_with("name_") {
        2..=3
    } else {
        1..=1
    }
}

/// Words of the comments, in one language.
struct Comments {
    meaning: &'static str,
    class: &'static str,
    form: &'static str,
    example: &'static str,
    private: &'static str,
}

const EN: Comments = Comments {
    meaning: "# Meaning. Rows that begin with # are comments; import does not read them",
    class: "# Class: P0 is public, P1 only if consent and safety allow it",
    form: "# What a cell may hold; several words with ; between",
    example: "# Example (fictional)",
    private: "never published",
};

const FA: Comments = Comments {
    meaning: "# معنا. ردیف‌هایی که با # آغاز می‌شوند توضیح‌اند و خوانده نمی‌شوند",
    class: "# رده: P0 همگانی است، P1 تنها اگر رضایت و ایمنی اجازه دهد",
    form: "# در خانه چه می‌توان نوشت؛ میان چند واژه نقطه‌ویرگول ; بگذارید",
    example: "# نمونه (ساختگی)",
    private: "هرگز منتشر نمی‌شود",
};

/// The template as CSV: headings, then comments. It begins with a byte order mark, without which Excel does not
/// take it for UTF-8.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn csv(persian: bool) -> Result<Vec<u8>, csv::Error> {
    let words = if persian { &FA } else { &EN };
    let mut titles = Vec::new();
    let mut rows: [Vec<String>; 4] = Default::default();
    for (column, number) in placed() {
        titles.push(column.titled(number, persian));
        rows[0].push(if persian { column.means } else { column.en }.to_owned());
        rows[1].push(column.class().map_or(words.private, |class| class.word()).to_owned());
        rows[2].push(form(column.shape, persian));
        rows[3].push(example(column, persian));
    }
    let mut out = csv::WriterBuilder::new().from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(&titles)?;
    for (row, title) in rows.iter_mut().zip([words.meaning, words.class, words.form, words.example])
    {
        row[0] = format!("{title}. {}", row[0]);
        out.write_record(&*row)?;
    }
    out.into_inner().map_err(|e| csv::Error::from(std::io::Error::other(e.to_string())))
}

/// How many columns a template has.
pub fn columns() -> usize {
    placed().len()
}

/// Columns in their order: numbered ones of one kind stand together, item by item.
fn placed() -> Vec<(&'static Column, Option<u32>)> {
    let mut out = Vec::new();
    let mut run: Vec<&'static Column> = Vec::new();
    let family = |column: &Column| column.name.split('#').next().map(str::to_owned);
    for column in columns::all() {
        let goes_on =
            run.last().is_some_and(|last| column.is_numbered() && family(last) == family(column));
        if !goes_on {
            flush(&mut run, &mut out);
        }
        match column.is_numbered() {
            true => run.push(column),
            false => out.push((column, None)),
        }
    }
    flush(&mut run, &mut out);
    out
}

fn flush(run: &mut Vec<&'static Column>, out: &mut Vec<(&'static Column, Option<u32>)>) {
    if let Some(first) = run.first() {
        for number in copies(first) {
            out.extend(run.iter().map(|column| (*column, Some(number))));
        }
    }
    run.clear();
}

/// An example in the words of the language.
fn example(column: &Column, persian: bool) -> String {
    let list = match column.shape {
        Shape::Word(list) | Shape::Words(list) if persian => list,
        _ => return column.example.to_owned(),
    };
    let words = column.example.split(';').filter_map(|word| in_persian(list, word));
    words.collect::<Vec<_>>().join(";")
}

fn in_persian(list: List, word: &str) -> Option<&'static str> {
    list.0.iter().find(|(w, _)| *w == word).map(|(_, fa)| fa[0])
}

/// What a cell may hold, in words.
pub fn form(shape: Shape, persian: bool) -> String {
    let pick = |en: &str, fa: &str| if persian { fa } else { en }.to_owned();
    match shape {
        Shape::Word(list) => {
            pick("one of: ", "یکی از: ") + &list.shown(persian).join(pick(", ", "، ").as_str())
        }
        Shape::Words(list) => {
            pick("one or more of: ", "یک یا چند تا از: ") + &list.shown(persian).join("; ")
        }
        Shape::Id => pick("26 letters and digits", "۲۶ حرف و رقم"),
        Shape::Key => pick("any text", "هر متنی"),
        Shape::Keys => pick("keys or ids", "کلید یا شناسه"),
        Shape::Name | Shape::Text => pick("plain text", "متن ساده"),
        Shape::Long => pick("plain text, may have lines", "متن ساده، می‌تواند چند سطر باشد"),
        Shape::Number => pick("a whole number", "عدد صحیح"),
        Shape::Date => pick(
            "2019-11-16, 2019-11, 2019, about 2019: 2019~, from to: 2019-11-16/2019-11-17, one of: [2019-11-16,2019-11-20], also 1398-08-25 and 25 Aban 1398",
            "۱۳۹۸-۰۸-۲۵ یا ۲۵ آبان ۱۳۹۸ یا ۱۳۹۸-۰۸ یا ۱۳۹۸؛ حدود: ۱۳۹۸~؛ از تا: ۱۳۹۸-۰۸-۲۵/۱۳۹۸-۰۸-۲۶؛ یکی از: [۱۳۹۸-۰۸-۲۵,۱۳۹۸-۰۸-۲۹]؛ میلادی هم می‌شود",
        ),
        Shape::Jalali => pick("the same forms, years 1200 to 1499", "همان شکل‌ها، سال ۱۲۰۰ تا ۱۴۹۹"),
        Shape::Day => pick("2020-01-28 or 1398-11-08", "۱۳۹۸-۱۱-۰۸ یا ۲۰۲۰-۰۱-۲۸"),
        Shape::Time => pick("HH:MM", "ساعت:دقیقه"),
        Shape::Zone => pick("a name such as Asia/Tehran", "نامی مانند Asia/Tehran"),
        Shape::Province => pick("code or name", "کد یا نام"),
        Shape::Country => pick("two capital letters", "دو حرف بزرگ لاتین"),
        Shape::Countries => pick("two capital letters each", "هر یک دو حرف بزرگ لاتین"),
        Shape::Degrees => pick("degrees, 35.70", "درجه، ۳۵٫۷۰"),
        Shape::Url => pick("https://...", "نشانی با https آغاز می‌شود"),
        Shape::File => pick("path below the folder", "مسیر درون پوشه"),
        Shape::Hash => pick("64 hex digits", "۶۴ رقم شانزده‌شانزدهی"),
        Shape::Sources => pick("s1, s2 and so on", "s1 و s2 و مانند آن"),
        Shape::Field => pick("name of a field", "نام یک فیلد"),
        Shape::Fields => pick("names of fields", "نام فیلدها"),
        Shape::Lang => pick("a language tag", "برچسب زبان"),
        Shape::Script => pick("four letters", "چهار حرف"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_every_column_and_only_comments_below() {
        for persian in [false, true] {
            let bytes = csv(persian).unwrap();
            let text = std::str::from_utf8(&bytes).unwrap().strip_prefix('\u{feff}').unwrap();
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
            assert_eq!(rows.len(), 5);
            assert!(rows[1..].iter().all(|row| row[0].starts_with('#')));
            let mut missing: Vec<_> = columns::all().map(|c| c.name).collect();
            for title in &rows[0] {
                let columns::Heading::Known(column, _) = columns::heading(title) else {
                    panic!("{title}")
                };
                missing.retain(|name| *name != column.name);
            }
            assert!(missing.is_empty(), "{missing:?}");
            // A spreadsheet must not run anything of it.
            let unsafe_cell = |cell: &str| cell.starts_with(['=', '+', '-', '@']);
            assert!(!rows.iter().flatten().any(unsafe_cell));
        }
    }
}
