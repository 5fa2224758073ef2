//! Scores in words.

use serde::{Deserialize, Serialize};

/// A score in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// From 95 on.
    Excellent,
    /// From 80 on.
    High,
    /// From 60 on.
    Good,
    /// From 40 on.
    Moderate,
    /// From 20 on.
    Low,
    Poor,
}

impl Band {
    pub const ALL: [Band; 6] = [Band::Excellent, Band::High, Band::Good, Band::Moderate, Band::Low, Band::Poor];

    /// The band of a score from 0 to 100.
    pub fn of(score: f64) -> Self {
        Self::ALL.into_iter().find(|band| score >= band.least()).unwrap_or(Band::Poor)
    }

    /// The lowest score in it.
    pub const fn least(self) -> f64 {
        match self {
            Band::Excellent => 95.0,
            Band::High => 80.0,
            Band::Good => 60.0,
            Band::Moderate => 40.0,
            Band::Low => 20.0,
            Band::Poor => 0.0,
        }
    }

    /// The word in JSON and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Band::Excellent => "excellent",
            Band::High => "high",
            Band::Good => "good",
            Band::Moderate => "moderate",
            Band::Low => "low",
            Band::Poor => "poor",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.as_str() == text)
    }

    pub const fn label(self) -> &'static str {
        match self {
            Band::Excellent => "Excellent",
            Band::High => "High",
            Band::Good => "Good",
            Band::Moderate => "Moderate",
            Band::Low => "Low",
            Band::Poor => "Poor",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_begins_at_its_least_score() {
        let words = [100.0, 95.0, 94.99, 80.0, 60.0, 59.9, 20.0, 19.0, 0.0].map(|score| Band::of(score).label());
        assert!(Band::ALL.into_iter().all(|band| Band::parse(band.as_str()) == Some(band)));
        assert_eq!(serde_json::to_value(Band::High).ok(), Some(Band::High.as_str().into()));
        assert_eq!(words, ["Excellent", "Excellent", "High", "High", "Good", "Moderate", "Low", "Poor", "Poor"]);
    }
}
