//! Identifiers: UUIDv7 in text form, one type for each kind of thing so that they cannot be mixed up.
//!
//! Ids are made on the server (`server::clock`), because a version 7 UUID carries a time and time is injected there.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    };
}

id! {
    /// A project: a data set's home.
    ProjectId
}
id! {
    /// A workflow: a project, steps and a schedule.
    WorkflowId
}
id! {
    /// An execution: one attempt to run a workflow.
    ExecutionId
}
id! {
    /// A delivery: one notification to one recipient.
    DeliveryId
}
id! {
    /// A person who may sign in.
    UserId
}
id! {
    /// A token: what a program shows in place of signing in.
    TokenId
}
id! {
    /// A session: a browser in which someone is signed in.
    SessionId
}
