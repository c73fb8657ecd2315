//! Texts with couriers in them: any text is read; what was read is written and read back alike, whatever the text was
//! that it came in; and the bytes of the fuzzer themselves as a courier, in a text around.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::courier::{armour, read};
use yadgar_protocol::limits::{MAX_COURIER_LINES, MAX_COURIER_TEXTS};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Ok(found) = read(&text) {
        assert!(found.whole.len() + found.cut.len() <= MAX_COURIER_TEXTS);
        for bytes in &found.whole {
            let lines = armour(bytes).expect("it was read");
            assert_eq!(read(&lines.concat()).expect("short").whole, [bytes.clone()]);
        }
        for cut in &found.cut {
            assert!(cut.lines <= MAX_COURIER_LINES);
            assert!(!cut.missing.is_empty() && cut.missing.len() < usize::from(cut.lines));
            assert!(cut.missing.iter().all(|n| *n >= 1 && *n <= cut.lines));
        }
    }
    if let Ok(lines) = armour(data) {
        let around = format!("{}\n{}", &text, lines.join("\n> "));
        if let Ok(found) = read(&around) {
            let full = found.whole.len() + found.cut.len() + found.altered >= MAX_COURIER_TEXTS;
            assert!(full || found.whole.iter().any(|whole| whole == data));
        }
    }
});
