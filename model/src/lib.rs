//! The words and rules that the browser and the server share.
//!
//! **Architecture invariant:** nothing here reads a clock, does I/O, spawns a task or knows a database. Whatever is
//! here compiles into the page, so its dependencies are serde and little more.

pub mod access;
pub mod activity;
pub mod actor;
pub mod bulk;
pub mod config;
pub mod delivery;
pub mod error;
pub mod event;
pub mod execution;
pub mod id;
pub mod limits;
pub mod maintenance;
pub mod news;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod overview;
pub mod page;
pub mod people;
pub mod project;
pub mod results;
pub mod review;
pub mod schedule;
pub mod step;
pub mod timeline;
pub mod timestamp;
pub mod workflow;

pub use access::{Access, Role, Scope};
pub use activity::Author;
pub use actor::{Actor, Door, Identity};
pub use error::{Error, FieldError, Result};
pub use id::{DeliveryId, ExecutionId, ProjectId, SessionId, TokenId, UserId, WorkflowId};
pub use page::{Page, Snapshot};
pub use step::{Step, StepRange};
pub use timestamp::Timestamp;
