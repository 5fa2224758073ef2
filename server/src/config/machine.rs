//! Defaults that depend on the machine: cores, memory, time zone. Read once at start.

use std::path::Path;

/// Memory assumed where the system does not tell.
const MEMORY_UNKNOWN_BYTES: u64 = 2 << 30;

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Memory of the machine, or of the container if that is less.
pub(super) fn memory_bytes() -> u64 {
    let machine = read("/proc/meminfo").and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
    });
    let container = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok());
    [machine, container].into_iter().flatten().min().unwrap_or(MEMORY_UNKNOWN_BYTES)
}

/// IANA name of the machine's zone: `TZ`, `/etc/timezone` (Debian), else where `/etc/localtime` points to.
pub(super) fn time_zone() -> String {
    let variable = std::env::var_os("TZ").and_then(|value| value.into_string().ok());
    let named = variable.or_else(|| read("/etc/timezone")).map(|text| text.trim().trim_start_matches(':').to_owned());
    let linked = || {
        let target = std::fs::read_link("/etc/localtime").ok()?;
        let (_, name) = target.to_str()?.split_once("zoneinfo/")?;
        Some(name.to_owned())
    };
    named.filter(|name| name.parse::<chrono_tz::Tz>().is_ok()).or_else(linked).unwrap_or_else(|| "UTC".to_owned())
}

fn read(path: impl AsRef<Path>) -> Option<String> {
    std::fs::read_to_string(path).ok()
}
