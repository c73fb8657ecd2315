use super::*;
use proptest::prelude::*;

fn sealed() -> [u8; SEALED_BYTES] {
    std::array::from_fn(|i| (i * 37 + 11) as u8)
}

fn english() -> Vec<String> {
    to_words(&sealed()).iter().map(|w| w.en.to_owned()).collect()
}

fn read(words: &[String]) -> Result<[u8; SEALED_BYTES], WordsError> {
    from_words(&words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn paper_5_round_trip_in_any_mix(
        bytes in prop::collection::vec(any::<u8>(), SEALED_BYTES), fa in any::<u128>(),
    ) {
        let bytes = <[u8; SEALED_BYTES]>::try_from(bytes).unwrap();
        let words = to_words(&bytes);
        prop_assert_eq!(words.len(), TOTAL);
        let mixed: Vec<_> = words.iter().enumerate()
            .map(|(i, w)| if fa >> i & 1 == 1 { w.fa } else { w.en }).collect();
        prop_assert_eq!(from_words(&mixed.join(" ")), Ok(bytes));
        let both: String =
            words.iter().enumerate().map(|(i, w)| format!("{}. {}\t{}\n", i + 1, w.fa, w.en)).collect();
        prop_assert_eq!(from_words(&both), Ok(bytes));
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
    assert_eq!(read(&words), Err(WordsError::Count(50)));
    assert_eq!(from_words(""), Err(WordsError::Count(0)));
    let mut words = good;
    for at in [1, 5, 9, 33] {
        words[at] = if words[at] == "apron" { "ocean".into() } else { "apron".into() };
    }
    assert_eq!(read(&words), Err(WordsError::Many));
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
    assert_eq!(from_words(&typed), Ok(sealed()));
    let numbered: String = english().iter().map(|w| format!("۱۲.{} ", w.to_uppercase())).collect();
    assert_eq!(from_words(&numbered), Ok(sealed()));
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
    let error = from_words(&both.concat().join(" ")).unwrap_err();
    assert!(matches!(error, WordsError::Pair { number: 17, .. }), "{error:?}");
    both[16][0] = "پیشبندد";
    let error = from_words(&both.concat().join(" ")).unwrap_err();
    assert!(matches!(error, WordsError::Unknown { number: 17, .. }), "{error:?}");
}
