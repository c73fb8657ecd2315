use super::*;
use crate::Hash;
use proptest::prelude::*;

const FROM: &str = "192.168.43.7";

fn archive(n: u64) -> ArchiveId {
    ArchiveId(Hash::of(&n.to_le_bytes()))
}

fn noise(n: u64) -> [u8; DATAGRAM_BYTES] {
    let mut out = [0; DATAGRAM_BYTES];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut out);
    out
}

fn body(kind: Kind, node: u16, page: u16, echo: Echo) -> Body {
    Body { kind, ports: Ports { node, page }, echo }
}

fn sealed(n: u64, archives: &[(usize, u64)], what: &Body) -> Datagram {
    let mut slots = [None; BEACON_SLOTS];
    for (at, which) in archives {
        slots[*at] = Some(BeaconKey::of(&archive(*which)));
    }
    Datagram::seal(noise(n), &slots, what, FROM.parse().unwrap())
}

fn open(datagram: &Datagram, which: u64, from: &str) -> Result<Option<Body>, Reject> {
    datagram.open(&BeaconKey::of(&archive(which)), from.parse().unwrap())
}

#[test]
fn bea_1_one_length() {
    for length in [0, 1, 319, 321, 576, 1500, 65_535] {
        assert_eq!(Datagram::from_bytes(&vec![7; length]).err().unwrap().clause, "BEA-1");
    }
    let good = noise(1);
    assert_eq!(Datagram::from_bytes(&good).unwrap().bytes(), &good);
    assert_eq!(DATAGRAM_BYTES, 320);
}

#[test]
fn bea_2_who_knows_the_archive_reads_it_and_nobody_else() {
    let said = body(Kind::Announce, 4774, 8080, *b"12345678");
    for at in 0..BEACON_SLOTS {
        let datagram = sealed(9, &[(at, 1)], &said);
        assert_eq!(open(&datagram, 1, FROM), Ok(Some(said)));
        assert_eq!(open(&datagram, 2, FROM), Ok(None));
    }
    let all: Vec<_> = (0..BEACON_SLOTS).map(|at| (at, at as u64)).collect();
    let datagram = sealed(9, &all, &said);
    for which in 0..BEACON_SLOTS as u64 {
        assert_eq!(open(&datagram, which, FROM), Ok(Some(said)));
    }
}

#[test]
fn bea_2_from_another_address_it_does_not_open() {
    let datagram = sealed(9, &[(3, 1)], &body(Kind::Ask, 0, 0, NO_ECHO));
    for other in ["192.168.43.8", "fe80::1", "::c0a8:2b07"] {
        assert_eq!(open(&datagram, 1, other).unwrap_err().clause, "BEA-5", "{other}");
    }
    assert!(open(&datagram, 1, "::ffff:192.168.43.7").is_ok(), "the same address");
}

/// Nothing that two datagrams share could be followed from one to the other.
#[test]
fn bea_1_two_datagrams_have_nothing_in_common() {
    let said = body(Kind::Announce, 4774, 0, NO_ECHO);
    let (one, two) = (sealed(1, &[(0, 1)], &said), sealed(2, &[(0, 1)], &said));
    let runs = |d: &Datagram| d.bytes().windows(4).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (one, two) = (runs(&one), runs(&two));
    assert!(one.iter().all(|run| !two.contains(run)));
}

#[test]
fn bea_3_bodies_that_break_the_rules() {
    let no = NO_ECHO;
    let bad = [
        body(Kind::Announce, 0, 0, no),
        body(Kind::Announce, 22, 0, no),
        body(Kind::Announce, 1023, 0, no),
        body(Kind::Announce, 4774, 25, no),
        body(Kind::Ask, 22, 0, no),
        body(Kind::Ask, 0, 0, [1; 8]),
    ];
    for bad in bad {
        let datagram = sealed(4, &[(0, 1)], &bad);
        assert_eq!(open(&datagram, 1, FROM).unwrap_err().clause, "BEA-3", "{bad:?}");
    }
    let good = [
        body(Kind::Announce, 1024, 0, no),
        body(Kind::Announce, 0, 80, [1; 8]),
        body(Kind::Announce, 443, 65_535, no),
        body(Kind::Ask, 0, 0, no),
        body(Kind::Ask, 4774, 0, no),
    ];
    for good in good {
        assert_eq!(open(&sealed(4, &[(0, 1)], &good), 1, FROM), Ok(Some(good)));
    }
}

proptest! {
    #[test]
    fn bea_5_what_was_changed_anywhere_never_says_something_else(
        seed: u64, at in 0..BEACON_SLOTS, byte in 0..DATAGRAM_BYTES, flip in 1..=255u8,
        node in 1024..=65_535u16, echo: [u8; 8],
    ) {
        let said = body(Kind::Announce, node, 0, echo);
        let mut bytes = *sealed(seed, &[(at, 1)], &said).bytes();
        bytes[byte] ^= flip;
        let got = open(&Datagram::from_bytes(&bytes).unwrap(), 1, FROM);
        let own = SALT_BYTES + at * SLOT_BYTES;
        let kept = byte >= SALT_BYTES && !(own..own + SLOT_BYTES).contains(&byte);
        match got {
            Ok(Some(body)) => prop_assert!(kept && body == said),
            Ok(None) | Err(_) => prop_assert!(!kept),
        }
    }

    #[test]
    fn bea_5_noise_is_nobodys(seed: u64, which: u64) {
        let datagram = Datagram::from_bytes(&noise(seed)).unwrap();
        prop_assert_eq!(open(&datagram, which, FROM), Ok(None));
    }
}
