//! The SMTP server of the tests: aiosmtpd.

use std::path::PathBuf;

use crate::python;
use crate::workspace::Workspace;

/// Where the tests look for a Python that has it.
pub(super) const VARIABLE: &str = "MILLRACE_TEST_SMTP";
const PACKAGE: &str = "aiosmtpd==1.4.6";

/// `None` where it cannot be had; the tests that need it say so and pass over.
pub(super) fn set_up(workspace: &Workspace) -> Option<PathBuf> {
    match python::with_packages(workspace, &[PACKAGE], "aiosmtpd") {
        Ok(python) => Some(python),
        Err(error) => {
            eprintln!("The tests with an SMTP server are skipped, for there is none: {error}");
            None
        }
    }
}
