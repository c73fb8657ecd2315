//! What is said otherwise where another device serves the pages: its word has to be taken for it.

use super::text::Text;

pub const STATUS: Text = Text(
    "سنجیده بر دستگاه میزبان، نه بر دستگاه شما.",
    "Checked on the host's device, not on yours.",
);
pub const FOOTER: Text = Text(
    "این صفحه از دستگاه دیگری در همین شبکه می‌آید، نه از اینترنت. چیزی در راه رمزگذاری نمی‌شود: کسی که در این شبکه گوش می‌دهد می‌تواند ببیند چه می‌خوانید.",
    "This page comes from another device on this network, not from the internet. Nothing is encrypted on the way: somebody who listens on this network can see what you read.",
);
pub const BY_HOST: Text = Text("میزبان آن را سنجیده است", "Checked by the host");
pub const BY_HOST_LONG: Text = Text(
    "برنامهٔ دستگاه میزبان هر بایت را پیش از نشان دادن با کلیدهای این بایگانی می‌سنجد. مرورگر شما نمی‌تواند آن را بسنجد، و میزبانی دروغین هم می‌تواند همین صفحه و همین واژه‌ها را نشان دهد. اگر میزبان را نمی‌شناسید، فایل بایگانی را بگیرید و روی دستگاه خودتان با یادگار وارد کنید: فایل جعلی پذیرفته نمی‌شود یا شش واژهٔ دیگری دارد.",
    "The program on the host's device checks every byte against this archive's keys before showing it. Your browser cannot check it, and a false host could show the same page and the same words. If you do not know the host, take the archive's file and import it with yadgar on your own device: a faked file is refused, or has other six words.",
);
pub const GENUINE: Text = Text(
    "این پرونده بخشی از نسخه‌ای است که نگه‌دارندگان امضا کرده‌اند. برنامهٔ دستگاه میزبان آن را بایت‌به‌بایت سنجید؛ مرورگر شما نمی‌تواند. برای اطمینان، گواه این پرونده را بگیرید و روی دستگاه خودتان با یادگار بسنجید، و شش واژه را با کسی که می‌شناسید مقایسه کنید.",
    "This record is part of a release that the keepers signed. The program on the host's device checked it byte by byte; your browser cannot. To be sure, take the proof of this record and check it with yadgar on your own device, and compare the six words with somebody you know.",
);
pub const SEARCH_HELP: Text = Text(
    "به فارسی یا لاتین، با فاصله یا بی‌فاصله؛ بخشی از نام هم بس است. آنچه می‌نویسید بی رمزگذاری در این شبکه به دستگاه میزبان می‌رود و در تاریخچهٔ مرورگر می‌ماند.",
    "In Persian or Latin letters, with spaces or without; part of a name will do. What you write goes over this network to the host's device, not encrypted, and stays in the browser's history.",
);
