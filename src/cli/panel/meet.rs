//! A second `yadgar` finds the first one and opens its page, instead of failing at what the first one holds.
//!
//! On Linux they meet at an abstract socket: it has no file, so a run in memory writes none. Both look whether the
//! other is the same user. Elsewhere they do not meet.

use std::path::Path;

/// Longest address that is read, in bytes.
#[cfg(target_os = "linux")]
const MAX_ADDRESS: u64 = 256;
/// Time for the first one to answer.
#[cfg(target_os = "linux")]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// Where those of this user and home meet. It tells nothing of the home.
pub fn name(home: Option<&Path>) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&rustix::process::geteuid().as_raw().to_le_bytes());
    hasher.update(home.map_or(&b""[..], |home| home.as_os_str().as_encoded_bytes()));
    hasher.finalize().to_hex()[..32].to_owned()
}

/// An address of the page that is open already.
#[cfg(target_os = "linux")]
pub async fn ask(name: &str) -> Option<String> {
    use std::os::linux::net::SocketAddrExt as _;
    use tokio::io::AsyncReadExt as _;
    let at = std::os::unix::net::SocketAddr::from_abstract_name(name).ok()?;
    let stream = std::os::unix::net::UnixStream::connect_addr(&at).ok()?;
    stream.set_nonblocking(true).ok()?;
    let stream = tokio::net::UnixStream::from_std(stream).ok()?;
    if !is_own(&stream) {
        return None;
    }
    let mut address = String::new();
    let mut limited = stream.take(MAX_ADDRESS);
    tokio::time::timeout(PATIENCE, limited.read_to_string(&mut address)).await.ok()?.ok()?;
    address.starts_with("http://127.0.0.1:").then_some(address)
}

/// Gives every other one of this user a new address of the page.
#[cfg(target_os = "linux")]
pub async fn answer(name: String, start: impl Fn() -> Option<String>) {
    use std::os::linux::net::SocketAddrExt as _;
    use tokio::io::AsyncWriteExt as _;
    let bind = || {
        let at = std::os::unix::net::SocketAddr::from_abstract_name(&name)?;
        let listener = std::os::unix::net::UnixListener::bind_addr(&at)?;
        listener.set_nonblocking(true)?;
        tokio::net::UnixListener::from_std(listener)
    };
    let Ok(listener) = bind().inspect_err(|e| tracing::debug!("others do not find this: {e}"))
    else {
        return;
    };
    loop {
        match listener.accept().await {
            Ok((mut stream, _)) if is_own(&stream) => {
                if let Some(address) = start() {
                    // Who has gone meanwhile needs none. It is short enough never to wait.
                    let _ =
                        tokio::time::timeout(PATIENCE, stream.write_all(address.as_bytes())).await;
                }
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(crate::panel::limits::ACCEPT_PAUSE).await,
        }
    }
}

#[cfg(target_os = "linux")]
fn is_own(stream: &tokio::net::UnixStream) -> bool {
    let me = rustix::process::geteuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == me)
}

#[cfg(not(target_os = "linux"))]
pub async fn ask(_name: &str) -> Option<String> {
    None
}

#[cfg(not(target_os = "linux"))]
pub async fn answer(_name: String, _start: impl Fn() -> Option<String>) {}
