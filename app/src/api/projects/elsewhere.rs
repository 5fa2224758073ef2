//! Adding a source whose file is elsewhere.

use model::{
    Error, FieldError, ProjectId, Step, StepRange,
    config::{SourceConfig, source::Location},
    project::{Project, ProjectDraft},
};

use crate::{
    api::request::backend,
    components::notice::say,
    posted::{Fields, answered},
};

/// The form as it was posted, and why nothing came of it; as it is at first when it was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceForm {
    pub address: String,
    pub name: String,
    pub host_key: String,
    pub credentials: String,
    /// At the fields of the form, by these names; `""` is all of it.
    pub problems: Vec<FieldError>,
}

/// Adds the source that was posted to the page, if one was; then it leads on to the page itself.
pub async fn posted(id: ProjectId) -> SourceForm {
    let mut form = SourceForm::default();
    let added = answered(async |fields| {
        form = read(fields);
        add(id, &form).await
    })
    .await;
    match added {
        None => {}
        Some(Ok(name)) => {
            say(format!("The source “{name}” is added. It is read with the next run."), None);
            leptos_axum::redirect(&format!("/projects/{id}?tab=sources"));
        }
        Some(Err(Error::Invalid { fields })) => form.problems = fields,
        Some(Err(other)) => form.problems = vec![FieldError::new("", other.to_string())],
    }
    form
}

fn read(fields: &Fields<'_>) -> SourceForm {
    let text = |name: &str| fields.text(name).to_owned();
    SourceForm {
        address: text("address"),
        name: text("name"),
        host_key: text("host_key"),
        credentials: text("credentials"),
        problems: Vec::new(),
    }
}

/// Its name.
async fn add(id: ProjectId, form: &SourceForm) -> Result<String, Error> {
    if form.address.is_empty() {
        return Err(Error::invalid("address", "say where the file is"));
    }
    let Project { name, mut config, version, .. } = backend().project(id).await?;
    let called = if form.name.is_empty() { stem(&form.address).to_owned() } else { form.name.clone() };
    let location = Location::of_address(&form.address, &form.host_key, &form.credentials);
    let at = format!("sources[{}].", config.sources.len());
    config.sources.push(SourceConfig { name: called.clone(), location: Some(location), ..SourceConfig::default() });
    let import = StepRange::new(Step::Import, Step::Import).expect("one step");
    match backend().check_project(id, config.clone(), import).await {
        // What is wrong elsewhere in the project is no reason to refuse this.
        Err(Error::Invalid { fields }) => Error::from_fields(of_form(&fields, &at))?,
        other => other?,
    }
    backend().replace_project(id, ProjectDraft { name, config, version }).await?;
    Ok(called)
}

/// “people”, of `sftp://files.example.org/out/people.csv.gz`
fn stem(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    file.split('.').find(|part| !part.is_empty()).unwrap_or(file)
}

/// Those of the source at `at`, and of how many sources there are, by the fields of the form.
fn of_form(problems: &[FieldError], at: &str) -> Vec<FieldError> {
    let within = |field: &'_ str| if field == "sources" { Some("") } else { field.strip_prefix(at) }.map(str::to_owned);
    let of_source = problems.iter().filter_map(|problem| Some((within(&problem.field)?, &problem.message)));
    of_source
        .map(|(field, message)| {
            let field = match field.as_str() {
                "name" => "name",
                "location.url" | "location.path" => "address",
                "location.host_key" => "host_key",
                "location.credentials" => "credentials",
                _ => "",
            };
            FieldError::new(field, message.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_called_like_its_file() {
        for (address, expected) in [
            ("sftp://files.example.org/out/people.csv.gz", "people"),
            ("/srv/crm/customers.xlsx", "customers"),
            ("https://example.org/export?day=1", "export"),
            ("s3://crm/day/", "day"),
            ("/srv/.hidden", "hidden"),
            ("", ""),
        ] {
            assert_eq!(stem(address), expected, "{address}");
        }
    }

    #[test]
    fn problems_of_the_new_source_are_at_the_fields_of_the_form() {
        let problems = ["sources[0].name", "sources[1].location.host_key", "sources[1].location.url", "sources"];
        let problems = problems.map(|field| FieldError::new(field, "is wrong"));
        let fields: Vec<_> = of_form(&problems, "sources[1].").into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["host_key", "address", ""]);
    }
}
