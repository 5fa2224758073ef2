//! Run Nows of many clients at once, each on a connection of its own and each answered when it is on disk.
//!
//! In maintenance mode, so that what is measured is accepting. The client writes and reads bytes: it shares the machine
//! with the server, and what it spends the server does not have.

use std::time::Instant;

use futures::future;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::{Session, client::create, milliseconds, remote::Result, table::print_row};

const CLIENTS: usize = 64;
/// As many of one workflow as may wait.
const CLICKS_PER_CLIENT: usize = 100;

pub(crate) async fn measure(session: &Session) -> Result<()> {
    let api = format!("http://{}/api/v1", session.address);
    let switch = session.http.put(format!("{api}/maintenance")).json(&json!({"on": true}));
    switch.send().await?.error_for_status()?;
    let mut connections = Vec::with_capacity(CLIENTS);
    for number in 0..CLIENTS {
        let workflow = json!({
            "name": format!("Accept {number}"), "project_id": session.project, "steps": ["import"],
            "schedule": {"type": "on_demand"},
        });
        let workflow = create(&session.http, &format!("{api}/workflows"), &workflow).await?;
        connections.push((TcpStream::connect(&session.address).await?, workflow));
    }
    let started = Instant::now();
    let clients = connections.into_iter().map(|(connection, workflow)| clicks(connection, &session.address, workflow));
    let answered = future::try_join_all(clients).await?.concat();
    let took = started.elapsed();
    let per_second = answered.len() as f64 / took.as_secs_f64();
    print_row(&format!("REST, {CLIENTS} clients, {per_second:.0} accepted a second: answered"), answered);
    Ok(())
}

/// Milliseconds from each request to its answer.
async fn clicks(connection: TcpStream, address: &str, workflow: String) -> Result<Vec<f64>> {
    connection.set_nodelay(true)?;
    let mut connection = BufReader::new(connection);
    let request = format!(
        "POST /api/v1/workflows/{workflow}/executions HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\n\r\n"
    );
    let mut answered = Vec::with_capacity(CLICKS_PER_CLIENT);
    for _ in 0..CLICKS_PER_CLIENT {
        let clicked = Instant::now();
        connection.write_all(request.as_bytes()).await?;
        accepted(&mut connection).await?;
        answered.push(milliseconds(clicked.elapsed()));
    }
    Ok(answered)
}

async fn accepted(connection: &mut BufReader<TcpStream>) -> Result<()> {
    let (mut head, mut length) = (String::new(), None);
    loop {
        let from = head.len();
        connection.read_line(&mut head).await?;
        let line = head[from..].trim_end().to_ascii_lowercase();
        if let Some(bytes) = line.strip_prefix("content-length:") {
            length = Some(bytes.trim().parse()?);
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length.ok_or("an answer without a length")?];
    connection.read_exact(&mut body).await?;
    if head.starts_with("HTTP/1.1 202") {
        return Ok(());
    }
    Err(format!("{head}{}", String::from_utf8_lossy(&body)).into())
}
