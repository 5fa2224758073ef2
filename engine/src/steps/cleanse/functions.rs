//! Cleansing as scalar functions: text in, text out. Plans name them, so that a plan can travel to any executor that registers the
//! same functions; whatever a function needs to know travels as literal arguments, a dictionary too.
//!
//! A function takes any column as text and gives Utf8, or a struct of Utf8. Empty stays empty, and what becomes blank is empty.

#[cfg(test)]
mod fuzz;
mod letters;
pub(crate) mod mapping;
mod parts;
#[cfg(test)]
mod tests;
mod text;
mod text_function;
pub(crate) mod typed;

use std::collections::BTreeMap;

use datafusion::{
    functions::core::expr_fn::get_field,
    logical_expr::{Expr, ScalarUDF, ident, lit, when},
    prelude::SessionContext,
};
use model::{
    config::cleanse::{Characters, CleanseOperation, DecimalMark, Operation},
    limits,
};

use self::{
    parts::{Concatenate, PartsFunction, PartsKernel},
    text_function::{Kernel, Prepare, TextFunction},
};

/// The content of each dictionary, by the name of its file.
pub(crate) type Dictionaries = BTreeMap<String, String>;

/// Every function from text to text: its name in plans, and what prepares it.
const FUNCTIONS: [(&str, Prepare<Kernel>); 20] = [
    ("millrace_trim", text::trim),
    ("millrace_trim_start", text::trim_start),
    ("millrace_trim_end", text::trim_end),
    ("millrace_collapse", text::collapse),
    ("millrace_upper", letters::upper),
    ("millrace_lower", letters::lower),
    ("millrace_title", letters::title),
    ("millrace_proper", letters::proper),
    ("millrace_swap_case", letters::swap_case),
    ("millrace_unicode_nfc", letters::unicode_nfc),
    ("millrace_to_ascii", letters::to_ascii),
    ("millrace_remove", text::remove),
    ("millrace_replace", text::replace),
    ("millrace_regex_replace", text::regex_replace),
    ("millrace_map_values", mapping::map_values),
    ("millrace_dictionary", mapping::dictionary),
    ("millrace_email", typed::email),
    ("millrace_number", typed::number),
    ("millrace_date", typed::date),
    ("millrace_phone", typed::phone),
];

/// Every function from text to several texts.
const PARTS_FUNCTIONS: [(&str, Prepare<PartsKernel>); 3] = [
    ("millrace_split", parts::split),
    ("millrace_person_name", parts::person_name),
    ("millrace_address", parts::address),
];

/// Registers every cleansing function.
pub(crate) fn register(session: &SessionContext) {
    for (name, prepare) in FUNCTIONS {
        session.register_udf(ScalarUDF::from(TextFunction::new(name, prepare)));
    }
    for (name, prepare) in PARTS_FUNCTIONS {
        session.register_udf(ScalarUDF::from(PartsFunction::new(name, prepare)));
    }
    session.register_udf(ScalarUDF::from(Concatenate::new()));
}

/// What an operation computes from the values of a row, whichever source the row is of.
///
/// # Errors
/// DataFusion's, when a plan cannot be built of it.
pub(crate) fn apply(operation: &CleanseOperation, dictionaries: &Dictionaries) -> datafusion::error::Result<Expr> {
    let column = ident(&operation.column);
    Ok(match call(&operation.operation, dictionaries) {
        Call::Copy => column,
        Call::Fill(value) => when(column.clone().is_null(), lit(value)).otherwise(column)?,
        Call::Join(separator, others) => {
            let columns = std::iter::once(column).chain(others.iter().map(ident));
            ScalarUDF::from(Concatenate::new()).call(std::iter::once(lit(separator)).chain(columns).collect())
        }
        Call::Text(name, arguments) => {
            ScalarUDF::from(TextFunction::new(name, prepared(&FUNCTIONS, name))).call(with(column, arguments))
        }
        Call::Parts(name, arguments) => {
            ScalarUDF::from(PartsFunction::new(name, prepared(&PARTS_FUNCTIONS, name))).call(with(column, arguments))
        }
    })
}

fn with(column: Expr, arguments: Vec<String>) -> Vec<Expr> {
    std::iter::once(column).chain(arguments.into_iter().map(lit)).collect()
}

/// Of what [`apply`] computes: the value for the column in this place of those that the operation writes.
pub(crate) fn written(operation: &Operation, computed: Expr, place: usize) -> Expr {
    match operation {
        Operation::Split { .. } | Operation::PersonName { .. } | Operation::Address { .. } => {
            get_field(computed, parts::part(place))
        }
        _ => computed,
    }
}

fn prepared<K>(functions: &[(&str, Prepare<K>)], name: &str) -> Prepare<K> {
    functions.iter().find(|(known, _)| *known == name).expect("every operation has its function").1
}

/// What is wrong with an operation: the name of the parameter, and the problem in words. What a dictionary's file holds is not
/// looked at.
pub(crate) fn check(operation: &Operation) -> Result<(), (&'static str, String)> {
    let problem = match call(operation, &Dictionaries::new()) {
        Call::Copy | Call::Join(..) => Ok(()),
        Call::Fill(value) if value.trim().is_empty() => Err("give a text for values that are empty".to_owned()),
        Call::Fill(value) if value.chars().count() > limits::REPLACEMENT_CHARS_MAX => {
            Err(format!("is longer than {} characters", limits::REPLACEMENT_CHARS_MAX))
        }
        Call::Fill(_) => Ok(()),
        Call::Text(name, arguments) => match operation {
            Operation::Dictionary { file } if file.is_empty() => Err("choose an uploaded file".to_owned()),
            _ => prepared(&FUNCTIONS, name)(&arguments).map(drop),
        },
        Call::Parts(name, arguments) => prepared(&PARTS_FUNCTIONS, name)(&arguments).map(drop),
    };
    problem.map_err(|problem| (parameter(operation), problem))
}

/// The parameter that a problem is about.
fn parameter(operation: &Operation) -> &'static str {
    match operation {
        Operation::Remove { .. } => "what",
        Operation::Replace { .. } => "from",
        Operation::RegexReplace { .. } => "pattern",
        Operation::Copy { .. } => "into",
        Operation::Split { .. } | Operation::Concatenate { .. } => "separator",
        Operation::FillEmpty { .. } => "value",
        Operation::MapValues { .. } => "values",
        Operation::Dictionary { .. } => "file",
        Operation::PersonName { .. } | Operation::Address { .. } => "prefix",
        Operation::Number { .. } => "decimal",
        Operation::Date { .. } => "formats",
        Operation::Phone { .. } => "country",
        Operation::Trim
        | Operation::TrimStart
        | Operation::TrimEnd
        | Operation::Collapse
        | Operation::Upper
        | Operation::Lower
        | Operation::Title
        | Operation::Proper
        | Operation::SwapCase
        | Operation::UnicodeNfc
        | Operation::ToAscii
        | Operation::Email { .. } => "operation",
    }
}

/// How an operation is computed.
enum Call {
    Copy,
    Fill(String),
    /// Separator, and the columns to add.
    Join(String, Vec<String>),
    /// A function of the column, and its literal arguments.
    Text(&'static str, Vec<String>),
    /// The same with several results.
    Parts(&'static str, Vec<String>),
}

fn call(operation: &Operation, dictionaries: &Dictionaries) -> Call {
    let plain = |name| Call::Text(name, vec![]);
    match operation {
        Operation::Trim => plain("millrace_trim"),
        Operation::TrimStart => plain("millrace_trim_start"),
        Operation::TrimEnd => plain("millrace_trim_end"),
        Operation::Collapse => plain("millrace_collapse"),
        Operation::Upper => plain("millrace_upper"),
        Operation::Lower => plain("millrace_lower"),
        Operation::Title => plain("millrace_title"),
        Operation::Proper => plain("millrace_proper"),
        Operation::SwapCase => plain("millrace_swap_case"),
        Operation::UnicodeNfc => plain("millrace_unicode_nfc"),
        Operation::ToAscii => plain("millrace_to_ascii"),
        Operation::Remove { what } => Call::Text("millrace_remove", vec![characters(*what).to_owned()]),
        Operation::Replace { from, to } => Call::Text("millrace_replace", vec![from.clone(), to.clone()]),
        Operation::RegexReplace { pattern, to } => {
            Call::Text("millrace_regex_replace", vec![pattern.clone(), to.clone()])
        }
        Operation::Copy { .. } => Call::Copy,
        Operation::Split { separator, into } => {
            let arguments = std::iter::once(separator).chain(into).cloned();
            Call::Parts("millrace_split", arguments.collect())
        }
        Operation::Concatenate { columns, separator, .. } => Call::Join(separator.clone(), columns.clone()),
        Operation::FillEmpty { value } => Call::Fill(value.clone()),
        Operation::MapValues { values, case_sensitive, otherwise } => {
            let case = if *case_sensitive { "case_sensitive" } else { "any_case" };
            let mut arguments = vec![case.to_owned(), mapping::otherwise(*otherwise).to_owned()];
            arguments.extend(values.iter().flat_map(|value| [value.from.clone(), value.to.clone()]));
            Call::Text("millrace_map_values", arguments)
        }
        Operation::Dictionary { file } => {
            Call::Text("millrace_dictionary", vec![dictionaries.get(file).cloned().unwrap_or_default()])
        }
        Operation::PersonName { .. } => Call::Parts("millrace_person_name", vec![]),
        Operation::Address { .. } => Call::Parts("millrace_address", vec![]),
        Operation::Email { drop_tag } => {
            Call::Text("millrace_email", if *drop_tag { vec!["drop_tag".to_owned()] } else { vec![] })
        }
        Operation::Number { decimal } => Call::Text(
            "millrace_number",
            vec![match decimal {
                DecimalMark::Point => "point".to_owned(),
                DecimalMark::Comma => "comma".to_owned(),
            }],
        ),
        Operation::Date { formats } => Call::Text("millrace_date", formats.clone()),
        Operation::Phone { country } => Call::Text("millrace_phone", vec![country.clone()]),
    }
}

const fn characters(what: Characters) -> &'static str {
    match what {
        Characters::Digits => "digits",
        Characters::Letters => "letters",
        Characters::Special => "special",
        Characters::NonAlphanumeric => "non_alphanumeric",
        Characters::NonPrintable => "non_printable",
        Characters::Whitespace => "whitespace",
    }
}
