//! Short answers to what the user did. They travel with the browser to the page that comes next, in a cookie that lives
//! as long as that takes, so they are said with and without JavaScript.

use axum::http::{HeaderValue, request::Parts};
use leptos::{prelude::*, server_fn::error::ServerFnUrlError};
use leptos_router::hooks::use_query_map;
use model::execution::{Execution, Status};
use serde::{Deserialize, Serialize};

use crate::{
    REFRESH,
    api::ApiError,
    components::{icon::Icon, keys, started},
    cookie, format,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Notice {
    /// Tells apart two answers with the same words.
    key: String,
    text: String,
    is_error: bool,
    /// Where to see it: address and word.
    link: Option<(String, String)>,
}

const COOKIE: &str = "millrace-notice";
/// Longer than a redirect takes, shorter than anyone needs to forget what the answer belonged to.
const LIVES_S: u32 = 20;
/// A browser drops a cookie of more than 4096 bytes; a character takes up to nine of them.
const TEXT_CHARS_MAX: usize = 400;

/// Says on the next page that something worked.
pub fn say(text: impl Into<String>, link: Option<(String, &'static str)>) {
    let link = link.map(|(href, word)| (href, word.to_owned()));
    send(&Notice { key: keys::fresh(), text: text.into(), is_error: false, link });
}

/// Says on the next page why something did not work.
pub fn refuse_with(text: impl Into<String>) {
    send(&Notice { key: keys::fresh(), text: text.into(), is_error: true, link: None });
}

fn send(notice: &Notice) {
    cookie::set(cookie_for(notice));
}

/// For an answer that is not a page's or a server function's: the `Set-Cookie` that says on the next page what worked,
/// or what did not.
pub fn cookie_of(outcome: Result<String, String>) -> HeaderValue {
    let is_error = outcome.is_err();
    let text = outcome.unwrap_or_else(|problem| problem);
    cookie_for(&Notice { key: keys::fresh(), text, is_error, link: None })
}

fn cookie_for(notice: &Notice) -> HeaderValue {
    let text = notice.text.chars().take(TEXT_CHARS_MAX).collect();
    let json = serde_json::to_string(&Notice { text, ..notice.clone() }).expect("a notice has text keys only");
    cookie::header(COOKIE, &form_urlencoded::byte_serialize(json.as_bytes()).collect::<String>(), LIVES_S)
}

/// What was said for this page; saying it uses it up.
fn take() -> Option<Notice> {
    use_context::<Parts>().filter(|parts| !parts.headers.contains_key(REFRESH))?;
    let value = cookie::read(COOKIE)?;
    cookie::set(cookie::header(COOKIE, "", 0));
    let (json, _) = form_urlencoded::parse(value.as_bytes()).next()?;
    serde_json::from_str(&json).ok()
}

/// What a form post was refused for, when the framework put it into the address that it led back to.
fn refused() -> Option<Notice> {
    let error = use_query_map().with_untracked(|query| query.get("__err"))?;
    let error: ApiError = ServerFnUrlError::<ApiError>::decode_err(&error);
    Some(Notice { key: keys::fresh(), text: error.to_string(), is_error: true, link: None })
}

/// What was started in this browser has ended.
fn ended(execution: Execution) -> Notice {
    let is_error = execution.status == Status::Failed;
    let word = if is_error { "See why" } else { "See what it made" };
    Notice {
        key: format!("ended-{}", execution.id),
        text: format::execution::ended(&execution),
        is_error,
        link: Some((format!("/executions/{}", execution.id), word.to_owned())),
    }
}

/// The live region. It is there from the start, because a region that appears with its text is not read out.
#[component]
pub fn NoticeBoard() -> impl IntoView {
    let notices = [take(), refused()].into_iter().flatten();
    view! {
        <div id="notices" class="notices" role="status" aria-live="polite">
            {notices.map(|notice| view! { <NoticeCard notice/> }).collect_view()}
            <Suspense>
                {Suspend::new(async {
                    let ended = started::take_ended().await.into_iter().map(ended);
                    ended.map(|notice| view! { <NoticeCard notice/> }).collect_view()
                })}
            </Suspense>
        </div>
        // For what the browser's own code has to say: that no answer came.
        <template id="refusal">
            <NoticeCard notice=Notice { key: "unsent".to_owned(), text: String::new(), is_error: true, link: None }/>
        </template>
    }
    .into_any()
}

#[component]
fn NoticeCard(notice: Notice) -> impl IntoView {
    let Notice { key, text, is_error, link } = notice;
    view! {
        <div class="notice" class:error=is_error data-key=key>
            {if is_error { Icon::Alert.view() } else { Icon::Check.view() }}
            <p>
                {text} " "
                {link.map(|(href, word)| view! { <a href=href>{word}</a> })}
            </p>
            <button class="button quiet icon with-script" type="button" aria-label="Close" data-close>
                {Icon::Cross.view()}
            </button>
        </div>
    }
    .into_any()
}
