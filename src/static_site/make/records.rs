//! Pages of incidents, and those that stand in place of what was withdrawn.

use super::{Job, LANGS, SiteError, reading};
use crate::memorial::catalogue::{Unread, read};
use crate::memorial::links::Page;
use crate::memorial::pages::{incident, person};
use crate::memorial::source::Source;
use yadgar_protocol::record::{Incident, Record, RecordId};

impl Job<'_> {
    pub(super) fn incident(&self, id: &RecordId) -> Result<(), SiteError> {
        let Some(item) = self.catalogue.incidents().get(id) else { return Ok(()) };
        let what = item.path.as_str();
        let Some(entry) = self.source.find(&item.path).map_err(reading(what))? else {
            return Ok(());
        };
        let record: Result<Incident, Unread> = match read(&self.source, &entry) {
            Ok(Record::Incident(incident)) => Ok(*incident),
            Ok(Record::Victim(_)) => Err(Unread::NotUnderstood),
            Err(why) => Err(why),
        };
        let text = id.to_string();
        for lang in LANGS {
            self.page(lang, &Page::Incident(&text), &[], |cx| {
                Some(incident::page(cx, id, &entry, &record))
            })?;
        }
        self.proof(&text, &item.path)
    }

    /// Who has the address of a record that was withdrawn finds that it was. Where its path is not surely an id there is
    /// no page: the name of the file would be what was withdrawn.
    pub(super) fn withdrawn(&self) -> Result<(), SiteError> {
        let gone = self.catalogue.withdrawn();
        for lang in LANGS {
            for (id, withdrawal) in gone.people() {
                let Some(key) = id.map(|id| id.to_string()) else { continue };
                self.page(lang, &Page::Person(&key), &[], |cx| {
                    Some(person::withdrawn(cx, &key, withdrawal))
                })?;
            }
            for (id, withdrawal) in gone.incidents() {
                let Some(text) = id.map(|id| id.to_string()) else { continue };
                self.page(lang, &Page::Incident(&text), &[], |cx| {
                    Some(incident::withdrawn(cx, &text, withdrawal))
                })?;
            }
        }
        Ok(())
    }
}
