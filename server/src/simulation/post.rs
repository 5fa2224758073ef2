//! Carries notifications, or does not; and remembers what arrived, over all processes.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use model::{DeliveryId, ExecutionId, delivery::Occasion};

use crate::{
    outbox::{SendError, Transport},
    random::Random,
    store::Letter,
};

/// One piece of news for one recipient.
pub(super) type News = (ExecutionId, Occasion, String);

#[derive(Debug)]
pub(super) struct Post {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: Random,
    arrived: BTreeMap<DeliveryId, (News, usize)>,
}

impl Post {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: Mutex::new(State { random: Random::new(seed), arrived: BTreeMap::new() }) }
    }

    /// What arrived more often than once, and than it was asked for again.
    pub(super) fn too_often(&self, repeats: impl Fn(&News) -> usize) -> Option<News> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counts: Vec<(&News, usize)> = Vec::new();
        for (news, times) in state.arrived.values() {
            match counts.iter_mut().find(|(known, _)| *known == news) {
                Some((_, count)) => *count += times,
                None => counts.push((news, *times)),
            }
        }
        counts.into_iter().find(|(news, count)| *count > 1 + repeats(news)).map(|(news, _)| news.clone())
    }
}

#[async_trait]
impl Transport for Post {
    async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let fate = state.random.below(10);
        if fate < 2 {
            return Err(SendError::NotSent("no connection".to_owned()));
        }
        let Letter { id, recipient, notification } = letter;
        // Digests are of no execution; an index sees to them.
        if let Some(execution) = notification.execution_id {
            let news = (execution, notification.occasion, recipient.clone());
            state.arrived.entry(*id).or_insert((news, 0)).1 += 1;
        }
        match fate {
            2 => Err(SendError::Unknown("the connection broke".to_owned())),
            _ => Ok(()),
        }
    }
}
