use super::*;

const GOOD: &str = "# title-fa: اتصال نمونه\n# source-en: A made-up measurement: example\n\
                    # licence: CC0\ntime,percent\n2019-11-16T17:00+03:30,98.4\n\
                    2019-11-16T18:00+03:30,7\n2019-11-17T00:00+03:30,0.0\n";

/// Clause and line of the only fault.
fn fault(text: &str) -> (&'static str, u32) {
    let faults = parse(text.as_bytes()).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    (faults[0].clause, faults[0].line)
}

/// A series with these rows.
fn rows(rows: &str) -> String {
    format!("# source-fa: نمونه\ntime,percent\n{rows}")
}

#[test]
fn a_good_series_is_read() {
    let series = parse(GOOD.as_bytes()).unwrap();
    assert_eq!(series.title_fa.as_deref(), Some("اتصال نمونه"));
    assert_eq!(series.title_en, None);
    assert_eq!(series.source_en.as_deref(), Some("A made-up measurement: example"));
    assert_eq!(series.licence.as_deref(), Some("CC0"));
    assert_eq!(series.offset_minutes, 210);
    let values: Vec<_> = series.hours.iter().map(|h| (h.hour, h.tenths)).collect();
    assert_eq!(values, [(17, 984), (18, 70), (0, 0)]);
    assert_eq!(series.hours[2].index() - series.hours[1].index(), 6);
    assert_eq!(series.hours[0].day, day_number(System::Gregorian, 2019, 11, 16).unwrap());
}

#[test]
fn ser_1_bytes_and_lines() {
    let series = parse(GOOD.as_bytes()).unwrap();
    let dos = format!("\u{feff}{}", GOOD.replace('\n', "\r\n\r\n"));
    assert_eq!(parse(dos.as_bytes()).unwrap(), series);
    assert_eq!(parse(GOOD.trim_end().as_bytes()).unwrap(), series);
    assert_eq!(parse(&[b'\n'; MAX_SERIES_BYTES + 1]).unwrap_err()[0].clause, "SER-1");
    assert_eq!(parse(b"\xff").unwrap_err()[0].clause, "SER-1");
    let long = format!("# licence: {}\n{}", "x".repeat(MAX_SERIES_LINE_BYTES), rows(""));
    let faults = parse(long.as_bytes()).unwrap_err();
    assert_eq!((faults[0].clause, faults[0].line), ("SER-1", 1));
}

#[test]
fn ser_2_what_is_said_about_the_numbers() {
    let hour = "time,percent\n2019-11-16T17:00Z,1\n";
    assert_eq!(fault(hour), ("SER-2", 0));
    assert_eq!(fault(&format!("# title-en: t\n{hour}")), ("SER-2", 0));
    for line in ["# source-en", "# colour: red", "# title-en:", "# title-en: a\u{202e}b"] {
        assert_eq!(fault(&format!("# source-fa: s\n{line}\n{hour}")), ("SER-2", 2), "{line}");
    }
    assert_eq!(fault(&format!("# source-fa: s\n# source-fa: t\n{hour}")), ("SER-2", 2));
}

#[test]
fn ser_3_the_header() {
    assert_eq!(fault("# source-fa: s\n"), ("SER-3", 0));
    assert_eq!(fault("# source-fa: s\ntime;percent\n2019-11-16T17:00Z,1\n"), ("SER-3", 2));
    assert_eq!(fault(&rows("2019-11-16T17:00Z,1\n# licence: x\n")), ("SER-3", 4));
}

#[test]
fn ser_4_times() {
    assert_eq!(fault(&rows("")), ("SER-4", 0));
    for time in [
        "2019-11-16T17:00",
        "2019-11-16 17:00Z",
        "2019-11-16T17:30Z",
        "2019-11-16T24:00Z",
        "2019-02-29T00:00Z",
        "0019-02-20T00:00Z",
        "2019-11-16T17:00z",
        "2019-11-16T17:00+3:30",
        "2019-11-16T17:00+14:01",
        "2019-11-16T17:00+03:60",
        "2019-11-16T17:00 03:30",
        "2019-11-16T+7:00Z",
        "۲۰۱۹-11-16T17:00Z",
        "",
    ] {
        assert_eq!(fault(&rows(&format!("{time},1\n"))), ("SER-4", 3), "{time}");
    }
    assert_eq!(fault(&rows("2019-11-16T17:00Z\n")), ("SER-4", 3));
    let mixed = rows("2019-11-16T17:00Z,1\n2019-11-16T18:00+03:30,1\n");
    assert_eq!(fault(&mixed), ("SER-4", 4));
    let west = parse(rows("2019-11-16T17:00-14:00,1").as_bytes()).unwrap();
    assert_eq!(west.offset_minutes, -840);
}

#[test]
fn ser_5_percents() {
    for bad in
        ["", "-1", "100.1", "101", "5.25", "5.", ".5", "05", "1e1", "۵", "5 ", " 5", "5,0", "5%"]
    {
        let text = rows(&format!("2019-11-16T17:00Z,{bad}\n"));
        assert_eq!(fault(&text), ("SER-5", 3), "{bad}");
    }
    for (good, tenths) in [("0", 0), ("100", 1_000), ("100.0", 1_000), ("0.1", 1), ("20.0", 200)] {
        let series = parse(rows(&format!("2019-11-16T17:00Z,{good}\n")).as_bytes()).unwrap();
        assert_eq!(series.hours[0].tenths, tenths);
    }
}

#[test]
fn ser_6_order_and_length() {
    assert_eq!(fault(&rows("2019-11-16T17:00Z,1\n2019-11-16T17:00Z,1\n")), ("SER-6", 4));
    assert_eq!(fault(&rows("2019-11-16T17:00Z,1\n2019-11-16T16:00Z,1\n")), ("SER-6", 4));
    // 732 days: the last hour that fits is the last of day 732.
    let fits = rows("2019-01-01T00:00Z,1\n2021-01-01T23:00Z,1\n");
    assert_eq!(parse(fits.as_bytes()).unwrap().hours.len(), 2);
    let long = rows("2019-01-01T00:00Z,1\n2021-01-02T00:00Z,1\n");
    assert_eq!(fault(&long), ("SER-6", 4));
}

#[test]
fn faults_are_all_told_but_not_without_end() {
    let text = rows("x,1\n2019-11-16T17:00Z,200\n2019-11-16T18:00Z,20\n");
    let faults = parse(text.as_bytes()).unwrap_err();
    let found: Vec<_> = faults.iter().map(|f| (f.clause, f.line)).collect();
    assert_eq!(found, [("SER-4", 3), ("SER-5", 4)]);
    assert_eq!(
        faults[1].to_string(),
        "line 4: percent is 0 to 100 with at most one decimal (SER-5)"
    );
    let endless = rows(&"x\n".repeat(10_000));
    assert_eq!(parse(endless.as_bytes()).unwrap_err().len(), SERIES_FAULTS);
}

#[test]
fn no_bytes_make_it_fail_otherwise() {
    // Every cut and every single changed byte of a good series gives an answer.
    for end in 0..GOOD.len() {
        let _ = parse(&GOOD.as_bytes()[..end]);
    }
    for at in 0..GOOD.len() {
        for byte in [0, b'\n', b',', b'#', b'9', 0xd9, 0xff] {
            let mut bytes = GOOD.as_bytes().to_vec();
            bytes[at] = byte;
            let _ = parse(&bytes);
        }
    }
}
