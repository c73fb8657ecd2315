//! Names of hosts, looked up by the system, within bounds.

use super::error::ConnectError;
use super::limits::{MAX_LOOKUPS, MAX_RESOLVED};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Which addresses of a name are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// All.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl Family {
    fn wants(self, at: &SocketAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => at.is_ipv4(),
            Self::V6 => at.is_ipv6(),
        }
    }
}

/// Looks up names: a few at a time, and a few addresses of each.
#[derive(Debug, Clone)]
pub struct Names(Arc<Semaphore>);

impl Default for Names {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_LOOKUPS)))
    }
}

impl Names {
    /// The addresses of a name, in the order of the system, at most [`MAX_RESOLVED`].
    ///
    /// # Errors
    /// When there is none.
    pub async fn look_up(
        &self,
        name: &str,
        port: u16,
        family: Family,
    ) -> Result<Vec<SocketAddr>, ConnectError> {
        let unknown = |why: &dyn std::fmt::Display| ConnectError::Name(format!("{name}: {why}"));
        let permit = self.0.clone().acquire_owned().await.map_err(|e| unknown(&e))?;
        let asked = name.to_owned();
        let looking = tokio::task::spawn_blocking(move || {
            // Held until the system answers, even when nobody waits for it any more.
            let _permit = permit;
            let all = (asked.as_str(), port).to_socket_addrs()?;
            let mut found: Vec<SocketAddr> = Vec::new();
            for at in all.filter(|at| family.wants(at)) {
                if found.len() < MAX_RESOLVED && !found.contains(&at) {
                    found.push(at);
                }
            }
            Ok::<_, std::io::Error>(found)
        });
        let found = looking.await.map_err(|e| unknown(&e))?.map_err(|e| unknown(&e))?;
        if found.is_empty() { Err(unknown(&"no address of this kind")) } else { Ok(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_of_this_machine_and_none() {
        let names = Names::default();
        let found = names.look_up("localhost", 7, Family::V4).await.unwrap();
        assert_eq!(found, ["127.0.0.1:7".parse().unwrap()]);
        let none = names.look_up("no-such-name.invalid", 7, Family::Any).await;
        assert!(matches!(none, Err(ConnectError::Name(_))), "{none:?}");
        let none = names.look_up("127.0.0.1", 7, Family::V6).await;
        assert!(matches!(none, Err(ConnectError::Name(_))), "{none:?}");
    }
}
