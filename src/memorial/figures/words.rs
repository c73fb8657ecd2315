//! Every sentence of the figures.

use super::base::Text;

pub const NUMBERS: Text = Text("همین عددها در جدول", "The same numbers as a table");
pub const COUNT: Text = Text("شمار", "Number");
pub const KIND: Text = Text("دسته", "Kind");
pub const SHARE: Text = Text("سهم", "Share");
pub const DAY: Text = Text("روز", "Day");
pub const NAMED: Text = Text("{}: {} نفر", "{}: {}");
pub const NOTHING: Text = Text("هنوز چیزی برای نشان دادن نیست.", "There is nothing to show yet.");

pub const MAP_TITLE: Text = Text("کشته‌شدگان به تفکیک استان", "People killed, by province");
pub const MAP_DESC: Text = Text(
    "نقشهٔ استان‌های ایران. پررنگ‌تر یعنی شمار بیشتر. بیشترین: {} ({} نفر). همین عددها در جدول زیر نقشه آمده است.",
    "Map of the provinces of Iran. Darker means more people. Most: {} ({}). The same numbers are in the table below the map.",
);
pub const MAP_EMPTY: Text = Text(
    "نقشهٔ استان‌های ایران. برای هیچ استانی پرونده‌ای ثبت نشده است.",
    "Map of the provinces of Iran. No record names a province.",
);
pub const MAP_SKIP: Text = Text("پریدن از روی نقشه به جدول", "Skip the map, go to the table");
pub const MAP_NOTE: Text = Text(
    "نقشه با داده‌های Natural Earth (مالکیت عمومی) ساخته و ساده شده است و مرجع مرزها نیست.",
    "Made with Natural Earth (public domain), simplified; it is no authority on borders.",
);
pub const MAP_UNKNOWN: Text =
    Text("استان نامعلوم، یا بیرون از این استان‌ها", "Province not known, or none of these");
pub const PROVINCE: Text = Text("استان", "Province");
pub const NONE_HERE: Text = Text("هیچ", "none");
pub const LEGEND: Text = Text("راهنمای رنگ‌ها", "Key to the colours");

pub const COLUMNS_DESC: Text = Text(
    "ستون‌ها از {} تا {}، زمان از چپ به راست. بیشترین شمار: {} نفر، {}.",
    "Columns from {} to {}, time from left to right. Most: {}, on {}.",
);
pub const COLUMNS_LONG: Text = Text(
    "ستون‌ها به تفکیک {}، از {} تا {}، زمان از چپ به راست.",
    "Columns by {}, from {} to {}, time from left to right.",
);
pub const BY_MONTH: Text = Text("ماه", "month");
pub const BY_YEAR: Text = Text("سال", "year");
pub const DAY_UNKNOWN: Text = Text("روز نامعلوم", "Day not known");
pub const TIME_RUNS: Text = Text("زمان از چپ به راست", "Time runs from left to right");

pub const CONNECTIVITY_TITLE: Text = Text(
    "اینترنت، ساعت به ساعت، و کشته‌شدگان هر روز",
    "The internet by hour, and the deaths of each day",
);
pub const CONNECTIVITY_DESC: Text = Text(
    "از {} تا {}، زمان از چپ به راست. کمترین اتصال: {}، {}. ساعت‌های زیر {}: {}. کشته‌شدگانِ این روزها: {} نفر.",
    "From {} to {}, time from left to right. Lowest connectivity: {}, on {}. Hours below {}: {}. People killed on these days: {}.",
);
pub const CONNECTIVITY: Text =
    Text("اتصال به اینترنت، درصدِ معمول", "Connectivity, percent of what is usual");
pub const DEATHS: Text = Text("کشته‌شدگان به تفکیک روز", "People killed, by day");
pub const LOW_HOURS: Text = Text("ساعت‌های زیر {}", "Hours below {}");
pub const NOT_MEASURED: Text = Text("اندازه‌گیری نشده", "Not measured");
pub const OUTSIDE: Text = Text(
    "{} نفر در روزهایی کشته شده‌اند که بیرون از این نمودار است.",
    "People killed on days outside this chart: {}.",
);
pub const DAILY_MEANS: Text = Text(
    "چون بازه بلند است، خط، میانگین هر روز را نشان می‌دهد.",
    "Because the time is long, the line shows the mean of each day.",
);
pub const OFFSET: Text = Text("ساعت‌ها به وقت {}", "Hours at {}");
pub const MEASURED_BY: Text = Text("منبع اندازه‌گیری: {}", "Measured by: {}");
pub const TERMS: Text = Text("پروانه: {}", "Licence: {}");
pub const NO_CAUSE: Text = Text(
    "این دو در کنار هم گذاشته شده‌اند تا زمانشان دیده شود؛ نمودار به‌خودی‌خود علت را ثابت نمی‌کند.",
    "The two are laid side by side to show when each happened; the chart itself proves no cause.",
);
pub const LOWEST: Text = Text("کمترین", "Lowest");
pub const MEAN: Text = Text("میانگین", "Mean");
pub const MEASURED: Text = Text("ساعت‌های سنجیده", "Hours measured");
pub const KILLED: Text = Text("کشته‌شدگان", "Killed");
