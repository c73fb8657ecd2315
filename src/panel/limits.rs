//! Every bound of the first screen, in one place.
//!
//! What a program on this machine can make us hold: each connection a head of [`MAX_HEAD_BYTES`] and a form of
//! [`MAX_FORM_BYTES`]; one upload at a time, of which one piece is in memory (all of it while nothing is written, up to
//! [`MAX_SPOOL_MEMORY`]).

use std::time::Duration;

/// Connections that are served at once.
pub const MAX_CONNECTIONS: usize = 32;
/// Time for the head of a request to arrive, also on a connection that is kept open.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for a form to arrive.
pub const FORM_TIMEOUT: Duration = Duration::from_secs(10);
/// Time in which something of an upload has to arrive.
pub const UPLOAD_PATIENCE: Duration = Duration::from_secs(60);
/// Longest life of a connection: an upload from a slow stick takes long.
pub const CONNECTION_LIFE: Duration = Duration::from_secs(6 * 60 * 60);
/// Largest head of a request, in bytes.
pub const MAX_HEAD_BYTES: usize = 16_384;
/// Most headers of a request.
pub const MAX_HEADERS: usize = 64;
/// Largest form, in bytes: a text that tells what is newest is the longest thing in one, encoded and with what a
/// messenger put around it.
pub const MAX_FORM_BYTES: usize = 256 * 1024;
/// Characters of a pasted text: the longest courier there can be (COU-3), with the ends of its lines.
pub const MAX_PASTED_CHARS: usize = 192 * 1024;
/// Characters of a pasted invite.
pub const MAX_INVITE_CHARS: usize = 16 * 1024;
/// Characters of a proxy's address.
pub const MAX_PROXY_CHARS: usize = 300;
/// Most fields of a form.
pub const MAX_FIELDS: usize = 16;
/// Files of one upload.
pub const MAX_UPLOAD_FILES: usize = 64;
/// Bytes of an upload while nothing is written to the disk.
pub const MAX_SPOOL_MEMORY: u64 = 1 << 30;
/// Bytes of an upload that is kept, sealed, on the disk until it is taken in.
pub const MAX_SPOOL_DISK: u64 = 1 << 40;
/// Bytes of a spool that are sealed together.
pub const SPOOL_PIECE: usize = 64 * 1024;
/// Bytes that archives may take in memory.
pub const MAX_MEMORY: u64 = 2 << 30;
/// Bytes of a carrier that are looked at for its head before anybody is asked about it; more are read only where
/// there is none among them.
pub const PEEK_BYTES: u64 = 8 << 20;
/// Archives that one carrier may bring at a time.
pub const MAX_ASKED: usize = 8;
/// Archives that are taken from one share.
pub const MAX_SHARED: usize = 8;
/// Bytes that the pages of a share may send, all together, before the person is asked whether to go on.
pub const GRAB_UNASKED: u64 = 2 << 30;
/// Bytes of the disk that are left free by what is kept until it is taken in.
pub const DISK_RESERVE: u64 = 512 << 20;
/// Times that a broken download is gone on with.
pub const GRAB_TRIES: usize = 5;
/// Time for a share to answer, and to send something more.
pub const GRAB_PATIENCE: Duration = Duration::from_secs(30);
/// Mounted sticks that are listed.
pub const MAX_STICKS: usize = 16;
/// Carriers of a stick that are counted.
pub const MAX_ON_STICK: usize = 256;
/// Files of the neutral name that are tried until one is free.
pub const MAX_NAMES: usize = 1000;
/// How long a share from the first screen lasts when nothing is chosen, in minutes.
pub const SHARE_MINUTES: u64 = crate::share::limits::DEFAULT_MINUTES;
/// How long it can last, in minutes: none more than the command allows.
pub const SHARE_CHOICES: [u64; 3] = [SHARE_MINUTES, 30, 60];
const _: () = assert!(SHARE_CHOICES[2] <= crate::share::limits::MAX_MINUTES);
/// Longest name and longest password of a Wi-Fi that the form takes, in characters.
pub const MAX_WIFI_CHARS: usize = 64;
/// How often the page of something under way loads itself again, in seconds.
pub const RELOAD_SECONDS: u64 = 2;
/// The same for the page with the timer of a share.
pub const SHARE_RELOAD_SECONDS: u64 = 10;
/// Pause after the system refused to hand over a connection (no file descriptors left).
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Addresses for the browser that were not used yet; the oldest goes when there are more.
pub const MAX_STARTS: usize = 4;
/// How long the last answer may take to leave before everything ends.
pub const LAST_ANSWER: Duration = Duration::from_secs(2);
