//! What travels by gossip (spec: sync.md, SYNC-9).

use crate::limits::MAX_GOSSIP_BYTES;

const HEAD: u8 = 1;
const NOTICE: u8 = 2;
const FORK_PROOF: u8 = 3;

/// A gossip message: a kind byte, then the encoded thing, not judged yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gossip<'a> {
    /// A head.
    Head(&'a [u8]),
    /// The envelope of an urgent notice.
    Notice(&'a [u8]),
    /// A fork proof.
    ForkProof(&'a [u8]),
    /// A kind that only a newer version knows: neither passed on nor held against anyone.
    Unknown(u8),
}

impl<'a> Gossip<'a> {
    /// Reads a message. `None` when it is empty or over the limit: no node sends that.
    pub fn decode(message: &'a [u8]) -> Option<Self> {
        let (&kind, body) = message.split_first().filter(|_| message.len() <= MAX_GOSSIP_BYTES)?;
        Some(match kind {
            HEAD => Self::Head(body),
            NOTICE => Self::Notice(body),
            FORK_PROOF => Self::ForkProof(body),
            kind => Self::Unknown(kind),
        })
    }

    /// The message as bytes. `None` when it is over the limit: it travels by exchange only.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let (kind, body): (u8, &[u8]) = match self {
            Self::Head(body) => (HEAD, body),
            Self::Notice(body) => (NOTICE, body),
            Self::ForkProof(body) => (FORK_PROOF, body),
            Self::Unknown(kind) => (*kind, &[]),
        };
        let fits = body.len() < MAX_GOSSIP_BYTES;
        fits.then(|| [&[kind], body].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sync_9_kinds_and_bounds() {
        let most = vec![9; MAX_GOSSIP_BYTES - 1];
        for body in [&[][..], &[7, 8], &most] {
            let kinds = [Gossip::Head(body), Gossip::Notice(body), Gossip::ForkProof(body)];
            for (kind, message) in (1..).zip(kinds) {
                let bytes = message.encode().unwrap();
                assert_eq!((bytes[0], &bytes[1..]), (kind, body));
                assert_eq!(Gossip::decode(&bytes), Some(message));
            }
        }
        let over = vec![1; MAX_GOSSIP_BYTES + 1];
        assert_eq!(Gossip::Head(&over[1..]).encode(), None);
        assert_eq!(Gossip::decode(&over), None);
        assert_eq!(Gossip::decode(&[]), None);
        for kind in (0..=255u8).filter(|kind| !(1..=3).contains(kind)) {
            assert_eq!(Gossip::decode(&[kind, 1, 2]), Some(Gossip::Unknown(kind)));
        }
    }
}
