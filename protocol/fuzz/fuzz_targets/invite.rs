//! Invites as text and in words, and lists of mirrors: what is one is the same one when it is written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::mirrors::Mirrors;

fuzz_target!(|text: &str| {
    if let Ok(invite) = Invite::read(text) {
        // Kinds that are not known are not written.
        let again = Invite { unknown: 0, ..invite };
        assert_eq!(Invite::parse(&again.to_string()), Ok(again.clone()));
        let words = again.to_words().words;
        let said: String = words.iter().map(|word| format!("{} ", word.en)).collect();
        assert!(Invite::from_words(&said).is_ok_and(|read| read.archive == again.archive));
    }
    if let Ok(list) = Mirrors::parse(text.as_bytes())
        && list.unknown.is_empty()
    {
        assert_eq!(Mirrors::encode(&list.places).as_deref(), Ok(text.as_bytes()));
    }
});
