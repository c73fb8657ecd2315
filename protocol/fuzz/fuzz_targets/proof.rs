//! Proof files: what is accepted has the content that its entry says, and ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::{Hash, proof};

fuzz_target!(|data: &[u8]| {
    let Ok(proved) = proof::check(data) else { return };
    assert!(proved.signers() as u64 >= proved.threshold());
    if let Some(file) = proved.file {
        assert!(file.content.len() <= data.len());
        assert_eq!(file.content.len() as u64, file.entry.size);
        assert_eq!(Hash::of(&file.content), file.entry.file_hash());
    }
});
