//! Answers that everyone gets who asks the same, as long as nothing happens: when something did, all open pages ask at
//! once, and one of them has it read.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::Timestamp;

/// The last different questions that are remembered.
const KEPT: usize = 8;

pub(super) struct Known<Q, A> {
    /// An answer that tells of time goes out of date by itself.
    lasts: Duration,
    answers: Mutex<VecDeque<Answer<Q, A>>>,
}

struct Answer<Q, A> {
    moment: Moment,
    question: Q,
    answer: A,
}

/// When a question was asked.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// Number of the last event that had been committed.
    pub number: i64,
    pub at: Timestamp,
}

impl<Q: PartialEq, A: Clone> Known<Q, A> {
    pub(super) fn lasting(lasts: Duration) -> Self {
        Self { lasts, answers: Mutex::default() }
    }

    pub(super) fn find(&self, now: Moment, question: &Q) -> Option<A> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = answers.iter().find(|known| known.question == *question)?;
        let is_true = known.moment.number == now.number && now.at.since(known.moment.at) <= self.lasts;
        is_true.then(|| known.answer.clone())
    }

    /// `moment` was taken before the question was asked: an answer that is newer is only asked for once more.
    pub(super) fn keep(&self, moment: Moment, question: Q, answer: A) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|known| known.question != question);
        answers.truncate(KEPT - 1);
        answers.push_front(Answer { moment, question, answer });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(number: i64, millis: i64) -> Moment {
        Moment { number, at: Timestamp::from_micros(millis * 1_000) }
    }

    #[test]
    fn an_answer_holds_until_something_happens_or_its_time_is_over() {
        let known = Known::lasting(Duration::from_secs(1));
        known.keep(moment(7, 0), "q", 1);
        assert_eq!(known.find(moment(7, 1_000), &"q"), Some(1));
        assert_eq!(known.find(moment(8, 10), &"q"), None);
        assert_eq!(known.find(moment(7, 1_001), &"q"), None);
        assert_eq!(known.find(moment(7, 10), &"other"), None);
        known.keep(moment(8, 20), "q", 2);
        assert_eq!(known.find(moment(8, 20), &"q"), Some(2));
    }

    #[test]
    fn only_the_last_questions_are_remembered() {
        let known = Known::lasting(Duration::MAX);
        for question in 0..=KEPT {
            known.keep(moment(1, 0), question, question);
        }
        assert_eq!(known.find(moment(1, 0), &0), None);
        assert_eq!(known.find(moment(1, 0), &KEPT), Some(KEPT));
    }
}
