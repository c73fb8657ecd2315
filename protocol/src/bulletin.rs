//! What goes before everything else: a fork proof and urgent notices (spec: withdraw.md, WD-9; trust.md, TRUST-24).

use crate::envelope::Envelope;
use crate::limits::{MAX_BULLETIN_BYTES, MAX_NOTICES};
use crate::reject::Reject;
use crate::trust::Fork;
use serde::{Deserialize, Serialize};

/// Decoded only: fork and notices are checked by [`Fork::check`] and [`crate::notice::check_notice`].
/// Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bulletin {
    /// The fork that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork: Option<Fork>,
    /// Always `bulletin`.
    pub kind: String,
    /// Version of the format.
    pub format: u64,
    /// Signed notices.
    pub notices: Vec<Envelope>,
}

impl Bulletin {
    /// A bulletin; the notices beyond the 64th are left out, and the last ones that would make it too long.
    pub fn new(fork: Option<Fork>, mut notices: Vec<Envelope>) -> Self {
        notices.truncate(MAX_NOTICES);
        let mut new = Self { fork, kind: "bulletin".into(), format: crate::cbor::FORMAT, notices };
        while new.encode().len() > MAX_BULLETIN_BYTES && new.notices.pop().is_some() {}
        new
    }

    /// True when there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.fork.is_none() && self.notices.is_empty()
    }

    /// Decodes a bulletin and checks its form, not what is signed in it.
    ///
    /// # Errors
    /// Encoding clauses; `WD-9` for what is no bulletin or has too many notices, `TRUST-23` for a fork
    /// that is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let bulletin: Self = crate::cbor::decode(bytes, MAX_BULLETIN_BYTES)?;
        crate::cbor::check_format(bulletin.format, "WD-9")?;
        if bulletin.kind != "bulletin" || bulletin.notices.len() > MAX_NOTICES {
            return Err(Reject::new("WD-9", "not a bulletin"));
        }
        bulletin.fork.as_ref().map(Fork::form).transpose()?;
        Ok(bulletin)
    }

    /// The encoded bulletin.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wd_9_bulletins_are_bounded() {
        let notice = Envelope::unsigned(vec![7; 60_000]);
        let one = Bulletin::new(None, vec![notice; 9]);
        assert_eq!(one.notices.len(), 4);
        assert_eq!(Bulletin::decode(&one.encode()).unwrap(), one);
        let small = Envelope::unsigned(vec![7; 10]);
        let many = Bulletin::new(None, vec![small.clone(); 70]);
        assert_eq!(many.notices.len(), MAX_NOTICES);
        let more = Bulletin { notices: vec![small; 65], ..many };
        assert_eq!(Bulletin::decode(&more.encode()).unwrap_err().clause, "WD-9");
        let other = Bulletin { kind: "head".into(), ..Bulletin::new(None, vec![]) };
        assert_eq!(Bulletin::decode(&other.encode()).unwrap_err().clause, "WD-9");
        assert!(Bulletin::new(None, vec![]).is_empty());
        let newer = Bulletin { format: 2, ..Bulletin::new(None, vec![]) };
        assert_eq!(Bulletin::decode(&newer.encode()).unwrap_err().clause, "ENC-9");
    }
}
