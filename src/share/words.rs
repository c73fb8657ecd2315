//! The words of the guests' page, Persian and English.

use crate::memorial::Text;

pub const SKIP: Text = Text("رفتن به متن", "Skip to the text");
pub const LEAVE: Text = Text("خروج سریع", "Leave quickly");
pub const BACK: Text = Text("صفحهٔ نخست این شبکه", "First page of this network");

pub const TITLE: Text = Text("بخوانید و با خود ببرید", "Read, and take it along");
pub const WHAT: Text = Text(
    "این صفحه از دستگاه کسی می‌آید که به همین شبکه وصل است. اینترنت لازم نیست، چیزی نصب نمی‌شود و چیزی به اینترنت فرستاده نمی‌شود.",
    "This page comes from somebody's device on this same network. It needs no internet, installs nothing and sends nothing to the internet.",
);
pub const UNTIL: Text = Text(
    "تا حدود {} دقیقهٔ دیگر این‌جاست؛ سپس خودش بسته می‌شود.",
    "It is here for about {} more minutes, then it closes by itself.",
);
pub const NOTHING: Text =
    Text("اکنون چیزی برای خواندن این‌جا نیست.", "There is nothing to read here now.");
pub const RELEASE: Text = Text("نسخهٔ {}؛ ", "Release {}; ");
pub const READ: Text = Text("خواندن", "Read");
pub const SEARCH: Text = Text("جست‌وجوی نام", "Search for a name");
pub const SEARCH_DO: Text = Text("بگرد", "Search");

pub const TAKE: Text = Text("فایل بایگانی را بردارید", "Take the archive's file");
pub const TAKE_HELP: Text = Text(
    "با این فایل، یادگار بر هر دستگاهی بی اینترنت همه‌چیز را نشان می‌دهد و هر بایت را می‌سنجد. اگر قطع شد، دوباره بزنید تا از همان‌جا ادامه یابد. فایل رمزگذاری نشده است: هر که آن را در دستگاه شما بیابد می‌بیند چیست.",
    "With this file yadgar shows everything on any device without internet, and checks every byte. If it breaks off, ask again: it goes on from there. The file is not encrypted: whoever finds it on your device sees what it is.",
);
pub const TAKE_WHOLE: Text = Text("همهٔ بایگانی", "The whole archive");
pub const TAKE_CORE: Text =
    Text("تنها نام‌ها و نوشته‌ها، بی تصویر", "Names and texts only, without pictures");
pub const TAKE_SPLIT: Text =
    Text("همه‌اش در چند فایل، هر کدام دست بالا {}", "All of it in several files of at most {}");
pub const FILES: Text = Text("بایگانی در چند فایل", "The archive in several files");
pub const FILES_HELP: Text = Text(
    "همه را بردارید، به هر ترتیبی. هر کدام به‌تنهایی هم به کار می‌آید؛ یادگار می‌گوید کدام کم است. فایلی که قطع شد از همان‌جا ادامه می‌یابد.",
    "Take all of them, in any order. Each is of use alone, too; yadgar says which are missing. A file that breaks off goes on from where it was.",
);
pub const TAKE_MISSING: Text = Text(
    "{} بلوک از آن این‌جا نیست؛ آنچه هست درست است و کمبودش را از جای دیگری می‌شود پر کرد.",
    "{} blocks of it are not here; what is there is good, and the rest can come from elsewhere.",
);
pub const TAKE_NONE: Text = Text(
    "فایل اکنون خوانده نمی‌شود. کمی بعد دوباره بیایید.",
    "The file cannot be read now. Come again a little later.",
);

pub const NEWS: Text = Text("خبر تازه‌ترین نسخه، به شکل متن", "News of the newest release, as text");
pub const NEWS_HELP: Text = Text(
    "کسی که یادگار دارد این متن را در آن می‌چسباند و می‌فهمد تازه‌ترین نسخه کدام است و چه چیزی پس گرفته شده، پیش از آن‌که فایل به او برسد. متن را کپی کنید یا کدها را با گوشی بخوانید؛ با هر پیام‌رسانی می‌رود.",
    "Somebody who has yadgar pastes this text into it and learns which release is newest and what was withdrawn, before the file reaches them. Copy the text, or scan the codes; any messenger carries it.",
);
pub const NEWS_SEEN: Text = Text(
    "هر که این متن را بیابد و یادگار را بشناسد می‌فهمد دربارهٔ کدام بایگانی است؛ نه این‌که چه کسی آن را نوشته. کدخوان گوشی و پیام‌رسان آن را نگه می‌دارند تا پاکش کنید.",
    "Whoever finds this text and knows yadgar can tell which archive it is about; not who wrote it. The phone's code reader and the messenger keep it until you delete it.",
);

pub const SOFTWARE: Text = Text("برنامه برای دستگاه‌های دیگر", "The program for other devices");
pub const SOFTWARE_HELP: Text = Text(
    "این‌ها در نسخهٔ امضاشدهٔ این بایگانی‌اند. اگر میزبان را نمی‌شناسید، اثر انگشت (b3sum) را با جای دیگری مقایسه کنید.",
    "These are in the signed release of this archive. If you do not know the host, compare the hash (b3sum) with one from elsewhere.",
);

pub const PROGRAM: Text = Text("خود برنامهٔ یادگار", "The program yadgar itself");
pub const PROGRAM_HELP: Text = Text(
    "همان برنامه‌ای که این صفحه را نشان می‌دهد. برنامه‌ای که از ناشناس می‌گیرید می‌تواند دست‌کاری شده باشد: تنها از کسی بگیرید که می‌شناسید، یا اثر انگشت‌های پایین صفحه را با جای دیگری مقایسه کنید.",
    "The same program that shows this page. A program from a stranger may have been tampered with: take it only from somebody you know, or compare the hashes at the end of the page with those from elsewhere.",
);
pub const PROGRAM_FOR: Text = Text("برای این سامانه:", "For this system:");
pub const PROGRAM_TAKE: Text = Text("گرفتن برنامه", "Take the program");
pub const HASHES: Text = Text("اثر انگشت‌های برنامه", "Hashes of the program");
pub const HASHES_HELP: Text = Text(
    "همان‌هایی که sha256sum و b3sum نشان می‌دهند. این صفحه خودش را گواهی نمی‌کند: آن‌ها را با منبع دیگری مقایسه کنید.",
    "As sha256sum and b3sum print them. This page cannot vouch for itself: compare them with another source.",
);

pub const SEEN: Text = Text("دیگران در این شبکه چه می‌بینند", "What others on this network can see");
pub const SEEN_LINES: [Text; 4] = [
    Text(
        "چیزی در راه رمزگذاری نمی‌شود: کسی که رمز این وای‌فای را دارد و گوش می‌دهد می‌تواند ببیند چه می‌خوانید، می‌جویید و برمی‌دارید، و می‌تواند آن را در راه عوض کند. فایلِ عوض‌شده را یادگار نمی‌پذیرد.",
        "Nothing is encrypted on the way: somebody who has the password of this Wi-Fi and listens can see what you read, search for and take, and could change it on the way. A changed file is refused by yadgar.",
    ),
    Text(
        "میزبان نشانی دستگاه شما را در این شبکه تا وقتی وصلید می‌بیند. برنامه‌اش آن را نمی‌نویسد و نشان نمی‌دهد؛ برنامه‌ای که دست‌کاری شده باشد می‌تواند.",
        "The host sees your device's address on this network while you are connected. The program neither writes nor shows it; one that was changed could.",
    ),
    Text(
        "گوشی نام این وای‌فای را به یاد می‌سپارد و مرورگر نشانی صفحه‌ها را در تاریخچه. پنجرهٔ خصوصی به کار ببرید و پس از کار، شبکه را از گوشی پاک کنید.",
        "Your phone remembers the name of this Wi-Fi, and the browser the addresses of pages in its history. Use a private window, and remove the network from the phone afterwards.",
    ),
    Text(
        "فایلی که برمی‌دارید در پوشهٔ دانلودها می‌ماند تا خودتان پاکش کنید.",
        "A file that you take stays in the downloads folder until you delete it.",
    ),
];

pub const SIX: Text = Text("شش واژه", "Six words");
pub const SIX_LABEL: Text = Text("شش واژه برای مقایسه", "Six words to compare");
pub const SIX_HELP: Text = Text(
    "نام شنیدنی این بایگانی. میزبانی دروغین هم می‌تواند همین‌ها را نشان دهد؛ وقتی معتبرند که یادگار روی دستگاه خودتان پس از وارد کردن فایل همین‌ها را نشان دهد و با آنچه کسی به صدا به شما گفته یکی باشد.",
    "The spoken name of this archive. A false host could show them too; they count when yadgar on your own device shows them after you took in the file, and they are what somebody told you by voice.",
);

pub const CODES: Text = Text("برای نفر بعدی", "For the next person");
pub const CODE_ADDRESS: Text = Text("نشانی این صفحه", "Address of this page");
pub const CODE_WIFI: Text = Text("پیوستن به وای‌فای", "Join the Wi-Fi");

pub const FOOTER: Text = Text(
    "این صفحه از دستگاه دیگری در همین شبکه می‌آید، نه از اینترنت.",
    "This page comes from another device on this network, not from the internet.",
);

pub const ERROR_NOT_FOUND: Text = Text("چنین صفحه‌ای این‌جا نیست", "There is no such page here");
pub const ERROR_REFUSED: Text = Text(
    "این درخواست پذیرفته نشد",
    "This request was refused. Open the address exactly as it was shown to you.",
);
pub const ERROR_UNREAD: Text = Text(
    "دستگاه میزبان این را اکنون نمی‌تواند بدهد",
    "The host's device cannot give this now: a piece of it is missing or damaged. Nothing wrong was shown.",
);
pub const ERROR_BUSY: Text = Text(
    "اکنون کسان زیادی در حال گرفتن‌اند. یک دقیقهٔ دیگر دوباره بیایید",
    "Many people are taking things now. Come again in a minute.",
);
