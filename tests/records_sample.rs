//! The records of the sample archive, which the independent encoder wrote, are records of the spec.

use std::path::Path;
use yadgar_protocol::record::{Record, Yes, check, level};

#[test]
fn every_sample_record_is_well_formed_and_marked_fictional() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample-archive/records");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let bytes = std::fs::read(file.path()).unwrap();
        let name = file.file_name().into_string().unwrap();
        let record = Record::decode_form(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(check(&record), [], "{name}");
        assert_eq!(record.path(), format!("records/{name}"));
        assert_eq!(record.encode(), bytes);
        let Record::Victim(victim) = record else { panic!("{name}") };
        assert_eq!(victim.fictional, Some(Yes::Yes));
        let stated = victim.verification.as_ref().unwrap().level;
        assert!(stated == level(&victim) || stated.word() == "under_review");
        count += 1;
    }
    assert_eq!(count, 44);
}
