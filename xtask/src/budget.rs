//! The size budget: what a browser has to download before a page is live.

use std::fs;

use crate::Result;
use crate::workspace::Workspace;

/// Bytes of WASM, JavaScript and CSS together, as sent (brotli).
const BYTES_MAX: u64 = 300_000;

/// Prints the sizes as sent and fails when they are over the budget.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut sum = 0;
    for name in ["millrace_bg.wasm", "millrace.js", "millrace.css"] {
        let bytes = |name: &str| fs::metadata(workspace.site().join(name)).map(|file| file.len());
        let (plain, sent) = (bytes(name)?, bytes(&format!("{name}.br"))?);
        eprintln!("{sent:>9} bytes  {name} ({plain} before brotli)");
        sum += sent;
    }
    eprintln!("{sum:>9} bytes  in all, of {BYTES_MAX}");
    if sum <= BYTES_MAX {
        Ok(())
    } else {
        Err(format!("the browser's files are {sum} bytes; {BYTES_MAX} are allowed").into())
    }
}
