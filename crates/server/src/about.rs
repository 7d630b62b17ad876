//! What a server says about itself: models, voices and capabilities, all from the backend's description.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use rhapsode_speech::{Capabilities, Description};
use serde_json::{Value, json};

use crate::{refusal::Refusal, routes::Service};

/// `GET /v1/models`: the one that there is.
pub(crate) async fn models(State(service): State<Arc<Service>>) -> Json<Value> {
    Json(json!({ "object": "list", "data": [model_object(service.describe())] }))
}

/// `GET /v1/models/{model}`.
pub(crate) async fn model(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let description = service.describe();
    if name == description.identity.model {
        return Ok(Json(model_object(description)));
    }
    let message = format!("there is no model {name:?} here, only {:?}", description.identity.model);
    Err(Refusal::new(StatusCode::NOT_FOUND, "model_not_found", message).of("model"))
}

/// When a model was made is not known, and OpenAI's clients want a number.
fn model_object(description: &Description) -> Value {
    let identity = &description.identity;
    json!({ "id": identity.model, "object": "model", "created": 0, "owned_by": identity.engine })
}

/// `GET /v1/audio/voices`.
pub(crate) async fn voices(State(service): State<Arc<Service>>) -> Json<Value> {
    Json(json!({ "voices": service.describe().voices }))
}

/// `GET /v1/capabilities`.
pub(crate) async fn capabilities(State(service): State<Arc<Service>>) -> Json<Value> {
    Json(json!(Capabilities::from(service.describe())))
}
