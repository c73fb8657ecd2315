//! Columns: how many in each slot of time.

use super::base::{Edge, Lang, across, down, label, number, part};
use maud::{Markup, html};

/// Room above the columns for the highest value, in hundredths of an em.
pub const HEADROOM: u32 = 130;

/// Slots up to which every value is written, at any width and on wide screens.
const VALUES_NARROW: i64 = 12;
const VALUES_WIDE: i64 = 31;

/// The least height of a column, in hundredths of an em: one person is seen beside a thousand.
const LEAST: u32 = 12;

/// A slot in which something is counted.
pub struct Column {
    /// Which slot, from 0.
    pub slot: i64,
    /// How many, not 0.
    pub count: u64,
    /// What is announced and shown on hovering.
    pub name: String,
    /// Where it leads, if anywhere.
    pub href: Option<String>,
}

/// Draws columns into `whole` slots, between `top` and `top + height` (hundredths of an em).
pub fn plot(lang: Lang, columns: &[Column], whole: i64, top: u32, height: u32) -> Markup {
    let most = columns.iter().map(|c| c.count).max().unwrap_or(0).max(1);
    let peak = columns.iter().find(|c| c.count == most).map(|c| c.slot);
    let room = height.saturating_sub(HEADROOM);
    html! {
        line.base x1="0" x2="100%" y1=(down(top + height)) y2=(down(top + height)) {}
        @for column in columns {
            @let exact = u128::from(column.count) * u128::from(room) / u128::from(most);
            @let tall = u32::try_from(exact).unwrap_or(room).max(LEAST);
            @let y = top + height - tall;
            @let inside = html! {
                rect.hit x=(across(column.slot, whole)) width=(across(1, whole)) y=(down(top)) height=(down(height)) {}
                rect.bar x=(across(column.slot * 100 + 10, whole * 100)) width=(across(80, whole * 100))
                    y=(down(y)) height=(down(tall)) {}
                @if let Some(class) = value_class(whole, Some(column.slot) == peak) {
                    @let (x, edge) = value_place(column.slot, whole);
                    (label(lang, class, (&x, &down(y.saturating_sub(35))), edge, &number(lang, column.count)))
                }
            };
            (part(&column.name, column.href.as_deref(), &inside))
        }
    }
}

fn value_class(whole: i64, peak: bool) -> Option<&'static str> {
    if peak || whole <= VALUES_NARROW {
        Some("value")
    } else if whole <= VALUES_WIDE {
        Some("value only-wide")
    } else {
        None
    }
}

/// Over the column, but not over the edge of the drawing where columns are narrow.
fn value_place(slot: i64, whole: i64) -> (String, Edge) {
    if whole > VALUES_WIDE && slot * 20 < whole {
        return (across(slot, whole), Edge::Left);
    }
    if whole > VALUES_WIDE && (slot + 1) * 20 > whole * 19 {
        return (across(slot + 1, whole), Edge::Right);
    }
    (across(slot * 2 + 1, whole * 2), Edge::Middle)
}
