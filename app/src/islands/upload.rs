//! Sends a form with its files and shows how far that is. `fetch` cannot tell how much was sent; `XMLHttpRequest` can.
//!
//! What is sent, and to where, is the form's own: without this the browser posts the same.

use leptos::{
    ev::SubmitEvent,
    prelude::*,
    task::spawn_local,
    wasm_bindgen::{JsCast as _, JsValue, closure::Closure},
};
use web_sys::{File, FormData, HtmlFormElement, HtmlInputElement, ProgressEvent, XmlHttpRequest};

use super::problem_detail;

#[derive(Clone)]
enum Stage {
    Choosing,
    /// `share`: how much of it is done, 0–1; `None` while that is unknown.
    Working {
        words: String,
        share: Option<f64>,
    },
    Failed(String),
}

/// `children` hold the form.
#[island]
pub fn Upload(
    /// What is said while the server works on what was sent.
    afterwards: String,
    children: Children,
) -> impl IntoView {
    let stage = RwSignal::new(Stage::Choosing);
    let busy = move || stage.with(|stage| matches!(stage, Stage::Working { .. }));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let form = event.target().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form.filter(|_| !busy()) else { return };
        let afterwards = afterwards.clone();
        let files = files_of(&form);
        stage.set(sending(&files, 0.0, &afterwards));
        spawn_local(async move {
            let progress = move |sent| stage.set(sending(&files, sent, &afterwards));
            match send(&form, progress).await {
                // Nothing more can be done from here when the browser refuses to go there.
                Ok(address) => drop(window().location().assign(&address)),
                Err(problem) => stage.set(Stage::Failed(problem)),
            }
        });
    };
    let words = move || match stage.get() {
        Stage::Choosing => String::new(),
        Stage::Working { words, .. } | Stage::Failed(words) => words,
    };
    let share = move || match stage.get() {
        Stage::Working { share, .. } => share,
        Stage::Choosing | Stage::Failed(_) => None,
    };
    view! {
        <div class="upload" aria-busy=move || busy().then_some("true") on:submit=submit>
            {children()}
            <div role="status">
                <div class="working" hidden=move || stage.with(|stage| matches!(stage, Stage::Choosing))>
                    <p class:error=move || !busy()>{words}</p>
                    <progress
                        max="1"
                        hidden=move || !busy()
                        value=move || share().map(|share| share.to_string())
                    ></progress>
                </div>
            </div>
        </div>
    }
}

/// The files that are chosen in the form, in the order in which they are sent.
fn files_of(form: &HtmlFormElement) -> Vec<File> {
    let input = form.query_selector("[type=file]").ok().flatten();
    input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()).map_or_else(Vec::new, |input| chosen(&input))
}

/// The files chosen in an input, in the order of the dialog.
pub(super) fn chosen(input: &HtmlInputElement) -> Vec<File> {
    let list = input.files();
    list.map_or_else(Vec::new, |list| (0..list.length()).filter_map(|place| list.get(place)).collect())
}

/// The file that is on its way when so many bytes of all of them are sent.
fn sending(files: &[File], sent: f64, afterwards: &str) -> Stage {
    let mut before = 0.0;
    for file in files {
        let size = file.size();
        if sent < before + size {
            let words = format!("Sending {}…", file.name());
            return Stage::Working { words, share: Some((sent - before) / size) };
        }
        before += size;
    }
    Stage::Working { words: afterwards.to_owned(), share: None }
}

/// Posts the form as the browser would. `progress` hears how many bytes were sent. Gives the address that the server
/// leads on to.
///
/// # Errors
/// A sentence for the user: what the server said, or that it was not reached.
async fn send(form: &HtmlFormElement, progress: impl Fn(f64) + 'static) -> Result<String, String> {
    let request = XmlHttpRequest::new().map_err(unreachable)?;
    request.open("POST", &form.action()).map_err(unreachable)?;
    let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| progress(event.loaded()));
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    }
    let ended = js_sys::Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    let body = FormData::new_with_form(form).map_err(unreachable)?;
    request.send_with_opt_form_data(Some(&body)).map_err(unreachable)?;
    // `loadend` comes in any case: after an answer, an error and an abort.
    let _ = wasm_bindgen_futures::JsFuture::from(ended).await;
    match request.get_response_header("location") {
        Ok(Some(address)) => Ok(address),
        Ok(None) | Err(_) => {
            let text = request.response_text().ok().flatten().unwrap_or_default();
            Err(problem_detail(&text).unwrap_or_else(|| unreachable(JsValue::NULL)))
        }
    }
}

fn unreachable(_: JsValue) -> String {
    "The server did not take the whole file. Check that it is running and try again.".to_owned()
}
