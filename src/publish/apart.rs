//! Signing in a process of its own, which holds the keys and no socket.
//!
//! The parent (any command) says what is to be signed and gets signatures; it never reads a key file or a passphrase.
//! They talk in JSON lines over the child's stdin and stdout:
//! the child begins with [`Answer::Public`]; to [`Request::Open`] it asks for passphrases, opens the keys and says [`Answer::Opened`];
//! before that, when it has them, [`Answer::Asked`], so that the parent works while it opens the keys;
//! to each [`Request::Sign`] it gives [`Answer::Signed`]. [`Answer::Failed`] ends it, as does the end of its stdin.

use super::sign::{SignError, Signer};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::envelope::{Context, to_be_signed};
use yadgar_protocol::ids::{PublicKey, base32, from_base32};
use yadgar_protocol::limits::{MAX_PAYLOAD_BYTES, MAX_SIGNATURES};

/// Longest line in either direction: a payload in base32, and some more.
const MAX_LINE_BYTES: u64 = 2 * MAX_PAYLOAD_BYTES as u64;

/// What the parent asks of the child.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Request {
    /// Ask for the passphrases and open the keys.
    Open,
    /// Sign this payload with every key.
    Sign {
        /// Text of the [`Context`].
        context: String,
        /// Text of the archive id.
        archive: String,
        /// The payload in base32.
        payload: String,
    },
}

/// What the child says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Answer {
    /// Public keys of the key files, in base32, in the order in which the files were named.
    Public(Vec<String>),
    /// It has the passphrases, and asks for nothing more.
    Asked,
    /// The keys are open.
    Opened,
    /// Signatures in base32, in the order of the public keys.
    Signed(Vec<String>),
    /// It could not be done.
    Failed {
        /// What happened.
        what: String,
        /// What the user can do.
        advice: Option<String>,
        /// Exit code that the command should have.
        exit: u8,
    },
}

/// Reads one message; `None` at the end of the stream.
///
/// # Errors
/// A line that is too long or no message.
pub fn read<T: for<'a> Deserialize<'a>>(from: &mut impl BufRead) -> std::io::Result<Option<T>> {
    let mut line = String::new();
    if from.take(MAX_LINE_BYTES).read_line(&mut line)? == 0 {
        return Ok(None);
    }
    serde_json::from_str(&line).map(Some).map_err(std::io::Error::other)
}

/// Writes one message.
///
/// # Errors
/// When the other side is gone.
pub fn write(to: &mut impl Write, message: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_string(message).map_err(std::io::Error::other)?;
    line.push('\n');
    to.write_all(line.as_bytes())?;
    to.flush()
}

/// The signing process, as its parent sees it. It ends when this is dropped.
pub struct Apart {
    public: Vec<PublicKey>,
    talk: Mutex<Talk>,
    child: Mutex<Child>,
}

struct Talk {
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Apart {
    /// Starts `command` (this program with its hidden subcommand and the names of the key files) and learns the public keys.
    /// Nobody is asked for a passphrase yet.
    ///
    /// # Errors
    /// A process that cannot be started, a file that is no key file.
    pub fn start(mut command: Command) -> Result<Self, SignError> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().map_err(SignError::Process)?;
        let (to, Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(broken("it has no pipes"));
        };
        let mut apart = Self {
            public: Vec::new(),
            talk: Mutex::new(Talk { to, from: BufReader::new(from) }),
            child: Mutex::new(child),
        };
        let Answer::Public(texts) = apart.talk().answer()? else {
            return Err(broken("no public keys"));
        };
        if texts.is_empty() || texts.len() > MAX_SIGNATURES {
            return Err(broken("no keys, or too many"));
        }
        let public = texts.iter().map(|text| public_key(text)).collect::<Option<_>>();
        apart.public = public.ok_or_else(|| broken("a public key that is none"))?;
        Ok(apart)
    }

    /// Has the child ask for the passphrases and open the keys, before work begins that a wrong passphrase would waste.
    ///
    /// # Errors
    /// A wrong passphrase; none.
    pub fn open(&self) -> Result<(), SignError> {
        self.begin_open()?;
        self.opened()
    }

    /// Has the child ask for the passphrases; then it opens the keys, which takes it a second each, while this process does
    /// something else. Before anything is signed: [`Apart::opened`].
    ///
    /// # Errors
    /// No passphrase.
    pub fn begin_open(&self) -> Result<(), SignError> {
        match self.ask(&Request::Open)? {
            Answer::Asked => Ok(()),
            _ => Err(broken("an answer to another question")),
        }
    }

    /// Returns when the keys are open, after [`Apart::begin_open`].
    ///
    /// # Errors
    /// A wrong passphrase; none.
    pub fn opened(&self) -> Result<(), SignError> {
        match self.talk().answer()? {
            Answer::Opened => Ok(()),
            _ => Err(broken("an answer to another question")),
        }
    }

    /// Ends the child at once: nothing is to be signed. Whoever waits for its answer gets none.
    pub fn give_up(&self) {
        // It fails only when it has ended already.
        let _ = self.child.lock().unwrap_or_else(PoisonError::into_inner).kill();
    }

    fn talk(&self) -> MutexGuard<'_, Talk> {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, request: &Request) -> Result<Answer, SignError> {
        let mut talk = self.talk();
        if let Some(to) = &mut talk.to {
            // If it has ended, its last words say why.
            let _ = write(to, request);
        }
        talk.answer()
    }
}

impl Signer for Apart {
    fn public(&self) -> &[PublicKey] {
        &self.public
    }

    fn sign(
        &self,
        context: Context,
        archive: &ArchiveId,
        payload: &[u8],
    ) -> Result<Vec<(PublicKey, [u8; 64])>, SignError> {
        let request = Request::Sign {
            context: context.text().into(),
            archive: archive.to_string(),
            payload: base32(payload),
        };
        let Answer::Signed(texts) = self.ask(&request)? else {
            return Err(broken("an answer to another question"));
        };
        let signatures: Option<Vec<[u8; 64]>> =
            texts.iter().map(|text| from_base32(text)?.try_into().ok()).collect();
        let signatures = signatures.filter(|all| all.len() == self.public.len());
        let signatures = signatures.ok_or_else(|| broken("not one signature for each key"))?;
        let signed: Vec<_> = self.public.iter().copied().zip(signatures).collect();
        let message = to_be_signed(context, archive, payload);
        if signed.iter().any(|(key, signature)| !key.verify_strict(&message, signature)) {
            return Err(broken("a signature that is not valid"));
        }
        Ok(signed)
    }
}

impl Talk {
    fn answer(&mut self) -> Result<Answer, SignError> {
        match read(&mut self.from) {
            Ok(Some(Answer::Failed { what, advice, exit })) => {
                Err(SignError::Failed { what, advice, exit })
            }
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(broken("it ended without an answer")),
            Err(e) => Err(SignError::Process(e)),
        }
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // The end of its stdin ends it; waiting fails only when it is gone already.
        self.talk().to = None;
        let _ = self.child.lock().unwrap_or_else(PoisonError::into_inner).wait();
    }
}

fn public_key(text: &str) -> Option<PublicKey> {
    let bytes = from_base32(text)?.try_into().ok()?;
    PublicKey::from_bytes(bytes).ok()
}

fn broken(why: &str) -> SignError {
    SignError::Process(std::io::Error::other(why.to_owned()))
}

#[cfg(test)]
#[path = "apart_tests.rs"]
mod tests;
