//! `yadgar mirror --front`: a node behind a website. Its keeper's web server passes one secret path on to it.

mod config;

use super::super::{CliError, Exit, Ui};
use crate::durable::{self, Mode};
use crate::net::Multiaddr;
use clap::Args;
use config::Site;
pub use config::WebServer;
use data_encoding::BASE32_NOPAD;
use serde_json::json;
use std::path::Path;
use yadgar_protocol::place::{Host, WebUrl};

/// Where in a home the secret path is kept.
const FRONT_FILE: &str = "front";
/// Random bytes of a secret path.
const SECRET_BYTES: usize = 16;

#[derive(Debug, Default, Args)]
pub struct FrontArgs {
    /// Stand behind this website, https://HOST/: listen on this machine only, on a secret path that its web server
    /// passes on (--front-config), and be found by nobody who does not know it
    #[arg(long = "front", value_name = "URL", help_heading = "Behind a website")]
    url: Option<String>,
    /// Port of this machine at which the web server finds the node
    #[arg(
        long = "front-port",
        value_name = "PORT",
        default_value_t = 4780,
        requires = "url",
        help_heading = "Behind a website"
    )]
    port: u16,
    /// Print what belongs into the configuration of the web server, and end. It holds the secret path
    #[arg(
        long = "front-config",
        value_enum,
        value_name = "SERVER",
        requires = "url",
        help_heading = "Behind a website"
    )]
    config: Option<WebServer>,
    /// The site's own page for what is missing, as in 'error_page 404 /404.html' of nginx
    #[arg(
        long = "front-missing",
        value_name = "PATH",
        requires = "config",
        help_heading = "Behind a website"
    )]
    missing: Option<String>,
}

/// A node behind a website.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Front {
    /// Where it listens.
    pub listen: Multiaddr,
    /// Where it is dialled, for invites.
    pub address: Multiaddr,
}

impl FrontArgs {
    /// The front that is asked for, with its secret path, made where there is none yet.
    ///
    /// # Errors
    /// When the website is none, or the secret cannot be kept.
    pub fn front(&self, home: &Path) -> Result<Option<Front>, CliError> {
        let Some(url) = &self.url else { return Ok(None) };
        let site = site(url)?;
        let path = secret(home)?;
        front(&site, self.port, &path).map(Some)
    }

    /// Prints the configuration of a web server, if that is asked for.
    ///
    /// # Errors
    /// As [`FrontArgs::front`]; and for a page that is none.
    pub fn print(&self, ui: &Ui, home: &Path) -> Result<bool, CliError> {
        let (Some(server), Some(url)) = (self.config, &self.url) else { return Ok(false) };
        let host = site(url)?;
        let missing = self.missing.as_deref().map(page).transpose()?;
        let path = secret(home)?;
        let front = front(&host, self.port, &path)?;
        let site = Site { url: host.as_str(), path: &path, port: self.port, missing };
        let text = server.text(&site);
        ui.say(&text, &text);
        ui.note(
            format!("Address for invites: {}", front.address),
            format!("نشانی برای دعوت‌نامه‌ها: {}", front.address),
        );
        ui.json(&json!({
            "server": server.name(), "config": text, "address": front.address.to_string(),
            "listen": front.listen.to_string(),
        }));
        Ok(true)
    }
}

/// A website that can stand in front: one of TLS, at the top of its host.
fn site(text: &str) -> Result<WebUrl, CliError> {
    let wrong = |what: String| {
        CliError::new(Exit::Usage, what)
            .advice("give the address of the website as visitors see it: --front https://HOST/")
    };
    let full = if text.ends_with('/') { text.to_owned() } else { format!("{text}/") };
    let url = WebUrl::parse(&full).map_err(|e| wrong(format!("'{text}': {e}")))?;
    let top = url.as_str().matches('/').count() == 3;
    if !url.is_tls() || !top {
        return Err(wrong(format!("'{text}' is not the top of a website with TLS")));
    }
    Ok(url)
}

/// A page of the site that stands in a configuration.
fn page(text: &str) -> Result<&str, CliError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-".contains(&b);
    if text.starts_with('/') && text.len() > 1 && text.bytes().all(plain) {
        return Ok(text);
    }
    let what = format!("'{text}' is not the path of a page");
    Err(CliError::new(Exit::Usage, what).advice("for example --front-missing /404.html"))
}

fn front(site: &WebUrl, port: u16, path: &str) -> Result<Front, CliError> {
    let kind = match site.host() {
        Host::Name(_) => "dns4",
        Host::Ip(ip) if ip.is_ipv4() => "ip4",
        Host::Ip(_) => "ip6",
    };
    let host = match site.host() {
        Host::Name(name) => name.to_owned(),
        Host::Ip(ip) => ip.to_string(),
    };
    // The port is what follows the last colon that is not one of an IPv6 address.
    let at = site.as_str().trim_start_matches("https://").trim_end_matches('/');
    let after = at.rsplit(']').next().unwrap_or(at);
    let public = after.rsplit_once(':').map_or("443", |(_, port)| port);
    let multiaddr = |text: String| text.parse::<Multiaddr>().map_err(|e| CliError::failed(text, e));
    Ok(Front {
        listen: multiaddr(format!("/ip4/127.0.0.1/tcp/{port}/x-parity-ws/%2F{path}"))?,
        address: multiaddr(format!("/{kind}/{host}/tcp/{public}/x-parity-wss/%2F{path}"))?,
    })
}

/// The secret path of a home, without `/`: 128 random bits. Made once, durably, readable by its owner only.
fn secret(home: &Path) -> Result<String, CliError> {
    let file = home.join(FRONT_FILE);
    let failed = |e: &dyn std::fmt::Display| CliError::failed(file.display(), e);
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let path = text.trim();
            let bytes = BASE32_NOPAD.decode(path.to_ascii_uppercase().as_bytes());
            if path == path.to_ascii_lowercase() && bytes.is_ok_and(|b| b.len() == SECRET_BYTES) {
                return Ok(path.to_owned());
            }
            Err(CliError::new(Exit::Damaged, format!("{}: damaged", file.display()))
                .advice("delete this file: the mirror then gets a new address, which others must learn anew"))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let random: [u8; SECRET_BYTES] = rand::random();
            let path = BASE32_NOPAD.encode(&random).to_ascii_lowercase();
            durable::create_dir_durable(home).map_err(|e| failed(&e))?;
            durable::write_atomic(&file, format!("{path}\n").as_bytes(), Mode::Private)
                .map_err(|e| failed(&e))?;
            Ok(path)
        }
        Err(e) => Err(failed(&e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_front() {
        let of = |url: &str| {
            let front = front(&site(url).unwrap(), 4780, "abc").unwrap();
            (front.address.to_string(), front.listen.to_string())
        };
        let listen = "/ip4/127.0.0.1/tcp/4780/x-parity-ws/%2Fabc".to_owned();
        for (url, address) in [
            ("https://site.example/", "/dns4/site.example/tcp/443/x-parity-wss/%2Fabc"),
            ("https://site.example", "/dns4/site.example/tcp/443/x-parity-wss/%2Fabc"),
            ("https://site.example:8443/", "/dns4/site.example/tcp/8443/x-parity-wss/%2Fabc"),
            ("https://192.0.2.1/", "/ip4/192.0.2.1/tcp/443/x-parity-wss/%2Fabc"),
            ("https://[2001:db8::1]:444/", "/ip6/2001:db8::1/tcp/444/x-parity-wss/%2Fabc"),
            ("https://[2001:db8::1]/", "/ip6/2001:db8::1/tcp/443/x-parity-wss/%2Fabc"),
        ] {
            assert_eq!(of(url), (address.to_owned(), listen.clone()), "{url}");
        }
        for none in ["http://127.0.0.1/", "https://site.example/blog/", "site.example", "https:///"]
        {
            assert!(site(none).is_err(), "{none}");
        }
        for none in ["404.html", "/", "/a b", "/a;", "/a\"", "/$x"] {
            assert!(page(none).is_err(), "{none}");
        }
    }

    #[test]
    fn the_secret_is_made_once_and_private() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().join("home");
        let path = secret(&home).unwrap();
        assert_eq!(path.len(), 26);
        assert_eq!(secret(&home).unwrap(), path);
        assert_ne!(secret(&home.join("other")).unwrap(), path);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(home.join(FRONT_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        for damaged in ["", "short", "../../../etc/passwd", &path.to_uppercase()] {
            std::fs::write(home.join(FRONT_FILE), damaged).unwrap();
            assert!(secret(&home).is_err(), "{damaged}");
        }
    }
}
