//! What belongs into the configuration of a web server, as text.
//!
//! Only a correct upgrade to a WebSocket on exactly the secret path reaches the node. Everything else on that path,
//! and what the node refuses or cannot answer, gets the answer of a page that is not there. Neither the path nor who
//! asked for it is written into a log; therefore nothing is led on to another location, which would log it.

use clap::ValueEnum;

/// Web servers of which we know the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WebServer {
    /// nginx.
    Nginx,
    /// Caddy 2.
    Caddy,
}

/// A website with a node behind it.
pub struct Site<'a> {
    /// Its address.
    pub url: &'a str,
    /// The secret path, without `/`.
    pub path: &'a str,
    /// The port of this machine at which the node listens.
    pub port: u16,
    /// The site's own page for what is missing.
    pub missing: Option<&'a str>,
}

impl WebServer {
    /// As it is named on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
        }
    }

    /// The configuration.
    pub fn text(self, site: &Site<'_>) -> String {
        match self {
            Self::Nginx => nginx(site),
            Self::Caddy => caddy(site),
        }
    }
}

fn nginx(site: &Site<'_>) -> String {
    let Site { url, path, port, missing } = site;
    // A page of the site's own is asked for as a GET, whatever was asked; the built-in one as what was asked.
    let (place, at, answer) = match missing {
        None => {
            ("@not_found_here".to_owned(), "@not_found_here".to_owned(), "return 404;".to_owned())
        }
        Some(page) => {
            let place = format!("/{path}.missing");
            (place.clone(), format!("= {place}"), format!("internal;\n    try_files {page} =404;"))
        }
    };
    format!(
        "# Into the server block of {url} that has TLS, beside its other locations. Those stay as they are.
# Whoever reads this can find the node: keep the file readable by the web server alone.
location = /{path} {{
    access_log off;
    error_log /dev/null crit;
    error_page 400 403 404 408 414 429 431 500 502 503 504 =404 {place};
    if ($request_method !~ ^(GET|HEAD|POST)$) {{ return 405; }}
    if ($request_method != GET) {{ return 404; }}
    if ($server_protocol != HTTP/1.1) {{ return 404; }}
    if ($http_upgrade !~* ^websocket$) {{ return 404; }}
    if ($http_sec_websocket_version != 13) {{ return 404; }}
    proxy_pass http://127.0.0.1:{port};
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header Connection upgrade;
    proxy_set_header Upgrade $http_upgrade;
    proxy_intercept_errors on;
    proxy_read_timeout 120s;
    proxy_send_timeout 120s;
}}
location {at} {{
    access_log off;
    error_log /dev/null crit;
    # The site's own error pages would be logged; this stands for them.
    error_page 599 {place};
    {answer}
}}"
    )
}

/// Where the site's own errors are handled.
const OWN_ERRORS: &str =
    "# What the site's own handle_errors has goes here, and that block goes away.";

fn caddy(site: &Site<'_>) -> String {
    let Site { url, path, port, missing } = site;
    let answer = match missing {
        None => "        respond 404".to_owned(),
        Some(page) => {
            format!(
                "        rewrite * {page}\n        file_server {{\n            status 404\n        }}"
            )
        }
    };
    // Of several handle_errors Caddy takes the first alone; and within one, a rewrite comes before what is handled apart.
    format!(
        "# Into the site block of {url}, beside what it has. That stays as it is, but for a handle_errors block.
# Whoever reads this can find the node: keep the file readable by the web server alone.
@at_node path_regexp ^/{path}$
skip_log @at_node
@to_node {{
    path_regexp ^/{path}$
    method GET
    protocol http/1.1
    header Connection *pgrade*
    header Upgrade websocket
    header Sec-WebSocket-Version 13
}}
handle @to_node {{
    reverse_proxy 127.0.0.1:{port} {{
        @refused status 4xx 5xx
        handle_response @refused {{
            error 404
        }}
    }}
}}
handle_errors {{
    @from_node path_regexp ^/{path}$
    handle @from_node {{
{answer}
    }}
    handle {{
        {OWN_ERRORS}
    }}
}}"
    )
}
