//! Short answers to what the user did: beside the page with JavaScript, on top of it after a plain form post.

use std::time::Duration;

use leptos::{prelude::*, server_fn::error::ServerFnUrlError};
use leptos_router::hooks::use_query_map;

use crate::{api::ApiError, components::icon::Icon};

/// How long a good message stays. An error stays until it is closed.
const SHOWN_FOR: Duration = Duration::from_secs(8);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub is_error: bool,
    /// Where to see it: address and word.
    pub link: Option<(String, &'static str)>,
}

/// The notices that are shown now. Owned by the app, so that they survive a change of page.
#[derive(Clone, Copy)]
pub struct Notices {
    shown: RwSignal<Vec<(u32, Notice)>>,
    count: StoredValue<u32>,
}

impl Notices {
    pub fn provide() {
        provide_context(Self { shown: RwSignal::new(Vec::new()), count: StoredValue::new(0) });
    }

    pub fn say(self, text: impl Into<String>) {
        self.push(Notice { text: text.into(), is_error: false, link: None });
    }

    pub fn say_with_link(self, text: impl Into<String>, href: String, word: &'static str) {
        self.push(Notice { text: text.into(), is_error: false, link: Some((href, word)) });
    }

    pub fn refuse(self, error: &ApiError) {
        self.push(Notice { text: error.to_string(), is_error: true, link: None });
    }

    fn push(self, notice: Notice) {
        self.count.update_value(|count| *count += 1);
        let id = self.count.get_value();
        let stays = notice.is_error;
        self.shown.update(|shown| {
            // Saying the same twice is saying it once, again.
            shown.retain(|(_, known)| *known != notice);
            shown.push((id, notice));
        });
        if !stays {
            set_timeout(move || self.close(id), SHOWN_FOR);
        }
    }

    fn close(self, id: u32) {
        self.shown.update(|shown| shown.retain(|(known, _)| *known != id));
    }
}

pub fn use_notices() -> Notices {
    expect_context()
}

/// Says how each answer of a form came out. `done` gives the words for a good one, `None` when the page itself shows it.
pub fn announce<T: Clone + Send + Sync + 'static>(
    version: impl Fn() -> usize + 'static,
    value: impl Fn() -> Option<Result<T, ApiError>> + 'static,
    done: impl Fn(Notices, T) + 'static,
) {
    let notices = use_notices();
    Effect::new(move || {
        // 0: nothing was sent yet; what value there is came with the address and is on the page.
        if version() == 0 {
            return;
        }
        match untrack(&value) {
            Some(Ok(answer)) => done(notices, answer),
            Some(Err(error)) => notices.refuse(&error),
            None => {}
        }
    });
}

/// The live region. It is there from the start, because a region that appears with its text is not read out.
#[component]
pub fn NoticeBoard() -> impl IntoView {
    let notices = use_notices();
    view! {
        <div class="notices" role="status" aria-live="polite">
            <For each=move || notices.shown.get() key=|(id, _)| *id let:entry>
                <NoticeCard id=entry.0 notice=entry.1/>
            </For>
        </div>
    }
    .into_any()
}

#[component]
fn NoticeCard(id: u32, notice: Notice) -> impl IntoView {
    let notices = use_notices();
    let Notice { text, is_error, link } = notice;
    view! {
        <div class="notice" class:error=is_error>
            {if is_error { Icon::Alert.view() } else { Icon::Check.view() }}
            <p>
                {text} " "
                {link.map(|(href, word)| view! { <a href=href>{word}</a> })}
            </p>
            <button class="button quiet icon" type="button" aria-label="Close" on:click=move |_| notices.close(id)>
                {Icon::Cross.view()}
            </button>
        </div>
    }
    .into_any()
}

/// What a plain form post was refused for. The server puts it into the address when it sends the browser back.
#[component]
pub fn PostedProblem() -> impl IntoView {
    let query = use_query_map();
    move || {
        let error = query.with(|query| query.get("__err"))?;
        let error: ApiError = ServerFnUrlError::<ApiError>::decode_err(&error);
        Some(view! {
            <div class="notice error" role="alert">
                {Icon::Alert.view()} <p>{error.to_string()}</p>
            </div>
        })
    }
}
