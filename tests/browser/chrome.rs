//! Chromium, headless, driven over the DevTools protocol on a pair of pipes: no port is opened, so
//! that it works the same in a network namespace of its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// Nothing depends on speed; this only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(180);
/// Answers and events that wait for the driver.
const QUEUE: usize = 4096;
/// Longest picture, in CSS pixels.
const MAX_PICTURE: f64 = 5000.0;
/// Keeps the browser from errands of its own, or a packet could not be laid to a page. What it still
/// wants to ask its makers goes to a closed port of the loopback. Nothing that a page could start
/// is switched off.
const ERRANDS: [&str; 14] = [
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-component-extensions-with-background-pages",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-quic",
    "--disable-sync",
    "--component-updater=url-source=http://127.0.0.1:1/",
    "--gaia-url=http://127.0.0.1:1/",
    "--google-apis-url=http://127.0.0.1:1/",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,NetworkTimeServiceQuerying",
];
/// Marks what the tests themselves run in a page.
const OURS: &str = "yadgar-test";

/// The browser, or `None` with a line that says what was not tested.
pub fn program() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    let found = named.into_iter().chain(usual.map(PathBuf::from)).find(|p| p.exists());
    if found.is_none() {
        crate::skipped("YADGAR_REQUIRE_CHROMIUM", "no chromium");
    }
    found
}

/// What a page did from the moment it was asked for.
#[derive(Debug, Default)]
pub struct Seen {
    /// Addresses that were asked for.
    pub requests: Vec<String>,
    /// Addresses that the page wanted and its policy refused.
    pub refused: Vec<String>,
    /// Scripts that the page had run or compiled, by address.
    pub scripts: Vec<String>,
    /// Dialogs and windows that it opened.
    pub dialogs: Vec<String>,
    /// What the browser logged about it: refusals by the policy, faults, messages of scripts.
    pub log: Vec<String>,
    /// Why it could not be loaded: empty when it was.
    pub failed: String,
}

/// A running browser with one tab.
pub struct Chrome {
    child: Child,
    into: ChildStdin,
    from: Receiver<Value>,
    session: String,
    last: u64,
    events: VecDeque<Value>,
    _profile: tempfile::TempDir,
}

impl Chrome {
    /// The whole browser, for what it must not do or send; `None` when there is none.
    pub fn start() -> Option<Self> {
        program().map(|program| Self::run(&program))
    }

    /// For how pages look and work: the same engine without the windows, where it is installed: it takes a third less time.
    pub fn light() -> Option<Self> {
        let light = Some(PathBuf::from("/usr/bin/chromium-headless-shell"));
        let light = light.filter(|l| std::env::var_os("CHROMIUM").is_none() && l.exists());
        light.or_else(program).map(|program| Self::run(&program))
    }

    fn run(program: &Path) -> Self {
        let profile = tempfile::tempdir().unwrap();
        // The browser reads commands from 3 and writes to 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1"])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"])
            .arg("--hide-scrollbars")
            .args(ERRANDS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            // Or it would open the home page of whoever packaged it.
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let into = child.stdin.take().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (send, from) = sync_channel(QUEUE);
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while out.read_until(0, &mut message).is_ok_and(|n| n > 0) {
                message.pop();
                if send.send(serde_json::from_slice(&message).unwrap()).is_err() {
                    return;
                }
                message.clear();
            }
        });
        let (session, events) = (String::new(), VecDeque::new());
        let mut chrome = Self { child, into, from, session, last: 0, events, _profile: profile };
        chrome.attach();
        chrome
    }

    fn attach(&mut self) {
        let target = self.call("Target.createTarget", json!({"url": "about:blank"}));
        let target = target["targetId"].as_str().unwrap();
        let attached =
            self.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        self.session = attached["sessionId"].as_str().unwrap().to_owned();
        // As if the window were in front, or no key would arrive.
        self.call("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
        for domain in ["Page", "Runtime", "Network", "Debugger", "Log"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
        self.call("Target.setDiscoverTargets", json!({"discover": true}));
        let refused = json!({"behavior": "deny", "eventsEnabled": true});
        self.call("Browser.setDownloadBehavior", refused);
    }

    fn send(&mut self, method: &str, params: &Value) -> u64 {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if !self.session.is_empty()
            && !method.starts_with("Target.")
            && !method.starts_with("Browser.")
        {
            message["sessionId"] = json!(self.session);
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        self.into.write_all(&bytes).unwrap();
        self.last
    }

    fn receive(&mut self, end: Instant, what: &str) -> Value {
        match self.from.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => panic!("the browser hangs: {what}"),
            Err(RecvTimeoutError::Disconnected) => panic!("the browser is gone: {what}"),
        }
    }

    /// Sends a command and gives its answer; an error of the browser is one of the test.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, &params);
        let end = Instant::now() + PATIENCE;
        loop {
            let message = self.receive(end, method);
            if message["id"] == id {
                return message;
            }
            self.event(message);
        }
    }

    /// Keeps an event. A dialog is closed at once, or the page would wait for a person.
    fn event(&mut self, message: Value) {
        if message["method"] == "Page.javascriptDialogOpening" {
            self.send("Page.handleJavaScriptDialog", &json!({"accept": false}));
        }
        if message.get("method").is_some() {
            self.events.push_back(message);
        }
    }

    fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool, what: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.events.iter().any(&wanted) {
            let message = self.receive(end, what);
            self.event(message);
        }
    }

    /// Loads a page and says what it did until it was all there.
    pub fn open(&mut self, url: &str) -> Seen {
        self.events.clear();
        let answer = self.call("Page.navigate", json!({"url": url}));
        if let Some(error) = answer.get("errorText") {
            let mut seen = self.seen();
            seen.failed = error.as_str().unwrap().to_owned();
            return seen;
        }
        if let Some(loader) = answer.get("loaderId").cloned() {
            // The first load event may still be that of the page before.
            let ours = |e: &Value| {
                e["method"] == "Page.frameNavigated" && e["params"]["frame"]["loaderId"] == loader
            };
            self.wait_for(ours, url);
            let committed = self.events.iter().position(ours).unwrap();
            self.wait_loaded(committed, url);
        }
        self.seen()
    }

    fn wait_loaded(&mut self, after: usize, url: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.events.iter().skip(after).any(|e| e["method"] == "Page.loadEventFired") {
            let message = self.receive(end, url);
            self.event(message);
        }
    }

    /// Does something that leads to another page, and waits for that one.
    pub fn follow(&mut self, act: impl FnOnce(&mut Self)) -> Seen {
        self.events.clear();
        act(self);
        self.wait_for(|e| e["method"] == "Page.frameNavigated", "a page after a click");
        self.wait_for(|e| e["method"] == "Page.loadEventFired", "the page after a click");
        self.seen()
    }

    /// What the page did up to now.
    pub fn seen(&mut self) -> Seen {
        // An answer of the page's own thread: what it did before has been told by then.
        self.eval("1");
        let mut seen = Seen::default();
        let by_policy = |e: &&Value| e["params"]["blockedReason"] == "csp";
        let refused: Vec<_> =
            self.events.iter().filter(by_policy).map(|e| &e["params"]["requestId"]).collect();
        // The browser's own page in place of a frame that it refused has scripts and pictures.
        let of_browser =
            |value: &Value| value.as_str().is_some_and(|url| url.starts_with("chrome-error://"));
        let of_page = |e: &&Value| {
            !of_browser(&e["params"]["documentURL"]) && !of_browser(&e["params"]["url"])
        };
        for event in self.events.iter().filter(of_page) {
            let params = &event["params"];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            match event["method"].as_str().unwrap() {
                "Network.requestWillBeSent" => {
                    let known = refused.contains(&&params["requestId"]);
                    let list = if known { &mut seen.refused } else { &mut seen.requests };
                    list.push(text(&params["request"]["url"]));
                }
                "Network.webSocketCreated" => seen.requests.push(text(&params["url"])),
                "Debugger.scriptParsed" if params["url"] != OURS => {
                    seen.scripts.push(text(&params["url"]));
                }
                "Page.javascriptDialogOpening" => seen.dialogs.push(text(&params["message"])),
                "Target.targetCreated" if params["targetInfo"]["type"] == "page" => {
                    seen.dialogs.push(text(&params["targetInfo"]["url"]));
                }
                "Log.entryAdded" if is_about_the_page(&params["entry"], &seen.requests) => {
                    seen.log.push(text(&params["entry"]["text"]));
                }
                "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" => {
                    seen.log.push(params.to_string());
                }
                _ => {}
            }
        }
        seen
    }

    /// The value of an expression in the page. Works also where pages may run nothing.
    pub fn eval(&mut self, expression: &str) -> Value {
        let marked = format!("{expression}\n//# sourceURL={OURS}");
        let params = json!({"expression": marked, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", params);
        assert!(answer.get("exceptionDetails").is_none(), "{expression:.200}: {answer}");
        answer["result"]["value"].clone()
    }

    /// A text that the page gives.
    pub fn text(&mut self, expression: &str) -> String {
        self.eval(expression).as_str().unwrap_or_else(|| panic!("no text: {expression}")).to_owned()
    }

    /// A screen that is really so wide. A narrow one is a phone's.
    pub fn screen(&mut self, width: u32, height: u32) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600
        });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Media features, as `[("prefers-color-scheme", "dark")]`; an empty list for the usual ones.
    pub fn media(&mut self, kind: &str, features: &[(&str, &str)]) {
        let one = |(name, value): &(&str, &str)| json!({"name": name, "value": value});
        let features: Vec<_> = features.iter().map(one).collect();
        self.call("Emulation.setEmulatedMedia", json!({"media": kind, "features": features}));
    }

    /// What a person can switch off in the browser.
    pub fn scripts_off(&mut self, off: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({"value": off}));
    }

    /// Whether pages are loaded without their Content-Security-Policy, for tools of the tests.
    pub fn without_policy(&mut self, without: bool) {
        self.call("Page.setBypassCSP", json!({"enabled": without}));
    }

    /// Presses a key: `Tab` or `Enter`.
    pub fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            _ => panic!("no such key here: {key}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text
            });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Types a text where the focus is.
    pub fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Clicks on the first element that a selector finds.
    pub fn click(&mut self, selector: &str) {
        let spot = format!(
            "(() => {{ const e = document.querySelector({}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getClientRects()[0]; return [r.x + r.width / 2, r.y + r.height / 2] }})()",
            json!(selector)
        );
        let spot = self.eval(&spot);
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": spot[0], "y": spot[1], "button": "left", "clickCount": 1
            });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Asks for an address without waiting for anything.
    pub fn go(&mut self, url: &str) {
        self.send("Page.navigate", &json!({"url": url}));
    }

    /// A picture of the whole page, as far as a person would scroll.
    pub fn screenshot(&mut self, name: &str) {
        let folder = crate::target("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let size = self.call("Page.getLayoutMetrics", json!({}))["cssContentSize"].clone();
        let (width, height) = (&size["width"], size["height"].as_f64().unwrap());
        let clip = json!({
            "x": 0, "y": 0, "width": width, "height": height.min(MAX_PICTURE), "scale": 1
        });
        let params = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let answer = self.call("Page.captureScreenshot", params);
        let bytes = STANDARD.decode(answer["data"].as_str().unwrap()).unwrap();
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 500, "{name} is empty");
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Not that the browser looked for an icon in vain, which no page names, nor that the page itself is
/// one of an error, nor that a header also speaks to browsers with other features, nor that they do
/// what one asks for.
fn is_about_the_page(entry: &Value, requests: &[String]) -> bool {
    let text = entry["text"].as_str().unwrap_or_default();
    let url = entry["url"].as_str().unwrap_or_default();
    let known = url.ends_with("/favicon.ico") || requests.first().is_some_and(|r| r == url);
    let sought_in_vain = known && entry["source"] == "network";
    let heads = ["Error with Permissions-Policy header", "Clear-Site-Data header"];
    !(sought_in_vain || heads.iter().any(|head| text.starts_with(head)))
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
