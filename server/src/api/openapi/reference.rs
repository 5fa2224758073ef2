//! The description as `app::reference` shows it to people.

use app::reference::{Answer, Content, Group, Operation, Reference, Row, Shape, Type, Variant, Word};
use utoipa::openapi::{
    self, Components, OpenApi, Ref, RefOr, Required, Schema,
    path::{self, Parameter, ParameterIn},
    schema::{AllOf, Object, OneOf},
};

use super::{example, methods, visit::target, words::shape};
use crate::api::PREFIX;

pub(super) fn reference(document: &OpenApi) -> Reference {
    let components = document.components.as_ref().expect("made with some");
    let groups = document.tags.iter().flatten().map(|tag| Group {
        name: tag.name.clone(),
        about: tag.description.clone().unwrap_or_default(),
        operations: of_group(document, components, &tag.name),
    });
    let types = components.schemas.iter().map(|(name, schema)| of_type(name, schema));
    Reference {
        about: document.info.description.clone().unwrap_or_default(),
        document: format!("{PREFIX}/openapi.json"),
        groups: groups.collect(),
        types: types.collect(),
    }
}

fn of_group(document: &OpenApi, components: &Components, group: &str) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in &document.paths.paths {
        for (method, described) in methods(item) {
            if described.tags.iter().flatten().any(|tag| tag == group) {
                operations.push(operation(method.as_str(), path, described, components));
            }
        }
    }
    operations
}

fn operation(method: &str, path: &str, described: &path::Operation, components: &Components) -> Operation {
    let parameters = described.parameters.iter().flatten().filter_map(known);
    let body = match &described.request_body {
        Some(RefOr::T(body)) => Some(Content {
            required: body.required == Some(Required::True),
            about: body.description.clone().unwrap_or_default(),
            ..content(&body.content)
        }),
        _ => None,
    };
    Operation {
        id: described.operation_id.clone().unwrap_or_default(),
        method: method.to_owned(),
        path: path.to_owned(),
        summary: described.summary.clone().unwrap_or_default(),
        about: described.description.clone().unwrap_or_default(),
        parameters: parameters.map(parameter).collect(),
        body,
        answers: answers(described, components),
        example: example::call(method, path, described, components),
    }
}

fn known<T>(one: &RefOr<T>) -> Option<&T> {
    match one {
        RefOr::T(one) => Some(one),
        RefOr::Ref(_) => None,
    }
}

fn parameter(parameter: &Parameter) -> Row {
    let place = match parameter.parameter_in {
        ParameterIn::Path => "path",
        ParameterIn::Query => "query",
        ParameterIn::Header => "header",
        _ => "cookie",
    };
    let inner = parameter.schema.as_ref().and_then(about).unwrap_or_default();
    Row {
        name: parameter.name.clone(),
        place: Some(place.to_owned()),
        required: parameter.required == Required::True,
        shape: parameter.schema.as_ref().map(shape).unwrap_or_default(),
        about: parameter.description.clone().filter(|text| !text.is_empty()).unwrap_or(inner),
    }
}

fn answers(described: &path::Operation, components: &Components) -> Vec<Answer> {
    let shared = |reference: &Ref| {
        let name = reference.ref_location.strip_prefix("#/components/responses/")?;
        components.responses.get(name)
    };
    let answers = described.responses.responses.iter().filter_map(|(status, response)| {
        let response = match response {
            RefOr::Ref(reference) => shared(reference)?,
            own => own,
        };
        Some(answer(status, known(response)?))
    });
    answers.collect()
}

fn answer(status: &str, answer: &openapi::Response) -> Answer {
    let headers = answer
        .headers
        .iter()
        .filter_map(|(name, header)| Some((name.clone(), known(header)?.description.clone().unwrap_or_default())));
    Answer {
        status: status.to_owned(),
        about: answer.description.clone(),
        content: (!answer.content.is_empty()).then(|| content(&answer.content)),
        headers: headers.collect(),
    }
}

fn content<'a>(by_type: impl IntoIterator<Item = (&'a String, &'a RefOr<openapi::Content>)>) -> Content {
    let mut media_types = Vec::new();
    let mut what = Shape::new();
    for (media_type, content) in by_type {
        media_types.push(media_type.clone());
        if let (true, Some(schema)) = (what.is_empty(), known(content).and_then(|content| content.schema.as_ref())) {
            what = shape(schema);
        }
    }
    Content { media_types, shape: what, required: true, about: String::new() }
}

fn of_type(name: &str, schema: &RefOr<Schema>) -> Type {
    let mut of = Type {
        name: name.to_owned(),
        about: about(schema).unwrap_or_default(),
        shape: Shape::new(),
        fields: Vec::new(),
        variants: Vec::new(),
    };
    match schema {
        RefOr::T(Schema::Object(object)) if !object.properties.is_empty() => of.fields = fields(object),
        RefOr::T(Schema::OneOf(one)) if one.items.iter().all(has_fields) => of.variants = variants(one),
        RefOr::T(Schema::AllOf(all)) => (of.shape, of.fields) = (named(all), all_fields(all)),
        other => of.shape = shape(other),
    }
    of
}

fn has_fields(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if !object.properties.is_empty())
        || matches!(schema, RefOr::T(Schema::AllOf(_)))
}

fn variants(one: &OneOf) -> Vec<Variant> {
    let of = |schema: &RefOr<Schema>| {
        let (what, fields) = match schema {
            RefOr::T(Schema::Object(object)) => (Shape::new(), fields(object)),
            RefOr::T(Schema::AllOf(all)) => (named(all), all_fields(all)),
            other => (shape(other), Vec::new()),
        };
        Variant { about: about(schema).unwrap_or_default(), shape: what, fields }
    };
    one.items.iter().map(of).collect()
}

fn fields(object: &Object) -> Vec<Row> {
    let row = |(name, schema): (&String, &RefOr<Schema>)| Row {
        name: name.clone(),
        place: None,
        required: object.required.contains(name),
        shape: shape(schema),
        about: about(schema).unwrap_or_default(),
    };
    object.properties.iter().map(row).collect()
}

/// The fields that stand beside those of other types.
fn all_fields(all: &AllOf) -> Vec<Row> {
    let own = all.items.iter().filter_map(|item| match item {
        RefOr::T(Schema::Object(object)) => Some(fields(object)),
        _ => None,
    });
    own.flatten().collect()
}

/// The other types whose fields are there, too.
fn named(all: &AllOf) -> Shape {
    let names = all.items.iter().filter_map(target).map(|name| Word::Type(name.to_owned()));
    let mut words = Shape::new();
    for name in names {
        words.push(Word::Text(if words.is_empty() { "All of ".to_owned() } else { " and of ".to_owned() }));
        words.push(name);
    }
    words
}

fn about(schema: &RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::Ref(reference) => Some(reference.description.clone()).filter(|text| !text.is_empty()),
        RefOr::T(Schema::Object(object)) => object.description.clone(),
        RefOr::T(Schema::Array(array)) => array.description.clone(),
        RefOr::T(Schema::OneOf(one)) => one.description.clone(),
        RefOr::T(Schema::AllOf(all)) => all.description.clone(),
        RefOr::T(Schema::AnyOf(any)) => any.description.clone(),
        RefOr::T(_) => None,
    }
}
