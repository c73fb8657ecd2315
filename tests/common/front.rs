//! A mirror with a website in front.
#![allow(dead_code)] // Each test file uses some of it.

use crate::common::{Home, Node, small_site, write};
use crate::nginx::free_port;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A home with a published site, and the site.
pub fn publisher(name: &str) -> (Home, PathBuf) {
    let home = Home::publisher(name);
    let site = PathBuf::from(home.beside("site"));
    small_site(&site);
    home.publish(&site);
    (home, site)
}

/// A small website.
pub fn fill(root: &Path) {
    write(root, "index.html", b"<html><p>A shop for tea</html>");
    write(root, "404.html", b"<html><p>We do not have that tea</html>");
    write(root, "tea/green.html", b"<html><p>Green tea</html>");
}

/// What the program says of a front of this home.
pub struct Front<'a> {
    home: &'a Home,
    url: String,
    port: String,
    /// What nginx is told.
    pub nginx: String,
    /// Its path, without `/`.
    pub secret: String,
    /// Where the node listens.
    pub listen: String,
    address: String,
}

impl<'a> Front<'a> {
    pub fn of(home: &'a Home) -> Self {
        Self::at(home, "https://localhost/")
    }

    pub fn at(home: &'a Home, url: &str) -> Self {
        let (port, url) = (free_port().to_string(), url.to_owned());
        let args = ["mirror", "--front", &url, "--front-port", &port, "--front-config", "nginx"];
        let told = home.ok(&args);
        let text = |key: &str| told[key].as_str().unwrap().to_owned();
        let secret = text("address").rsplit("%2F").next().unwrap().to_owned();
        assert_eq!(secret.len(), 26);
        let (nginx, listen, address) = (text("config"), text("listen"), text("address"));
        Self { home, url, port, nginx, secret, listen, address }
    }

    /// The configuration of nginx or Caddy, for a site that has a page of its own for what is missing.
    pub fn config(&self, server: &str, missing: Option<&str>) -> String {
        let args =
            ["mirror", "--front", &self.url, "--front-port", &self.port, "--front-config", server];
        let missing = missing.map(|page| vec!["--front-missing", page]).unwrap_or_default();
        self.home.ok(&[&args[..], &missing].concat())["config"].as_str().unwrap().to_owned()
    }

    /// The arguments that start the mirror.
    pub fn args(&self) -> Vec<&str> {
        vec!["mirror", "--yes", "--json", "--front", &self.url, "--front-port", &self.port]
    }

    /// The mirror; it listens.
    pub fn start(&self, more: &[&str]) -> Node {
        let node = Node::start(self.home.command(&[&self.args()[..], more].concat()));
        self.ready(node)
    }

    /// Waits until a mirror with this front listens.
    pub fn ready(&self, mut node: Node) -> Node {
        let announced = node.wait(|e| e["event"] == "announced");
        assert!(announced["address"].as_str().unwrap().starts_with(&self.address), "{announced}");
        node.address = announced["address"].as_str().unwrap().to_owned();
        let here = |e: &Value| e["address"].as_str().is_some_and(|at| at.starts_with(&self.listen));
        node.wait(|e| e["event"] == "listening" && here(e));
        node
    }

    /// What it tells others.
    pub fn announced(&self, node: &Node) -> String {
        node.address.clone()
    }

    /// Its address where nginx listens at this port of this machine.
    pub fn public(&self, port: u16) -> String {
        self.address.replace("/tcp/443/", &format!("/tcp/{port}/"))
    }
}
