//! The browsers in which someone is signed in.

use leptos::prelude::*;
use model::people::Session;

use crate::{
    components::time::{Saying, Time},
    format,
};

#[component]
pub fn Sessions(sessions: Vec<Session>) -> impl IntoView {
    view! {
        <section class="sheet stack" aria-labelledby="sessions">
            <div class="sheet-head">
                <h2 id="sessions">"Where you are signed in"</h2>
                <form class="inline push" method="post" action="/_fn/end_sessions" data-native>
                    <button class="button" type="submit">"Sign out everywhere"</button>
                </form>
            </div>
            <ul class="rows" role="list">{sessions.into_iter().map(row).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn row(session: Session) -> impl IntoView {
    let browser = session.agent.as_deref().map_or("A program without a name".to_owned(), format::people::browser);
    let from = session.address.map(|address| format!(" · {address}"));
    view! {
        <li data-key=session.id.to_string()>
            <div>
                <b>{browser}</b>
                {session.current.then(|| view! { " " <span class="chip">"this browser"</span> })}
                <p class="soft">"Last used " <Time at=session.used_at/> " · since " <Time at=session.created_at saying=Saying::Moment/> {from}</p>
            </div>
            {(!session.current).then(|| view! {
                <form class="inline" method="post" action="/_fn/end_session">
                    <input type="hidden" name="id" value=session.id.to_string()/>
                    <button class="button quiet" type="submit">"Sign out"</button>
                </form>
            })}
        </li>
    }
}
