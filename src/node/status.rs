//! What a node says of itself: for the screen and the control socket, never for peers.

use serde::{Deserialize, Serialize};

/// A connected peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerStatus {
    /// Its id.
    pub peer: String,
    /// Where it is.
    pub addr: String,
    /// True when we dialled it.
    pub outbound: bool,
}

/// A fetch that is under way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchStatus {
    /// Bytes of files that are here.
    pub bytes_done: u64,
    /// Bytes of all files of the wanted parts.
    pub bytes_total: u64,
    /// Bytes that came over the wire.
    pub bytes_wire: u64,
    /// Parts that are complete.
    pub parts_done: Vec<String>,
    /// Streams open to sources.
    pub sources: usize,
    /// Blocks that nobody connected has, when it cannot go on.
    pub stuck: Option<u64>,
}

/// An archive that the node follows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveStatus {
    /// Its id.
    pub archive: String,
    /// Its name, once a head is known.
    pub name: Option<String>,
    /// Sequence of the trusted release.
    pub trusted: Option<u64>,
    /// Sequence of the newest release that is here complete.
    pub complete: Option<u64>,
    /// The fetch under way.
    pub fetching: Option<FetchStatus>,
    /// What the operator should know: a fork, a full disk.
    pub warning: Option<String>,
}

/// What a node says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStatus {
    /// Our peer id.
    pub peer: String,
    /// Where we listen, with our peer id.
    pub listening: Vec<String>,
    /// Who is connected.
    pub peers: Vec<PeerStatus>,
    /// What is followed.
    pub archives: Vec<ArchiveStatus>,
}

impl NodeStatus {
    /// One archive of it.
    pub fn archive(&self, id: &yadgar_protocol::ArchiveId) -> Option<&ArchiveStatus> {
        let id = id.to_string();
        self.archives.iter().find(|a| a.archive == id)
    }
}
