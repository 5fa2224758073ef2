//! `/events`: the websocket that pages and programs follow changes on.

use axum::{
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    response::Response,
};
use model::Error;

use super::openapi::Needs;
use crate::{
    backend::Asked,
    live::Visitor,
    problem::{Problem, Result},
    services::Services,
    sign_in::Visit,
};

/// Bytes of a message from a browser; all that it ever sends is what it watches.
const MESSAGE_MAX_BYTES: usize = 64 * 1024;
/// Bytes that are set aside for reading, for every open page; the library's own choice is thirty times as much.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Follow what happens
///
/// A websocket (RFC 6455) of JSON texts. The first message of a client says what to watch and the last number seen
/// (`Watch`); the server sends `ServerMessage`s: numbered events, and samples without a number. It says `resync` when the
/// number is older than its log: load anew.
#[utoipa::path(
    get,
    path = "/events",
    tag = "executions",
    responses(
        (status = 101, description = "The connection is a websocket from here on"),
        (status = 400, description = "No websocket is asked for"),
    ),
    extensions(("x-role" = json!(Needs::AnyRole))),
)]
pub(super) async fn events(
    State(services): State<Services>,
    asker: Asked,
    visit: Visit,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    asker.require_any()?;
    let upgrade = upgrade.map_err(|_| Problem::malformed("This path speaks websocket only (RFC 6455)."))?;
    let place = services.live.admit().ok_or_else(|| Error::Unavailable {
        message: "Too many live feeds are open. Close some pages and reload.".to_owned(),
    })?;
    let live = services.live.clone();
    let visitor = Visitor { asker, visit, gate: services.gate };
    Ok(upgrade
        .max_message_size(MESSAGE_MAX_BYTES)
        .max_frame_size(MESSAGE_MAX_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES)
        .on_upgrade(move |socket| async move { live.follow(socket, place, visitor).await }))
}
