//! What to do about each kind of finding.

use crate::gate::Code;

/// What it is and what to do, in English and Persian.
pub fn advice(code: Code) -> (&'static str, &'static str) {
    people(code).or_else(|| records(code)).unwrap_or_else(|| files(code))
}

fn people(code: Code) -> Option<(&'static str, &'static str)> {
    Some(match code {
        Code::Phone => ("a telephone number: take it out", "شماره‌ی تلفن: آن را بردارید"),
        Code::NationalId => ("a national id: take it out", "کد ملی: آن را بردارید"),
        Code::Email => ("an e-mail address: take it out", "نشانی ایمیل: آن را بردارید"),
        Code::Coordinates => (
            "a position finer than 1 km: at most two decimals, and no link to a map",
            "جایی دقیق‌تر از یک کیلومتر: حداکثر دو رقم اعشار، و بی پیوند به نقشه",
        ),
        Code::Relative => (
            "a relative by name: take the name out, they may be alive",
            "نام یک خویشاوند: نام را بردارید، شاید زنده باشد",
        ),
        Code::Address => ("an address: take it out", "نشانی خانه: آن را بردارید"),
        Code::MinorPhoto => (
            "a minor's picture: only when the family published or allowed it",
            "عکس کودک: تنها اگر خانواده منتشر کرده یا اجازه داده است",
        ),
        Code::MinorStory => (
            "a minor's story: only when the family published or allowed it",
            "داستان کودک: تنها اگر خانواده منتشر کرده یا اجازه داده است",
        ),
        Code::MinorSchool => ("a minor's school: take it out", "مدرسه‌ی کودک: آن را بردارید"),
        Code::MinorSibling => {
            ("a minor's brothers or sisters: take them out", "خواهر یا برادر کودک: آن را بردارید")
        }
        Code::MinorPlace => {
            ("a minor's place: not below the city", "جای کودک: چیزی دقیق‌تر از شهر نوشته نشود")
        }
        _ => return None,
    })
}

fn records(code: Code) -> Option<(&'static str, &'static str)> {
    Some(match code {
        Code::HiddenText => (
            "characters that cannot be seen or turn the text: type it again",
            "نویسه‌های ناپیدا یا برگرداننده‌ی متن: متن را دوباره بنویسید",
        ),
        Code::ActiveContent => (
            "markup, script, or something that is run: texts of records are plain; of pages 'yadgar site import' makes a clean copy; leave scripts and programs out",
            "برچسب، اسکریپت یا چیزی که اجرا می‌شود: متن پرونده باید ساده باشد؛ از صفحه‌ها «yadgar site import» رونوشت پاک می‌سازد؛ اسکریپت و برنامه را کنار بگذارید",
        ),
        Code::ConsentMissing => (
            "no consent: say on what ground the record is published",
            "بی رضایت: بنویسید پرونده بر چه پایه‌ای منتشر می‌شود",
        ),
        Code::ConsentScope => (
            "the consent does not cover it: take it out, or ask",
            "رضایت این را نمی‌پوشاند: آن را بردارید یا بپرسید",
        ),
        Code::RestrictedField => (
            "a field that is never published: it belongs in your own encrypted files, or nowhere",
            "فیلدی که هرگز منتشر نمی‌شود: جایش فایل رمزشده‌ی خودتان است یا هیچ‌جا",
        ),
        Code::WithheldField => (
            "withheld, and yet said: take one of the two out",
            "هم نگفته خوانده شده و هم گفته شده: یکی را بردارید",
        ),
        Code::BadRecord => (
            "breaks the format: 'yadgar records show' and 'records revise' mend it",
            "با قالب نمی‌خواند: با «yadgar records show» و «records revise» درست می‌شود",
        ),
        Code::RecordWentBack => (
            "older than the last release, or not made upon it: take the record of the last release ('yadgar checkout') and make your change with 'yadgar records revise'; a record is taken out with 'yadgar withdraw'",
            "از نسخه‌ی پیش کهنه‌تر است یا بر پایه‌ی آن نیست: پرونده‌ی نسخه‌ی پیش را بگیرید («yadgar checkout») و تغییر را با «yadgar records revise» بدهید؛ برای برداشتن پرونده «yadgar withdraw» هست",
        ),
        Code::BadSeries => (
            "breaks the format of a series (protocol/spec/series.md): mend the lines that are named",
            "با قالب سری نمی‌خواند (protocol/spec/series.md): سطرهای نام‌برده را درست کنید",
        ),
        Code::BadMirrors => (
            "breaks the format of a list of mirrors (protocol/spec/mirrors.md): mend the line that is named, or take the file out and give --mirrors FILE",
            "با قالب فهرست آینه‌ها نمی‌خواند (protocol/spec/mirrors.md): سطر نام‌برده را درست کنید، یا فایل را بردارید و --mirrors FILE بدهید",
        ),
        Code::MediaMismatch => (
            "the record names another file: put the right one there, or revise the record",
            "پرونده فایل دیگری را نام می‌برد: فایل درست را بگذارید یا پرونده را اصلاح کنید",
        ),
        _ => return None,
    })
}

fn files(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::ImageMetadata => (
            "a picture with hidden data: run 'yadgar gate clean'",
            "عکس با داده‌ی پنهان: «yadgar gate clean» را اجرا کنید",
        ),
        Code::ImageUnclean => (
            "a picture that cannot be cleaned: save it as JPEG or PNG, then run 'yadgar gate clean'",
            "عکسی که پاک نمی‌شود: آن را JPEG یا PNG ذخیره کنید و سپس «yadgar gate clean»",
        ),
        Code::FileMetadata => (
            "a file with hidden data: make it again without",
            "فایل با داده‌ی پنهان: آن را بی آن داده دوباره بسازید",
        ),
        Code::FileUnclean => (
            "what is in the file cannot be seen: save a text as UTF-8, publish pictures of a document, or look yourself and let it pass",
            "درون این فایل دیده نمی‌شود: متن را با UTF-8 ذخیره کنید، از سند عکس بگذارید، یا خودتان وارسی کنید و روا بدارید",
        ),
        Code::FileName => (
            "the name of the file tells too much: rename it",
            "نام فایل زیاد می‌گوید: نامش را عوض کنید",
        ),
        Code::ExternalReference => (
            "a page fetches from elsewhere, which tells who reads it: put it into the folder; 'yadgar site import' makes a clean copy",
            "صفحه چیزی از جای دیگر می‌گیرد و خواننده را لو می‌دهد: آن را در پوشه بگذارید؛ «yadgar site import» رونوشت پاک می‌سازد",
        ),
        Code::ExternalLink => (
            "a link leads elsewhere: write the address as text; 'yadgar site import' does so",
            "پیوندی به جای دیگر می‌برد: نشانی را به صورت متن بنویسید؛ «yadgar site import» همین کار را می‌کند",
        ),
        _ => (
            "nothing is known about this kind of file: save it in a known one (docs/gate.md lists them), or look yourself and let it pass",
            "این گونه‌ی فایل شناخته نیست: آن را به گونه‌ای شناخته ذخیره کنید (فهرست در docs/gate.md)، یا خودتان وارسی کنید و روا بدارید",
        ),
    }
}
