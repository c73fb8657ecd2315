//! Options of commands that fetch from static mirrors on web hosts, and what is said of these.

use super::{CliError, Exit, Ui};
use crate::net::Rates;
use crate::sync::{FetchSummary, Giver, Host as _, STALL};
use crate::web::{BaseUrl, ClientConfig, HostSource, Proxy, Roots, UrlError, WebError};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// Static mirrors, and the way to them.
#[derive(Debug, Default, Clone, Args)]
pub struct WebArgs {
    /// Fetch from this static mirror, a folder on a web host; may be given several times. Peers are then
    /// asked only where --address or --lan says so
    #[arg(long = "url", value_name = "URL", help_heading = "Static mirrors")]
    urls: Vec<String>,
    /// Reach static mirrors only through this proxy, socks5h://HOST:PORT or http://HOST:PORT; 'none' ignores
    /// HTTPS_PROXY and ALL_PROXY
    #[arg(long, value_name = "PROXY", requires = "urls", help_heading = "Static mirrors")]
    proxy: Option<String>,
    /// Also believe the authorities in this file (PEM) about web hosts
    #[arg(long, value_name = "FILE", requires = "urls", help_heading = "Static mirrors")]
    ca: Option<PathBuf>,
    /// Follow a web host that sends us to another host
    #[arg(long, requires = "urls", help_heading = "Static mirrors")]
    other_hosts: bool,
    /// Take http:// without TLS also over the open network, where all on the way see what is fetched
    #[arg(long, requires = "urls", help_heading = "Static mirrors")]
    plain_http: bool,
}

impl WebArgs {
    /// True when static mirrors are named.
    pub fn is_wanted(&self) -> bool {
        !self.urls.is_empty()
    }

    /// The hosts that are named. `peers` tells that the network of peers is wanted too, which never goes through
    /// a proxy.
    ///
    /// # Errors
    /// When an address, the proxy or the file with authorities is of no use.
    pub fn hosts(&self, rates: &Rates, peers: bool) -> Result<Vec<Arc<HostSource>>, CliError> {
        if !self.is_wanted() {
            return Ok(Vec::new());
        }
        let proxy = self.proxy()?;
        if let (Some(proxy), true) = (&proxy, peers) {
            let what = format!("peers cannot be reached through the proxy {proxy}");
            return Err(CliError::new(Exit::Usage, what).advice(
                "leave out --address and --lan, so that nothing goes past the proxy; or --proxy none, if it does not matter who sees with whom you connect",
            ));
        }
        let mut roots = Roots::default();
        if let Some(file) = &self.ca {
            roots.add_file(file).map_err(|e| CliError::file(file, e))?;
        }
        let shared = rates.shared().down;
        let mut hosts = Vec::new();
        for (number, text) in (0..).zip(&self.urls) {
            let config = ClientConfig {
                proxy: proxy.clone(),
                roots: roots.clone(),
                other_hosts: self.other_hosts,
                plain: self.plain_http,
                stall: STALL,
                paces: shared.iter().cloned().chain(rates.own().down).collect(),
            };
            let url = BaseUrl::parse(text, self.plain_http).map_err(|e| bad_url(text, &e))?;
            let host = HostSource::new(number, url, config);
            hosts.push(Arc::new(host.map_err(|e| CliError::new(Exit::Failed, e.to_string()))?));
        }
        Ok(hosts)
    }

    fn proxy(&self) -> Result<Option<Proxy>, CliError> {
        let proxy = match self.proxy.as_deref() {
            Some("none") => Ok(None),
            Some(text) => Proxy::parse(text).map(Some),
            None => Proxy::from_env(&|name| std::env::var(name).ok()),
        };
        proxy.map_err(|e| {
            CliError::new(Exit::Usage, e.to_string()).advice(
                "for example socks5h://127.0.0.1:9050 (Tor) or http://127.0.0.1:8080; --proxy none to do without",
            )
        })
    }
}

fn bad_url(text: &str, error: &UrlError) -> CliError {
    let advice = match error {
        UrlError::Plain => {
            "use https://, or --plain-http if it does not matter who sees what you fetch"
        }
        _ => "for example https://mirror.example/archive/",
    };
    CliError::new(Exit::Usage, format!("{text}: {error}")).advice(advice)
}

/// Says what was wrong with hosts, each with what can be done about it.
pub fn say_faults(ui: &Ui, hosts: &[Arc<HostSource>]) {
    for host in hosts {
        let url = host.url();
        for fault in host.faults() {
            let (file, why) = (&fault.file, &fault.why);
            ui.warn(
                format!("{url}{file} is of no use: {why}. Tell whoever keeps this mirror; other sources may have what is in it"),
                format!("{url}{file} به کار نمی‌آید: {why}. به نگه‌دارنده‌ی این آینه بگویید؛ شاید منبع‌های دیگر آن را داشته باشند"),
            );
        }
        if host.sends_whole() {
            ui.note(
                format!("{url} sends whole files where a part was asked for: more is received than is needed"),
                format!("{url} به‌جای بخشی از فایل همه‌ی آن را می‌فرستد: بیش از نیاز دریافت می‌شود"),
            );
        }
        if let Some(error) = host.error() {
            let (en, fa) = advice(&error);
            ui.warn(format!("{url}: {error}. {en}"), format!("{url}: {error}. {fa}"));
        }
    }
}

fn advice(error: &WebError) -> (&'static str, &'static str) {
    match error {
        WebError::Tls(_) => (
            "Somebody may stand between you and the host, or the clock of this machine is wrong. Do not use http:// instead",
            "شاید کسی میان شما و میزبان نشسته است، یا ساعت این دستگاه درست نیست. به‌جای آن http:// به کار نبرید",
        ),
        WebError::Proxy(_) => (
            "Start the proxy or correct --proxy; nothing was tried without it",
            "پراکسی را به راه بیندازید یا --proxy را درست کنید؛ بی آن چیزی آزموده نشد",
        ),
        WebError::Status(404 | 403 | 410) => (
            "Its address is that of the folder with the file 'head'; ask for the right one",
            "نشانی باید از آنِ پوشه‌ای باشد که فایل «head» در آن است؛ نشانی درست را بپرسید",
        ),
        WebError::Redirect(_) => (
            "Ask for the new address, or follow it with --other-hosts",
            "نشانی تازه را بپرسید یا با --other-hosts به دنبالش بروید",
        ),
        WebError::Wrong(_) | WebError::TooLong => (
            "It is no static mirror of this archive, or a damaged one; ask for another address",
            "آینه‌ی ایستای این بایگانی نیست یا آسیب دیده است؛ نشانی دیگری بپرسید",
        ),
        _ => (
            "Try later, another address, or a proxy (--proxy) where the host is blocked",
            "دیرتر یا با نشانی دیگر بیازمایید، یا اگر میزبان بسته است با پراکسی (--proxy)",
        ),
    }
}

/// What hosts gave, for scripts.
pub fn hosts_json(hosts: &[Arc<HostSource>], summary: &FetchSummary) -> Value {
    let one = |host: &Arc<HostSource>| {
        let given = summary.sources.iter().find(|(giver, _)| *giver == Giver::Host(host.number()));
        let (blocks, bytes) = given.map_or((0, 0), |(_, count)| (count.blocks, count.bytes));
        let faults = host.faults();
        let faults: Vec<_> =
            faults.iter().map(|f| json!({ "file": f.file, "why": f.why })).collect();
        json!({
            "url": host.url().to_string(), "blocks": blocks, "wire_bytes": bytes, "faults": faults,
            "error": host.error().map(|error| error.to_string()),
        })
    };
    hosts.iter().map(one).collect()
}
