//! The printed sheet: one page, in Persian and English, that needs nothing from outside.

use super::Sheet;
use super::words::to_words;
use maud::{DOCTYPE, PreEscaped, html as markup};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use yadgar_protocol::ids::{PublicKey, base32};
use yadgar_protocol::words::{Word, key_words};

const STYLE: &str = "@page{size:A4;margin:11mm}\
*{box-sizing:border-box}\
body{margin:0 auto;max-width:188mm;padding:1mm;font:10pt/1.45 'Noto Naskh Arabic','Noto Sans Arabic',Vazirmatn,Tahoma,sans-serif;color:#000;background:#fff}\
h1{font-size:14pt;margin:0 0 2mm;display:flex;justify-content:space-between}\
.two{display:flex;gap:5mm}.two>*{flex:1;min-width:0}\
[lang=en]{direction:ltr;text-align:left;font-family:'Noto Sans',Arial,sans-serif;font-size:9pt}\
p{margin:0 0 1.5mm}\
.id{display:flex;gap:5mm;align-items:flex-start;margin:2mm 0}\
.id dl{flex:1;margin:0;min-width:0}dt{font-size:8pt;color:#333}dd{margin:0 0 1.2mm;overflow-wrap:anywhere}\
.mono{direction:ltr;text-align:left;font:9.5pt/1.35 'Noto Sans Mono','DejaVu Sans Mono',monospace}\
.qr{flex:none;width:50mm}.qr svg{display:block;width:100%;height:auto}\
ol{direction:ltr;margin:2mm 0;padding:0;list-style:none;display:grid;grid-auto-flow:column;grid-template-rows:repeat(18,auto);grid-template-columns:repeat(4,1fr);border:.3mm solid #000}\
li{display:flex;gap:1.5mm;align-items:baseline;padding:0 1.5mm;border-bottom:.1mm solid #999;line-height:1.5;break-inside:avoid}\
li b{width:5.5mm;text-align:right;font:8pt sans-serif}li span{font:9.5pt 'Noto Sans',Arial,sans-serif}\
li bdi{margin-left:auto;font-size:10.5pt}\
.note{border-top:.3mm solid #000;padding-top:2mm;margin:2mm 0 0}";

const FA: [&str; 2] = [
    "با این برگه و گذرواژه، هر دو با هم، کلید امضا دوباره ساخته می‌شود. گذرواژه را روی این برگه ننویسید و جایی دیگر نگه دارید. کسی که فقط برگه را دارد کلید را ندارد، ولی می‌تواند گذرواژه‌ها را بیازماید: برگه را پنهان نگه دارید.",
    "بازگرداندن: شماره‌ها و واژه‌ها را، فارسی یا انگلیسی، در فایلی بنویسید. به جای واژه‌ی ناخوانا ? بگذارید. سپس:",
];
const EN: [&str; 2] = [
    "This sheet and the passphrase, both together, give the signing key back. Do not write the passphrase on this sheet; keep it elsewhere. Who has the sheet alone does not have the key, but can try passphrases: keep the sheet hidden.",
    "To restore: type the words, Persian or English, into a file. Write ? for a word that cannot be read. Then:",
];
const COMMANDS: [&str; 2] = [
    "yadgar key restore --words FILE --out maintainer.key",
    "yadgar key restore --qr-text FILE --out maintainer.key",
];

fn joined(words: &[Word], pick: fn(&Word) -> &str) -> String {
    words.iter().map(pick).collect::<Vec<_>>().join(" ")
}

/// The sheet as an HTML page.
///
/// # Errors
/// When no QR code can be made, which cannot be for texts of this length.
pub fn html(sheet: &Sheet, public: &PublicKey) -> Result<String, qrcode::types::QrError> {
    let code = QrCode::with_error_correction_level(sheet.qr_text(public), EcLevel::M)?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(300, 300).quiet_zone(true).build();
    let picture = picture.split_once("?>").map_or(picture.as_str(), |(_, svg)| svg);
    let (words, finger) = (to_words(&sheet.0), key_words(public));
    let page = markup! {
        (DOCTYPE)
        html lang="fa" dir="rtl" {
            head {
                meta charset="utf-8";
                title { "yadgar: " (public.key_id()) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { span { "کلید امضای یادگار" } span lang="en" { "yadgar signing key" } }
                div.two {
                    div { @for text in FA { p { (text) } } }
                    div lang="en" { @for text in EN { p { (text) } } }
                }
                p.mono { (COMMANDS[0]) br; (COMMANDS[1]) }
                div.id {
                    dl {
                        dt { "شناسه‌ی کلید" " · " bdi { "key id" } }
                        dd.mono { (public.key_id()) }
                        dt { "کلید عمومی" " · " bdi { "public key" } }
                        dd.mono { (base32(public.as_bytes())) }
                        dt { "واژه‌های اثر انگشت" " · " bdi { "fingerprint words" } }
                        dd { (joined(&finger, |w| w.fa)) }
                        dd lang="en" { (joined(&finger, |w| w.en)) }
                        dt { "واژه‌های رمزشده‌ی کلید، ۱ تا ۷۰" " · " bdi { "words of the encrypted key, 1 to 70" } }
                    }
                    div.qr { (PreEscaped(picture)) }
                }
                ol {
                    @for (at, word) in words.iter().enumerate() {
                        li { b { (at + 1) } span { (word.en) } bdi lang="fa" dir="rtl" { (word.fa) } }
                    }
                }
                p.note { "نام بایگانی و تاریخ، با دست: " "………………………………………" " " bdi { "archive and date, by hand" } }
            }
        }
    };
    Ok(page.into_string())
}

/// The sheet as plain text, without the picture but with its text.
pub fn plain(sheet: &Sheet, public: &PublicKey) -> String {
    let finger = key_words(public);
    let mut lines = vec!["کلید امضای یادگار / yadgar signing key".to_owned(), String::new()];
    for at in 0..2 {
        lines.extend([FA[at].to_owned(), EN[at].to_owned()]);
    }
    lines.extend(COMMANDS.map(|command| format!("  {command}")));
    lines.extend([
        String::new(),
        format!("key id      {}", public.key_id()),
        format!("public key  {}", base32(public.as_bytes())),
        format!("fingerprint {}", joined(&finger, |w| w.en)),
        format!("اثر انگشت: {}", joined(&finger, |w| w.fa)),
        format!("QR text     {}", sheet.qr_text(public)),
        String::new(),
    ]);
    let words = to_words(&sheet.0);
    lines.extend(
        words.iter().enumerate().map(|(at, w)| format!("{:2}  {:<10} {}", at + 1, w.en, w.fa)),
    );
    lines.push(String::new());
    lines.join("\n")
}
