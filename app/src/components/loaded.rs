//! What every page does with its data: wait for it, show the content or explain the error.

use std::future::Future;

use leptos::prelude::*;
use model::Error;

use crate::{api::request, components::problem::Problem};

/// `<Loaded data=async move { backend().workflow(id).await } let:workflow>…</Loaded>`. An error decides the status of
/// the answer.
#[component]
pub fn Loaded<T, F, C, V>(data: F, children: C) -> impl IntoView
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
    C: FnOnce(T) -> V + Send + 'static,
    V: IntoView + 'static,
{
    view! {
        <Suspense>
            {Suspend::new(async move {
                match data.await {
                    Ok(data) => children(data).into_any(),
                    Err(error) => {
                        request::set_status(request::status_of(&error));
                        view! { <Problem error/> }.into_any()
                    }
                }
            })}
        </Suspense>
    }
}
