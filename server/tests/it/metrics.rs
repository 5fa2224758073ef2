//! `/metrics`, read as strictly as the exposition format (0.0.4) and Prometheus' rules for names ask.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Client, TestServer, customers};

/// A family as it was read.
#[derive(Debug)]
struct Family {
    kind: String,
    /// By name with labels.
    samples: BTreeMap<String, f64>,
}

/// Reads the whole page, or says at which line it is wrong.
fn read(text: &str) -> Result<BTreeMap<String, Family>, String> {
    let (mut families, mut current): (BTreeMap<String, Family>, _) = (BTreeMap::new(), String::new());
    let body = text.strip_suffix('\n').ok_or("the last line has no end")?;
    let mut lines = body.split('\n').peekable();
    while let Some(line) = lines.next() {
        let wrong = |what: &str| Err(format!("{what}: {line}"));
        if let Some(help) = line.strip_prefix("# HELP ") {
            let Some((name, words)) = help.split_once(' ') else { return wrong("help without words") };
            let kind = lines.next().and_then(|next| next.strip_prefix(&format!("# TYPE {name} ")));
            let Some(kind @ ("counter" | "gauge" | "histogram")) = kind else { return wrong("no type follows") };
            if !is_name(name) || words.trim() != words || words.is_empty() || words.contains('\\') {
                return wrong("help");
            }
            if families.insert(name.to_owned(), Family { kind: kind.to_owned(), samples: BTreeMap::new() }).is_some() {
                return wrong("twice");
            }
            current = name.to_owned();
            continue;
        }
        let Some((sample, value)) = line.rsplit_once(' ') else { return wrong("no value") };
        let Ok(value) = value.parse::<f64>() else { return wrong("the value is no number") };
        let name = sample.split_once('{').map_or(sample, |(name, _)| name);
        let Some(family) = families.get_mut(&current) else { return wrong("a sample of nothing") };
        let suffixes: &[&str] = if family.kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        if !suffixes.iter().any(|suffix| name == format!("{current}{suffix}")) {
            return wrong("not of this family");
        }
        if !sample[name.len()..].is_empty() && !are_labels(&sample[name.len()..]) {
            return wrong("labels");
        }
        if family.samples.insert(sample.to_owned(), value).is_some() {
            return wrong("the same sample twice");
        }
    }
    Ok(families)
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `{name="value"}` with one label, which needs no escape.
fn are_labels(text: &str) -> bool {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix("\"}"));
    inner
        .and_then(|inner| inner.split_once("=\""))
        .is_some_and(|(name, value)| is_name(name) && !value.contains(['"', '\\', '{', '}']))
}

/// What the names promise.
fn check(name: &str, family: &Family) {
    assert!(name.starts_with("millrace_") || name.starts_with("process_"), "{name}");
    assert_eq!(name.ends_with("_total"), family.kind == "counter", "{name} is a {}", family.kind);
    assert!(!family.samples.is_empty(), "{name} has no sample");
    assert!(family.samples.values().all(|value| value.is_finite() && *value >= 0.0), "{family:?}");
    if family.kind != "histogram" {
        return;
    }
    let bounds = family.samples.iter().filter_map(|(sample, count)| {
        let bound = sample.strip_prefix(&format!("{name}_bucket{{le=\""))?.strip_suffix("\"}")?;
        Some((if bound == "+Inf" { f64::INFINITY } else { bound.parse().unwrap() }, *count))
    });
    let mut bounds: Vec<(f64, f64)> = bounds.collect();
    bounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    assert!(bounds.is_sorted_by(|one, other| one.0 < other.0 && one.1 <= other.1), "{bounds:?}");
    let all = bounds.last().expect("a bucket");
    assert_eq!((all.0, all.1), (f64::INFINITY, family.samples[&format!("{name}_count")]));
    assert!(family.samples.contains_key(&format!("{name}_sum")));
}

async fn scrape(client: &Client) -> BTreeMap<String, Family> {
    let answer = client.get("/metrics").await.expect(200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = String::from_utf8(answer.body).unwrap();
    let families = read(&text).unwrap_or_else(|wrong| panic!("{wrong}\n{text}"));
    families.iter().for_each(|(name, family)| check(name, family));
    families
}

#[test]
fn the_reader_refuses_what_prometheus_does() {
    let good = "# HELP a_total Words.\n# TYPE a_total counter\na_total{status=\"ok\"} 1\n";
    assert!(read(good).is_ok());
    for (from, to) in [
        ("1\n", "1"),
        ("# TYPE a_total counter\n", ""),
        ("counter", "number"),
        ("a_total{", "b_total{"),
        ("\"ok\"", "ok"),
        ("\"ok\"", "\"o\"k\""),
        ("} 1", "} one"),
        (" 1\n", " 1\na_total{status=\"ok\"} 2\n"),
        ("Words.\n", "\n"),
    ] {
        assert!(read(&good.replacen(from, to, 1)).is_err(), "{from:?} → {to:?}");
    }
    assert!(read(&good.repeat(2)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_counted_is_there_and_counted_right() {
    let server = TestServer::start().await;
    let project = server.project_of("Customers", customers(400)).await;
    let workflow = server.workflow("Nightly", project).await;
    let before = scrape(&server).await;
    server.succeeds(workflow).await;
    let mut feed = server.feed().await;
    feed.live().await;
    let after = scrape(&server).await;
    let change = |family: &str, sample: &str| after[family].samples[sample] - before[family].samples[sample];
    for (family, sample, by) in [
        ("millrace_executions_ended_total", "millrace_executions_ended_total{status=\"success\"}", 1.0),
        ("millrace_executions_ended_total", "millrace_executions_ended_total{status=\"failed\"}", 0.0),
        ("millrace_execution_duration_seconds", "millrace_execution_duration_seconds_count", 1.0),
        ("millrace_websocket_clients", "millrace_websocket_clients", 1.0),
    ] {
        assert_eq!(change(family, sample), by, "{sample}");
    }
    assert!(change("millrace_events_total", "millrace_events_total") >= 3.0);
    let is = |name: &str| after[name].samples[name];
    assert_eq!(is("millrace_execution_slots"), 2.0);
    assert_eq!(is("millrace_engine_memory_limit_bytes"), f64::from(512 << 20));
    assert!(is("millrace_store_readers_busy") <= is("millrace_store_readers_open"));
    #[cfg(target_os = "linux")]
    assert!(is("process_resident_memory_bytes") > f64::from(10 << 20));
}

/// The guide lists every family, and none that is not there.
#[tokio::test(flavor = "multi_thread")]
async fn the_guide_names_them_all() {
    let server = TestServer::start().await;
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operating.md")).unwrap();
    let listed = guide.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name));
    let listed: BTreeSet<&str> =
        listed.filter(|name| name.starts_with("millrace_") || name.starts_with("process_")).collect();
    let served = scrape(&server).await;
    assert_eq!(served.keys().map(String::as_str).collect::<BTreeSet<_>>(), listed);
}
