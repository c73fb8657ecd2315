//! The words of the first screen, Persian and English: what went wrong or well. Those of each page stand beside it.

mod notes;

use super::Waiting;
use super::news::Told;
use crate::memorial::Text;
use notes::NOTES;

/// Why something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Something else is under way.
    Busy,
    /// The form was not whole.
    BadForm,
    /// No file was chosen.
    NoFile,
    /// More files than are taken at once.
    TooManyFiles,
    /// More bytes than are kept.
    TooLarge,
    /// The disk or the memory is full.
    NoRoom,
    /// The file stopped coming.
    UploadBroken,
    /// The file or folder cannot be read.
    NotThere,
    /// It is no carrier, or of nothing that is known.
    NotACarrier,
    /// Its head was refused by the trust rules.
    Refused,
    /// Something of it is missing or damaged.
    NotWhole,
    /// A text tells of a release that cannot be followed from what is known here.
    TooFar,
    /// The pasted text is nothing that is known.
    NotUnderstood,
    /// An invite in words, one of which is not right.
    WrongWords,
    /// An address that is not of a LAN.
    NotPrivate,
    /// Nobody answers there.
    NoShare,
    /// The download broke off.
    Broken,
    /// No archive was named.
    NoArchive,
    /// The invite has no address.
    NoAddress,
    /// It leads over the internet, to which nobody said yes.
    Internet,
    /// It names nothing that looks like the web.
    NoWebsite,
    /// It leads to websites, to which nobody said yes.
    Websites,
    /// It needs Tor, and no proxy is there.
    NeedsTor,
    /// What it leads to would be recognised, where that is dangerous.
    Recognised,
    /// A proxy is set that does not fit, or cannot be used.
    Proxy,
    /// Nobody near has it.
    NobodyNear,
    /// Nobody could be reached.
    Unreachable,
    /// This machine is on no LAN.
    NoLan,
    /// No Wi-Fi has such a name or password.
    BadWifi,
    /// Nothing can be read yet.
    Nothing,
    /// The stick takes no file of this size.
    StickLimit,
    /// The folder cannot be written to.
    CannotWrite,
    /// The passphrase does not open the home.
    WrongPassphrase,
    /// The two passphrases differ.
    Differ,
    /// The passphrase is too easy to guess.
    Weak,
    /// There is a home already.
    HomeThere,
    /// Another process of yadgar holds the home.
    Held,
    /// The box was not ticked.
    NotSure,
    /// Nobody said to have heard that it is meant.
    NotHeard,
    /// It does not wait any more.
    NotWaiting,
    /// The release that waited may not be shown as things are.
    Disputed,
    /// The key is gone, some files are not.
    LeftOver,
    /// The key could not be destroyed.
    KeyLeft,
    /// The person ended it.
    Cancelled,
    /// Anything else.
    Failed,
}

impl Note {
    fn entry(self) -> &'static (Self, &'static str, Text, Text) {
        // The last one stands for what is missing from the list; a test sees to it that nothing is.
        NOTES.iter().find(|(note, ..)| *note == self).unwrap_or(&NOTES[NOTES.len() - 1])
    }

    /// Its name in addresses.
    pub fn code(self) -> &'static str {
        self.entry().1
    }

    /// Reads that name.
    pub fn from_code(code: &str) -> Option<Self> {
        NOTES.iter().find(|(_, known, ..)| *known == code).map(|(note, ..)| *note)
    }

    /// What happened.
    pub fn what(self) -> Text {
        self.entry().2
    }

    /// What to do.
    pub fn next(self) -> Text {
        self.entry().3
    }
}

/// What came of work that ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An archive is here, whole as far as it was meant.
    Here,
    /// Some of what came is to be decided by the owner of the device first.
    Held,
    /// A file was written: its name, and how many bytes.
    Saved(String, u64),
    /// A text told what is newest.
    Told(Told),
    /// What was in memory is in an encrypted home.
    Kept,
    /// What waited for the person's yes was done.
    Approved(Waiting),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_has_its_own_words() {
        let mut codes: Vec<_> = NOTES.iter().map(|(_, code, ..)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), NOTES.len());
        for (note, code, ..) in NOTES {
            assert_eq!((note.code(), Note::from_code(code)), (code, Some(note)));
        }
    }
}
