//! Which files there are, and what goes into each.

mod records;

use super::SiteError;
use super::folder::Folder;
use super::groups::{self, Group};
use super::held::Held;
use super::links::FolderLinks;
use super::marker::Marker;
use super::names::{self, Kind};
use crate::memorial::catalogue::{Unread, read_person};
use crate::memorial::essays::Essay;
use crate::memorial::links::Page;
use crate::memorial::pages::essay::Brought;
use crate::memorial::pages::picture::{self, Looked};
use crate::memorial::pages::{
    cover, entrance, essay, leave, lists, map, notices, person, statistics, timeline, wall,
};
use crate::memorial::source::Source;
use crate::memorial::standing::ViewInfo;
use crate::memorial::text::Lang;
use crate::memorial::{Catalogue, Context, assets};
use crate::reader::ArchiveView;
use maud::Markup;
use rayon::prelude::*;
use std::path::Path as FsPath;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use yadgar_protocol::Path;
use yadgar_protocol::blocks::ReadFault;
use yadgar_protocol::proof::BuildFault;
use yadgar_protocol::record::{Graphic, Media, RecordId, Victim};

const LANGS: [Lang; 2] = [Lang::Fa, Lang::En];
/// Records that one worker writes before it looks for more.
const RECORDS_PER_TASK: usize = 16;

/// How a folder is written.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Parts of which pictures go into it; `None` for all that are here. Records and texts always do.
    pub parts: Option<&'a [String]>,
    /// The day that the pages say they were made on, `YYYY-MM-DD`.
    pub today: &'a str,
    /// Also over another archive or a newer release. Never over what no export made.
    pub force: bool,
}

/// What was done.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// People's records, each with a page in two languages.
    pub records: u64,
    /// Proofs.
    pub proofs: u64,
    /// Pictures.
    pub pictures: u64,
    /// Pictures that are not here, or of parts that were left out: their pages say so.
    pub pictures_not_here: u64,
    /// Records of which bytes are not here: their pages say so, and they have no proof.
    pub records_not_here: u64,
    /// Files that were written.
    pub written: u64,
    /// Files that were there already with the right bytes.
    pub unchanged: u64,
    /// Older files of ours that were removed.
    pub removed: u64,
    /// Bytes of all these files.
    pub bytes: u64,
}

/// Writes the memorial of a release into `dir`: a new or empty folder, or one that an export made. What was withdrawn is not
/// written, and is removed where an earlier export wrote it. `progress` is called with what was done and what there is to
/// do, in no unit.
///
/// # Errors
/// [`SiteError`]. The folder is then without its first page, and calling it again goes on.
pub fn write(
    view: &ArchiveView,
    dir: &FsPath,
    options: &Options<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
    stop: &AtomicBool,
) -> Result<Summary, SiteError> {
    let release = &view.accepted().release;
    if let Some(name) = options.parts.into_iter().flatten().find(|n| release.part(n).is_none()) {
        return Err(SiteError::NoSuchPart(name.clone()));
    }
    let source = Held::new(view, options.parts);
    let catalogue = Catalogue::load(&source).map_err(reading("the records"))?;
    let folder = Folder::open(dir)?;
    let marker = Marker::of(view.accepted());
    marker.check(&folder, &dir.display().to_string(), options.force)?;
    let info = said(view.info(), release.sequence);
    let job = Job {
        source,
        view,
        parts: options.parts,
        catalogue,
        info,
        today: options.today,
        folder,
        progress,
        stop,
        counts: Counts::default(),
    };
    job.begin(&marker)?;
    job.pages()?;
    job.end()
}

/// What the pages say about the release. How and when this device got it, and what waits for its operator, is nobody
/// else's business.
fn said(info: &ViewInfo, sequence: u64) -> ViewInfo {
    ViewInfo {
        trusted_sequence: sequence,
        dispute: info.dispute.clone(),
        denied: info.denied.clone(),
        ..ViewInfo::default()
    }
}

fn reading(what: &str) -> impl Fn(ReadFault) -> SiteError + '_ {
    |fault| SiteError::Read(what.to_owned(), fault)
}

#[derive(Default)]
struct Counts {
    written: AtomicU64,
    unchanged: AtomicU64,
    removed: AtomicU64,
    bytes: AtomicU64,
    proofs: AtomicU64,
    pictures: AtomicU64,
    pictures_not_here: AtomicU64,
    records_not_here: AtomicU64,
    done: AtomicU64,
    to_do: AtomicU64,
}

fn add(count: &AtomicU64, n: u64) -> u64 {
    count.fetch_add(n, Ordering::Relaxed) + n
}

struct Job<'a> {
    source: Held<'a>,
    view: &'a ArchiveView,
    parts: Option<&'a [String]>,
    catalogue: Catalogue,
    info: ViewInfo,
    today: &'a str,
    folder: Folder,
    progress: &'a (dyn Fn(u64, u64) + Sync),
    stop: &'a AtomicBool,
    counts: Counts,
}

impl Job<'_> {
    /// Makes the folder ours, and takes away at once what must not be in it any more.
    fn begin(&self, marker: &Marker) -> Result<(), SiteError> {
        self.put(names::MARKER, &marker.encode())?;
        self.folder.remove(names::INDEX)?;
        let is_of_none = |_: &str, _: Kind, key: Option<&str>| key.is_some_and(|k| !self.knows(k));
        add(&self.counts.removed, self.folder.clean(&is_of_none)?);
        self.folder.sync()
    }

    /// True when a record of this key is in the release.
    fn knows(&self, key: &str) -> bool {
        let id = RecordId::from_text(key);
        self.catalogue.by_key(key).is_some()
            || id.is_some_and(|id| self.catalogue.incidents().contains_key(&id))
    }

    fn pages(&self) -> Result<(), SiteError> {
        let groups = LANGS.map(|lang| groups::of(&self.catalogue, lang));
        let pages = groups.each_ref().map(|groups| groups::all_pages(groups));
        let to_do = self.catalogue.items().len() + pages.iter().map(Vec::len).sum::<usize>();
        add(&self.counts.to_do, to_do as u64);
        for asset in assets::all() {
            self.put(&names::asset(asset.name), &asset.bytes)?;
        }
        let all: Vec<u32> = (0..self.catalogue.items().len() as u32).collect();
        all.par_chunks(RECORDS_PER_TASK)
            .try_for_each(|places| places.iter().try_for_each(|place| self.person(*place)))?;
        let incidents: Vec<&RecordId> = self.catalogue.incidents().keys().collect();
        incidents.par_iter().try_for_each(|id| self.incident(id))?;
        self.withdrawn()?;
        for ((lang, groups), pages) in LANGS.into_iter().zip(&groups).zip(&pages) {
            pages.par_iter().try_for_each(|(at, number)| self.list(lang, &groups[*at], *number))?;
            self.letters(lang)?;
            self.others(lang)?;
        }
        Ok(())
    }

    /// Removes what is left of earlier exports, and opens the door.
    fn end(self) -> Result<Summary, SiteError> {
        let links = FolderLinks::new(names::LEAVE, &self.catalogue, &[]);
        self.put(names::LEAVE, leave::of(Lang::Fa, &links).into_string().as_bytes())?;
        self.put(names::HEAD, &self.view.accepted().bytes)?;
        let is_old = |path: &str, _: Kind, _: Option<&str>| !self.folder.has_put(path);
        add(&self.counts.removed, self.folder.clean(&is_old)?);
        self.folder.sync()?;
        let links = FolderLinks::new(names::INDEX, &self.catalogue, &[]);
        self.put(names::INDEX, entrance::page(&links).into_string().as_bytes())?;
        self.folder.sync()?;
        let counts = self.counts;
        Ok(Summary {
            records: self.catalogue.items().len() as u64,
            proofs: counts.proofs.into_inner(),
            pictures: counts.pictures.into_inner(),
            pictures_not_here: counts.pictures_not_here.into_inner(),
            records_not_here: counts.records_not_here.into_inner(),
            written: counts.written.into_inner(),
            unchanged: counts.unchanged.into_inner(),
            removed: counts.removed.into_inner(),
            bytes: counts.bytes.into_inner(),
        })
    }

    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), SiteError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(SiteError::Stopped);
        }
        let new = self.folder.put(path, bytes)?;
        add(if new { &self.counts.written } else { &self.counts.unchanged }, 1);
        add(&self.counts.bytes, bytes.len() as u64);
        Ok(())
    }

    /// Writes a page; `make` gives `None` only for a page that there is not.
    fn page(
        &self,
        lang: Lang,
        page: &Page<'_>,
        pictures: &[Looked],
        make: impl FnOnce(&Context<'_>) -> Option<Markup>,
    ) -> Result<(), SiteError> {
        let Some(path) = names::page(lang, page) else { return Ok(()) };
        let links = FolderLinks::new(&path, &self.catalogue, pictures);
        let cx = Context {
            lang,
            links: &links,
            accepted: self.view.accepted(),
            words: self.view.words(),
            info: &self.info,
            catalogue: &self.catalogue,
            today: self.today,
        };
        match make(&cx) {
            Some(markup) => self.put(&path, markup.into_string().as_bytes()),
            None => Ok(()),
        }
    }

    fn one_done(&self) {
        let to_do = self.counts.to_do.load(Ordering::Relaxed);
        (self.progress)(add(&self.counts.done, 1), to_do);
    }

    /// A person: pages, pictures and the proof.
    fn person(&self, place: u32) -> Result<(), SiteError> {
        let Some(item) = self.catalogue.item(place) else { return Ok(()) };
        let key = self.catalogue.key(place);
        let path = item.path.as_str();
        let Some(entry) = self.source.find(&item.path).map_err(reading(path))? else {
            return Ok(());
        };
        let record = read_person(&self.source, &entry);
        let looked = match &record {
            Ok(victim) => self.pictures(&key, victim)?,
            Err(_) => Vec::new(),
        };
        for lang in LANGS {
            self.page(lang, &Page::Person(&key), &looked, |cx| {
                Some(person::page(cx, &key, &entry, &record, &looked))
            })?;
            if let Ok(victim) = &record {
                self.picture_pages(lang, &key, victim, &looked)?;
            }
        }
        match item.record {
            Err(Unread::NotHere) => drop(add(&self.counts.records_not_here, 1)),
            _ => self.proof(&key, &item.path)?,
        }
        self.one_done();
        Ok(())
    }

    /// Writes the pictures that may be shown, one at a time in memory.
    fn pictures(&self, key: &str, victim: &Victim) -> Result<Vec<Looked>, SiteError> {
        let one = |(at, media): (usize, &Media)| match picture::read(&self.source, media) {
            Ok((kind, bytes)) => {
                if let Some(path) = names::picture(key, at + 1, kind) {
                    self.put(&path, &bytes)?;
                    add(&self.counts.pictures, 1);
                }
                Ok(Looked::Good(kind))
            }
            Err(why) => {
                let not_here = why == Looked::NotHere;
                add(&self.counts.pictures_not_here, u64::from(not_here));
                Ok(why)
            }
        };
        victim.media.iter().enumerate().map(one).collect()
    }

    fn picture_pages(
        &self,
        lang: Lang,
        key: &str,
        victim: &Victim,
        looked: &[Looked],
    ) -> Result<(), SiteError> {
        for (at, (media, look)) in victim.media.iter().zip(looked).enumerate() {
            if !matches!(look, Looked::Good(_)) {
                continue;
            }
            let n = at + 1;
            self.page(lang, &Page::Picture(key, n), looked, |cx| {
                picture::page(cx, key, victim, n, *look)
            })?;
            if media.graphic != Graphic::None {
                let warn = |cx: &Context<'_>| picture::warning(cx, key, victim, n);
                self.page(lang, &Page::Warning(key, n), looked, warn)?;
            }
        }
        Ok(())
    }

    fn proof(&self, key: &str, path: &Path) -> Result<(), SiteError> {
        let bytes = self.view.proof(path).map_err(|fault| match fault {
            BuildFault::Read(fault) => SiteError::Read(path.to_string(), fault),
            // A record and the way to it are far smaller.
            BuildFault::TooLarge => {
                SiteError::Write(path.to_string(), std::io::ErrorKind::FileTooLarge.into())
            }
        })?;
        self.put(&names::proof(key), &bytes)?;
        add(&self.counts.proofs, 1);
        Ok(())
    }

    fn list(&self, lang: Lang, group: &Group, number: usize) -> Result<(), SiteError> {
        let (selection, chosen) = group;
        self.page(lang, &Page::Wall(selection.clone(), number), &[], |cx| {
            wall::page_of_chosen(cx, selection, chosen, number)
        })?;
        self.one_done();
        Ok(())
    }

    fn letters(&self, lang: Lang) -> Result<(), SiteError> {
        self.catalogue.letters(lang).par_iter().enumerate().try_for_each(|(at, letter)| {
            (1..=wall::pages(letter.count)).try_for_each(|n| {
                self.page(lang, &Page::Letter(at, n), &[], |cx| lists::letter(cx, at, n))
            })
        })
    }

    fn others(&self, lang: Lang) -> Result<(), SiteError> {
        let write = |page: &Page<'_>, make: &dyn Fn(&Context<'_>) -> Markup| {
            self.page(lang, page, &[], |cx| Some(make(cx)))
        };
        write(&Page::Cover, &|cx| cover::page(cx, true))?;
        write(&Page::Lists, &lists::page)?;
        write(&Page::Timeline, &timeline::page)?;
        write(&Page::Map, &map::page)?;
        write(&Page::Statistics, &statistics::page)?;
        let texts = Held::new(self.view, self.parts);
        for which in Essay::ALL {
            let brought = Brought::load(&texts, lang, which);
            let brought = brought.map_err(reading(which.slug()))?;
            write(&Page::Essay(which), &|cx| essay::page(cx, which, &brought))?;
        }
        let pages = self.catalogue.notices().len().div_ceil(notices::PER_PAGE).max(1);
        (1..=pages)
            .try_for_each(|n| self.page(lang, &Page::Notices(n), &[], |cx| notices::page(cx, n)))
    }
}
