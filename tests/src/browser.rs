//! A real Chromium without a screen, driven as its makers mean it to be: by WebDriver.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Map, Value, json};

/// How often a page is asked whether something is so.
const POLL: Duration = Duration::from_millis(20);

/// A browser with a profile of its own.
#[derive(Debug)]
pub struct Browser {
    /// What drives it.
    pub client: Client,
    driver: Child,
    port: u16,
    _profile: tempfile::TempDir,
}

/// A command of Chromium's driver beyond the standard.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Killed, the driver would leave its browser behind; told to end, it takes it along.
        let told = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).and_then(|mut driver| {
            driver.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            driver.read_to_end(&mut Vec::new())
        });
        if told.is_err() {
            let _ = self.driver.kill();
        }
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// Opens a browser.
    ///
    /// # Panics
    /// If Chromium or its driver is not installed; `scripts/setup` installs both.
    pub async fn open() -> Self {
        let mut driver = Command::new("chromedriver")
            .args(["--port=0", "--log-level=WARNING"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("chromedriver cannot be started, `scripts/setup` installs it: {error}")
            });
        let lines = BufReader::new(driver.stdout.take().expect("it was asked for")).lines();
        let told = lines.map_while(Result::ok).find_map(|line| {
            let port = line.split_once("successfully on port ")?.1.trim_end_matches('.').parse::<u16>();
            Some(port.expect("a port is a number"))
        });
        let port = told.expect("chromedriver tells its port");
        let profile = tempfile::tempdir().expect("a temporary folder can be made");
        let user_data = format!("--user-data-dir={}", profile.path().display());
        let options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--mute-audio",
                "--window-size=1200,1000", "--autoplay-policy=no-user-gesture-required", user_data,
            ],
        });
        let capabilities = Map::from_iter([
            ("goog:chromeOptions".to_owned(), options),
            ("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" })),
        ]);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| {
                panic!("Chromium cannot be started, `scripts/setup` installs it: {error}")
            });
        Self { client, driver, port, _profile: profile }
    }

    /// Goes to a page.
    ///
    /// # Panics
    /// If it cannot.
    pub async fn visit(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url} cannot be visited: {error}"));
    }

    /// What a script gives, run in the page as a function's body.
    ///
    /// # Panics
    /// If it throws.
    pub async fn script(&self, script: &str) -> Value {
        let given = self.client.execute(script, Vec::new()).await;
        given.unwrap_or_else(|error| panic!("a script failed: {error}"))
    }

    /// Waits until a script gives true.
    pub async fn until(&self, script: &str) {
        while self.script(&format!("return Boolean({script});")).await != true {
            tokio::time::sleep(POLL).await;
        }
    }

    /// What the console has said since this was last asked: errors, refused scripts, answers that were no success.
    ///
    /// # Panics
    /// If the driver has no log.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.extension("se/log", json!({ "type": "browser" })).await;
        let entries = log.as_array().expect("a log is a list");
        // What is told at other levels is advice.
        let grave = entries.iter().filter(|it| it["level"] == "SEVERE" || it["level"] == "WARNING");
        grave.map(|entry| format!("{} {}", entry["level"], entry["message"])).collect()
    }

    /// A command of the DevTools protocol.
    ///
    /// # Panics
    /// If it fails.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.extension("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    async fn extension(&self, path: &'static str, body: Value) -> Value {
        let answer = self.client.issue_cmd(Extension { path, body }).await;
        answer.unwrap_or_else(|error| panic!("{path} failed: {error}"))
    }
}
