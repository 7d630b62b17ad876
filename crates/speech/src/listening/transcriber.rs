//! The client of a transcription server: `POST /v1/audio/transcriptions`, as OpenAI's and every Whisper server
//! have it.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime},
};

use reqwest::{
    Certificate, Client, Response, StatusCode, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER},
    multipart,
};
use rhapsode_audio::Pcm;
use tokio::sync::Semaphore;

use super::{Transcript, recording};

/// A transcript is a few kilobytes; a server that sends more than this sends something else.
const LONGEST_BODY: usize = 1 << 20;

/// What is quoted of a server's message.
const QUOTED_CHARS: usize = 200;

/// How a transcription server is asked.
#[derive(Clone, PartialEq, Eq)]
pub struct ListeningOptions {
    /// The model that is asked for; many servers have but one and take any name.
    pub model: String,
    /// The bearer token. It is in no message and no log.
    pub secret: Option<String>,
    /// Certificates in PEM that are trusted beside the system's own.
    pub authorities: Option<Vec<u8>>,
    /// The longest time that an answer may take.
    pub time_out: Duration,
    /// Times that a recording is sent again when the server has no room.
    pub retries: u32,
    /// Wait before the first of these if the server names none; it doubles with each.
    pub retry_delay: Duration,
    /// The longest wait, whatever the server says.
    pub longest_retry_delay: Duration,
    /// Recordings that are with the server at the same time.
    pub concurrency: usize,
    /// Time for which a server is left alone that failed several times in a row.
    pub rest: Duration,
}

impl Default for ListeningOptions {
    fn default() -> Self {
        Self {
            model: "whisper-1".to_owned(),
            secret: None,
            authorities: None,
            time_out: Duration::from_secs(120),
            retries: 4,
            retry_delay: Duration::from_millis(500),
            longest_retry_delay: Duration::from_secs(30),
            concurrency: 4,
            rest: Duration::from_secs(60),
        }
    }
}

impl fmt::Debug for ListeningOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListeningOptions")
            .field("model", &self.model)
            .field("secret", &self.secret.as_ref().map(|_| "hidden"))
            .field("time_out", &self.time_out)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// Why there is no transcript. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TranscriberError {
    /// The address is none of a server.
    #[error("use {url:?} as the address of a transcription server: {reason}")]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The secret or the certificates cannot be used.
    #[error("set up the connection to the transcription server: {0}")]
    Setup(String),
    /// There is no sound to send.
    #[error("send the take to the transcription server: it has no sound")]
    NoSound,
    /// Nobody answers, or not in time, or not to the end.
    #[error("reach the transcription server: {0}")]
    Unreachable(String),
    /// It has no room, even after waiting.
    #[error("get a transcript: the server has no room ({0})")]
    Busy(StatusCode),
    /// It refuses.
    #[error("get a transcript: the server answers {status}: {reason}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// What it says.
        reason: String,
    },
    /// What it sent is no transcript.
    #[error("read the transcript: {0}")]
    NoTranscript(String),
}

/// A transcription server.
#[derive(Debug)]
pub struct Transcriber {
    client: Client,
    url: Url,
    options: ListeningOptions,
    slots: Semaphore,
    /// Whether it has refused `verbose_json`, as OpenAI's newer models do.
    terse: AtomicBool,
}

impl TranscriberError {
    /// Whether the next take would fare no better.
    pub(super) fn lasts(&self) -> bool {
        !matches!(self, Self::NoSound)
    }
}

impl Transcriber {
    /// A server by its base URL, with or without `/v1`, or by the whole address of its call. Asks it nothing yet.
    ///
    /// # Errors
    /// [`TranscriberError::Address`] if the URL is none, [`TranscriberError::Setup`] if the secret or the
    /// certificates cannot be used.
    pub fn new(url: &str, options: ListeningOptions) -> Result<Self, TranscriberError> {
        let mut headers = HeaderMap::new();
        if let Some(secret) = &options.secret {
            let mut value = HeaderValue::from_str(&format!("Bearer {secret}")).map_err(|_| {
                TranscriberError::Setup("the secret holds characters that no header can".to_owned())
            })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut client = Client::builder().default_headers(headers).timeout(options.time_out);
        if let Some(pem) = &options.authorities {
            client = client.tls_certs_merge(Certificate::from_pem_bundle(pem).map_err(setup)?);
        }
        Ok(Self {
            client: client.build().map_err(setup)?,
            url: address(url)?,
            slots: Semaphore::new(options.concurrency.clamp(1, Semaphore::MAX_PERMITS)),
            terse: AtomicBool::new(false),
            options,
        })
    }

    /// Sends a take and returns what was heard. `language` is a BCP 47 tag.
    ///
    /// # Errors
    /// Whatever keeps the server from hearing it, after the retries that the options allow.
    pub async fn transcribe(&self, pcm: &Pcm, language: &str) -> Result<Transcript, TranscriberError> {
        let wav = bytes::Bytes::from(recording::wav(pcm).ok_or(TranscriberError::NoSound)?);
        let _slot = self.slots.acquire().await.expect("nothing closes the semaphore");
        let mut retries = 0;
        loop {
            let terse = self.terse.load(Ordering::Relaxed);
            let response = self.send(wav.clone(), language, terse).await?;
            match response.status() {
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                    if retries == self.options.retries {
                        return Err(TranscriberError::Busy(response.status()));
                    }
                    let own = self.options.retry_delay.saturating_mul(1 << retries.min(16));
                    let wait = retry_after(&response).unwrap_or(own).min(self.options.longest_retry_delay);
                    retries += 1;
                    drop(response);
                    tokio::time::sleep(wait).await;
                }
                StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY if !terse => {
                    let status = response.status();
                    let reason = quoted(&body(response).await?);
                    if !reason.contains("verbose_json") && !reason.contains("response_format") {
                        return Err(TranscriberError::Refused { status, reason });
                    }
                    self.terse.store(true, Ordering::Relaxed);
                }
                status if status.is_success() => {
                    let body = body(response).await?;
                    return serde_json::from_slice(&body).map_err(|error| {
                        TranscriberError::NoTranscript(format!("{error} in {:?}", quoted(&body)))
                    });
                }
                status => {
                    return Err(TranscriberError::Refused { status, reason: quoted(&body(response).await?) });
                }
            }
        }
    }

    async fn send(
        &self,
        wav: bytes::Bytes,
        language: &str,
        terse: bool,
    ) -> Result<Response, TranscriberError> {
        let length = wav.len() as u64;
        let file = multipart::Part::stream_with_length(wav, length)
            .file_name("take.wav")
            .mime_str("audio/wav")
            .map_err(setup)?;
        let form = multipart::Form::new()
            .part("file", file)
            .text("model", self.options.model.clone())
            .text("language", language.split('-').next().unwrap_or_default().to_owned())
            .text("temperature", "0")
            .text("response_format", if terse { "json" } else { "verbose_json" });
        self.client.post(self.url.clone()).multipart(form).send().await.map_err(unreachable)
    }
}

/// The call's address on a server.
fn address(url: &str) -> Result<Url, TranscriberError> {
    const CALL: &str = "audio/transcriptions";
    let refuse = |reason: String| TranscriberError::Address { url: url.to_owned(), reason };
    let mut parsed = Url::parse(url).map_err(|error| refuse(error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(refuse("it begins neither with http:// nor with https://".to_owned()));
    }
    let path = parsed.path().trim_end_matches('/').to_owned();
    let path = match () {
        () if path.ends_with(CALL) => path,
        () if path.ends_with("/v1") => format!("{path}/{CALL}"),
        () => format!("{path}/v1/{CALL}"),
    };
    parsed.set_path(&path);
    Ok(parsed)
}

/// The wait that a server asks for, in seconds or until a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            Some(httpdate::parse_http_date(value).ok()?.duration_since(SystemTime::now()).unwrap_or_default())
        }
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, TranscriberError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&piece);
        if body.len() > LONGEST_BODY {
            return Err(TranscriberError::NoTranscript(format!("it is longer than {LONGEST_BODY} bytes")));
        }
    }
    Ok(body)
}

fn quoted(body: &[u8]) -> String {
    String::from_utf8_lossy(body).trim().chars().take(QUOTED_CHARS).collect()
}

/// The innermost reason: the layers above it only repeat the address.
fn unreachable(error: reqwest::Error) -> TranscriberError {
    if error.is_timeout() {
        return TranscriberError::Unreachable("it does not answer in time".to_owned());
    }
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    TranscriberError::Unreachable(innermost.to_string())
}

fn setup(error: reqwest::Error) -> TranscriberError {
    TranscriberError::Setup(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_address_may_end_with_v1_or_not_or_be_whole() {
        for url in [
            "http://ear:9000",
            "http://ear:9000/",
            "http://ear:9000/v1",
            "http://ear:9000/v1/audio/transcriptions/",
        ] {
            assert_eq!(address(url).unwrap().as_str(), "http://ear:9000/v1/audio/transcriptions", "{url}");
        }
        assert_eq!(address("https://a/ear").unwrap().as_str(), "https://a/ear/v1/audio/transcriptions");
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused() {
        for url in ["ear", "ftp://ear", "file:///ear", ""] {
            assert!(matches!(address(url), Err(TranscriberError::Address { .. })), "{url}");
        }
    }

    #[test]
    fn the_secret_is_not_shown() {
        let options = ListeningOptions { secret: Some("open sesame".to_owned()), ..Default::default() };
        let transcriber = Transcriber::new("http://ear", options).unwrap();
        assert!(!format!("{transcriber:?}").contains("sesame"));
    }
}
