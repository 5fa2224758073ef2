//! The document around every page, and the one list of routes.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    backend::SharedBackend,
    components::{
        maintenance::MaintenanceBanner, navigation::Navigation, notice::NoticeBoard, steps::LiveStepsTemplate, theme,
    },
    pages::{
        account::AccountPage,
        activity::ActivityPage,
        deliveries::DeliveriesPage,
        execution::ExecutionPage,
        executions::ExecutionsPage,
        group::GroupPage,
        matches::MatchesPage,
        not_found::NotFound,
        overview::OverviewPage,
        pair::PairPage,
        people::{PeoplePage, person::PersonPage},
        project::ProjectPage,
        project_new::NewProjectPage,
        projects::ProjectsPage,
        reference::ReferencePage,
        sign_in::SignInPage,
        welcome::WelcomePage,
        workflow::{WorkflowPage, trigger_url::TriggerUrlPage},
        workflow_form::{EditWorkflowPage, NewWorkflowPage},
        workflows::WorkflowsPage,
    },
};

/// The document. `version` is the hash of all browser files, part of their addresses so that they can be cached for
/// ever; empty when the server was built without them, and then the pages do with HTML alone.
pub fn shell(options: LeptosOptions, version: &'static str) -> impl IntoView + use<> {
    if let Some(context) = Owner::current_shared_context() {
        // Only islands are hydrated; nothing else carries marks for it.
        context.set_is_hydrating(false);
    }
    let file = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    let assets = (!version.is_empty()).then(|| {
        let css = format!("{file}.css?v={version}");
        let script = format!("{file}.js?v={version}");
        let wasm = format!("{file}_bg.wasm?v={version}");
        // The mark is for whoever measures a page, `cargo xtask bench web` among them.
        // The islands' functions are exports of the module: `browser::page` calls them by the name in the island's tag.
        let start = format!(
            "import({script:?}).then(page=>page.default({{module_or_path:{wasm:?}}}).then(()=>{{\
             window.hydrateIsland=island=>page[island.dataset.component](island);page.start();\
             performance.mark('hydrated')}}))"
        );
        view! {
            <link rel="stylesheet" href=css/>
            <link rel="modulepreload" href=script/>
            <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
            <script type="module" nonce=use_nonce()>{start}</script>
        }
    });
    view! {
        <!DOCTYPE html>
        <html lang="en" data-version=version>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f5f7f9"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#10151a"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {assets}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Everything inside the body. `#frame` is what the browser replaces when the page changed.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let is_inside = use_context::<SharedBackend>().is_some();
    view! {
        <Title formatter=|title: String| format!("{title} – Millrace")/>
        <Router>
            <a class="skip-link" href="#main">"Skip to the content"</a>
            <div id="frame" class="frame" data-theme=theme::chosen().as_str()>
                // Whoever is not known yet has nowhere to go but in.
                {is_inside.then(|| view! { <Navigation/> })}
                <main id="main" class="page" tabindex="-1">
                    <MaintenanceBanner/>
                    <PageRoutes/>
                </main>
            </div>
            <NoticeBoard/>
            <LiveStepsTemplate/>
        </Router>
    }
    .into_any()
}

/// A page is sent when it is complete: its title and its status depend on its data.
#[component]
fn PageRoutes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFound>
            <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async/>
            <Route path=path!("/workflows") view=WorkflowsPage ssr=SsrMode::Async/>
            <Route path=path!("/workflows/new") view=NewWorkflowPage ssr=SsrMode::Async/>
            <Route path=path!("/workflows/:id") view=WorkflowPage ssr=SsrMode::Async/>
            <Route path=path!("/workflows/:id/edit") view=EditWorkflowPage ssr=SsrMode::Async/>
            <Route path=path!("/workflows/:id/trigger-url") view=TriggerUrlPage ssr=SsrMode::Async/>
            <Route path=path!("/executions") view=ExecutionsPage ssr=SsrMode::Async/>
            <Route path=path!("/executions/:id") view=ExecutionPage ssr=SsrMode::Async/>
            <Route path=path!("/deliveries") view=DeliveriesPage ssr=SsrMode::Async/>
            <Route path=path!("/projects") view=ProjectsPage ssr=SsrMode::Async/>
            <Route path=path!("/projects/new") view=NewProjectPage ssr=SsrMode::Async/>
            <Route path=path!("/projects/:id") view=ProjectPage ssr=SsrMode::Async/>
            <Route path=path!("/projects/:id/matches") view=MatchesPage ssr=SsrMode::Async/>
            <Route path=path!("/projects/:id/groups/:group") view=GroupPage ssr=SsrMode::Async/>
            <Route path=path!("/projects/:id/pairs/:left/:right") view=PairPage ssr=SsrMode::Async/>
            <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
            <Route path=path!("/activity") view=ActivityPage ssr=SsrMode::Async/>
            <Route path=path!("/people") view=PeoplePage ssr=SsrMode::Async/>
            <Route path=path!("/people/:id") view=PersonPage ssr=SsrMode::Async/>
            <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
            <Route path=path!("/welcome/:secret") view=WelcomePage ssr=SsrMode::Async/>
            <Route path=path!("/api") view=ReferencePage ssr=SsrMode::Async/>
        </FlatRoutes>
    }
    .into_any()
}
