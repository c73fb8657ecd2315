//! The words of records in both languages (protocol: record.md, "Words").

use super::text::Text;
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
    "نگهدارندگان این پرونده را برداشته‌اند. دلیل کلی: {}. روز: {}.",
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
pub const REVIEWED: Text = Text("{} بازبین، {}", "{} reviewers, {}");
pub const WITHHELD: Text =
    Text("برخی داده‌های این پرونده منتشر نمی‌شود.", "Some of this record is not published.");
pub const HISTORY: Text = Text("تاریخچهٔ تصحیح", "History of corrections");
pub const VERSION: Text = Text("ویرایش {} · {} · {}", "Version {} · {} · {}");
pub const FIRST_VERSION: Text =
    Text("این نخستین ویرایش است، از {}.", "This is the first version, of {}.");
pub const GENUINE: Text = Text("از کجا بدانم اصل است؟", "How do I know this is genuine?");
pub const GENUINE_HELP: Text = Text(
    "این پرونده بخشی از نسخه‌ای است که نگهدارندگان امضا کرده‌اند. برنامه پیش از نشان دادن، بایت‌به‌بایت آن را با امضا سنجید. برای اطمینان از خود بایگانی، شش واژهٔ زیر را با کسی که می‌شناسید مقایسه کنید.",
    "This record is part of a release that the keepers signed. The program checked it against the signature, byte by byte, before showing it. To be sure of the archive itself, compare the six words below with somebody you know.",
);
pub const GENUINE_LIMIT: Text = Text(
    "امضا نشان می‌دهد که چه کسی منتشر کرده و چیزی دست نخورده است؛ راستی خود رویداد را منبع‌ها نشان می‌دهند.",
    "The signature shows who published it and that nothing was altered; whether it happened so, the sources show.",
);
pub const PROOF: Text = Text("گرفتن گواه این پرونده", "Download the proof of this record");
pub const PROOF_HELP: Text = Text(
    "گواه را می‌توان بر هر دستگاهی، بی بایگانی و بی اینترنت سنجید:",
    "The proof can be checked on any machine, without the archive and without internet:",
);
pub const PORTRAIT: Text = Text("چهره", "Portrait");
pub const GRAPHIC: Text =
    Text("تصویر دلخراش؛ برای دیدن باز کنید", "A distressing picture; open it to see it");
pub const ON_SITE: Text = Text("دیدن تصویر", "See the picture");

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

pub const fn confidence(word: Confidence) -> Text {
    match word {
        Confidence::Confirmed => Text("تأییدشده", "confirmed"),
        Confidence::Probable => Text("محتمل", "probable"),
        Confidence::Reported => Text("گزارش‌شده", "reported"),
        Confidence::Disputed => Text("مورد اختلاف", "disputed"),
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

/// Names of fields as claims and corrections use them; a field within one goes by its name, and one that has
/// none here is shown as it stands.
pub fn field(path: &str) -> Option<Text> {
    let name = path.split(['.', '[']).next().unwrap_or_default();
    Some(match name {
        "names" => Text("نام", "name"),
        "age" => Text("سن", "age"),
        "minor" => Text("زیر ۱۸ سال", "under 18"),
        "gender" => GENDER,
        "birth" => BORN,
        "died_at" => Text("روز درگذشت", "day of death"),
        "injured_at" => INJURED,
        "place" => Text("جا", "place"),
        "place_of_death" => PLACE_OF_DEATH,
        "manner" => Text("چگونگی مرگ", "manner of death"),
        "role" => ROLE,
        "forces" => FORCES,
        "story" => Text("روایت", "account"),
        "sources" => Text("منبع‌ها", "sources"),
        "media" => Text("تصویر", "pictures"),
        "verification" => Text("راستی‌آزمایی", "verification"),
        "occupation" => OCCUPATION,
        "father_name" => FATHER,
        _ => return None,
    })
}
