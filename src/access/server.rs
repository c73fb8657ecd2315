//! The node's end of the control socket.

use super::wire::{MAX_IDS, Request, Response, receive, send};
use super::{AccessError, Adopted, Archives};
use crate::store::acts::Writer;
use crate::store::{BlockStore, StoreError, WebHost};
use serde_json::json;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::{ArchiveId, BlockId, Hash};

/// Commands that may be connected at once.
const MAX_CLIENTS: usize = 16;
/// Archives that one of them may be writing: more than a home has.
const MAX_WRITINGS: usize = 4096;
/// Longest path that a socket address takes on the systems we run on, in bytes.
const MAX_SOCKET_PATH: usize = 100;

/// What the server needs of the node besides its store.
pub trait NodeSide: Send + Sync {
    /// What the node says of itself.
    fn status(&self) -> serde_json::Value;
    /// The state of an archive changed by a local command: follow it, tell the others.
    fn changed(&self, archive: &ArchiveId);
    /// Forget the addresses of other nodes; returns when that is done. False for what has none.
    fn forget_peers(&self) -> bool {
        false
    }
    /// Ask web hosts for the newest release of an archive now; false for what does not fetch, or has too many to ask.
    fn ask_hosts(&self, _archive: &ArchiveId, _hosts: Vec<WebHost>) -> bool {
        false
    }
    /// End in order, as after Ctrl-C. Returns before that is done.
    fn stop(&self);
}

/// Everything a request can touch.
pub struct Served {
    /// Blocks.
    pub store: Arc<dyn BlockStore>,
    /// Archive states.
    pub archives: Arc<dyn Archives>,
    /// The node.
    pub node: Arc<dyn NodeSide>,
}

/// Where the socket of `home` goes: inside it, or in a private temporary folder when that path is
/// too long for a socket address.
pub fn socket_path(home: &Path) -> PathBuf {
    let inside = home.join("control.sock");
    if inside.as_os_str().len() <= MAX_SOCKET_PATH {
        return inside;
    }
    let tag = blake3::hash(home.as_os_str().as_encoded_bytes()).to_hex();
    std::env::temp_dir().join(format!("yadgar-{}", &tag[..16])).join("control.sock")
}

/// A listening control socket; its file goes when this is dropped.
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // Nothing depends on it: the next node replaces a left-over socket.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Binds the socket. The caller holds the home's lock, so a file in its place is left over.
///
/// # Errors
/// When the folder or the socket cannot be made.
pub fn bind(path: &Path) -> std::io::Result<ControlSocket> {
    if let Some(folder) = path.parent() {
        match std::fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(e),
            // A home that is there keeps its mode; a folder that anybody could have made must be ours.
            Err(_) if is_temporary(folder) => check_private(folder)?,
            _ => {}
        }
    }
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(ControlSocket { listener, path: path.to_path_buf() })
}

/// True for the folder that [`socket_path`] takes when the home's own path is too long.
fn is_temporary(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    folder.parent() == Some(&std::env::temp_dir())
        && name.and_then(|n| n.strip_prefix("yadgar-")).is_some_and(|tag| tag.len() == 16)
}

fn check_private(folder: &Path) -> std::io::Result<()> {
    let meta = std::fs::symlink_metadata(folder)?;
    let ours = meta.uid() == rustix::process::geteuid().as_raw();
    if meta.is_dir() && ours && meta.mode() & 0o777 == 0o700 {
        return Ok(());
    }
    let what = format!("{} is not a private folder of this user", folder.display());
    Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, what))
}

/// Answers clients on threads of its own until the process ends.
pub fn run(socket: ControlSocket, served: Arc<Served>) {
    let clients = Arc::new(AtomicUsize::new(0));
    std::thread::spawn(move || {
        for stream in socket.listener.incoming() {
            let Ok(stream) = stream else {
                // Out of descriptors, most likely: give the others time to finish.
                std::thread::sleep(std::time::Duration::from_millis(100));
                continue;
            };
            if clients.fetch_add(1, Ordering::SeqCst) >= MAX_CLIENTS {
                clients.fetch_sub(1, Ordering::SeqCst);
                continue;
            }
            let (served, clients) = (served.clone(), clients.clone());
            std::thread::spawn(move || {
                serve_client(stream, &served);
                clients.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
}

fn serve_client(mut stream: UnixStream, served: &Served) {
    let mut writings = Writings { archives: &*served.archives, open: Vec::new() };
    while let Ok(Some((request, data))) = receive::<Request>(&mut stream) {
        let answer = match request {
            Request::BeginWriting { archive } => writings.begin(&archive),
            Request::EndWriting { archive } => writings.end(&archive),
            request => answer(served, request, data),
        };
        let (response, data) = match answer {
            Ok((value, data)) => (Response::Ok(value), data),
            Err(e) => (Response::Error(e.to_string()), Vec::new()),
        };
        if send(&mut stream, &response, &data).is_err() {
            return;
        }
    }
}

/// What a client is writing. A client that was killed ends it too.
struct Writings<'a> {
    archives: &'a dyn Archives,
    open: Vec<(ArchiveId, Option<Writer>)>,
}

impl Writings<'_> {
    fn begin(&mut self, archive: &str) -> Answer {
        let archive = id(archive)?;
        if self.open.len() >= MAX_WRITINGS {
            return Err(malformed("too many archives at once"));
        }
        self.open.push((archive, self.archives.begin_writing(&archive)?));
        Ok((json!(null), Vec::new()))
    }

    fn end(&mut self, archive: &str) -> Answer {
        let archive = id(archive)?;
        if let Some(at) = self.open.iter().position(|(open, _)| *open == archive) {
            self.archives.end_writing(&archive, self.open.remove(at).1)?;
        }
        Ok((json!(null), Vec::new()))
    }
}

impl Drop for Writings<'_> {
    fn drop(&mut self) {
        for (archive, writer) in self.open.drain(..) {
            if let Err(error) = self.archives.end_writing(&archive, writer) {
                // It stays on record, and is done after the next fetch or at the next start.
                tracing::warn!(%error, "what was withdrawn could not be erased again");
            }
        }
    }
}

type Answer = Result<(serde_json::Value, Vec<u8>), AccessError>;

fn answer(served: &Served, request: Request, data: Vec<u8>) -> Answer {
    let (store, archives) = (&served.store, &served.archives);
    let plain = |value| Ok((value, Vec::new()));
    match request {
        Request::Has { id } => plain(json!(store.has(&block(&id)?)?)),
        Request::HasAll { ids } => plain(json!(store.has_all(&blocks(&ids)?)?)),
        Request::Get { id } => found(store.get(&block(&id)?)?),
        Request::GetPacked { id } => match store.get_packed(&block(&id)?)? {
            Some(packed) => Ok((json!(packed.encoding.code()), packed.data)),
            None => plain(json!(null)),
        },
        Request::Put { blocks } => {
            store.put(unpack(&blocks, &data)?)?;
            plain(json!(null))
        }
        Request::Flush => {
            store.flush()?;
            plain(json!(null))
        }
        Request::Stats => plain(json!(store.stats()?)),
        Request::Erase { ids } => plain(json!(store.erase(&blocks(&ids)?)?)),
        Request::Ids { after, most } => {
            let after = after.as_deref().map(block).transpose()?.map(|id| id.hash);
            let ids = store.ids_after(after.as_ref(), most.min(MAX_IDS))?;
            plain(json!(ids.iter().map(ToString::to_string).collect::<Vec<_>>()))
        }
        Request::List => {
            let ids = archives.list()?;
            plain(json!(ids.iter().map(ToString::to_string).collect::<Vec<_>>()))
        }
        Request::Trusted { archive } => found(archives.trusted(&id(&archive)?)?),
        Request::Complete { archive } => found(archives.complete(&id(&archive)?)?),
        Request::Settings { archive } => plain(json!(archives.settings(&id(&archive)?)?)),
        Request::SetSettings { archive, settings } => {
            let archive = id(&archive)?;
            archives.set_settings(&archive, &settings)?;
            served.node.changed(&archive);
            plain(json!(null))
        }
        Request::Adopt { archive } => {
            let archive = id(&archive)?;
            let adopted = archives.adopt(&archive, &data)?;
            // Also of a known head the signatures can be new, and of a dispute the proof.
            if !matches!(adopted, Adopted::Refused(_)) {
                served.node.changed(&archive);
            }
            plain(json!(adopted))
        }
        Request::MarkComplete { archive } => {
            let archive = id(&archive)?;
            let done = archives.mark_complete(&archive, &data)?;
            served.node.changed(&archive);
            plain(json!(done))
        }
        other => node(served, other, &data),
    }
}

/// Requests to the node itself.
fn node(served: &Served, request: Request, data: &[u8]) -> Answer {
    match request {
        Request::Status => Ok((served.node.status(), Vec::new())),
        Request::Gc { options } => Ok((json!(served.archives.gc(&options)?), Vec::new())),
        Request::ForgetPeers => Ok((json!(served.node.forget_peers()), Vec::new())),
        Request::AskHosts { archive, hosts } => {
            let asked = served.node.ask_hosts(&id(&archive)?, hosts);
            Ok((json!(asked), Vec::new()))
        }
        Request::Stop => {
            served.node.stop();
            Ok((json!(null), Vec::new()))
        }
        other => acts(served, other, data),
    }
}

/// Requests about withdrawals.
fn acts(served: &Served, request: Request, data: &[u8]) -> Answer {
    let archives = &served.archives;
    let plain = |value| Ok((value, Vec::new()));
    match request {
        Request::Denied { archive } => {
            let denied = archives.denied(&id(&archive)?)?;
            let list: Vec<_> = denied.list().collect();
            Ok((json!(null), yadgar_protocol::cbor::encode(&list)))
        }
        Request::Held { archive } => plain(json!(archives.held(&id(&archive)?)?)),
        Request::Approve { archive, act } => {
            let archive = id(&archive)?;
            let act = Hash::from_hex(&act).ok_or_else(|| malformed("not the id of an act"))?;
            let done = archives.approve(&archive, &act)?;
            served.node.changed(&archive);
            plain(json!(done))
        }
        Request::TakeNotice { archive } => {
            let archive = id(&archive)?;
            let verdict = archives.take_notice(&archive, data)?;
            served.node.changed(&archive);
            plain(json!(verdict))
        }
        Request::TakeBulletin { archive } => {
            let archive = id(&archive)?;
            let taken = archives.take_bulletin(&archive, data)?;
            served.node.changed(&archive);
            plain(json!(taken))
        }
        Request::Bulletin { archive } => found(archives.bulletin(&id(&archive)?)?),
        _ => Err(malformed("not about withdrawals")),
    }
}

fn found(bytes: Option<Vec<u8>>) -> Answer {
    Ok((json!(bytes.is_some()), bytes.unwrap_or_default()))
}

fn malformed(e: impl std::fmt::Display) -> AccessError {
    AccessError::Store(StoreError::Damaged(format!("a malformed request: {e}")))
}

fn block(text: &str) -> Result<BlockId, AccessError> {
    text.parse().map_err(malformed)
}

fn blocks(texts: &[String]) -> Result<Vec<BlockId>, AccessError> {
    texts.iter().map(|text| block(text)).collect()
}

fn id(text: &str) -> Result<ArchiveId, AccessError> {
    text.parse().map_err(malformed)
}

/// Cuts the data of a put into blocks and checks each: the socket is no reason to trust.
fn unpack(list: &[(String, u8, u32)], data: &[u8]) -> Result<Vec<Packed>, AccessError> {
    let mut rest = data;
    let mut blocks = Vec::with_capacity(list.len());
    for (id, code, length) in list {
        let Some((bytes, tail)) = rest.split_at_checked(*length as usize) else {
            return Err(malformed("lengths and data do not fit"));
        };
        rest = tail;
        let encoding = Encoding::from_code(*code).map_err(malformed)?;
        let packed = Packed { id: block(id)?, encoding, data: bytes.to_vec() };
        packed.unpack(&crate::store::pack::inflate).map_err(malformed)?;
        blocks.push(packed);
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carrier::lab::Lab;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn only_a_folder_that_was_made_gets_a_mode() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        drop(bind(&home.join("control.sock")).unwrap());
        assert_eq!(mode(&home), 0o700);
        std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o750)).unwrap();
        drop(bind(&home.join("control.sock")).unwrap());
        assert_eq!(mode(&home), 0o750);
        check_private(&home).unwrap_err();
        std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
        check_private(&home).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&home, &link).unwrap();
        check_private(&link).unwrap_err();
        let long = socket_path(&dir.path().join("x".repeat(120)));
        assert!(is_temporary(long.parent().unwrap()) && !is_temporary(&home));
    }

    struct Quiet;

    impl NodeSide for Quiet {
        fn status(&self) -> serde_json::Value {
            json!(null)
        }
        fn changed(&self, _: &ArchiveId) {}
        fn stop(&self) {}
    }

    /// Counts what it is told.
    #[derive(Default)]
    struct Counts(AtomicUsize);

    impl NodeSide for Counts {
        fn status(&self) -> serde_json::Value {
            json!(null)
        }
        fn changed(&self, _: &ArchiveId) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
        fn stop(&self) {}
    }

    #[test]
    fn trust_24_the_node_is_told_of_all_that_is_not_refused() {
        let dir = tempfile::tempdir().unwrap();
        let local = super::super::local::Local::open(dir.path(), None).unwrap();
        let node = Arc::new(Counts::default());
        let served = Served {
            store: local.store.clone(),
            archives: Arc::new(local),
            node: node.clone() as Arc<dyn NodeSide>,
        };
        let (mut one, mut two) = (Lab::new(7), Lab::new(7));
        one.publish(&[("core", &[("index.html", b"one".to_vec())])]);
        two.publish(&[("core", &[("index.html", b"two".to_vec())])]);
        let id = one.archive.to_string();
        let offer = |bytes: Vec<u8>| {
            let before = node.0.load(Ordering::SeqCst);
            let answer = answer(&served, Request::Adopt { archive: id.clone() }, bytes).unwrap().0;
            let adopted: Adopted = serde_json::from_value(answer).unwrap();
            (adopted, node.0.load(Ordering::SeqCst) - before)
        };
        let (left, right) = (one.head().bytes.clone(), two.head().bytes.clone());
        assert_eq!(offer(left.clone()), (Adopted::Accepted, 1));
        assert_eq!(offer(left), (Adopted::Known, 1));
        assert_eq!(offer(right.clone()), (Adopted::Fork, 1));
        assert_eq!(offer(right), (Adopted::Fork, 1));
        let (adopted, told) = offer(b"no head".to_vec());
        assert!(matches!(adopted, Adopted::Refused(_)));
        assert_eq!(told, 0);
    }

    #[test]
    fn blocks_are_listed_and_erased_through_the_socket() {
        let dir = tempfile::tempdir().unwrap();
        let local = super::super::local::Local::open(dir.path(), None).unwrap();
        let store = local.store.clone();
        let path = dir.path().join("control.sock");
        let served =
            Served { store: store.clone(), archives: Arc::new(local), node: Arc::new(Quiet) };
        run(bind(&path).unwrap(), Arc::new(served));
        let client = super::super::client::Client::connect(&path).unwrap();
        let codec = yadgar_protocol::Codec::DagCbor;
        let blocks: Vec<Packed> = (0..20_u8).map(|n| Packed::plain(codec, vec![n; 500])).collect();
        client.put(blocks.clone()).unwrap();
        let mut ids: Vec<BlockId> = blocks.iter().map(|block| block.id).collect();
        ids.sort_by_key(|id| id.hash);
        let mut seen = Vec::new();
        let mut visit = |id: &BlockId| {
            seen.push(*id);
            std::ops::ControlFlow::Continue(())
        };
        client.all_ids(&mut visit).unwrap();
        assert_eq!(seen, ids);
        assert_eq!(client.ids_after(Some(&ids[4].hash), 3).unwrap(), ids[5..8]);
        assert_eq!(client.erase(&ids[..15]).unwrap(), 15);
        assert_eq!(store.stats().unwrap().blocks, 5);
        assert_eq!(client.ids_after(None, usize::MAX).unwrap(), ids[15..]);
    }
}
