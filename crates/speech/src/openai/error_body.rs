//! The words of an error: OpenAI's shape, FastAPI's, some others, or plain text.

use serde_json::Value;

/// Characters of a message that are shown to people.
const SHOWN: usize = 300;

/// What an error says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ErrorBody {
    /// For people: one line of at most [`SHOWN`] characters.
    pub(super) message: String,
    /// Stable name, such as `text_too_long`.
    pub(super) code: Option<String>,
    /// Whether the server thinks that another attempt can succeed.
    pub(super) retryable: Option<bool>,
    /// The field of the request that is to blame.
    param: Option<String>,
    /// The limit, if it stands in a field of its own.
    limit: Option<usize>,
}

impl ErrorBody {
    pub(super) fn read(body: &str) -> Self {
        let Ok(json) = serde_json::from_str::<Value>(body) else {
            return Self { message: line(body), ..Self::default() };
        };
        // {"error": {…}}, {"error": "…"}, {"detail": …} of FastAPI, whose validator gives a list, or the fields alone.
        let error = json.get("error").or_else(|| json.get("detail")).unwrap_or(&json);
        let error = error.as_array().and_then(|errors| errors.first()).unwrap_or(error);
        let text = |name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
        let message = ["message", "msg", "detail", "error"].into_iter().find_map(text);
        let message =
            message.or_else(|| error.as_str().map(str::to_owned)).unwrap_or_else(|| error.to_string());
        let place = error.get("loc").and_then(Value::as_array).and_then(|place| place.last());
        let limit = error.get("ctx").and_then(|context| context.get("max_length")).and_then(Value::as_u64);
        Self {
            message: line(&message),
            code: text("code").or_else(|| text("type")),
            retryable: error.get("retryable").and_then(Value::as_bool),
            param: text("param").or_else(|| place.and_then(Value::as_str).map(str::to_owned)),
            limit: limit.and_then(|limit| usize::try_from(limit).ok()),
        }
    }

    /// Whether the format of the answer is refused.
    pub(super) fn is_about_format(&self) -> bool {
        self.names("response_format") || (self.says(&["format"]) && self.says(&REFUSED))
    }

    /// Whether a field is refused that OpenAI's API does not have.
    pub(super) fn is_about_extensions(&self) -> bool {
        let unknown = ["unrecognized", "unknown", "extra", "unexpected", "not permitted", "forbidden"];
        ["seed", "language", "params", "parts"].iter().any(|field| self.names(field)) && self.says(&unknown)
    }

    /// Whether the text is refused for its length.
    pub(super) fn is_about_length(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        let coded = ["too_long", "context_length_exceeded", "max_length"];
        let said = ["too long", "maximum length", "max length", "too many characters", "too many tokens"];
        coded.iter().any(|word| code.contains(word))
            || self.says(&said)
            || (self.says(&["exceed", "at most", "longer than", "limit", "maximum"])
                && self.says(&["character", "length", "text", "input", "token"]))
    }

    /// Whether the server lacks what every request of the job asks for.
    pub(super) fn is_about_voice_or_model(&self) -> bool {
        let param = self.param.as_deref();
        matches!(param, Some("voice" | "model")) || (self.says(&["voice", "model"]) && self.says(&REFUSED))
    }

    /// The limit in characters that the error names, if it does: the text of so many characters is beyond it.
    pub(super) fn limit(&self, characters: usize) -> Option<usize> {
        let fits = |limit: &usize| (1..characters).contains(limit);
        if self.says(&["token", "byte"]) {
            return None;
        }
        self.limit.filter(fits).or_else(|| {
            let lower = self.message.to_lowercase();
            let begins = ["at most", "max", "limit", "longer than", "exceed"];
            let begin = begins.iter().filter_map(|word| lower.find(word)).min()?;
            numbers(&lower[begin..]).find(fits)
        })
    }

    fn names(&self, field: &str) -> bool {
        self.param.as_deref() == Some(field) || self.says(&[field])
    }

    fn says(&self, words: &[&str]) -> bool {
        let message = self.message.to_lowercase();
        words.iter().any(|word| message.contains(word))
    }
}

/// Words that refuse a value.
const REFUSED: [&str; 9] = [
    "unsupported",
    "not supported",
    "not found",
    "not available",
    "does not exist",
    "invalid",
    "unknown",
    "must be one of",
    "should be",
];

/// Numbers in a text, `3,000` being one.
fn numbers(text: &str) -> impl Iterator<Item = usize> {
    let bounds = |c: char| !c.is_ascii_digit() && c != ',' && c != '_';
    text.split(bounds).filter_map(|digits| digits.replace([',', '_'], "").parse().ok())
}

/// A text in one line, cut where people stop reading.
fn line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> ErrorBody {
        ErrorBody::read(body)
    }

    #[test]
    fn the_message_is_found_in_every_shape_that_servers_use() {
        for body in [
            r#"{"error":{"message":"no room","type":"server_error","code":"busy"}}"#,
            r#"{"error":"no room"}"#,
            r#"{"detail":"no room"}"#,
            r#"{"detail":{"error":"busy","message":"no room"}}"#,
            r#"{"detail":[{"loc":["body","input"],"msg":"no room","type":"x"}]}"#,
            r#"{"message":"no room"}"#,
            "no\n room",
        ] {
            assert_eq!(read(body).message, "no room", "{body}");
        }
    }

    #[test]
    fn a_long_page_is_shown_as_one_short_line() {
        let message = read(&format!("<html>\n\n{}", "words ".repeat(1_000))).message;
        assert!(message.chars().count() <= SHOWN + 1 && !message.contains('\n'), "{message}");
    }

    #[test]
    fn limits_are_read_from_the_words_of_the_servers_that_name_them() {
        let cases = [
            (r#"{"detail":"Input text exceeds maximum length of 3000 characters (got 3500)"}"#, Some(3_000)),
            (
                r#"{"detail":[{"type":"string_too_long","loc":["body","input"],"msg":"String should have at most 3,000 characters","ctx":{"max_length":3000}}]}"#,
                Some(3_000),
            ),
            (
                r#"{"error":{"message":"[{'type': 'string_too_long', 'msg': 'String should have at most 3096 characters'}]","code":null}}"#,
                Some(3_096),
            ),
            (
                r#"{"error":{"message":"the text of 3500 characters is longer than 300","code":"text_too_long"}}"#,
                Some(300),
            ),
            (r#"{"error":{"message":"input exceeds the limit of 2000 tokens"}}"#, None),
            (r#"{"error":{"message":"Text too long."}}"#, None),
        ];
        for (body, limit) in cases {
            let error = read(body);
            assert!(error.is_about_length(), "{body}");
            assert_eq!(error.limit(3_500), limit, "{body}");
        }
    }

    #[test]
    fn a_limit_above_the_text_that_was_refused_is_none() {
        assert_eq!(read(r#"{"detail":"exceeds the maximum length of 9000 characters"}"#).limit(400), None);
    }

    #[test]
    fn what_a_server_lacks_is_told_from_what_the_text_lacks() {
        for body in [
            r#"{"detail":{"error":"validation_error","message":"Voice 'zoe' not found. Available voices: af"}}"#,
            r#"{"error":{"message":"nope","param":"voice"}}"#,
            r#"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#,
        ] {
            assert!(read(body).is_about_voice_or_model(), "{body}");
        }
        assert!(!read(r#"{"detail":"Text contains nothing to speak"}"#).is_about_voice_or_model());
    }

    #[test]
    fn refused_formats_and_fields_are_recognised() {
        for body in [
            r#"{"error":{"message":"flac?","param":"response_format"}}"#,
            r#"{"detail":"Unsupported format: flac. Supported: wav, mp3"}"#,
            r#"{"detail":[{"loc":["body","response_format"],"msg":"Input should be 'mp3' or 'wav'"}]}"#,
        ] {
            assert!(read(body).is_about_format(), "{body}");
        }
        let extension = read(r#"{"error":{"message":"Unrecognized request argument supplied: seed"}}"#);
        assert!(extension.is_about_extensions() && !extension.is_about_format());
    }
}
