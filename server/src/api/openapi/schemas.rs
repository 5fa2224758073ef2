//! What the derived schemas leave out: limits of numbers, what is always there in an answer, and what an empty parameter
//! means.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::{
    Number,
    openapi::{
        KnownFormat, OpenApi, Ref, RefOr, Required, Schema, SchemaFormat, Type,
        path::{Parameter, ParameterIn},
        schema::{AdditionalProperties, ArrayItems, Object, OneOf, SchemaType},
    },
};

use super::{
    operations_mut,
    visit::{each, target},
};

pub(super) fn complete(document: &mut OpenApi) {
    let sent = sent(document);
    for item in document.paths.paths.values_mut() {
        for operation in operations_mut(item) {
            operation.parameters.iter_mut().flatten().for_each(complete_parameter);
        }
    }
    let components = document.components.get_or_insert_default();
    let known = components.schemas.clone();
    for (name, schema) in &mut components.schemas {
        each(schema, &mut |schema| join(schema, &known));
        if let Some((_, item)) = name.split_once('_') {
            name_items(schema, item);
        }
        each(schema, &mut |schema| {
            limit(schema);
            if !sent.contains(name) {
                require(schema);
            }
        });
    }
}

/// A variant that is a type of its own is described as that type and its tag, both of which hold. A type that refuses
/// fields it does not know refuses the tag, too: the two are made one.
fn join(schema: &mut RefOr<Schema>, known: &BTreeMap<String, RefOr<Schema>>) {
    let RefOr::T(Schema::AllOf(all)) = schema else { return };
    let parts = all.items.iter().map(|item| match target(item).map_or(Some(item), |name| known.get(name)) {
        Some(RefOr::T(Schema::Object(object))) => Some(object.clone()),
        _ => None,
    });
    let Some(parts) = parts.collect::<Option<Vec<Object>>>() else { return };
    if !parts.iter().any(is_closed) {
        return;
    }
    let mut joined = Object::with_type(Type::Object);
    joined.description.clone_from(&all.description);
    joined.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    for part in parts {
        joined.description = joined.description.or(part.description);
        joined.properties.extend(part.properties);
        joined.required.extend(part.required);
    }
    *schema = RefOr::T(Schema::Object(joined));
}

/// Whether an object may hold nothing but what it names.
fn is_closed(object: &Object) -> bool {
    matches!(object.additional_properties.as_deref(), Some(AdditionalProperties::FreeForm(false)))
}

/// A query knows no null, and an empty parameter counts as left out.
fn complete_parameter(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(parameter) = parameter else { return };
    if let Some(schema) = &mut parameter.schema {
        without_null(schema);
        limit(schema);
    }
    if parameter.parameter_in == ParameterIn::Query && parameter.required == Required::False {
        parameter.extensions.get_or_insert_default().insert("allowEmptyValue".to_owned(), true.into());
    }
}

fn without_null(schema: &mut RefOr<Schema>) {
    let left = match schema {
        RefOr::T(Schema::Object(Object { schema_type: SchemaType::Array(kinds), .. })) => {
            kinds.retain(|kind| *kind != Type::Null);
            None
        }
        RefOr::T(Schema::OneOf(one)) => {
            one.items.retain(|item| !is_null(item));
            if one.items.len() == 1 { one.items.pop() } else { None }
        }
        _ => None,
    };
    if let Some(left) = left {
        *schema = left;
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}

/// The items of a list are written out by the derive; their name says as much.
fn name_items(list: &mut RefOr<Schema>, item: &str) {
    let RefOr::T(Schema::Object(list)) = list else { return };
    if let Some(RefOr::T(Schema::Array(items))) = list.properties.get_mut("items") {
        items.items = ArrayItems::RefOrSchema(Box::new(RefOr::Ref(Ref::from_schema_name(item))));
    }
}

/// What can be null in an answer is there all the same: nothing that can be null is left out.
fn require(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    let nullable = object.properties.iter().filter(|(_, property)| is_nullable(property)).map(|(name, _)| name);
    let missing: Vec<String> = nullable.filter(|name| !object.required.contains(name)).cloned().collect();
    object.required.extend(missing);
}

fn is_nullable(schema: &RefOr<Schema>) -> bool {
    let has_null = |kind: &SchemaType| matches!(kind, SchemaType::Array(kinds) if kinds.contains(&Type::Null));
    match schema {
        RefOr::T(Schema::Object(object)) => has_null(&object.schema_type),
        RefOr::T(Schema::Array(array)) => has_null(&array.schema_type),
        RefOr::T(Schema::OneOf(OneOf { items, .. })) => items.iter().any(is_null),
        _ => false,
    }
}

/// An integer has the limits of its format, under the name that the OpenAPI registry of formats has for it; a tuple has
/// all of its parts.
fn limit(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => limit_number(object),
        RefOr::T(Schema::Array(array)) if !array.prefix_items.is_empty() => {
            array.min_items = Some(array.prefix_items.len());
        }
        _ => {}
    }
}

fn limit_number(object: &mut Object) {
    let Some(SchemaFormat::KnownFormat(format)) = &object.format else { return };
    let (name, least, most) = match format {
        KnownFormat::UInt8 => ("uint8", Number::UInt(0), Number::UInt(u8::MAX.into())),
        KnownFormat::UInt16 => ("uint16", Number::UInt(0), Number::UInt(u16::MAX.into())),
        KnownFormat::UInt32 => ("uint32", Number::UInt(0), Number::UInt(u32::MAX as usize)),
        KnownFormat::UInt64 => ("uint64", Number::UInt(0), Number::UInt(usize::MAX)),
        KnownFormat::Int64 => ("int64", Number::Int(isize::MIN), Number::Int(isize::MAX)),
        _ => return,
    };
    object.format = Some(SchemaFormat::Custom(name.to_owned()));
    object.minimum.get_or_insert(least);
    object.maximum.get_or_insert(most);
}

/// The components that a request may hold, and what they hold.
fn sent(document: &mut OpenApi) -> BTreeSet<String> {
    let mut waiting = Vec::new();
    for item in document.paths.paths.values_mut() {
        for operation in operations_mut(item) {
            let Some(RefOr::T(body)) = &mut operation.request_body else { continue };
            for content in body.content.values_mut() {
                if let RefOr::T(content) = content
                    && let Some(schema) = &mut content.schema
                {
                    add_names(schema, &mut waiting);
                }
            }
        }
    }
    let components = document.components.get_or_insert_default();
    let mut found = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let schema = components.schemas.get_mut(&name);
        if let (true, Some(schema)) = (found.insert(name), schema) {
            add_names(schema, &mut waiting);
        }
    }
    found
}

fn add_names(schema: &mut RefOr<Schema>, found: &mut Vec<String>) {
    each(schema, &mut |schema| found.extend(target(schema).map(str::to_owned)));
}
