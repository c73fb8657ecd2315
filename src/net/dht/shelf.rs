//! The store that libp2p-kad asks for: records of providers by our own rules, and no values at all.

use crate::net::addr::around;
use libp2p::kad::store::{Error, RecordStore, Result};
use libp2p::kad::{ProviderRecord, Record, RecordKey};
use libp2p::{Multiaddr, PeerId};
use std::borrow::Cow;
use std::net::IpAddr;
use std::time::{Duration, Instant};
use yadgar_protocol::dht::{Class, DhtKey, Kept, Providers, Refused};

/// The records.
pub struct Shelf {
    local: PeerId,
    start: Instant,
    own: Vec<ProviderRecord>,
    others: Providers<PeerId, Multiaddr>,
}

impl Shelf {
    /// An empty one of the node with this id.
    pub fn new(local: PeerId) -> Self {
        Self { local, start: Instant::now(), own: Vec::new(), others: Providers::default() }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Keeps what a node told that is connected from this public network, see [`Providers::add`].
    ///
    /// # Errors
    /// When there is no room.
    pub fn keep(
        &mut self,
        key: DhtKey,
        peer: PeerId,
        network: Option<IpAddr>,
        addresses: Vec<Multiaddr>,
    ) -> std::result::Result<(), Refused> {
        let name = |network: Option<IpAddr>| {
            let name = network.map_or_else(|| peer.to_bytes(), |ip| ip.to_string().into_bytes());
            let mut class = [0; 8];
            class.copy_from_slice(&blake3::hash(&name).as_bytes()[..8]);
            u64::from_le_bytes(class)
        };
        let class = Class { network: name(network), coarse: name(network.map(around)) };
        self.others.add(key, peer, class, addresses, (self.now(), rand::random()))
    }

    /// Where a node told that it is, of an archive.
    pub fn addresses(&self, key: &DhtKey, peer: &PeerId) -> Vec<Multiaddr> {
        let kept = self.others.of(key, self.now()).find(|kept| kept.peer == *peer);
        kept.map(|kept| kept.addresses.clone()).unwrap_or_default()
    }

    /// Forgets what a node told.
    pub fn forget_peer(&mut self, peer: &PeerId) {
        self.others.remove_peer(peer);
    }

    /// Records, own and others'.
    pub fn len(&self) -> usize {
        self.own.len() + self.others.len()
    }
}

impl RecordStore for Shelf {
    type RecordsIter<'a> = std::iter::Empty<Cow<'a, Record>>;
    type ProvidedIter<'a> = std::vec::IntoIter<Cow<'a, ProviderRecord>>;

    fn get(&self, _: &RecordKey) -> Option<Cow<'_, Record>> {
        None
    }

    fn put(&mut self, _: Record) -> Result<()> {
        Err(Error::MaxRecords)
    }

    fn remove(&mut self, _: &RecordKey) {}

    fn records(&self) -> Self::RecordsIter<'_> {
        std::iter::empty()
    }

    /// Only for our own: what others tell comes by [`Shelf::keep`].
    fn add_provider(&mut self, record: ProviderRecord) -> Result<()> {
        if record.provider != self.local {
            return Err(Error::MaxProvidedKeys);
        }
        if !self.own.contains(&record) {
            self.own.push(record);
        }
        Ok(())
    }

    fn providers(&self, key: &RecordKey) -> Vec<ProviderRecord> {
        let own = self.own.iter().filter(|record| record.key == *key).cloned();
        let others = DhtKey::from_bytes(key.as_ref()).into_iter().flat_map(|dht| {
            let record = |kept: &Kept<PeerId, Multiaddr>| {
                ProviderRecord::new(key.clone(), kept.peer, kept.addresses.clone())
            };
            self.others.of(&dht, self.now()).map(record).collect::<Vec<_>>()
        });
        own.chain(others).collect()
    }

    fn provided(&self) -> Self::ProvidedIter<'_> {
        let own: Vec<_> = self.own.iter().map(Cow::Borrowed).collect();
        own.into_iter()
    }

    fn remove_provider(&mut self, key: &RecordKey, peer: &PeerId) {
        self.own.retain(|record| record.key != *key || record.provider != *peer);
        if let Some(key) = DhtKey::from_bytes(key.as_ref()) {
            self.others.remove(&key, peer);
        }
    }
}
