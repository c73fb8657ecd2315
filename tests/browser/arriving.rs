//! What a reader sees of an archive while it is still arriving.

use crate::chrome::{Chrome, Seen};
use crate::sample::Sample;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use yadgar::demand::OnDemand;
use yadgar::reader::{
    ArchiveView, Arrival, Lang, ReaderConfig, Served, ViewInfo, Views, serve_awaiting,
};
use yadgar::store::{BlockStore, MemoryStore};
use yadgar::sync::Hurry;
use yadgar_protocol::blocks::Packed;

const PHONE: (u32, u32) = (360, 740);
const LARGE: (u32, u32) = (1280, 900);

/// Pages of an archive of which only some blocks are here.
struct Coming {
    pages: SocketAddr,
    site: Option<SocketAddr>,
    arrival: Arc<Arrival>,
    stop: CancellationToken,
    served: Option<Served>,
    runtime: Runtime,
}

impl Coming {
    fn new(views: Views, arrival: Arc<Arrival>) -> Self {
        let (stop, runtime) = (CancellationToken::new(), Runtime::new().unwrap());
        let config = ReaderConfig { bind: [127, 0, 0, 1].into(), port: None, lang: Lang::Fa };
        let serving = serve_awaiting(config, views, Some(arrival.clone()), stop.clone());
        let served = runtime.block_on(serving).unwrap();
        let site = served.sites.first().map(|(_, at)| *at);
        Self { pages: served.pages, site, arrival, stop, served: Some(served), runtime }
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(served) = self.served.take() {
            self.runtime.block_on(served.task).unwrap();
        }
    }
}

/// Looks at a page on a phone and on a large screen.
fn look(chrome: &mut Chrome, url: &str, name: &str, says: &str) {
    for (width, height) in [PHONE, LARGE] {
        chrome.screen(width, height);
        let seen = chrome.open(url);
        quiet(&seen, url);
        chrome.screenshot(&format!("arriving-{name}-{width}.png"));
        let reach = chrome.eval("document.documentElement.scrollWidth");
        assert_eq!(reach.as_u64(), Some(u64::from(width)), "{name}");
        let text = chrome.text("document.body.innerText");
        assert!(text.contains(says), "{name}: {text}");
    }
}

/// It was loaded, and did nothing else.
fn quiet(seen: &Seen, url: &str) {
    assert_eq!(seen.failed, "", "{url}");
    assert!(seen.scripts.is_empty() && seen.refused.is_empty(), "{url}: {seen:?}");
}

#[test]
fn a_cold_archive_says_how_far_it_is_and_comes_by_itself() {
    let Some(mut chrome) = Chrome::light() else { return };
    let arrival = Arc::new(Arrival::default());
    let nothing = Coming::new(Arc::new(Vec::new), arrival.clone());
    for (lang, seeking, none) in [
        ("fa", "در جست‌وجوی کسی که این بایگانی را دارد", "اکنون هیچ منبعی در دسترس نیست"),
        ("en", "Looking for somebody who has this archive", "No source can be reached now"),
    ] {
        // Any page but the entrance, which waits a moment for what is coming.
        let url = format!("http://{}/{lang}/p/", nothing.pages);
        look(&mut chrome, &url, &format!("{lang}-seeking"), seeking);
        arrival.change(|now| now.failed = true);
        let url = format!("http://{}/{lang}/", nothing.pages);
        look(&mut chrome, &url, &format!("{lang}-nobody"), none);
        arrival.change(|now| (now.failed, now.disputed) = (false, true));
        let said =
            if lang == "fa" { "با هم نمی‌خوانند" } else { "contradict each other" };
        let url = format!("http://{}/{lang}/p/", nothing.pages);
        look(&mut chrome, &url, &format!("{lang}-disputed"), said);
        arrival.change(|now| now.disputed = false);
    }
    drop(nothing);

    let sample = Sample::of_repository();
    let (store, arrival) = (Arc::new(MemoryStore::new()), Arc::new(Arrival::default()));
    arrival.change(|now| (now.here, now.total, now.sources) = (1_234_567, 98_765_432, 2));
    let blocks = OnDemand::new(store.clone(), Arc::default(), Hurry::default());
    let blocks = Arc::new(blocks.patient(Duration::ZERO));
    let info = ViewInfo { arriving: Some(arrival.clone()), ..ViewInfo::default() };
    let view = Arc::new(ArchiveView::new(blocks, sample.accepted.clone(), info));
    let coming = Coming::new(Arc::new(move || vec![view.clone()]), arrival);
    for (lang, here) in [("fa", "۱٫۲ مگابایت"), ("en", "1.2 MB")] {
        for (path, name) in [("", "cover"), ("p/", "names")] {
            let url = format!("http://{}/{lang}/{path}", coming.pages);
            look(&mut chrome, &url, &format!("{lang}-{name}"), here);
        }
    }
    // A page of the archived site waits, and is there by itself once its blocks are.
    let url = format!("http://{}/", coming.site.unwrap());
    look(&mut chrome, &url, "site", "هنوز در راه است");
    let seen = chrome.follow(|_| {
        let all = sample.blocks.iter().map(|(id, data)| Packed::plain(id.codec, data.clone()));
        store.put(all.collect()).unwrap();
    });
    quiet(&seen, "the page that loads itself again");
    let text = chrome.text("document.body.innerText");
    assert!(!text.contains("هنوز در راه است"), "{text}");
    assert!(!coming.arrival.now().over);
}
