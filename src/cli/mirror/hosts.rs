//! Web hosts that a mirror follows, kept in the settings of their archive.

use crate::access::Access;
use crate::cli::web::{HowArgs, named_forms};
use crate::cli::{CliError, Exit, Ui};
use crate::dial::Roots;
use crate::store::heads::ArchiveSettings;
use crate::store::web_host::MAX_WEB_HOSTS;
use crate::store::{WebForm, WebHost};
use crate::web::BaseUrl;
use clap::Args;
use serde_json::Value;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::place::WebUrl;

/// Web hosts that a mirror follows.
#[derive(Debug, Default, Clone, Args)]
pub struct FollowArgs {
    #[command(flatten)]
    hosts: HostArgs,
    /// Follow it at this web address no longer; may be given several times
    #[arg(long = "forget-url", value_name = "URL", help_heading = "Static mirrors")]
    forget: Vec<String>,
    #[command(flatten)]
    how: HowArgs,
}

/// Web hosts that are named.
#[derive(Debug, Default, Clone, Args)]
#[group(id = "hosts", multiple = true)]
struct HostArgs {
    /// Also follow the archive at this static mirror, a folder on a web host, from now on; may be given several times. With
    /// several archives give the one invite with it
    #[arg(long = "url", value_name = "URL", help_heading = "Static mirrors")]
    urls: Vec<String>,
    /// Also follow it at the web addresses that the invite names
    #[arg(long = "web", help_heading = "Static mirrors")]
    of_invite: bool,
    /// Also follow it at this gateway (a mirror with --gateway, or a trustless gateway of IPFS), from now on
    #[arg(long = "from-gateway", value_name = "URL", help_heading = "Static mirrors")]
    gateways: Vec<String>,
}

impl FollowArgs {
    /// True when what is followed changes.
    fn is_wanted(&self) -> bool {
        let HostArgs { urls, of_invite, gateways } = &self.hosts;
        *of_invite || !urls.is_empty() || !gateways.is_empty() || !self.forget.is_empty()
    }

    /// Who is believed about web hosts, and about mirrors behind websites in this run.
    ///
    /// # Errors
    /// When the file with authorities is of no use.
    pub fn roots(&self) -> Result<Roots, CliError> {
        self.how.roots()
    }

    /// The hosts that the user names here one by one, as they are kept.
    fn named(&self) -> Vec<String> {
        let all = self.hosts.urls.iter().chain(&self.hosts.gateways);
        all.filter_map(|text| Some(BaseUrl::parse(text, true).ok()?.to_string())).collect()
    }

    /// What is to be followed from now on, through a proxy only if there is one now, and what no longer.
    fn change(
        &self,
        known: &[WebUrl],
        proxied: bool,
    ) -> Result<(Vec<WebHost>, Vec<String>), CliError> {
        let HostArgs { urls, of_invite, gateways } = &self.hosts;
        if *of_invite && known.is_empty() {
            let what = "the invite names no address on the web";
            return Err(CliError::new(Exit::Usage, what).advice("give one with --url URL"));
        }
        let known = known.iter().filter(|_| *of_invite).map(|url| (url.as_str(), WebForm::Static));
        let hosts = self.how.hosts(named_forms(urls, gateways).chain(known), proxied)?;
        // As it is kept; what is no address at all is kept nowhere.
        let forget = |text: &String| {
            BaseUrl::named(text, true).map_or_else(|_| text.clone(), |url| url.to_string())
        };
        Ok((hosts, self.forget.iter().map(forget).collect()))
    }
}

/// The web addresses that are known of an archive: those of the invite, and those of invites before.
fn known_urls(invite: &Invite, before: &ArchiveSettings) -> Vec<WebUrl> {
    let mut urls = invite.urls.clone();
    for url in before.urls.iter().filter_map(|text| WebUrl::parse(text).ok()) {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

/// How the mirror goes out in this run.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    /// Through a proxy.
    pub proxied: bool,
    /// The user said that there is to be none (`--proxy none`).
    pub straight: bool,
}

/// Keeps what is to be followed from now on. What was kept before is followed also when nothing is said, but not what was
/// named beside a proxy where there is none now: only who names that very address with `--proxy none` lifts this.
pub fn remember(
    ui: &Ui,
    access: &Access,
    invites: &[Invite],
    (args, Out { proxied, straight }): (&FollowArgs, Out),
) -> Result<(), CliError> {
    if args.is_wanted() {
        let invite = the_one(access, invites)?;
        let mut settings = access.archives.settings(&invite.archive)?;
        let (follow, forget) = args.change(&known_urls(&invite, &settings), proxied)?;
        // What is forgotten and named at once is kept, with its guard.
        let again = |url: &String| follow.iter().any(|host| host.url == *url);
        settings.hosts.retain(|host| !forget.contains(&host.url) || again(&host.url));
        let named = args.named();
        let lifts = |url: &str| straight && named.iter().any(|known| known == url);
        say_lifted(ui, &settings, lifts);
        if !settings.learn_hosts(&follow, lifts) {
            let what = format!("an archive is followed at {MAX_WEB_HOSTS} web addresses at most");
            return Err(CliError::new(Exit::Usage, what)
                .advice("take one out with --forget-url; 'yadgar status' lists them"));
        }
        access.archives.set_settings(&invite.archive, &settings)?;
    }
    for archive in access.archives.list()? {
        let hosts = access.archives.settings(&archive)?.hosts;
        for host in &hosts {
            let url = &host.url;
            if host.proxied && !proxied {
                ui.warn(
                    format!("{url} is not asked: it was to be reached through a proxy only. Start the mirror with --proxy; or name it with --url and --proxy none, so that it sees the address of this machine"),
                    format!("از {url} پرسیده نمی‌شود: قرار بود تنها از راه پراکسی به آن برسد. آینه را با --proxy آغاز کنید؛ یا با --url و --proxy none نامش ببرید، که آن‌گاه نشانی این دستگاه را می‌بیند"),
                );
            } else {
                ui.note(format!("follows {url}"), format!("دنبال می‌کند: {url}"));
            }
        }
    }
    Ok(())
}

/// Says which hosts see this machine from now on.
fn say_lifted(ui: &Ui, before: &ArchiveSettings, lifts: impl Fn(&str) -> bool) {
    for host in before.hosts.iter().filter(|host| host.proxied && lifts(&host.url)) {
        let url = &host.url;
        ui.warn(
            format!("{url} was reached through a proxy only until now; from now on it sees the address of this machine"),
            format!("{url} تاکنون تنها از راه پراکسی پرسیده می‌شد؛ از این پس نشانی این دستگاه را می‌بیند"),
        );
    }
}

/// The archive that the web hosts are of: that of the invite, or the only one here.
fn the_one(access: &Access, invites: &[Invite]) -> Result<Invite, CliError> {
    if let [invite] = invites {
        return Ok(invite.clone());
    }
    match access.archives.list()?.as_slice() {
        [archive] if invites.is_empty() => bare(archive),
        _ => Err(CliError::new(
            Exit::Usage,
            "a web address is of one archive; this is about several",
        )
        .advice("give one invite with --url; the next one at the next start: they are kept")),
    }
}

fn bare(archive: &ArchiveId) -> Result<Invite, CliError> {
    Invite::new(*archive, Vec::new()).map_err(|e| CliError::new(Exit::Failed, e.to_string()))
}

/// Says how the web hosts of a running node stand.
pub fn say(ui: &Ui, hosts: &Value) {
    for host in hosts.as_array().into_iter().flatten() {
        let url = host["url"].as_str().unwrap_or("-");
        let bytes = crate::cli::ui::size(host["received_bytes"].as_u64().unwrap_or(0));
        let (looked, looked_fa) = match host["looked_seconds_ago"].as_u64() {
            Some(ago) => (format!("looked at {ago} s ago"), format!("{ago} ثانیه پیش دیده شد")),
            None => ("not looked at yet".to_owned(), "هنوز دیده نشده".to_owned()),
        };
        let (shows, shows_fa) = match host["release"].as_u64() {
            Some(release) => (format!(", shows release {release}"), format!("، نسخه‌ی {release}")),
            None => Default::default(),
        };
        let error = host["error"].as_str().map(|error| format!(": {error}")).unwrap_or_default();
        ui.say(
            format!("  web host {url}: {looked}{shows}, {bytes} received{error}"),
            format!("  میزبان وب {url}: {looked_fa}{shows_fa}، {bytes} دریافت شد{error}"),
        );
        for fault in host["faults"].as_array().into_iter().flatten() {
            let (file, why) = (fault["file"].as_str().unwrap_or("-"), &fault["why"]);
            let why = why.as_str().unwrap_or("-");
            ui.say(
                format!("    {file} is of no use: {why}"),
                format!("    {file} به کار نمی‌آید: {why}"),
            );
        }
    }
}
