use super::*;
use proptest::prelude::*;

const PEERS: [&str; 8] = [
    "/ip4/203.0.113.7/tcp/4774",
    "/ip4/203.0.113.7/udp/4774/quic-v1",
    "/ip6/2001:db8::7/tcp/4774",
    "/ip6/2001:db8::7/udp/443/quic-v1",
    "/dns/mirror.example.org/tcp/4774",
    "/dns/mirror.example.org/udp/4774/quic-v1",
    "/dns/mirror.example.org/tcp/443/tls/ws",
    "/dns/www.example.org/tcp/443/x-parity-wss/%2Fnvhzhl6pm2dxhj3xvn2uz4b7fq",
];
const WEB: [&str; 2] = ["https://mirror.example.org/a-b_c/", "http://192.168.1.5:8080/"];

fn invite(places: &[&str]) -> Invite {
    let places = places.iter().map(|text| Place::parse(text).unwrap());
    Invite::with(ArchiveId(Hash::of(b"spoken")), places).unwrap()
}

fn said(words: &[Word], pick: fn(&Word) -> &str) -> String {
    words.iter().map(pick).collect::<Vec<_>>().join(" ")
}

fn refused(bits: &Bits) -> &'static str {
    match Invite::from_words(&said(&to_words(&bits.words()), |w| w.en)) {
        Err(SpokenError::Form(reject)) => reject.clause,
        other => panic!("{other:?}"),
    }
}

/// Version, count and a made-up id.
fn head(version: u128, count: u128) -> Bits {
    let mut bits = Bits::default();
    bits.put(version, 2);
    bits.put(count, 3);
    (0..32).for_each(|byte| bits.put(byte, 8));
    bits
}

#[test]
fn inv_9_an_id_is_35_words() {
    let spoken = invite(&[]).to_words();
    assert_eq!((spoken.words.len(), spoken.left_out.len()), (35, 0));
    for pick in [|w: &Word| w.fa, |w: &Word| w.en] {
        assert_eq!(Invite::read(&said(&spoken.words, pick)), Ok(invite(&[])));
    }
    // An IPv4 address costs six words.
    assert_eq!(invite(&PEERS[..1]).to_words().words.len(), 41);
}

#[test]
fn inv_9_addresses() {
    for place in PEERS.into_iter().chain(WEB) {
        let invite = invite(&[place]);
        let spoken = invite.to_words();
        assert_eq!(spoken.left_out, []);
        assert_eq!(Invite::from_words(&said(&spoken.words, |w| w.fa)), Ok(invite), "{place}");
    }
    let both = invite(&[PEERS[0], PEERS[4], WEB[0]]);
    let spoken = both.to_words();
    assert_eq!(Invite::from_words(&said(&spoken.words, |w| w.en)), Ok(both));
}

#[test]
fn inv_9_what_is_left_out() {
    let named =
        "/ip4/203.0.113.7/tcp/4774/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";
    let spoken = invite(&[named]).to_words();
    assert_eq!(spoken, invite(&PEERS[..1]).to_words(), "the id of the peer is not said");
    let path = "/dns/www.example.org/tcp/443/x-parity-wss/%2F";
    let paths = ["", "a/b", "Zz", "a/p2p-circuit"].map(|odd| format!("{path}{odd}"));
    let others = [
        "/memory/1",
        "/dns6/a.example/tcp/1",
        "/ip4/203.0.113.7/tcp/80/ws",
        "https://a.example/X/",
    ];
    for odd in paths.iter().map(String::as_str).chain(others) {
        let spoken = invite(&[odd, PEERS[0]]).to_words();
        assert_eq!(spoken.left_out, [Place::parse(odd).unwrap()]);
        let read = Invite::from_words(&said(&spoken.words, |w| w.en)).unwrap();
        assert_eq!(read, invite(&PEERS[..1]));
    }
    let five: Vec<String> = (1..6).map(|n| format!("/ip4/203.0.113.{n}/tcp/4774")).collect();
    let five: Vec<&str> = five.iter().map(String::as_str).collect();
    assert_eq!(invite(&five).to_words().left_out, [Place::Peer(five[4].into())]);
    let long = format!("https://{}.example/", "a".repeat(30));
    let spoken = invite(&[&long, PEERS[2], &long, PEERS[0]]).to_words();
    assert!(spoken.words.len() <= MAX_SPOKEN_WORDS && spoken.left_out.len() == 1);
}

#[test]
fn inv_10_faults_are_named() {
    let good = invite(&PEERS[..1]).to_words().words;
    let texts: Vec<String> = good.iter().map(|w| w.en.to_owned()).collect();
    let read = |words: &[String]| match Invite::read(&words.join(" ")) {
        Err(SpokenError::Words(error)) => error,
        other => panic!("{other:?}"),
    };
    for at in 0..texts.len() {
        let mut words = texts.clone();
        words[at] = crate::words::word(good[at].index ^ 5).fa.into();
        assert!(
            matches!(read(&words), WordsError::Wrong { number, en, .. } if number == at + 1 && en == texts[at])
        );
        let mut words = texts.clone();
        words.remove(at);
        let error = read(&words);
        assert!(matches!(error, WordsError::Missing { en, .. } if en == texts[at]), "{error:?}");
        let next = (at + 7) % texts.len();
        if texts[at] != texts[next] {
            let mut words = texts.clone();
            words.swap(at, next);
            let (a, b) = (at.min(next) + 1, at.max(next) + 1);
            assert_eq!(read(&words), WordsError::Swapped(a, b));
        }
        let mut words = texts.clone();
        words[at] = "mistpyed".into();
        assert!(matches!(read(&words), WordsError::Unknown { number, .. } if number == at + 1));
    }
    // What was not understood is known from the others.
    let mut words = texts.clone();
    (words[0], words[20], words[40]) = ("?".into(), "؟".into(), "?".into());
    assert_eq!(Invite::read(&words.join("\n")), Ok(invite(&PEERS[..1])));
}

#[test]
fn inv_10_one_word_too_many_anywhere() {
    for places in [&[][..], &PEERS[..1], &PEERS[4..6]] {
        let good = invite(places).to_words().words;
        for (at, stranger) in (0..=good.len()).flat_map(|at| [(at, 0), (at, 300)]) {
            let mut words = good.clone();
            words.insert(at, crate::words::word(stranger));
            let error = Invite::from_words(&said(&words, |w| w.en)).unwrap_err();
            // Beside a word like itself it could be either.
            let beside = good.get(at).is_some_and(|w| w.index == stranger)
                || at.checked_sub(1).is_some_and(|before| good[before].index == stranger);
            let right = |n: usize| n == at + 1 || beside && n.abs_diff(at + 1) == 1;
            assert!(
                matches!(error, SpokenError::Words(WordsError::Extra(n)) if right(n)),
                "{at} {stranger}: {error:?}"
            );
        }
    }
}

#[test]
fn inv_10_the_first_word_is_missed() {
    let first = invite(&[]).to_words().words[0].index;
    assert!((128..256).contains(&first));
}

#[test]
fn inv_9_what_no_program_writes() {
    assert_eq!(refused(&head(0, 1)), "ENC-9");
    assert_eq!(refused(&head(2, 0)), "ENC-9");
    assert_eq!(refused(&head(1, 5)), "INV-9");
    let mut long = head(1, 0);
    long.put(0, 9);
    assert_eq!(refused(&long), "INV-9");
    let address = |kind: u128, value: u128, width: usize| {
        let mut bits = head(1, 1);
        bits.put(kind, 4);
        bits.put(value, width);
        bits
    };
    // A port of 0, padding that is not zero, a text that is cut, signs that are none, no web address.
    assert_eq!(refused(&address(0, 7 << 16, 48)), "INV-9");
    assert_eq!(refused(&address(0, (7 << 16 | 1) << 1 | 1, 49)), "INV-9");
    assert_eq!(refused(&address(4, 100, 7)), "INV-9");
    assert_eq!(refused(&address(7, 1 << 6 | 63, 13)), "INV-9");
    assert_eq!(refused(&address(7, 1 << 6, 13)), "INV-6");
}

#[test]
fn inv_7_kinds_that_are_not_known() {
    let mut bits = head(1, 3);
    bits.put(0, 4);
    bits.put(7 << 16 | 80, 48);
    bits.put(15, 4);
    bits.put(0x1234_5678, 40);
    let read = Invite::from_words(&said(&to_words(&bits.words()), |w| w.en)).unwrap();
    assert_eq!((read.addresses.len(), read.unknown), (1, 2));
}

#[test]
fn inv_11_read_tells_the_forms_apart() {
    let text = invite(&PEERS[..2]).to_string();
    assert_eq!(Invite::read(&text), Ok(invite(&PEERS[..2])));
    assert_eq!(Invite::read(&text.replace(':', " : ")), Ok(invite(&PEERS[..2])));
    for no in ["", "hello", "yadgar", "some text of four words"] {
        assert!(
            matches!(Invite::read(no), Err(SpokenError::Form(r)) if r.clause == "INV-1"),
            "{no}"
        );
    }
    let words = said(&invite(&[]).to_words().words, |w| w.fa);
    let arabic = words.replace('ی', "ي").replace('ک', "ك").replace(' ', "\u{200c} ،\n\t ");
    assert_eq!(Invite::read(&arabic), Ok(invite(&[])));
    let shouted = said(&invite(&[]).to_words().words, |w| w.en).to_uppercase();
    assert_eq!(Invite::read(&shouted), Ok(invite(&[])));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn inv_9_round_trip(id in any::<[u8; 32]>(), places in prop::sample::subsequence(PEERS.to_vec(), 0..=2)) {
        let places = places.into_iter().map(|text| Place::parse(text).unwrap());
        let invite = Invite::with(ArchiveId(Hash(id)), places).unwrap();
        let spoken = invite.to_words();
        prop_assert_eq!(Invite::from_words(&said(&spoken.words, |w| w.fa)), Ok(invite));
    }

    #[test]
    fn inv_9_any_words_are_read_or_refused(numbers in prop::collection::vec(0u16..512, 29..=90)) {
        let text = said(&to_words(&numbers), |w| w.en);
        if let Ok(invite) = Invite::from_words(&text) && invite.unknown == 0 {
            // Nothing else than what is written is read.
            prop_assert_eq!(said(&invite.to_words().words, |w| w.en), text);
        }
    }
}
