//! A webhook: the news is posted as JSON, signed as Standard Webhooks has it (<https://www.standardwebhooks.com>), so that
//! receivers check it with the libraries that are there.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::Utc;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, header::CONTENT_TYPE};
use sha2::Sha256;

use super::{News, Webhook, answer::Answer};

impl Webhook {
    pub(super) async fn tell(&self, client: &Client, news: &News) -> Answer {
        let body = news.body();
        let time = Utc::now().timestamp().to_string();
        let mut request = client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &news.id)
            .header("webhook-timestamp", &time);
        if let Some(key) = &self.key {
            request = request.header("webhook-signature", signature(key, &news.id, &time, &body));
        }
        match request.body(body).send().await {
            Ok(response) => Answer::of(response).await,
            Err(error) => Answer::unreachable(error),
        }
    }
}

/// `v1,` and the HMAC-SHA256 of id, time and body in base64.
fn signature(key: &[u8], id: &str, time: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in [id.as_bytes(), b".", time.as_bytes(), b".", body] {
        mac.update(part);
    }
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hooks::Secret;

    /// The example of the specification's own libraries.
    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        let key = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").key().unwrap();
        let body = br#"{"test": 2432232314}"#;
        let made = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body);
        assert_eq!(made, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
