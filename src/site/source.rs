//! Which kind of source a file is.

use super::bounds::MAX_CRAWL_BYTES;
use super::crawl::Crawl;
use super::item::{Gathered, SiteError};
use super::wacz;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

/// Reads a crawl.
pub fn gather(source: &Path, found: &mut Gathered) -> Result<(), SiteError> {
    let failed = || SiteError::at(source.display());
    let mut file = File::open(source).map_err(failed())?;
    if !file.metadata().map_err(failed())?.is_file() {
        return Err(SiteError::Kind(source.to_owned()));
    }
    let mut head = Vec::new();
    (&mut file).take(8).read_to_end(&mut head).map_err(failed())?;
    file.rewind().map_err(failed())?;
    let mut crawl = Crawl::new(found)?;
    if head.starts_with(b"PK") {
        wacz::read(source, file, &mut crawl)?;
    } else if head.starts_with(b"\x1f\x8b")
        || head.starts_with(b"WARC/")
        || head.starts_with(b"filedesc")
    {
        let name =
            source.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        crawl.read(&name, records_of(BufReader::new(file)).map_err(failed())?)?;
    } else {
        return Err(SiteError::Kind(source.to_owned()));
    }
    crawl.finish(source)
}

/// A stream of records, unpacked when it is packed; bounded either way.
pub fn records_of<'a>(mut input: impl BufRead + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    let packed = input.fill_buf()?.starts_with(b"\x1f\x8b");
    Ok(match packed {
        true => {
            let plain = flate2::bufread::MultiGzDecoder::new(input).take(MAX_CRAWL_BYTES);
            Box::new(BufReader::new(plain))
        }
        false => Box::new(input.take(MAX_CRAWL_BYTES)),
    })
}
