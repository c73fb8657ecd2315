//! The first screen: pages by which a person without a terminal gets, reads, shares and takes away an archive.
//!
//! It orders things, so it is a server of its own on loopback, apart from the pages of the reader, which only show:
//! another port is another origin. Who may order anything is decided in `guard`. The pages say what is (a
//! [`Sheet`]) and pass on what is wanted (an [`Order`]); the work is done by a [`Desk`]. No page holds a script. Nothing is
//! logged.

mod forms;
pub mod grab;
mod guard;
pub mod job;
pub mod limits;
pub mod news;
mod pages;
pub mod pasted;
mod routes;
mod server;
pub mod spool;
pub mod sticks;
mod stop;
pub mod words;

pub use guard::Tokens;
pub use server::{Panel, serve, start_address};
pub use spool::{Place, Spool};
pub use stop::{StoppableInput, StoppableStore};

use crate::memorial::Lang;
use crate::reader::ArchiveView;
use crate::share::Wifi;
use crate::store::acts::HeldAct;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use words::Note;
use yadgar_protocol::{ArchiveId, Hash};
use zeroize::Zeroizing;

/// How what is read is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Only in memory.
    Memory,
    /// In an encrypted home.
    Encrypted,
    /// In a home in clear.
    Plain,
    /// Nothing is open yet: there is an encrypted home, and its passphrase was not given.
    Locked,
    /// Nothing is open yet: there is an encrypted home whose key was destroyed.
    KeyGone,
}

/// A LAN that this machine is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Name of the interface.
    pub name: String,
    /// This machine's address there.
    pub address: String,
}

/// A share under way. It may hold the password of a Wi-Fi, so it is nothing that can be printed.
pub struct Sharing {
    /// Addresses of its page, the best first.
    pub addresses: Vec<String>,
    /// How much time is left.
    pub left: Duration,
    /// Guests of the last minute.
    pub guests: usize,
    /// Nobody came in the first minute, nor since.
    pub lonely: bool,
    /// The one network that was chosen; all of them without.
    pub network: Option<String>,
    /// The Wi-Fi that guests are shown how to join.
    pub wifi: Option<Arc<Wifi>>,
}

/// An archive of which something is known, but no release can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The archive.
    pub archive: ArchiveId,
    /// How it calls itself, when a head came.
    pub name: Option<String>,
}

/// Something signed that takes away unusually much, and waits for the person's yes (withdraw.md, HOLD-2, HOLD-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The archive that it is of.
    pub archive: ArchiveId,
    /// How that calls itself; empty when no head of it is known.
    pub name: String,
    /// What it would do.
    pub act: HeldAct,
}

/// All that the pages say.
pub struct Sheet {
    /// How it is kept.
    pub kept: Kept,
    /// Whether there is a home on the disk that could be wiped.
    pub home: bool,
    /// Whether that has signing keys of a maintainer.
    pub signing_keys: bool,
    /// What can be read.
    pub archives: Vec<Arc<ArchiveView>>,
    /// What is known besides.
    pub known: Vec<Known>,
    /// What waits for the person's yes.
    pub waiting: Vec<Waiting>,
    /// Address of the reader's pages.
    pub reader: Option<String>,
    /// The share.
    pub share: Option<Sharing>,
    /// The LANs on which something could be shared.
    pub networks: Vec<Network>,
    /// What is under way, or was done last.
    pub job: Option<job::View>,
    /// Today, by this device's clock.
    pub today: String,
}

/// How far what a person asks for may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To this machine and its local networks.
    Near,
    /// Also to what looks like the web to a provider (WAY-1: `wss`, `https`, and `onion` through Tor).
    Web,
    /// Also to peers of the internet, where the provider sees what is used.
    Internet,
}

/// What a person wants. Texts and passphrases are as they were typed.
pub enum Order {
    /// Read in memory, and leave the home alone.
    Memory,
    /// Open the encrypted home.
    Unlock(Zeroizing<String>),
    /// Make an encrypted home of what is in memory; the passphrase, twice.
    Encrypt(Zeroizing<String>, Zeroizing<String>),
    /// Look for neighbours.
    Near {
        /// For this archive,
        archive: Option<ArchiveId>,
        /// or for the one of this invite.
        invite: String,
        /// Send nothing until one announces itself.
        listen: bool,
    },
    /// Take in what was uploaded.
    Take(Vec<Spool>),
    /// Take in a file, or the carriers of a folder.
    TakePath(PathBuf),
    /// Get what a pasted text leads to.
    Pasted {
        /// The text.
        text: String,
        /// The core only.
        core: bool,
        /// How far an invite may lead.
        reach: Reach,
        /// The proxy that everything goes through, as it was typed; empty for that of the environment, if any.
        proxy: String,
    },
    /// Share with the LAN.
    Share {
        /// For so long.
        minutes: u64,
        /// On the interface of this name only; empty for all that are of a LAN.
        network: String,
        /// Name of the Wi-Fi that guests join; may be empty.
        ssid: String,
        /// Its password; may be empty.
        password: Zeroizing<String>,
    },
    /// End the share.
    EndShare,
    /// Write a carrier into a folder.
    Save {
        /// Number of the archive on the sheet, from 0.
        archive: usize,
        /// The core only.
        core: bool,
        /// The folder.
        folder: PathBuf,
    },
    /// End what is under way.
    Cancel,
    /// Yes to archives that are new here.
    Yes,
    /// Yes to something that waits (HOLD-7). Only for who said to have heard by voice that it is meant.
    Approve {
        /// Of this archive,
        archive: ArchiveId,
        /// this act.
        act: Hash,
    },
    /// What was done last has been read.
    Dismiss,
}

/// A file for the browser.
pub struct Download {
    /// Length in bytes.
    pub length: u64,
    /// Bytes from a place on, none at the end. Reads the disk.
    pub read: Arc<dyn Fn(u64) -> std::io::Result<Vec<u8>> + Send + Sync>,
}

/// Where the pages get everything from and bring their orders to. Calls may block.
pub trait Desk: Send + Sync + 'static {
    /// What is.
    fn sheet(&self) -> Sheet;
    /// Does it, or begins to.
    ///
    /// # Errors
    /// What to tell the person when it is not done.
    fn order(&self, order: Order) -> Result<(), Note>;
    /// Where uploads are kept until they are taken in; an error when none can be taken now.
    ///
    /// # Errors
    /// What to tell the person.
    fn uploads(&self) -> Result<Place, Note>;
    /// The carrier of an archive of the sheet, by its number from 0.
    fn download(&self, archive: usize, core: bool) -> Option<Download>;
    /// The texts that tell what is newest of what is known here.
    fn news(&self) -> Vec<news::Telling>;
    /// Ends everything: what is served, what is under way, and then the process. Returns at once.
    fn close(&self);
    /// The same, and takes the home away: its key first. Returns when that is done.
    ///
    /// # Errors
    /// What to tell the person when something is left.
    fn wipe(&self) -> Result<(), Note>;
}

/// How to serve.
#[derive(Debug, Clone, Copy)]
pub struct PanelConfig {
    /// Language of the first page.
    pub lang: Lang,
}
