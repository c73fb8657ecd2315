//! Something that takes long: one at a time. Pages ask how far it is; it can be cancelled, and can ask back.

use super::words::{Note, Outcome};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::ArchiveId;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Looking for neighbours and fetching from them.
    Near,
    /// Fetching from the addresses of an invite.
    Fetch,
    /// Taking a carrier from a share's page.
    Grab,
    /// Taking in files.
    Take,
    /// Reading a text that tells what is newest.
    Read,
    /// Writing a file.
    Save,
    /// Making an encrypted home of what is in memory.
    Keep,
    /// Doing what the person said yes to.
    Approve,
}

/// An archive that nobody has chosen here before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// The archive.
    pub archive: ArchiveId,
    /// How it calls itself.
    pub name: String,
    /// The number of its release.
    pub sequence: u64,
    /// The date of that, `YYYY-MM-DD`.
    pub date: String,
}

/// How it stands.
#[derive(Debug, Clone)]
pub enum Stands {
    /// Under way.
    Running,
    /// Waiting for the person's yes to archives that are new here.
    Asks(Vec<Stranger>),
    /// Waiting for the person's yes to so many bytes from somebody's page.
    AsksSize(u64),
    /// Done.
    Done(Outcome),
    /// It failed, or was cancelled.
    Failed(Note),
}

/// How it is going.
#[derive(Debug, Clone)]
pub struct View {
    /// What is done.
    pub what: What,
    /// How it stands.
    pub stands: Stands,
    /// How much of it is done.
    pub done: u64,
    /// How much there is in all; 0 while that is not known.
    pub total: u64,
}

struct Inner {
    view: View,
    answer: Option<bool>,
}

/// One piece of work, as those see it who wait for it and the one who does it.
pub struct Job {
    inner: Mutex<Inner>,
    asked: Condvar,
    cancel: CancellationToken,
}

impl Job {
    /// Work that begins.
    pub fn new(what: What) -> Arc<Self> {
        let view = View { what, stands: Stands::Running, done: 0, total: 0 };
        let inner = Mutex::new(Inner { view, answer: None });
        Arc::new(Self { inner, asked: Condvar::new(), cancel: CancellationToken::new() })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it is going.
    pub fn view(&self) -> View {
        self.inner().view.clone()
    }

    /// True while it is under way, or waits for an answer.
    pub fn is_open(&self) -> bool {
        matches!(self.inner().view.stands, Stands::Running | Stands::Asks(_) | Stands::AsksSize(_))
    }

    /// Says how much is done.
    pub fn progress(&self, done: u64, total: u64) {
        let view = &mut self.inner().view;
        (view.done, view.total) = (done.min(total), total);
    }

    /// Asks the person, and waits for the answer; false when it was cancelled.
    pub fn ask(&self, strangers: Vec<Stranger>) -> bool {
        self.wait(Stands::Asks(strangers))
    }

    /// Asks whether so many bytes are to be taken, and waits likewise.
    pub fn ask_size(&self, bytes: u64) -> bool {
        self.wait(Stands::AsksSize(bytes))
    }

    fn wait(&self, question: Stands) -> bool {
        let mut inner = self.inner();
        // Each question has an answer of its own.
        inner.answer = None;
        inner.view.stands = question;
        while inner.answer.is_none() && !self.is_cancelled() {
            inner = self.asked.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
        inner.view.stands = Stands::Running;
        inner.answer == Some(true) && !self.is_cancelled()
    }

    /// The person's yes. Without a question nothing happens.
    pub fn yes(&self) {
        let mut inner = self.inner();
        if matches!(inner.view.stands, Stands::Asks(_) | Stands::AsksSize(_)) {
            inner.answer = Some(true);
            // At once: the page that comes next must not ask again.
            inner.view.stands = Stands::Running;
            self.asked.notify_all();
        }
    }

    /// Asks it to end early.
    pub fn cancel(&self) {
        self.cancel.cancel();
        // So that nobody misses it between looking and waiting.
        let _inner = self.inner();
        self.asked.notify_all();
    }

    /// Whether it is to end early.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Cancelled with the job.
    pub fn token(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// How it ended.
    pub fn end(&self, result: Result<Outcome, Note>) {
        let result =
            if self.is_cancelled() && result.is_err() { Err(Note::Cancelled) } else { result };
        self.inner().view.stands = match result {
            Ok(outcome) => Stands::Done(outcome),
            Err(note) => Stands::Failed(note),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_for_a_yes() {
        let job = Job::new(What::Take);
        job.yes();
        let (waiting, asks) = (
            job.clone(),
            std::thread::spawn({
                let job = job.clone();
                move || job.ask(Vec::new())
            }),
        );
        while !matches!(waiting.view().stands, Stands::Asks(_)) {
            std::thread::yield_now();
        }
        job.yes();
        assert!(!matches!(waiting.view().stands, Stands::Asks(_)), "answered, and asked again");
        assert!(asks.join().unwrap(), "a yes before the question is none");
    }

    #[test]
    fn cancelling_ends_the_waiting() {
        let job = Job::new(What::Take);
        let asks = std::thread::spawn({
            let job = job.clone();
            move || job.ask(Vec::new())
        });
        job.cancel();
        assert!(!job.ask_size(1), "who ended it is asked nothing more");
        assert!(!asks.join().unwrap());
        job.end(Err(Note::Failed));
        assert!(matches!(job.view().stands, Stands::Failed(Note::Cancelled)));
        assert!(!job.is_open());
    }
}
