//! The file of remembered addresses, also of a node that does not run.

use super::{key_of, multiaddr};
use crate::durable::{Mode, write_atomic};
use crate::lan;
use crate::net::addr::peer_of_ed25519;
use crate::node::handle::RememberedStatus;
use std::io::{self, Read as _};
use std::path::Path;
use yadgar_protocol::Reject;
use yadgar_protocol::limits::MAX_PEER_FILE_BYTES;
use yadgar_protocol::peers::{Dial, Known, Memory, Network};

pub(super) fn read_kept(file: &Path) -> Option<Vec<u8>> {
    let open = match std::fs::File::open(file) {
        Ok(open) => open,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return None,
        Err(e) => {
            tracing::warn!("the remembered addresses cannot be read and begin anew: {e}");
            return None;
        }
    };
    let mut bytes = Vec::new();
    let most = MAX_PEER_FILE_BYTES as u64 + 1;
    open.take(most).read_to_end(&mut bytes).ok().map(|_| bytes)
}

/// Records as people see them.
pub(super) fn described(known: Vec<Known>) -> Vec<RememberedStatus> {
    let told = |known: Known| {
        let Known { place, here, key, addresses, proved, fails } = known;
        let dials = addresses.into_iter().map(|address| Dial { place, key, address });
        let addresses = dials.filter_map(|dial| multiaddr(&dial));
        Some(RememberedStatus {
            peer: peer_of_ed25519(key.as_bytes())?.to_string(),
            addresses: addresses.map(|address| address.to_string()).collect(),
            here,
            proved,
            fails,
        })
    };
    known.into_iter().filter_map(told).collect()
}

/// What a file has of a node that does not run.
///
/// # Errors
/// When it is damaged.
pub fn kept(file: &Path) -> Result<Vec<RememberedStatus>, Reject> {
    let Some(mut memory) = offline(file)? else { return Ok(Vec::new()) };
    let home = *memory.home();
    let network = |n: lan::SeenNetwork| Network::new(&home, n.ip, n.prefix, n.gateway);
    memory.situated(lan::networks().into_iter().map(network).collect(), Vec::new(), false);
    Ok(described(memory.known()))
}

/// Forgets what a file has of a node that does not run, but the number of its last record. One that is damaged goes.
///
/// # Errors
/// When the file cannot be replaced, or there are no random numbers.
pub fn forget_kept(file: &Path) -> io::Result<()> {
    let mut home = [0; 32];
    getrandom::fill(&mut home).map_err(io::Error::other)?;
    match offline(file) {
        Ok(None) => Ok(()),
        Ok(Some(mut memory)) => {
            memory.forget(home);
            memory.to_keep().map_or(Ok(()), |bytes| write_atomic(file, &bytes, Mode::Private))
        }
        Err(_) => crate::durable::remove_durable(file),
    }
}

/// The memory of a file, only to look at: it is nobody's.
fn offline(file: &Path) -> Result<Option<Memory>, Reject> {
    let nobody = key_of(&crate::net::Keypair::generate_ed25519().public().to_peer_id());
    let Some((bytes, own)) = read_kept(file).zip(nobody) else { return Ok(None) };
    Memory::from_kept(&bytes, own, [0; 32]).map(Some)
}
