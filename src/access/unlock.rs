//! The passphrase of an encrypted home, asked for when one is opened.
//!
//! Who asks is set once, by the program, before any home is opened: so every command asks in the same way, and a
//! library user who sets nothing gets an error instead of a prompt.

use super::AccessError;
use std::path::Path;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// A passphrase, wiped from memory after use.
pub type Passphrase = Zeroizing<Vec<u8>>;
/// Asks for the passphrase of a home.
type Ask = Box<dyn Fn(&Path) -> Result<Passphrase, String> + Send + Sync>;

static ASK: OnceLock<Ask> = OnceLock::new();

/// Sets who is asked for passphrases of encrypted homes. Only the first call counts.
pub fn set(ask: impl Fn(&Path) -> Result<Passphrase, String> + Send + Sync + 'static) {
    // A second one would be a mistake of the program and changes nothing.
    let _ = ASK.set(Box::new(ask));
}

/// The passphrase of an encrypted home.
///
/// # Errors
/// [`AccessError::Locked`] when nobody can be asked, or when who was asked gave none.
pub(super) fn ask(home: &Path) -> Result<Passphrase, AccessError> {
    let Some(ask) = ASK.get() else {
        return Err(AccessError::Locked("nobody was asked for the passphrase".into()));
    };
    ask(home).map_err(AccessError::Locked)
}
