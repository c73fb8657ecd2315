//! The words of records in both languages (protocol: record.md, "Words").

pub use super::record_terms::*;
use super::text::{Counted, Text};
use yadgar_protocol::record::*;

pub const GONE: Text = Text("دیگر در بایگانی نیست", "No longer in the archive");
pub const NEWER: Text = Text(
    "این پرونده با نسخهٔ تازه‌تری از برنامه نوشته شده است.",
    "This record was written for a newer version of the program.",
);
pub const SEARCH: Text = Text("جست‌وجوی نام", "Search for a name");
pub const SEARCH_DO: Text = Text("بگرد", "Search");
pub const SEARCH_HELP: Text = Text(
    "به فارسی یا لاتین، با فاصله یا بی‌فاصله؛ بخشی از نام هم بس است. آنچه می‌نویسید از این دستگاه بیرون نمی‌رود، اما در تاریخچهٔ مرورگر می‌ماند.",
    "In Persian or Latin letters, with spaces or without; part of a name will do. What you write does not leave this device, but stays in the browser's history.",
);
pub const FOUND_NONE: Text = Text(
    "کسی با این نام پیدا نشد. بخشی از نام را با نگارش دیگری بیازمایید.",
    "Nobody of that name was found. Try a part of the name, or another spelling.",
);
pub const GONE_HELP: Text = Text(
    "نگه‌دارندگان این پرونده را برداشته‌اند. دلیل کلی: {}. روز: {}.",
    "The keepers took this record back. General reason: {}. Day: {}.",
);
pub const MERGED_INTO: Text =
    Text("این پرونده با پروندهٔ دیگری یکی شده است:", "This record was merged into another one:");
pub const DISPUTED_NOTE: Text = Text(
    "این پرونده مورد اختلاف است: منبع‌ها دربارهٔ خود آن با هم نمی‌خوانند.",
    "This record is disputed as a whole: its sources contradict each other.",
);
pub const GENDER: Text = Text("جنسیت", "Gender");
pub const BORN: Text = Text("تولد", "Born");
pub const INJURED: Text = Text("روز آسیب", "Hurt on");
pub const PLACE: Text = Text("کجا", "Where");
pub const PLACE_OF_DEATH: Text = Text("محل درگذشت", "Place of death");
pub const ORIGIN: Text = Text("اهل", "Home town");
pub const BURIAL: Text = Text("شهر خاک‌سپاری", "City of burial");
pub const FATHER: Text = Text("نام پدر", "Father's name");
pub const OCCUPATION: Text = Text("پیشه", "Occupation");
pub const EDUCATION: Text = Text("تحصیل", "Education");
pub const ROLE: Text = Text("در آن رویداد", "At the incident");
pub const MANNER: Text = Text("چگونه", "How");
pub const INJURY: Text = Text("جای زخم", "Injury");
pub const FORCES: Text = Text("نیروها، به گفتهٔ منبع‌ها", "Forces, by the sources");
pub const CUSTODY: Text = Text("در بازداشت", "In custody");
pub const OFFICIAL: Text = Text("ادعای رسمی", "Official claim");
pub const OFFICIAL_HELP: Text = Text(
    "این گفتهٔ مقام‌هاست، نه یافتهٔ این بایگانی.",
    "This is what an authority claims, not what this archive found.",
);
pub const CLAIMS: Text = Text("گفتهٔ منبع‌ها", "What sources say");
pub const CLAIMS_HELP: Text = Text(
    "گفته‌های ناهم‌خوان هم نگه داشته می‌شوند.",
    "Values that contradict each other are kept as well.",
);
pub const FIELD: Text = Text("دربارهٔ", "About");
pub const SAYS: Text = Text("گفته", "Says");
pub const CONFIDENCE: Text = Text("اطمینان", "Confidence");
pub const SOURCE: Text = Text("منبع", "Source");
pub const PUBLISHED: Text = Text("انتشار: {}", "Published: {}");
pub const READ_ON: Text = Text("بازدید: {}", "Read: {}");
pub const SAME_ORIGIN: Text = Text("خاستگاه {}", "Origin {}");
pub const SAME_ORIGIN_HELP: Text = Text(
    "منبع‌هایی که یک خاستگاه دارند مستقل شمرده نمی‌شوند.",
    "Sources of one origin do not count as independent.",
);
pub const PRIVATE_SOURCES: Text = Text(
    "منبع‌هایی هم هست که برای ایمنی منتشر نمی‌شود.",
    "There are sources besides that are not published, for safety.",
);
pub const WITHHELD: Text =
    Text("برخی داده‌های این پرونده منتشر نمی‌شود.", "Some of this record is not published.");
pub const HISTORY: Text = Text("تاریخچهٔ تصحیح", "History of corrections");
pub const VERSION: Text = Text("ویرایش {} · {} · {}", "Version {} · {} · {}");
pub const FIRST_VERSION: Text =
    Text("این نخستین ویرایش است، از {}.", "This is the first version, of {}.");
pub const GENUINE: Text = Text("از کجا بدانم اصل است؟", "How do I know this is genuine?");
pub const GENUINE_HELP: Text = Text(
    "این پرونده بخشی از نسخه‌ای است که نگه‌دارندگان امضا کرده‌اند. برنامه پیش از نشان دادن، بایت‌به‌بایت آن را با امضا سنجید. برای اطمینان از خود بایگانی، شش واژهٔ زیر را با کسی که می‌شناسید مقایسه کنید.",
    "This record is part of a release that the keepers signed. The program checked it against the signature, byte by byte, before showing it. To be sure of the archive itself, compare the six words below with somebody you know.",
);
pub const GENUINE_MADE: Text = Text(
    "این صفحه از نسخه‌ای ساخته شده که نگه‌دارندگان امضا کرده‌اند، اما در پوشه‌ای است که هر کسی می‌توانسته آن را عوض کند و مرورگر نمی‌تواند آن را بسنجد. گواه این پرونده را با برنامهٔ یادگار بسنجید و شش واژهٔ زیر را با کسی که می‌شناسید مقایسه کنید.",
    "This page was made from a release that the keepers signed, but it lies in a folder that anybody could have changed, and a browser cannot check it. Check the proof of this record with yadgar, and compare the six words below with somebody you know.",
);
pub const VERSION_N: Text = Text("ویرایش {}", "version {}");
pub const GENUINE_LIMIT: Text = Text(
    "امضا نشان می‌دهد که چه کسی منتشر کرده و چیزی دست نخورده است؛ راستی خود رویداد را منبع‌ها نشان می‌دهند.",
    "The signature shows who published it and that nothing was altered; whether it happened so, the sources show.",
);
pub const PROOF: Text = Text("گرفتن گواه این پرونده", "Download the proof of this record");
pub const PROOF_HELP: Text = Text(
    "گواه را می‌توان بر هر دستگاهی، بی بایگانی و بی اینترنت سنجید:",
    "The proof can be checked on any machine, without the archive and without internet:",
);
pub const ON_SITE: Text = Text("دیدن تصویر", "See the picture");
pub const LOCAL_TIME: Text = Text("ساعت محلی", "local time");
pub const NEAR: Text = Text("نزدیکِ", "near");
pub const SOURCE_N: Text = Text("منبع {}", "Source {}");
pub const ARCHIVED: Text = Text("نسخهٔ نگه‌داشته (BLAKE3):", "Copy that is kept (BLAKE3):");
pub const GONE_LEFT: Text = Text(
    "از این پرونده جز همین چیزی نگه داشته نشده است. اگر نشانی آن را از کسی گرفته‌اید، این پاسخ آن است.",
    "Nothing else of this record is kept. If somebody gave you its address, this is the answer.",
);
pub const MINOR: Text = Text("زیر ۱۸ سال", "Under 18");
pub const NATIONALITY: Text = Text("تابعیت", "Nationality");
pub const ETHNICITY: Text = Text("قومیت یا دین", "Ethnicity or religion");
pub const INCIDENT: Text = Text("رویداد", "Incident");
pub const INCIDENT_UNTITLED: Text = Text("رویداد بی‌نام", "Incident without a name");
pub const WITHHELD_WHAT: Text = Text("آنچه نیامده:", "Left out:");
pub const WITHHELD_WHY: Text = Text(
    "نبودنش به احترام و برای ایمنی است و چیزی دربارهٔ کسی نمی‌گوید.",
    "It is left out from respect and for safety, and its absence says nothing about anybody.",
);
pub const GROUPS: Text = Text("منبع‌های مستقل", "Independent sources");
pub const GROUPS_N: Counted = Counted {
    fa: "{} خاستگاه جدا از هم",
    one: "{} origin",
    other: "{} origins apart from each other",
};
pub const REVIEWERS: Text = Text("بازبینی", "Review");
pub const REVIEWERS_N: Counted =
    Counted { fa: "{} بازبین", one: "{} reviewer", other: "{} reviewers" };
pub const LAST_ON: Text = Text("آخرین بار {}", "last on {}");
pub const METHODS: Text = Text("روش‌ها", "Methods");
pub const METHODOLOGY: Text = Text("شرح روش (BLAKE3)", "Description of the method (BLAKE3)");
pub const ELSEWHERE: Text = Text("همین نام در مجموعه‌های دیگر", "In other collections");
pub const CONSENT: Text = Text("چرا منتشر می‌شود:", "Why it may be published:");
pub const REVIEW_BY: Text = Text("بازنگری تا سال {}", "To be asked again by {}");
pub const LICENCE: Text = Text("پروانه:", "Licence:");
pub const EDITED: Text = Text("پیش از انتشار:", "Before publication:");
pub const PICTURES: Text = Text("تصویرها و سندها", "Pictures and documents");
pub const TO_WARNING: Text = Text("پیش از دیدن، هشدار را بخوانید", "Read the warning first");
pub const PICTURE_NOT_HERE: Text = Text(
    "این تصویر هنوز روی این دستگاه نیست. بخش تصویرها جداگانه گرفته می‌شود.",
    "This picture is not on this device yet. Pictures are fetched apart.",
);
pub const PICTURE_NOT_SHOWN: Text = Text(
    "این فایل از گونه‌ای نیست که این‌جا بی‌خطر نشان داده شود، یا همان نیست که پرونده نام می‌برد.",
    "This file is not of a kind that is safe to show here, or not the one that the record names.",
);
pub const AS_FILE: Text = Text("گرفتن آن به‌صورت فایل", "Get it as a file");
pub const WARNING: Text = Text("پیش از دیدن این تصویر", "Before you see this picture");
pub const WARNING_HELP: Text = Text(
    "دیدنش لازم نیست: آنچه نشان می‌دهد در پرونده با واژه‌ها آمده است.",
    "You do not have to see it: the record says in words what it shows.",
);
pub const WARNING_SHOWS: Text = Text("تصویر نشان می‌دهد:", "The picture shows:");
pub const WARNING_BACK: Text = Text("بازگشت، بی‌دیدن تصویر", "Go back without seeing it");
pub const WARNING_ON: Text = Text("تصویر را نشان بده", "Show the picture");
pub const PICTURE_HASH: Text =
    Text("اثر انگشت این تصویر (BLAKE3):", "Fingerprint of this picture (BLAKE3):");
pub const BACK_TO_PERSON: Text = Text("بازگشت به پرونده", "Back to the record");
pub const TOLLS: Text = Text("شمار کشته‌شدگان، به گفتهٔ منبع‌ها", "Killed, by the sources");
pub const TOLL_SPAN: Text = Text("{} تا {} نفر", "{} to {}");
pub const TOLL_N: Text = Text("{} نفر", "{}");
pub const INCIDENT_PEOPLE: Text =
    Text("کسانی که در این رویداد کشته شدند", "People who were killed in this incident");
pub const SUMMARY: Text = Text("آنچه رخ داد", "What happened");
pub const WHEN: Text = Text("کِی", "When");

/// A date that is not known.
pub const UNKNOWN: Text = Text("دانسته نیست", "not known");

pub const fn gender(word: Gender) -> Text {
    match word {
        Gender::Female => Text("زن", "female"),
        Gender::Male => Text("مرد", "male"),
        Gender::Other => Text("جز این دو", "other"),
        Gender::Unknown => UNKNOWN,
        Gender::Withheld => Text("منتشر نمی‌شود", "not published"),
    }
}

pub const fn role(word: Role) -> Text {
    match word {
        Role::Protester => Text("معترض", "protester"),
        Role::Bystander => Text("رهگذر", "bystander"),
        Role::AtHome => Text("در خانه", "at home"),
        Role::Detainee => Text("بازداشتی", "detainee"),
        Role::SecurityForce => Text("از نیروهای امنیتی", "member of the security forces"),
        Role::Other => Text("جز این‌ها", "other"),
        Role::Unknown => UNKNOWN,
    }
}

pub const fn manner(word: Manner) -> Text {
    match word {
        Manner::LiveFire => Text("گلولهٔ جنگی", "live fire"),
        Manner::Pellets => Text("ساچمه", "pellets"),
        Manner::Beating => Text("ضرب‌وشتم", "beating"),
        Manner::Vehicle => Text("خودرو", "vehicle"),
        Manner::TearGas => Text("گاز اشک‌آور", "tear gas"),
        Manner::Stabbing => Text("سلاح سرد", "stabbing"),
        Manner::Fall => Text("سقوط", "fall"),
        Manner::Fire => Text("آتش", "fire"),
        Manner::Drowning => Text("غرق‌شدگی", "drowning"),
        Manner::InCustody => Text("در بازداشت", "in custody"),
        Manner::Other => Text("جز این‌ها", "other"),
        Manner::Unknown => UNKNOWN,
    }
}

pub const fn injury(word: InjurySite) -> Text {
    match word {
        InjurySite::Head => Text("سر", "head"),
        InjurySite::Neck => Text("گردن", "neck"),
        InjurySite::Torso => Text("تنه", "torso"),
        InjurySite::Limb => Text("دست یا پا", "limb"),
        InjurySite::Unknown => UNKNOWN,
    }
}

pub const fn force(word: Force) -> Text {
    match word {
        Force::Police => Text("نیروی انتظامی", "police"),
        Force::Irgc => Text("سپاه پاسداران", "Revolutionary Guards"),
        Force::Basij => Text("بسیج", "Basij"),
        Force::PlainClothes => Text("لباس‌شخصی", "plain-clothes forces"),
        Force::Prison => Text("زندان", "prison service"),
        Force::Unknown => UNKNOWN,
    }
}

pub const fn custody(word: Custody) -> Text {
    match word {
        Custody::Yes => Text("آری", "yes"),
        Custody::No => Text("نه", "no"),
        Custody::Unknown => UNKNOWN,
    }
}

/// A word of confidence, and what it means.
pub const fn confidence(word: Confidence) -> (Text, Text) {
    match word {
        Confidence::Confirmed => (
            Text("تأییدشده", "confirmed"),
            Text(
                "چند منبع مستقل، یکی سند یا شهادت مستقیم",
                "several independent sources, one a document or direct testimony",
            ),
        ),
        Confidence::Probable => (
            Text("محتمل", "probable"),
            Text("منبع‌های موافق بیش از مخالف", "more sources for it than against it"),
        ),
        Confidence::Reported => {
            (Text("گزارش‌شده", "reported"), Text("یک منبع می‌گوید", "one source says so"))
        }
        Confidence::Disputed => (
            Text("مورد اختلاف", "disputed"),
            Text("منبع‌هایی خلاف آن می‌گویند", "sources contradict it"),
        ),
    }
}

pub const fn source_kind(word: SourceKind) -> Text {
    match word {
        SourceKind::NgoReport => Text("گزارش یک نهاد مستقل", "report of an organisation"),
        SourceKind::OfficialDocument => Text("سند رسمی", "official document"),
        SourceKind::OfficialStatement => Text("گفتهٔ مقام رسمی", "official statement"),
        SourceKind::Media => Text("رسانه", "media"),
        SourceKind::SocialMedia => Text("شبکهٔ اجتماعی", "social media"),
        SourceKind::TestimonyPublic => Text("شهادت علنی", "public testimony"),
    }
}

pub const fn change(word: ChangeCode) -> Text {
    match word {
        ChangeCode::Added => Text("افزوده شد", "added"),
        ChangeCode::Corrected => Text("تصحیح شد", "corrected"),
        ChangeCode::Removed => Text("برداشته شد", "removed"),
        ChangeCode::Sources => Text("منبع‌ها", "sources"),
        ChangeCode::Verification => Text("راستی‌آزمایی دوباره", "verified again"),
        ChangeCode::Merged => Text("یکی‌شدن با پرونده‌ای دیگر", "another record taken in"),
        ChangeCode::Status => Text("وضعیت", "status"),
    }
}

pub const fn status_reason(word: StatusReason) -> Text {
    match word {
        StatusReason::Duplicate => Text("تکراری", "duplicate"),
        StatusReason::Error => Text("نادرست", "error"),
        StatusReason::OutOfScope => Text("بیرون از موضوع", "out of scope"),
        StatusReason::FoundAlive => Text("زنده یافته شد", "found alive"),
        StatusReason::Fabricated => Text("ساختگی", "fabricated"),
        StatusReason::SourceWithdrawn => Text("منبع پس گرفت", "its source withdrew it"),
        StatusReason::Withheld => Text("بازداشته", "withheld"),
    }
}
