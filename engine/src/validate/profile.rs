//! The section `profile`: forms, and rules on what may change.

use model::{
    config::{ProjectConfig, profile::Measure},
    limits,
};

use super::Problems;
use crate::steps::profile::formats::{BUILT_IN, Formats};

pub(super) fn check(config: &ProjectConfig, problems: &mut Problems) {
    let section = &config.profile;
    for (name, count) in
        [("patterns", section.patterns.len()), ("validity", section.validity.len()), ("drift", section.drift.len())]
    {
        if count > limits::PROFILE_SETTINGS_MAX {
            let most = limits::PROFILE_SETTINGS_MAX;
            problems.add(format!("profile.{name}"), format!("has {count} entries; at most {most} are allowed"));
        }
    }
    for (place, pattern) in section.patterns.iter().enumerate() {
        let at = format!("profile.patterns[{place}].name");
        let earlier = section.patterns[..place].iter().any(|earlier| earlier.name == pattern.name);
        if pattern.name.trim().is_empty() {
            problems.add(at, "give the form a name");
        } else if earlier || BUILT_IN.iter().any(|(name, _)| *name == pattern.name) {
            problems.add(at, format!("“{}” is the name of another form already", pattern.name));
        }
    }
    for (place, pattern) in section.patterns.iter().enumerate() {
        problems.pattern(format!("profile.patterns[{place}].pattern"), &pattern.pattern);
    }
    for (place, rule) in section.validity.iter().enumerate() {
        problems.pattern(format!("profile.validity[{place}].pattern"), &rule.pattern);
        let at = format!("profile.validity[{place}]");
        problems.column(format!("{at}.column"), &rule.column);
        if let Some(source) = &rule.source {
            problems.source(format!("{at}.source"), source, config);
        }
    }
    if let Err((field, problem)) = Formats::new(section) {
        problems.add(format!("profile.{field}"), problem);
    }
    for (place, rule) in section.drift.iter().enumerate().filter(|(_, rule)| rule.enabled) {
        let at = format!("profile.drift[{place}]");
        if let Some(source) = &rule.source {
            problems.source(format!("{at}.source"), source, config);
        }
        if let Some(column) = &rule.column {
            if rule.measure.is_of_source() {
                problems.add(format!("{at}.column"), "must be left out: this measure belongs to the whole source");
            } else if rule.measure != Measure::Presence {
                problems.column(format!("{at}.column"), column);
            }
        }
        if !(rule.by >= 0.0 && rule.by.is_finite()) {
            problems.add(format!("{at}.by"), "must be 0 or more");
        }
    }
}
