//! Getting in, staying in, and doing more than one may.

mod browser;
mod cross_site;
mod escalation;
mod guessing;
mod links;
mod secrets;
mod sessions;
mod tokens;

use crate::support::Answer;

/// What the notice says that an answer leaves for the next page.
fn notice(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let notice = cookies.filter_map(|cookie| cookie.strip_prefix("millrace-notice=")).next().unwrap_or_default();
    let notice = notice.split(';').next().unwrap_or_default();
    let (json, _) = form_urlencoded::parse(notice.as_bytes()).next().expect("a notice");
    let notice: serde_json::Value = serde_json::from_str(&json).expect("a notice is JSON");
    notice["text"].as_str().unwrap().to_owned()
}
