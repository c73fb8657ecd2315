//! Sources, what they contradict each other in, and how far a record was verified. All made up.

use super::rng::Rng;
use super::text::{both, digits, iso};
use super::when::first_day;
use yadgar_protocol::record::dates::System;
use yadgar_protocol::record::*;

const REVIEWED: &str = "2026-05-20";

/// Kinds of the sources of a record of each level; those of one number have one origin.
const SETS: [(Level, &[(SourceKind, u64)]); 9] = [
    (Level::Verified, &[(SourceKind::NgoReport, 1), (SourceKind::TestimonyPublic, 2)]),
    (
        Level::Verified,
        &[(SourceKind::NgoReport, 1), (SourceKind::Media, 2), (SourceKind::OfficialDocument, 3)],
    ),
    (Level::Corroborated, &[(SourceKind::NgoReport, 1), (SourceKind::Media, 2)]),
    (
        Level::Corroborated,
        &[(SourceKind::Media, 1), (SourceKind::NgoReport, 2), (SourceKind::SocialMedia, 1)],
    ),
    (Level::SingleSource, &[(SourceKind::NgoReport, 1)]),
    (Level::SingleSource, &[(SourceKind::Media, 1), (SourceKind::SocialMedia, 1)]),
    (Level::UnderReview, &[(SourceKind::SocialMedia, 1)]),
    (Level::UnderReview, &[(SourceKind::Media, 1), (SourceKind::NgoReport, 2)]),
    (Level::Disputed, &[(SourceKind::NgoReport, 1), (SourceKind::OfficialStatement, 2)]),
];
/// How many of a hundred records have each of the sets.
const SHARES: [u64; 9] = [24, 14, 18, 10, 9, 5, 7, 5, 8];

/// Gives a record its sources and the level that they earn.
pub fn sources(rng: &mut Rng, victim: &mut Victim) {
    let sets: Vec<_> = (0..SETS.len()).zip(SHARES).collect();
    let (level, kinds) = SETS[rng.weighted(&sets)];
    let named = (1..).zip(kinds);
    victim.sources = named.map(|(n, (kind, group))| source(rng, n, *kind, *group)).collect();
    if level == Level::Disputed {
        victim.status = Status::Disputed;
    }
    let has = |kind| victim.sources.iter().any(|s: &Source| s.kind == kind);
    let methods = [
        (Method::Document, has(SourceKind::OfficialDocument)),
        (Method::Testimony, has(SourceKind::TestimonyPublic)),
        (Method::CrossCheck, groups(&victim.sources) > 1),
    ];
    victim.verification = Some(Verification {
        level,
        groups: groups(&victim.sources),
        methods: methods.into_iter().filter(|(_, used)| *used).map(|(m, _)| m).collect(),
        reviewers: if level == Level::UnderReview { 1 } else { rng.within(2, 3) },
        methodology: None,
        reviewed_on: (level != Level::UnderReview).then(|| REVIEWED.to_owned()),
    });
}

/// The source with a number, of a kind.
pub fn source(rng: &mut Rng, number: u64, kind: SourceKind, group: u64) -> Source {
    let (publisher, title) = match kind {
        SourceKind::NgoReport => (
            both("دیده‌بان نمونه (ساختگی)", "Sample Observatory (fictional)"),
            both("فهرست نام‌ها، ویرایش نمونه", "List of names, sample edition"),
        ),
        SourceKind::OfficialDocument => (
            both("ادارهٔ ثبت نمونه (ساختگی)", "Sample Registry Office (fictional)"),
            both("رونوشت گواهی، نمونه", "Copy of a certificate, sample"),
        ),
        SourceKind::OfficialStatement => (
            both("سخنگوی نمونه (ساختگی)", "Sample Spokesperson (fictional)"),
            both("گفته به خبرنگاران، نمونه", "Statement to reporters, sample"),
        ),
        SourceKind::Media => (
            both("روزنامهٔ نمونه (ساختگی)", "The Sample Daily (fictional)"),
            both("گزارش روزهای خاموشی، نمونه", "Report on the days of silence, sample"),
        ),
        SourceKind::SocialMedia => (
            both("کانال نمونه (ساختگی)", "Sample Channel (fictional)"),
            both("نوشتهٔ همگانی، نمونه", "Public post, sample"),
        ),
        SourceKind::TestimonyPublic => (
            both("آرشیو شهادت نمونه (ساختگی)", "Sample Testimony Archive (fictional)"),
            both("گفت‌وگوی ثبت‌شده، نمونه", "Recorded interview, sample"),
        ),
    };
    let published = first_day() + rng.within(10, 700) as i64;
    Source {
        sid: format!("s{number}"),
        url: rng.percent(70).then(|| format!("https://example.org/{}/{number}", kind.word())),
        kind,
        lang: Some(if rng.percent(75) { "fa" } else { "en" }.to_owned()),
        group,
        title: Some(title),
        accessed: rng.percent(60).then(|| "2026-05-02".to_owned()),
        published: Some(iso(System::Gregorian, published)),
        publisher,
        archived_hash: None,
    }
}

/// What sources say differently, where there are two of them.
pub fn claims(rng: &mut Rng, victim: &mut Victim) {
    let disputed = victim.status == Status::Disputed;
    if victim.sources.len() < 2 || !(disputed || rng.percent(10)) {
        return;
    }
    let (path, values) = match rng.below(4) {
        0 => {
            let age = victim.age.as_ref().map_or(30, |age| age.max);
            let said = |n: u64| both(&format!("{} ساله", digits(n)), &format!("aged {n}"));
            ("age", [said(age), said(age + 2)])
        }
        1 => ("manner", [both("شلیک گلوله", "live fire"), both("ضرب‌وجرح", "beating")]),
        2 => ("role", [both("معترض", "protester"), both("رهگذر", "bystander")]),
        _ => ("place.kind", [both("در خیابان", "in the street"), both("در خانه", "at home")]),
    };
    let confidence = match disputed {
        true => [Confidence::Disputed, Confidence::Disputed],
        false => [Confidence::Probable, Confidence::Reported],
    };
    let said = values.into_iter().zip(confidence).zip(&victim.sources);
    victim.claims = said
        .map(|((value, confidence), source)| Claim {
            src: vec![source.sid.clone()],
            path: path.to_owned(),
            value,
            confidence,
        })
        .collect();
}

/// What an authority says, as a claim.
pub fn official(rng: &mut Rng, victim: &mut Victim) {
    if !rng.percent(15) {
        return;
    }
    const CAUSES: [(&str, &str); 4] = [
        ("ایست قلبی", "cardiac arrest"),
        ("سقوط از بلندی", "a fall from a height"),
        ("اصابت جسم سخت", "a blow by a hard object"),
        ("تصادف", "a traffic accident"),
    ];
    let (fa, en) = rng.pick(&CAUSES);
    let last = victim.sources.last().map(|source| source.sid.clone());
    victim.official_cause = last.map(|sid| OfficialCause { src: vec![sid], text: both(fa, en) });
}
