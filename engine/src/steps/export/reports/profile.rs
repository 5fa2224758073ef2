//! What the sources hold, column by column.

use model::results::{ColumnProfile, ColumnType, Grade, ProfileSummary, QualityPart, SourceProfile};

use super::page::{Cell, Page, count, percent, text};

pub(super) fn page(profile: &ProfileSummary) -> String {
    let mut page = Page::new("Profile");
    let sources = profile.sources.iter().map(|source| {
        let quality = Cell::Number(format!("{:.0}", source.quality));
        let grade = source.grade.unwrap_or_else(|| Grade::of(source.quality));
        vec![text(&source.name), count(source.rows), quality, text(verdict(grade)), text(parts(source))]
    });
    page.table("Sources", &["Source", "Records", "Quality, 0 to 100", "Verdict", "Mean of"], sources);
    for source in &profile.sources {
        page.heading(&source.name);
        let columns = source.columns.iter().map(|column| {
            vec![
                text(&column.name),
                text(type_words(column.column_type)),
                percent(column.validity),
                percent(column.completeness),
                distinct(column),
                percent(column.uniqueness),
                text(column.top_values.first().map_or("", |top| &top.value)),
                text(column.patterns.first().map_or("", |top| &top.value)),
            ]
        });
        let names =
            ["Column", "Type", "Valid", "Filled", "Distinct", "Unique", "Most frequent value", "Most frequent pattern"];
        page.table("Columns", &names, columns);
    }
    page.finish()
}

const fn verdict(grade: Grade) -> &'static str {
    match grade {
        Grade::Good => "good",
        Grade::Review => "to be reviewed",
        Grade::Poor => "poor",
    }
}

/// "≈" before what is an estimate.
fn distinct(column: &ColumnProfile) -> Cell {
    let sign = if column.approximate { "≈ " } else { "" };
    Cell::Number(format!("{sign}{}", crate::steps::grouped(column.distinct)))
}

/// "completeness 98, validity 91, uniqueness 40"
fn parts(source: &SourceProfile) -> String {
    let part = |part: &QualityPart| format!("{} {:.0}", part.name, part.score);
    source.quality_parts.iter().map(part).collect::<Vec<_>>().join(", ")
}

const fn type_words(of: ColumnType) -> &'static str {
    match of {
        ColumnType::Text => "text",
        ColumnType::Number => "number",
        ColumnType::Date => "date",
        ColumnType::Email => "e-mail",
        ColumnType::Phone => "phone",
        ColumnType::Boolean => "yes or no",
        ColumnType::Identifier => "identifier",
    }
}
