//! What a server says of itself, in the calls that it may or may not have.

use serde_json::Value;

use super::{
    api::{Api, Asked},
    options::Known,
};
use crate::Capabilities;

/// How much of the protocol a server knows, which decides how the fields that are not OpenAI's are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Ours: it has `/v1/capabilities`, and takes `params`.
    Rhapsode,
    /// Some other: parameters stand beside the other fields, where such servers look for them.
    Foreign,
    /// It did not answer when it was asked: both.
    Unheard,
}

/// Asks a server what it can do. One that does not answer is asked nothing further.
pub(super) async fn discover(api: &Api) -> (Dialect, Known) {
    match api.ask::<Capabilities>("/v1/capabilities").await {
        Asked::Told(capabilities) if capabilities.is_usable() => {
            let voices = capabilities.voices.clone();
            (Dialect::Rhapsode, Known { capabilities: Some(capabilities), voices })
        }
        Asked::Silent => (Dialect::Unheard, Known::default()),
        _ => {
            let voices = match api.ask::<Value>("/v1/audio/voices").await {
                Asked::Told(json) => voices(&json),
                Asked::Unknown | Asked::Silent => Vec::new(),
            };
            (Dialect::Foreign, Known { capabilities: None, voices })
        }
    }
}

/// The models that a server lists, if it does.
pub(super) async fn models(api: &Api) -> Option<Vec<String>> {
    let Asked::Told(json) = api.ask::<Value>("/v1/models").await else { return None };
    let listed = json.get("data")?.as_array()?;
    let ids = listed.iter().filter_map(|model| Some(model.get("id")?.as_str()?.to_owned()));
    Some(ids.collect()).filter(|ids: &Vec<String>| !ids.is_empty())
}

/// The names in a list of voices, or in the list within an object; voices are names or objects with one.
fn voices(json: &Value) -> Vec<String> {
    let list = ["voices", "data"].iter().find_map(|name| json.get(name)).unwrap_or(json);
    let name = |voice: &Value| {
        let named = ["id", "voice_id", "name"].iter().find_map(|field| voice.get(field)).unwrap_or(voice);
        named.as_str().map(str::to_owned)
    };
    list.as_array().map(|list| list.iter().filter_map(name).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn voices_are_found_in_every_shape_that_servers_list_them_in() {
        for list in [
            json!(["ann", "ben"]),
            json!({ "voices": ["ann", "ben"] }),
            json!({ "voices": [{ "id": "ann", "name": "Ann" }, { "id": "ben", "name": "Ben" }] }),
            json!({ "voices": [{ "name": "ann" }, { "name": "ben" }], "count": 2 }),
            json!({ "data": [{ "voice_id": "ann" }, { "voice_id": "ben" }] }),
        ] {
            assert_eq!(voices(&list), ["ann", "ben"], "{list}");
        }
        assert_eq!(voices(&json!({ "detail": "no such call" })), Vec::<String>::new());
        assert_eq!(voices(&json!("nobody")), Vec::<String>::new());
    }
}
