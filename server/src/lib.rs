//! The server: SQLite, scheduler, executor, live feed and REST API around the engine; it implements `app::Backend`.
//!
//! **Architecture invariants:** `store` holds all SQL and imports only `model`. `scheduler`, `executor`, `rescuer`,
//! `cleaner`, `disk`, `outbox` and `backend` import `store`, never each other's internals. Nothing imports `router` or `startup`. Time
//! comes from [`clock`], settings from `config`. [`cli`] imports nothing of the server.

pub mod api;
pub mod assets;
pub mod audit;
pub mod backend;
pub mod backup;
pub mod bodies;
pub mod cleaner;
pub mod cli;
pub mod clock;
pub mod config;
pub mod cron;
pub mod databases;
pub mod demo;
pub mod directory;
pub mod disk;
pub mod executor;
pub mod fetching;
mod file_servers;
pub mod gate;
pub mod live;
pub mod live_samples;
pub mod origin;
pub mod outbox;
pub mod paths;
pub mod peer;
pub mod pipeline_command;
pub mod problem;
pub mod random;
pub mod requests;
pub mod rescuer;
mod review;
pub mod roles;
pub mod router;
pub mod runner;
pub mod schedule;
pub mod scheduler;
pub mod serve;
pub mod services;
pub mod sign_in;
pub mod signals;
pub mod startup;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod token_command;
pub mod uploads;
pub mod vault;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod testing;
