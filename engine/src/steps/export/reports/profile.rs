//! What the sources hold, column by column.

use model::results::{ColumnType, ProfileSummary};

use super::page::{Cell, Page, count, percent, text};

pub(super) fn page(profile: &ProfileSummary) -> String {
    let mut page = Page::new("Profile");
    let sources = profile.sources.iter().map(|source| {
        let quality = Cell::Number(format!("{:.0}", source.quality));
        vec![text(&source.name), count(source.rows), quality, text(verdict(source.quality))]
    });
    page.table("Sources", &["Source", "Records", "Quality, 0 to 100", "Verdict"], sources);
    for source in &profile.sources {
        page.heading(&source.name);
        let columns = source.columns.iter().map(|column| {
            vec![
                text(&column.name),
                text(type_words(column.column_type)),
                percent(column.validity),
                percent(column.completeness),
                count(column.distinct),
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

fn verdict(quality: f64) -> &'static str {
    match quality {
        quality if quality >= 80.0 => "good",
        quality if quality >= 60.0 => "to be reviewed",
        _ => "poor",
    }
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
