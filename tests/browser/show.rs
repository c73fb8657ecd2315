//! Archives served to the browser, by this process or by the program itself.

use crate::sample::Sample;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use yadgar::reader::{ArchiveView, Lang, ReaderConfig, Served, ViewInfo, serve};
use yadgar::store::{BlockStore, MemoryStore};
use yadgar_protocol::blocks::Packed;

/// A reader in this process; it ends with this value.
pub struct Show {
    pub pages: SocketAddr,
    pub site: SocketAddr,
    stop: CancellationToken,
    served: Option<Served>,
    runtime: Runtime,
}

impl Show {
    pub fn new(sample: Sample) -> Self {
        Self::with(sample, |_| ())
    }

    /// The archive as the reader sees it, without a reader.
    pub fn view(sample: Sample, change: impl FnOnce(&mut ViewInfo)) -> ArchiveView {
        let store = MemoryStore::new();
        let packed =
            |(id, data): (yadgar_protocol::BlockId, Vec<u8>)| Packed::plain(id.codec, data);
        store.put(sample.blocks.into_iter().map(packed).collect()).unwrap();
        let learned = Some("2026-06-03".into());
        let mut info = ViewInfo {
            trusted_sequence: 1,
            source: "carrier".into(),
            learned,
            ..ViewInfo::default()
        };
        change(&mut info);
        ArchiveView::new(Arc::new(store), sample.accepted, info)
    }

    /// With other facts about the archive.
    pub fn with(sample: Sample, change: impl FnOnce(&mut ViewInfo)) -> Self {
        let view = Arc::new(Self::view(sample, change));
        let stop = CancellationToken::new();
        let config = ReaderConfig { bind: [127, 0, 0, 1].into(), port: None, lang: Lang::Fa };
        let runtime = Runtime::new().unwrap();
        let views = Arc::new(move || vec![view.clone()]);
        let served = runtime.block_on(serve(config, views, stop.clone())).unwrap();
        let (pages, site) = (served.pages, served.sites[0].1);
        Self { pages, site, stop, served: Some(served), runtime }
    }
}

impl Drop for Show {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(served) = self.served.take() {
            self.runtime.block_on(served.task).unwrap();
        }
    }
}
