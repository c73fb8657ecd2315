//! Records: what is accepted encodes to the same bytes, has no fault, and its dates can be read; nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::record::dates::{self, System};
use yadgar_protocol::record::{Record, check, field_names, level};

fuzz_target!(|data: &[u8]| {
    let _ = field_names(data);
    if let Ok(text) = std::str::from_utf8(data) {
        for (system, to) in [
            (System::Gregorian, dates::to_jalali as fn(&str) -> Option<String>),
            (System::Persian, dates::to_gregorian),
        ] {
            if let Some((_, span)) = dates::parse(text, system) {
                assert!(span.from <= span.to);
            }
            let _ = to(text);
        }
    }
    let Ok(form) = Record::decode_form(data) else { return };
    assert_eq!(form.encode(), data);
    let faults = check(&form);
    assert_eq!(Record::decode(data).is_ok(), faults.is_empty());
    if let (Record::Victim(victim), true) = (&form, faults.is_empty()) {
        let _ = level(victim);
    }
});
