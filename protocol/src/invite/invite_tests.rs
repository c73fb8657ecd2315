//! One test for each clause of the invite.
use super::*;
use crate::ids::Hash;
use proptest::prelude::*;

const ONE: &str = "/ip4/192.168.1.5/tcp/4001";
const TWO: &str = "/dns4/نمونه.example/tcp/443/http-path/a%2Fb&c d";

fn invite(addresses: &[&str]) -> Invite {
    let addresses = addresses.iter().map(|a| (*a).to_owned()).collect();
    Invite::new(ArchiveId(Hash::of(b"a")), addresses).unwrap()
}

fn refused(text: &str) -> &'static str {
    Invite::parse(text).unwrap_err().clause
}

/// An invite with a right check, whatever its addresses look like.
fn with_query(query: &str) -> String {
    let id = ArchiveId(Hash::of(b"a")).to_string();
    format!("yadgar:{id}{}{query}", check_of(&id, query))
}

#[test]
fn inv_1_round_trip() {
    for addresses in [&[][..], &[ONE], &[ONE, TWO]] {
        let invite = invite(addresses);
        assert_eq!(Invite::parse(&invite.to_string()).unwrap(), invite);
    }
    assert_eq!(invite(&[]).to_string().len(), 7 + 52 + 8);
    assert_eq!(invite(&[]).to_string(), with_query(""));
}

#[test]
fn inv_1_form() {
    let text = invite(&[ONE]).to_string();
    assert_eq!(refused(""), "INV-1");
    assert_eq!(refused(&text.replace("yadgar:", "yadger:")), "INV-1");
    for length in 1..text.len() {
        assert!(Invite::parse(&text[..length]).is_err(), "cut off at {length}");
    }
    assert!(Invite::parse(&format!("{text}x")).is_err());
    // Text where a character is more than one byte at the places that are cut.
    for n in 0..9 {
        assert_eq!(refused(&("y".repeat(n) + &"ی".repeat(80))), "INV-1");
    }
    assert!(Invite::parse(&("yadgar:".to_owned() + &"ی".repeat(80))).is_err());
    // ID-3: unused bits of the last character, with a check that fits.
    let id = text[7..59].to_owned();
    let other = if id.ends_with('q') { 'r' } else { 'b' };
    let odd = id[..51].to_owned() + &other.to_string();
    assert_eq!(refused(&format!("yadgar:{odd}{}", check_of(&odd, ""))), "ID-3");
}

#[test]
fn inv_2_addresses() {
    let text = invite(&[TWO]).to_string();
    assert!(text.is_ascii() && text.ends_with("http-path/a%252Fb%26c%20d"), "{text}");
    for query in [
        "?", "?a=", "?B=/x", "?bc=/x", "?=/x", "?b", "?b=", "&a=/x", "?a=x", "?a=/x&", "?a=/%2",
        "?a=/%zz", "?a=/%ff",
    ] {
        assert_eq!(refused(&with_query(query)), "INV-2", "{query}");
    }
    // Not the one text of that address: needless or lower-case encoding, bare UTF-8.
    for query in ["?a=/%61", "?a=/%d9%86", "?a=/ن"] {
        assert_eq!(refused(&with_query(query)), "INV-2", "{query}");
    }
    assert!(Invite::parse(&with_query("?a=/%D9%86")).is_ok());
    let nine = vec![ONE.to_owned(); 9];
    let nine_fields = nine.iter().map(|a| (PEER, a.as_str()));
    assert_eq!(refused(&with_query(&query_of(nine_fields))), "INV-2");
    assert!(Invite::new(ArchiveId(Hash::of(b"a")), nine).is_err());
    let long = vec![format!("/{}", "x".repeat(2048))];
    let long_field = long.iter().map(|a| (PEER, a.as_str()));
    assert_eq!(refused(&with_query(&query_of(long_field))), "INV-1");
    assert!(Invite::new(ArchiveId(Hash::of(b"a")), long).is_err());
}

#[test]
fn inv_6_web_addresses() {
    let places = [ONE, "https://a.example/x&y/", "http://192.168.1.5/%D9%86/"];
    let places = places.map(|text| Place::parse(text).unwrap());
    let invite = Invite::with(ArchiveId(Hash::of(b"a")), places).unwrap();
    let text = invite.to_string();
    let end =
        "?a=/ip4/192.168.1.5/tcp/4001&u=https://a.example/x%26y/&u=http://192.168.1.5/%25D9%2586/";
    assert!(text.ends_with(end), "{text}");
    assert_eq!(Invite::parse(&text).unwrap(), invite);
    for query in ["?u=/ip4/1.2.3.4/tcp/1", "?u=http://a.example/", "?u=https://a.example"] {
        assert_eq!(refused(&with_query(query)), "INV-6", "{query}");
    }
    assert_eq!(refused(&with_query("?a=https://a.example/")), "INV-2");
    let nine = (0..9).map(|n| Place::parse(&format!("https://m{n}.example/")).unwrap());
    assert_eq!(Invite::with(ArchiveId(Hash::of(b"a")), nine).unwrap_err().clause, "INV-2");
}

#[test]
fn inv_7_order_and_kinds_that_are_not_known() {
    assert_eq!(refused(&with_query("?u=https://a.example/&a=/x")), "INV-7");
    assert_eq!(refused(&with_query("?b=x&a=/x")), "INV-7");
    let read = Invite::parse(&with_query("?a=/x&b=what%20ever&u=https://a.example/&z=1")).unwrap();
    assert_eq!((read.addresses.len(), read.urls.len(), read.unknown), (1, 1, 2));
    // What is not known is counted and written in the same way.
    assert_eq!(refused(&with_query("?b=%61")), "INV-2");
    assert_eq!(refused(&with_query(&format!("?{}", ["b=1"; 9].join("&")))), "INV-2");
}

#[test]
fn inv_3_spaces_marks_and_case() {
    let invite = invite(&[ONE]);
    let text = invite.to_string();
    let spread = |gap: &str| text.chars().map(|c| format!("{c}{gap}")).collect::<String>();
    for gap in [" ", "\r\n", "\t", "\u{a0}", "\u{200b}", "\u{200f}", "\u{202e}", "\u{feff}"] {
        assert_eq!(Invite::parse(&spread(gap)).unwrap(), invite);
    }
    let (body, query) = text.split_at(7 + 52 + 8);
    assert_eq!(Invite::parse(&(body.to_uppercase() + query)).unwrap(), invite);
    assert_eq!(refused(&text.to_uppercase()), "INV-3", "the case of an address is kept");
}

#[test]
fn inv_3_every_character_replaced_by_every_likely_one() {
    let text = invite(&[ONE]).to_string();
    let others = "abcdefghijklmnopqrstuvwxyz0123456789/:?&=.%-AO لﻻıK";
    for (at, old) in text.char_indices() {
        for new in others.chars() {
            let case_only = at < 67 && new.eq_ignore_ascii_case(&old);
            if new != old && !case_only {
                let changed = [&text[..at], &new.to_string(), &text[at + 1..]].concat();
                assert!(Invite::parse(&changed).is_err(), "{changed}");
            }
        }
    }
}

proptest! {
    #[test]
    fn inv_3_one_wrong_character_or_two_swapped(
        seed in any::<[u8; 32]>(),
        spot in any::<prop::sample::Index>(),
        new in any::<char>(),
    ) {
        let invite = Invite::new(ArchiveId(Hash(seed)), vec![ONE.into()]).unwrap();
        let mut chars: Vec<char> = invite.to_string().chars().collect();
        let at = spot.index(chars.len());
        let old = std::mem::replace(&mut chars[at], new);
        if old != new && !(at < 67 && old.eq_ignore_ascii_case(&new)) {
            prop_assert!(Invite::parse(&chars.iter().collect::<String>()).is_err());
        }
        chars[at] = old;
        let next = (at + 1) % chars.len();
        chars.swap(at, next);
        let same = chars.iter().collect::<String>() == invite.to_string();
        prop_assert_eq!(Invite::parse(&chars.iter().collect::<String>()).is_ok(), same);
    }

    #[test]
    fn inv_1_any_text_is_read_or_refused(text in "\\PC{0,120}") {
        let _ = Invite::parse(&text);
        let _ = Invite::parse(&format!("yadgar:{text}"));
    }

    #[test]
    fn inv_1_any_addresses_come_back(
        addresses in prop::collection::vec("/\\PC{1,20}", 0..8),
    ) {
        let invite = Invite::new(ArchiveId(Hash::of(b"x")), addresses).unwrap();
        prop_assert_eq!(Invite::parse(&invite.to_string()).unwrap(), invite);
    }
}
