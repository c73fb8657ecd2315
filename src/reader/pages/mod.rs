//! Which page an address of ours leads to, and what it is made from.

mod incidents;
mod pictures;
mod waiting;

use crate::memorial::arriving::Arrival;
use crate::memorial::catalogue::{Unread, read_person};
use crate::memorial::essays::Essay;
use crate::memorial::pages::error::{self as errors, Trouble};
use crate::memorial::pages::essay::{self, Brought};
use crate::memorial::pages::{
    cover, files, leave, map, notices, person, picture, statistics, timeline, wall,
};
use crate::memorial::selection::Selection;
use crate::memorial::{Catalogue, Context, Lang, assets, layout};
use crate::reader::links::{self, ServerLinks};
use crate::reader::respond::{self, Answer};
use crate::reader::server::{State, blocking};
use crate::reader::url;
use crate::reader::view::ArchiveView;
use axum::http::{HeaderValue, StatusCode};
use maud::Markup;
use std::sync::Arc;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::proof::BuildFault;
use yadgar_protocol::tree::Entry;
use yadgar_protocol::withdraw::Withdrawal;

/// Answers a request for one of our pages.
pub(super) async fn answer(state: &Arc<State>, path: &str, query: Option<&str>) -> Answer {
    let parts: Vec<_> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    match parts.as_slice() {
        [""] => respond::redirect(&format!("/{}/", state.config.lang.code())),
        [links::ASSETS, name] => asset(name, state.config.lang),
        ["x"] => leave(state.config.lang, !state.guests),
        [code, rest @ ..] => match Lang::from_code(code) {
            Some(lang) => in_language(state, lang, rest, query).await,
            None => error(state.config.lang, StatusCode::NOT_FOUND),
        },
        [] => error(state.config.lang, StatusCode::NOT_FOUND),
    }
}

fn asset(name: &str, lang: Lang) -> Answer {
    match assets::named(name) {
        Some(asset) => respond::bytes(StatusCode::OK, asset.media, asset.bytes),
        None => error(lang, StatusCode::NOT_FOUND),
    }
}

async fn in_language(state: &Arc<State>, lang: Lang, rest: &[&str], query: Option<&str>) -> Answer {
    let (index, rest, numbered) = match rest {
        [] => return respond::redirect(&format!("/{}/", lang.code())),
        [""] => return start(state, lang).await,
        _ if waiting::awaits(state) => return waiting::for_all(state, lang),
        [first, more @ ..] => match first.parse::<usize>() {
            Ok(n) if n > 0 && n.to_string() == *first => (n - 1, more, true),
            Ok(_) => return error(lang, StatusCode::NOT_FOUND),
            Err(_) => (0, rest, false),
        },
    };
    if numbered && rest == [""] {
        return match Shown::entrance(state, lang, index).await {
            Some(shown) => cover_of(shown).await,
            None => error(lang, StatusCode::NOT_FOUND),
        };
    }
    let shown = match Shown::open(state, lang, index).await {
        Ok(Some(shown)) => shown,
        Ok(None) => return error(lang, StatusCode::NOT_FOUND),
        Err(answer) => return *answer,
    };
    match rest {
        ["p", rest @ ..] => people(shown, rest, query).await,
        ["i", rest @ ..] => incidents::answer(shown, rest).await,
        ["t"] => shown.page(|cx| Some(timeline::page(cx))).await,
        ["m"] => shown.page(|cx| Some(map::page(cx))).await,
        ["n"] => shown.page(|cx| Some(statistics::page(cx))).await,
        ["f"] => match Selection::parse(query) {
            Some((all, number)) if all.is_all() => {
                shown.page(move |cx| notices::page(cx, number)).await
            }
            _ => error(lang, StatusCode::NOT_FOUND),
        },
        [name] => match Essay::ALL.into_iter().find(|essay| links::essay(*essay) == *name) {
            Some(essay) => text(shown, essay).await,
            None => error(lang, StatusCode::NOT_FOUND),
        },
        _ => error(lang, StatusCode::NOT_FOUND),
    }
}

/// What is under `p/`.
async fn people(shown: Arc<Shown>, rest: &[&str], query: Option<&str>) -> Answer {
    let lang = shown.lang;
    if let Some((key, withdrawal)) = rest
        .first()
        .and_then(|key| Some(((*key).to_owned(), shown.catalogue.withdrawn().person(key)?.clone())))
    {
        let gone = move |cx: &Context<'_>| person::withdrawn(cx, &key, &withdrawal);
        return shown.gone(gone).await;
    }
    let number = |text: &str| text.parse().ok().filter(|n: &usize| n.to_string() == text);
    match rest {
        [] => respond::redirect(&shown.links.names(lang)),
        [""] => names(shown, query).await,
        [key] => record(shown, key).await,
        [key, "proof"] => proof(shown, key).await,
        [key, n, rest @ ..] => match (number(n), rest) {
            (Some(n), []) => pictures::bytes(shown, key, n).await,
            (Some(n), ["a"]) => pictures::warning(shown, key, n).await,
            (Some(n), ["b"]) => pictures::page(shown, key, n).await,
            _ => error(lang, StatusCode::NOT_FOUND),
        },
    }
}

/// The blank page. What the browser keeps of this origin besides its history goes with it.
fn leave(lang: Lang, program: bool) -> Answer {
    let style = links::frame(lang).style;
    let mut answer = respond::html(StatusCode::OK, leave::page(lang, style.as_deref(), program));
    let value = HeaderValue::from_static("\"cache\", \"storage\"");
    answer.headers_mut().insert("clear-site-data", value);
    answer
}

async fn text(shown: Arc<Shown>, essay: Essay) -> Answer {
    shown
        .answer(move |shown| {
            let brought = Brought::load(&*shown.view, shown.lang, essay)?;
            Ok(respond::html(StatusCode::OK, essay::page(&shown.context(), essay, &brought)))
        })
        .await
}

async fn cover_of(shown: Arc<Shown>) -> Answer {
    let readable = shown.readable;
    shown.page(move |cx| Some(cover::page(cx, readable))).await
}

/// The cover of the only archive, or all of them.
async fn start(state: &Arc<State>, lang: Lang) -> Answer {
    waiting::a_moment(state).await;
    // A port that could not be opened leaves its archive without a link; the rest is shown.
    let _ = state.open_sites().await;
    if waiting::awaits(state) {
        return waiting::for_all(state, lang);
    }
    let count = state.views().len();
    let mut cards = Vec::new();
    for index in 0..count {
        match Shown::entrance(state, lang, index).await {
            Some(shown) if count == 1 => return cover_of(shown).await,
            Some(shown) => cards.push(cover::card(&shown.context())),
            None => {}
        }
    }
    respond::html(StatusCode::OK, cover::start(lang, &links::frame(lang), &cards))
}

/// An archive as a page shows it.
struct Shown {
    lang: Lang,
    links: ServerLinks,
    view: Arc<ArchiveView>,
    catalogue: Arc<Catalogue>,
    /// False when the catalogue is empty because its records cannot be read.
    readable: bool,
    today: String,
}

impl Shown {
    /// The archive at `index`; `None` when there is none. The error is an answer that says what is missing.
    async fn open(
        state: &Arc<State>,
        lang: Lang,
        index: usize,
    ) -> Result<Option<Arc<Self>>, Box<Answer>> {
        let Some((mut shown, loaded)) = Self::load(state, lang, index).await else {
            return Ok(None);
        };
        shown.catalogue = loaded.map_err(|e| Box::new(shown.fault(&e)))?;
        Ok(Some(Arc::new(shown)))
    }

    /// The same for its entrance, which is shown also while its records cannot be read.
    async fn entrance(state: &Arc<State>, lang: Lang, index: usize) -> Option<Arc<Self>> {
        let (mut shown, loaded) = Self::load(state, lang, index).await?;
        shown.readable = loaded.is_ok();
        shown.catalogue = loaded.unwrap_or_default();
        Some(Arc::new(shown))
    }

    async fn load(
        state: &Arc<State>,
        lang: Lang,
        index: usize,
    ) -> Option<(Self, Result<Arc<Catalogue>, ReadFault>)> {
        let views = state.views();
        let only = views.len() == 1;
        let view = views.into_iter().nth(index)?;
        let site = state.site(&view.archive()).await;
        let links = ServerLinks { index, only, site, guests: state.guests };
        let loaded = state.records(&view).await;
        let today = crate::clock::utc_day(std::time::SystemTime::now());
        let catalogue = Arc::default();
        Some((Self { lang, links, view, catalogue, readable: true, today }, loaded))
    }

    fn context(&self) -> Context<'_> {
        Context {
            lang: self.lang,
            links: &self.links,
            accepted: self.view.accepted(),
            words: self.view.words(),
            info: self.view.info(),
            catalogue: &self.catalogue,
            today: &self.today,
        }
    }

    /// A page that needs nothing but the catalogue; `None` is a page that there is not.
    async fn page(
        self: Arc<Self>,
        make: impl FnOnce(&Context<'_>) -> Option<Markup> + Send + 'static,
    ) -> Answer {
        let shown = self.clone();
        match blocking(move || Ok(make(&shown.context()))).await {
            Ok(Some(page)) => respond::html(StatusCode::OK, page),
            Ok(None) => error(self.lang, StatusCode::NOT_FOUND),
            Err(e) => self.fault(&e),
        }
    }

    /// What is said in place of all that belonged to a record that was withdrawn.
    async fn gone(
        self: Arc<Self>,
        make: impl FnOnce(&Context<'_>) -> Markup + Send + 'static,
    ) -> Answer {
        self.answer(move |shown| Ok(respond::html(StatusCode::GONE, make(&shown.context())))).await
    }

    /// Runs `make`, which reads files, where that is allowed.
    async fn answer(
        self: Arc<Self>,
        make: impl FnOnce(&Self) -> Result<Answer, ReadFault> + Send + 'static,
    ) -> Answer {
        let shown = self.clone();
        blocking(move || make(&shown)).await.unwrap_or_else(|e| self.fault(&e))
    }

    /// Something of one of our pages cannot be read.
    fn fault(&self, fault: &ReadFault) -> Answer {
        waiting::fault(self.lang, fault, self.view.info().arriving.as_deref(), |main| {
            layout::framed(self.lang, &links::frame(self.lang), main)
        })
    }
}

async fn names(shown: Arc<Shown>, query: Option<&str>) -> Answer {
    let Some((selection, number)) = Selection::parse(query) else {
        return error(shown.lang, StatusCode::NOT_FOUND);
    };
    shown.page(move |cx| wall::page(cx, &selection, number)).await
}

async fn record(shown: Arc<Shown>, key: &str) -> Answer {
    let key = key.to_owned();
    shown
        .answer(move |shown| {
            let Some(entry) = shown.record(&key)? else {
                return Ok(error(shown.lang, StatusCode::NOT_FOUND));
            };
            let cx = shown.context();
            let record = read_person(&*shown.view, &entry);
            let status = match record {
                Err(Unread::NotHere) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::OK,
            };
            let pictures = record.as_ref().map(|victim| picture::look_all(&*shown.view, victim));
            let pictures = pictures.unwrap_or_default();
            Ok(respond::html(status, person::page(&cx, &key, &entry, &record, &pictures)))
        })
        .await
}

impl Shown {
    /// The file of the record that an address names, unless it was withdrawn.
    fn record(&self, key: &str) -> Result<Option<Entry>, ReadFault> {
        let item = self.catalogue.by_key(key).and_then(|place| self.catalogue.item(place));
        let Some(item) = item else { return Ok(None) };
        Ok(self.view.find(&item.path)?.filter(|entry| self.view.withdrawn(entry).is_none()))
    }
}

/// The proof of one record, as a file to save.
async fn proof(shown: Arc<Shown>, key: &str) -> Answer {
    let key = key.to_owned();
    shown
        .answer(move |shown| {
            let Some(entry) = shown.record(&key)? else {
                return Ok(error(shown.lang, StatusCode::NOT_FOUND));
            };
            proof_of(shown, &entry)
        })
        .await
}

fn proof_of(shown: &Shown, entry: &Entry) -> Result<Answer, ReadFault> {
    match shown.view.proof(&entry.path) {
        Ok(bytes) => Ok(respond::download(person::PROOF_FILE, bytes)),
        Err(BuildFault::Read(fault)) => Err(fault),
        Err(BuildFault::TooLarge) => Ok(error(shown.lang, StatusCode::NOT_FOUND)),
    }
}

fn error_markup(lang: Lang, status: StatusCode) -> Markup {
    let trouble = match status {
        StatusCode::NOT_FOUND => Trouble::NotFound,
        s if s.is_client_error() => Trouble::Refused,
        _ => Trouble::Broken,
    };
    errors::trouble(lang, trouble, status.as_str())
}

/// An error on our own origin.
pub(super) fn error(lang: Lang, status: StatusCode) -> Answer {
    let main = error_markup(lang, status);
    respond::html(status, layout::framed(lang, &links::frame(lang), &main))
}

/// An error in the origin of a site.
pub(super) fn site_error(lang: Lang, status: StatusCode) -> Answer {
    respond::html(status, layout::alone(lang, &error_markup(lang, status)))
}

/// There is a site no (more), or none may be shown just now.
pub(super) fn site_absent(state: &Arc<State>, lang: Lang) -> Answer {
    if waiting::awaits(state) {
        waiting::for_all(state, lang)
    } else {
        site_error(lang, StatusCode::NOT_FOUND)
    }
}

/// Something of a site cannot be read.
pub(super) fn site_fault(lang: Lang, fault: &ReadFault, arriving: Option<&Arrival>) -> Answer {
    waiting::fault(lang, fault, arriving, |main| layout::alone(lang, main))
}

/// A file of a site was withdrawn.
pub(super) fn site_withdrawn(lang: Lang, withdrawal: &Withdrawal) -> Answer {
    respond::html(StatusCode::GONE, layout::alone(lang, &errors::withdrawn(lang, withdrawal)))
}

/// The files of an archive that has no start page.
pub(super) fn file_list(lang: Lang, view: &ArchiveView, mut list: Vec<Entry>) -> Answer {
    let all = view.accepted().release.parts.first().map_or(0, |part| part.files);
    let looked_at = list.len();
    // A path may say what it was.
    list.retain(|entry| view.withdrawn(entry).is_none());
    let withdrawn = (looked_at - list.len()) as u64;
    let main = files::list(lang, &list, withdrawn, all, &|path| url::encode(path));
    respond::html(StatusCode::OK, layout::alone(lang, &main))
}
