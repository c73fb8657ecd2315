//! A key file like those of `yadgar key new`, but opened at once: its passphrase is stretched hardly at all. Most tests need a
//! key and not the second that it takes to make and to open one; those of keys themselves have the program make theirs.

use age::secrecy::SecretString;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use yadgar::publish::keys::Key;
use yadgar_protocol::ids::base32;

/// log2 of scrypt's N.
const WORK_FACTOR: u8 = 2;

/// Writes a new key where `key new` would, under this passphrase.
pub fn write(home: &Path, passphrase: &str) {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap();
    let public = base32(Key::from_seed(&seed).unwrap().public().as_bytes());
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(passphrase.to_owned()));
    recipient.set_work_factor(WORK_FACTOR);
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).unwrap();
    let armor = age::armor::ArmoredWriter::wrap_output(Vec::new(), age::armor::Format::AsciiArmor);
    let mut writer = encryptor.wrap_output(armor.unwrap()).unwrap();
    writer.write_all(&seed).unwrap();
    let sealed = String::from_utf8(writer.finish().unwrap().finish().unwrap()).unwrap();
    let folder = home.join("keys");
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = options.open(folder.join("maintainer.key")).unwrap();
    write!(file, "yadgar key file, version 1\npublic {public}\n{sealed}").unwrap();
}
