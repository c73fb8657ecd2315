//! One spelling of what can be written in many ways, for the rules of texts.

/// Zeros of the decimal digits of other scripts, Persian and Arabic first; nine more follow each.
const ZEROS: [u32; 20] = [
    0x6f0, 0x660, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50,
    0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0x2080, 0xff10,
];
/// Digits of mathematics: five alphabets, one behind the other.
const MATHEMATICS: std::ops::RangeInclusive<u32> = 0x1d7ce..=0x1d7ff;
/// Digits in circles, from one.
const CIRCLES: std::ops::RangeInclusive<u32> = 0x2460..=0x2468;

/// One kind of digits, letters, spaces and dashes; vowel marks, marks of direction and joints that cannot be seen
/// are left out, and so is the non-joiner of Persian where it joins nothing: beside Latin letters and digits.
pub fn fold(text: &str) -> Vec<char> {
    if text.is_ascii() {
        let same = |b| if b == b'\t' { ' ' } else { char::from(b) };
        return text.bytes().map(same).collect();
    }
    let mut folded: Vec<char> = Vec::with_capacity(text.len());
    folded.extend(text.chars().filter_map(one));
    if !folded.contains(&'\u{200c}') {
        return folded;
    }
    let letter = |c: Option<&char>| c.is_some_and(|c| c.is_alphabetic() && !c.is_ascii());
    let kept = |at: usize| {
        folded[at] != '\u{200c}'
            || (letter(at.checked_sub(1).and_then(|b| folded.get(b))) && letter(folded.get(at + 1)))
    };
    (0..folded.len()).filter(|at| kept(*at)).map(|at| folded[at]).collect()
}

fn one(c: char) -> Option<char> {
    if c.is_ascii() && c != '\t' {
        return Some(c);
    }
    if let Some(digit) = digit(c as u32) {
        return Some(digit);
    }
    match c {
        // Of full width: the ASCII characters in their order.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        '\u{66b}' | '\u{2024}' | '\u{3002}' | '\u{ff61}' | '\u{fe52}' => Some('.'),
        '\u{66c}' => Some(','),
        '\u{fe6b}' => Some('@'),
        '\u{fe62}' => Some('+'),
        'ي' | 'ى' => Some('ی'),
        'ك' => Some('ک'),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\t' => {
            Some(' ')
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{640}' | '\u{fe58}' | '\u{fe63}' => Some('-'),
        '\u{200b}' | '\u{200d}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => None,
        '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}' | '\u{ad}' => None,
        '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}' => None,
        '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' => None,
        other => Some(other),
    }
}

fn digit(code: u32) -> Option<char> {
    let value = if MATHEMATICS.contains(&code) {
        (code - MATHEMATICS.start()) % 10
    } else if CIRCLES.contains(&code) {
        code - CIRCLES.start() + 1
    } else {
        let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
        code - zero
    };
    char::from_digit(value, 10)
}
