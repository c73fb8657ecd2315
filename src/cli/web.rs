//! Options of commands that take an archive from web hosts, and what is said of these.

use super::route::WayArgs;
use super::{CliError, Exit, Ui, persian};
use crate::dial::{Dialler, Roots};
use crate::net::Rates;
use crate::net::pace::Pace;
use crate::store::{WebForm, WebHost};
use crate::sync::{FetchSummary, Giver, Host as _};
use crate::web::{BaseUrl, ClientConfig, HostSource, UrlError, WebError};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// Static mirrors and gateways, and the way to them.
#[derive(Debug, Default, Clone, Args)]
pub struct WebArgs {
    #[command(flatten)]
    hosts: HostArgs,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    pub way: WayArgs,
}

/// Static mirrors and gateways that are named.
#[derive(Debug, Default, Clone, Args)]
#[group(id = "hosts", multiple = true)]
struct HostArgs {
    /// Fetch from this static mirror, a folder on a web host or on this machine (a stick); may be given several times.
    /// Peers are then asked only where --address, --lan or --via says so
    #[arg(long = "url", value_name = "URL", help_heading = "Static mirrors")]
    urls: Vec<String>,
    /// Fetch blocks from this gateway (a mirror with --gateway, or a trustless gateway of IPFS), as with --url; may be
    /// given several times
    #[arg(long = "from-gateway", value_name = "URL", help_heading = "Static mirrors")]
    gateways: Vec<String>,
}

/// How web hosts are asked.
#[derive(Debug, Default, Clone, Args)]
pub struct HowArgs {
    /// Also believe the authorities in this file (PEM) about web hosts
    #[arg(long, value_name = "FILE", help_heading = "Static mirrors")]
    ca: Option<PathBuf>,
    /// Follow a static mirror that sends us to another host of the same kind; a gateway is never followed
    #[arg(long, help_heading = "Static mirrors")]
    other_hosts: bool,
    /// Take http:// without TLS also over the open network, where all on the way see what is fetched
    #[arg(long, requires = "hosts", help_heading = "Static mirrors")]
    plain_http: bool,
}

impl WebArgs {
    /// True when static mirrors or gateways are named.
    pub fn is_wanted(&self) -> bool {
        self.forms().next().is_some()
    }

    /// True when this address is one of those that are named.
    pub fn names(&self, url: &str) -> bool {
        let kept = |text: &str| BaseUrl::parse(text, true).ok().map(|url| url.to_string());
        kept(url).is_some_and(|url| self.forms().any(|(text, _)| kept(text).as_ref() == Some(&url)))
    }

    fn forms(&self) -> impl Iterator<Item = (&str, WebForm)> {
        named_forms(&self.hosts.urls, &self.hosts.gateways)
    }

    /// The addresses that are named, and what is there.
    ///
    /// # Errors
    /// When one is of no use.
    pub fn urls(&self) -> Result<Vec<(BaseUrl, WebForm)>, CliError> {
        self.forms().map(|(text, form)| Ok((self.how.url(text)?, form))).collect()
    }

    /// The hosts that are named, for a node that asks them by its own way.
    ///
    /// # Errors
    /// When an address or the file with authorities is of no use.
    pub fn named(&self) -> Result<Vec<WebHost>, CliError> {
        self.how.hosts(self.forms(), false)
    }

    /// Who is believed about hosts.
    ///
    /// # Errors
    /// When the file with authorities is of no use.
    pub fn roots(&self) -> Result<Roots, CliError> {
        self.how.roots()
    }

    /// A host as a source; `number` tells it from the others, with which it shares the limits `shared`.
    pub fn host(
        &self,
        number: u32,
        (url, form): (BaseUrl, WebForm),
        dialler: &Dialler,
        (shared, rates): (&Option<Arc<Pace>>, &Rates),
    ) -> HostSource {
        let config = ClientConfig {
            other_hosts: self.how.other_hosts,
            plain: self.how.plain_http,
            paces: shared.iter().cloned().chain(rates.own().down).collect(),
            ..ClientConfig::new(dialler.clone())
        };
        HostSource::new(number, url, form, config)
    }
}

/// Addresses of static mirrors, then those of gateways.
pub fn named_forms<'a>(
    urls: &'a [String],
    gateways: &'a [String],
) -> impl Iterator<Item = (&'a str, WebForm)> {
    let urls = urls.iter().map(|text| (text.as_str(), WebForm::Static));
    urls.chain(gateways.iter().map(|text| (text.as_str(), WebForm::Gateway)))
}

impl HowArgs {
    /// Who is believed about hosts.
    ///
    /// # Errors
    /// When the file with authorities is of no use.
    pub fn roots(&self) -> Result<Roots, CliError> {
        let mut roots = Roots::default();
        if let Some(file) = &self.ca {
            roots.add_file(file).map_err(|e| CliError::file(file, e))?;
        }
        Ok(roots)
    }

    fn url(&self, text: &str) -> Result<BaseUrl, CliError> {
        BaseUrl::named(text, self.plain_http).map_err(|e| bad_url(text, &e))
    }

    /// Hosts as they are kept, each once; `proxied` tells that they may be asked through a proxy only.
    ///
    /// # Errors
    /// When an address or the file with authorities is of no use.
    pub fn hosts<'a>(
        &self,
        forms: impl Iterator<Item = (&'a str, WebForm)>,
        proxied: bool,
    ) -> Result<Vec<WebHost>, CliError> {
        self.roots()?;
        let absolute =
            |file: &PathBuf| std::path::absolute(file).map_err(|e| CliError::file(file, e));
        let ca = self.ca.as_ref().map(absolute).transpose()?;
        let mut hosts: Vec<WebHost> = Vec::new();
        for (text, form) in forms {
            let url = self.url(text)?;
            let (proxied, url) = (proxied && !url.is_here(), url.to_string());
            if hosts.iter().any(|other| other.url == url) {
                continue;
            }
            let (ca, other_hosts, plain) = (ca.clone(), self.other_hosts, self.plain_http);
            hosts.push(WebHost { url, proxied, ca, other_hosts, plain, form });
        }
        Ok(hosts)
    }
}

fn bad_url(text: &str, error: &UrlError) -> CliError {
    let advice = match error {
        UrlError::Plain => (
            "use https://, or --plain-http if it does not matter who sees what you fetch",
            "https:// را به کار ببرید، یا اگر دیده شدنِ آنچه می‌گیرید زیانی ندارد --plain-http",
        ),
        _ => (
            "for example https://mirror.example/archive/, or a folder that is there",
            "برای نمونه https://mirror.example/archive/ یا پوشه‌ای که هست",
        ),
    };
    let fa = format!("{text}: {}", persian::url(error));
    CliError::both(Exit::Usage, format!("{text}: {error}"), fa).advise(advice)
}

/// Says what was wrong with hosts, each with what can be done about it.
pub fn say_faults(ui: &Ui, hosts: &[Arc<HostSource>]) {
    for host in hosts {
        let url = host.url();
        for fault in host.faults() {
            let (file, why) = (&fault.file, &fault.why);
            say_fault(ui, &url.to_string(), file, why);
        }
        if host.sends_whole() {
            ui.note(
                format!("{url} sends whole files where a part was asked for: more is received than is needed"),
                format!("{url} به‌جای بخشی از فایل همه‌ی آن را می‌فرستد: بیش از نیاز دریافت می‌شود"),
            );
        }
        if let Some(error) = host.error() {
            let (en, fa) = match host.is_gateway() {
                true => advice_on_gateway(&error),
                false => advice(&error),
            };
            let why = persian::web(&error);
            ui.warn(format!("{url}: {error}. {en}"), format!("{url}: {why}. {fa}"));
        }
    }
}

/// Names a file of a host that is of no use.
pub fn say_fault(ui: &Ui, url: &str, file: &str, why: &str) {
    ui.warn(
        format!("{url}{file} is of no use: {why}. Tell whoever keeps this mirror; other sources may have what is in it"),
        format!("{url}{file} به کار نمی‌آید: {why}. به نگه‌دارنده‌ی این آینه بگویید؛ شاید منبع‌های دیگر آن را داشته باشند"),
    );
}

/// The same of a gateway, which is never followed to another host.
fn advice_on_gateway(error: &WebError) -> (&'static str, &'static str) {
    match error {
        WebError::Redirect(_) => (
            "It is not followed: some gateways ask for each block at a host of its own name, which all on the way can read. Use another gateway, or a static mirror (--url)",
            "به دنبالش نمی‌رویم: برخی دروازه‌ها هر بلوک را در میزبانی به نام خود آن می‌خواهند و هر که در راه است آن را می‌خواند. دروازه‌ی دیگری یا آینه‌ای ایستا (--url) را به کار ببرید",
        ),
        other => advice(other),
    }
}

/// What can be done about it.
pub fn advice(error: &WebError) -> (&'static str, &'static str) {
    match error {
        WebError::Tls(_) => (
            "Somebody may stand between you and the host, or the clock of this machine is wrong. Do not use http:// instead",
            "شاید کسی میان شما و میزبان نشسته است، یا ساعت این دستگاه درست نیست. به‌جای آن http:// به کار نبرید",
        ),
        WebError::Proxy(_) => (
            "Start the proxy or correct --proxy; nothing was tried without it",
            "پراکسی را به راه بیندازید یا --proxy را درست کنید؛ بی آن چیزی آزموده نشد",
        ),
        WebError::Forbidden(_) => (
            "Through a proxy nothing in the local network is asked for: --proxy none for a mirror near by. An onion service needs Tor: --proxy socks5h://127.0.0.1:9050",
            "از راه پراکسی چیزی در شبکه‌ی نزدیک خواسته نمی‌شود: برای آینه‌ای که نزدیک است --proxy none. سرویس onion به Tor نیاز دارد: --proxy socks5h://127.0.0.1:9050",
        ),
        // A test for browsers answers so to everybody who is none; some stores answer 403 where a file is not there.
        WebError::Status(403 | 429 | 503) => (
            "The host refuses, or a check for robots in front of it, which a reader cannot pass. Your address is most likely right: try another mirror, later, or a proxy (--proxy), and tell whoever keeps this one",
            "خود میزبان نمی‌پذیرد، یا بازبینیِ ربات‌ها که جلوی آن است و خواننده از آن نمی‌گذرد. نشانی به احتمال زیاد درست است: آینه‌ی دیگری، زمان دیگری یا پراکسی (--proxy) را بیازمایید و به نگه‌دارنده‌ی این آینه بگویید",
        ),
        WebError::Status(404 | 410) => (
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_refused_is_not_sent_for_another_address() {
        for code in [403, 429, 503] {
            let (en, fa) = advice(&WebError::Status(code));
            assert!(en.contains("robots") && !en.contains("ask for the right one"), "{code}: {en}");
            assert!(fa.contains("ربات") && fa.contains("نگه‌دارنده"), "{code}: {fa}");
        }
        for code in [404, 410] {
            let (en, fa) = advice(&WebError::Status(code));
            assert!(en.contains("'head'") && fa.contains("head"), "{code}: {en} {fa}");
        }
    }
}
