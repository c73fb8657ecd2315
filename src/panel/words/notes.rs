//! The notes of the first screen, in both languages.

mod ways;

use super::Note;
use crate::memorial::Text;

/// Each with its name in addresses, what happened, and what to do.
pub(super) const NOTES: [(Note, &str, Text, Text); 45] = [
    (
        Note::Busy,
        "busy",
        Text("کار دیگری در جریان است.", "Something else is under way."),
        Text("صبر کنید تا تمام شود، یا آن را متوقف کنید.", "Wait until it is done, or stop it."),
    ),
    (
        Note::BadForm,
        "form",
        Text("درخواست کامل نرسید.", "The request did not arrive whole."),
        Text("صفحه را از نو باز کنید و دوباره بزنید.", "Load the page again and try once more."),
    ),
    (
        Note::NoFile,
        "file",
        Text("هیچ فایلی انتخاب نشد.", "No file was chosen."),
        Text(
            "نخست فایل را انتخاب کنید، سپس دکمه را بزنید.",
            "Choose a file first, then press the button.",
        ),
    ),
    (
        Note::TooManyFiles,
        "files",
        Text("فایل‌ها بیش از اندازه‌اند.", "These are too many files at once."),
        Text(
            "چند تا چند تا بدهید؛ ترتیبشان مهم نیست.",
            "Give some at a time; their order does not matter.",
        ),
    ),
    (
        Note::TooLarge,
        "large",
        Text(
            "فایل برای حافظهٔ این دستگاه بزرگ است.",
            "The file is too large for this device's memory.",
        ),
        Text(
            "به‌جای فرستادن فایل، نشانی آن را روی این دستگاه بنویسید یا فلش را انتخاب کنید؛ یا فایل «نام‌ها و نوشته‌ها» را بگیرید.",
            "Instead of sending the file, write where it is on this device or pick the stick; or take the file with names and texts only.",
        ),
    ),
    (
        Note::NoRoom,
        "room",
        Text("جا نیست.", "There is no room left."),
        Text(
            "کمی جا باز کنید و دوباره بزنید؛ آنچه رسیده می‌ماند.",
            "Free some space and try again; what came is kept.",
        ),
    ),
    (
        Note::UploadBroken,
        "upload",
        Text("فایل تا پایان نرسید.", "The file did not arrive to its end."),
        Text(
            "دوباره انتخابش کنید. اگر روی فلش است، فلش را در همین صفحه انتخاب کنید.",
            "Choose it again. If it is on a stick, pick the stick on this page.",
        ),
    ),
    (
        Note::NotThere,
        "path",
        Text(
            "چنین فایل یا پوشه‌ای خوانده نمی‌شود.",
            "There is no such file or folder that can be read.",
        ),
        Text(
            "فلش را دوباره بزنید، یا نشانی را وارسی کنید.",
            "Plug the stick in again, or check what you wrote.",
        ),
    ),
    (
        Note::NotACarrier,
        "carrier",
        Text("در آن چیزی از یک بایگانی پیدا نشد.", "Nothing of an archive was found in it."),
        Text(
            "فایلی را بدهید که نامش به car پایان می‌یابد؛ شاید باید دوباره از فرستنده بگیرید.",
            "Give a file whose name ends in .car; it may have to be asked for again.",
        ),
    ),
    (
        Note::Refused,
        "refused",
        Text(
            "امضای این نسخه با آنچه این‌جا شناخته شده نمی‌خواند؛ پذیرفته نشد و چیزی عوض نشد.",
            "This release's signatures do not fit what is known here. It was refused, and nothing changed.",
        ),
        Text(
            "به آن اعتماد نکنید. از کس دیگری بگیرید و شش واژه را با صدا مقایسه کنید.",
            "Do not trust it. Get it from somebody else, and compare the six words by voice.",
        ),
    ),
    (
        Note::NotWhole,
        "whole",
        Text(
            "بخشی از آن نرسیده یا آسیب دیده است. آنچه درست بود نگه داشته شد.",
            "Something of it is missing or damaged. What was good is kept.",
        ),
        Text(
            "نسخهٔ دیگری از فایل، یا تکه‌های دیگرش را هم بدهید.",
            "Give another copy of the file too, or its other pieces.",
        ),
    ),
    (
        Note::WrongWords,
        "words",
        Text(
            "یکی از واژه‌های دعوت‌نامه نادرست است، جا افتاده، یا جایش عوض شده است.",
            "A word of the invite is wrong, missing, or at the place of another.",
        ),
        Text(
            "بخواهید دوباره با شماره بخوانند و برای واژه‌ای که نفهمیدید ? بنویسید.",
            "Have them read out again with their numbers; write ? for one that is not understood.",
        ),
    ),
    (
        Note::NotUnderstood,
        "text",
        Text("این متن شناخته نشد.", "This text is not understood."),
        Text(
            "همهٔ متن را، بی کم‌وکاست، بچسبانید: با yadgar: آغاز می‌شود، یا نشانی یک صفحه است مانند ‎http://10.42.0.1:8080‎، یا خبری است که خط‌هایش با 90 آغاز می‌شوند و به 09 پایان می‌یابند.",
            "Paste all of it, unchanged: it begins with yadgar:, or is the address of a page, such as http://10.42.0.1:8080, or is news whose lines begin with 90 and end with 09.",
        ),
    ),
    (
        Note::TooFar,
        "far",
        Text(
            "این متن از نسخه‌ای خبر می‌دهد که از آنچه این‌جا شناخته است خیلی جلوتر است؛ با همین متن نمی‌شود راه میان آن دو را سنجید.",
            "This text tells of a release so far ahead of what is known here that the way there cannot be checked with it.",
        ),
        Text(
            "از فرستنده خود فایل بایگانی را بخواهید، یا متنی که نسخه‌های میانی هم در آن است.",
            "Ask the sender for the archive's file, or for a text that has the releases in between too.",
        ),
    ),
    (
        Note::NotPrivate,
        "public",
        Text(
            "این نشانی از شبکهٔ همین‌جا نیست، پس باز نشد: سرویس‌دهندهٔ اینترنت آن را می‌دید.",
            "This address is not on the network here, so it was not opened: your internet provider would see it.",
        ),
        Text(
            "نشانی صفحهٔ کسی را بدهید که در همین وای‌فای است.",
            "Give the address of somebody's page on this same Wi-Fi.",
        ),
    ),
    (
        Note::NoShare,
        "share",
        Text(
            "در این نشانی کسی چیزی به اشتراک نگذاشته است.",
            "Nobody shares anything at this address.",
        ),
        Text(
            "ببینید هر دو در یک وای‌فای هستید و نشانی درست است؛ زمان اشتراک شاید تمام شده باشد.",
            "Check that both are on one Wi-Fi and the address is right; the time of the share may be over.",
        ),
    ),
    (
        Note::Broken,
        "broken",
        Text("دریافت قطع شد.", "The download broke off."),
        Text("نزدیک‌تر بروید و دوباره بزنید.", "Go nearer and try again."),
    ),
    (
        Note::NoArchive,
        "archive",
        Text("گفته نشد کدام بایگانی.", "It was not said which archive."),
        Text(
            "دعوت‌نامه را بچسبانید: با yadgar: آغاز می‌شود.",
            "Paste its invite: it begins with yadgar:.",
        ),
    ),
    (
        Note::NoAddress,
        "address",
        Text("این دعوت‌نامه نمی‌گوید از کجا باید گرفت.", "This invite does not say where to get it."),
        Text(
            "با همین دعوت‌نامه دنبال همسایه‌ها بگردید، یا فایل بایگانی را بگیرید.",
            "Look for neighbours with it, or take the archive's file.",
        ),
    ),
    (
        Note::Internet,
        "internet",
        Text(
            "این دعوت‌نامه از راه اینترنت می‌رود؛ چیزی فرستاده نشد.",
            "This invite leads over the internet. Nothing was sent.",
        ),
        Text(
            "در ایران از فایل، فلش یا صفحهٔ همسایه بگیرید. جایی که خطری ندارد سرویس‌دهنده ببیند، «از راه اینترنت هم» را برگزینید و دوباره بچسبانید. با Tor یا پراکسی روی همین دستگاه هم می‌شود.",
            "Inside Iran take a file, a stick or a neighbour's page instead. Where it does no harm that the provider sees it, paste it again and pick “Over the internet too”. Tor or another proxy on this device will do as well.",
        ),
    ),
    ways::NO_WEBSITE,
    ways::WEBSITES,
    ways::NEEDS_TOR,
    ways::RECOGNISED,
    ways::PROXY,
    (
        Note::NobodyNear,
        "near",
        Text("کسی در این نزدیکی پیدا نشد.", "Nobody near was found."),
        Text(
            "ببینید هر دو در یک وای‌فای یا هات‌اسپات هستید. بعضی وای‌فای‌ها مهمان‌ها را از هم جدا می‌کنند: آن‌گاه نشانی صفحهٔ میزبان را بگیرید، یا فایل را با فلش.",
            "Be on the same Wi-Fi or hotspot. Some keep their guests apart: then ask the host for the address of the page, or take the file on a stick.",
        ),
    ),
    (
        Note::Unreachable,
        "reach",
        Text(
            "به هیچ‌کس وصل نشد، یا آن‌ها این بایگانی را ندارند.",
            "Nobody could be reached, or they do not have this archive.",
        ),
        Text(
            "دوباره بزنید، دعوت‌نامهٔ دیگری بخواهید، یا فایل بایگانی را بگیرید.",
            "Try again, ask for another invite, or take the archive's file.",
        ),
    ),
    (
        Note::NoLan,
        "lan",
        Text(
            "این دستگاه به هیچ وای‌فای یا شبکهٔ محلی وصل نیست.",
            "This device is on no Wi-Fi or local network.",
        ),
        Text(
            "به وای‌فای وصل شوید یا هات‌اسپات را روشن کنید؛ اینترنت لازم نیست.",
            "Join a Wi-Fi or switch on a hotspot; no internet is needed.",
        ),
    ),
    (
        Note::BadWifi,
        "wifi",
        Text(
            "وای‌فای نمی‌تواند چنین نام یا رمزی داشته باشد؛ چیزی به اشتراک گذاشته نشد.",
            "No Wi-Fi can have such a name or password. Nothing is shared.",
        ),
        Text(
            "هر دو را از تنظیمات هات‌اسپات بردارید: نام دست بالا ۳۲ بایت است و رمز ۸ تا ۶۴ نویسهٔ انگلیسی. وای‌فای بی‌رمز را بی‌رمز بگذارید.",
            "Take both from the settings of the hotspot: the name has at most 32 bytes, the password 8 to 64 characters of ASCII. An open Wi-Fi has no password.",
        ),
    ),
    (
        Note::Nothing,
        "nothing",
        Text("هنوز چیزی این‌جا نیست.", "Nothing is here yet."),
        Text("نخست بایگانی را بگیرید.", "Get an archive first."),
    ),
    (
        Note::StickLimit,
        "limit",
        Text(
            "این فلش فایلی به این بزرگی نمی‌پذیرد (FAT32: تا ۴ گیگابایت).",
            "This stick takes no file of that size (FAT32: up to 4 GB).",
        ),
        Text(
            "«تنها نام‌ها و نوشته‌ها» را ذخیره کنید، یا فلش دیگری (exFAT) به کار ببرید. با فرمان: yadgar export --split 4GB.",
            "Save “Names and texts only”, or use another stick (exFAT). With a command: yadgar export --split 4GB.",
        ),
    ),
    (
        Note::CannotWrite,
        "write",
        Text("در این پوشه نوشته نشد.", "It could not be written there."),
        Text(
            "شاید فلش پر، قفل یا بیرون کشیده شده است. فایل نیمه‌کاره‌ای نماند.",
            "The stick may be full, locked, or pulled out. No half file was left.",
        ),
    ),
    (
        Note::WrongPassphrase,
        "wrong",
        Text("گذرواژه درست نیست.", "Wrong passphrase."),
        Text("دوباره بنویسید.", "Type it again."),
    ),
    (
        Note::Differ,
        "differ",
        Text("دو گذرواژه یکی نیستند.", "The two passphrases differ."),
        Text("هر دو را دوباره بنویسید.", "Type both again."),
    ),
    (
        Note::Weak,
        "weak",
        Text("این گذرواژه زود حدس زده می‌شود.", "This passphrase is too easy to guess."),
        Text(
            "چند واژهٔ بی‌ربط را پشت هم بنویسید.",
            "Write several unrelated words, one after another.",
        ),
    ),
    (
        Note::HomeThere,
        "home",
        Text(
            "چیزی از پیش روی این دستگاه نگه داشته شده است.",
            "Something is kept on this device already.",
        ),
        Text("نخست آن را در «بی‌ردپا» پاک کنید.", "Wipe it first, under “Leave no trace”."),
    ),
    (
        Note::Held,
        "held",
        Text(
            "برنامهٔ دیگری از یادگار همین پوشه را در دست دارد.",
            "Another yadgar program holds this folder.",
        ),
        Text("آن را ببندید و دوباره بزنید.", "End it, and try again."),
    ),
    (
        Note::NotSure,
        "sure",
        Text("چیزی پاک نشد.", "Nothing was wiped."),
        Text(
            "اگر مطمئنید، نخست خانهٔ کنار دکمه را نشان بزنید.",
            "If you are sure, tick the box above the button first.",
        ),
    ),
    (
        Note::NotHeard,
        "heard",
        Text("کاری نشد و چیزی پاک نشد.", "Nothing was done, and nothing was erased."),
        Text(
            "اگر به گوش خود شنیده‌اید که درست است، خانهٔ بالای دکمه را نشان بزنید. اگر نه، دست نزنید.",
            "If you heard with your own ears that it is true, tick the box above the button. If not, leave it.",
        ),
    ),
    (
        Note::NotWaiting,
        "waiting",
        Text("این دیگر منتظر شما نیست.", "This does not wait for you any more."),
        Text(
            "صفحهٔ نخست را ببینید: شاید پیش‌تر پذیرفته شده یا نسخهٔ تازه‌تری جایش را گرفته است.",
            "Look at the first page: it may have been agreed to before, or a newer release took its place.",
        ),
    ),
    (
        Note::Disputed,
        "disputed",
        Text(
            "این نسخه را اکنون نمی‌شود نشان داد: نسخهٔ دیگری با آن نمی‌خواند. چیزی پاک نشد.",
            "This release cannot be shown now: another one contradicts it. Nothing was erased.",
        ),
        Text(
            "دست نزنید تا نگه‌دارندگان تصمیم بگیرند؛ از راهی که به آن اعتماد دارید از آنان بپرسید.",
            "Leave it until the keepers settle it; ask them on a way that you trust.",
        ),
    ),
    (
        Note::LeftOver,
        "left",
        Text(
            "همه‌چیز پاک نشد؛ اگر رمز داشت کلیدش نابود شده است.",
            "Not everything could be removed; if it was encrypted, its key is destroyed.",
        ),
        Text("دوباره پاک کنید.", "Wipe again."),
    ),
    (
        Note::KeyLeft,
        "key",
        Text("کلید نابود نشد.", "The key was not destroyed."),
        Text(
            "دوباره پاک کنید؛ اگر باز نشد، خود دستگاه را دور از دسترس ببرید.",
            "Wipe again; if it still fails, bring the device itself out of reach.",
        ),
    ),
    (
        Note::Cancelled,
        "cancelled",
        Text("متوقف شد.", "It was stopped."),
        Text("آنچه رسیده بود نگه داشته شد.", "What had come is kept."),
    ),
    (
        Note::Failed,
        "failed",
        Text("نشد.", "It did not work."),
        Text(
            "دوباره بزنید؛ اگر باز هم نشد، برنامه را ببندید و از نو باز کنید.",
            "Try again; if it fails once more, close the program and open it anew.",
        ),
    ),
];
