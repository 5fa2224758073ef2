//! A schema in words: "integer, 1 to 60", "list of Step", "Timestamp or null".

use app::reference::{Shape, Word};
use serde_json::Value;
use utoipa::openapi::{
    RefOr, Schema, SchemaFormat, Type,
    schema::{AdditionalProperties, Array, ArrayItems, Object, SchemaType},
};

use super::visit::target;

pub(super) fn plain(text: impl Into<String>) -> Shape {
    vec![Word::Text(text.into())]
}

pub(super) fn shape(schema: &RefOr<Schema>) -> Shape {
    if let Some(name) = target(schema) {
        return vec![Word::Type(name.to_owned())];
    }
    match schema {
        RefOr::T(Schema::Object(object)) => of_object(object),
        RefOr::T(Schema::Array(array)) => of_array(array),
        RefOr::T(Schema::OneOf(one)) => joined(one.items.iter().map(shape), " or "),
        RefOr::T(Schema::AnyOf(any)) => joined(any.items.iter().map(shape), " or "),
        RefOr::T(Schema::AllOf(all)) => joined(all.items.iter().map(shape), " with "),
        RefOr::T(_) | RefOr::Ref(_) => plain("anything"),
    }
}

fn of_object(object: &Object) -> Shape {
    if let Some(values) = &object.enum_values {
        return joined(values.iter().map(|value| vec![Word::Code(bare(value))]), " or ");
    }
    if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref() {
        return [plain("object with values of "), shape(values)].concat();
    }
    let mut text = match &object.format {
        Some(SchemaFormat::Custom(format)) if format == "uuid" => "UUID".to_owned(),
        Some(format) if serde_json::to_value(format).is_ok_and(|format| format == "date-time") => "time".to_owned(),
        Some(format) if serde_json::to_value(format).is_ok_and(|format| format == "binary") => "bytes".to_owned(),
        _ => kinds(&object.schema_type),
    };
    text += &range(object);
    plain(text)
}

/// `string or null`
fn kinds(kinds: &SchemaType) -> String {
    let word = |kind: &Type| {
        let word = serde_json::to_value(kind).ok();
        word.as_ref().and_then(Value::as_str).unwrap_or("anything").to_owned()
    };
    match kinds {
        SchemaType::Type(kind) => word(kind),
        SchemaType::Array(kinds) => kinds.iter().map(word).collect::<Vec<_>>().join(" or "),
        SchemaType::AnyValue => "anything".to_owned(),
    }
}

/// `, 1 to 60`. What only the format limits is not worth the words.
fn range(object: &Object) -> String {
    let number = |number: &Option<utoipa::Number>| {
        number.as_ref().and_then(|number| serde_json::to_value(number).ok()).and_then(|number| number.as_f64())
    };
    let least = number(&object.minimum);
    let most = number(&object.maximum).filter(|most| *most < f64::from(u32::MAX));
    match (least, most, object.min_length, object.max_length) {
        (Some(least), Some(most), ..) => format!(", {least} to {most}"),
        (Some(least), None, ..) if least > 0.0 => format!(", at least {least}"),
        (_, _, Some(1), Some(1)) => " of one character".to_owned(),
        (_, _, Some(least), Some(most)) => format!(" of {least} to {most} characters"),
        (_, _, None, Some(most)) => format!(" of at most {most} characters"),
        _ => String::new(),
    }
}

fn of_array(array: &Array) -> Shape {
    let items = match &array.items {
        ArrayItems::RefOrSchema(items) => shape(items),
        ArrayItems::False => joined(array.prefix_items.iter().map(|part| shape(&RefOr::T(part.clone()))), " and "),
    };
    let count = match (array.min_items, array.max_items) {
        (Some(least), Some(most)) if least != most => format!(", {least} to {most} of them"),
        (None, Some(most)) => format!(", at most {most} of them"),
        (Some(least), None) if array.prefix_items.is_empty() => format!(", at least {least}"),
        _ => String::new(),
    };
    let null = matches!(&array.schema_type, SchemaType::Array(kinds) if kinds.contains(&Type::Null));
    let end = plain(count + if null { " or null" } else { "" });
    [plain("list of "), items, end].concat()
}

fn joined(parts: impl Iterator<Item = Shape>, between: &str) -> Shape {
    let mut all = Shape::new();
    for part in parts {
        if !all.is_empty() {
            all.push(Word::Text(between.to_owned()));
        }
        all.extend(part);
    }
    all
}

/// Text without quotes, the rest as JSON.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
