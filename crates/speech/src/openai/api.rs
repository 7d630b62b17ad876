//! One server over HTTP: its connections, its key, and answers of a bounded size.

use std::{net::SocketAddr, time::Duration};

use reqwest::{
    Certificate, Client, RequestBuilder, Response, StatusCode,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{base_url::BaseUrl, options::Config, refusal};
use crate::{BackendSettings, Secret, SpeechError};

/// Bytes of an answer to anything but a request for speech.
const SMALL: usize = 1 << 20;

/// A server's calls.
#[derive(Debug, Clone)]
pub(super) struct Api {
    /// The backend's name, for errors.
    pub(super) name: String,
    client: Client,
    url: BaseUrl,
    key: Option<Key>,
    time_out: Duration,
    max_body: usize,
}

/// The key, and the header that it stands in.
#[derive(Debug, Clone)]
struct Key {
    secret: Secret,
    header: HeaderValue,
}

/// A complete answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// What an optional call brought.
#[derive(Debug)]
pub(super) enum Asked<T> {
    /// The answer.
    Told(T),
    /// The server does not know the call, or answers something else.
    Unknown,
    /// Nobody answered, or nobody who could tell.
    Silent,
}

/// What the connections of all addresses of a server have in common.
#[derive(Debug)]
pub(super) struct Access {
    key: Option<Key>,
    authorities: Vec<Certificate>,
}

impl Access {
    /// Reads the key and the certificates that the configuration names.
    pub(super) async fn open(settings: &BackendSettings, config: &Config) -> Result<Self, SpeechError> {
        let unreadable = |what: &str, path: &std::path::Path, error: std::io::Error| {
            settings.unusable(format_args!("its {what} {} cannot be read: {error}", path.display()))
        };
        let secret = match (&settings.secret, &config.api_key_file, &config.api_key_env) {
            (Some(secret), _, _) => Some(secret.clone()),
            (None, Some(path), _) => {
                let key = tokio::fs::read_to_string(path).await;
                Some(Secret::new(&key.map_err(|error| unreadable("api-key-file", path, error))?))
            }
            (None, None, Some(name)) => {
                return Err(settings.unusable(format_args!("its key is not in the environment: set {name}")));
            }
            (None, None, None) => None,
        };
        let key = secret.map(|secret| {
            let mut header = HeaderValue::from_str(&format!("Bearer {}", secret.expose()))
                .map_err(|_| settings.unusable("its key has characters that no key has"))?;
            header.set_sensitive(true);
            Ok(Key { secret, header })
        });
        let authorities = match &config.ca_file {
            Some(path) => {
                let pem = tokio::fs::read(path).await.map_err(|error| unreadable("ca-file", path, error))?;
                Certificate::from_pem_bundle(&pem)
                    .ok()
                    .filter(|certificates| !certificates.is_empty())
                    .ok_or_else(|| settings.unusable("its ca-file has no certificate in PEM"))?
            }
            None => Vec::new(),
        };
        Ok(Self { key: key.transpose()?, authorities })
    }
}

impl Api {
    /// A server, at one address of its name if it is given. The name stays what TLS and `Host` see.
    pub(super) fn new(
        name: String,
        config: &Config,
        access: &Access,
        pinned: Option<SocketAddr>,
    ) -> Result<Self, SpeechError> {
        let mut client = Client::builder()
            .user_agent(concat!("rhapsode/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(config.time_out);
        let authorities = access.authorities.iter().cloned();
        // The system's are read for each client, and a small container may have none.
        client = if config.url.is_encrypted() {
            client.tls_certs_merge(authorities)
        } else {
            client.tls_certs_only(authorities)
        };
        if let (Some(address), Some((host, _))) = (pinned, config.url.service()) {
            // A proxy would look the name up again and come to some other address.
            client = client.resolve(host, address).no_proxy();
        }
        let client = client.build().map_err(|error| SpeechError::Unavailable {
            backend: name.clone(),
            reason: format!("its connections cannot be set up: {}", refusal::innermost(&error)),
        })?;
        Ok(Self {
            name,
            client,
            url: config.url.clone(),
            key: access.key.clone(),
            time_out: config.time_out,
            max_body: config.max_body,
        })
    }

    /// Sends JSON and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`SpeechError::Unreachable`] without an answer, [`SpeechError::Transient`] if it breaks off or is too large.
    pub(super) async fn post(
        &self,
        path: &str,
        json: &Value,
        headers: HeaderMap,
    ) -> Result<Answer, SpeechError> {
        let request = self.client.post(self.url.call(path)).headers(headers).json(json);
        let response = self.keyed(request).send().await;
        let response = response.map_err(|error| refusal::connection(&self.name, &error))?;
        self.whole(response, self.max_body).await
    }

    /// Asks for something small.
    ///
    /// # Errors
    /// As for [`post`](Self::post); a server that takes too long is unreachable.
    pub(super) async fn get(&self, path: &str) -> Result<Answer, SpeechError> {
        self.get_up_to(SMALL, path).await
    }

    /// Asks for something of at most so many bytes.
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub(super) async fn get_up_to(&self, limit: usize, path: &str) -> Result<Answer, SpeechError> {
        let request = self.client.get(self.url.call(path)).timeout(self.time_out);
        let response = self.keyed(request).send().await;
        let response = response.map_err(|error| refusal::connection(&self.name, &error))?;
        self.whole(response, limit).await
    }

    /// Asks for something that a server need not have.
    pub(super) async fn ask<T: DeserializeOwned>(&self, path: &str) -> Asked<T> {
        match self.get(path).await {
            Ok(answer) if answer.status.is_success() => {
                serde_json::from_slice(&answer.body).map_or(Asked::Unknown, Asked::Told)
            }
            // Loading, or a proxy in front of a server that is away: it may be any server.
            Ok(answer) if answer.status.is_server_error() => Asked::Silent,
            Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => Asked::Silent,
            Ok(_) => Asked::Unknown,
            Err(_) => Asked::Silent,
        }
    }

    /// A text of the server, without the key that it may repeat.
    pub(super) fn redact(&self, text: &str) -> String {
        self.key.as_ref().map_or_else(|| text.to_owned(), |key| key.secret.redact(text))
    }

    fn keyed(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.key {
            Some(key) => request.header(AUTHORIZATION, key.header.clone()),
            None => request,
        }
    }

    /// Reads an answer to its end, or until it is too large to be one.
    async fn whole(&self, mut response: Response, limit: usize) -> Result<Answer, SpeechError> {
        let transient = |reason: String| SpeechError::Transient { backend: self.name.clone(), reason };
        let too_large = || transient(format!("its answer is larger than {} MiB", limit >> 20));
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(too_large()),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Answer { status, headers, body }),
                Err(error) => {
                    let (bytes, why) = (body.len(), refusal::innermost(&error));
                    return Err(transient(format!("its answer breaks off after {bytes} bytes: {why}")));
                }
            }
        }
    }
}
