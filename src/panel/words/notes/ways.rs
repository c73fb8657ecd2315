//! The notes of ways that are not taken.

use super::Note;
use crate::memorial::Text;

pub(super) const NO_WEBSITE: (Note, &str, Text, Text) = (
    Note::NoWebsite,
    "website",
    Text(
        "این دعوت‌نامه از هیچ وب‌سایتی نام نمی‌برد؛ چیزی فرستاده نشد.",
        "This invite names no website. Nothing was sent.",
    ),
    Text(
        "دعوت‌نامه‌ای بگیرید که به وب می‌رود، یا فایل را با فلش، یا از همسایه‌ها. با Tor یا پراکسی روی همین دستگاه «از راه اینترنت هم» را برگزینید.",
        "Ask for an invite that leads to the web, or take the file on a stick, or from neighbours. With Tor or a proxy on this device pick “Over the internet too”.",
    ),
);

pub(super) const WEBSITES: (Note, &str, Text, Text) = (
    Note::Websites,
    "websites",
    Text(
        "این دعوت‌نامه به وب‌سایت‌ها می‌رود؛ چیزی فرستاده نشد.",
        "This invite leads to websites. Nothing was sent.",
    ),
    Text(
        "اگر سرویس‌دهنده می‌تواند بازدید از یک وب‌سایت را ببیند، «به وب‌سایت‌هایی که نام می‌برد هم» را برگزینید و دوباره بچسبانید. فایل، فلش و همسایه امن‌ترند.",
        "If the provider may see a visit to a website, pick “To websites that it names, too” and paste it again. A file, a stick or a neighbour is safer.",
    ),
);

pub(super) const NEEDS_TOR: (Note, &str, Text, Text) = (
    Note::NeedsTor,
    "tor",
    Text(
        "این دعوت‌نامه به سرویس onion می‌رود که تنها از راه Tor در دسترس است؛ چیزی فرستاده نشد.",
        "This invite leads to an onion service, which only Tor reaches. Nothing was sent.",
    ),
    Text(
        "Tor را به راه بیندازید و نشانی‌اش را زیر «از راه Tor، سایفون یا پراکسی دیگری روی این دستگاه» بنویسید: socks5h://127.0.0.1:9050",
        "Start Tor, and write its address under “Through Tor, Psiphon or another proxy on this device”: socks5h://127.0.0.1:9050",
    ),
);

pub(super) const RECOGNISED: (Note, &str, Text, Text) = (
    Note::Recognised,
    "recognised",
    Text(
        "سرویس‌دهنده آنچه این دعوت‌نامه می‌خواهد را می‌شناخت؛ چیزی فرستاده نشد.",
        "The provider would recognise what this invite leads to. Nothing was sent.",
    ),
    Text(
        "دعوت‌نامه‌ای بگیرید که به وب می‌رود، یا فایل را با فلش. با Tor یا پراکسی خودتان نشانی‌اش را زیر «از راه Tor، سایفون یا پراکسی دیگری روی این دستگاه» بنویسید: socks5h://127.0.0.1:9050",
        "Ask for an invite that leads to the web, or take the file on a stick. With Tor or a proxy of yours, write its address under “Through Tor, Psiphon or another proxy on this device”: socks5h://127.0.0.1:9050",
    ),
);

pub(super) const PROXY: (Note, &str, Text, Text) = (
    Note::Proxy,
    "proxy",
    Text(
        "این پراکسی به این کار نمی‌خورد؛ چیزی فرستاده نشد.",
        "The proxy does not fit. Nothing was sent.",
    ),
    Text(
        "باید روی همین دستگاه یا شبکه باشد؛ از آن نه به همسایه‌ها می‌توان رسید و نه به QUIC. نشانی‌اش را ببینید، مانند socks5h://127.0.0.1:9050؛ اگر ننوشته‌اید متغیرهای HTTPS_PROXY و ALL_PROXY را.",
        "It has to be on this device or network; neither neighbours nor QUIC can be reached through it. Look at its address, like socks5h://127.0.0.1:9050; where you wrote none, at the variables HTTPS_PROXY and ALL_PROXY.",
    ),
);
