//! Walks over the schemas of the document.

use utoipa::openapi::{
    RefOr, Schema,
    schema::{AdditionalProperties, ArrayItems},
};

/// Calls `look` with every schema inside `schema`, itself included, and with no reference's target.
pub(super) fn each(schema: &mut RefOr<Schema>, look: &mut impl FnMut(&mut RefOr<Schema>)) {
    look(schema);
    let RefOr::T(inner) = schema else { return };
    match inner {
        Schema::Object(object) => {
            object.properties.values_mut().for_each(|property| each(property, look));
            if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref_mut() {
                each(values, look);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                each(items, look);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(|item| each(item, look)),
        Schema::AllOf(all) => all.items.iter_mut().for_each(|item| each(item, look)),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(|item| each(item, look)),
        _ => {}
    }
}

/// The name of the component that a reference points to.
pub(super) fn target(schema: &RefOr<Schema>) -> Option<&str> {
    match schema {
        RefOr::Ref(reference) => reference.ref_location.strip_prefix("#/components/schemas/"),
        RefOr::T(_) => None,
    }
}
