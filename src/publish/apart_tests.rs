use super::*;
use crate::publish::keys::{Key, KeyRing};
use yadgar_protocol::Hash;

/// A child that says these lines whatever it is asked.
fn says(lines: &[&Answer]) -> Command {
    let text: String = lines.iter().map(|l| serde_json::to_string(l).unwrap() + "\n").collect();
    let mut command = Command::new("sh");
    command.args(["-c", "printf '%s' \"$0\"; exec >/dev/null; cat", &text]);
    command
}

fn ring() -> KeyRing {
    KeyRing::new(vec![Key::from_seed(&[3; 32]).unwrap()])
}

fn public() -> Answer {
    Answer::Public(vec![base32(ring().public()[0].as_bytes())])
}

fn archive() -> ArchiveId {
    ArchiveId(Hash::of(b"a"))
}

#[test]
fn signatures_come_back() {
    let good = ring().sign(Context::Release, &archive(), b"payload").unwrap();
    let signed = Answer::Signed(vec![base32(&good[0].1)]);
    let apart = Apart::start(says(&[&public(), &Answer::Asked, &Answer::Opened, &signed])).unwrap();
    assert_eq!(apart.public(), ring().public());
    apart.open().unwrap();
    assert_eq!(apart.sign(Context::Release, &archive(), b"payload").unwrap(), good);
}

#[test]
fn a_child_that_signs_something_else_is_found_out() {
    let other = ring().sign(Context::Release, &archive(), b"other").unwrap();
    let one = base32(&other[0].1);
    for wrong in [vec![one.clone()], vec![], vec![one.clone(), one], vec!["x".to_owned()]] {
        let apart = Apart::start(says(&[&public(), &Answer::Signed(wrong)])).unwrap();
        let refused = apart.sign(Context::Release, &archive(), b"payload");
        assert!(matches!(refused, Err(SignError::Process(_))));
    }
}

#[test]
fn failures_come_through() {
    let failed = Answer::Failed { what: "no".into(), advice: None, exit: 3 };
    let apart = Apart::start(says(&[&public(), &failed])).unwrap();
    assert!(matches!(apart.open(), Err(SignError::Failed { exit: 3, .. })));
    // A passphrase that turns out wrong when the keys are opened.
    let late = Apart::start(says(&[&public(), &Answer::Asked, &failed])).unwrap();
    late.begin_open().unwrap();
    assert!(matches!(late.opened(), Err(SignError::Failed { exit: 3, .. })));
    assert!(matches!(Apart::start(says(&[&failed])), Err(SignError::Failed { exit: 3, .. })));
    for nothing in [says(&[]), says(&[&Answer::Opened]), says(&[&Answer::Public(vec![])])] {
        assert!(matches!(Apart::start(nothing), Err(SignError::Process(_))));
    }
    let weak = Answer::Public(vec![base32(&[0; 32])]);
    assert!(matches!(Apart::start(says(&[&weak])), Err(SignError::Process(_))));
}

#[test]
fn a_child_that_is_given_up_does_not_keep_us_waiting() {
    let line = serde_json::to_string(&public()).unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "printf '%s\\n' \"$0\"; exec sleep 600", &line]);
    let apart = Apart::start(command).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| apart.opened());
        apart.give_up();
        assert!(matches!(waiting.join().unwrap(), Err(SignError::Process(_))));
    });
}

#[test]
fn lines_have_a_bound() {
    let long = vec![b' '; MAX_LINE_BYTES as usize + 10];
    assert!(read::<Request>(&mut &long[..]).is_err());
    assert!(read::<Request>(&mut &b""[..]).unwrap().is_none());
    assert!(read::<Request>(&mut &b"{\"open\":1,\"more\":2}\n"[..]).is_err());
    let largest = Request::Sign {
        context: Context::TrustRoot.text().into(),
        archive: archive().to_string(),
        payload: base32(&vec![0xa5; MAX_PAYLOAD_BYTES]),
    };
    let mut line = Vec::new();
    write(&mut line, &largest).unwrap();
    assert!(matches!(read(&mut &line[..]).unwrap(), Some(Request::Sign { .. })));
}
