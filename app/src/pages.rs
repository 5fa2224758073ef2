//! One page a file: it makes its resources, reads them under `components::loaded` and keeps them live.

pub mod account;
pub mod activity;
pub mod deliveries;
pub mod execution;
pub mod executions;
pub mod group;
pub mod matches;
pub mod not_found;
pub mod overview;
pub mod pair;
pub mod people;
pub mod project;
pub mod project_new;
pub mod projects;
pub mod reference;
pub mod sign_in;
pub mod welcome;
pub mod workflow;
pub mod workflow_form;
pub mod workflows;
