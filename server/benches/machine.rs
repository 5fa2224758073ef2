//! The machine that a table was measured on.

use std::{error::Error, fs};

/// Processor, cores, memory, kernel and load, where Linux tells them.
pub(crate) fn machine() -> Result<String, Box<dyn Error + Send + Sync>> {
    let line = |file: &str, key: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let found = text.lines().find_map(|line| line.strip_prefix(key));
        found.map_or_else(|| "unknown".to_owned(), |value| value.trim_start_matches([' ', '\t', ':']).trim().to_owned())
    };
    let cores = std::thread::available_parallelism()?;
    let (processor, memory) = (line("/proc/cpuinfo", "model name"), line("/proc/meminfo", "MemTotal"));
    let (kernel, load) = (line("/proc/sys/kernel/osrelease", ""), line("/proc/loadavg", ""));
    Ok(format!("{processor}, {cores} cores, {memory} memory, {} {kernel}; load {load}", std::env::consts::OS))
}
