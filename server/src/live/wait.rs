//! Waiting for the end of one execution: a program that has queued it asks once and gets the outcome.

use std::{future::pending, time::Duration};

use app::backend::Backend as _;
use model::{Error, ExecutionId, execution::Execution};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::sleep,
};

use super::{
    Live, Visitor,
    message::{Audience, Message},
    visitor::Still,
};

impl Live {
    /// The execution once it has ended, or as it stands after `longest` or when the server stops.
    ///
    /// # Errors
    /// `NotFound`, also when the one who waits may not see it any more; `Forbidden` when they are signed out;
    /// `Unavailable` when as many follow and wait as there may be.
    pub async fn wait_for_end(
        &self,
        mut visitor: Visitor,
        id: ExecutionId,
        longest: Duration,
    ) -> Result<Execution, Error> {
        let _place = self.admit().ok_or_else(|| Error::Unavailable {
            message: "As many as can be are waiting already. Ask without wait, or again in a while.".to_owned(),
        })?;
        // Before the first look, so that nothing falls between it and what comes.
        let mut ring = self.ring.subscribe();
        let mut access_changed = visitor.gate.access_changed();
        let over = sleep(longest);
        tokio::pin!(over);
        // What changed before this began to listen.
        may_still(&mut visitor).await?;
        loop {
            let execution = visitor.asker.execution(id).await?.data;
            if execution.status.is_final() {
                return Ok(execution);
            }
            tokio::select! {
                () = changed(&mut ring, id) => {}
                // An error says that the store is gone, and with it the server.
                Ok(()) = access_changed.changed() => may_still(&mut visitor).await?,
                () = &mut over => return Ok(execution),
                () = self.stop.cancelled() => return Ok(execution),
            }
        }
    }
}

async fn may_still(visitor: &mut Visitor) -> Result<(), Error> {
    match visitor.look_again().await {
        Still::Same | Still::Other => Ok(()),
        Still::Gone => Err(Error::Forbidden { message: "You are not signed in any more.".to_owned() }),
    }
}

/// Waits for an event of this execution.
async fn changed(ring: &mut Receiver<Message>, id: ExecutionId) {
    loop {
        match ring.recv().await {
            Ok(message) if message.number.is_some() && message.audience == Audience::Execution(id) => return,
            Ok(_) => {}
            // It may have been among those that were missed.
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => pending().await,
        }
    }
}
