//! The sentences of the pages, Persian and English side by side.

use super::text::{Counted, Text};

/// Neutral, because it ends up in the browser's history.
pub const TITLE: Text = Text("صفحهٔ محلی", "Local page");
pub const SKIP: Text = Text("رفتن به متن", "Skip to the text");
pub const BRAND: Text = Text("یادگار", "Yadgar");
pub const OTHER_LANGUAGE: Text = Text("English", "فارسی");
pub const FOOTER: Text = Text(
    "این صفحه را برنامه‌ای روی همین دستگاه نشان می‌دهد. باز کردنش چیزی از اینترنت نمی‌خواند و چیزی نمی‌فرستد.",
    "This page comes from a program on this device. Opening it reads nothing from the internet and sends nothing.",
);
pub const FOOTER_FOLDER: Text = Text(
    "این صفحه یک فایل در یک پوشه است. باز کردنش چیزی از اینترنت نمی‌خواند و چیزی نمی‌فرستد. خود پوشه هم ردپاست: هر کس آن را بیابد، می‌بیند چه در آن است.",
    "This page is a file in a folder. Opening it reads nothing from the internet and sends nothing. The folder itself is a trace: whoever finds it sees what it holds.",
);
pub const FOOTER_HISTORY: Text = Text(
    "نشانی صفحه‌هایی که باز می‌کنید می‌تواند در تاریخچهٔ مرورگر بماند؛ پنجرهٔ خصوصی مرورگر آن را نگه نمی‌دارد.",
    "The addresses of pages you open can stay in the browser's history; a private window does not keep them.",
);

pub const WELCOME: Text = Text("آنچه روی این دستگاه هست", "What is on this device");
pub const NO_ARCHIVE: Text = Text(
    "هنوز بایگانی کاملی روی این دستگاه نیست.",
    "There is no complete archive on this device yet.",
);
pub const NO_ARCHIVE_HELP: Text = Text(
    "با یک دعوت‌نامه یا یک فایل حامل، بایگانی را بگیرید و سپس این صفحه را دوباره باز کنید.",
    "Get one with an invite or a carrier file, then load this page again.",
);
pub const CHECKED: Text = Text("درستی‌اش سنجیده شده است", "Checked and unaltered");
pub const CHECKED_LONG: Text = Text(
    "هر بایتی که اینجا نشان داده می‌شود با کلیدهای خود این بایگانی سنجیده شده است. کسی که آن را به دست شما رسانده نمی‌توانسته چیزی در آن عوض کند، کم کند یا بیفزاید؛ تنها می‌توانسته نسخهٔ تازه‌تری را به شما نرساند.",
    "Every byte shown here was checked against the archive's own keys. Whoever passed it on to you could not change anything in it, take anything out or put anything in; at most, they could keep a newer release from you.",
);
pub const CHECKED_LIMIT: Text = Text(
    "این سنجش نمی‌گوید کلیدها دست کیست. برای همین شش واژهٔ پایین را با کسی که به او اعتماد دارید، با صدا، مقایسه کنید.",
    "This check cannot say who holds the keys. For that, compare the six words below by voice with someone you trust.",
);
pub const SIX_WORDS: Text = Text("شش واژه برای مقایسه", "Six words to compare");
pub const OPEN_SITE: Text = Text("سایت بایگانی‌شده", "The archived site");
pub const OPEN_PEOPLE: Text = Text("فهرست نام‌ها", "List of names");
pub const RECORDS_N: Counted = Counted { fa: "{} نام", one: "{} name", other: "{} names" };
pub const NEWER: Text = Text(
    "نسخهٔ تازه‌تری هست (شمارهٔ {}) که هنوز کامل به این دستگاه نرسیده است. آنچه می‌بینید شمارهٔ {} است: کامل و سنجیده.",
    "A newer release is known (number {}), but it has not fully reached this device yet. What you see is number {}: complete and checked.",
);
pub const RELEASE: Text = Text("نسخه", "Release");
pub const RELEASE_N: Text = Text("شمارهٔ {}", "Number {}");
pub const DATE: Text = Text("تاریخ نسخه", "Date of the release");
pub const SIGNED: Text = Text("امضا", "Signed by");
pub const SIGNED_N: Text =
    Text("{} کلید از {} کلید؛ {} کلید لازم است", "{} of {} keys; {} are needed");
pub const LEARNED: Text = Text("از کجا آمده", "Where it came from");
pub const OTHERS: Text = Text("آیا تازه‌ترین است؟", "Is it the newest?");
pub const PARTS: Text = Text("بخش‌ها", "Parts");
pub const PART: Text = Text("بخش", "Part");
pub const FILES: Text = Text("فایل", "Files");
pub const SIZE: Text = Text("اندازه", "Size");
pub const PART_CORE: Text = Text("اصلی", "Core");
pub const PART_PORTRAITS: Text = Text("چهره‌ها", "Portraits");
pub const PART_MEDIA: Text = Text("عکس و فیلم", "Photos and films");
pub const ARCHIVE_ID: Text = Text("شناسهٔ بایگانی", "Archive id");
pub const DETAILS: Text = Text("جزئیات سنجش", "Details of the check");

pub const PEOPLE: Text = Text("نام‌ها", "Names");
pub const PEOPLE_SHOWN: Text = Text("{} تا {} از {}", "{} to {} of {}");
pub const PEOPLE_NONE: Text =
    Text("در این بایگانی پرونده‌ای نیست.", "There are no records in this archive.");
pub const PREVIOUS: Text = Text("صفحهٔ پیش", "Previous page");
pub const NEXT: Text = Text("صفحهٔ بعد", "Next page");
pub const PAGES: Text = Text("صفحه‌ها", "Pages");
pub const UNNAMED: Text = Text("نامش دانسته نیست", "Name not known");
pub const NOT_UNDERSTOOD: Text =
    Text("این فایل پرونده‌ای خوانا نیست.", "This file is not a record that can be read.");
pub const NOT_HERE: Text = Text(
    "بخشی از این فایل هنوز روی این دستگاه نیست.",
    "A piece of this file is not on this device yet.",
);
pub const FICTIONAL: Text = Text("ساختگی", "Fictional");
pub const FICTIONAL_LONG: Text = Text(
    "این پرونده نمونه و ساختگی است و به هیچ انسان واقعی اشاره ندارد.",
    "This record is a made-up sample. It refers to no real person.",
);

pub const AGE: Text = Text("سن", "Age");
pub const AGE_N: Text = Text("{} ساله", "{} years");
pub const AGE_SPAN: Text = Text("{} تا {} ساله", "{} to {} years");
pub const DIED: Text = Text("روز درگذشت", "Died");
pub const OTHER_NAMES: Text = Text("نگارش‌های دیگر نام", "Other spellings");
pub const LEVEL: Text = Text("راستی‌آزمایی", "Verification");
pub const SOURCES: Text = Text("منبع‌ها", "Sources");
pub const STORY: Text = Text("روایت", "Account");
pub const FILE_HELP: Text = Text(
    "این فایل بایت به بایت سنجیده شده است. با ابزار b3sum همین عدد به دست می‌آید.",
    "This file was checked byte for byte. The tool b3sum gives the same number.",
);
pub const PATH: Text = Text("نشانی در بایگانی", "Path in the archive");
pub const HASH: Text = Text("اثر انگشت (BLAKE3)", "Fingerprint (BLAKE3)");
pub const RAW: Text = Text("گرفتن فایل خام (CBOR)", "Get the raw file (CBOR)");
pub const BACK_TO_LIST: Text = Text("بازگشت به فهرست", "Back to the list");

pub const FILE_LIST: Text = Text("فایل‌های بایگانی", "Files of the archive");
pub const FILE_LIST_HELP: Text = Text(
    "این بایگانی صفحهٔ آغاز ندارد. این‌ها فایل‌های بخش اصلی آن‌اند؛ هر کدام هنگام باز شدن سنجیده می‌شود.",
    "This archive has no start page. These are the files of its core part; each is checked when it is opened.",
);
pub const FILE_LIST_WITHDRAWN: Text = Text(
    "شمار فایل‌هایی که پس گرفته شده‌اند و در فهرست نیامده‌اند: {}",
    "Withdrawn files, left out of the list: {}",
);
pub const FILE_LIST_MORE: Text =
    Text("تنها {} فایل نخست نشان داده شد.", "Only the first {} files are shown.");

pub const NOT_FOUND: Text = Text("این صفحه پیدا نشد", "There is no such page");
pub const NOT_FOUND_HELP: Text = Text(
    "شاید نشانی نادرست باشد، یا این نسخه چنین فایلی ندارد.",
    "The address may be wrong, or this release has no such file.",
);
pub const REFUSED: Text = Text("این درخواست پذیرفته نشد", "This request was refused");
pub const REFUSED_HELP: Text = Text(
    "صفحه را از نشانی‌ای باز کنید که برنامه نشان می‌دهد.",
    "Open the page at the address that the program shows.",
);
pub const BROKEN: Text = Text("خطایی در برنامه رخ داد", "Something went wrong in the program");
pub const BROKEN_HELP: Text = Text(
    "صفحه را دوباره باز کنید. اگر باز هم شد، برنامه را از نو روشن کنید.",
    "Load the page again. If it happens again, restart the program.",
);
pub const MISSING: Text =
    Text("بخشی از این صفحه هنوز اینجا نیست", "A piece of this page is not here yet");
pub const MISSING_HELP: Text = Text(
    "این دستگاه هنوز همهٔ این فایل را ندارد، یا بخشی از آن روی دیسک آسیب دیده و کنار گذاشته شده است. چیز نادرستی نشان داده نشد.",
    "This device does not have all of this file yet, or a piece of it was damaged on the disk and has been set aside. Nothing wrong was shown.",
);
pub const MISSING_DO: Text = Text(
    "برنامه را به شبکه یا به فایل حامل برسانید تا بخش کم‌شده را دوباره بگیرد، سپس صفحه را دوباره باز کنید. بقیهٔ بایگانی را می‌توانید بخوانید.",
    "Let the program fetch it again, from the network or from a carrier file, then load the page again. You can read the rest of the archive.",
);
pub const DAMAGED: Text = Text("این فایل آسیب دیده است", "This file is damaged");
pub const DAMAGED_HELP: Text = Text(
    "ساختار این بخش از بایگانی با آنچه امضا شده نمی‌خواند، پس نشان داده نشد. گرفتنِ دوباره آن را درست نمی‌کند؛ به نگه‌دارندگان بایگانی خبر دهید.",
    "The structure of this piece of the archive does not agree with itself, so it is not shown. Fetching it again does not repair it; tell the keepers of the archive.",
);
pub const DISK: Text = Text("خواندن از دیسک نشد", "The disk could not be read");
pub const DISK_HELP: Text = Text(
    "کابل یا حافظه را وارسی کنید و صفحه را دوباره باز کنید.",
    "Check the stick or the disk, then load the page again.",
);

pub const LEAVE: Text = Text("خروج سریع", "Leave quickly");
pub const MENU: Text = Text("بخش‌ها", "Sections");
pub const TEXTS: Text = Text("دربارهٔ این بایگانی", "About this archive");
pub const COMMA: Text = Text("، ", ", ");
pub const STATUS_CHECKED: Text = Text("سنجیده و دست‌نخورده.", "Checked and unaltered.");
pub const STATUS_DISPUTE: Text = Text(
    "مورد اختلاف: دو نسخهٔ امضاشده با هم نمی‌خوانند.",
    "In dispute: two signed releases contradict each other.",
);
pub const STATUS_MADE: Text = Text(
    "از نسخه‌ای سنجیده ساخته شده؛ مرورگر خودش نمی‌تواند آن را بسنجد.",
    "Made from a checked release; a browser cannot check it by itself.",
);
pub const STATUS_RELEASE: Text = Text("نسخهٔ {}", "Release {}");
pub const FICTIONAL_ARCHIVE: Text = Text(
    "همهٔ پرونده‌های این بایگانی نمونه و ساختگی‌اند و به هیچ انسان واقعی اشاره ندارند.",
    "All records of this archive are made-up samples. They refer to no real person.",
);
pub const NAMES: Text = Text("نام‌ها", "Names");
pub const PICTURE_WITHDRAWN: Text =
    Text("این تصویر پس گرفته شده است.", "This picture was withdrawn.");
pub const TIMELINE: Text = Text("روزها", "Days");
pub const MAP: Text = Text("استان‌ها", "Provinces");
pub const STATISTICS: Text = Text("آمار", "Numbers");
pub const NOTICES: Text = Text("تصحیح‌ها و پس‌گرفته‌ها", "Corrections and withdrawals");
pub const FILTERS: Text = Text("گزینش نام‌ها", "Choose names");
pub const FILTER_DO: Text = Text("نشان بده", "Show");
pub const ANY: Text = Text("همه", "all");
pub const CHOSEN: Text = Text("گزیده‌ها", "What was chosen");
pub const TAKE_BACK: Text = Text("برداشتن", "take back");
pub const LETTERS: Text = Text("حرف‌های آغاز نام", "First letters");
pub const PEOPLE_N: Counted = Counted { fa: "{} نفر", one: "{} person", other: "{} people" };
pub const ALL_OF_THEM: Text = Text("همهٔ نام‌ها", "All of the names");
pub const NO_SEARCH: Text = Text(
    "این پوشه بی‌برنامه خوانده می‌شود و جست‌وجو ندارد. از راه روز، استان یا شمارها می‌توانید به نام‌ها برسید، و با جست‌وجوی خود مرورگر (Ctrl+F) در هر صفحه بگردید.",
    "This folder is read without a program and has no search. Days, provinces and numbers lead to the names, and your browser's own search (Ctrl+F) works on each page.",
);
pub const MADE_ON: Text = Text("پوشه ساخته شد در", "Folder made on");
pub const BY_DAY: Text = Text("کشته‌شدگان به تفکیک روز", "People killed, by day");
pub const TIMELINE_HELP: Text = Text(
    "هر روز با نام‌های کسانی که در آن روز جان باختند. روزهایی که منبع‌ها تنها نزدیک به آن را می‌دانند جدا آمده‌اند.",
    "Each day with the names of those who died on it. Those whose day is known only roughly come apart.",
);
pub const DAY_UNKNOWN: Text = Text("روز دقیق دانسته نیست", "The exact day is not known");
pub const ALL_OF_DAY: Text = Text("همهٔ {} نفر این روز", "All {} people of this day");
pub const MORE_DAYS: Text = Text(
    "روزهای بعدی در نمودار و جدول بالا هستند و هر کدام به فهرست خود می‌رسد.",
    "Later days are in the chart and the table above; each leads to its list.",
);
pub const MAP_HELP: Text = Text(
    "استانی که هر کس در آن آسیب دید یا جان باخت، به گفتهٔ منبع‌ها. هر استان به نام‌ها می‌رسد.",
    "The province where each person was hurt or died, by the sources. Each province leads to the names.",
);
pub const PROVINCE_UNKNOWN: Text =
    Text("کسانی که استانشان دانسته نیست", "Those whose province is not known");
pub const STATISTICS_ALL: Counted = Counted {
    fa: "نام و یاد {} نفر در این بایگانی است.",
    one: "This archive remembers {} person.",
    other: "This archive remembers {} people.",
};
pub const STATISTICS_HELP: Text = Text(
    "این عددها تنها از پرونده‌های همین بایگانی به دست آمده‌اند و شمار همهٔ کشته‌شدگان نیستند؛ نبودن نامی در این‌جا چیزی را رد نمی‌کند.",
    "These numbers come from the records of this archive alone and are not the number of all who were killed; that a name is missing here refutes nothing.",
);
pub const SEVERAL_MANNERS: Text =
    Text("یک نفر می‌تواند در چند دسته باشد.", "One person can be in several of these.");
pub const MOST_CITIES: Text =
    Text("تا {} شهر که بیشترین نام‌ها را دارند.", "Up to {} cities, those with most names.");
pub const CONNECTIVITY: Text = Text("اینترنت، ساعت به ساعت", "The internet, hour by hour");
pub const SERIES_BROKEN: Text = Text(
    "سری‌ای که این بایگانی برای نمودار آورده خوانا نیست و نشان داده نشد.",
    "The series that this archive brings for a chart cannot be read and is not shown.",
);
pub const NOTICES_HELP: Text = Text(
    "هر تصحیح این‌جا می‌ماند تا هر کس بتواند ببیند چه چیز و کِی عوض شد. از پرونده‌های پس‌گرفته تنها شناسه و روز آمده است.",
    "Each correction stays here, so that anybody can see what changed and when. Of records that were taken back, only the id and the day are shown.",
);
pub const NOTICES_NONE: Text =
    Text("هنوز چیزی تصحیح یا پس گرفته نشده است.", "Nothing was corrected or taken back yet.");
pub const LEAVE_HELP: Text = Text("راهنما", "Help");
pub const LEFT: Text =
    Text("از صفحه‌ها بیرون آمدید. آنچه می‌ماند:", "You have left the pages. What stays:");
pub const LEFT_HISTORY: Text = Text(
    "نشانی صفحه‌ها در تاریخچهٔ مرورگر: Ctrl+H را بزنید و «صفحهٔ محلی» را پاک کنید. روی گوشی: منو، سپس تاریخچه.",
    "Addresses in the browser's history: press Ctrl+H and delete “Local page”. On a phone: menu, then history.",
);
pub const LEFT_TAB: Text = Text(
    "دکمهٔ بازگشت هنوز به صفحه‌ها می‌رسد: این برگه را ببندید.",
    "The back button still leads to the pages: close this tab.",
);
pub const LEFT_PROGRAM: Text = Text(
    "برنامه هنوز روشن است: در پنجره‌اش Ctrl+C را بزنید.",
    "The program still runs: press Ctrl+C in its window.",
);
pub const COVER_COUNT: Counted = Counted {
    fa: "نام و یاد {} نفر این‌جا نگه داشته می‌شود.",
    one: "The name and story of {} person are kept here.",
    other: "The names and stories of {} people are kept here.",
};
pub const COVER_UNREAD: Text = Text(
    "فهرست نام‌ها هنوز خوانده نمی‌شود: بخشی از آن روی این دستگاه نیست یا آسیب دیده است.",
    "The list of names cannot be read yet: a piece of it is not on this device or is damaged.",
);
pub const MADE: Text = Text("از نسخه‌ای سنجیده ساخته شده است", "Made from a checked release");
pub const MADE_LONG: Text = Text(
    "این پوشه را برنامهٔ یادگار از نسخه‌ای ساخته که هر بایتش با کلیدهای این بایگانی سنجیده شده بود. مرورگر نمی‌تواند خود پوشه را بسنجد: اگر از دست کسی گرفته‌اید که به او اعتماد ندارید، گواه‌های کنار پرونده‌ها را با یادگار بسنجید. گواه را کسی نمی‌تواند جعل کند.",
    "This folder was made by yadgar from a release of which every byte was checked against the archive's own keys. A browser cannot check the folder itself: if you got it from somebody you do not trust, check the proofs beside the records with yadgar. A proof cannot be faked.",
);
