//! Search in 100,000 made-up names: time to build the index, its memory, time for each kind of query.
//! Prints figures; tests nothing.

use std::time::{Duration, Instant};
use yadgar::search::{Document, Index};

const PEOPLE: usize = 100_000;
const GIVEN: [(&str, &str); 12] = [
    ("روژان", "Rozhan"),
    ("امیرحسین", "Amirhossein"),
    ("علی", "Ali"),
    ("شیرین", "Shirin"),
    ("پویا", "Pouya"),
    ("فاطمه", "Fatemeh"),
    ("کوروش", "Kourosh"),
    ("نیلوفر", "Niloufar"),
    ("یعقوب", "Yaghoub"),
    ("مجتبی", "Mojtaba"),
    ("ثریا", "Soraya"),
    ("قاسم", "Ghasem"),
];
const FIRST: [(&str, &str); 10] = [
    ("گندم", "Gandom"),
    ("کوه", "Kuh"),
    ("نرگس", "Narges"),
    ("صخره", "Sakhreh"),
    ("باران", "Baran"),
    ("چنار", "Chenar"),
    ("زیتون", "Zeytun"),
    ("لادن", "Ladan"),
    ("شب", "Shab"),
    ("موج", "Mowj"),
];

/// Family names that are nobody's: two words and a number's worth of syllables.
fn person(n: usize) -> Document {
    const SYLLABLES: [(&str, &str); 16] = [
        ("با", "ba"),
        ("تو", "tu"),
        ("را", "ra"),
        ("می", "mi"),
        ("کا", "ka"),
        ("نو", "nu"),
        ("سا", "sa"),
        ("لی", "li"),
        ("دا", "da"),
        ("شو", "shu"),
        ("ها", "ha"),
        ("فی", "fi"),
        ("زا", "za"),
        ("گو", "gu"),
        ("پا", "pa"),
        ("وی", "vi"),
    ];
    let (given, first) = (GIVEN[n % GIVEN.len()], FIRST[n / 12 % FIRST.len()]);
    let tail: Vec<_> = (0..5).map(|k| SYLLABLES[(n / 7 * 2_654_435_761) >> (4 * k) & 15]).collect();
    let fa: String = tail.iter().map(|s| s.0).collect();
    let en: String = tail.iter().map(|s| s.1).collect();
    let names = vec![
        format!("{} {}\u{200c}{fa}", given.0, first.0),
        format!("{} {}{en}", given.1, first.1),
    ];
    Document { names, words: vec![format!("شهر {}", n % 400)] }
}

/// Resident memory in bytes, where the system tells.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) * 4_096
}

fn main() {
    let before = memory();
    let start = Instant::now();
    let index = Index::new((0..PEOPLE).map(person));
    let built = start.elapsed();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{PEOPLE} names, {cores} cores: built in {built:.2?}, {} MB",
        (memory() - before) >> 20
    );
    let last = person(99_991).names;
    let joined = last[0].replace([' ', '\u{200c}'], "");
    for (kind, query) in [
        ("exact", last[0].as_str()),
        ("without spaces", &joined),
        ("one letter", "ا"),
        ("given name", "علی"),
        ("one typo", "روزان گندم"),
        ("Latin", &last[1]),
        ("another Latin spelling", "Qasem Shab"),
        ("eight words", "ا ب پ ت ث ج چ ح"),
        ("nothing", "zzzzzzzzzz"),
    ] {
        let mut times: Vec<Duration> = (0..50)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(index.search(query, 200));
                start.elapsed()
            })
            .collect();
        times.sort();
        let total = index.search(query, 200).total;
        println!("{kind}: {total} found, median {:.2?}, most {:.2?}", times[25], times[49]);
    }
}
