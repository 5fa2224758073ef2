//! What the benches over HTTP share: making what they ask about.

use serde_json::Value;

use crate::remote::Result;

/// Posts what is to be made, and gives its id.
pub(crate) async fn create(http: &reqwest::Client, url: &str, body: &Value) -> Result<String> {
    let answer = http.post(url).json(body).send().await?;
    if !answer.status().is_success() {
        return Err(format!("POST {url}: {}", answer.text().await?).into());
    }
    let made: Value = answer.json().await?;
    Ok(made["id"].as_str().ok_or("what is created has an id")?.to_owned())
}
