//! Folders of this machine among what a user names: no rule about ways concerns them, for nobody is asked.

use super::Source;
use crate::store::WebForm;
use crate::web::BaseUrl;

/// The folders.
pub fn of(urls: Vec<(BaseUrl, WebForm)>) -> Vec<Source> {
    let here = urls.into_iter().filter(|(url, _)| url.is_here());
    here.map(|(url, form)| Source::Host(url, form)).collect()
}

/// The rest.
pub fn without(urls: Vec<(BaseUrl, WebForm)>) -> impl Iterator<Item = (BaseUrl, WebForm)> {
    urls.into_iter().filter(|(url, _)| !url.is_here())
}

/// Puts folders among what is asked first, or alone where nobody else is asked.
pub fn join(steps: &mut Vec<Vec<Source>>, mut here: Vec<Source>) {
    match steps.first_mut() {
        _ if here.is_empty() => {}
        Some(first) => {
            here.append(first);
            *first = here;
        }
        None => steps.push(here),
    }
}
