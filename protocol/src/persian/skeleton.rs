//! The key that a Persian name and its Latin spellings share (spec: persian.md, FA-5).
//!
//! Persian does not write short vowels, and Latin spellings write all vowels in many ways. What they
//! have in common are the consonants in their order, each sound as one letter.

/// Letters of two or three that stand for one sound, longest first.
const DIGRAPHS: [(&str, char); 14] = [
    ("tch", 'c'),
    ("sch", 'š'),
    ("dj", 'j'),
    ("kh", 'x'),
    ("gh", 'q'),
    ("ch", 'c'),
    ("sh", 'š'),
    ("zh", 'j'),
    ("ph", 'f'),
    ("ck", 'k'),
    ("th", 't'),
    ("dh", 'z'),
    ("ou", 'u'),
    ("oo", 'u'),
];

/// The consonants of a word or name, from a folded or unfolded text in either script; spaces do not count. An
/// initial vowel is `a`. Empty when nothing of it is a letter of the two scripts.
pub fn skeleton(text: &str) -> String {
    let folded = super::nospace(text);
    let sounds = sounds(&folded);
    let mut out = String::new();
    for (at, sound) in sounds.iter().copied().enumerate() {
        let kept = match sound {
            // Vowels, and the letters that are a vowel in one spelling and a consonant in another.
            'a' | 'v' | 'y' => (at == 0).then_some(sound),
            // A final h is silent and often left out.
            'h' if at + 1 == sounds.len() && at > 0 => None,
            other => Some(other),
        };
        // Doubled letters are written once in Persian.
        out.extend(kept.filter(|c| !out.ends_with(*c)));
    }
    out
}

fn sounds(folded: &str) -> Vec<char> {
    let mut out = Vec::new();
    let mut rest = folded;
    while let Some(c) = rest.chars().next() {
        if let Some((digraph, sound)) = DIGRAPHS.iter().find(|(d, _)| rest.starts_with(d)) {
            out.push(if *sound == 'u' { 'a' } else { *sound });
            rest = &rest[digraph.len()..];
            continue;
        }
        out.extend(sound(c));
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn sound(c: char) -> Option<char> {
    Some(match c {
        'a' | 'e' | 'i' | 'o' | 'u' | 'ا' | 'ع' => 'a',
        'b' | 'ب' => 'b',
        'p' | 'پ' => 'p',
        't' | 'ت' | 'ط' => 't',
        's' | 'ث' | 'س' | 'ص' => 's',
        'j' | 'ج' | 'ژ' => 'j',
        'چ' => 'c',
        'h' | 'ح' | 'ه' => 'h',
        'x' | 'خ' => 'x',
        'd' | 'د' => 'd',
        'z' | 'ذ' | 'ز' | 'ض' | 'ظ' => 'z',
        'r' | 'ر' => 'r',
        'ش' => 'š',
        'q' | 'غ' | 'ق' => 'q',
        'f' | 'ف' => 'f',
        'k' | 'c' | 'ک' => 'k',
        'g' | 'گ' => 'g',
        'l' | 'ل' => 'l',
        'm' | 'م' => 'm',
        'n' | 'ن' => 'n',
        'v' | 'w' | 'و' => 'v',
        'y' | 'ی' => 'y',
        '0'..='9' => c,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    /// Given names, and spellings that people use for them.
    const NAMES: [(&str, &[&str]); 60] = [
        ("علی", &["Ali", "Aly"]),
        ("محمد", &["Mohammad", "Muhammed", "Mohamad"]),
        ("حسین", &["Hossein", "Hussain", "Hosein"]),
        ("حسن", &["Hassan", "Hasan"]),
        ("رضا", &["Reza", "Rezaa"]),
        ("مهدی", &["Mahdi", "Mehdi", "Mehdy"]),
        ("زهرا", &["Zahra", "Zehra"]),
        ("فاطمه", &["Fatemeh", "Fateme", "Fatima"]),
        ("مریم", &["Maryam", "Mariam"]),
        ("سارا", &["Sara", "Sarah"]),
        ("نوید", &["Navid", "Naveed"]),
        ("پویا", &["Pouya", "Pooya", "Puya"]),
        ("آرش", &["Arash"]),
        ("امیر", &["Amir", "Ameer"]),
        ("شیرین", &["Shirin", "Shireen"]),
        ("قاسم", &["Ghasem", "Qasem", "Qassem"]),
        ("خدیجه", &["Khadijeh", "Xadije"]),
        ("خسرو", &["Khosro", "Khosrow", "Xosrow"]),
        ("بیژن", &["Bijan", "Bizhan"]),
        ("منیژه", &["Manijeh", "Manizheh"]),
        ("روژان", &["Rozhan", "Rojan"]),
        ("یوسف", &["Yousef", "Yusuf", "Yoosef"]),
        ("یعقوب", &["Yaghoub", "Yaqub"]),
        ("ثریا", &["Soraya", "Sorayya"]),
        ("ذبیح", &["Zabih"]),
        ("غلام", &["Gholam", "Qolam"]),
        ("چنگیز", &["Changiz", "Tchangiz"]),
        ("جواد", &["Javad", "Djavad"]),
        ("شهرام", &["Shahram"]),
        ("لاله", &["Laleh", "Lale"]),
        ("نرگس", &["Narges"]),
        ("مینا", &["Mina", "Meena"]),
        ("کیان", &["Kian", "Kiyan"]),
        ("کوروش", &["Kourosh", "Koorosh", "Kurosh"]),
        ("داریوش", &["Dariush", "Daryoush"]),
        ("سیاوش", &["Siavash", "Siyavash"]),
        ("فرهاد", &["Farhad"]),
        ("فریدون", &["Fereydoun", "Fereidoon"]),
        ("پرویز", &["Parviz", "Parveez"]),
        ("پروین", &["Parvin"]),
        ("ناصر", &["Naser", "Nasser"]),
        ("مصطفی", &["Mostafa", "Mustafa"]),
        ("مجتبی", &["Mojtaba"]),
        ("عباس", &["Abbas", "Abas"]),
        ("ابراهیم", &["Ebrahim", "Ibrahim"]),
        ("اسماعیل", &["Esmail", "Ismail", "Esmaeel"]),
        ("احمد", &["Ahmad", "Ahmed"]),
        ("محمود", &["Mahmoud", "Mahmood"]),
        ("طاهره", &["Tahereh", "Tahere"]),
        ("صدیقه", &["Sedigheh", "Sediqe"]),
        ("اعظم", &["Azam", "Aazam"]),
        ("ژاله", &["Jaleh", "Zhaleh"]),
        ("هوشنگ", &["Houshang", "Hooshang"]),
        ("منوچهر", &["Manouchehr", "Manuchehr"]),
        ("بهروز", &["Behrouz", "Behrooz"]),
        ("شهلا", &["Shahla"]),
        ("وحید", &["Vahid", "Waheed"]),
        ("کامران", &["Kamran", "Camran"]),
        ("نیلوفر", &["Niloufar", "Niloofar"]),
        ("گلناز", &["Golnaz"]),
    ];

    #[test]
    fn fa_5_spellings_of_one_name_share_the_key() {
        for (name, spellings) in NAMES {
            for spelling in spellings {
                assert_eq!(skeleton(name), skeleton(spelling), "{name} {spelling}");
            }
        }
    }

    #[test]
    fn fa_5_names_that_differ_in_consonants_do_not() {
        assert_ne!(skeleton("حسن"), skeleton("محسن"));
        assert_ne!(skeleton("مینا"), skeleton("سارا"));
        assert_eq!(skeleton("گندم\u{200c}خورشید"), skeleton("Gandom Khorshid"));
        assert_eq!(skeleton("!?"), "");
    }
}
