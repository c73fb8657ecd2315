//! A web host that is a source of an archive, as settings keep it.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Web hosts that one archive is followed at.
pub const MAX_WEB_HOSTS: usize = 8;

/// A static mirror or gateway, and how it may be asked. Whoever named it beside a proxy is not to be shown to the host
/// because the program was started again without one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebHost {
    /// Its address.
    pub url: String,
    /// It was named while everything went through a proxy, and is not asked where nothing does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub proxied: bool,
    /// A file with authorities that are believed about it, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Redirects to other hosts are followed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_hosts: bool,
    /// http without TLS is taken over the open network.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plain: bool,
    /// How it gives blocks.
    #[serde(default, skip_serializing_if = "WebForm::is_static")]
    pub form: WebForm,
}

/// What a web host serves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebForm {
    /// The files of a static mirror (static.md).
    #[default]
    Static,
    /// Single blocks by their CIDs (gateway.md).
    Gateway,
}

impl WebForm {
    fn is_static(&self) -> bool {
        *self == Self::Static
    }
}
