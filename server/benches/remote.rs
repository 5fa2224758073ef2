//! The built program as a child process, known from outside only.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Far more than any of it should take; past it the bench fails instead of hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Starts the server on a free port and waits until it says where it is; it ends with the returned handle. `auth` is who
/// may come in: `none` for everybody on this machine, `sign-in` for those who show a token.
pub(crate) async fn start(binary: &Path, data: &Path, auth: &str) -> Result<(Child, String)> {
    let mut command = Command::new(binary);
    command.args(["serve", "--listen", "127.0.0.1:0", "--auth", auth, "--log", "warn", "--data"]).arg(data);
    let mut server = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut lines = BufReader::new(server.stdout.take().ok_or("asked for just above")?).lines();
    while let Some(line) = tokio::time::timeout(PATIENCE, lines.next_line()).await?? {
        if let Some((_, url)) = line.split_once("http://") {
            let address = url.split(|c: char| c == '/' || c.is_whitespace()).next().unwrap_or(url).to_owned();
            // What it says later is read too, or it would block on a full pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok((server, address));
        }
    }
    Err(format!("the server did not start: {}", server.wait().await?).into())
}
