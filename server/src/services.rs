//! What request handlers work with: one value, cloned into every request.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use crate::{backend::LocalBackend, gate::Gate, live::Live, telemetry::Metrics};

#[derive(Clone)]
pub struct Services {
    pub backend: Arc<LocalBackend>,
    pub gate: Arc<Gate>,
    pub live: Live,
    pub metrics: Arc<Metrics>,
    /// Size of one uploaded file.
    pub upload_max_bytes: u64,
    pub leptos: LeptosOptions,
}

impl FromRef<Services> for LeptosOptions {
    fn from_ref(services: &Services) -> Self {
        services.leptos.clone()
    }
}
