//! Why two records match, or do not: the definitions of the published result, asked again for one pair.
//!
//! The result holds the configuration and the trained models. What depends on the other records (how frequent a value is,
//! how rare a word) is counted again from them, so an explanation adds up to the score that the run gave.

use std::{collections::BTreeSet, ops::Range, path::Path, sync::Arc};

use datafusion::{
    arrow::array::{Array, RecordBatch, StringArray},
    parquet::arrow::{
        ProjectionMask,
        arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection},
    },
};
use model::{
    Step,
    config::{
        MatchConfig,
        matching::{Definition, LevelComparison, Similarity, WhenEmpty},
    },
    results::{
        ComparisonExplained, CriterionExplained, DefinitionExplained, Explanation, How, LevelExplained, MatchModel,
    },
};
use serde::{Deserialize, Serialize};

use super::{
    columns::RECORDS_FILE,
    criteria,
    definitions::{Definitions, Probabilistic, named},
    features::{Feature, FeatureBuilder, FeatureKey, Features, Likeness, Measured},
    model::{Evidence, Model, published::Published},
    scoring::{Likenesses, Weighted},
};
use crate::{
    Failure,
    context::StepContext,
    read,
    results::{Version, Workspace},
    table,
};

const EXPLAINING_FILE: &str = "scoring.json";

/// What the pairs of a result were scored by.
#[derive(Debug, Serialize, Deserialize)]
struct Explaining {
    config: MatchConfig,
    models: Vec<Published>,
}

/// Writes what explains the pairs of this result.
pub(super) fn publish(config: &MatchConfig, models: &[Model], context: &StepContext<'_>) -> Result<(), Failure> {
    let models = models.iter().map(Published::new).collect();
    let explaining = Explaining { config: config.clone(), models };
    let json = serde_json::to_vec(&explaining).map_err(|error| Failure::Internal(error.to_string()))?;
    std::fs::write(context.file(EXPLAINING_FILE), json)
        .map_err(|error| Failure::io("cannot write the definitions beside their result", &error))
}

/// What the definitions of the latest result of Match say of two records, by their numbers; `None` before the first
/// result. Reads each compared column once, so it takes a moment where there are many records.
///
/// # Errors
/// When the records are not those that were matched any more, or there is no record of that number.
pub fn explain_pair(workspace: &Path, one: u32, other: u32) -> Result<Option<Explanation>, Failure> {
    let Some((result, records)) = matched(workspace)? else { return Ok(None) };
    explain(&result, &records, one.min(other), one.max(other)).map(Some)
}

/// The same of a result that is at hand; `left` is the smaller number.
pub(crate) fn explain(result: &Version, records: &Version, left: u32, right: u32) -> Result<Explanation, Failure> {
    let path = records.file(RECORDS_FILE);
    Explaining::read(result)?.of(&Pair::open(&path, left, right)?)
}

/// What the probabilistic definitions of the latest result have learned, in their order; `None` before the first result.
///
/// # Errors
/// When the records are not those that were matched any more.
pub fn models(workspace: &Path) -> Result<Option<Vec<MatchModel>>, Failure> {
    let Some((result, records)) = matched(workspace)? else { return Ok(None) };
    let Explaining { config, models } = Explaining::read(&result)?;
    let (schema, _) = table::describe(&records.file(RECORDS_FILE))?;
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let definitions = Definitions::new(&config, &names)?;
    let each = definitions.probabilistic.iter().zip(&models);
    Ok(Some(each.map(|(definition, model)| model.shown(definition)).collect()))
}

/// The latest result of Match and the records that it is about; `None` before the first.
pub(crate) fn matched(workspace: &Path) -> Result<Option<(Version, Version)>, Failure> {
    let workspace = Workspace::new(workspace);
    let Some(result) = workspace.published(Step::Match)? else { return Ok(None) };
    let records = workspace.published(Step::Cleanse)?;
    let from = result.inputs()?.remove(Step::Cleanse.as_str());
    match records.filter(|records| Some(&records.name) == from.as_ref()) {
        Some(records) => Ok(Some((result, records))),
        None => Err(Failure::Input("the records have changed since Match ran; run Match again".to_owned())),
    }
}

/// Names of the definitions of a result, and what each compares, in the order of their indexes.
pub(crate) fn definitions(result: &Version) -> Result<Vec<(String, Vec<String>)>, Failure> {
    let config = Explaining::read(result)?.config;
    let weighted = config.definitions.iter().map(|definition| {
        let keys = definition.criteria.iter().map(|part| named(&part.column, &part.combined_with));
        (definition.name.clone(), keys.collect())
    });
    let probabilistic = config.probabilistic.iter().map(|definition| {
        let keys = definition.comparisons.iter().map(|part| named(&part.column, &part.combined_with));
        (definition.name.clone(), keys.collect())
    });
    Ok(weighted.chain(probabilistic).collect())
}

/// Two records in the file of all.
struct Pair<'a> {
    path: &'a Path,
    left: u32,
    right: u32,
    columns: Vec<String>,
    rows: u64,
}

impl<'a> Pair<'a> {
    fn open(path: &'a Path, left: u32, right: u32) -> Result<Self, Failure> {
        let (schema, rows) = table::describe(path)?;
        if u64::from(right) >= rows || left == right {
            return Err(Failure::Input(format!("{left} and {right} are not two of the {rows} records")));
        }
        let columns = schema.fields().iter().map(|field| field.name().clone()).collect();
        Ok(Self { path, left, right, columns, rows })
    }

    /// The two records' values of some columns.
    fn values(&self, columns: &[String]) -> Result<[Vec<Option<String>>; 2], Failure> {
        let file = std::fs::File::open(self.path).map_err(|error| Failure::io("cannot read the records", &error))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
        let fields = builder.schema().fields();
        let places = (0..fields.len()).filter(|place| columns.contains(fields[*place].name()));
        let mask = ProjectionMask::roots(builder.parquet_schema(), places);
        let only = |record: u32| -> Range<usize> { record as usize..record as usize + 1 };
        let selection = RowSelection::from_consecutive_ranges(
            [only(self.left), only(self.right)].into_iter(),
            usize::try_from(self.rows).unwrap_or(usize::MAX),
        );
        let mut found = Vec::new();
        for batch in builder.with_projection(mask).with_row_selection(selection).build()? {
            let texts = Texts::new(&batch?, columns)?;
            found.extend(
                (0..texts.rows)
                    .map(|row| texts.row(row).into_iter().map(|value| value.map(str::to_owned)).collect::<Vec<_>>()),
            );
        }
        let [left, right] = <[Vec<Option<String>>; 2]>::try_from(found)
            .map_err(|_| Failure::Internal("the two records are not where they should be".to_owned()))?;
        Ok([left, right])
    }

    /// Gives each record's values of some columns.
    fn each(&self, columns: &[String], mut each: impl FnMut(&[Option<&str>])) -> Result<(), Failure> {
        let wanted: Vec<&str> = columns.iter().map(String::as_str).collect();
        for batch in table::scan(self.path, Some(&wanted))? {
            let texts = Texts::new(&batch?, columns)?;
            (0..texts.rows).for_each(|row| each(&texts.row(row)));
        }
        Ok(())
    }

    /// The column made ready for these two records, 0 and 1; its counts are those of all records where they matter.
    fn feature(&self, key: &FeatureKey, counted: bool) -> Result<Feature, Failure> {
        let mut builder = FeatureBuilder::new(key);
        if matches!(key.measured, Measured::Text(Similarity::TfIdfCosine | Similarity::TfIdfOverlap)) {
            self.each(&key.columns, |values| builder.push(values))?;
            return Ok(builder.build().only(&[self.left, self.right]));
        }
        let both = self.values(&key.columns)?;
        for values in &both {
            builder.push(&values.iter().map(Option::as_deref).collect::<Vec<_>>());
        }
        if counted {
            builder.forget_counts();
            self.each(&key.columns, |values| builder.count(values))?;
        }
        Ok(builder.build())
    }
}

/// Some columns of a batch as texts.
struct Texts {
    columns: Vec<StringArray>,
    rows: usize,
}

impl Texts {
    fn new(batch: &RecordBatch, columns: &[String]) -> Result<Self, Failure> {
        let text = |name: &String| {
            let column = batch.column_by_name(name).ok_or_else(|| Failure::Internal(format!("no column {name}")))?;
            read::texts(column)
        };
        Ok(Self { columns: columns.iter().map(text).collect::<Result<_, _>>()?, rows: batch.num_rows() })
    }

    fn row(&self, row: usize) -> Vec<Option<&str>> {
        self.columns.iter().map(|column| column.is_valid(row).then(|| column.value(row))).collect()
    }
}

impl Explaining {
    fn read(result: &Version) -> Result<Self, Failure> {
        let json = std::fs::read(result.file(EXPLAINING_FILE)).map_err(|_| {
            Failure::Input("this result does not say how its pairs were scored; run Match again".to_owned())
        })?;
        serde_json::from_slice(&json)
            .map_err(|error| Failure::Internal(format!("{EXPLAINING_FILE} of match is damaged: {error}")))
    }

    fn of(&self, pair: &Pair<'_>) -> Result<Explanation, Failure> {
        let names: Vec<&str> = pair.columns.iter().map(String::as_str).collect();
        let definitions = Definitions::new(&self.config, &names)?;
        let counted: BTreeSet<usize> = self.models.iter().flat_map(Published::counted_features).collect();
        let list = definitions.features.iter().enumerate();
        let list: Vec<Feature> =
            list.map(|(number, key)| pair.feature(key, counted.contains(&number))).collect::<Result<_, _>>()?;
        let models: Vec<Model> = self.models.iter().map(|published| published.model(&list)).collect();
        let at_least = vec![0.0; list.len()];
        let features = Arc::new(Features::of(list, at_least));
        let mut likenesses = Likenesses::new(features);
        likenesses.start(0, 1);
        let mut explained = Vec::new();
        for (definition, weighted) in self.config.definitions.iter().zip(&definitions.weighted) {
            explained.push(explain_weighted(definition, weighted, pair, &definitions.features, &mut likenesses)?);
        }
        let probabilistic = self.config.probabilistic.iter().zip(&definitions.probabilistic).zip(&models);
        for ((config, definition), model) in probabilistic {
            explained.push(explain_model(&config.comparisons, definition, model, pair, &mut likenesses)?);
        }
        Ok(Explanation { left: pair.left, right: pair.right, definitions: explained })
    }
}

fn explain_weighted(
    definition: &Definition,
    weighted: &Weighted,
    pair: &Pair<'_>,
    features: &[FeatureKey],
    likenesses: &mut Likenesses,
) -> Result<DefinitionExplained, Failure> {
    let sum = weighted.sum(likenesses);
    let mut explained = Vec::new();
    for criterion in &definition.criteria {
        let key = FeatureKey::of_comparison(&criterion.column, &criterion.combined_with, &criterion.comparison);
        let [left, right] = pair.values(&key.columns)?;
        let feature = features.iter().position(|known| *known == key);
        let score = feature.and_then(|feature| criteria::score(&criterion.comparison, feature, likenesses));
        let counts = !sum.too_little_evidence && (score.is_some() || criterion.when_empty == WhenEmpty::ScoreZero);
        explained.push(CriterionExplained {
            columns: named(&key.columns[0], &key.columns[1..]),
            left: said(left),
            right: said(right),
            weight: criterion.weight,
            score,
            adds: if counts { score.unwrap_or(0.0) * criterion.weight / sum.divisor } else { 0.0 },
        });
    }
    let (divisor, too_little_evidence) = (sum.divisor, sum.too_little_evidence);
    Ok(DefinitionExplained {
        name: definition.name.clone(),
        score: sum.score,
        threshold: definition.threshold,
        accepts: !too_little_evidence && weighted.accepts(sum.score),
        how: How::Weighted { criteria: explained, divisor, too_little_evidence },
    })
}

fn explain_model(
    configured: &[LevelComparison],
    definition: &Probabilistic,
    model: &Model,
    pair: &Pair<'_>,
    likenesses: &mut Likenesses,
) -> Result<DefinitionExplained, Failure> {
    let mut comparisons = Vec::new();
    let mut bits = model.prior();
    for trained in model.comparisons() {
        let place = definition
            .comparisons
            .iter()
            .position(|planned| planned.feature == trained.feature && planned.levels == trained.levels);
        let place = place.ok_or_else(|| Failure::Internal("a model compares what no definition does".to_owned()))?;
        let [left, right] = pair.values(&FeatureKey::of_levels(&configured[place]).columns)?;
        let said_of_pair = trained.says(likenesses);
        let likeness = likenesses.of(trained.feature);
        let level = said_of_pair.map(|said| LevelExplained {
            level: said.level as u32,
            levels: trained.levels.count() as u32,
            similarity: match likeness {
                Likeness::Equal => 1.0,
                Likeness::Similar(similarity) => similarity,
                Likeness::Empty => 0.0,
            },
            m: trained.m[said.level],
            u: trained.u[said.level],
            bits: trained.bits[said.level],
            frequency_bits: said.rarity,
            repeated_bits: trained.bits[said.level] + said.rarity - said.bits,
        });
        let added = said_of_pair.map_or(0.0, |said| said.bits);
        bits += added;
        comparisons.push(ComparisonExplained {
            columns: definition.comparisons[place].column.clone(),
            left: said(left),
            right: said(right),
            level,
            bits: added,
        });
    }
    let all_in_all = model.with_relatives(bits, likenesses);
    Ok(DefinitionExplained {
        name: definition.name.clone(),
        score: Evidence { bits: all_in_all }.score(),
        threshold: definition.threshold,
        accepts: model.is_enough(all_in_all),
        how: How::Probabilistic {
            prior_bits: model.prior(),
            comparisons,
            relatives_bits: all_in_all - bits,
            bits: all_in_all,
        },
    })
}

/// What a record holds in the compared columns, as one text.
fn said(values: Vec<Option<String>>) -> Option<String> {
    let filled: Vec<String> = values.into_iter().flatten().collect();
    (!filled.is_empty()).then(|| filled.join(" "))
}
