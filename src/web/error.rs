//! What goes wrong on the way to a host.

/// Why a file did not come. Texts of the host are never part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// No connection to the host, or its name is not known.
    #[error("no connection: {0}")]
    Connect(String),
    /// The proxy is not there or refuses; nothing was tried without it.
    #[error("the proxy does not connect: {0}")]
    Proxy(String),
    /// Not dialled: a private address through a proxy, or an onion service without one.
    #[error("not dialled: {0}")]
    Forbidden(String),
    /// The other side does not prove to be the host.
    #[error("TLS: {0}")]
    Tls(String),
    /// Nothing moved for too long (SYNC-7).
    #[error("the host made no progress")]
    Stalled,
    /// The host answers with this status.
    #[error("the host answers {0}")]
    Status(u16),
    /// A redirect that is not followed.
    #[error("the host sends us elsewhere: {0}")]
    Redirect(String),
    /// The answer is longer than it may be.
    #[error("the answer is too long")]
    TooLong,
    /// The answer ended early.
    #[error("the answer ended early")]
    Short,
    /// The answer is not what was asked for.
    #[error("the answer is wrong: {0}")]
    Wrong(String),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
}

impl WebError {
    /// True when the host did not hear the question.
    pub fn is_unreached(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::Proxy(_))
    }

    /// True when asking once more, later, may help.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Proxy(_) | Self::Stalled | Self::Short | Self::Broken(_) => {
                true
            }
            Self::Status(code) => matches!(code, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }
}
