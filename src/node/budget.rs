//! Keeps the volume of the day over restarts, and begins a new day at midnight by this machine's clock.

use crate::clock;
use crate::durable::{Mode, write_atomic};
use crate::net::Volume;
use crate::net::volume::{Moved, PerDay};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often is looked what day it is, and written what moved. A crash forgets as much.
const KEEP_EVERY: Duration = Duration::from_secs(10);
/// Longest file that is read.
const MAX_FILE_BYTES: u64 = 4096;

/// The volume that a file tells of, with these bounds. What is damaged or not there begins anew; without a file it lasts
/// for this run.
pub fn open(file: Option<&Path>, most: PerDay) -> Arc<Volume> {
    let volume = Volume::new(most, file.and_then(read).unwrap_or_default());
    volume.day(&clock::local_day());
    Arc::new(volume)
}

fn read(file: &Path) -> Option<Moved> {
    let mut text = String::new();
    let open = std::fs::File::open(file).ok()?;
    open.take(MAX_FILE_BYTES).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text)
        .inspect_err(|_| tracing::warn!("the volume of today is damaged"))
        .ok()
}

/// Keeps a volume while a mirror runs.
pub struct Keeping {
    end: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Keeping {
    /// Keeps it in this file; without one it only begins new days.
    pub fn start(volume: Arc<Volume>, file: Option<PathBuf>) -> Self {
        let end = CancellationToken::new();
        Self { task: tokio::spawn(keep(volume, file, end.clone())), end }
    }

    /// Ends it, after what moved last is kept as well.
    pub async fn stop(self) {
        self.end.cancel();
        // A panic there is that of one file.
        let _ = self.task.await;
    }
}

/// Keeps it until `end`, and once more then.
async fn keep(volume: Arc<Volume>, file: Option<PathBuf>, end: CancellationToken) {
    let mut kept = Moved::default();
    loop {
        let last = tokio::time::timeout(KEEP_EVERY, end.cancelled()).await.is_ok();
        volume.day(&clock::local_day());
        let now = volume.moved();
        if let Some(file) = file.clone().filter(|_| now != kept) {
            let bytes = serde_json::to_vec(&now).unwrap_or_default();
            let write = move || write_atomic(&file, &bytes, Mode::Private);
            match tokio::task::spawn_blocking(write).await {
                Ok(Ok(())) => kept = now,
                Ok(Err(e)) => tracing::warn!("the volume of today could not be kept: {e}"),
                Err(_) => {}
            }
        }
        if last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_moved_today_is_not_given_back_by_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let (file, most) = (dir.path().join("volume"), PerDay { up: Some(1000), down: None });
        let volume = open(Some(&file), most);
        volume.sent(1000);
        let end = CancellationToken::new();
        end.cancel();
        keep(volume.clone(), Some(file.clone()), end).await;
        // The day may change in between: then, and only then, there is something left.
        let again = open(Some(&file), most);
        assert!(again.is_sent() || again.moved().day != volume.moved().day);
        // What is no record of a day, or too long to be one.
        for bad in
            [b"{".to_vec(), vec![b' '; 10_000], br#"{"day":"x","up":1,"down":1,"more":1}"#.to_vec()]
        {
            std::fs::write(&file, bad).unwrap();
            assert_eq!(open(Some(&file), most).moved().up, 0);
        }
    }
}
