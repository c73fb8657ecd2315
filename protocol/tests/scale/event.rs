//! What happens in a run.

/// What happens. A side of a link is 0 or 1.
#[derive(Debug, Clone)]
pub enum Event {
    /// Wants of the other side come to `side`.
    Wants {
        link: u32,
        side: u8,
        job: u32,
        ids: Vec<u32>,
    },
    Missing {
        link: u32,
        side: u8,
        job: u32,
        ids: Vec<u32>,
    },
    /// A mirror has sent a block.
    Sent {
        node: u32,
        turn: u32,
    },
    Block {
        link: u32,
        side: u8,
        job: u32,
        id: u32,
        bad: bool,
    },
    /// `side` is asked for its bulletin and head.
    AskHead {
        link: u32,
        side: u8,
    },
    Head {
        link: u32,
        side: u8,
        head: Option<u8>,
    },
    Gossip {
        link: u32,
        side: u8,
        head: u8,
    },
    /// A node tells what it heard lately to some who are not in its mesh.
    Lazy {
        node: u32,
        head: u8,
    },
    Have {
        link: u32,
        side: u8,
        head: u8,
    },
    Want {
        link: u32,
        side: u8,
        head: u8,
    },
    Judged {
        link: u32,
        side: u8,
        head: u8,
    },
    /// A fetch looks after its sources.
    Timer {
        node: u32,
        job: u32,
    },
    Heads {
        node: u32,
        life: u32,
    },
    Dial {
        node: u32,
        life: u32,
    },
    /// A side notices that a link is gone.
    Lost {
        link: u32,
        side: u8,
    },
    Leave {
        node: u32,
    },
    Return {
        node: u32,
    },
    Publish {
        edition: u8,
    },
    Split,
    Heal,
}

impl Event {
    /// The link on which it comes.
    pub fn link(&self) -> Option<u32> {
        match self {
            Self::Wants { link, .. }
            | Self::Missing { link, .. }
            | Self::Block { link, .. }
            | Self::AskHead { link, .. }
            | Self::Head { link, .. }
            | Self::Gossip { link, .. }
            | Self::Have { link, .. }
            | Self::Want { link, .. } => Some(*link),
            _ => None,
        }
    }
}
