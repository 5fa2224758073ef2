//! The bell: what happened lately, and how much of it is new since this browser's user last looked. There is no sign-in, so
//! that moment is a cookie. With JavaScript, closing the list is having looked; without, a button says so.

use std::time::Duration;

use leptos::prelude::*;
use model::{
    Timestamp,
    news::{Happening, NEWS_MAX, News},
};

use crate::{
    backend::SharedBackend,
    components::{icon::Icon, opener::Opener, state::Mark, time::Time},
    cookie, format,
};

const COOKIE: &str = "millrace-looked";
/// To a browser that never looked, this much is new.
const NEW_AT_FIRST: Duration = Duration::from_secs(86_400);

/// Remembers that everything up to then is known.
pub fn keep(until: Timestamp) {
    cookie::set(cookie::header(COOKIE, &until.as_micros().to_string(), cookie::YEAR_S));
}

/// What there is to tell, and the moment up to which it is known.
struct Told {
    news: Vec<News>,
    looked: Timestamp,
}

/// `None` outside a request, and when it could not be read: then the page itself says what is wrong.
async fn read() -> Option<Told> {
    let backend = use_context::<SharedBackend>()?;
    let looked = cookie::read(COOKIE).and_then(|micros| micros.parse().ok()).map(Timestamp::from_micros);
    let looked = looked.unwrap_or_else(|| backend.now().minus(NEW_AT_FIRST));
    Some(Told { news: backend.news().await.ok()?, looked })
}

#[component]
pub fn Bell() -> impl IntoView {
    view! {
        <div class="bell" data-key="bell">
            <Suspense>
                {Suspend::new(async move { read().await.map(|told| view! { <NewsList told/> }) })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn NewsList(told: Told) -> impl IntoView {
    let Told { news, looked } = told;
    let new = news.iter().filter(|news| news.at > looked).count() as u64;
    // Where the list ends there may be more.
    let count = if new >= NEWS_MAX as u64 { format!("{NEWS_MAX}+") } else { format::number(new) };
    let name = if new == 0 { "News, nothing new".to_owned() } else { format!("News, {count} new") };
    let badge = (new > 0).then(|| view! { <span class="badge">{count}</span> });
    let label = view! { {Icon::Bell.view()} <span>"News"</span> {badge} }.into_any();
    let newest = news.first().map(|news| news.at).filter(|_| new > 0);
    let nothing = news.is_empty().then(|| {
        view! { <p class="soft">"Nothing to tell of the last days. What fails, and what you started, is told here."</p> }
    });
    let items = news.into_iter().map(|news| view! { <Item is_new={news.at > looked} news/> }).collect_view();
    view! {
        <Opener class="button quiet" name label upward=true looked=newest.is_some()>
            <section class="news" aria-labelledby="news">
                <div class="sheet-head">
                    <h2 id="news">"News"</h2>
                    {newest.map(|until| view! {
                        <form class="push" method="post" action="/_fn/look_at_news">
                            <input type="hidden" name="until" value=until.to_string()/>
                            <button class="button quiet" type="submit">"Mark as read"</button>
                        </form>
                    })}
                </div>
                {nothing}
                <ul class="glance" role="list">{items}</ul>
            </section>
        </Opener>
    }
    .into_any()
}

#[component]
fn Item(news: News, is_new: bool) -> impl IntoView {
    let News { at, workflow, workflow_name, what } = news;
    let (mark, href, happened, more) = match what {
        Happening::Ended { execution, status, error } => {
            let mark = Mark::from(status);
            (mark, format!("/executions/{execution}"), mark.word.to_lowercase(), error)
        }
        Happening::Suspended { reason } => {
            let mark = Mark { word: "Suspended", icon: Icon::Pause, class: "failed" };
            (mark, format!("/workflows/{workflow}"), "suspended".to_owned(), Some(reason))
        }
    };
    view! {
        <li class:new=is_new>
            <span class=format!("state {}", mark.class)>{mark.icon.view()}</span>
            <div>
                <a href=href>{workflow_name} " " {happened}</a>
                {is_new.then(|| view! { <span class="visually-hidden">" (new)"</span> })}
                {more.map(|more| view! { <p class="soft">{more}</p> })}
            </div>
            <span class="soft"><Time at/></span>
        </li>
    }
    .into_any()
}
