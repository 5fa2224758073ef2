//! Sending a file from the browser, with its progress. `fetch` cannot tell how much was sent; `XMLHttpRequest` can.

use leptos::wasm_bindgen::{JsCast, closure::Closure};
use model::ProjectId;
use serde::Deserialize;
use web_sys::{File, FileList, HtmlInputElement, ProgressEvent, XmlHttpRequest};

/// The files chosen in an input, in the order of the dialog.
pub fn chosen(input: &HtmlInputElement) -> Vec<File> {
    let list: Option<FileList> = input.files();
    list.map_or_else(Vec::new, |list| (0..list.length()).filter_map(|place| list.get(place)).collect())
}

/// Sends one file into a project under `name`; a source that has the name is replaced. `progress` hears the share that
/// was sent, 0–1.
///
/// # Errors
/// A sentence for the user: what the server said, or that it was not reached.
pub async fn send(project: ProjectId, name: &str, file: &File, progress: impl Fn(f64) + 'static) -> Result<(), String> {
    let request = XmlHttpRequest::new().map_err(|_| UNREACHABLE.to_owned())?;
    let name = String::from(js_sys::encode_uri_component(name));
    let address = format!("/api/v1/projects/{project}/files?name={name}");
    request.open("POST", &address).map_err(|_| UNREACHABLE.to_owned())?;

    let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.total() > 0.0 {
            progress(event.loaded() / event.total());
        }
    });
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    }
    let ended = js_sys::Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_blob(Some(file)).map_err(|_| UNREACHABLE.to_owned())?;
    // `loadend` comes in any case: after an answer, an error and an abort.
    let _ = wasm_bindgen_futures::JsFuture::from(ended).await;
    drop(on_progress);
    match request.status() {
        Ok(200..=299) => Ok(()),
        Ok(1..) => Err(detail(&request)),
        Ok(0) | Err(_) => Err(UNREACHABLE.to_owned()),
    }
}

const UNREACHABLE: &str = "The server did not take the whole file. Check that it is running and try again.";

/// The part of an RFC 9457 problem that is for people.
#[derive(Deserialize)]
struct ProblemDetail {
    detail: String,
}

fn detail(request: &XmlHttpRequest) -> String {
    let text = request.response_text().ok().flatten().unwrap_or_default();
    serde_json::from_str(&text).map_or_else(|_| UNREACHABLE.to_owned(), |problem: ProblemDetail| problem.detail)
}
