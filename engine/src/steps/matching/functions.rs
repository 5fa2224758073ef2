//! Scalar functions of blocking plans, known to plans by name only.
//!
//! | Function | Gives |
//! |---|---|
//! | `blocking_key(transforms, column…)` | UInt64: the hash of the transformed values; null when one is empty |
//! | `blocking_keys(transforms, column…)` | List of UInt64, rising: one for each combination where a transform gives many |
//!
//! `transforms` is the JSON of a `Vec<Transform>`, one for each column.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, ListBuilder, StringArray, UInt64Array, UInt64Builder},
        compute::cast,
        datatypes::{DataType, Field},
    },
    common::{Result, ScalarValue, exec_err},
    logical_expr::{
        ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, expr::ScalarFunction,
    },
    prelude::{SessionContext, lit},
};
use model::config::matching::Transform;

use super::transforms::{self, KeyMaker, is_many, texts};

pub(crate) fn register(session: &SessionContext) {
    for function in [Function::BlockingKey, Function::BlockingKeys] {
        session.register_udf(ScalarUDF::from(Registered::new(function)));
    }
}

/// The key of some columns under their transforms; a list where [`is_many`] holds for one of them.
pub(super) fn blocking_key(transforms: &[Transform], columns: Vec<Expr>) -> Result<Expr> {
    let function = if transforms.iter().copied().any(is_many) { Function::BlockingKeys } else { Function::BlockingKey };
    let json = serde_json::to_string(transforms).expect("transforms are plain data");
    Ok(call(function, std::iter::once(lit(json)).chain(columns).collect()))
}

fn call(function: Function, arguments: Vec<Expr>) -> Expr {
    let function = Arc::new(ScalarUDF::from(Registered::new(function)));
    Expr::ScalarFunction(ScalarFunction::new_udf(function, arguments))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Function {
    BlockingKey,
    BlockingKeys,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Registered {
    function: Function,
    signature: Signature,
}

impl Registered {
    fn new(function: Function) -> Self {
        Self { function, signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Registered {
    fn name(&self) -> &str {
        match self.function {
            Function::BlockingKey => "blocking_key",
            Function::BlockingKeys => "blocking_keys",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(match self.function {
            Function::BlockingKey => DataType::UInt64,
            Function::BlockingKeys => key_list(),
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let array: ArrayRef = match self.function {
            Function::BlockingKey => {
                let (transforms, columns) = parts(&arguments)?;
                let mut maker = KeyMaker::default();
                let key = |row: usize| {
                    let values = columns.iter().map(|column| column.is_valid(row).then(|| column.value(row)));
                    maker.key(transforms.iter().copied().zip(values))
                };
                Arc::new((0..arguments.number_rows).map(key).collect::<UInt64Array>())
            }
            Function::BlockingKeys => {
                let (transforms, columns) = parts(&arguments)?;
                let mut lists = ListBuilder::new(UInt64Builder::new());
                for row in 0..arguments.number_rows {
                    let keys = keys(&transforms, &columns, row);
                    lists.values().append_slice(&keys);
                    lists.append(!keys.is_empty());
                }
                Arc::new(lists.finish())
            }
        };
        Ok(ColumnarValue::Array(array))
    }
}

fn key_list() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::UInt64, true)))
}

/// The transforms and the columns that they are for.
fn parts(arguments: &ScalarFunctionArgs) -> Result<(Vec<Transform>, Vec<StringArray>)> {
    let Some((ColumnarValue::Scalar(ScalarValue::Utf8(Some(json))), columns)) = arguments.args.split_first() else {
        return exec_err!("the first argument of a blocking key is the JSON of its transforms");
    };
    let Ok(transforms) = serde_json::from_str::<Vec<Transform>>(json) else {
        return exec_err!("{json} is no list of blocking transforms");
    };
    if transforms.len() != columns.len() {
        return exec_err!("{} transforms are given for {} columns", transforms.len(), columns.len());
    }
    let text = |column: &ColumnarValue| -> Result<StringArray> {
        let array = column.to_array(arguments.number_rows)?;
        // Parquet readers give Utf8View or LargeUtf8 too.
        Ok(cast(&array, &DataType::Utf8)?.as_string::<i32>().clone())
    };
    Ok((transforms, columns.iter().map(text).collect::<Result<_>>()?))
}

/// The distinct keys of a row, rising; none when a part is empty.
fn keys(transforms: &[Transform], columns: &[StringArray], row: usize) -> Vec<u64> {
    if columns.iter().any(|column| column.is_null(row)) {
        return Vec::new();
    }
    let texts = transforms.iter().zip(columns).map(|(transform, column)| texts(*transform, column.value(row)));
    transforms::keys(texts, (), |(), _| ()).into_iter().map(|(key, ())| key).collect()
}
