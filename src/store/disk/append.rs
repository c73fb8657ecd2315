//! Record bytes to and from a segment file, copied as little as possible.

use super::record::RECORD_HEADER;
use rustix::buffer::spare_capacity;
use rustix::io::{Errno, pread, pwritev};
use std::fs::File;
use std::io::{self, IoSlice};

/// Pieces given to the system in one call; systems take 1024.
const PIECES: usize = 512;
/// Data shorter than this is copied together: a piece of its own costs more than the copy.
const SMALL: usize = 8 * 1024;

/// A run of bytes for the file: gathered small records, or the data of a large one.
enum Piece<'a> {
    Gathered(Vec<u8>),
    Data(&'a [u8]),
}

impl Piece<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Gathered(bytes) => bytes,
            Self::Data(bytes) => bytes,
        }
    }
}

/// Writes records one after the other from `offset` on.
pub fn write_records<'a>(
    file: &File,
    offset: u64,
    records: impl Iterator<Item = ([u8; RECORD_HEADER], &'a [u8])>,
) -> io::Result<()> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    for (header, data) in records {
        match pieces.last_mut() {
            Some(Piece::Gathered(bytes)) => bytes.extend_from_slice(&header),
            _ => pieces.push(Piece::Gathered(header.to_vec())),
        }
        match pieces.last_mut() {
            Some(Piece::Gathered(bytes)) if data.len() < SMALL => bytes.extend_from_slice(data),
            _ => pieces.push(Piece::Data(data)),
        }
    }
    let mut at = offset;
    for group in pieces.chunks(PIECES) {
        let mut slices: Vec<IoSlice<'_>> =
            group.iter().map(|piece| IoSlice::new(piece.bytes())).collect();
        let mut rest = &mut slices[..];
        while !rest.is_empty() {
            match pwritev(file, rest, at) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    at += written as u64;
                    IoSlice::advance_slices(&mut rest, written);
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// The header and the `len` bytes of data of the record at `offset`.
pub fn read_record(file: &File, offset: u64, len: usize) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let header = read_at(file, offset, RECORD_HEADER)?;
    Ok((header, read_at(file, offset + RECORD_HEADER as u64, len)?))
}

fn read_at(file: &File, offset: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Exactly: what is spare is filled.
    bytes.reserve_exact(len);
    while bytes.len() < len {
        let at = offset + bytes.len() as u64;
        match pread(file, spare_capacity(&mut bytes), at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    bytes.truncate(len);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let file = tempfile::tempfile().unwrap();
        // Small and large ones, and more pieces than the system takes at once.
        let data: Vec<Vec<u8>> =
            (0..1500u32).map(|n| vec![n as u8; (n as usize * 37) % (2 * SMALL)]).collect();
        let records = || data.iter().map(|data| ([data.len() as u8; RECORD_HEADER], &data[..]));
        write_records(&file, 7, records()).unwrap();
        let mut at = 7;
        for (header, data) in records() {
            let read = read_record(&file, at, data.len()).unwrap();
            assert_eq!(read, (header.to_vec(), data.to_vec()));
            at += (RECORD_HEADER + data.len()) as u64;
        }
        assert_eq!(file.metadata().unwrap().len(), at);
        assert_eq!(read_record(&file, at, 1).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
