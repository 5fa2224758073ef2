//! Who asks for something, and through which door.

use serde::{Deserialize, Serialize};

/// The way a request came in; it decides the trigger of an execution that it queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    Browser,
    Api,
}

/// Who did it. The name is recorded beside what was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub name: String,
    pub door: Door,
}

impl Actor {
    /// Until sign-in exists, whoever reaches the loopback address is the local user.
    pub fn local(door: Door) -> Self {
        Self { name: "local".to_owned(), door }
    }
}
