//! Names, the person, and what happened.

use super::super::lists;
use super::super::problem::Code;
use super::{Builder, flag, split};
use yadgar_protocol::record::{
    Age, AgeBasis, Custody, Force, Gender, InjurySite, Manner, Minor, Name, NameKind,
    OfficialCause, RecordId, Role, Status, Translit, Victim,
};

impl Builder<'_> {
    pub(super) fn victim(&mut self, today: &str) -> Victim {
        let mut v = Victim::new(RecordId([0; 16]), today);
        v.fictional = flag(self, "fictional");
        v.status =
            self.word("status", 0, lists::STATUS, Status::from_word).unwrap_or(Status::Active);
        v.names = self.names();
        v.name_label = self.texts("name_label_en", "name_label_fa", 0);
        self.person(&mut v);
        self.happened(&mut v);
        v.sources = self.sources();
        v.private_sources = self.private_sources();
        v.claims = self.claims();
        v.external_ids = self.external();
        v.media = self.media();
        v.consent = self.consent();
        v.withheld = self.fields("withheld", 0);
        v.verification = self.verification(&v);
        v
    }

    fn person(&mut self, v: &mut Victim) {
        v.father_name = self.texts("father_name_en", "father_name_fa", 0);
        v.gender = self.word("gender", 0, lists::GENDER, Gender::from_word);
        v.birth = self.date(["birth", "birth_jalali"], None);
        v.age = self.age();
        v.minor = self.word("minor", 0, lists::MINOR, Minor::from_word);
        v.occupation = self.texts("occupation_en", "occupation_fa", 0);
        v.education = self.texts("education_en", "education_fa", 0);
        v.ethnicity_religion = self.texts("ethnicity_religion_en", "ethnicity_religion_fa", 0);
        v.nationality = self.countries("nationality");
        v.burial_city = self.texts("burial_city_en", "burial_city_fa", 0);
    }

    fn happened(&mut self, v: &mut Victim) {
        v.place = self.place(&super::parts::PLACE);
        v.place_of_death = self.place(&super::parts::DEATH);
        v.origin_city = self.place(&super::parts::ORIGIN);
        let home = v.place.as_ref().is_none_or(|place| place.country == "IR");
        let more = ["died_at_cal", "died_at_time", "died_at_tz"];
        v.died_at = self.date(["died_at", "died_at_jalali"], Some((more, home)));
        let more = ["injured_at_cal", "injured_at_time", "injured_at_tz"];
        v.injured_at = self.date(["injured_at", "injured_at_jalali"], Some((more, home)));
        v.role = self.word("role", 0, lists::ROLE, Role::from_word);
        v.manner = self.words("manner", 0, lists::MANNER, Manner::from_word);
        v.injury_site = self.words("injury_site", 0, lists::INJURY, InjurySite::from_word);
        v.custody = self.word("custody", 0, lists::CUSTODY, Custody::from_word);
        v.forces = self.words("forces", 0, lists::FORCE, Force::from_word);
        v.story = self.texts("story_en", "story_fa", 0);
        v.incident = self.id("incident");
        let src = self.srcs("official_cause_src", 0);
        match self.texts("official_cause_en", "official_cause_fa", 0) {
            Some(text) => v.official_cause = Some(OfficialCause { src, text }),
            None if !src.is_empty() => self.missing("official_cause_fa", 0),
            None => {}
        }
    }

    fn age(&mut self) -> Option<Age> {
        let one = self.number("age", 0);
        let (min, max) = (self.number("age_min", 0), self.number("age_max", 0));
        let basis = self.word("age_basis", 0, lists::AGE_BASIS, AgeBasis::from_word);
        let basis = basis.unwrap_or(AgeBasis::Stated);
        if one.is_some() && (min.is_some() || max.is_some()) {
            self.wrong("age", 0, Code::Conflict, Some("age_min, age_max".into()));
            return None;
        }
        match (one.or(min), one.or(max)) {
            (Some(min), Some(max)) => Some(Age { max, min, basis }),
            (None, None) => None,
            (None, _) => {
                self.missing("age_min", 0);
                None
            }
            (_, None) => {
                self.missing("age_max", 0);
                None
            }
        }
    }

    fn names(&mut self) -> Vec<Name> {
        let mut names = Vec::new();
        let primary =
            [("name_fa", "name_fa_src", "fa", "Arab"), ("name_en", "name_en_src", "en", "Latn")];
        for (column, src, lang, script) in primary {
            let translit = match lang {
                "fa" => Translit::None,
                _ => self
                    .word("name_en_translit", 0, lists::TRANSLIT, Translit::from_word)
                    .unwrap_or(Translit::AdHoc),
            };
            let src = self.srcs(src, 0);
            if let Some(text) = self.text(column, 0) {
                let kind = NameKind::Primary;
                names.push(Name {
                    src,
                    kind,
                    lang: lang.into(),
                    text,
                    script: script.into(),
                    translit,
                });
            }
        }
        let more = [
            ("name_fa_#", "name_fa_#_kind", "name_fa_", "fa", "Arab", Translit::None),
            ("name_en_#", "name_en_#_kind", "name_en_", "en", "Latn", Translit::SourceSpelling),
        ];
        for (column, kind, family, lang, script, translit) in more {
            for n in self.row.header.numbers(family) {
                let of = self.word(kind, n, lists::NAME_KIND, NameKind::from_word);
                if let Some(text) = self.text(column, n) {
                    let kind = of.unwrap_or(NameKind::Alias);
                    let (lang, script) = (lang.into(), script.into());
                    names.push(Name { src: Vec::new(), kind, lang, text, script, translit });
                }
            }
        }
        for n in self.row.header.numbers("name") {
            names.extend(self.other_name(n));
        }
        names
    }

    /// A name of any language.
    fn other_name(&mut self, n: u32) -> Option<Name> {
        let all = ["name#_text", "name#_lang", "name#_script", "name#_kind", "name#_src"];
        if !self.filled(&all, n) {
            return None;
        }
        let kind = self.word("name#_kind", n, lists::NAME_KIND, NameKind::from_word);
        let translit = self.word("name#_translit", n, lists::TRANSLIT, Translit::from_word);
        let src = self.srcs("name#_src", n);
        for needed in ["name#_text", "name#_lang", "name#_script"] {
            if self.cell(needed, n).is_none() {
                self.missing(needed, n);
            }
        }
        Some(Name {
            src,
            kind: kind.unwrap_or(NameKind::Alias),
            lang: self.text("name#_lang", n)?,
            text: self.text("name#_text", n)?,
            script: self.text("name#_script", n)?,
            translit: translit.unwrap_or(Translit::None),
        })
    }

    fn countries(&mut self, name: &'static str) -> Vec<String> {
        let countries = self.read(name, 0, |cell| {
            split(cell).map(super::parts::country).collect::<Result<Vec<_>, _>>()
        });
        countries.unwrap_or_default()
    }
}
