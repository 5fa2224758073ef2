//! The server as programs and browsers see it: over HTTP and websocket, one module an area.
//!
//! Nothing here sleeps: a test waits for an event of the feed, and fails when it does not come in time.
#![expect(clippy::unwrap_used, reason = "helpers of tests are outside of the functions that clippy excuses")]

mod access;
mod activity;
mod attacks;
mod backup;
mod bad_input;
mod cancel;
mod cli;
mod crash;
mod deliveries;
mod description;
mod events;
mod executions;
mod exports;
mod foreign;
mod matches;
mod metrics;
mod pages;
mod peer;
mod pipeline;
mod projects;
mod queue;
mod requests;
mod schedules;
mod sources;
mod support;
mod switches;
mod tls;
mod traces;
mod upgrade;
mod workflows;
