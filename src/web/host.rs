//! One static mirror on a web host: what it shows, what is known of its files, what was wrong with them.

use super::address::BaseUrl;
use super::client::{Client, ClientConfig, Known, Span};
use super::cutter::Cutter;
use super::desk::At;
use super::error::WebError;
use super::limits::{FORGIVE, HEAD_AGAIN, HEAD_TRIES, MAX_FAULTS};
use super::room::{Budget, Share};
use super::shelf::Shelf;
use crate::store::WebForm;
use crate::sync::{End, Shown};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use yadgar_protocol::limits::{MAX_BULLETIN_BYTES, MAX_HEAD_BYTES, MAX_STATIC_HEAD_BYTES};
use yadgar_protocol::pack::{HEAD_NAME, StaticHead};
use yadgar_protocol::sync::Received;
use yadgar_protocol::{ArchiveId, BlockId};

/// The first pause before a head is asked for again.
const PAUSE: Duration = Duration::from_millis(500);

/// A file of a static mirror that is of no use.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
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
    form: WebForm,
    client: Client,
    share: Arc<Share>,
    state: tokio::sync::Mutex<State>,
    told: Mutex<Told>,
}

#[derive(Default)]
struct State {
    head: Option<StaticHead>,
    /// Of this head, or of one before: much of it mostly stands in the new one, too.
    shelf: Option<Arc<Shelf>>,
    /// What was of no use on the shelf may have been mended.
    anew: bool,
    /// What the host told of the file of `head`.
    known: Known,
    /// The blocks of the member that [`HostSource::block`] opened last.
    last: Vec<Received>,
}

#[derive(Default)]
struct Told {
    /// Since the head was asked for.
    faults: Vec<Fault>,
    /// Of the time before, as many at most.
    before: Vec<Fault>,
    /// Why it was given up, or not to be asked at all.
    error: Option<WebError>,
    whole: bool,
    head_read: Option<Instant>,
    /// When the first of the faults was met.
    faulty: Option<Instant>,
}

impl Told {
    /// All faults, each file once, at most [`MAX_FAULTS`].
    fn all(&self) -> Vec<Fault> {
        let mut all = self.before.clone();
        let new = |fault: &&Fault| self.before.iter().all(|before| before.file != fault.file);
        all.extend(self.faults.iter().filter(new).cloned());
        all.truncate(MAX_FAULTS);
        all
    }
}

impl HostSource {
    /// The mirror at `url`; `number` tells it from the other hosts of a fetch. Nothing is dialled yet.
    pub fn new(number: u32, url: BaseUrl, form: WebForm, mut config: ClientConfig) -> Self {
        // A gateway that sends each block to a host of its own name puts what is read into DNS and TLS.
        config.other_hosts &= form != WebForm::Gateway;
        let (client, state) = (Client::new(config), tokio::sync::Mutex::default());
        let share = Share::of(Budget::of_program());
        Self { number, url, form, client, share, state, told: Mutex::default() }
    }

    /// The same within another bound of memory.
    #[cfg(test)]
    pub(super) fn within(mut self, budget: Arc<Budget>) -> Self {
        self.share = Share::of(budget);
        self
    }

    /// The memory that it may take.
    pub(super) fn share(&self) -> &Arc<Share> {
        &self.share
    }

    /// True for a gateway, of which blocks may be had although it shows no head.
    pub fn is_gateway(&self) -> bool {
        self.form == WebForm::Gateway
    }

    /// True when it is reached through a proxy only.
    pub fn is_proxied(&self) -> bool {
        self.client.is_proxied()
    }

    /// Where it is.
    pub fn url(&self) -> &BaseUrl {
        &self.url
    }

    /// Its files that were damaged, missing or too long since its head was asked for.
    pub fn faults(&self) -> Vec<Fault> {
        self.told().faults.clone()
    }

    /// The same with those of the time before, for a host that is asked again and again; the newest are the last.
    pub fn all_faults(&self) -> Vec<Fault> {
        self.told().all()
    }

    /// True when so many of its files are of no use that no more are asked for.
    pub(super) fn is_hopeless(&self) -> bool {
        self.told().faults.len() >= MAX_FAULTS
    }

    /// Why it was given up, or could not be asked.
    pub fn error(&self) -> Option<WebError> {
        self.told().error.clone()
    }

    /// True when it sends whole files where parts were asked for, so that more comes than is wanted.
    pub fn sends_whole(&self) -> bool {
        self.told().whole
    }

    /// Bytes that came from it so far, with what was not wanted of them.
    pub fn received(&self) -> u64 {
        self.client.received()
    }

    /// What it shows of the archive; nothing is transferred when that has not changed. Not judged yet.
    ///
    /// # Errors
    /// Why its head did not come or is none, or is one of another archive.
    pub async fn shown(&self, archive: ArchiveId) -> Result<Shown, WebError> {
        let shown = self.head(archive).await;
        self.told().error = shown.as_ref().err().cloned();
        shown
    }

    async fn head(&self, archive: ArchiveId) -> Result<Shown, WebError> {
        if self.is_gateway() {
            return self.gateway_head(archive).await;
        }
        let mut state = self.state.lock().await;
        let head = self.read_head(&mut state).await?;
        if head.archive != archive {
            return Err(WebError::Wrong("it is a mirror of another archive".into()));
        }
        let bulletin = head.bulletin.as_ref().map(|bulletin| bulletin.to_vec());
        let shown = Shown { bulletin, head: Some(head.head.clone()) };
        self.new_round();
        (state.head, state.last) = (Some(head), Vec::new());
        state.anew = state.shelf.as_ref().is_some_and(|shelf| !shelf.is_clean());
        Ok(shown)
    }

    /// What a gateway shows; other gateways than ours show nothing, and are of use all the same.
    async fn gateway_head(&self, archive: ArchiveId) -> Result<Shown, WebError> {
        self.new_round();
        let head = self.told_of(archive, "head", MAX_HEAD_BYTES).await?;
        let bulletin = match head {
            Some(_) => self.told_of(archive, "bulletin", MAX_BULLETIN_BYTES).await?,
            None => None,
        };
        Ok(Shown { bulletin, head })
    }

    async fn told_of(
        &self,
        archive: ArchiveId,
        what: &str,
        max: usize,
    ) -> Result<Option<Vec<u8>>, WebError> {
        match self.file(&format!("yadgar/1/{archive}/{what}"), max as u64).await {
            Ok(bytes) => Ok(Some(bytes)),
            // Another gateway than ours; 408, 425 and 429 say that it may be asked later.
            Err(error @ WebError::Status(400..=499)) if !error.may_pass() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Its head, from the host or, when the host says that it has not changed, as it was.
    async fn read_head(&self, state: &mut State) -> Result<StaticHead, WebError> {
        self.told().head_read = Some(Instant::now());
        let known = if state.head.is_some() { state.known.clone() } else { Known::default() };
        let url = self.url.file(HEAD_NAME);
        let ask = || async {
            let new = self.client.get_new(&url, MAX_STATIC_HEAD_BYTES as u64, &known).await?;
            let Some((body, known)) = new else { return Ok(None) };
            Ok(Some((body.all().await?, known)))
        };
        let Some((bytes, known)) = patiently(ask).await? else {
            return state.head.clone().ok_or(WebError::Status(304));
        };
        let wrong = |reject| WebError::Wrong(format!("its head: {reject}"));
        let head = StaticHead::decode(&bytes).map_err(wrong)?;
        state.known = known;
        Ok(head)
    }

    /// What was of no use in the round before may have been mended since. It is told for a while all the same.
    fn new_round(&self) {
        let mut told = self.told();
        if told.faulty.is_some_and(|met| met.elapsed() >= FORGIVE) {
            told.faulty = None;
            told.before.clear();
        } else {
            told.before = told.all();
        }
        told.faults.clear();
    }

    /// Lets go of what is known of its packs, which is read again when it is needed: for when nothing is being fetched.
    pub async fn rest(&self) {
        let mut state = self.state.lock().await;
        (state.shelf, state.last) = (None, Vec::new());
    }

    /// A small file, tried a few times.
    pub(super) async fn file(&self, name: &str, max: u64) -> Result<Vec<u8>, WebError> {
        let url = self.url.file(name);
        patiently(|| async { self.client.get(&url, max).await?.all().await }).await
    }

    /// Its packs. With `again` the head is read again: a new one may lead to other packs.
    pub(super) async fn shelf(&self, again: bool) -> Result<Arc<Shelf>, WebError> {
        let mut state = self.state.lock().await;
        let known = state.head.clone();
        let head = match known {
            Some(head) if !again => head,
            None => return Err(WebError::Wrong("it has shown no head".into())),
            Some(before) => {
                let head = self.read_head(&mut state).await?;
                if head.archive != before.archive {
                    return Err(WebError::Wrong("it is a mirror of another archive now".into()));
                }
                head
            }
        };
        let same = |shelf: &&Arc<Shelf>| !state.anew && shelf.is_of(&head);
        if let Some(shelf) = state.shelf.as_ref().filter(same) {
            return Ok(shelf.clone());
        }
        let shelf = Arc::new(Shelf::read(self, &head, state.shelf.as_deref()).await?);
        (state.head, state.shelf, state.anew) = (Some(head), Some(shelf.clone()), false);
        Ok(shelf)
    }

    /// A block by itself, checked: for the releases behind a head. `None` when it is not there. What came with it is
    /// kept until another is asked for: the next one mostly stands beside it.
    pub async fn block(&self, id: BlockId) -> Option<Vec<u8>> {
        if self.is_gateway() {
            return self.raw(id).await.ok().flatten();
        }
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
            told.faulty.get_or_insert_with(Instant::now);
            told.faults.push(Fault { file, why });
        }
    }

    /// Ends the work with it.
    pub(super) fn given_up(&self, error: WebError) -> End {
        let end = match &error {
            WebError::Stalled => End::Stalled,
            other if other.may_pass() => End::Lost(other.to_string()),
            other => End::Useless(other.to_string()),
        };
        self.told().error = Some(error);
        end
    }
}

/// Asks a few times when asking once more may help.
pub(super) async fn patiently<T, F>(ask: impl Fn() -> F) -> Result<T, WebError>
where
    F: Future<Output = Result<T, WebError>>,
{
    let (mut pause, mut left) = (PAUSE, HEAD_TRIES);
    loop {
        left -= 1;
        match ask().await {
            Err(error) if error.may_pass() && left > 0 => {}
            other => return other,
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}
