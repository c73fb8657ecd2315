//! Films in boxes (ISO 14496-12, QuickTime): boxes are walked, the pictures inside not read.

use std::io::{Read, Seek, SeekFrom};

/// Boxes of a file at most; real ones have some hundreds, long fragmented ones some thousands.
const MAX_BOXES: usize = 100_000;
const MAX_DEPTH: usize = 8;
/// Unused room that is looked through.
const MAX_FREE: u64 = 1 << 20;
const BROKEN: &str = "a film that is broken or cut off";

/// Boxes that hold boxes.
const CONTAINERS: [&[u8; 4]; 12] = [
    b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"mvex", b"moof", b"traf",
    b"mfra", b"gmhd",
];
/// Boxes that are needed to play the film.
const PLAYED: [&[u8; 4]; 38] = [
    b"ftyp", b"mdat", b"sidx", b"styp", b"pdin", b"stsd", b"stts", b"stss", b"ctts", b"stsc",
    b"stsz", b"stz2", b"stco", b"co64", b"elst", b"vmhd", b"smhd", b"nmhd", b"sthd", b"dref",
    b"trex", b"mehd", b"tfhd", b"tfdt", b"trun", b"sgpd", b"sbgp", b"sdtp", b"cslg", b"mfhd",
    b"tfra", b"mfro", b"iods", b"tref", b"tapt", b"gmin", b"clef", b"stps",
];
const HEADERS: [&[u8; 4]; 3] = [b"mvhd", b"tkhd", b"mdhd"];

/// What is in a film beside pictures and sound, each once. Empty when it is clean.
///
/// # Errors
/// Why it cannot be looked into.
pub fn boxes(file: &mut (impl Read + Seek), size: u64) -> Result<Vec<&'static str>, &'static str> {
    let mut walk = Walk { file, found: Vec::new(), count: 0 };
    walk.inside(0, size, 0)?;
    walk.found.sort_unstable();
    walk.found.dedup();
    Ok(walk.found)
}

struct Walk<'a, F> {
    file: &'a mut F,
    found: Vec<&'static str>,
    count: usize,
}

impl<F: Read + Seek> Walk<'_, F> {
    fn read<const N: usize>(&mut self, at: u64) -> Result<[u8; N], &'static str> {
        let mut out = [0; N];
        self.file.seek(SeekFrom::Start(at)).map_err(|_| BROKEN)?;
        self.file.read_exact(&mut out).map_err(|_| BROKEN)?;
        Ok(out)
    }

    fn inside(&mut self, mut at: u64, end: u64, depth: usize) -> Result<(), &'static str> {
        if depth > MAX_DEPTH {
            return Err("a film with boxes nested too deep");
        }
        while at < end {
            self.count += 1;
            if self.count > MAX_BOXES {
                return Err("a film with too many boxes");
            }
            let head: [u8; 8] = self.read(at)?;
            let short = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
            let kind = [head[4], head[5], head[6], head[7]];
            let (begin, length) = match short {
                0 => (at + 8, end - at),
                1 => (at + 16, u64::from_be_bytes(self.read(at + 8)?)),
                n => (at + 8, u64::from(n)),
            };
            let to =
                at.checked_add(length).filter(|to| *to <= end && *to >= begin).ok_or(BROKEN)?;
            self.one(&kind, begin, to, depth)?;
            at = to;
        }
        Ok(())
    }

    fn one(
        &mut self,
        kind: &[u8; 4],
        from: u64,
        to: u64,
        depth: usize,
    ) -> Result<(), &'static str> {
        if CONTAINERS.contains(&kind) {
            return self.inside(from, to, depth + 1);
        }
        if PLAYED.contains(&kind) {
            return Ok(());
        }
        match kind {
            b"udta" | b"meta" | b"uuid" | b"ilst" | b"keys" | b"cprt" => {
                self.found.push("metadata (device, place, name)");
            }
            b"hdlr" => return self.handler(from),
            b"free" | b"skip" | b"wide" if self.is_blank(from, to)? => {}
            b"free" | b"skip" | b"wide" => self.found.push("data in unused room"),
            kind if HEADERS.contains(&kind) => return self.times(from),
            _ => return Err("a film with a box that is not known"),
        }
        Ok(())
    }

    /// Tracks are pictures, sound or subtitles; others hold positions and sensors.
    fn handler(&mut self, from: u64) -> Result<(), &'static str> {
        let head: [u8; 12] = self.read(from)?;
        match &head[8..12] {
            b"vide" | b"soun" | b"text" | b"sbtl" | b"subt" | b"alis" | b"url " => {}
            _ => self.found.push("a track with other data"),
        }
        Ok(())
    }

    /// When it was made and changed; zero says nothing.
    fn times(&mut self, from: u64) -> Result<(), &'static str> {
        let version: [u8; 4] = self.read(from)?;
        let blank = match version[0] {
            0 => self.read::<8>(from + 4)? == [0; 8],
            _ => self.read::<16>(from + 4)? == [0; 16],
        };
        if !blank {
            self.found.push("time of the making");
        }
        Ok(())
    }

    fn is_blank(&mut self, from: u64, to: u64) -> Result<bool, &'static str> {
        if to - from > MAX_FREE {
            return Ok(false);
        }
        self.file.seek(SeekFrom::Start(from)).map_err(|_| BROKEN)?;
        let mut room = Vec::new();
        self.file.take(to - from).read_to_end(&mut room).map_err(|_| BROKEN)?;
        Ok(room.iter().all(|b| *b == 0))
    }
}
