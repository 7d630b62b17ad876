//! The address of a server, in one spelling: it names the server in keys, so `…:8880`, `…:8880/` and `…:8880/v1`
//! must be one server.

use reqwest::Url;

/// Where a server's calls begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseUrl {
    url: Url,
    /// Without a slash at the end.
    root: String,
}

/// Calls that people copy an address with.
const ENDINGS: [&str; 3] = ["/audio/speech", "/v1", "/"];

impl BaseUrl {
    /// Reads an address. The reasons for refusing one never repeat it: it may have a password in it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text.trim()).map_err(|_| "its url is none; it looks like http://host:8880")?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("its url begins with neither http:// nor https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("its url has a user or a password in it; keys go into api-key-file or api-key-env");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("its url has a ? or a # in it; parameters go into params");
        }
        let mut root = url.as_str();
        for ending in ENDINGS.iter().chain(&ENDINGS) {
            root = root.strip_suffix(ending).unwrap_or(root);
        }
        let root = root.to_owned();
        Ok(Self { url, root })
    }

    /// The one spelling.
    pub(super) fn as_str(&self) -> &str {
        &self.root
    }

    /// The address of a call, such as `/v1/models`.
    pub(super) fn call(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    /// Whether certificates are looked at.
    pub(super) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host's name and port, if it has a name that can stand for several machines.
    pub(super) fn service(&self) -> Option<(&str, u16)> {
        let port = self.url.port_or_known_default()?;
        self.url.domain().map(|name| (name, port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_has_one_spelling() {
        for text in [
            "http://tts:8880",
            "http://tts:8880/",
            "http://TTS:8880/v1",
            "http://tts:8880/v1/",
            " http://tts:8880/v1/audio/speech",
        ] {
            let url = BaseUrl::parse(text).unwrap();
            assert_eq!(url.as_str(), "http://tts:8880", "{text}");
            assert_eq!(url.call("/v1/models"), "http://tts:8880/v1/models");
        }
        assert_eq!(BaseUrl::parse("https://a.example/api/v1").unwrap().as_str(), "https://a.example/api");
    }

    #[test]
    fn an_address_with_a_key_in_it_is_refused_without_repeating_it() {
        for text in
            ["http://me:hush@tts/", "https://tts/v1?key=hush", "https://tts/#hush", "hush", "ftp://hush"]
        {
            let reason = BaseUrl::parse(text).unwrap_err();
            assert!(!reason.contains("hush"), "{reason}");
        }
    }

    #[test]
    fn only_names_can_stand_for_several_machines() {
        assert_eq!(BaseUrl::parse("http://tts:80").unwrap().service(), Some(("tts", 80)));
        assert_eq!(BaseUrl::parse("https://tts").unwrap().service(), Some(("tts", 443)));
        assert_eq!(BaseUrl::parse("http://127.0.0.1:80").unwrap().service(), None);
        assert_eq!(BaseUrl::parse("http://[::1]:80").unwrap().service(), None);
    }
}
