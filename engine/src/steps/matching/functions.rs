//! Scalar functions of blocking plans, known to plans by name only.
//!
//! | Function | Gives |
//! |---|---|
//! | `blocking_part(transforms, column)` | UInt64: the hash of the transformed value; null when nothing is left of it |
//! | `blocking_key(part…)` | UInt64: the hash of the parts; null when one is |
//! | `blocking_keys(transforms, column…)` | List of UInt64, rising: one for each combination where a transform gives many |
//!
//! `transforms` is the JSON of a `Vec<Transform>`, one for each column. A part that several keys have is made once: plans
//! find such expressions by themselves.

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

use super::transforms::{self, EMPTY_KEY, PartMaker, extend_key, is_many, texts};

pub(crate) fn register(session: &SessionContext) {
    for function in [Function::Part, Function::Key, Function::Keys] {
        session.register_udf(ScalarUDF::from(Registered::new(function)));
    }
}

/// The key of some columns under their transforms; a list where [`is_many`] holds for one of them.
pub(super) fn blocking_key(transforms: &[Transform], columns: Vec<Expr>) -> Expr {
    let json = |transforms: &[Transform]| lit(serde_json::to_string(transforms).expect("transforms are plain data"));
    if transforms.iter().copied().any(is_many) {
        return call(Function::Keys, std::iter::once(json(transforms)).chain(columns).collect());
    }
    let parts = transforms.iter().zip(columns);
    let parts = parts.map(|(transform, column)| call(Function::Part, vec![json(&[*transform]), column]));
    call(Function::Key, parts.collect())
}

fn call(function: Function, arguments: Vec<Expr>) -> Expr {
    let function = Arc::new(ScalarUDF::from(Registered::new(function)));
    Expr::ScalarFunction(ScalarFunction::new_udf(function, arguments))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Function {
    Part,
    Key,
    Keys,
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
            Function::Part => "blocking_part",
            Function::Key => "blocking_key",
            Function::Keys => "blocking_keys",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(match self.function {
            Function::Part | Function::Key => DataType::UInt64,
            Function::Keys => key_list(),
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let array: ArrayRef = match self.function {
            Function::Part => {
                let (transforms, columns) = parts(&arguments)?;
                let ([transform], [column]) = (transforms.as_slice(), columns.as_slice()) else {
                    return exec_err!("a blocking part is of one column");
                };
                let mut maker = PartMaker::default();
                Arc::new(column.iter().map(|value| maker.part(*transform, value?)).collect::<UInt64Array>())
            }
            Function::Key => {
                let parts = arguments.args.iter().map(|part| part.to_array(arguments.number_rows));
                let parts: Vec<ArrayRef> = parts.collect::<Result<_>>()?;
                let parts: Vec<&UInt64Array> = parts.iter().map(|part| part.as_primitive()).collect();
                let key = |row: usize| {
                    let mut parts = parts.iter().map(|part| part.is_valid(row).then(|| part.value(row)));
                    parts.try_fold(EMPTY_KEY, |key, part| Some(extend_key(key, part?)))
                };
                Arc::new((0..arguments.number_rows).map(key).collect::<UInt64Array>())
            }
            Function::Keys => {
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
