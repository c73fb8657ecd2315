//! What is ordered on the first screen, and how it is begun.

use super::keeper::Keeper;
use super::reach::Asked;
use super::sharing::{Running, Wish};
use super::take::{Taking, store_note};
use super::{export, typed};
use crate::access::AccessError;
use crate::cli::key::passphrase::is_strong;
use crate::cli::open::hold;
use crate::cli::{CliError, Exit};
use crate::panel::job::What;
use crate::panel::pasted::{Pasted, pasted};
use crate::panel::words::{Note, Outcome};
use crate::panel::{Kept, Reach};
use crate::store::lock::HomeLock;
use crate::store::vault::key::{self, Cost};
use std::path::PathBuf;
use zeroize::Zeroizing;

impl Keeper {
    pub(super) fn unlock(&self, passphrase: &Zeroizing<String>) -> Result<(), Note> {
        let home = self.home().ok_or(Note::Failed)?;
        typed(Some(Zeroizing::new(passphrase.as_bytes().to_vec())));
        let held = hold(home, "reader");
        typed(None);
        let (access, ended) = held.map_err(|e| open_note(&e))?;
        self.open(access, Kept::Encrypted, Some((home, ended)));
        Ok(())
    }

    /// Makes an encrypted home, brings what is in memory into it and shows that from then on.
    fn encrypt(&self, passphrase: &[u8], taking: &Taking<'_>) -> Result<Outcome, Note> {
        let home = self.home.as_deref().ok_or(Note::CannotWrite)?;
        let make = || -> Result<(), AccessError> {
            let failed = |e| AccessError::Home(home.display().to_string(), e);
            crate::durable::create_dir_durable(home).map_err(failed)?;
            let _lock = HomeLock::acquire(home, "reader", None)?;
            key::create(home, passphrase, Cost::STANDARD)?;
            Ok(())
        };
        make().map_err(|e| match e {
            AccessError::Store(e) => store_note(&e),
            _ => Note::CannotWrite,
        })?;
        typed(Some(Zeroizing::new(passphrase.to_vec())));
        let held = hold(home, "reader");
        typed(None);
        let (access, ended) = held.map_err(|e| open_note(&e))?;
        export::copy(taking.ui, taking.access, &access, taking.job)?;
        self.end_share();
        self.open(access, Kept::Encrypted, Some((home, ended)));
        Ok(Outcome::Kept)
    }

    pub(super) fn begin_share(&self, wish: Result<Wish, Note>) -> Result<(), Note> {
        let access = self.access()?;
        let archives: Vec<_> = self.views().iter().map(|view| view.archive()).collect();
        if archives.is_empty() {
            return Err(Note::Nothing);
        }
        if self.state().share.as_ref().is_some_and(|share| share.view().is_some()) {
            return Ok(());
        }
        let running = Running::begin(&self.runtime, access, archives, self.lang, wish?)?;
        self.state().share = Some(running);
        Ok(())
    }

    pub(super) fn begin_pasted(
        &self,
        text: &str,
        core: bool,
        reach: Reach,
        proxy: &str,
    ) -> Result<(), Note> {
        match pasted(text) {
            Pasted::Invite(invite) => {
                let asked = Asked::of(&self.access()?, &invite, (reach, proxy), self.lang)?;
                self.begin_job(What::Fetch, move |_, taking| taking.far(&invite, asked, core))
            }
            // Its page is of this network, which no proxy leads to.
            Pasted::Share(_) if !proxy.is_empty() => Err(Note::Proxy),
            Pasted::Share(at) => {
                let place = self.state().uploads.clone();
                self.begin_job(What::Grab, move |_, taking| taking.share(at, core, &place))
            }
            Pasted::News(text) => self.begin_job(What::Read, move |_, taking| taking.told(&text)),
            Pasted::Public => Err(Note::NotPrivate),
            Pasted::WrongWords => Err(Note::WrongWords),
            Pasted::Unknown => Err(Note::NotUnderstood),
        }
    }

    pub(super) fn begin_save(
        &self,
        archive: usize,
        core: bool,
        folder: PathBuf,
    ) -> Result<(), Note> {
        let view = self.views().into_iter().nth(archive).ok_or(Note::Nothing)?;
        self.begin_job(What::Save, move |_, taking| {
            export::save(taking.access, taking.job, view.accepted(), core, &folder)
        })
    }

    pub(super) fn begin_encrypt(
        &self,
        one: Zeroizing<String>,
        two: &Zeroizing<String>,
    ) -> Result<(), Note> {
        if one != *two {
            return Err(Note::Differ);
        }
        if !is_strong(&one) {
            return Err(Note::Weak);
        }
        if self.home().is_some() || self.state().kept != Kept::Memory {
            return Err(Note::HomeThere);
        }
        self.begin_job(What::Keep, move |keeper, taking| keeper.encrypt(one.as_bytes(), taking))
    }
}

/// What to say when a home does not open. A wrong passphrase says no more than that.
fn open_note(e: &CliError) -> Note {
    match e.exit {
        Exit::Busy => Note::Held,
        _ if e.what == crate::store::StoreError::WrongPassphrase.to_string() => {
            Note::WrongPassphrase
        }
        _ => Note::Failed,
    }
}
