//! News as text on the first screen: judging what was pasted, and writing what can be passed on.

use super::take::Taking;
use crate::access::{Access, Adopted};
use crate::carrier::{Input, ranges};
use crate::cli::courier::{MESSAGE, remember};
use crate::courier::{Back, Learnt, Reading, TakeError, WriteError, look, take, write};
use crate::panel::job::Stranger;
use crate::panel::news::{Heard, Missing, News, Telling, Told};
use crate::panel::words::{Note, Outcome};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::courier::{CourierError, Cut, armour, pieces};
use yadgar_protocol::limits::MAX_COURIER_TEXT_BYTES;

impl Taking<'_> {
    /// Takes what a text tells; of an archive that is new here only after the person's yes.
    pub fn told(&self, text: &str) -> Result<Outcome, Note> {
        let mut reading = self.take(text, false)?;
        let mut new: Vec<Stranger> = reading.learnt.iter().filter_map(stranger).collect();
        new.sort_by_key(|stranger| stranger.archive);
        new.dedup_by_key(|stranger| stranger.archive);
        if !new.is_empty() {
            let ids: Vec<ArchiveId> = new.iter().map(|stranger| stranger.archive).collect();
            if self.job.ask(new) {
                let again = self.take(text, true)?;
                reading.learnt.retain(|learnt| !ids.contains(&learnt.archive));
                reading
                    .learnt
                    .extend(again.learnt.into_iter().filter(|l| ids.contains(&l.archive)));
            } else {
                self.job.cancel();
                return Err(Note::Cancelled);
            }
        }
        let told = Told {
            news: reading.learnt.iter().map(|l| self.news(l)).collect::<Result<_, _>>()?,
            missing: reading.cut.iter().map(missing).collect(),
            altered: reading.altered > 0,
        };
        match told.news.as_slice() {
            [] if told.missing.is_empty() => Err(Note::NotUnderstood),
            [News { heard: Heard::Refused(note), withdrawn: 0, .. }] if told.missing.is_empty() => {
                Err(*note)
            }
            _ => Ok(Outcome::Told(told)),
        }
    }

    fn take(&self, text: &str, accept: bool) -> Result<Reading, Note> {
        let reading = take(self.access, text, accept).map_err(|e| match e {
            TakeError::Text(_) => Note::NotUnderstood,
            TakeError::Access(_) => Note::Failed,
        })?;
        for learnt in &reading.learnt {
            if learnt.adopted == Some(Adopted::Accepted) && learnt.before.is_none() {
                remember(self.access, learnt).map_err(|_| Note::Failed)?;
            }
        }
        Ok(reading)
    }

    fn news(&self, learnt: &Learnt) -> Result<News, Note> {
        let here = self.access.complete(&learnt.archive).map_err(|_| Note::Failed)?;
        let told = learnt.told.as_ref();
        Ok(News {
            name: told.map(|told| told.name.clone()).unwrap_or_default(),
            sequence: told.map_or(0, |told| told.sequence),
            date: told.map(|told| told.date.clone()).unwrap_or_default(),
            heard: heard(learnt),
            here: here.map(|head| head.release.sequence),
            withdrawn: learnt.withdrawn.len() as u64,
            held: !learnt.held.is_empty(),
        })
    }
}

/// An archive that was not taken because it is not known here.
fn stranger(learnt: &Learnt) -> Option<Stranger> {
    let told = learnt.told.as_ref().filter(|_| learnt.adopted.is_none())?;
    Some(Stranger {
        archive: learnt.archive,
        name: told.name.clone(),
        sequence: told.sequence,
        date: told.date.clone(),
    })
}

fn heard(learnt: &Learnt) -> Heard {
    match &learnt.adopted {
        Some(Adopted::Accepted) => Heard::New,
        Some(Adopted::Known) => Heard::Known,
        Some(Adopted::Older) => Heard::Older(learnt.before.unwrap_or(0)),
        Some(Adopted::NeedsAncestor) => Heard::Refused(Note::TooFar),
        _ => Heard::Refused(Note::Refused),
    }
}

fn missing(cut: &Cut) -> Missing {
    let numbers: Vec<u64> = cut.missing.iter().map(|n| u64::from(*n)).collect();
    Missing { lines: cut.lines.into(), numbers: ranges(&numbers) }
}

/// What stands in files that are all texts with news in them, such as saved messages; `None` when one is not.
pub fn text_of(inputs: &[Input<'_>]) -> Option<String> {
    let (mut text, most) = (String::new(), MAX_COURIER_TEXT_BYTES as u64);
    for input in inputs {
        let mut input = input.borrow_mut();
        let length = input.length().ok().filter(|length| *length <= most)?;
        let (mut bytes, mut at) = (vec![0; usize::try_from(length).ok()?], 0);
        while at < bytes.len() {
            match input.read_at(at as u64, &mut bytes[at..]).ok()? {
                0 => return None,
                count => at += count,
            }
        }
        text.push_str(std::str::from_utf8(&bytes).ok().filter(|text| look(text))?);
        text.push('\n');
    }
    (!text.is_empty()).then_some(text)
}

/// The texts of all archives of which a release is known. One that cannot be written is left out.
pub fn tellings(access: &Access) -> Vec<Telling> {
    let archives = access.archives.list().unwrap_or_default();
    archives.iter().filter_map(|archive| telling(access, archive).ok()).collect()
}

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
enum NoText {
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Text(#[from] CourierError),
}

fn telling(access: &Access, archive: &ArchiveId) -> Result<Telling, NoText> {
    let made = write(access, archive, Back::Short)?;
    let messages = pieces(&armour(&made.bytes)?, MESSAGE, "\n")?;
    let lines = newest(access, archive)?;
    let name = access.trusted(archive).map_err(WriteError::from)?;
    Ok(Telling {
        name: name.map(|head| head.name().to_owned()).unwrap_or_default(),
        sequence: made.sequence,
        date: made.date,
        notices: made.notices as u64,
        messages,
        lines,
    })
}

/// The newest head and what was withdrawn, without what came before.
fn newest(access: &Access, archive: &ArchiveId) -> Result<Vec<String>, NoText> {
    let made = write(access, archive, Back::Most(0))?;
    Ok(armour(&made.bytes)?)
}
