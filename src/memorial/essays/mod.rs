//! The texts of the memorial.
use crate::reader::text::Lang;
#[derive(Clone, Copy)]
pub enum Essay {
    About,
}
impl Essay {
    pub const ALL: [Self; 1] = [Self::About];
}
pub fn page(_: Lang, _: Essay) -> maud::Markup {
    maud::html! { h1 { "x" } }
}
