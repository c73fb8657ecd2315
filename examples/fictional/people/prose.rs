//! Stories: short, from templates, and each says that it is made up.

use super::rng::Rng;
use super::text::{both, day};
use yadgar_protocol::record::{Gender, Manner, Role, Texts};

/// Occupation in both languages, and a sentence about the life of somebody who had it. `{}` is "He" or "She".
pub const WORK: [[&str; 4]; 16] = [
    [
        "نجار",
        "carpenter",
        "از تراشه‌های چوب پرنده می‌ساخت و به بچه‌های محله می‌داد.",
        "{} made birds from wood shavings and gave them to the children of the neighbourhood.",
    ],
    [
        "باغبان",
        "gardener",
        "کنار هر نهال تازه، نام روز کاشتنش را روی تکه‌ای سفال می‌نوشت.",
        "{} wrote the day of planting on a piece of clay beside every young tree.",
    ],
    [
        "پرستار",
        "nurse",
        "شب‌ها برای بیماران بی‌خواب از کتابی قدیمی می‌خواند.",
        "At night {} read from an old book to patients who could not sleep.",
    ],
    [
        "رانندهٔ اتوبوس",
        "bus driver",
        "به هر مسافری سلام می‌کرد و نام ایستگاه‌ها را از بر بود.",
        "{} greeted every passenger and knew the stops by heart.",
    ],
    [
        "نانوا",
        "baker",
        "نخستین نان هر صبح را برای گنجشک‌ها کنار می‌گذاشت.",
        "{} kept the first bread of each morning for the sparrows.",
    ],
    [
        "خیاط",
        "tailor",
        "از پارچه‌های مانده کیسه‌های کوچک برای بذر می‌دوخت.",
        "{} sewed small bags for seeds from what was left of the cloth.",
    ],
    [
        "معلم موسیقی",
        "music teacher",
        "به هر کس که ساز نداشت، ساز خودش را قرض می‌داد.",
        "{} lent an instrument to anybody who had none.",
    ],
    [
        "تعمیرکار",
        "mechanic",
        "هیچ پیچی را دور نمی‌انداخت و می‌گفت هر چیزی روزی به کار می‌آید.",
        "{} threw no screw away: everything, so the saying in the workshop went, has its day.",
    ],
    [
        "کتاب‌فروش",
        "bookseller",
        "لای کتاب‌های کهنه برگ خشک می‌گذاشت.",
        "{} put dry leaves between the pages of old books.",
    ],
    [
        "کارگر ساختمان",
        "construction worker",
        "در هر دیوار جای کوچکی برای لانهٔ پرنده‌ها باز می‌گذاشت.",
        "{} left a small gap for nesting birds in every wall.",
    ],
    [
        "میوه‌فروش",
        "fruit seller",
        "شیرین‌ترین گیلاس‌ها را برای بچه‌ها جدا می‌کرد.",
        "{} set the sweetest cherries aside for children.",
    ],
    [
        "برق‌کار",
        "electrician",
        "چراغ کوچه‌ای را که سال‌ها خاموش بود، بی‌مزد درست کرد.",
        "{} repaired a lamp that had been dark for years, and asked for nothing.",
    ],
    [
        "سفالگر",
        "potter",
        "ته هر کاسه ماهی کوچکی می‌کشید.",
        "{} painted a small fish at the bottom of every bowl.",
    ],
    [
        "عکاس",
        "photographer",
        "بیشتر از پنجره‌ها عکس می‌گرفت تا از آدم‌ها.",
        "{} photographed windows more often than people.",
    ],
    [
        "زنبوردار",
        "beekeeper",
        "کندوهایش را آبی می‌کرد و عسل را با همسایه‌ها قسمت می‌کرد.",
        "{} painted the hives blue and shared the honey with the neighbours.",
    ],
    [
        "کوهنورد",
        "mountain guide",
        "در هر پناهگاه چای خشک و کبریت جا می‌گذاشت.",
        "{} left dry tea and matches in every shelter.",
    ],
];

/// The same about somebody young, without an occupation.
const YOUNG: [[&str; 2]; 4] = [
    [
        "بادبادک می‌ساخت و نخش را به هر که می‌خواست می‌سپرد.",
        "{} built kites and let anybody hold the string.",
    ],
    [
        "ستاره‌ها را می‌شمرد و هر شب از نو آغاز می‌کرد.",
        "{} counted the stars and began anew every night.",
    ],
    ["گربه‌های محله را به نام صدا می‌زد.", "{} called the cats of the neighbourhood by name."],
    ["دفتری داشت پر از نقاشی قایق.", "{} had a notebook full of drawings of boats."],
];

/// How it happened: the city is put in for `{}`.
fn role(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Protester => ("در میان معترضان در شهر {}", "among protesters in {}"),
        Role::Bystander => {
            ("هنگام گذر از خیابانی در شهر {}", "while passing through a street of {}")
        }
        Role::AtHome => ("در خانه در شهر {}", "at home in {}"),
        Role::Detainee => ("در بازداشت در شهر {}", "in detention in {}"),
        Role::SecurityForce | Role::Other | Role::Unknown => ("در شهر {}", "in {}"),
    }
}

fn manner(manner: Manner) -> (&'static str, &'static str) {
    match manner {
        Manner::LiveFire => ("با شلیک گلوله کشته شد", "was shot dead"),
        Manner::Pellets => ("با گلوله‌های ساچمه‌ای کشته شد", "was killed by shotgun pellets"),
        Manner::Beating => ("بر اثر ضرب‌وجرح جان باخت", "died of a beating"),
        Manner::TearGas => ("بر اثر گاز اشک‌آور جان باخت", "died of tear gas"),
        Manner::Vehicle => ("بر اثر برخورد خودرو جان باخت", "was killed by a vehicle"),
        _ => ("جان باخت", "died"),
    }
}

/// What a story tells of.
pub struct Told<'a> {
    pub gender: Option<Gender>,
    pub role: Role,
    pub manner: Manner,
    pub city: &'a Texts,
    /// The day of the incident, where it is certain.
    pub day: Option<i64>,
    /// The day of death, where it is another one.
    pub later: Option<i64>,
    /// A line of [`WORK`], for adults.
    pub work: Option<usize>,
}

/// The story, in one or three paragraphs.
pub fn story(rng: &mut Rng, told: &Told<'_>) -> Texts {
    let [life_fa, life_en] = match told.work {
        Some(work) => [WORK[work][2], WORK[work][3]],
        None => *rng.pick(&YOUNG),
    };
    let (who, low) = match told.gender {
        Some(Gender::Female) => ("She", "she"),
        Some(Gender::Male) => ("He", "he"),
        _ => ("They", "they"),
    };
    let pronoun = if life_en.starts_with("{}") { who } else { low };
    let (role_fa, role_en) = role(told.role);
    let (end_fa, end_en) = manner(told.manner);
    let name = |text: &Option<String>| text.clone().unwrap_or_default();
    let (city_fa, city_en) = (name(&told.city.fa), name(&told.city.en));
    let (role_fa, role_en) = (role_fa.replace("{}", &city_fa), role_en.replace("{}", &city_en));
    let when = told.day.map(day).unwrap_or_default();
    let (when_fa, when_en) = match told.day {
        Some(_) => (format!("{}، ", name(&when.fa)), format!(" on {}", name(&when.en))),
        None => (String::new(), String::new()),
    };
    let (how_fa, how_en) = match told.later.map(day) {
        Some(later) => (
            format!("{when_fa}{role_fa}، زخمی شد و {} درگذشت.", name(&later.fa)),
            format!("{who} was wounded{when_en}, {role_en}, and died on {}.", name(&later.en)),
        ),
        None => (
            format!("{when_fa}{role_fa}، {end_fa}."),
            format!("{who} {end_en}{when_en}, {role_en}."),
        ),
    };
    let gap = if rng.percent(30) { "\n\n" } else { " " };
    both(
        &format!("{life_fa}{gap}{how_fa}{gap}این روایت ساختگی است."),
        &format!("{}{gap}{how_en}{gap}This account is fictional.", life_en.replace("{}", pronoun)),
    )
}
