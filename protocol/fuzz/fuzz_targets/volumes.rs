//! Marks of volumes, parity sets, have files: what is accepted encodes to the same bytes, and its numbers are within
//! bounds, so that whoever uses them is too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::BlockId;
use yadgar_protocol::carrier::{ParitySet, Volume};
use yadgar_protocol::have::Have;
use yadgar_protocol::limits::{MAX_PARITY_REGIONS, MAX_PARITY_ROW_BYTES, MAX_VOLUMES};

fuzz_target!(|data: &[u8]| {
    if let Ok(mark) = Volume::decode(data) {
        assert_eq!(mark.encode(), data);
        assert!(mark.number >= 1 && mark.number <= mark.total());
        assert!(mark.total() <= MAX_VOLUMES as u64);
    }
    if let Ok(set) = ParitySet::decode(data) {
        assert_eq!(set.encode(), data);
        assert!(set.rows() * set.volumes() <= MAX_PARITY_REGIONS);
        assert!(set.width(0) * set.volumes() <= MAX_PARITY_ROW_BYTES as u64);
        let (block, at) = set.place(set.volumes() - 1, set.rows() - 1);
        assert_eq!(at + 32, set.table_length(block));
    }
    if let Ok(have) = Have::decode(data) {
        assert_eq!(have.encode(), data);
        let parts = have.states.iter().flat_map(|state| &state.parts);
        for lacks in parts.filter_map(|part| part.lacks.as_ref()) {
            let set = lacks.open().expect("it was decoded");
            set.contains(&BlockId::raw(data));
        }
    }
});
