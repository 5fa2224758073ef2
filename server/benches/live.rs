//! `cargo xtask bench live`: two thousand open pages and a hundred changes a second — what each page gets, how late, and
//! what that costs the server. One more page never reads.
//!
//! Started as `live <binary> <words about the build>`. The pages are plain sockets that look at as little as possible of
//! what they read, because they share the machine with the server.

mod client;
mod machine;
mod process;
mod remote;
mod table;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use futures::future;
use serde_json::{Value, json};
use server::clock::{Clock as _, SystemClock};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::{MissedTickBehavior, interval, timeout},
};

use client::create;
use process::{memory_mib, processor_s};
use remote::{PATIENCE, Result, start};
use table::print_row;

const PAGES: usize = 2_000;
/// Pages that connect at once.
const AT_ONCE: usize = 50;
const CHANGES_PER_S: u64 = 100;
const SECONDS: u64 = 10;
/// A click and its cancel.
const CHANGES_PER_CLICK: u64 = 2;
const CHANGES: u64 = CHANGES_PER_S * SECONDS;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let (Some(binary), Some(build)) = (arguments.next(), arguments.next()) else {
        return Err("start it as `cargo xtask bench live`".into());
    };
    let directory = tempfile::tempdir()?;
    let (server, address) = start(Path::new(&binary), directory.path(), "none").await?;
    let process = server.id().ok_or("it runs")?;
    let http = reqwest::Client::new();
    let workflow = workflow(&http, &address).await?;

    let _never_reads = open(&address).await?;
    let mut pages = Vec::with_capacity(PAGES);
    while pages.len() < PAGES {
        pages.extend(future::try_join_all((0..AT_ONCE).map(|_| open(&address))).await?);
    }
    let before = processor_s(process)?;
    let readers: Vec<_> = pages.into_iter().map(|page| tokio::spawn(read_changes(page))).collect();
    let began = Instant::now();
    click(&http, &address, &workflow).await?;
    let took = began.elapsed().as_secs_f64();
    let mut late = Vec::new();
    for reader in readers {
        late.extend(reader.await??);
    }
    let spent = processor_s(process)? - before;

    println!("\n{}\n{build}; {PAGES} pages, {:.0} changes a second\n", machine::machine()?, CHANGES as f64 / took);
    println!("{:58} {:>9} {:>9} {:>9}", "", "median", "p99", "worst");
    print_row(&format!("{CHANGES} changes, each to each page: from commit to page"), late);
    println!("{:58} {:>6} MiB", "memory of the server, at most", memory_mib(process, "VmHWM:")?);
    println!("{:58} {spent:>6.1} s in {took:.1} s", "processor time of the server");
    Ok(())
}

/// An On-Demand workflow in maintenance mode: clicks on it wait.
async fn workflow(http: &reqwest::Client, address: &str) -> Result<String> {
    let api = format!("http://{address}/api/v1");
    http.put(format!("{api}/maintenance")).json(&json!({"on": true})).send().await?.error_for_status()?;
    let project = create(http, &format!("{api}/projects"), &json!({"name": "Live"})).await?;
    let upload = http.post(format!("{api}/projects/{project}/files?name=one.csv"));
    upload.body("name\nAda\n").send().await?.error_for_status()?;
    let workflow =
        json!({"name": "Live", "project_id": project, "steps": ["import"], "schedule": {"type": "on_demand"}});
    create(http, &format!("{api}/workflows"), &workflow).await
}

/// Changes at a steady pace: each click is queued, then cancelled.
async fn click(http: &reqwest::Client, address: &str, workflow: &str) -> Result<()> {
    let api = format!("http://{address}/api/v1");
    let mut tick = interval(Duration::from_secs(1) * CHANGES_PER_CLICK as u32 / CHANGES_PER_S as u32);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..CHANGES / CHANGES_PER_CLICK {
        tick.tick().await;
        let queued = http.post(format!("{api}/workflows/{workflow}/executions")).send().await?.error_for_status()?;
        let queued: Value = queued.json().await?;
        let id = queued["id"].as_str().ok_or("an execution has an id")?;
        http.post(format!("{api}/executions/{id}/cancel")).send().await?.error_for_status()?;
    }
    Ok(())
}

/// A page that watches the workflows and is live.
async fn open(address: &str) -> Result<BufReader<TcpStream>> {
    let mut page = BufReader::new(TcpStream::connect(address).await?);
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    page.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(page.read_u8().await?);
    }
    if !head.starts_with(b"HTTP/1.1 101") {
        return Err(String::from_utf8_lossy(&head).into());
    }
    let watch = br#"{"watch":["workflows"]}"#;
    // A text frame, masked with zeros (RFC 6455, section 5.2).
    let mut frame = vec![0x81, 0x80 | u8::try_from(watch.len())?, 0, 0, 0, 0];
    frame.extend_from_slice(watch);
    page.write_all(&frame).await?;
    timeout(PATIENCE, message(&mut page, &mut Vec::new())).await??;
    Ok(page)
}

/// Milliseconds from the commit of every change to its arrival.
async fn read_changes(mut page: BufReader<TcpStream>) -> Result<Vec<f64>> {
    let (mut late, mut last, mut text) = (Vec::new(), None, Vec::new());
    while late.len() < usize::try_from(CHANGES)? {
        timeout(PATIENCE, message(&mut page, &mut text)).await.map_err(|_| "a page fell silent")??;
        let Some((number, at_us)) = event(&text) else { continue };
        if last.is_some_and(|last| number != last + 1) {
            return Err(format!("event {number} follows {last:?}").into());
        }
        last = Some(number);
        let now_us = u64::try_from(SystemClock.now().as_micros())? % MINUTE_US;
        late.push(((now_us + MINUTE_US - at_us) % MINUTE_US) as f64 / 1000.0);
    }
    Ok(late)
}

/// The payload of the next frame.
async fn message(page: &mut BufReader<TcpStream>, text: &mut Vec<u8>) -> Result<()> {
    let _opcode = page.read_u8().await?;
    let length = match page.read_u8().await? {
        126 => u64::from(page.read_u16().await?),
        127 => page.read_u64().await?,
        length => u64::from(length),
    };
    text.resize(usize::try_from(length)?, 0);
    page.read_exact(text).await?;
    Ok(())
}

const MINUTE_US: u64 = 60_000_000;

/// Number of an event, and the microseconds of its minute at which it was committed; other messages have neither.
fn event(text: &[u8]) -> Option<(u64, u64)> {
    let after = |key: &[u8]| {
        let at = text.windows(key.len()).take(100).position(|window| window == key)?;
        std::str::from_utf8(&text[at + key.len()..]).ok()
    };
    // 2026-11-22T22:13:40.583603Z
    let at = after(b"\"at\":\"")?;
    let at_us = at[17..19].parse::<u64>().ok()? * 1_000_000 + at[20..26].parse::<u64>().ok()?;
    let number = after(b"\"number\":")?;
    let digits = number.find(|character: char| !character.is_ascii_digit())?;
    Some((number[..digits].parse().ok()?, at_us))
}
