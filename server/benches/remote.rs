//! The built program as a child process, known from outside only.

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Far more than any of it should take; past it the bench fails instead of hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Starts the server on a free port and waits until it says where it is; it ends with the returned handle.
pub(crate) async fn start(binary: &Path, data: &Path) -> Result<(Child, String)> {
    let mut command = Command::new(binary);
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--data"]).arg(data);
    let mut server = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut lines = BufReader::new(server.stdout.take().ok_or("asked for just above")?).lines();
    while let Some(line) = tokio::time::timeout(PATIENCE, lines.next_line()).await?? {
        if let Some((_, url)) = line.split_once("http://") {
            let address = url.split('/').next().unwrap_or(url).to_owned();
            // What it says later is read too, or it would block on a full pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok((server, address));
        }
    }
    Err(format!("the server did not start: {}", server.wait().await?).into())
}

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
