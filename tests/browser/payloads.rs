//! What others and we thought of to run a script or load something, and records that carry it.

use serde_json::Value;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use unicode_normalization::UnicodeNormalization as _;
use yadgar_protocol::record::{Incident, Record, RecordId, Victim};

const VICTIM: &str = include_str!("victim.json");
const INCIDENT: &str = include_str!("incident.json");

/// Payloads that others collected (`shared/vectors` beside the repository, or `YADGAR_VECTORS`),
/// when they are there.
pub fn collected() -> Vec<String> {
    let Some(path) = crate::vectors::path("xss/dompurify/expect.mjs") else { return Vec::new() };
    let text = std::fs::read_to_string(path).unwrap();
    // A JavaScript file, in which each payload is written as JSON would have it.
    let each = text.split("\"payload\":").skip(1);
    let found: Vec<String> = each
        .filter_map(|rest| serde_json::Deserializer::from_str(rest).into_iter().next()?.ok())
        .collect();
    assert!(found.len() > 200, "the file has changed its form: {}", found.len());
    found
}

/// Our own: aimed at a listener, and made for the places where a page puts texts.
pub fn own(canary: SocketAddr) -> Vec<String> {
    let c = format!("http://{canary}");
    let list = [
        "<script>document.title='ran'</script>".to_owned(),
        format!("<script src={c}/a></script>"),
        format!("\"><img src={c}/b onerror=alert(1)>"),
        format!("'><img src='{c}/c' onload='alert(1)'>"),
        "\" autofocus onfocus=alert(1) x=\"".to_owned(),
        "' autofocus onfocus=alert(1) x='".to_owned(),
        "javascript:alert(1)".to_owned(),
        "data:text/html,<script>alert(1)</script>".to_owned(),
        "'-alert(1)-'".to_owned(),
        "{{constructor.constructor('alert(1)')()}}".to_owned(),
        format!("</title><svg onload=alert(1)><image href={c}/d>"),
        format!("</bdi></style></textarea><style>@import '{c}/e';</style>"),
        format!("x;background:url({c}/f)"),
        format!("\" style=\"background:url({c}/g)"),
        format!("</option></select><iframe src={c}/h>"),
        "<!--<img src=\"--><img src=x onerror=alert(1)//\">".to_owned(),
        "]]><script>alert(1)</script>".to_owned(),
        "&lt;script&gt;alert(1)&lt;/script&gt;".to_owned(),
        "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e;".to_owned(),
        "%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
        format!("//{canary}/i"),
        format!("{c}/j"),
        format!("<meta http-equiv=refresh content=0;url={c}/k><base href={c}/l>"),
        format!("<link rel=preconnect href={c}><link rel=prefetch href={c}/m>"),
        "../../../x/?a=b&c=d#e".to_owned(),
    ];
    list.into()
}

/// Declarations that fetch, in a browser of today, of yesterday or of tomorrow.
pub fn styles(canary: SocketAddr) -> Vec<String> {
    let c = format!("http://{canary}");
    let list = [
        format!("background:url({c}/s1)"),
        format!("background:u\\72l('{c}/s2')"),
        format!("background:image-set(\"{c}/s3\" 1x)"),
        format!("background:-webkit-image-set(\"{c}/s4\" 1x)"),
        format!("background:image-set(if(else:\"{c}/s5\"))"),
        format!("--u:\"{c}/s6\";background:image-set(var(--u) 1x)"),
        format!("--u:url({c}/s7);background:var(--u)"),
        format!("background:src(\"{c}/s8\")"),
        format!("background:if(else:url({c}/s9))"),
        format!("background:-webkit-cross-fade(url({c}/s10),url({c}/s11),50%)"),
        format!("background:cross-fade(\"{c}/s12\",\"{c}/s13\")"),
        "background:image-set(attr(data-u) 1x)".to_owned(),
        "background:attr(data-u type(<url>))".to_owned(),
        format!("--u:{c}/s14;background:--f({c})"),
        format!("list-style:url({c}/s15);display:list-item"),
        format!("cursor:url({c}/s16),auto"),
        format!("mask:url({c}/s17#m)"),
        format!("filter:url({c}/s18#f)"),
        format!("border-image:image-set('{c}/s19' 1x) 1"),
        format!("filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='{c}/s20')"),
        format!("content:url({c}/s21)"),
        format!("shape-outside:url({c}/s22)"),
        format!("width:expression(alert(1));behavior:url({c}/s23)"),
        format!("offset-path:url({c}/s24#x)"),
    ];
    list.into()
}

/// Rules that fetch.
pub fn rules(canary: SocketAddr) -> Vec<String> {
    let c = format!("http://{canary}");
    let list = [
        format!("@import url({c}/r1);"),
        format!("@import '{c}/r2' layer(x) supports(display:block) screen;"),
        format!("@\\69mport \"{c}/r3\";"),
        format!("\u{feff}@import '{c}/r4';"),
        format!("@namespace url({c}/r5);"),
        format!("@function --f(){{result:url({c}/r6)}} p{{background:--f()}}"),
        format!("@font-face{{font-family:q;src:url({c}/r7)}} p{{font-family:q}}"),
        format!(
            "@property --p{{syntax:'<url>';inherits:true;initial-value:url({c}/r8)}} p{{background:var(--p)}}"
        ),
        format!("@media all{{@supports (a:b) or (color:red){{p{{background:url({c}/r9)}}}}}}"),
        format!("p{{&:not(a){{background:image-set('{c}/r10' 1x)}}}}"),
        format!("@layer z{{p::before{{content:url({c}/r11)}}}}"),
        format!("@counter-style k{{system:cyclic;symbols:url({c}/r12)}}"),
        format!("@keyframes k{{from,to{{background:url({c}/r13)}}}} p{{animation:k 1s infinite}}"),
        format!("@import 'sheet.txt'; p{{color:red}} /* {c} */"),
        format!("@scope (p){{:scope{{background:image-set(\"{c}/r14\")}}}}"),
        format!(
            "@container (width > 0){{p{{background:url({c}/r15)}}}} body{{container-type:inline-size}}"
        ),
    ];
    list.into()
}

/// As texts of records are written: in NFC, in one line, without control and direction characters.
pub fn as_text(payload: &str) -> String {
    let plain = |c: char| match c {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => ' ',
        c if c.is_control() => ' ',
        c => c,
    };
    payload.nfc().map(plain).collect::<String>().trim().to_owned()
}

/// An id, ascending with its number.
pub fn id(n: usize) -> RecordId {
    let mut bytes = [7; 16];
    bytes[..2].copy_from_slice(&u16::try_from(n).unwrap().to_be_bytes());
    RecordId(bytes)
}

/// Where a value is text, as JSON pointers.
fn texts(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::String(_) => out.push(at.to_owned()),
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(n, v)| texts(v, &format!("{at}/{n}"), out));
        }
        Value::Object(map) => map.iter().for_each(|(k, v)| texts(v, &format!("{at}/{k}"), out)),
        _ => {}
    }
}

/// A record of one of the two schemas from its JSON form; `None` where the type has no room for
/// what stands in it (the closed lists of words).
fn typed(value: &Value) -> Option<Record> {
    from_json(value).ok()
}

fn from_json(value: &Value) -> serde_json::Result<Record> {
    if value["schema"] == "incident/1" {
        let incident: Incident = serde_json::from_value(value.clone())?;
        return Ok(Record::Incident(Box::new(incident)));
    }
    let victim: Victim = serde_json::from_value(value.clone())?;
    Ok(Record::Victim(Box::new(victim)))
}

/// Whether the record is one by record.md.
fn is_valid(value: &Value) -> bool {
    typed(value).is_some_and(|record| Record::decode(&record.encode()).is_ok())
}

/// A template, which is a record by itself.
fn template(text: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap();
    let record = from_json(&value).unwrap();
    Record::decode(&record.encode()).unwrap();
    value
}

/// A real picture.
fn drawing() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(8, 8).write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

/// Records with payloads in their texts.
#[derive(Default)]
pub struct Records {
    pub files: Vec<(String, Vec<u8>)>,
    /// Fields that held at least one payload in a record that is shown.
    pub held: BTreeSet<String>,
}

impl Records {
    /// The file of the record's picture, named by the payload where a path can be. Every other one
    /// is no picture but holds the payload, whatever its name and the record say.
    fn picture(&mut self, record: &mut Value, n: usize, payload: &str) {
        let path = [format!("portraits/{n}-{payload}.png"), format!("portraits/{n}.png")];
        let path = path.into_iter().find(|p| yadgar_protocol::Path::new(p).is_ok()).unwrap();
        let bytes = if n.is_multiple_of(4) {
            drawing()
        } else {
            format!("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>{payload}").into_bytes()
        };
        record["media"][0]["path"] = path.clone().into();
        record["media"][0]["bytes"] = bytes.len().into();
        record["media"][0]["hash"] = yadgar_protocol::Hash::of(&bytes).to_hex().into();
        record["media"][0]["graphic"] = ["none", "mild", "strong"][n / 4 % 3].into();
        self.files.push((path, bytes));
    }

    /// Two records with `payload`: number `n` has it in every text that record.md lets hold it,
    /// number `n + 1` in every text there is, which makes it one that is not understood.
    pub fn add(&mut self, incident: bool, n: usize, payload: &str) {
        let mut good = template(if incident { INCIDENT } else { VICTIM });
        good["id"] = id(n).to_string().into();
        if !incident {
            self.picture(&mut good, n, payload);
        }
        let mut raw = good.clone();
        raw["id"] = id(n + 1).to_string().into();
        let mut places = Vec::new();
        texts(&good, "", &mut places);
        for place in
            places.iter().filter(|p| !matches!(p.as_str(), "/id" | "/schema" | "/media/0/path"))
        {
            for (record, ok) in [
                (&mut good, &is_valid as &dyn Fn(&Value) -> bool),
                (&mut raw, &|v: &Value| typed(v).is_some()),
            ] {
                let before = std::mem::replace(record.pointer_mut(place).unwrap(), payload.into());
                if !ok(record) {
                    *record.pointer_mut(place).unwrap() = before;
                }
            }
            let text = good.pointer(place).and_then(Value::as_str).unwrap();
            if !payload.is_empty() && text.contains(payload) {
                self.held.insert(place.clone());
            }
        }
        for record in [good, raw] {
            let record = typed(&record).unwrap();
            self.files.push((record.path(), record.encode()));
        }
    }
}

#[test]
fn templates_are_records() {
    template(VICTIM);
    template(INCIDENT);
}
