//! What is wrong with a form, said at its fields.

use std::sync::Arc;

use leptos::prelude::*;
use model::FieldError;

use crate::format::sentence;

/// Everything that is wrong with a form now. Cheap to clone, because every field is given it.
#[derive(Clone)]
pub struct Problems(Arc<[FieldError]>);

impl FromIterator<FieldError> for Problems {
    fn from_iter<I: IntoIterator<Item = FieldError>>(problems: I) -> Self {
        Self(problems.into_iter().collect())
    }
}

impl Problems {
    /// For `aria-invalid`.
    pub fn invalid(&self, field: &str) -> Option<&'static str> {
        self.at(field).map(|_| "true")
    }

    fn at(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|problem| is_at(problem, field)).map(|problem| problem.message.as_str())
    }
}

/// Whether a problem belongs to a field; the items of a list are typed in one. `""` is the form as a whole.
pub fn is_at(problem: &FieldError, field: &str) -> bool {
    problem
        .field
        .strip_prefix(field)
        .is_some_and(|rest| rest.is_empty() || (!field.is_empty() && rest.starts_with('[')))
}

/// The problem at one field. Its element is always there, because inputs point at it.
#[component]
pub fn FieldProblem(problems: Problems, field: &'static str) -> impl IntoView {
    let message = problems.at(field).map(|message| view! { <p class="error">{sentence(message)}</p> });
    view! { <div id=format!("{field}-problem")>{message}</div> }
}
