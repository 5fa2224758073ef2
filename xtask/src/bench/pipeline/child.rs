//! What a child process takes of the machine, from its start to its end.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

#[derive(Clone, Copy)]
pub(super) struct Usage {
    pub(super) wall_s: f64,
    pub(super) processor_s: f64,
    pub(super) peak_mib: u64,
}

/// Between two looks at the peak of the memory, which Linux keeps as long as the process lives.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Runs `command` to its end; what it says goes to `log`.
pub(super) fn measured(command: &mut Command, log: &Path) -> Result<Usage> {
    let begun = Instant::now();
    // Its standard output ends when it does.
    let mut child = command.stdout(Stdio::piped()).stderr(File::create(log)?).spawn()?;
    let process = child.id();
    let mut output = child.stdout.take().ok_or("piped just above")?;
    let reader = std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
    let mut peak_mib = 0;
    while !reader.is_finished() {
        peak_mib = peak_mib.max(peak(process).unwrap_or(0));
        std::thread::sleep(LOOK_EVERY);
    }
    let wall_s = begun.elapsed().as_secs_f64();
    // Until it is waited for, Linux keeps what it used.
    let processor_s = processor_s(process)?;
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("it ended with {status}:\n{}", fs::read_to_string(log)?).into());
    }
    Ok(Usage { wall_s, processor_s, peak_mib })
}

fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

fn processor_s(process: u32) -> Result<f64> {
    const TICKS_PER_S: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // After the name in parentheses: the 12th and 13th field are ticks in user and system mode.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / TICKS_PER_S)
}
