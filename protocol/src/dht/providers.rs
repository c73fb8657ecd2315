//! What a node keeps for others: who says that it has an archive (DHT-3, DHT-4).

use super::key::DhtKey;
use crate::limits::{
    DHT_KEEP_MS, DHT_SETTLED_MS, MAX_DHT_ADDRESSES, MAX_DHT_CLASS_RECORDS, MAX_DHT_KEY_CLASS,
    MAX_DHT_KEY_COARSE, MAX_DHT_KEY_RECORDS, MAX_DHT_PEER_RECORDS, MAX_DHT_RECORDS,
};
use core::time::Duration;
use std::collections::BTreeMap;

/// Why a record is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The node told of so many archives, or its network did.
    TooMany,
    /// There is no room: in all, for this archive, or there for those of the larger network.
    Full,
}

/// Whom a node is counted with, by names that mean nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// Its public network (IPv4 /24, IPv6 /48), or itself.
    pub network: u64,
    /// The larger one around it (IPv4 /16, IPv6 /32), or itself.
    pub coarse: u64,
}

/// A record that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<P, A> {
    /// Who has it.
    pub peer: P,
    /// Where it listens, by its own word: at most [`MAX_DHT_ADDRESSES`].
    pub addresses: Vec<A>,
    class: Class,
    /// Since when there is one of this node.
    since: Duration,
    until: Duration,
}

/// The records. `P` names peers, `A` is an address; time is monotonic, from any start.
#[derive(Debug)]
pub struct Providers<P, A> {
    keys: BTreeMap<DhtKey, Vec<Kept<P, A>>>,
    records: usize,
}

impl<P, A> Default for Providers<P, A> {
    fn default() -> Self {
        Self { keys: BTreeMap::new(), records: 0 }
    }
}

/// One that was there long enough goes.
fn give_way<P, A>(here: &mut Vec<Kept<P, A>>, now: Duration, chance: u64) -> Result<(), Refused> {
    let settled = |k: &Kept<P, A>| now.saturating_sub(k.since).as_millis() >= DHT_SETTLED_MS.into();
    let old: Vec<usize> = (0..here.len()).filter(|at| settled(&here[*at])).collect();
    let at = chance.checked_rem(old.len() as u64).ok_or(Refused::Full)?;
    here.swap_remove(old[at as usize]);
    Ok(())
}

impl<P: Copy + Ord, A: Clone> Providers<P, A> {
    /// Keeps that `peer` has the archive of `key`, for [`DHT_KEEP_MS`]; what it told before of that is replaced. Addresses
    /// over the limit are left out. `class` is whom it is counted with. When the key is full, one that was there for
    /// [`DHT_SETTLED_MS`] gives way, chosen by the random number `chance`: so nobody holds a key for good by having been
    /// there first, and a flood pushes out nobody who came of late.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn add(
        &mut self,
        key: DhtKey,
        peer: P,
        class: Class,
        mut addresses: Vec<A>,
        (now, chance): (Duration, u64),
    ) -> Result<(), Refused> {
        // What is over takes no room, of the key or of any class: else who announces once holds it for good.
        self.forget(now);
        addresses.truncate(MAX_DHT_ADDRESSES);
        let until = now + Duration::from_millis(DHT_KEEP_MS);
        let known = self.keys.get_mut(&key).and_then(|all| all.iter_mut().find(|k| k.peer == peer));
        if let Some(known) = known {
            *known = Kept { peer, addresses, class, since: known.since, until };
            return Ok(());
        }
        self.room(&key, &peer, class)?;
        let here = self.keys.entry(key).or_default();
        if here.len() >= MAX_DHT_KEY_RECORDS {
            give_way(here, now, chance)?;
            self.records -= 1;
        }
        here.push(Kept { peer, addresses, class, since: now, until });
        self.records += 1;
        Ok(())
    }

    fn room(&self, key: &DhtKey, peer: &P, class: Class) -> Result<(), Refused> {
        let count = |is: &dyn Fn(&Kept<P, A>) -> bool| self.all().filter(|k| is(k)).count();
        let here = self.keys.get(key).map(Vec::as_slice).unwrap_or_default();
        if count(&|k| k.peer == *peer) >= MAX_DHT_PEER_RECORDS
            || count(&|k| k.class.network == class.network) >= MAX_DHT_CLASS_RECORDS
            || here.iter().filter(|k| k.class.network == class.network).count() >= MAX_DHT_KEY_CLASS
        {
            return Err(Refused::TooMany);
        }
        // Honest nodes, too, are of one provider: that is no fault.
        let near = here.iter().filter(|k| k.class.coarse == class.coarse).count();
        match self.records >= MAX_DHT_RECORDS || near >= MAX_DHT_KEY_COARSE {
            true => Err(Refused::Full),
            false => Ok(()),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Kept<P, A>> {
        self.keys.values().flatten()
    }

    /// Who has the archive of a key.
    pub fn of(
        &self,
        key: &DhtKey,
        now: Duration,
    ) -> impl Iterator<Item = &Kept<P, A>> + use<'_, P, A> {
        self.keys.get(key).into_iter().flatten().filter(move |kept| kept.until > now)
    }

    /// Forgets what one node told of a key.
    pub fn remove(&mut self, key: &DhtKey, peer: &P) {
        if let Some(all) = self.keys.get_mut(key) {
            all.retain(|kept| kept.peer != *peer);
        }
        self.tidy();
    }

    /// Forgets all that a node told: it broke the rules.
    pub fn remove_peer(&mut self, peer: &P) {
        self.keys.values_mut().for_each(|all| all.retain(|kept| kept.peer != *peer));
        self.tidy();
    }

    /// Forgets what is too old.
    pub fn forget(&mut self, now: Duration) {
        self.keys.values_mut().for_each(|all| all.retain(|kept| kept.until > now));
        self.tidy();
    }

    fn tidy(&mut self) {
        self.keys.retain(|_, all| !all.is_empty());
        self.records = self.all().count();
    }

    /// Records that are kept.
    pub fn len(&self) -> usize {
        self.records
    }

    /// True when none is.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }
}
