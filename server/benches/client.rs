//! What the benches over HTTP share: what they make, and a row of their tables.

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

/// Median, 99th percentile and worst of some milliseconds.
pub(crate) fn print_row(what: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    // Nearest rank: the smallest value with at least that share of all values at or below it.
    let rank = |share: f64| values[((share * values.len() as f64).ceil() as usize).max(1) - 1];
    println!("{what:58} {:>6.2} ms {:>6.2} ms {:>6.2} ms", rank(0.5), rank(0.99), rank(1.0));
}
