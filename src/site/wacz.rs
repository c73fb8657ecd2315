//! WACZ: crawls in a ZIP, with a list of digests. Nothing is unpacked to a path: names only say what an entry is.

use super::bounds::{MAX_CRAWL_BYTES, MAX_PACKAGE_BYTES, MAX_RATIO, MAX_ZIP_FILES};
use super::crawl::{Crawl, agrees_stream};
use super::item::SiteError;
use super::source::records_of;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Reads all crawls of a WACZ.
pub fn read(source: &Path, file: File, crawl: &mut Crawl<'_>) -> Result<(), SiteError> {
    let nothing = |why: String| SiteError::Nothing(source.to_owned(), why);
    let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| nothing(e.to_string()))?;
    if zip.len() > MAX_ZIP_FILES {
        return Err(nothing("more than 10,000 entries".to_owned()));
    }
    let digests = package(&mut zip).map_err(nothing)?;
    let mut names: Vec<String> =
        zip.file_names().filter_map(Result::ok).map(std::borrow::Cow::into_owned).collect();
    names.sort();
    for name in names.iter().filter(|n| is_crawl(n)) {
        let wanted = digests.get(name);
        if let Err(why) = sound(&mut zip, name, wanted) {
            crawl.damaged(name, &why);
            continue;
        }
        let entry = zip.by_name(name).map_err(|e| nothing(e.to_string()))?;
        crawl.read(name, records_of(BufReader::new(entry)).map_err(SiteError::at(name))?)?;
    }
    Ok(())
}

fn is_crawl(name: &str) -> bool {
    let ends = [".warc", ".warc.gz", ".arc", ".arc.gz"];
    name.starts_with("archive/") && ends.iter().any(|e| name.to_ascii_lowercase().ends_with(e))
}

/// Digests of entries by name, as `datapackage.json` has them.
fn package<R: Read + std::io::Seek>(
    zip: &mut zip::ZipArchive<R>,
) -> Result<BTreeMap<String, String>, String> {
    let Ok(entry) = zip.by_name("datapackage.json") else {
        return Err("it has no datapackage.json: this is no WACZ".to_owned());
    };
    let mut text = Vec::new();
    entry.take(MAX_PACKAGE_BYTES).read_to_end(&mut text).map_err(|e| e.to_string())?;
    let package: serde_json::Value = serde_json::from_slice(&text).map_err(|e| e.to_string())?;
    let resources = package["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
    let one = |r: &serde_json::Value| {
        Some((r["path"].as_str()?.to_owned(), r["hash"].as_str()?.to_owned()))
    };
    Ok(resources.iter().filter_map(one).collect())
}

/// Whether an entry may be read, and is what the package says.
fn sound<R: Read + std::io::Seek>(
    zip: &mut zip::ZipArchive<R>,
    name: &str,
    wanted: Option<&String>,
) -> Result<(), String> {
    let entry = zip.by_name(name).map_err(|e| e.to_string())?;
    if entry.encrypted() {
        return Err("it is encrypted".to_owned());
    }
    let most = entry.compressed_size().saturating_mul(MAX_RATIO).min(MAX_CRAWL_BYTES);
    if entry.size() > most {
        return Err("it unpacks to far more than it was".to_owned());
    }
    let Some(wanted) = wanted else { return Err("datapackage.json does not name it".to_owned()) };
    match agrees_stream(wanted, entry.take(most + 1)) {
        Ok(true) => Ok(()),
        Ok(false) => Err("not what its digest says".to_owned()),
        Err(e) => Err(e.to_string()),
    }
}
