//! Merge rules: their columns, their sources, and what a way of choosing needs besides.

use model::config::{
    ProjectConfig,
    merge::{Preference, Take},
};

use super::Problems;

/// What a rule of either kind says.
struct Rule<'a> {
    at: String,
    column: &'a str,
    by: Option<&'a str>,
    sources: &'a [String],
    most_recent: bool,
    source_priority: bool,
}

pub(super) fn check(config: &ProjectConfig, problems: &mut Problems) {
    let masters = config.merge.master_rules.iter().enumerate().filter(|(_, rule)| rule.enabled);
    let masters = masters.map(|(place, rule)| Rule {
        at: format!("merge.master_rules[{place}]"),
        column: &rule.column,
        by: rule.by.as_deref(),
        sources: &rule.sources,
        most_recent: rule.prefer == Preference::MostRecent,
        source_priority: rule.prefer == Preference::SourcePriority,
    });
    let overwrites = config.merge.overwrite_rules.iter().enumerate().filter(|(_, rule)| rule.enabled);
    let overwrites = overwrites.map(|(place, rule)| Rule {
        at: format!("merge.overwrite_rules[{place}]"),
        column: &rule.column,
        by: rule.by.as_deref(),
        sources: &rule.sources,
        most_recent: rule.take == Take::MostRecent,
        source_priority: rule.take == Take::SourcePriority,
    });
    masters.chain(overwrites).for_each(|rule| check_rule(&rule, config, problems));
}

fn check_rule(rule: &Rule<'_>, config: &ProjectConfig, problems: &mut Problems) {
    let at = &rule.at;
    problems.column(format!("{at}.column"), rule.column);
    match (rule.most_recent, rule.by) {
        (true, None) => {
            problems.add(format!("{at}.by"), "choose the column whose date says which record is the most recent");
        }
        (false, Some(_)) => problems.add(format!("{at}.by"), "is for “most_recent” only; leave it out"),
        (true, Some(by)) => problems.column(format!("{at}.by"), by),
        (false, None) => {}
    }
    if rule.source_priority && rule.sources.is_empty() {
        problems.add(format!("{at}.sources"), "name the sources in their order, the best first");
    }
    for (place, source) in rule.sources.iter().enumerate() {
        let field = format!("{at}.sources[{place}]");
        if rule.sources[..place].contains(source) {
            problems.add(field, format!("“{source}” is named already"));
        } else {
            problems.source(field, source, config);
        }
    }
}
