//! A home that a running node holds, reached through its control socket.

use super::wire::{MAX_DATA_BYTES, MAX_IDS, Request, Response, receive, send};
use super::{AccessError, Adopted, Archives};
use crate::store::acts::{Approved, BulletinTaken, HeldAct, NoticeVerdict, Writer};
use crate::store::complete::Completed;
use crate::store::gc::{GcOptions, GcReport};
use crate::store::heads::ArchiveSettings;
use crate::store::{BlockStore, StoreError, StoreStats, WebHost};
use serde::de::DeserializeOwned;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use yadgar_protocol::blocks::{Encoding, Packed, ReadBlocks, ReadError};
use yadgar_protocol::withdraw::{Denied, Withdrawal};
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash};

/// A connection to a running node. Calls are made one at a time.
pub struct Client {
    stream: Mutex<UnixStream>,
}

impl Client {
    /// Connects to the node that listens on `socket`.
    ///
    /// # Errors
    /// When nobody answers there.
    pub fn connect(socket: &Path) -> Result<Self, AccessError> {
        let stream = UnixStream::connect(socket)
            .map_err(|e| AccessError::Node(format!("{}: {e}", socket.display())))?;
        Ok(Self { stream: Mutex::new(stream) })
    }

    /// Asks the node to end. Waits no longer than `patience` for its answer.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn stop(&self, patience: std::time::Duration) -> Result<(), AccessError> {
        let broken = |e: std::io::Error| AccessError::Node(e.to_string());
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.set_read_timeout(Some(patience)).map_err(broken)?;
        stream.set_write_timeout(Some(patience)).map_err(broken)?;
        drop(stream);
        self.tell(&Request::Stop, &[])
    }

    fn call<T: DeserializeOwned>(
        &self,
        request: &Request,
        data: &[u8],
    ) -> Result<(T, Vec<u8>), AccessError> {
        let broken = |e: std::io::Error| AccessError::Node(e.to_string());
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        send(&mut *stream, request, data).map_err(broken)?;
        let answer = receive::<Response>(&mut *stream).map_err(broken)?;
        match answer {
            Some((Response::Ok(value), data)) => {
                let value = serde_json::from_value(value).map_err(|e| broken(e.into()))?;
                Ok((value, data))
            }
            Some((Response::Error(text), _)) => Err(AccessError::Node(text)),
            None => Err(AccessError::Node("it has stopped".into())),
        }
    }

    /// A request whose answer says nothing but that it is done.
    fn tell(&self, request: &Request, data: &[u8]) -> Result<(), AccessError> {
        self.call::<()>(request, data).map(drop)
    }

    fn bytes(&self, request: &Request) -> Result<Option<Vec<u8>>, AccessError> {
        let (found, data) = self.call::<bool>(request, &[])?;
        Ok(found.then_some(data))
    }

    fn put_batch(&self, blocks: &[Packed]) -> Result<(), AccessError> {
        let list = blocks
            .iter()
            .map(|b| (b.id.to_string(), b.encoding.code(), b.data.len() as u32))
            .collect();
        let data: Vec<u8> = blocks.iter().flat_map(|b| b.data.iter().copied()).collect();
        self.tell(&Request::Put { blocks: list }, &data)
    }
}

impl ReadBlocks for Client {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.get(id).map_err(|e| ReadError(e.to_string()))
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        self.has(id).map_err(|e| ReadError(e.to_string()))
    }
}

fn as_store(e: AccessError) -> StoreError {
    match e {
        AccessError::Store(e) => e,
        other => StoreError::Damaged(other.to_string()),
    }
}

impl BlockStore for Client {
    fn has(&self, id: &BlockId) -> Result<bool, StoreError> {
        let request = Request::Has { id: id.to_string() };
        Ok(self.call(&request, &[]).map_err(as_store)?.0)
    }

    fn has_all(&self, ids: &[BlockId]) -> Result<bool, StoreError> {
        for ids in ids.chunks(MAX_IDS) {
            let ids = ids.iter().map(ToString::to_string).collect();
            if !self.call::<bool>(&Request::HasAll { ids }, &[]).map_err(as_store)?.0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn get(&self, id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.bytes(&Request::Get { id: id.to_string() }).map_err(as_store)?;
        Ok(found.filter(|bytes| id.matches(bytes)))
    }

    fn get_packed(&self, id: &BlockId) -> Result<Option<Packed>, StoreError> {
        let request = Request::GetPacked { id: id.to_string() };
        let (code, data) = self.call::<Option<u8>>(&request, &[]).map_err(as_store)?;
        let Some(code) = code else { return Ok(None) };
        let encoding = Encoding::from_code(code).map_err(|e| StoreError::Damaged(e.to_string()))?;
        Ok(Some(Packed { id: *id, encoding, data }))
    }

    fn put(&self, blocks: Vec<Packed>) -> Result<(), StoreError> {
        let mut rest = blocks.as_slice();
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|b| {
                bytes += b.data.len();
                bytes <= MAX_DATA_BYTES / 2
            });
            let count = fits.count().max(1);
            self.put_batch(&rest[..count]).map_err(as_store)?;
            rest = &rest[count..];
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.tell(&Request::Flush, &[]).map_err(as_store)
    }

    fn stats(&self) -> Result<StoreStats, StoreError> {
        Ok(self.call(&Request::Stats, &[]).map_err(as_store)?.0)
    }

    fn erase(&self, ids: &[BlockId]) -> Result<u64, StoreError> {
        let mut erased = 0;
        for ids in ids.chunks(MAX_IDS) {
            let ids = ids.iter().map(ToString::to_string).collect();
            erased += self.call::<u64>(&Request::Erase { ids }, &[]).map_err(as_store)?.0;
        }
        Ok(erased)
    }

    fn ids_after(&self, after: Option<&Hash>, most: usize) -> Result<Vec<BlockId>, StoreError> {
        // Only the hash counts; the codec gives it the text form of an id.
        let after = after.map(|hash| BlockId { codec: Codec::Raw, hash: *hash }.to_string());
        let request = Request::Ids { after, most: most.min(MAX_IDS) };
        let (ids, _) = self.call::<Vec<String>>(&request, &[]).map_err(as_store)?;
        let parsed = ids.iter().map(|id| id.parse());
        parsed
            .collect::<Result<_, _>>()
            .map_err(|e: yadgar_protocol::Reject| StoreError::Damaged(e.to_string()))
    }
}

impl Archives for Client {
    fn list(&self) -> Result<Vec<ArchiveId>, AccessError> {
        let (texts, _) = self.call::<Vec<String>>(&Request::List, &[])?;
        let parsed = texts.iter().map(|t| t.parse());
        parsed
            .collect::<Result<_, _>>()
            .map_err(|e: yadgar_protocol::Reject| AccessError::Node(e.to_string()))
    }

    fn trusted(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, AccessError> {
        self.bytes(&Request::Trusted { archive: archive.to_string() })
    }

    fn complete(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, AccessError> {
        self.bytes(&Request::Complete { archive: archive.to_string() })
    }

    fn settings(&self, archive: &ArchiveId) -> Result<ArchiveSettings, AccessError> {
        Ok(self.call(&Request::Settings { archive: archive.to_string() }, &[])?.0)
    }

    fn set_settings(
        &self,
        archive: &ArchiveId,
        settings: &ArchiveSettings,
    ) -> Result<(), AccessError> {
        let settings = settings.clone();
        let request = Request::SetSettings { archive: archive.to_string(), settings };
        self.tell(&request, &[])
    }

    fn adopt(&self, archive: &ArchiveId, head: &[u8]) -> Result<Adopted, AccessError> {
        Ok(self.call(&Request::Adopt { archive: archive.to_string() }, head)?.0)
    }

    fn mark_complete(&self, archive: &ArchiveId, head: &[u8]) -> Result<Completed, AccessError> {
        Ok(self.call(&Request::MarkComplete { archive: archive.to_string() }, head)?.0)
    }

    fn denied(&self, archive: &ArchiveId) -> Result<Arc<Denied>, AccessError> {
        let request = Request::Denied { archive: archive.to_string() };
        let (_, data) = self.call::<()>(&request, &[])?;
        let list: Vec<Withdrawal> = yadgar_protocol::cbor::decode(&data, MAX_DATA_BYTES)
            .map_err(|e| AccessError::Node(e.to_string()))?;
        let mut denied = Denied::none(*archive);
        denied.add(&list);
        Ok(Arc::new(denied))
    }

    fn begin_writing(&self, archive: &ArchiveId) -> Result<Option<Writer>, AccessError> {
        self.tell(&Request::BeginWriting { archive: archive.to_string() }, &[])?;
        Ok(None)
    }

    fn end_writing(&self, archive: &ArchiveId, _: Option<Writer>) -> Result<(), AccessError> {
        self.tell(&Request::EndWriting { archive: archive.to_string() }, &[])
    }

    fn held(&self, archive: &ArchiveId) -> Result<Vec<HeldAct>, AccessError> {
        Ok(self.call(&Request::Held { archive: archive.to_string() }, &[])?.0)
    }

    fn approve(&self, archive: &ArchiveId, act: &Hash) -> Result<Approved, AccessError> {
        let (archive, act) = (archive.to_string(), act.to_hex());
        Ok(self.call(&Request::Approve { archive, act }, &[])?.0)
    }

    fn take_notice(
        &self,
        archive: &ArchiveId,
        envelope: &[u8],
    ) -> Result<NoticeVerdict, AccessError> {
        Ok(self.call(&Request::TakeNotice { archive: archive.to_string() }, envelope)?.0)
    }

    fn take_bulletin(
        &self,
        archive: &ArchiveId,
        bulletin: &[u8],
    ) -> Result<BulletinTaken, AccessError> {
        Ok(self.call(&Request::TakeBulletin { archive: archive.to_string() }, bulletin)?.0)
    }

    fn bulletin(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, AccessError> {
        self.bytes(&Request::Bulletin { archive: archive.to_string() })
    }

    fn gc(&self, options: &GcOptions) -> Result<GcReport, AccessError> {
        Ok(self.call(&Request::Gc { options: *options }, &[])?.0)
    }

    fn forget_peers(&self) -> Result<bool, AccessError> {
        Ok(self.call(&Request::ForgetPeers, &[])?.0)
    }

    fn ask_hosts(&self, archive: &ArchiveId, hosts: &[WebHost]) -> Result<bool, AccessError> {
        let (archive, hosts) = (archive.to_string(), hosts.to_vec());
        Ok(self.call(&Request::AskHosts { archive, hosts }, &[])?.0)
    }

    fn node_status(&self) -> Result<Option<serde_json::Value>, AccessError> {
        // Null: the holder serves pages and is no node.
        Ok(self.call(&Request::Status, &[])?.0)
    }
}
