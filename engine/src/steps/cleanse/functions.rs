//! Cleansing as scalar functions: text in, text out. Plans name them, so that a plan can travel to any executor that registers the
//! same functions; whatever a function needs to know travels as literal arguments.
//!
//! A function accepts Utf8, LargeUtf8 and Utf8View and gives Utf8. Empty stays empty, and what becomes blank is empty.

mod text;
mod typed;

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, StringBuilder},
        compute::cast,
        datatypes::DataType,
    },
    common::{ScalarValue, exec_err},
    error::{DataFusionError, Result},
    logical_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit},
    prelude::SessionContext,
};
use model::config::cleanse::{Characters, Operation};

/// What a function does to one value: writes the new one behind what the buffer holds, or gives `false` if there is
/// none.
type Kernel = Box<dyn Fn(&str, &mut String) -> bool>;

/// Makes the kernel for given literal arguments; the error says in words what is wrong with them.
type Prepare = fn(&[String]) -> Result<Kernel, String>;

/// Every function: its name in plans, and what prepares it.
const FUNCTIONS: [(&str, Prepare); 10] = [
    ("millrace_trim", text::trim),
    ("millrace_collapse", text::collapse),
    ("millrace_upper", text::upper),
    ("millrace_lower", text::lower),
    ("millrace_title", text::title),
    ("millrace_remove", text::remove),
    ("millrace_replace", text::replace),
    ("millrace_regex_replace", text::regex_replace),
    ("millrace_date", typed::date),
    ("millrace_phone", typed::phone),
];

/// Registers every cleansing function.
pub(crate) fn register(session: &SessionContext) {
    for (name, prepare) in FUNCTIONS {
        session.register_udf(ScalarUDF::from(TextFunction::new(name, prepare)));
    }
}

/// The expression that applies a cleansing operation to `value`.
pub(crate) fn apply(operation: &Operation, value: Expr) -> Expr {
    let (name, arguments) = call(operation);
    let (name, prepare) =
        FUNCTIONS.into_iter().find(|(known, _)| *known == name).expect("every operation has its function");
    let function = ScalarUDF::from(TextFunction::new(name, prepare));
    function.call(std::iter::once(value).chain(arguments.into_iter().map(lit)).collect())
}

/// What is wrong with an operation: the name of the parameter, and the problem in words.
pub(crate) fn check(operation: &Operation) -> Result<(), (&'static str, String)> {
    let (name, arguments) = call(operation);
    let (_, prepare) = FUNCTIONS.iter().find(|(known, _)| *known == name).expect("every operation has its function");
    let parameter = match operation {
        Operation::Trim | Operation::Collapse | Operation::Upper | Operation::Lower | Operation::Title => "operation",
        Operation::Remove { .. } => "what",
        Operation::Replace { .. } => "from",
        Operation::RegexReplace { .. } => "pattern",
        Operation::Date { .. } => "formats",
        Operation::Phone { .. } => "country",
    };
    prepare(&arguments).map(drop).map_err(|problem| (parameter, problem))
}

/// The function of an operation, and its literal arguments.
fn call(operation: &Operation) -> (&'static str, Vec<String>) {
    match operation {
        Operation::Trim => ("millrace_trim", vec![]),
        Operation::Collapse => ("millrace_collapse", vec![]),
        Operation::Upper => ("millrace_upper", vec![]),
        Operation::Lower => ("millrace_lower", vec![]),
        Operation::Title => ("millrace_title", vec![]),
        Operation::Remove { what } => ("millrace_remove", vec![characters(*what).to_owned()]),
        Operation::Replace { from, to } => ("millrace_replace", vec![from.clone(), to.clone()]),
        Operation::RegexReplace { pattern, to } => ("millrace_regex_replace", vec![pattern.clone(), to.clone()]),
        Operation::Date { formats } => ("millrace_date", formats.clone()),
        Operation::Phone { country } => ("millrace_phone", vec![country.clone()]),
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

/// A function of a text column and literal texts.
#[derive(Debug)]
struct TextFunction {
    name: &'static str,
    prepare: Prepare,
    signature: Signature,
}

impl TextFunction {
    fn new(name: &'static str, prepare: Prepare) -> Self {
        Self { name, prepare, signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

// The name says everything: there is one function of each name.
impl PartialEq for TextFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for TextFunction {}

impl Hash for TextFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for TextFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        match arguments.first() {
            Some(DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null) => Ok(DataType::Utf8),
            other => exec_err!("{} needs text, not {other:?}", self.name),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (values, literals) = match args.args.split_first() {
            Some((values, literals)) => (values.clone().into_array(args.number_rows)?, literals),
            None => return exec_err!("{} needs a column", self.name),
        };
        let literals = literals.iter().map(|value| literal(self.name, value)).collect::<Result<Vec<_>>>()?;
        let kernel = (self.prepare)(&literals)
            .map_err(|problem| DataFusionError::Execution(format!("{}: {problem}", self.name)))?;
        Ok(ColumnarValue::Array(map(&values, &kernel)?))
    }
}

fn literal(function: &str, value: &ColumnarValue) -> Result<String> {
    match value {
        ColumnarValue::Scalar(
            ScalarValue::Utf8(Some(text)) | ScalarValue::LargeUtf8(Some(text)) | ScalarValue::Utf8View(Some(text)),
        ) => Ok(text.clone()),
        other => exec_err!("{function} takes literal texts after the column, not {other}"),
    }
}

fn map(values: &ArrayRef, kernel: &Kernel) -> Result<ArrayRef> {
    let values = cast(values, &DataType::Utf8)?;
    let mut results = StringBuilder::with_capacity(values.len(), values.get_buffer_memory_size());
    let mut result = String::new();
    for value in values.as_string::<i32>() {
        result.clear();
        let there = value.is_some_and(|value| kernel(value, &mut result)) && !result.trim().is_empty();
        results.append_option(there.then_some(result.as_str()));
    }
    Ok(Arc::new(results.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value that an operation, written as JSON, makes of a text.
    fn check_operation(operation: serde_json::Value, examples: &[(&str, Option<&str>)]) {
        let operation: Operation = serde_json::from_value(operation).expect("an operation");
        check(&operation).expect("sound parameters");
        let (name, arguments) = call(&operation);
        let (_, prepare) = FUNCTIONS.iter().find(|(known, _)| *known == name).expect("known");
        let kernel = prepare(&arguments).expect("prepares");
        for (text, expected) in examples {
            let values: ArrayRef = Arc::new(datafusion::arrow::array::StringArray::from(vec![Some(*text), None]));
            let results = map(&values, &kernel).expect("maps");
            let results = results.as_string::<i32>();
            assert_eq!(results.is_valid(0).then(|| results.value(0)), *expected, "{operation:?} of {text:?}");
            assert!(results.is_null(1), "empty stays empty");
        }
    }

    #[test]
    fn operations_by_example() {
        use serde_json::json;
        check_operation(
            json!({"operation": "trim"}),
            &[(" a b ", Some("a b")), ("\u{a0}x\t", Some("x")), ("  ", None)],
        );
        check_operation(json!({"operation": "collapse"}), &[(" a \t\n b ", Some("a b")), ("ab", Some("ab"))]);
        check_operation(json!({"operation": "upper"}), &[("straße é", Some("STRASSE É"))]);
        check_operation(json!({"operation": "lower"}), &[("ÀB c", Some("àb c"))]);
        check_operation(
            json!({"operation": "title"}),
            &[
                ("ann-marie O'BRIEN", Some("Ann-Marie O'brien")),
                ("élan vital", Some("Élan Vital")),
                ("2nd st", Some("2nd St")),
            ],
        );
        let remove = |what: &str| json!({"operation": "remove", "what": what});
        check_operation(remove("digits"), &[("a1b٣", Some("ab")), ("12", None), ("1 2", None)]);
        check_operation(remove("letters"), &[("a1é2", Some("12"))]);
        check_operation(remove("special"), &[("a-b c!", Some("ab c"))]);
        check_operation(remove("non_alphanumeric"), &[("a-b c!1", Some("abc1"))]);
        check_operation(remove("non_printable"), &[("a\u{200b}b\u{7}c\u{feff}", Some("abc"))]);
        check_operation(remove("whitespace"), &[("a b\tc", Some("abc"))]);
        check_operation(
            json!({"operation": "replace", "from": "st.", "to": "street"}),
            &[("main st.", Some("main street"))],
        );
        check_operation(json!({"operation": "replace", "from": "x"}), &[("xx", None), ("axb", Some("ab"))]);
        check_operation(
            json!({"operation": "regex_replace", "pattern": r"^(\w+), (\w+)$", "to": "$2 $1"}),
            &[("Doe, Ann", Some("Ann Doe")), ("Ann", Some("Ann"))],
        );
        check_operation(
            json!({"operation": "date"}),
            &[
                ("31.12.2020", Some("2020-12-31")),
                ("19560409", Some("1956-04-09")),
                ("05/06/2020", None),
                ("soon", None),
            ],
        );
        check_operation(
            json!({"operation": "date", "formats": ["%m/%d/%Y", "%d.%m.%y"]}),
            &[("05/06/2020", Some("2020-05-06")), ("06.05.20", Some("2020-05-06")), ("2020-05-06", None)],
        );
        check_operation(
            json!({"operation": "phone", "country": "US"}),
            &[
                ("(415) 555-2671", Some("+14155552671")),
                ("+49 30 123456", Some("+4930123456")),
                ("call me", None),
                ("12", None),
            ],
        );
    }

    #[test]
    fn unsound_parameters_are_named() {
        use serde_json::json;
        for (operation, expected) in [
            (json!({"operation": "regex_replace", "pattern": "(a"}), "is not a regular expression"),
            (json!({"operation": "replace", "from": ""}), "say which text to replace"),
            (json!({"operation": "date", "formats": ["%Y-%Q"]}), "“%Y-%Q” is not a date format"),
            (json!({"operation": "date", "formats": ["%Y"]}), "“%Y” does not give year, month and day"),
            (json!({"operation": "phone", "country": "XX"}), "“XX” is not an ISO 3166 country code"),
        ] {
            let operation: Operation = serde_json::from_value(operation).expect("an operation");
            let (_, problem) = check(&operation).expect_err("unsound");
            assert!(problem.contains(expected), "{problem}");
        }
    }
}
