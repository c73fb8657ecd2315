//! Invites: what is one is the same one as text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::invite::Invite;

fuzz_target!(|text: &str| {
    if let Ok(invite) = Invite::parse(text) {
        assert_eq!(Invite::parse(&invite.to_string()), Ok(invite));
    }
});
