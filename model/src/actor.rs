//! Who asks for something, and through which door.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    SessionId, TokenId, UserId,
    access::{Access, Role},
    activity::{Author, AuthorIdentity},
};

/// The way a request came in; it decides the trigger of an execution that it queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    Browser,
    Api,
}

/// How someone is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Whoever reaches a server without sign-in, which only this machine can.
    Local,
    /// Someone who is signed in, with the session that it is by.
    User {
        user: UserId,
        session: SessionId,
        /// Or only a provider vouches for them.
        has_password: bool,
    },
    Token(TokenId),
    /// The address of one workflow, which holds its own secret.
    TriggerUrl,
    /// The server itself, when it fills an empty directory with the demo.
    Demo,
}

/// Who does it. The name is recorded beside what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub name: String,
    pub door: Door,
    pub identity: Identity,
    pub access: Access,
    /// Where the request came from.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// Without sign-in, whoever reaches the loopback address is the local user and may do everything.
    pub fn local(door: Door) -> Self {
        Self {
            name: "local".to_owned(),
            door,
            identity: Identity::Local,
            access: Access::everywhere(Role::Administrator),
            address: None,
        }
    }

    /// As the log of activity keeps them.
    pub fn author(&self) -> Author {
        let identity = match self.identity {
            Identity::Local => AuthorIdentity::Local,
            Identity::User { user, .. } => AuthorIdentity::User(user),
            Identity::Token(token) => AuthorIdentity::Token(token),
            Identity::TriggerUrl => AuthorIdentity::TriggerUrl,
            Identity::Demo => AuthorIdentity::Demo,
        };
        Author { name: self.name.clone(), identity, address: self.address }
    }

    /// The person, if one is signed in.
    pub fn user(&self) -> Option<UserId> {
        match self.identity {
            Identity::User { user, .. } => Some(user),
            Identity::Local | Identity::Token(_) | Identity::TriggerUrl | Identity::Demo => None,
        }
    }
}
