//! The provinces of Iran, by their codes in ISO 3166-2:IR (spec: record.md, REC-8).

/// Code, Persian and English name of each province.
pub const PROVINCES: [(&str, &str, &str); 31] = [
    ("IR-00", "مرکزی", "Markazi"),
    ("IR-01", "گیلان", "Gilan"),
    ("IR-02", "مازندران", "Mazandaran"),
    ("IR-03", "آذربایجان شرقی", "East Azerbaijan"),
    ("IR-04", "آذربایجان غربی", "West Azerbaijan"),
    ("IR-05", "کرمانشاه", "Kermanshah"),
    ("IR-06", "خوزستان", "Khuzestan"),
    ("IR-07", "فارس", "Fars"),
    ("IR-08", "کرمان", "Kerman"),
    ("IR-09", "خراسان رضوی", "Razavi Khorasan"),
    ("IR-10", "اصفهان", "Isfahan"),
    ("IR-11", "سیستان و بلوچستان", "Sistan and Baluchestan"),
    ("IR-12", "کردستان", "Kurdistan"),
    ("IR-13", "همدان", "Hamadan"),
    ("IR-14", "چهارمحال و بختیاری", "Chaharmahal and Bakhtiari"),
    ("IR-15", "لرستان", "Lorestan"),
    ("IR-16", "ایلام", "Ilam"),
    ("IR-17", "کهگیلویه و بویراحمد", "Kohgiluyeh and Boyer-Ahmad"),
    ("IR-18", "بوشهر", "Bushehr"),
    ("IR-19", "زنجان", "Zanjan"),
    ("IR-20", "سمنان", "Semnan"),
    ("IR-21", "یزد", "Yazd"),
    ("IR-22", "هرمزگان", "Hormozgan"),
    ("IR-23", "تهران", "Tehran"),
    ("IR-24", "اردبیل", "Ardabil"),
    ("IR-25", "قم", "Qom"),
    ("IR-26", "قزوین", "Qazvin"),
    ("IR-27", "گلستان", "Golestan"),
    ("IR-28", "خراسان شمالی", "North Khorasan"),
    ("IR-29", "خراسان جنوبی", "South Khorasan"),
    ("IR-30", "البرز", "Alborz"),
];

/// Persian and English name of a province.
pub fn province(code: &str) -> Option<(&'static str, &'static str)> {
    PROVINCES.iter().find(|(c, _, _)| *c == code).map(|(_, fa, en)| (*fa, *en))
}
