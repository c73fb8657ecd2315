//! The notes of ways that are not taken.

use super::Note;
use crate::memorial::Text;

pub(super) const RECOGNISED: (Note, &str, Text, Text) = (
    Note::Recognised,
    "recognised",
    Text(
        "سرویس‌دهنده آنچه این دعوت‌نامه می‌خواهد را می‌شناخت؛ چیزی فرستاده نشد.",
        "The provider would recognise what this invite leads to. Nothing was sent.",
    ),
    Text(
        "دعوت‌نامه‌ای بگیرید که به وب می‌رود، یا فایل را با فلش. با Tor یا پراکسی خودتان از راه خط فرمان: yadgar fetch INVITE --proxy socks5h://127.0.0.1:9050",
        "Ask for an invite that leads to the web, or take the file on a stick. With Tor or a proxy of yours, on the command line: yadgar fetch INVITE --proxy socks5h://127.0.0.1:9050",
    ),
);

pub(super) const PROXY: (Note, &str, Text, Text) = (
    Note::Proxy,
    "proxy",
    Text(
        "پراکسی‌ای که در این دستگاه تنظیم شده به این کار نمی‌خورد؛ چیزی فرستاده نشد.",
        "The proxy that is set on this device does not fit. Nothing was sent.",
    ),
    Text(
        "از پراکسی نه به همسایه‌ها می‌توان رسید و نه به QUIC. متغیرهای HTTPS_PROXY و ALL_PROXY را ببینید.",
        "Through a proxy neither neighbours nor QUIC can be reached. See the variables HTTPS_PROXY and ALL_PROXY.",
    ),
);
