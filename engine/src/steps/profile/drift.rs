//! Drift: what is different from the profile of the run before, and what rules say to it.
//!
//! A rule that fails the step leaves the earlier profile in place: the next run is compared with the same one, until the data are
//! right again or the rule is changed.

use model::{
    config::{
        ProfileConfig,
        profile::{Change, DriftAction, DriftRule, Measure},
    },
    limits,
    results::{ColumnProfile, ColumnType, Drift, DriftChange, ProfileSummary, SourceProfile, StepResult, Summary},
};

use crate::{Failure, StepContext};

/// Changes that are told without a rule: percentage points, and percent.
const TOLD_POINTS: f64 = 1.0;
const TOLD_PERCENT: f64 = 5.0;
/// Changes that a failure names.
const NAMED: usize = 5;

/// Compares with the published profile, if there is one.
///
/// # Errors
/// `Input` with the changes that a rule forbids.
pub(super) fn compare(
    summary: &mut ProfileSummary,
    config: &ProfileConfig,
    context: &StepContext<'_>,
) -> Result<(), Failure> {
    let Some(version) = context.previous()? else { return Ok(()) };
    let StepResult { finished_at, summary: Summary::Profile(before), .. } = version.result()? else {
        return Err(Failure::Internal("the result of Profile has another step's summary".to_owned()));
    };
    let rules: Vec<&DriftRule> = config.drift.iter().filter(|rule| rule.enabled).collect();
    let mut changes = changes(&before, summary, &rules);
    let failed: Vec<&str> = changes
        .iter()
        .filter(|change| change.action == Some(DriftAction::Fail))
        .map(|change| change.sentence.as_str())
        .collect();
    if !failed.is_empty() {
        let more = failed.len().saturating_sub(NAMED);
        let named = failed.iter().take(NAMED).copied().collect::<Vec<_>>().join("; ");
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        return Err(Failure::Input(format!(
            "the data changed more than a rule allows since the last run: {named}{more}"
        )));
    }
    for change in changes.iter().filter(|change| change.action.is_some()) {
        context.warn(change.sentence.clone());
    }
    let unlisted = changes.len().saturating_sub(limits::DRIFT_LISTED_MAX);
    changes.truncate(limits::DRIFT_LISTED_MAX);
    summary.drift = Some(Drift { since: finished_at, changes, unlisted: unlisted as u64 });
    Ok(())
}

/// Those that a rule does not allow first.
fn changes(before: &ProfileSummary, after: &ProfileSummary, rules: &[&DriftRule]) -> Vec<DriftChange> {
    let mut changes = Vec::new();
    for source in &after.sources {
        let Some(earlier) = before.sources.iter().find(|earlier| earlier.name == source.name) else { continue };
        of_source(earlier, source, rules, &mut changes);
    }
    changes.sort_by_key(|change| std::cmp::Reverse(change.action));
    changes
}

fn of_source(before: &SourceProfile, after: &SourceProfile, rules: &[&DriftRule], changes: &mut Vec<DriftChange>) {
    let mut comparison = Comparison { source: &after.name, column: None, rules, changes };
    comparison.number(Measure::Rows, Some(before.rows as f64), Some(after.rows as f64));
    comparison.number(Measure::Quality, Some(before.quality / 100.0), Some(after.quality / 100.0));
    let find = |columns: &[ColumnProfile], name: &str| columns.iter().any(|column| column.name == name);
    for column in before.columns.iter().filter(|column| !find(&after.columns, &column.name)) {
        comparison.column = Some(&column.name);
        comparison.fact(Measure::Presence, "is gone".to_owned());
    }
    for column in &after.columns {
        comparison.column = Some(&column.name);
        match before.columns.iter().find(|earlier| earlier.name == column.name) {
            None => comparison.fact(Measure::Presence, "is new".to_owned()),
            Some(earlier) => of_column(earlier, column, &mut comparison),
        }
    }
}

fn of_column(before: &ColumnProfile, after: &ColumnProfile, comparison: &mut Comparison<'_>) {
    if before.column_type != after.column_type {
        let (from, to) = (word(before.column_type), word(after.column_type));
        comparison.fact(Measure::ColumnType, format!("changed from {from} to {to}"));
    }
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
    for (measure, before, after) in [
        (Measure::Completeness, Some(before.completeness), Some(after.completeness)),
        (Measure::Validity, Some(before.validity), Some(after.validity)),
        (Measure::Uniqueness, Some(before.uniqueness), Some(after.uniqueness)),
        (Measure::Distinct, Some(before.distinct as f64), Some(after.distinct as f64)),
        (Measure::Mean, before.mean, after.mean),
        (Measure::Median, number(&before.median), number(&after.median)),
        (Measure::StdDev, before.std_dev, after.std_dev),
        (Measure::LengthMean, Some(before.length_mean), Some(after.length_mean)),
        (Measure::Entropy, Some(before.entropy), Some(after.entropy)),
    ] {
        comparison.number(measure, before, after);
    }
}

/// Two profiles at one place.
struct Comparison<'a> {
    source: &'a str,
    column: Option<&'a str>,
    rules: &'a [&'a DriftRule],
    changes: &'a mut Vec<DriftChange>,
}

impl Comparison<'_> {
    fn number(&mut self, measure: Measure, before: Option<f64>, after: Option<f64>) {
        let (Some(before), Some(after)) = (before, after) else { return };
        let difference = difference(measure, before, after);
        let action = self.action(measure, |rule| exceeds(rule, difference));
        let told = if measure.is_share() { TOLD_POINTS } else { TOLD_PERCENT };
        if action.is_none() && difference.abs() < told {
            return;
        }
        let verb = if after < before { "fell" } else { "rose" };
        let [from, to] = say(measure, before, after);
        let sentence = format!("{} {verb} from {from} to {to}", self.say_place(measure));
        self.push(measure, Some(before), Some(after), sentence, action);
    }

    /// A change that is no number.
    fn fact(&mut self, measure: Measure, what: String) {
        let action = self.action(measure, |_| true);
        let sentence = format!("{} {what}", self.say_place(measure));
        self.push(measure, None, None, sentence, action);
    }

    /// The strictest of what the rules that are broken say.
    fn action(&self, measure: Measure, is_broken: impl Fn(&DriftRule) -> bool) -> Option<DriftAction> {
        let rules = self.rules.iter().filter(|rule| {
            rule.measure == measure
                && rule.source.as_deref().is_none_or(|source| source == self.source)
                && (measure.is_of_source() || rule.column.is_none() || rule.column.as_deref() == self.column)
                && is_broken(rule)
        });
        rules.map(|rule| rule.action).max()
    }

    fn say_place(&self, measure: Measure) -> String {
        let what = match measure {
            Measure::Rows => "number of records",
            Measure::Quality => "quality",
            Measure::Presence => "column",
            Measure::ColumnType => "type",
            Measure::Completeness => "completeness",
            Measure::Validity => "validity",
            Measure::Uniqueness => "uniqueness",
            Measure::Distinct => "number of distinct values",
            Measure::Mean => "mean",
            Measure::Median => "median",
            Measure::StdDev => "standard deviation",
            Measure::LengthMean => "mean length",
            Measure::Entropy => "entropy",
        };
        match (self.column, measure) {
            (Some(column), Measure::Presence) => format!("{what} “{column}” in “{}”", self.source),
            (Some(column), _) => format!("{what} of “{column}” in “{}”", self.source),
            (None, _) => format!("{what} of “{}”", self.source),
        }
    }

    fn push(
        &mut self,
        measure: Measure,
        before: Option<f64>,
        after: Option<f64>,
        sentence: String,
        action: Option<DriftAction>,
    ) {
        let (source, column) = (self.source.to_owned(), self.column.map(str::to_owned));
        self.changes.push(DriftChange { source, column, measure, before, after, sentence, action });
    }
}

/// Percentage points for shares, else percent of the value before; all of it when that was 0.
fn difference(measure: Measure, before: f64, after: f64) -> f64 {
    match () {
        () if measure.is_share() => 100.0 * (after - before),
        () if before == after => 0.0,
        () if before == 0.0 => 100.0 * after.signum(),
        () => 100.0 * (after - before) / before.abs(),
    }
}

fn exceeds(rule: &DriftRule, difference: f64) -> bool {
    // What is exactly as much as the rule says may be a hair more in binary.
    let by = rule.by + 1e-9;
    match rule.change {
        Change::Falls => -difference > by,
        Change::Rises => difference > by,
        Change::Changes => difference.abs() > by,
    }
}

/// Both figures with as many digits as show that they differ.
fn say(measure: Measure, before: f64, after: f64) -> [String; 2] {
    let written = |digits: usize| {
        [before, after].map(|figure| match measure {
            _ if measure.is_share() => format!("{:.digits$} %", 100.0 * figure),
            Measure::Rows | Measure::Distinct => super::grouped(figure as u64),
            _ => format!("{figure:.digits$}"),
        })
    };
    let first = if measure.is_share() { 0 } else { 2 };
    (first..12).map(written).find(|[before, after]| before != after).unwrap_or_else(|| written(first))
}

fn word(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Text => "text",
        ColumnType::Number => "number",
        ColumnType::Date => "date",
        ColumnType::Email => "e-mail",
        ColumnType::Phone => "phone",
        ColumnType::Boolean => "boolean",
        ColumnType::Identifier => "identifier",
    }
}
