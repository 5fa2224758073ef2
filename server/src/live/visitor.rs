//! Who follows a feed, or waits. It stays open for hours, so that they may still is looked at again and again.

use std::sync::Arc;

use model::{Door, Error, ExecutionId, Role, event::Topic};

use crate::{
    backend::Asked,
    gate::{Gate, Look},
    sign_in::Visit,
};

/// Whoever opened a feed or waits, with what they showed then.
pub struct Visitor {
    pub asker: Asked,
    /// The request that opened it: cookie or token.
    pub visit: Visit,
    pub gate: Arc<Gate>,
}

/// What came of looking at them again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Still {
    Same,
    /// They may do more, or less.
    Other,
    /// They are signed out, or may do nothing any more.
    Gone,
}

impl Visitor {
    /// Looks at what they showed once more. That it cannot be read now changes nothing; the next look comes soon.
    pub(super) async fn look_again(&mut self) -> Still {
        let Visit { headers, peer } = &self.visit;
        let known = match self.gate.identify(headers, Door::Api, *peer, Look::Glance).await {
            Ok(known) => known,
            Err(error) => {
                tracing::error!(%error, "whoever follows a live feed cannot be looked up");
                return Still::Same;
            }
        };
        match known.filter(|actor| actor.access.highest().is_some()) {
            None => Still::Gone,
            Some(actor) if actor.access == self.asker.actor.access => Still::Same,
            Some(actor) => {
                self.asker.actor = actor;
                Still::Other
            }
        }
    }

    /// Of what they want to watch, that which they may.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn may_watch(&self, topics: Vec<Topic>) -> Result<Vec<Topic>, Error> {
        let mut allowed = Vec::with_capacity(topics.len());
        for topic in topics {
            let may = match topic {
                Topic::Workflows => true,
                Topic::Execution(id) => self.may_see(id).await?,
            };
            if may {
                allowed.push(topic);
            }
        }
        Ok(allowed)
    }

    async fn may_see(&self, id: ExecutionId) -> Result<bool, Error> {
        match self.asker.require_for_execution(id, Role::Viewer).await {
            Ok(()) => Ok(true),
            Err(Error::NotFound { .. } | Error::Forbidden { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
