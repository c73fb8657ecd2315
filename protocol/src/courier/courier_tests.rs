use super::*;
use proptest::prelude::*;

fn noise(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|n| Hash::of(&n.to_le_bytes()).0[0]).collect()
}

#[test]
fn cou_3_sizes() {
    assert_eq!(armour(b""), Err(CourierError::Size));
    let most = noise(MAX_COURIER_BYTES);
    let lines = armour(&most).unwrap();
    assert_eq!(lines.len(), usize::from(MAX_COURIER_LINES));
    assert_eq!(read(&lines.join("\n")).unwrap().whole, [most]);
    assert_eq!(armour(&noise(MAX_COURIER_BYTES + 1)), Err(CourierError::Size));
    assert_eq!(read(&"x".repeat(MAX_COURIER_TEXT_BYTES + 1)), Err(CourierError::TextTooLong));
    assert!(lines[0].chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()));
}

#[test]
fn cou_6_what_is_missing_is_named() {
    let mut lines = armour(&noise(1150)).unwrap();
    assert_eq!(lines.len(), 12);
    lines.remove(6);
    let found = read(&lines.join("\n")).unwrap();
    assert_eq!(found.cut, [Cut { lines: 12, missing: vec![7] }]);
    assert!(found.whole.is_empty() && found.altered == 0);
    // Cut off in the middle of a line.
    let text = lines.join("\n");
    let found = read(&text[..text.len() - 50]).unwrap();
    assert_eq!((found.cut[0].missing.as_slice(), found.altered), ([7, 12].as_slice(), 1));
}

#[test]
fn cou_4_a_pasted_chat() {
    let bytes = noise(450);
    let lines = armour(&bytes).unwrap();
    let quoted: Vec<String> = lines
        .iter()
        .rev()
        .map(|line| {
            let (a, b) = line.split_at(50);
            format!("> {}\u{200f}\n> {}\u{2014}{}", a.to_lowercase(), &b[..20], &b[20..])
        })
        .collect();
    let persian = lines[0].replace('9', "۹").replace('0', "٠");
    let text = format!(
        "[۱۲:۰۹] سارا: سلام، در سال ۱۹۹۰ این را بخوان 90 people\n{}\nآن ۹۰ نفر. In 1909 he said 0990:\n{persian} 9",
        quoted.join("\n")
    );
    assert_eq!(read(&text).unwrap().whole, [bytes]);
}

#[test]
fn two_couriers_in_one_text() {
    let (a, b) = (noise(300), noise(120));
    let (x, y) = (armour(&a).unwrap(), armour(&b).unwrap());
    let text = [&y[0], &x[2], &x[0], &y[1], &x[1], &x[1]].map(String::as_str).join("");
    assert_eq!(read(&text).unwrap().whole, [b, a]);
}

#[test]
fn cou_5_pieces_have_room() {
    let lines = armour(&noise(1000)).unwrap();
    let messages = pieces(&lines, 400, "\n").unwrap();
    assert_eq!(messages.len(), 5);
    assert!(messages.iter().all(|m| m.len() <= 400));
    assert_eq!(pieces(&lines, 100, "\n"), Err(CourierError::Piece(184)));
}

const BETWEEN: [&str; 9] =
    ["\n> ", "\r\n", " ", "\u{200b}", "\u{200f}", "\u{2014}", "-", "\t", "«»"];

proptest! {
    #[test]
    fn any_way_of_the_messengers(
        bytes in prop::collection::vec(any::<u8>(), 1..1500),
        order in any::<prop::sample::Index>(),
        limit in 184usize..2000,
        wrap in 1usize..90,
        between in prop::sample::select(&BETWEEN[..]),
        lower in any::<bool>(),
    ) {
        let mut messages = pieces(&armour(&bytes).unwrap(), limit, "\n").unwrap();
        messages.push(order.get(&messages).clone());
        let at = order.index(messages.len());
        messages.rotate_left(at);
        let text = messages.join("\nسلام hello 90 09\n");
        let mut out = String::new();
        for (n, c) in text.chars().enumerate() {
            if n % wrap == 0 { out.push_str(between); }
            out.push(if lower { c.to_ascii_lowercase() } else { c });
        }
        prop_assert_eq!(read(&out).unwrap().whole, [bytes]);
    }

    #[test]
    fn any_loss_is_named_and_any_order_is_good(
        bytes in prop::collection::vec(any::<u8>(), 1..1500),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
        all in any::<bool>(),
        between in prop::sample::select(&BETWEEN[..]),
    ) {
        // Some of the lines, in any order and repeated; or those and then all that they lack.
        let lines = armour(&bytes).unwrap();
        let mut order: Vec<usize> = picks.iter().map(|pick| pick.index(lines.len())).collect();
        let lost: Vec<usize> = (0..lines.len()).filter(|n| !order.contains(n)).collect();
        if all {
            order.extend(lost.iter().rev());
        }
        let text: String = order.iter().flat_map(|n| [between, lines[*n].as_str()]).collect();
        let found = read(&text).unwrap();
        if all || lost.is_empty() {
            prop_assert_eq!((found.whole, found.cut), (vec![bytes], vec![]));
        } else {
            let missing = lost.iter().map(|n| *n as u16 + 1).collect();
            prop_assert!(found.whole.is_empty());
            prop_assert_eq!(found.cut, [Cut { lines: lines.len() as u16, missing }]);
        }
        prop_assert_eq!(found.altered, 0);
    }

    #[test]
    fn an_altered_character_is_found(
        bytes in prop::collection::vec(any::<u8>(), 1..400),
        at in any::<prop::sample::Index>(),
        new in prop::sample::select(&b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[..]),
    ) {
        let mut text = armour(&bytes).unwrap().join("").into_bytes();
        let at = at.index(text.len());
        prop_assume!(text[at] != new);
        text[at] = new;
        let found = read(&String::from_utf8(text).unwrap()).unwrap();
        prop_assert!(found.whole.is_empty());
    }

    #[test]
    fn any_text_is_read(text in "[90A-C\\PC]{0,300}") {
        let _ = read(&text).unwrap();
    }
}
