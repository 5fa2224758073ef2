//! All features of a run, by record: what is known of a record lies side by side in memory, because pairs come in no order
//! and each look elsewhere costs more than a comparison.

use super::{EMPTY, Feature, Values};

#[derive(Debug, Default)]
pub(in crate::steps::matching) struct Features {
    /// By feature; empty until it is there.
    list: Vec<Values>,
    /// Similarities below are never asked for, by feature.
    at_least: Vec<f64>,
    /// Of each record one number for each feature.
    numbers: Vec<u32>,
}

impl Features {
    /// For features to come, one for each of `at_least`.
    pub(in crate::steps::matching) fn new(at_least: Vec<f64>, records: usize) -> Self {
        let list = at_least.iter().map(|_| Values::default()).collect();
        Self { list, numbers: vec![EMPTY; at_least.len() * records], at_least }
    }

    /// Bytes that [`Self::new`] takes at once.
    pub(in crate::steps::matching) const fn bytes_of(features: usize, records: usize) -> usize {
        features * records * size_of::<u32>()
    }

    /// From features that are there.
    pub(in crate::steps::matching) fn of(list: Vec<Feature>, at_least: Vec<f64>) -> Self {
        let records = list.first().map_or(0, |feature| feature.numbers.len());
        let mut features = Self::new(at_least, records);
        list.into_iter().enumerate().for_each(|(place, feature)| features.put(place, feature));
        features
    }

    pub(in crate::steps::matching) fn put(&mut self, place: usize, feature: Feature) {
        let width = self.at_least.len();
        for (record, number) in feature.numbers.into_iter().enumerate() {
            self.numbers[record * width + place] = number;
        }
        self.list[place] = feature.values;
    }

    pub(in crate::steps::matching) fn count(&self) -> usize {
        self.list.len()
    }

    /// The distinct values of a feature, and the similarity below which nothing is asked of them.
    pub(in crate::steps::matching) fn values(&self, feature: usize) -> (&Values, f64) {
        (&self.list[feature], self.at_least[feature])
    }

    /// The numbers of a record's values, by feature.
    pub(in crate::steps::matching) fn of_record(&self, record: u32) -> &[u32] {
        let width = self.at_least.len();
        &self.numbers[record as usize * width..][..width]
    }

    /// The numbers of a feature's values, by record; `None` for empty ones.
    pub(in crate::steps::matching) fn column(&self, feature: usize) -> impl Iterator<Item = Option<u32>> {
        let numbers = self.numbers.iter().skip(feature).step_by(self.at_least.len());
        numbers.map(|&number| (number != EMPTY).then_some(number))
    }

    /// Bytes held, for the memory budget.
    pub(in crate::steps::matching) fn bytes(&self) -> usize {
        self.numbers.capacity() * 4 + self.list.iter().map(Values::bytes).sum::<usize>()
    }
}
