use super::*;
use proptest::prelude::*;

/// As many as on a paper sheet.
const DATA: usize = 64;
const TOTAL: usize = DATA + CHECK;

fn sealed() -> Vec<u16> {
    (0..DATA as u16).map(|i| (i * 137 + 11) % 512).collect()
}

fn english() -> Vec<String> {
    to_words(&sealed()).iter().map(|w| w.en.to_owned()).collect()
}

fn only(text: &str) -> Result<Vec<u16>, WordsError> {
    from_words(text, TOTAL..=TOTAL, &|_| true)
}

fn read(words: &[String]) -> Result<Vec<u16>, WordsError> {
    only(&words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn paper_5_round_trip_in_any_mix(
        numbers in prop::collection::vec(0u16..512, 1..=90), fa in any::<u128>(),
    ) {
        let words = to_words(&numbers);
        let lengths = 1 + CHECK..=96;
        prop_assert_eq!(words.len(), numbers.len() + CHECK);
        let mixed: Vec<_> = words.iter().enumerate()
            .map(|(i, w)| if fa >> i & 1 == 1 { w.fa } else { w.en }).collect();
        prop_assert_eq!(from_words(&mixed.join(" "), lengths.clone(), &|_| true), Ok(numbers.clone()));
        let both: String =
            words.iter().enumerate().map(|(i, w)| format!("{}. {}\t{}\n", i + 1, w.fa, w.en)).collect();
        prop_assert_eq!(from_words(&both, lengths, &|_| true), Ok(numbers));
    }

    #[test]
    fn paper_6_two_wrong_words_are_named(
        a in 0..TOTAL, b in 0..TOTAL, by_a in 1usize..512, by_b in 1usize..512,
    ) {
        let good = to_words(&sealed());
        let mut words = english();
        words[a] = word(good[a].index ^ by_a).en.to_owned();
        match read(&words).unwrap_err() {
            WordsError::Wrong { number, en, .. } => prop_assert_eq!((number, en), (a + 1, good[a].en)),
            other => prop_assert!(false, "{:?}", other),
        }
        if a != b {
            words[b] = word(good[b].index ^ by_b).en.to_owned();
            let (a, b) = (a.min(b) + 1, a.max(b) + 1);
            match read(&words).unwrap_err() {
                WordsError::Two(x, y, ..) | WordsError::Swapped(x, y) => {
                    prop_assert_eq!((x, y), (a, b));
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}

#[test]
fn paper_6_swapped_missing_extra() {
    let good = english();
    // Beside a word like itself one too many could be either.
    let Some(stranger) = all_words().map(|w| w.en).find(|w| !good.contains(&(*w).to_owned()))
    else {
        panic!("the sheet has every word");
    };
    for at in 0..TOTAL {
        let mut words = good.clone();
        let gone = words.remove(at);
        match read(&words).unwrap_err() {
            // One of several alike in a row could be any of them.
            WordsError::Missing { number, en, .. } => {
                assert_eq!(en, gone);
                assert!(good[number - 1..=at].iter().all(|w| *w == gone), "{number} {at}");
            }
            other => panic!("{at}: {other:?}"),
        }
        let mut words = good.clone();
        words.insert(at, stranger.into());
        assert!(matches!(read(&words), Err(WordsError::Extra(n)) if n == at + 1), "{at}");
    }
    let mut words = good.clone();
    words.swap(3, 40);
    assert_eq!(read(&words), Err(WordsError::Swapped(4, 41)));
    words.truncate(50);
    assert_eq!(read(&words), Err(WordsError::Count { have: 50, want: "70".into() }));
    assert_eq!(only(""), Err(WordsError::Count { have: 0, want: "70".into() }));
    let mut words = good;
    for at in [1, 5, 9, 33] {
        words[at] = if words[at] == "apron" { "ocean".into() } else { "apron".into() };
    }
    assert_eq!(read(&words), Err(WordsError::Many));
}

#[test]
fn inv_10_several_lengths() {
    let data: Vec<u16> = (0..40).map(|i| 200 + i).collect();
    let good: Vec<String> = to_words(&data).iter().map(|w| w.fa.to_owned()).collect();
    let read = |words: &[String]| {
        // The first number tells how many there are, as the head of an invite does.
        from_words(&words.join(" "), 35..=96, &|n| usize::from(n[0]) == 160 + n.len())
    };
    assert_eq!(read(&good), Ok(data));
    for at in 0..good.len() {
        let mut words = good.clone();
        let gone = words.remove(at);
        let error = read(&words).unwrap_err();
        assert!(
            matches!(&error, WordsError::Missing { number, fa, .. } if *number == at + 1 && *fa == gone),
            "{error:?}"
        );
        let mut words = good.clone();
        words.insert(at, "پیشبند".into());
        assert_eq!(read(&words), Err(WordsError::Extra(at + 1)));
    }
    let (mut few, mut many) = (good.clone(), good.clone());
    few.truncate(20);
    assert_eq!(read(&few), Err(WordsError::Count { have: 20, want: "35 to 96".into() }));
    (0..3).for_each(|_| many.extend(good.clone()));
    let error = read(&many).unwrap_err();
    assert!(matches!(error, WordsError::Count { have: 97.., .. }), "{error:?}");
    let mut three = good;
    three.truncate(43);
    assert_eq!(read(&three), Err(WordsError::Many));
}

#[test]
fn paper_7_an_endless_text_is_not_read() {
    let error = only(&"apron, 7. ".repeat(1_000_000)).unwrap_err();
    assert!(matches!(error, WordsError::Count { have: 71.., .. }), "{error:?}");
    assert!(matches!(only(&"?".repeat(1_000_000)), Err(WordsError::Count { .. })));
    assert!(matches!(only(&"a".repeat(1_000_000)), Err(WordsError::Unknown { .. })));
}

#[test]
fn inv_11_words_are_told_from_other_texts() {
    assert!(looks_like_words("chamomile apron, بابونه ocean"));
    assert!(looks_like_words("1. chamomile 2. aprn 3. ocean 4. bubble"));
    for no in
        ["", "yadgar:abcdef", "chamomile apron", "http://10.0.0.1/", "this is some other text"]
    {
        assert!(!looks_like_words(no), "{no}");
    }
}

#[test]
fn paper_6_words_that_cannot_be_read() {
    let mut words = english();
    for at in [0, 20, 21, 69] {
        words[at] = "?".into();
    }
    assert_eq!(read(&words), Ok(sealed()));
    words[50] = "؟".into();
    assert_eq!(read(&words), Err(WordsError::Many));
}

#[test]
fn paper_7_letter_forms_numbers_and_signs() {
    let plain: Vec<_> = to_words(&sealed()).iter().map(|w| w.fa).collect();
    let typed: String = plain
        .iter()
        .enumerate()
        .map(|(i, w)| {
            let arabic = w.replace('ی', "ي").replace('ک', "ك").replace('آ', "ا");
            format!("{}) {}\u{200c}\u{64e},\r\n", i + 1, arabic)
        })
        .collect();
    assert_eq!(only(&typed), Ok(sealed()));
    let numbered: String = english().iter().map(|w| format!("۱۲.{} ", w.to_uppercase())).collect();
    assert_eq!(only(&numbered), Ok(sealed()));
    // Folding makes no two words one.
    assert_eq!(Known::new().0.len(), 1024);
}

#[test]
fn paper_7_unknown_words_and_pairs() {
    let mut words = english();
    words[16] = "chamomilr".into();
    let unknown = WordsError::Unknown { number: 17, text: "chamomilr".into(), near: "chamomile" };
    assert_eq!(read(&words), Err(unknown));
    let mut both: Vec<_> = to_words(&sealed()).iter().map(|w| [w.fa, w.en]).collect();
    both[16][0] = if both[16][1] == "apron" { "بابونه" } else { "پیشبند" };
    let error = only(&both.concat().join(" ")).unwrap_err();
    assert!(matches!(error, WordsError::Pair { number: 17, .. }), "{error:?}");
    both[16][0] = "پیشبندد";
    let error = only(&both.concat().join(" ")).unwrap_err();
    assert!(matches!(error, WordsError::Unknown { number: 17, .. }), "{error:?}");
}
