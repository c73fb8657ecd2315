//! One static mirror on a web host: what it shows, what is known of its files, what was wrong with them.

use super::address::BaseUrl;
use super::client::{Client, ClientConfig, Span};
use super::cutter::Cutter;
use super::desk::At;
use super::error::WebError;
use super::limits::{HEAD_AGAIN, HEAD_TRIES, MAX_FAULTS};
use super::shelf::Shelf;
use crate::sync::{End, Shown};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use yadgar_protocol::limits::MAX_STATIC_HEAD_BYTES;
use yadgar_protocol::pack::{HEAD_NAME, StaticHead};
use yadgar_protocol::sync::Received;
use yadgar_protocol::{ArchiveId, BlockId};

/// The first pause before a head is asked for again.
const PAUSE: Duration = Duration::from_millis(500);

/// A file of a static mirror that is of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its name below the address of the mirror.
    pub file: String,
    /// What is wrong.
    pub why: String,
}

/// A static mirror as a source. Trusted with nothing.
pub struct HostSource {
    pub(super) number: u32,
    url: BaseUrl,
    client: Client,
    state: tokio::sync::Mutex<State>,
    told: Mutex<Told>,
}

#[derive(Default)]
struct State {
    head: Option<StaticHead>,
    shelf: Option<Arc<Shelf>>,
    /// The blocks of the member that [`HostSource::block`] opened last.
    last: Vec<Received>,
}

#[derive(Default)]
struct Told {
    faults: Vec<Fault>,
    /// Why it was given up, or not to be asked at all.
    error: Option<WebError>,
    whole: bool,
    head_read: Option<Instant>,
}

impl HostSource {
    /// The mirror at `url`; `number` tells it from the other hosts of a fetch. Nothing is dialled yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(number: u32, url: BaseUrl, config: ClientConfig) -> Result<Self, WebError> {
        let (client, state) = (Client::new(config)?, tokio::sync::Mutex::default());
        Ok(Self { number, url, client, state, told: Mutex::default() })
    }

    /// Where it is.
    pub fn url(&self) -> &BaseUrl {
        &self.url
    }

    /// Its files that were damaged, missing or too long, so far.
    pub fn faults(&self) -> Vec<Fault> {
        self.told().faults.clone()
    }

    /// Why it was given up, or could not be asked.
    pub fn error(&self) -> Option<WebError> {
        self.told().error.clone()
    }

    /// True when it sends whole files where parts were asked for, so that more comes than is wanted.
    pub fn sends_whole(&self) -> bool {
        self.told().whole
    }

    /// What it shows of the archive. Not judged yet.
    ///
    /// # Errors
    /// Why its head did not come or is none, or is one of another archive.
    pub async fn shown(&self, archive: ArchiveId) -> Result<Shown, WebError> {
        let shown = self.head(archive).await;
        self.told().error = shown.as_ref().err().cloned();
        shown
    }

    async fn head(&self, archive: ArchiveId) -> Result<Shown, WebError> {
        let head = self.read_head().await?;
        if head.archive != archive {
            return Err(WebError::Wrong("it is a mirror of another archive".into()));
        }
        self.told().faults.clear();
        let bulletin = head.bulletin.as_ref().map(|bulletin| bulletin.to_vec());
        let shown = Shown { bulletin, head: Some(head.head.clone()) };
        // A new round: what was of no use in the one before may have been mended since.
        *self.state.lock().await = State { head: Some(head), ..State::default() };
        Ok(shown)
    }

    async fn read_head(&self) -> Result<StaticHead, WebError> {
        self.told().head_read = Some(Instant::now());
        let bytes = self.file(HEAD_NAME, MAX_STATIC_HEAD_BYTES as u64).await?;
        StaticHead::decode(&bytes).map_err(|reject| WebError::Wrong(format!("its head: {reject}")))
    }

    /// A small file, tried a few times.
    pub(super) async fn file(&self, name: &str, max: u64) -> Result<Vec<u8>, WebError> {
        let (mut pause, mut left) = (PAUSE, HEAD_TRIES);
        loop {
            left -= 1;
            let file = async { self.client.get(&self.url.file(name), max).await?.all().await };
            match file.await {
                Err(error) if error.may_pass() && left > 0 => {}
                other => return other,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    /// Its packs. With `again` the head is read again: a new one may lead to other packs.
    pub(super) async fn shelf(&self, again: bool) -> Result<Arc<Shelf>, WebError> {
        let mut state = self.state.lock().await;
        let known = state.head.clone();
        let head = match known {
            Some(head) if !again => head,
            None => return Err(WebError::Wrong("it has shown no head".into())),
            Some(before) => {
                let head = self.read_head().await?;
                if head.archive != before.archive {
                    return Err(WebError::Wrong("it is a mirror of another archive now".into()));
                }
                head
            }
        };
        if let Some(shelf) = state.shelf.as_ref().filter(|shelf| shelf.is_of(&head)) {
            return Ok(shelf.clone());
        }
        let shelf = Arc::new(Shelf::read(self, &head).await?);
        (state.head, state.shelf) = (Some(head), Some(shelf.clone()));
        Ok(shelf)
    }

    /// A block by itself, checked: for the releases behind a head. `None` when it is not there. What came with it is
    /// kept until another is asked for: the next one mostly stands beside it.
    pub async fn block(&self, id: BlockId) -> Option<Vec<u8>> {
        let of = |blocks: &[Received]| {
            let block = blocks.iter().find(|block| block.packed.id == id);
            block.map(|block| block.plain().to_vec())
        };
        if let Some(block) = of(&self.state.lock().await.last) {
            return Some(block);
        }
        let shelf = self.shelf(false).await.ok()?;
        let found = shelf.find(self, &[id]).await.ok()?;
        let at = found.into_iter().find_map(|(_, at)| at)?;
        let stored = self.member(&shelf, at).await.ok()?;
        let blocks = shelf.open(at, &stored).ok()?;
        let block = of(&blocks);
        self.state.lock().await.last = blocks;
        block
    }

    async fn member(&self, shelf: &Shelf, at: At) -> Result<bytes::Bytes, WebError> {
        let (url, size) = shelf.pack(self, at.pack);
        let before = |member| usize::try_from(shelf.length(At { member, ..at })).unwrap_or(0);
        let span = Span { start: shelf.start(at), length: shelf.length(at) };
        let reply = self.client.part(&url, span, size).await?;
        let mut cutter = Cutter::new(reply.body);
        if reply.whole {
            for member in 0..at.member {
                cutter.take(before(member)).await?;
            }
        }
        cutter.take(before(at.member)).await
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn file_url(&self, name: &str) -> url::Url {
        self.url.file(name)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note_whole(&self) {
        self.told().whole = true;
    }

    /// True when the head may be read again, which is not often.
    pub(super) fn may_look_again(&self) -> bool {
        self.told().head_read.is_none_or(|read| read.elapsed() >= HEAD_AGAIN)
    }

    /// Notes a file that is of no use.
    pub(super) fn fault(&self, file: String, why: String) {
        let mut told = self.told();
        if told.faults.len() < MAX_FAULTS && told.faults.iter().all(|fault| fault.file != file) {
            told.faults.push(Fault { file, why });
        }
    }

    /// Ends the work with it.
    pub(super) fn given_up(&self, error: WebError) -> End {
        let end = match &error {
            WebError::Stalled => End::Stalled,
            other => End::Lost(other.to_string()),
        };
        self.told().error = Some(error);
        end
    }
}
