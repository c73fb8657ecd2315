use super::base::{Lang, Text, across, digits, percent, share};
use super::*;
use std::collections::BTreeMap;
use yadgar_protocol::record::dates::{System, day_number};
use yadgar_protocol::series::{self, Series};

const TITLE: Text = Text("نمونهٔ ساختگی", "Made-up sample");
const BOTH: [Lang; 2] = [Lang::Fa, Lang::En];

fn day(month: u8, day: u8) -> i64 {
    day_number(System::Gregorian, 2031, month, day).unwrap()
}

/// A made-up series of ten days with a fall, a hole of nine hours, and a slow return.
fn sample_series() -> Series {
    let mut text = String::from(
        "# source-fa: اندازه‌گیری ساختگی برای آزمون\n# source-en: Made-up measurement for a test\n\
         # licence: CC0\ntime,percent\n",
    );
    for hour in 0..240 {
        let value = match hour {
            0..42 => 970 - hour % 24,
            42..52 => 970 - (hour - 41) * 90,
            100..109 => continue,
            52..180 => 40 + hour % 7,
            _ => (hour - 180) * 13 + 50,
        };
        let (value, tenth) = (value / 10, value % 10);
        let date = format!("2031-11-{:02}T{:02}:00+03:30", 15 + hour / 24, hour % 24);
        text.push_str(&format!("{date},{value}.{tenth}\n"));
    }
    series::parse(text.as_bytes()).unwrap()
}

fn sample_deaths() -> BTreeMap<i64, u64> {
    let by_day = [(16, 9), (17, 41), (18, 23), (19, 6), (21, 2), (23, 1)];
    by_day.into_iter().map(|(d, n)| (day(11, d), n)).collect()
}

fn sample_map() -> BTreeMap<&'static str, u64> {
    [
        ("IR-23", 19),
        ("IR-06", 60),
        ("IR-07", 23),
        ("IR-12", 12),
        ("IR-10", 5),
        ("IR-30", 11),
        ("IR-05", 8),
        ("IR-08", 2),
        ("IR-11", 1),
        ("IR-09", 3),
    ]
    .into()
}

fn sample_bars(lang: Lang) -> Vec<Bar> {
    let kinds = match lang {
        Lang::Fa => ["تیر جنگی", "ضرب‌وشتم", "گاز اشک‌آور", "نامعلوم"],
        Lang::En => ["Live fire", "Beating", "Tear gas", "Unknown"],
    };
    let bar = |(label, count): (&str, u64)| Bar {
        label: label.to_owned(),
        count,
        href: (count > 10).then(|| format!("/{}/x?n={count}", lang.code())),
    };
    kinds.into_iter().zip([61, 14, 0, 7]).map(bar).collect()
}

fn days_href(day: i64) -> Option<String> {
    Some(format!("/d/{day}"))
}

/// Everything at once, as on a page.
fn all(lang: Lang) -> String {
    let markup = maud::html! {
        (provinces(lang, &sample_map(), 6, &|code| Some(format!("/x/{code}"))))
        (bars(lang, "manner", TITLE.get(lang), &sample_bars(lang)))
        (columns(lang, "timeline", TITLE.get(lang), &sample_deaths(), 3, &days_href))
        (connectivity(lang, "net", &sample_series(), &sample_deaths(), &days_href))
    };
    markup.into_string()
}

#[test]
fn nothing_that_the_policy_forbids() {
    for lang in BOTH {
        let page = all(lang);
        for bad in
            ["<script", " style=", "onload", "onclick", "<style", "<image", "foreignObject", "http"]
        {
            assert!(!page.contains(bad), "{bad}");
        }
        let mut ids: Vec<_> =
            page.split(" id=\"").skip(1).map(|r| r.split('"').next().unwrap()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "the same id twice");
        // What names and describes a drawing is there.
        for names in page.split("aria-labelledby=\"").skip(1).map(|r| r.split('"').next().unwrap())
        {
            assert!(names.split(' ').all(|name| ids.contains(&name)), "{names}");
        }
        if lang == Lang::Fa {
            let words: String = page
                .split('>')
                .map(|r| r.split('<').next().unwrap())
                .filter(|t| {
                    !t.contains("Natural")
                        && !t.contains("Made-up")
                        && !t.contains("UTC")
                        && !t.contains("CC0")
                })
                .collect();
            assert!(!words.contains(|c: char| c.is_ascii_alphanumeric()), "{words}");
        }
    }
}

#[test]
fn pictures_and_groups() {
    let with = bars(Lang::En, "a", "A", &sample_bars(Lang::En)).into_string();
    assert!(with.contains("role=\"group\"") && !with.contains("role=\"img\""));
    let plain: Vec<_> =
        sample_bars(Lang::En).into_iter().map(|b| Bar { href: None, ..b }).collect();
    let without = bars(Lang::En, "a", "A", &plain).into_string();
    assert!(without.contains("role=\"img\"") && !without.contains("<a "));
    let map = provinces(Lang::En, &sample_map(), 0, &|_| None).into_string();
    assert!(map.contains("role=\"img\"") && !map.contains("<a "));
}

#[test]
fn bars_begin_where_the_language_begins() {
    let x = |lang| {
        let page = bars(lang, "a", "A", &sample_bars(lang)).into_string();
        page.split("class=\"bar\" x=\"").nth(2).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_eq!(x(Lang::En), "0.00%");
    // 14 of 61 are 22.95 percent.
    assert_eq!(x(Lang::Fa), across(47, 61));
    assert_eq!(across(47, 61), "77.04%");
}

#[test]
fn every_number_is_in_the_table() {
    let page = bars(Lang::Fa, "a", "A", &sample_bars(Lang::Fa)).into_string();
    let table = page.split_once("<table>").unwrap().1;
    for cell in ["<td>۶۱</td><td>۷۴٪</td>", "<td>۰</td><td>۰٪</td>", "<td>۱۴</td>"] {
        assert!(table.contains(cell), "{cell}");
    }
    let page = provinces(Lang::En, &sample_map(), 6, &|_| None).into_string();
    let table = page.split_once("<table>").unwrap().1;
    assert_eq!(table.matches("<th scope=\"row\">").count(), 32);
    assert!(table.find("Khuzestan").unwrap() < table.find("Fars").unwrap());
    assert!(table.contains("none of these</th><td>6</td>"));
}

#[test]
fn the_map_tells_zero_unknown_and_strange_codes_apart() {
    let mut counts = sample_map();
    counts.insert("ZZ-99", 4);
    let page = provinces(Lang::En, &counts, 6, &|c| Some(format!("/p/{c}"))).into_string();
    assert!(page.contains("none of these</th><td>10</td>"));
    assert!(
        page.contains(
            "<a href=\"/p/IR-26\"><title>Qazvin: 0</title><path class=\"province step0\""
        )
    );
    assert!(page.contains("<title>Khuzestan: 60</title><path class=\"province step4\""));
    assert_eq!(page.matches("<path class=\"province").count(), 31);
    let none = provinces(Lang::Fa, &BTreeMap::new(), 0, &|_| None).into_string();
    assert!(!none.contains("step1") && none.contains("برای هیچ استانی"));
    let fa = provinces(Lang::Fa, &counts, 6, &|_| None).into_string();
    assert!(fa.contains("<title>خوزستان: ۶۰ نفر</title>"));
}

#[test]
fn columns_change_their_grain_with_the_time() {
    let chart = |days: &[(i64, u64)]| {
        columns(Lang::En, "t", "T", &days.iter().copied().collect(), 0, &days_href).into_string()
    };
    let short = chart(&[(day(1, 5), 2), (day(1, 7), 1)]);
    assert_eq!(short.matches("class=\"bar\"").count(), 2);
    assert!(short.contains("class=\"bar\" x=\"70.00%\" width=\"26.66%\""), "{short}");
    assert!(short.contains("5 January 2031 (15 Dey 1409)"));
    assert_eq!(short.matches("href=\"/d/").count(), 4, "in the chart and in the table");
    // Three months and more: months, of which two have deaths, and links in the table only.
    let long = chart(&[(day(1, 5), 2), (day(1, 7), 1), (day(6, 1), 5)]);
    assert_eq!(long.matches("class=\"bar\"").count(), 2);
    assert!(long.contains("January 2031: 3") && long.contains("June 2031: 5"));
    assert_eq!(long.matches("href=\"/d/").count(), 3);
    let years = chart(&[(day(1, 5), 2), (day(1, 5) + 366 * 40, 1)]);
    assert!(years.contains("<title>2031: 2</title>") && years.contains("Columns by year"));
    // Longer than any life: the table alone, and open.
    let ages = chart(&[(day(1, 5), 2), (day(1, 5) + 366 * 400, 1)]);
    assert!(!ages.contains("<svg") && ages.contains("<details class=\"numbers\" open>"));
    let none = columns(Lang::Fa, "t", "T", &BTreeMap::new(), 0, &days_href).into_string();
    assert!(none.contains("هنوز چیزی") && !none.contains("<svg"));
    let unknown = columns(Lang::En, "t", "T", &BTreeMap::new(), 7, &days_href).into_string();
    assert!(unknown.contains("Day not known</th><td>7</td>"));
}

#[test]
fn persian_months_are_those_of_the_persian_calendar() {
    // 20 and 21 March 2031 are the last day of Esfand and the first of Farvardin.
    let days = [(day(3, 20), 1), (day(3, 21), 1), (day(9, 1), 1)].into();
    let page = columns(Lang::Fa, "t", "T", &days, 0, &|_| None).into_string();
    assert!(page.contains("اسفند ۱۴۰۹") && page.contains("فروردین ۱۴۱۰"));
    let page = columns(Lang::En, "t", "T", &days, 0, &|_| None).into_string();
    assert!(page.contains("March 2031: 2"));
}

#[test]
fn connectivity_and_deaths_share_one_axis() {
    let page =
        connectivity(Lang::En, "n", &sample_series(), &sample_deaths(), &days_href).into_string();
    assert!(page.contains("viewBox=\"0 0 240 1000\" preserveAspectRatio=\"none\""));
    // 17 November is the third of ten days.
    assert!(page.contains("class=\"hit\" x=\"20.00%\" width=\"10.00%\""));
    // The hole from hour 100 to 109 is a hole: hatched, and the line is lifted there.
    assert!(page.contains("class=\"gap\" x=\"41.66%\" width=\"3.75%\""));
    let line = page.split("class=\"line\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(line.matches('M').count(), 2);
    assert!(line.contains("H100M109 "), "{line}");
    // Hours below the mark, on either side of the hole.
    assert_eq!(page.matches("class=\"dark\" x=").count(), 3, "two stretches, and the key");
    assert!(page.contains("Hours at <bdi dir=\"ltr\">UTC+03:30</bdi>"));
    assert!(page.contains("Made-up measurement for a test") && page.contains("CC0"));
    let table = page.split_once("<table>").unwrap().1;
    assert_eq!(table.matches("<tr>").count(), 11);
    let row = "18 November 2031 (27 Aban 1410)</a></th><td>4%</td><td>4.3%</td><td>24</td><td>24</td><td>23</td>";
    assert!(table.contains(row), "{table}");
}

#[test]
fn deaths_far_from_the_series_are_counted_and_not_drawn() {
    let mut deaths = sample_deaths();
    deaths.insert(day(11, 27), 2);
    deaths.insert(day(12, 30), 3);
    let page = connectivity(Lang::En, "n", &sample_series(), &deaths, &|_| None).into_string();
    assert!(page.contains("viewBox=\"0 0 312 1000\""), "the axis reaches to 27 November");
    assert!(page.contains("outside this chart: 3."));
    assert!(page.contains("27 November 2031 (6 Azar 1410)</th><td>Not measured</td>"));
    assert!(!page.contains("30 December"));
}

#[test]
fn a_long_series_shows_means_of_days() {
    let mut text = String::from("# source-en: s\ntime,percent\n");
    for hour in 0..100 * 24 {
        let (year, month, d) =
            yadgar_protocol::record::dates::day_of(System::Gregorian, day(1, 1) + hour / 24);
        text.push_str(&format!(
            "{year}-{month:02}-{d:02}T{:02}:00Z,{}\n",
            hour % 24,
            (hour % 2) * 100
        ));
    }
    let series = series::parse(text.as_bytes()).unwrap();
    let page = connectivity(Lang::En, "n", &series, &BTreeMap::new(), &|_| None).into_string();
    let line = page.split("class=\"line\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(line.starts_with("M0 500H24V500H48"), "{line}");
    assert!(page.contains("mean of each day"));
    assert!(page.len() < 600_000, "{}", page.len());
}

#[test]
fn what_strangers_wrote_is_text() {
    let text = "# source-fa: <script>x()</script>\n# title-fa: \"><svg onload=x()>\n# licence: <b>\n\
                time,percent\n2031-01-01T00:00Z,1\n";
    let series = series::parse(text.as_bytes()).unwrap();
    let page = connectivity(Lang::Fa, "n", &series, &BTreeMap::new(), &|_| None).into_string();
    assert!(!page.contains("<script") && !page.contains("<svg onload") && !page.contains("<b>"));
    let bar = Bar { label: "<i>\"'".into(), count: u64::MAX, href: Some("\"><script>".into()) };
    let page = bars(Lang::En, "b", "<script>", &[bar.clone(), bar]).into_string();
    assert!(!page.contains("<script") && !page.contains("<i>"));
}

#[test]
fn numbers_in_words() {
    assert_eq!(percent(Lang::Fa, 984), "۹۸٫۴٪");
    assert_eq!(percent(Lang::En, 1_000), "100%");
    assert_eq!(share(Lang::En, 1, 3), "33%");
    assert_eq!(share(Lang::En, u64::MAX, u64::MAX), "100%");
    assert_eq!(share(Lang::En, 0, 0), "0%");
    assert_eq!(digits(Lang::Fa, "10"), "۱۰");
}

/// Pages to look at, in `target/screenshots`, and pictures of them.
#[test]
#[ignore = "twelve starts of a browser; for people to look at what they changed"]
fn screenshots() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    let style = include_str!("../assets/style.css");
    let fonts = root.join("src/memorial/assets");
    let face = ["regular", "bold"].map(|name| {
        let weight = if name == "bold" { 700 } else { 400 };
        format!("@font-face{{font-family:Vazirmatn;font-weight:{weight};src:url(file://{}/vazirmatn-{name}.woff2)}}", fonts.display())
    });
    for lang in BOTH {
        let essays =
            crate::memorial::essays::Essay::ALL.map(|e| crate::memorial::essays::page(lang, e));
        for (name, body) in
            [("figures", all(lang)), ("essays", essays.map(|e| e.into_string()).concat())]
        {
            let head = format!(
                "<!doctype html><html lang={} dir={}><meta charset=utf-8><title>x</title>",
                lang.code(),
                lang.dir()
            );
            let html = format!(
                "{head}<style>{}{}{style}{CSS}</style><main>{body}</main>",
                face[0], face[1]
            );
            let file = folder.join(format!("{name}-{}.html", lang.code()));
            std::fs::write(&file, html).unwrap();
            for (width, dark) in [(360, false), (1280, false), (360, true)] {
                shoot(&file, width, dark);
            }
        }
    }
}

fn shoot(page: &std::path::Path, width: u32, dark: bool) {
    let program = std::path::Path::new("/usr/bin/chromium");
    let profile = tempfile::tempdir().unwrap();
    let png = page.with_extension(if dark {
        format!("dark-{width}.png")
    } else {
        format!("{width}.png")
    });
    let _ = std::fs::remove_file(&png);
    let scheme = if dark { "--blink-settings=preferredColorScheme=0" } else { "--disable-sync" };
    let done = std::process::Command::new(program)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", scheme])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={width},{}", if width < 600 { 5200 } else { 4600 }))
        .arg(format!("--screenshot={}", png.display()))
        .arg(page)
        .output()
        .unwrap();
    assert!(done.status.success() && std::fs::metadata(&png).unwrap().len() > 5_000);
}
