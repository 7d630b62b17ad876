//! Who may speak.

use reqwest::{Method, header::AUTHORIZATION};

use super::super::{
    answer::Refusal,
    check::{Check, Need},
    seen::{Fault, Seen, demand},
    session::{SPEECH, Session, send},
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "token",
        expected: "with a token set, calls without it or with another are refused with 401",
        need: Need::Own,
        without: "sends the token that is configured; others may speak too",
        run: |session| Box::pin(token(session)),
    },
    Check {
        id: "token.watching",
        expected: "`/health` and `/ready` need no token",
        need: Need::Own,
        without: "sends the token with every call",
        run: |session| Box::pin(watching(session)),
    },
];

const REFUSED: Refusal = Refusal::of(&[401, 403], &["invalid_api_key"]);

fn is_set(session: &Session) -> Result<(), Fault> {
    session.options.token.as_ref().map(|_| ()).ok_or_else(|| Fault::skipped("no token is given"))
}

async fn token(session: &Session) -> Seen {
    is_set(session)?;
    let mut seen = String::new();
    for shown in [None, Some("Bearer wrong"), Some("Bearer "), Some("Basic d3Jvbmc=")] {
        for (method, path) in [(Method::POST, SPEECH), (Method::GET, "/v1/capabilities")] {
            let mut request = session.bare_call(method.clone(), path);
            if method == Method::POST {
                request = request.json(&session.body("Hello."));
            }
            if let Some(shown) = shown {
                request = request.header(AUTHORIZATION, shown);
            }
            let answer = send(request).await?;
            seen = REFUSED.check(&answer, session.options.level)?;
            if session.is_own() {
                demand(answer.header("www-authenticate").is_some(), || "no WWW-Authenticate".to_owned())?;
            }
        }
    }
    Ok(seen)
}

async fn watching(session: &Session) -> Seen {
    is_set(session)?;
    for path in ["/health", "/ready"] {
        let answer = send(session.bare_call(Method::GET, path)).await?;
        answer.success().map_err(|fault| fault.after(path))?;
    }
    Ok("both answer 200".to_owned())
}
