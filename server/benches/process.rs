//! What the server takes of the machine, where Linux tells it.

use std::fs;

use crate::remote::Result;

/// Seconds of processor time that a process has used.
pub(crate) fn processor_s(process: u32) -> Result<f64> {
    const TICKS_PER_S: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // After the name in parentheses: the 12th and 13th field are ticks in user and system mode.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / TICKS_PER_S)
}

/// Memory of a process: `VmRSS:` now, `VmHWM:` the most that it had.
pub(crate) fn memory_mib(process: u32, which: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(which)).ok_or("Linux tells it")?;
    Ok(line.split_whitespace().next().ok_or("a number")?.parse::<u64>()? / 1024)
}
