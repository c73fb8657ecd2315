//! Records made at random: what is encoded is decoded as it was, and only what has no fault is accepted.

use super::tests::{full, incident};
use super::*;
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zآ-ی\u{200c} ]{1,20}",
        1 => "\\PC{0,30}",
    ]
}

fn texts() -> impl Strategy<Value = Texts> {
    (proptest::option::of(text()), proptest::option::of(text()))
        .prop_map(|(en, fa)| Texts { en, fa })
}

fn day() -> impl Strategy<Value = String> {
    (1000..3000_u16, 0..15_u8, 0..33_u8).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}"))
}

fn date() -> impl Strategy<Value = FuzzyDate> {
    (day(), proptest::option::of(day()), 0..3_usize).prop_map(|(edtf, jalali, calendar)| {
        FuzzyDate {
            tz: None,
            jalali: jalali.or_else(|| dates::to_jalali(&edtf)),
            edtf,
            source_cal: Calendar::ALL[calendar],
            time_local: None,
        }
    })
}

/// Any value of a closed list.
fn any_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    (0..all.len()).prop_map(|n| all[n])
}

prop_compose! {
    fn names()(texts in proptest::collection::vec((text(), any_of(NameKind::ALL), any_of(Translit::ALL)), 0..4)) -> Vec<Name> {
        let name = |(text, kind, translit)| Name {
            src: Vec::new(), kind, lang: "fa".into(), text, script: "Arab".into(), translit,
        };
        texts.into_iter().map(name).collect()
    }
}

prop_compose! {
    fn victims()(
        names in names(),
        (birth, injured_at, died_at) in (proptest::option::of(date()), proptest::option::of(date()), proptest::option::of(date())),
        (story, occupation, label) in (proptest::option::of(texts()), proptest::option::of(texts()), proptest::option::of(texts())),
        (gender, role, minor, status) in (any_of(Gender::ALL), any_of(Role::ALL), any_of(Minor::ALL), any_of(Status::ALL)),
        (manner, reviewers, level) in (proptest::collection::vec(any_of(Manner::ALL), 0..3), 0..4_u64, any_of(Level::ALL)),
        (version, bare, claim) in (0..4_u64, any::<bool>(), "[a-z_.\\[\\]0-9]{0,12}"),
    ) -> Victim {
        let mut v = full();
        if bare {
            (v.claims, v.withheld, v.changes, v.prev, v.version) = (vec![], vec![], vec![], None, 1);
            (v.birth, v.injured_at) = (birth, injured_at);
        } else {
            v.claims[0].path = claim.clone();
            v.withheld = vec![claim];
            (v.version, v.birth) = (version, birth.or(v.birth));
        }
        if !names.is_empty() {
            v.names = names;
        }
        (v.died_at, v.occupation, v.name_label) = (died_at, occupation, label);
        (v.gender, v.role, v.minor, v.status) = (Some(gender), Some(role), Some(minor), status);
        v.story = story.or(v.story);
        v.manner = manner;
        let verification = v.verification.as_mut().unwrap();
        (verification.reviewers, verification.level) = (reviewers, level);
        v
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_as_it_was(victim in victims()) {
        let record = Record::Victim(Box::new(victim));
        let bytes = record.encode();
        prop_assert_eq!(&Record::decode_form(&bytes).unwrap(), &record);
        prop_assert_eq!(Record::decode(&bytes).is_ok(), check(&record).is_empty());
        let json = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
    }

    #[test]
    fn changed_bytes_are_refused_or_encode_to_themselves(
        changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..4), cut in any::<u16>(), event in any::<bool>(),
    ) {
        let record = match event {
            true => Record::Incident(Box::new(incident())),
            false => Record::Victim(Box::new(full())),
        };
        let mut bytes = record.encode();
        for (at, with) in changes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = with;
        }
        if cut % 4 == 0 {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        if let Ok(form) = Record::decode_form(&bytes) {
            prop_assert_eq!(form.encode(), bytes);
            let _ = check(&form);
        }
    }
}
