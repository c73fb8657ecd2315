//! A web host as a person or the settings name it, made into a source.

use super::address::{BaseUrl, UrlError};
use super::client::ClientConfig;
use super::host::HostSource;
use crate::dial::{Dialler, Roots, RootsError};
use crate::net::Volume;
use crate::net::pace::Pace;
use crate::store::WebHost;
use crate::sync::STALL;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a web host cannot be asked as it is named.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Its address.
    #[error("{}: {}", .0, .1)]
    Url(String, UrlError),
    /// The file with authorities.
    #[error("{}: {}", .0.display(), .1)]
    Roots(PathBuf, RootsError),
    /// It was named while everything went through a proxy, and now nothing does.
    #[error("it was to be reached through a proxy only, and there is no proxy now")]
    NoProxy,
}

/// The source; `number` tells it from the other hosts of a fetch or a node, `paces` are the operator's limits on what is
/// received, `volume` counts it. It is dialled as `dialler` says, later.
///
/// # Errors
/// See [`OpenError`].
pub fn open(
    number: u32,
    host: &WebHost,
    dialler: &Dialler,
    (paces, volume): (Vec<Arc<Pace>>, Arc<Volume>),
) -> Result<HostSource, OpenError> {
    let bad = |error| OpenError::Url(host.url.clone(), error);
    let url = BaseUrl::named(&host.url, host.plain).map_err(bad)?;
    if host.proxied && dialler.proxy().is_none() && !url.is_here() {
        return Err(OpenError::NoProxy);
    }
    let mut roots = Roots::default();
    if let Some(file) = &host.ca {
        roots.add_file(file).map_err(|error| OpenError::Roots(file.clone(), error))?;
    }
    let config = ClientConfig {
        dialler: dialler.with_roots(roots),
        other_hosts: host.other_hosts,
        plain: host.plain,
        stall: STALL,
        paces,
        volume,
    };
    Ok(HostSource::new(number, url, host.form, config))
}
