//! What every page does with its data: wait, explain an error, show the content.

use std::future::Future;

use leptos::{either::Either, prelude::*};

use crate::{api::ApiError, components::problem::Problem};

/// Waits for `data` and hands it to `children`. While data is loaded again, the old content stays.
///
/// `data` is called whenever what it tracks changes; a page passes `move || resource.get_owned()`-like futures:
/// `<Loaded data=move || async move { resource.await } let:snapshot>`.
#[component]
pub fn Loaded<T, D, F, C, V>(
    /// The resource, as a future: `move || async move { resource.await }`.
    data: D,
    children: C,
) -> impl IntoView
where
    T: Send + Sync + 'static,
    D: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
    C: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=|| view! { <p class="loading" role="status">"Loading…"</p> }>
            {move || {
                let children = children.clone();
                let data = data();
                Suspend::new(async move {
                    match data.await {
                        Ok(data) => Either::Left(children(data)),
                        Err(error) => Either::Right(view! { <Problem error/> }),
                    }
                })
            }}
        </Transition>
    }
}
