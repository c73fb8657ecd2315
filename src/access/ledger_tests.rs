use super::Local;
use crate::access::Archives;
use crate::carrier::lab::{Lab, noise};
use crate::store::BlockStore;
use crate::store::complete::Completed;
use crate::store::heads::ArchiveSettings;

fn publish(lab: &mut Lab, records: usize, media: usize) {
    let names = |what: &str, count| (0..count).map(|n| format!("{what}/{n:03}")).collect();
    let (core, rest): (Vec<String>, Vec<String>) = (names("records", records), names("m", media));
    let files = |names: &'_ [String]| -> Vec<(String, Vec<u8>)> {
        names.iter().enumerate().map(|(n, name)| (name.clone(), noise(50, n as u64))).collect()
    };
    let (core, rest) = (files(&core), files(&rest));
    let core: Vec<_> = core.iter().map(|(path, data)| (path.as_str(), data.clone())).collect();
    let rest: Vec<_> = rest.iter().map(|(path, data)| (path.as_str(), data.clone())).collect();
    lab.publish(&[("core", &core), ("media", &rest)]);
}

fn take(local: &Local, lab: &Lab) -> Completed {
    lab.store
        .all_ids(&mut |id| {
            local.store.put(vec![lab.store.get_packed(id).unwrap().unwrap()]).unwrap();
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    local.adopt(&lab.archive, &lab.head().bytes).unwrap();
    local.mark_complete(&lab.archive, &lab.head().bytes).unwrap()
}

#[test]
fn hold_4_half_of_the_files_and_half_again() {
    let dir = tempfile::tempdir().unwrap();
    let (local, mut lab) = (Local::open(dir.path(), None).unwrap(), Lab::new(1));
    publish(&mut lab, 3, 61);
    assert_eq!(take(&local, &lab), Completed::Shown);
    publish(&mut lab, 3, 29);
    assert_eq!(take(&local, &lab), Completed::Shown);
    publish(&mut lab, 3, 13);
    let Completed::Held(act) = take(&local, &lab) else { panic!("shown") };
    // A later release that has enough passes; the yes begins anew.
    publish(&mut lab, 3, 29);
    assert_eq!(take(&local, &lab), Completed::Shown);
    publish(&mut lab, 3, 13);
    let Completed::Held(other) = take(&local, &lab) else { panic!("shown") };
    assert_ne!(act, other);
    let act = yadgar_protocol::Hash::from_hex(&other).unwrap();
    local.approve(&lab.archive, &act).unwrap();
    publish(&mut lab, 3, 5);
    assert_eq!(take(&local, &lab), Completed::Shown);
}

#[test]
fn hold_1_parts_that_are_not_kept_any_more_are_not_missed() {
    let dir = tempfile::tempdir().unwrap();
    let (local, mut lab) = (Local::open(dir.path(), None).unwrap(), Lab::new(1));
    publish(&mut lab, 10, 90);
    assert_eq!(take(&local, &lab), Completed::Shown);
    let settings = local.settings(&lab.archive).unwrap();
    let settings = ArchiveSettings { parts: Some(vec!["core".into()]), ..settings };
    local.set_settings(&lab.archive, &settings).unwrap();
    publish(&mut lab, 11, 90);
    assert_eq!(take(&local, &lab), Completed::Shown);
}
