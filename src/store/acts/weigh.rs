//! How much an act takes away, and whether that is done at once (HOLD-1 to HOLD-6).

use super::count::{Weight, ledger};
use super::file::{self, ActKind, Acts, Dropped, Held, Loaded};
use super::{MAX_DENIED, MAX_HELD, NoticeVerdict, erase};
use crate::store::complete::{complete_head, on_chain};
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use yadgar_protocol::ledger::Loss;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::{Accepted, check_head};
use yadgar_protocol::withdraw::{Denied, Withdrawal};
use yadgar_protocol::{ArchiveId, Hash};

/// A statement that withdraws something.
pub(super) struct Statement<'a> {
    pub id: Hash,
    pub kind: ActKind,
    pub sequence: u64,
    pub date: &'a str,
    pub items: &'a [Withdrawal],
}

/// True when `list` has all `items`. The list of a release is ascending (WD-2).
pub(super) fn lists(list: &[Withdrawal], items: &[Withdrawal]) -> bool {
    items.iter().all(|w| list.binary_search_by(|other| other.item.cmp(&w.item)).is_ok())
}

/// Takes the withdrawals of a release that was accepted, before its head is written (WD-6). The
/// caller holds the lock on heads.
///
/// # Errors
/// When state or store fail; then the head must not be written either.
pub(in crate::store) fn take_release(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    head: &Accepted,
) -> Result<(), StoreError> {
    let (release, archive) = (&head.release, &head.release.archive);
    let loaded = file::load(states, archive)?;
    let mut acts = loaded.acts.clone();
    // A later release that does not repeat what an earlier one withdrew has taken it back, as long
    // as it was not honoured.
    for held in acts.held.iter_mut().filter(|held| held.kind == ActKind::Release) {
        held.items.retain(|w| lists(&release.withdrawn, std::slice::from_ref(w)));
    }
    for held in &mut acts.held {
        held.dropped = match held.dropped.take() {
            Some(dropped) if leads_to(store, release, &dropped)? => Some(dropped),
            // Root keys may have set it aside. If that cannot be told, the newest is what matters anyway.
            _ => None,
        };
    }
    acts.held.retain(|held| !held.items.is_empty() || held.dropped.is_some());
    super::notices::prune(&mut acts, archive, &release.withdrawn, head.trust_root());
    if acts != loaded.acts {
        file::save(states, archive, acts)?;
    }
    let statement = Statement {
        id: head.release_hash(),
        kind: ActKind::Release,
        sequence: release.sequence,
        date: &release.date,
        items: &release.withdrawn,
    };
    take(states, store, archive, &statement, Some(release), None).map(drop)
}

/// True when a release that waits to be shown is known to be on the chain that ends with `newest`.
fn leads_to(
    store: &dyn BlockStore,
    newest: &Release,
    dropped: &Dropped,
) -> Result<bool, StoreError> {
    let Ok(head) = check_head(&newest.archive, &dropped.head) else { return Ok(false) };
    Ok(on_chain(store, newest, &head.release)? == Some(true))
}

/// Honours the new withdrawals of a statement, or holds all of them (HOLD-2). `also` is a release that is
/// about to be trusted; `weighed` is the weight of the statement if somebody asked before. The caller holds the lock on heads.
pub(super) fn take(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    archive: &ArchiveId,
    statement: &Statement<'_>,
    also: Option<&Release>,
    weighed: Option<Weight>,
) -> Result<NoticeVerdict, StoreError> {
    let loaded = file::load(states, archive)?;
    if let Some(verdict) = decided(&loaded, statement) {
        return Ok(verdict);
    }
    let new: Vec<Withdrawal> = not_yet(&loaded, statement).cloned().collect();
    let mut acts = loaded.acts.clone();
    let Some(shown) = complete_head(states, archive)? else {
        // HOLD-6.
        honour(&mut acts, &new, archive);
        erase::deny(states, store, archive, acts, also, true)?;
        return Ok(NoticeVerdict::Taken);
    };
    let ledger = ledger(states, store, &shown.release, acts.ledger)?;
    let weight = match weighed {
        Some(weight) if weight.is_current(states, store, archive, also)? => weight,
        _ => Weight::of(states, store, archive, &new, also)?,
    };
    // What already waits in another act does not make this one heavier. But should there be room for it
    // here, it is done: a large act must not keep a small one from being honoured.
    let elsewhere =
        |w: &Withdrawal| acts.held.iter().any(|held| held.id != statement.id && waits(held, w));
    let fresh: Vec<Withdrawal> = new.iter().filter(|w| !elsewhere(w)).cloned().collect();
    for some in [&new, &fresh] {
        let room = acts.denied.len() + some.len() <= MAX_DENIED;
        if some.is_empty() {
            return Ok(NoticeVerdict::Known);
        }
        if let Some(after) = ledger.withdraw(weight.cost(some)).filter(|_| room) {
            acts.ledger = Some(after);
            honour(&mut acts, some, archive);
            let here = weight.covered(some) != Loss::default();
            erase::deny(states, store, archive, acts, also, here)?;
            return Ok(NoticeVerdict::Taken);
        }
    }
    acts.ledger = Some(ledger);
    hold(&mut acts, statement.id, |held| {
        *held = Held {
            id: statement.id,
            kind: statement.kind,
            sequence: statement.sequence,
            date: statement.date.to_owned(),
            loss: weight.covered(&fresh),
            items: fresh,
            dropped: held.dropped.take(),
        }
    });
    file::save(states, archive, acts)?;
    Ok(NoticeVerdict::Held(statement.id.to_hex()))
}

/// The withdrawals of a statement that are not honoured yet.
fn not_yet<'s>(loaded: &Loaded, statement: &Statement<'s>) -> impl Iterator<Item = &'s Withdrawal> {
    statement.items.iter().filter(|w| !loaded.denied.has(&w.item))
}

/// What became of a statement that was taken or held before: it need not be weighed again.
pub(super) fn decided(loaded: &Loaded, statement: &Statement<'_>) -> Option<NoticeVerdict> {
    if not_yet(loaded, statement).next().is_none() {
        return Some(NoticeVerdict::Known);
    }
    let held = &loaded.acts.held;
    let own = held.iter().any(|held| held.id == statement.id && !held.items.is_empty());
    let all = || not_yet(loaded, statement).all(|w| held.iter().any(|held| waits(held, w)));
    (own && all()).then(|| NoticeVerdict::Held(statement.id.to_hex()))
}

fn waits(held: &Held, w: &Withdrawal) -> bool {
    held.items.iter().any(|other| other.item == w.item)
}

/// Adds withdrawals to what is denied, and takes them out of what waits.
pub(super) fn honour(acts: &mut Acts, items: &[Withdrawal], archive: &ArchiveId) {
    let mut all = Denied::none(*archive);
    all.add(&acts.denied);
    all.add(items);
    for held in &mut acts.held {
        held.items.retain(|w| !all.has(&w.item));
    }
    acts.held.retain(|held| !held.items.is_empty() || held.dropped.is_some());
    acts.denied = all.list().cloned().collect();
}

/// Changes the held act of this id, a new one if there is none.
pub(super) fn hold(acts: &mut Acts, id: Hash, change: impl FnOnce(&mut Held)) {
    let at = acts.held.iter().position(|held| held.id == id).unwrap_or_else(|| {
        if acts.held.len() >= MAX_HELD {
            // A release that waits to be shown is not pushed out by notices: nobody would show it again.
            let at = acts.held.iter().position(|held| held.dropped.is_none());
            acts.held.remove(at.unwrap_or(0));
        }
        acts.held.push(Held {
            id,
            kind: ActKind::Release,
            sequence: 0,
            date: String::new(),
            loss: Loss::default(),
            items: Vec::new(),
            dropped: None,
        });
        acts.held.len() - 1
    });
    change(&mut acts.held[at]);
}
