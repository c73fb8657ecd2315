use super::*;
use proptest::prelude::*;

/// Bytes handed out at once.
const PIECE: u64 = 32 * 1024;

/// A peer of the model: how strongly its connection pushes on the shared line, what its own line takes
/// in bytes a millisecond, and when it comes.
#[derive(Debug, Clone, Copy)]
struct Reader {
    push: u64,
    own: u64,
    streams: usize,
    from: u64,
}

/// A line of `rate` bytes a millisecond that is shared as TCP does it: by how strongly each pushes, among
/// those who have something under way. `fair` false: nobody ever waits. Gives what each received until
/// `until`, or until the first had `most`.
fn run(readers: &[Reader], rate: u64, fair: bool, (until, most): (u64, u64)) -> Vec<u64> {
    let mut turns = Turns::new();
    let (mut buffer, mut got) = (vec![0; readers.len()], vec![0; readers.len()]);
    for now in 0..until {
        for (n, reader) in readers.iter().enumerate().filter(|(_, r)| r.from == now) {
            for _ in 0..reader.streams {
                turns.open(n);
                turns.begin(n);
            }
        }
        let here = || readers.iter().enumerate().filter(|(_, r)| r.from <= now);
        for (n, reader) in here() {
            // What the system holds for a connection: as much as its streams give it.
            for _ in 0..reader.streams {
                while buffer[n] < 4 * PIECE && (!fair || turns.may(n, now)) {
                    buffer[n] += PIECE;
                    turns.sent(n, PIECE, now);
                }
            }
        }
        let mut left = rate;
        // Who is limited by his own line leaves the rest to others: a few rounds settle that.
        let mut room: Vec<_> = readers.iter().map(|r| r.own).collect();
        for _ in 0..3 {
            let wants = |n: usize| buffer[n].min(room[n]);
            let push = |n: usize| if wants(n) > 0 { readers[n].push } else { 0 };
            let pushes: u64 = here().map(|(n, _)| push(n)).sum();
            let gets: Vec<_> =
                here().map(|(n, _)| (n, wants(n).min(left * push(n) / pushes.max(1)))).collect();
            for (n, bytes) in gets {
                buffer[n] -= bytes;
                room[n] -= bytes;
                got[n] += bytes;
                left -= bytes;
            }
        }
        if got.iter().any(|bytes| *bytes >= most) {
            break;
        }
    }
    got
}

fn reader() -> impl Strategy<Value = Reader> {
    (1..=20u64, 1..=4usize).prop_map(|(push, streams)| Reader {
        push,
        own: u64::MAX,
        streams,
        from: 0,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn each_gets_its_share_however_strongly_others_push(
        readers in prop::collection::vec(reader(), 2..40),
        each in 500..2_000u64,
    ) {
        let rate = each * readers.len() as u64;
        let got = run(&readers, rate, true, (60_000, 4 << 20));
        let fair = got.iter().sum::<u64>() / got.len() as u64;
        for bytes in &got {
            prop_assert!(*bytes * 10 >= fair * 8 && *bytes * 10 <= fair * 12, "{fair}: {got:?}");
        }
    }

    #[test]
    fn the_slow_hold_nobody_up(
        fast in prop::collection::vec(reader(), 1..6),
        slow in prop::collection::vec((1..40u64, 1..=20u64), 1..12),
        rate in 8_000..40_000u64,
    ) {
        let slow = slow.iter().map(|(own, push)| Reader { push: *push, own: *own, streams: 1, from: 0 });
        let readers: Vec<_> = fast.iter().copied().chain(slow).collect();
        let sum = |fair| run(&readers, rate, fair, (10_000, u64::MAX)).iter().sum::<u64>();
        let (free, with) = (sum(false), sum(true));
        // What is enough of the sum, but for what it costs to find out, one after another, who is slow: that does not
        // grow with time.
        let finding_out = 3 * LOSS_BYTES * readers.len() as u64;
        prop_assert!(with + finding_out >= enough(free), "{with} of {free}");
        // The slow get what their own lines take, but for what the others have to have first.
        let got = run(&readers, rate, true, (10_000, u64::MAX));
        for (bytes, reader) in got.iter().zip(&readers).skip(fast.len()) {
            prop_assert!(*bytes * 10 >= reader.own * 10_000 * 9, "{bytes} at {}", reader.own);
        }
    }
}

#[test]
fn who_comes_later_gets_a_share_from_then_on() {
    let reader = |push, from| Reader { push, own: u64::MAX, streams: 1, from };
    let readers = [reader(9, 0), reader(1, 5_000), reader(3, 5_000)];
    let before = run(&readers, 10_000, true, (5_000, u64::MAX));
    let after = run(&readers, 10_000, true, (15_000, u64::MAX));
    // Alone it had everything.
    assert!(before[0] >= 4_990 * 10_000, "{before:?}");
    let gained: Vec<_> = after.iter().zip(&before).map(|(a, b)| a - b).collect();
    let fair = gained.iter().sum::<u64>() / 3;
    assert!(gained.iter().all(|g| *g * 10 >= fair * 9 && *g * 10 <= fair * 11), "{gained:?}");
}

#[test]
fn one_alone_never_waits() {
    let mut turns = Turns::new();
    turns.open(1);
    turns.begin(1);
    for now in 0..10_000 {
        assert!(turns.may(1, now / 10));
        turns.sent(1, PIECE, now / 10);
    }
    // Nor who is with others that are owed nothing.
    turns.open(2);
    assert!((0..100).all(|_| turns.may(1, 1_001) && !turns.sent(1, PIECE, 1_001)));
}

#[test]
fn who_is_ahead_waits_and_is_told_when_to_go_on() {
    let mut turns = Turns::new();
    for peer in [1, 2] {
        turns.open(peer);
        turns.begin(peer);
    }
    let (start, mut pieces) = (u64::from(FREE_TICKS) * TICK_MS, 0);
    for now in 0..=start {
        turns.may(1, now);
    }
    while turns.may(1, start) {
        assert!(!turns.sent(1, PIECE, start));
        pieces += 1;
    }
    assert_eq!(pieces, LEAD_BYTES / PIECE);
    assert!(turns.sent(2, PIECE, start) && turns.may(1, start), "the other one got something");
    assert!(!turns.sent(1, PIECE, start) && !turns.may(1, start));
    assert!(turns.end(2) && turns.may(1, start), "the other one wants nothing more");
    // It begins at the level of the others when it comes back, and no lower.
    turns.sent(1, 50 * PIECE, start);
    turns.begin(2);
    assert!(turns.may(1, start) && turns.may(2, start));
    turns.close(2);
    turns.close(1);
    assert_eq!((turns.peers.len(), turns.left_behind()), (0, 0));
}

#[test]
fn one_that_reads_nothing_is_left_behind_in_less_than_a_second() {
    let mut turns = Turns::new();
    for peer in [1, 2] {
        turns.open(peer);
        turns.begin(peer);
    }
    let mut waited = 0;
    for now in 0..60_000 {
        if turns.may(1, now) {
            turns.sent(1, PIECE, now);
        } else {
            waited += 1;
        }
    }
    assert_eq!(turns.left_behind(), 1);
    // It is waited for again now and then, more and more seldom.
    assert!(waited > 100 && waited < 6 * 700, "{waited} ms of a minute");
}
