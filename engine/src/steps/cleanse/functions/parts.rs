//! Functions with several results: a text column and literal texts in, a struct of text columns out, empty (null) where a value
//! is not of the form. And the one with several columns in: concatenation.

mod address;
mod person;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, NullBufferBuilder, StringBuilder, StructArray},
        compute::cast,
        datatypes::{DataType, Field, Fields},
    },
    common::exec_err,
    error::Result,
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility},
};
use model::config::cleanse::{ADDRESS_PARTS, PERSON_NAME_PARTS};

use super::text_function::{Prepare, Prepared, append, is_blank};

pub(super) use address::address;
pub(super) use person::person_name;

/// Fills the parts, which come empty, or gives `false` if the value is not of the form.
pub(super) type PartsKernel = Box<dyn Fn(&str, &mut [String]) -> bool + Send + Sync>;

/// Name of a part in the struct.
pub(super) fn part(place: usize) -> String {
    format!("part_{place}")
}

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PartsFunction {
    name: &'static str,
    /// How many parts there are; as many as literals behind the separator for a split.
    parts: Option<usize>,
    prepared: Prepared<PartsKernel>,
    signature: Signature,
}

impl PartsFunction {
    pub(super) fn new(name: &'static str, prepare: Prepare<PartsKernel>) -> Self {
        let parts = match name {
            "millrace_person_name" => Some(PERSON_NAME_PARTS.len()),
            "millrace_address" => Some(ADDRESS_PARTS.len()),
            _ => None,
        };
        let signature = Signature::variadic_any(Volatility::Immutable);
        Self { name, parts, prepared: Prepared::new(name, prepare), signature }
    }

    fn fields(&self, arguments: usize) -> Fields {
        let parts = self.parts.unwrap_or(arguments.saturating_sub(2));
        (0..parts).map(|place| Field::new(part(place), DataType::Utf8, true)).collect()
    }
}

impl ScalarUDFImpl for PartsFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(self.fields(arguments.len())))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some((values, literals)) = args.args.split_first() else {
            return exec_err!("{} needs a column", self.name);
        };
        let values = values.clone().into_array(args.number_rows)?;
        let kernel = self.prepared.get(literals)?;
        Ok(ColumnarValue::Array(Arc::new(map(&values, self.fields(args.args.len()), &kernel)?)))
    }
}

pub(super) fn map(values: &ArrayRef, fields: Fields, kernel: &PartsKernel) -> Result<StructArray> {
    let values = cast(values, &DataType::Utf8)?;
    let mut columns: Vec<StringBuilder> = fields.iter().map(|_| StringBuilder::new()).collect();
    let mut parts = vec![String::new(); fields.len()];
    let mut there = NullBufferBuilder::new(values.len());
    for value in values.as_string::<i32>() {
        parts.iter_mut().for_each(String::clear);
        let read = value.is_some_and(|value| kernel(value, &mut parts));
        for (column, part) in columns.iter_mut().zip(&parts) {
            append(column, (read && !is_blank(part)).then_some(part.as_str()))?;
        }
        there.append(read);
    }
    let columns = columns.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef).collect();
    Ok(StructArray::try_new(fields, columns, there.finish())?)
}

/// Arguments: the separator, then one for each part (only their number counts).
pub(super) fn split(arguments: &[String]) -> Result<PartsKernel, String> {
    let [separator, columns @ ..] = arguments else { return Err("say what stands between the parts".to_owned()) };
    if separator.is_empty() {
        return Err("say what stands between the parts".to_owned());
    }
    let (separator, count) = (separator.clone(), columns.len());
    Ok(Box::new(move |value, parts| {
        for (part, text) in parts.iter_mut().zip(value.splitn(count, separator.as_str())) {
            part.push_str(text.trim());
        }
        true
    }))
}

/// Joins columns: a literal separator, then text columns. Empty ones are left out.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Concatenate {
    prepared: Prepared<String>,
    signature: Signature,
}

impl Concatenate {
    pub(super) const NAME: &'static str = "millrace_concatenate";

    pub(super) fn new() -> Self {
        let separator = |arguments: &[String]| arguments.first().cloned().ok_or_else(|| "needs a separator".to_owned());
        Self {
            prepared: Prepared::new(Self::NAME, separator),
            signature: Signature::variadic_any(Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for Concatenate {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some((separator, columns)) = args.args.split_first() else {
            return exec_err!("{} needs a separator", Self::NAME);
        };
        let separator = self.prepared.get(std::slice::from_ref(separator))?;
        let texts = |column: &ColumnarValue| cast(&column.clone().into_array(args.number_rows)?, &DataType::Utf8);
        let columns = columns.iter().map(|column| Ok(texts(column)?)).collect::<Result<Vec<ArrayRef>>>()?;
        let columns: Vec<_> = columns.iter().map(|column| column.as_string::<i32>()).collect();
        let mut results = StringBuilder::new();
        let mut result = String::new();
        for row in 0..args.number_rows {
            result.clear();
            for column in columns.iter().filter(|column| column.is_valid(row) && !is_blank(column.value(row))) {
                if !result.is_empty() {
                    result.push_str(&separator);
                }
                result.push_str(column.value(row));
            }
            append(&mut results, (!is_blank(&result)).then_some(result.as_str()))?;
        }
        Ok(ColumnarValue::Array(Arc::new(results.finish())))
    }
}
