//! Guests for whom there was no place: what was full decides who makes room (SLOT-3).

use super::addr::around;
use super::gate::GateError;
use super::limits::MAX_CROWDS;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Names of the bounds that a guest meets whom another's place would help, whoever that is.
const PLACES: [&str; 3] = [super::gate::IN_ALL, super::gate::INBOUND, super::gate::BESIDE_NAMED];

/// A network of which no more come in until one of it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Crowd {
    /// IPv4 /24, IPv6 /48.
    Network(IpAddr),
    /// IPv4 /16, IPv6 /32.
    Range(IpAddr),
}

impl Crowd {
    /// True for somebody from this network that is of the crowd.
    pub fn has(&self, network: IpAddr) -> bool {
        match self {
            Self::Network(own) => *own == network,
            Self::Range(own) => *own == around(network),
        }
    }
}

/// Those that came since it was asked last.
#[derive(Debug, Default)]
pub struct Knocks {
    guests: usize,
    crowds: BTreeSet<Crowd>,
}

impl Knocks {
    /// Notes why somebody of this network was not let in, if a guest that goes can help.
    pub fn note(&mut self, why: GateError, network: Option<IpAddr>) {
        let crowd = match (why, network) {
            (GateError::Full(name), _) if PLACES.contains(&name) => {
                self.guests += 1;
                return;
            }
            (GateError::Full(super::gate::OF_NETWORK), Some(network)) => Crowd::Network(network),
            (GateError::Full(super::gate::OF_RANGE), Some(network)) => {
                Crowd::Range(around(network))
            }
            _ => return,
        };
        if self.crowds.len() < MAX_CROWDS {
            self.crowds.insert(crowd);
        }
    }

    /// How many found no place at all, and the networks that were full.
    pub fn take(&mut self) -> (usize, BTreeSet<Crowd>) {
        let Self { guests, crowds } = std::mem::take(self);
        (guests, crowds)
    }
}
