//! A call of each operation that can be pasted into a shell, with values from the description.

use serde_json::{Map, Value, json};
use utoipa::openapi::{
    Components, RefOr, Required, Schema, Type,
    path::{Operation, ParameterIn},
    schema::{Array, ArrayItems, Object, SchemaType},
};

use super::{needs_of, visit::target};

/// Schemas refer to one another; none is that deep.
const DEPTH_MAX: usize = 12;

pub(super) fn call(method: &str, path: &str, operation: &Operation, components: &Components) -> String {
    let mut path = path.to_owned();
    let mut query = String::new();
    for parameter in operation.parameters.iter().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        let value = parameter.schema.as_ref().map(|schema| text(&value(schema, components, 0)));
        let value = value.unwrap_or_default();
        match parameter.parameter_in {
            ParameterIn::Path => path = path.replace(&format!("{{{}}}", parameter.name), &value),
            ParameterIn::Query if parameter.required == Required::True => {
                query += &format!("?{}={value}", parameter.name)
            }
            _ => {}
        }
    }
    let method = if method == "GET" { String::new() } else { format!(" -X {method}") };
    let mut call = format!("curl{method} \"$MILLRACE_URL{path}{query}\"");
    if needs_of(operation).is_some_and(|needs| needs.is_closed()) {
        call += " \\\n  -H \"Authorization: Bearer $MILLRACE_TOKEN\"";
    }
    if let Some(RefOr::T(body)) = &operation.request_body
        && body.required == Some(Required::True)
        && let Some((kind, RefOr::T(content))) = body.content.iter().next()
    {
        call += &format!(" \\\n  -H \"Content-Type: {kind}\"");
        let schema = content.schema.as_ref();
        call += &match schema {
            Some(schema) if kind == "application/json" => format!(" \\\n  -d '{}'", value(schema, components, 0)),
            _ => " \\\n  --data-binary @people.csv".to_owned(),
        };
    }
    call
}

/// A value that the schema allows: its own example, or the least that is asked for.
fn value(schema: &RefOr<Schema>, components: &Components, depth: usize) -> Value {
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    if let Some(name) = target(schema) {
        return components.schemas.get(name).map_or(Value::Null, |schema| value(schema, components, depth + 1));
    }
    match schema {
        RefOr::T(Schema::Object(object)) => of_object(object, components, depth),
        RefOr::T(Schema::Array(array)) => of_array(array, components, depth),
        RefOr::T(Schema::OneOf(one)) => one.items.first().map_or(Value::Null, |one| value(one, components, depth + 1)),
        RefOr::T(Schema::AllOf(all)) => {
            let parts = all.items.iter().map(|part| value(part, components, depth + 1));
            let fields = parts.filter_map(|part| part.as_object().cloned()).flatten();
            Value::Object(fields.collect())
        }
        RefOr::T(_) | RefOr::Ref(_) => Value::Null,
    }
}

fn of_object(object: &Object, components: &Components, depth: usize) -> Value {
    if let Some(example) = object.examples.first().or(object.default.as_ref()) {
        return example.clone();
    }
    if let Some(first) = object.enum_values.as_ref().and_then(|values| values.first()) {
        return first.clone();
    }
    let kind = match &object.schema_type {
        SchemaType::Type(kind) => Some(kind),
        SchemaType::Array(kinds) => kinds.first(),
        SchemaType::AnyValue => None,
    };
    match kind {
        Some(Type::Object) => {
            let fields = object.properties.iter().filter(|(name, _)| object.required.contains(name));
            let fields = fields.map(|(name, schema)| (name.clone(), value(schema, components, depth + 1)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Some(Type::String) => json!("text"),
        Some(Type::Integer | Type::Number) => json!(1),
        Some(Type::Boolean) => json!(true),
        _ => Value::Null,
    }
}

fn of_array(array: &Array, components: &Components, depth: usize) -> Value {
    if let Some(example) = array.examples.first().or(array.default.as_ref()) {
        return example.clone();
    }
    match &array.items {
        ArrayItems::RefOrSchema(items) => json!([value(items, components, depth + 1)]),
        ArrayItems::False => json!([]),
    }
}

/// As it stands in an address. Examples need no escaping.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
