//! The names by which others know a mirror again: one for each way in which it stands there, so that the one that is seen
//! with its address does not tell who is behind a proxy or a website.

use crate::access::IDENTITIES;
use crate::cli::{CliError, Exit};
use crate::durable::{Mode, write_atomic};
use crate::net::Keypair;
use std::path::Path;

/// Where the identity is kept in a home: of a mirror behind a website, behind a proxy, in the open.
pub fn file(fronted: bool, proxied: bool) -> &'static str {
    let [open, behind_proxy, behind_front] = IDENTITIES;
    match (fronted, proxied) {
        (true, _) => behind_front,
        (false, true) => behind_proxy,
        (false, false) => open,
    }
}

/// The lasting identity in a file. Made once, durably, readable by its owner only.
///
/// # Errors
/// When the file cannot be read or written, or is damaged.
pub fn lasting(file: &Path) -> Result<Keypair, CliError> {
    let damaged = |e: &dyn std::fmt::Display| {
        CliError::new(Exit::Damaged, format!("{}: {e}", file.display()))
            .advice("delete this file: the mirror then gets a new address for others to learn")
    };
    match std::fs::read(file) {
        Ok(bytes) => Keypair::from_protobuf_encoding(&bytes).map_err(|e| damaged(&e)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let keypair = Keypair::generate_ed25519();
            let bytes = keypair.to_protobuf_encoding().map_err(|e| damaged(&e))?;
            write_atomic(file, &bytes, Mode::Private)
                .map_err(|e| CliError::failed(file.display(), e))?;
            Ok(keypair)
        }
        Err(e) => Err(CliError::failed(file.display(), e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_stand_has_a_lasting_name_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let id = |fronted, proxied| {
            let key = lasting(&dir.path().join(file(fronted, proxied))).unwrap();
            key.public().to_peer_id()
        };
        let all = [id(false, false), id(false, true), id(true, false)];
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
        assert_eq!([id(false, false), id(false, true), id(true, true)], all);
    }
}
