//! The first page of a folder of files: which language. And the blank page of such a folder, to which every page leads
//! quickly.

use crate::memorial::layout::{document, head};
use crate::memorial::links::{File, Links, Page};
use crate::memorial::text::Lang;
use crate::memorial::words;
use maud::{Markup, html};

/// The first page. It says nothing of what the folder holds: no name, no picture.
pub fn page(links: &dyn Links) -> Markup {
    let body = html! {
        main #main.choose {
            h1.unseen { (words::TITLE.get(Lang::Fa)) }
            nav aria-label="فارسی / English" {
                p.doors {
                    @for lang in [Lang::Fa, Lang::En] {
                        @if let Some(address) = links.page(lang, &Page::Cover) {
                            a.door href=(address) lang=(lang.code()) hreflang=(lang.code()) dir=(lang.dir()) {
                                (words::OTHER_LANGUAGE.get(lang.other()))
                            }
                        }
                    }
                }
            }
        }
    };
    let style = links.file(&File::Style);
    document(Lang::Fa, &head(style.as_deref(), links.policy()), &body)
}
