//! What is kept of archives, and damage to it.
use super::*;

fn id(byte: u8) -> ArchiveId {
    ArchiveId(Hash([byte; 32]))
}

#[test]
fn keeps_and_lists() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("archives");
    let states = ArchiveStates::open(&dir).unwrap();
    assert_eq!(states.list().unwrap(), []);
    assert_eq!(states.trusted(&id(1)).unwrap(), None);
    assert_eq!(states.settings(&id(1)).unwrap(), ArchiveSettings::default());
    states.set_trusted(&id(2), b"two").unwrap();
    states.set_trusted(&id(1), b"").unwrap();
    states.set_trusted(&id(1), b"one").unwrap();
    states.set_complete(&id(1), b"older").unwrap();
    let settings = ArchiveSettings {
        parts: Some(vec!["core".into()]),
        addresses: vec!["/dns4/example.org".into()],
        urls: vec!["https://example.org/".into()],
        hosts: vec![WebHost { url: "https://example.org/".into(), ..WebHost::default() }],
        source: "carrier".into(),
        learned: Some("2026-01-02".into()),
        set_aside: None,
        agreement: Some(Agreement { same: 2, ..Agreement::default() }),
    };
    states.set_settings(&id(1), &settings).unwrap();
    std::fs::create_dir(dir.join("something else")).unwrap();
    std::fs::write(dir.join(id(1).to_string()).join(".yadgar-1-1.tmp"), b"x").unwrap();
    let states = ArchiveStates::open(&dir).unwrap();
    assert_eq!(states.list().unwrap(), [id(1), id(2)]);
    assert_eq!(states.trusted(&id(1)).unwrap().unwrap(), b"one");
    assert_eq!(states.complete(&id(1)).unwrap().unwrap(), b"older");
    assert_eq!(states.complete(&id(2)).unwrap(), None);
    assert_eq!(states.settings(&id(1)).unwrap(), settings);
    assert_eq!(std::fs::read_dir(dir.join(id(1).to_string())).unwrap().count(), 3);
}

#[test]
fn a_host_that_was_named_beside_a_proxy_stays_behind_it_until_that_is_lifted() {
    let host = |url: &str, proxied| WebHost { url: url.into(), proxied, ..WebHost::default() };
    let guards = |settings: &ArchiveSettings| -> Vec<bool> {
        settings.hosts.iter().map(|host| host.proxied).collect()
    };
    let mut settings = ArchiveSettings::default();
    assert!(settings.learn_hosts(&[host("a", true), host("b", true)], |_| false));
    let now = [host("a", false), host("b", false), host("c", false)];
    assert!(settings.learn_hosts(&now, |_| false));
    assert_eq!(guards(&settings), [true, true, false]);
    assert!(settings.learn_hosts(&now, |url| url == "b"));
    assert_eq!(guards(&settings), [true, false, false]);
    // A proxy that there is now guards from now on.
    assert!(settings.learn_hosts(&[host("b", true)], |_| true));
    assert!(settings.hosts.iter().any(|host| host.url == "b" && host.proxied));
}

#[test]
fn trust_17_a_damaged_head_is_never_a_missing_one() {
    let home = tempfile::tempdir().unwrap();
    let states = ArchiveStates::open(home.path()).unwrap();
    states.set_trusted(&id(1), b"the trusted head").unwrap();
    let path = home.path().join(id(1).to_string()).join(STATE);
    let good = std::fs::read(&path).unwrap();
    let mut bads: Vec<Vec<u8>> = (0..good.len()).map(|at| good[..at].to_vec()).collect();
    for at in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[at / 8] ^= 1 << (at % 8);
        bads.push(bad);
    }
    bads.push([good.as_slice(), b"x"].concat());
    bads.push(vec![0; PREFIX + MAX_HEAD_BYTES + 1]);
    for bad in bads {
        std::fs::write(&path, bad).unwrap();
        let error = states.trusted(&id(1)).unwrap_err();
        assert!(matches!(error, StoreError::Damaged(_)));
        assert!(error.to_string().contains(path.to_str().unwrap()));
    }
    states.set_trusted(&id(1), b"adopted again").unwrap();
    assert_eq!(states.trusted(&id(1)).unwrap().unwrap(), b"adopted again");
}

#[test]
fn damaged_settings_and_long_heads_are_errors() {
    let home = tempfile::tempdir().unwrap();
    let states = ArchiveStates::open(home.path()).unwrap();
    states.set_settings(&id(1), &ArchiveSettings::default()).unwrap();
    let path = home.path().join(id(1).to_string()).join(SETTINGS);
    std::fs::write(&path, "{\"parts\":").unwrap();
    assert!(matches!(states.settings(&id(1)).unwrap_err(), StoreError::Damaged(_)));
    states.set_trusted(&id(1), &vec![0; MAX_HEAD_BYTES + 1]).unwrap_err();
    assert_eq!(states.trusted(&id(1)).unwrap(), None);
}

#[test]
fn a_change_of_settings_changes_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let states = ArchiveStates::open(home.path()).unwrap();
    let settings = ArchiveSettings { source: "peer".into(), ..ArchiveSettings::default() };
    states.set_settings(&id(1), &settings).unwrap();
    // Many at once: none is lost.
    std::thread::scope(|scope| {
        for n in 0..8_u64 {
            let states = &states;
            scope.spawn(move || {
                let add = |s: &mut ArchiveSettings| s.addresses.push(n.to_string());
                states.change_settings(&id(1), add).unwrap();
            });
        }
    });
    let now = states.settings(&id(1)).unwrap();
    assert_eq!((now.source.as_str(), now.addresses.len()), ("peer", 8));
}
