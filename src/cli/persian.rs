//! What modules below say in English only, in Persian: reasons that readers meet. One function for each kind of error.

use crate::dial::ConnectError;
use crate::net::DialError;
use crate::web::{UrlError, WebError};
use yadgar_protocol::words::WordsError;

/// Why a web host gave nothing. Words of the system stay as they are.
pub fn web(error: &WebError) -> String {
    match error {
        WebError::Connect(why) => format!("اتصالی برقرار نشد ({why})"),
        WebError::Proxy(why) => format!("پراکسی وصل نمی‌کند ({why})"),
        WebError::Forbidden(why) => format!("اتصالی گرفته نشد، چون روا نیست ({why})"),
        WebError::Tls(why) => format!("TLS درست نیست ({why})"),
        WebError::Stalled => "میزبان پیش نمی‌رود".to_owned(),
        WebError::Status(code) => format!("میزبان پاسخ {code} می‌دهد"),
        WebError::Redirect(to) => format!("میزبان به جای دیگری می‌فرستد ({to})"),
        WebError::TooLong => "پاسخ بیش از اندازه بلند است".to_owned(),
        WebError::Short => "پاسخ پیش از پایان بریده شد".to_owned(),
        WebError::Wrong(why) => format!("پاسخ درست نیست ({why})"),
        WebError::Broken(why) => format!("اتصال بریده شد ({why})"),
    }
}

/// Why an address of the web is of no use.
pub fn url(error: &UrlError) -> &'static str {
    match error {
        UrlError::NotAUrl => "نشانی وب نیست",
        UrlError::Scheme => "فقط از https:// (و در همین نزدیکی از http://) می‌توان پرسید",
        UrlError::Extras => "نشانی‌ای که نام کاربر یا «?» یا «#» دارد پوشه‌ی فایل‌ها نیست",
        UrlError::Plain => "http:// بی TLS فقط برای همین دستگاه، شبکه‌ی خصوصی یا سرویس onion است",
    }
}

/// Why an address of a peer was not reached.
pub fn dial(error: &DialError) -> String {
    match error {
        DialError::Way(error) => connect(error),
        DialError::Unsupported => "این گونه نشانی شناخته نیست".to_owned(),
        DialError::Refused => "کسی آن‌جا گوش نمی‌دهد (اتصال پذیرفته نشد)".to_owned(),
        DialError::Timeout => "در زمانی که بود پاسخی نیامد".to_owned(),
        DialError::Unreachable => "شبکه در دسترس نیست".to_owned(),
        DialError::WrongPeer(peer) => format!("گره دیگری آن‌جا پاسخ داد: {peer}"),
        DialError::Ourselves => "این نشانی خود ماست".to_owned(),
        DialError::Denied(why) => format!("اتصالی گرفته نشد، چون روا نیست ({why})"),
        DialError::Busy => "اتصالی گرفته نشد، چون اکنون جایی برای آن نیست".to_owned(),
        DialError::Stopped => "شبکه ایستاده است".to_owned(),
        DialError::Other(why) => format!("نشد ({why})"),
    }
}

fn connect(error: &ConnectError) -> String {
    match error {
        ConnectError::Name(why) => format!("نام میزبان شناخته نیست ({why})"),
        ConnectError::Connect { text, .. } => format!("اتصالی برقرار نشد ({text})"),
        ConnectError::NoProxy(why) => format!("پراکسی نیست ({why})"),
        ConnectError::Proxy(why) => format!("پراکسی وصل نمی‌کند ({why})"),
        ConnectError::Tls(why) => format!("TLS درست نیست ({why})"),
        ConnectError::Private => "نشانی خصوصی از راه پراکسی خواسته نمی‌شود".to_owned(),
        ConnectError::NoTcp => "به این گونه نشانی از راه پراکسی وصل نمی‌شود".to_owned(),
        ConnectError::Onion => {
            "به سرویس onion فقط از راه پراکسی SOCKS5 که از آنِ Tor باشد می‌توان رسید".to_owned()
        }
    }
}

/// What is wrong with the words of an invite.
pub fn words(error: &WordsError) -> String {
    match error {
        WordsError::Unknown { number, text, near } => {
            format!("واژه‌ی {number}، «{text}»، در فهرست نیست؛ آیا «{near}» است؟")
        }
        WordsError::Pair { number, fa, en } => {
            format!("واژه‌ی {number}: «{fa}» و «{en}» با هم جفت نیستند")
        }
        WordsError::Wrong { number, typed, fa, en } => format!(
            "واژه‌ی {number} نادرست است: «{typed}»؛ به گفته‌ی واژه‌های بازبینی «{fa}» ({en}) است"
        ),
        WordsError::Two(one, two, first, second) => format!(
            "واژه‌های {one} و {two} نادرست‌اند: به گفته‌ی واژه‌های بازبینی «{first}» و «{second}» هستند"
        ),
        WordsError::Swapped(one, two) => {
            format!("واژه‌های {one} و {two} جابه‌جا شده‌اند")
        }
        WordsError::Missing { number, fa, en } => {
            format!("واژه‌ی {number} نیست: به گفته‌ی واژه‌های بازبینی «{fa}» ({en}) است")
        }
        WordsError::Extra(number) => format!("واژه‌ی {number} زیادی است"),
        // The number that there must be may be a range, in English.
        WordsError::Count { have, want } => {
            format!("این‌ها {have} واژه‌اند، نه {}", want.replace(" to ", " تا "))
        }
        WordsError::Many => {
            "بیش از دو واژه نادرست، ناخوانا یا جاافتاده است؛ نمی‌توان گفت کدام‌ها".to_owned()
        }
        other => other.to_string(),
    }
}
