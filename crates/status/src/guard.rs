//! Who may ask, and what browsers are told to do with the answers.
//!
//! The page may stand on somebody's own machine, where every site that is open in the same browser can send requests to
//! it. So it answers only by names that no stranger can point at it, and nothing but its own pages may use what it gives.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Uri,
        header::{self, HOST, ORIGIN},
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{page::Page, refusal::Refusal};

/// What every answer says. The page needs nothing from elsewhere, runs no script but its own file, and stands in no frame.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Lets a request through, or refuses it; either way the answer carries [`HEADERS`].
pub(crate) async fn guard(State(page): State<Arc<Page>>, request: Request, next: Next) -> Response {
    let mut response = match check(&request, &page.options.names) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn check(request: &Request, names: &[String]) -> Result<(), Refusal> {
    let host = host(request.headers(), request.uri()).ok_or(Refusal::Host)?;
    if !is_ours(&host, names) {
        return Err(Refusal::Host);
    }
    if !is_from_here(request, &host) {
        return Err(Refusal::CrossSite);
    }
    Ok(())
}

/// What the request was sent to, if that is told once and understood.
fn host(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let mut told = headers.get_all(HOST).iter();
    let host: Authority = told.next()?.to_str().ok()?.parse().ok()?;
    let agrees = uri.authority().is_none_or(|authority| *authority == host);
    (told.next().is_none() && agrees && !host.as_str().contains('@')).then_some(host)
}

/// A site can have a name of its own lead to this machine, but it cannot take an address or `localhost` for its name.
fn is_ours(host: &Authority, names: &[String]) -> bool {
    let name = host.host();
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    address.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a browser sent it for this page, or a program sent it. A link elsewhere may lead here, and that is all.
fn is_from_here(request: &Request, host: &Authority) -> bool {
    let header = |name| request.headers().get(name).map(HeaderValue::as_bytes);
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_visit = is_reading
        && header("sec-fetch-mode") == Some(b"navigate")
        && header("sec-fetch-dest") == Some(b"document");
    let same_site = match header("sec-fetch-site") {
        None | Some(b"same-origin") => true,
        // Typed in, or from a bookmark.
        Some(b"none") => is_reading,
        Some(_) => is_visit,
    };
    let same_origin = is_reading
        || request.headers().get_all(ORIGIN).iter().all(|origin| {
            let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
            origin.is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host.as_str()))
        });
    same_site && same_origin
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn request(method: &str, headers: &[(&str, &str)]) -> Request {
        let mut request = axum::http::Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).unwrap()
    }

    fn is_let_in(method: &str, headers: &[(&str, &str)]) -> bool {
        check(&request(method, headers), &["nas.local".to_owned()]).is_ok()
    }

    #[test]
    fn only_names_that_no_stranger_can_have_are_answered() {
        for host in
            ["localhost", "LOCALHOST:5122", "127.0.0.1:5122", "[::1]:5122", "10.0.0.7", "nas.local:80"]
        {
            assert!(is_let_in("GET", &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:5122",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "",
            "a b",
            "x@localhost",
        ] {
            assert!(!is_let_in("GET", &[("host", host)]), "{host}");
        }
        assert!(!is_let_in("GET", &[]));
        assert!(!is_let_in("GET", &[("host", "localhost"), ("host", "evil.example")]));
    }

    #[test]
    fn another_site_can_lead_here_and_nothing_else() {
        let host = ("host", "localhost:5122");
        for site in ["cross-site", "same-site"] {
            let site = ("sec-fetch-site", site);
            let visit = [host, site, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
            assert!(is_let_in("GET", &visit));
            assert!(!is_let_in("POST", &visit));
            assert!(!is_let_in(
                "GET",
                &[host, site, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")]
            ));
            assert!(!is_let_in(
                "GET",
                &[host, site, ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "audio")]
            ));
        }
        assert!(is_let_in("GET", &[host, ("sec-fetch-site", "none")]));
        assert!(!is_let_in("POST", &[host, ("sec-fetch-site", "none")]));
    }

    #[test]
    fn a_change_comes_from_the_page_itself_or_from_a_program() {
        let host = ("host", "localhost:5122");
        assert!(is_let_in("POST", &[host]));
        assert!(is_let_in(
            "POST",
            &[host, ("origin", "http://localhost:5122"), ("sec-fetch-site", "same-origin")]
        ));
        for origin in ["http://localhost:3000", "https://evil.example", "null", "", "localhost:5122"] {
            assert!(!is_let_in("POST", &[host, ("origin", origin)]), "{origin}");
        }
    }
}
