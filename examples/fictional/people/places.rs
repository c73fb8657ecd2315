//! Cities that do not exist, in provinces that do: maps and filters need provinces.

use super::rng::Rng;
use super::text::both;
use super::words::{PLACES, THINGS, latin, together};
use yadgar_protocol::record::places::PROVINCES;
use yadgar_protocol::record::{Place, PlaceKind, Precision, Texts};

/// Made-up cities of each province.
const CITIES: u64 = 3;
/// Provinces from which many records come, by their places in the list of provinces, and their weights.
const HEAVY: [(usize, u64); 7] = [(6, 12), (7, 8), (5, 6), (23, 9), (30, 9), (10, 5), (12, 3)];

/// A city: its province's place in the list, and its number there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct City(pub usize, pub u64);

/// A city by chance.
pub fn city(rng: &mut Rng) -> City {
    let mut weights: Vec<_> = (0..PROVINCES.len()).map(|n| (n, 1)).collect();
    for (n, weight) in HEAVY {
        weights[n].1 = weight;
    }
    City(rng.weighted(&weights), rng.below(CITIES))
}

impl City {
    /// Its name, made of two words.
    pub fn name(self) -> Texts {
        let at = self.0 * CITIES as usize + self.1 as usize;
        let (fa, en) = THINGS[at % THINGS.len()];
        let (fa_end, en_end) = PLACES[(at + at / THINGS.len()) % PLACES.len()];
        both(&together(fa, fa_end), &latin(en, en_end))
    }

    /// As a place that is known to the city.
    pub fn place(self, kind: PlaceKind) -> Place {
        Place {
            lat: None,
            lon: None,
            city: Some(self.name()),
            kind,
            county: None,
            country: "ZZ".to_owned(),
            locality: None,
            province: Some(PROVINCES[self.0].0.to_owned()),
            precision: Precision::City,
        }
    }
}

/// A quarter of a city, made up too.
pub fn quarter(rng: &mut Rng) -> Texts {
    let (fa, en) = rng.pick(&THINGS);
    both(&format!("محلهٔ {fa}"), &format!("{} quarter", latin(en, "")))
}
