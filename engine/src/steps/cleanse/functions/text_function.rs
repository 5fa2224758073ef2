//! A cleansing function as DataFusion calls it: a text column and literal texts in, a text column out.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, StringBuilder},
        compute::cast,
        datatypes::DataType,
    },
    common::{ScalarValue, exec_err},
    error::{DataFusionError, Result},
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility},
};
use model::limits;

use crate::Failure;

/// Makes what works on values from the literal arguments; the error says in words what is wrong with them.
pub(super) type Prepare<K> = fn(&[String]) -> Result<K, String>;

/// What was made from the arguments of the last call: a dictionary or a pattern is read once a plan, not once a batch.
pub(super) struct Prepared<K> {
    function: &'static str,
    prepare: Prepare<K>,
    last: Mutex<Option<(Vec<String>, Arc<K>)>>,
}

impl<K> Prepared<K> {
    pub(super) fn new(function: &'static str, prepare: Prepare<K>) -> Self {
        Self { function, prepare, last: Mutex::default() }
    }

    pub(super) fn get(&self, literals: &[ColumnarValue]) -> Result<Arc<K>> {
        let literals = literals.iter().map(|value| literal(self.function, value)).collect::<Result<Vec<_>>>()?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((arguments, kernel)) = &*last
            && arguments.iter().map(String::as_str).eq(literals.iter().copied())
        {
            return Ok(Arc::clone(kernel));
        }
        let literals: Vec<String> = literals.into_iter().map(str::to_owned).collect();
        let kernel = (self.prepare)(&literals)
            .map_err(|problem| DataFusionError::Execution(format!("{}: {problem}", self.function)))?;
        let kernel = Arc::new(kernel);
        *last = Some((literals, Arc::clone(&kernel)));
        Ok(kernel)
    }
}

impl<K> fmt::Debug for Prepared<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.function)
    }
}

// The name says everything: there is one function of each name.
impl<K> PartialEq for Prepared<K> {
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function
    }
}

impl<K> Eq for Prepared<K> {}

impl<K> Hash for Prepared<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.hash(state);
    }
}

fn literal<'a>(function: &str, value: &'a ColumnarValue) -> Result<&'a str> {
    match value {
        ColumnarValue::Scalar(
            ScalarValue::Utf8(Some(text)) | ScalarValue::LargeUtf8(Some(text)) | ScalarValue::Utf8View(Some(text)),
        ) => Ok(text),
        other => exec_err!("{function} takes literal texts after the column, not {other}"),
    }
}

/// What a function does to one value: writes the new one into the empty buffer, or gives `false` if there is none.
pub(super) type Kernel = Box<dyn Fn(&str, &mut String) -> bool + Send + Sync>;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct TextFunction {
    name: &'static str,
    prepared: Prepared<Kernel>,
    signature: Signature,
}

impl TextFunction {
    pub(super) fn new(name: &'static str, prepare: Prepare<Kernel>) -> Self {
        Self { name, prepared: Prepared::new(name, prepare), signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for TextFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some((values, literals)) = args.args.split_first() else {
            return exec_err!("{} needs a column", self.name);
        };
        let values = values.clone().into_array(args.number_rows)?;
        Ok(ColumnarValue::Array(map(&values, &*self.prepared.get(literals)?)?))
    }
}

pub(super) fn map(values: &ArrayRef, kernel: &Kernel) -> Result<ArrayRef> {
    let values = cast(values, &DataType::Utf8)?;
    let mut results = StringBuilder::with_capacity(values.len(), values.get_buffer_memory_size());
    let mut result = String::new();
    for value in values.as_string::<i32>() {
        result.clear();
        let there = value.is_some_and(|value| kernel(value, &mut result)) && !is_blank(&result);
        append(&mut results, there.then_some(result.as_str()))?;
    }
    Ok(Arc::new(results.finish()))
}

pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// A value that grew beyond what a cell may hold ends the step: it comes from settings that multiply text.
pub(super) fn append(results: &mut StringBuilder, value: Option<&str>) -> Result<()> {
    let bytes = value.map_or(0, str::len);
    if bytes > limits::CELL_MAX_BYTES || results.values_slice().len() + bytes > i32::MAX as usize {
        let start: String = value.unwrap_or_default().chars().take(40).collect();
        return Err(DataFusionError::External(Box::new(Failure::Input(format!(
            "a value that begins “{start}” would become longer than {} MiB by cleansing",
            limits::CELL_MAX_BYTES / 1024 / 1024
        )))));
    }
    results.append_option(value);
    Ok(())
}
