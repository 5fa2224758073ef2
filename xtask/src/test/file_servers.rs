//! The SFTP and FTP servers of the tests: asyncssh and pyftpdlib.

use std::path::PathBuf;

use crate::python;
use crate::workspace::Workspace;

/// Where the tests look for a Python that has them.
pub(super) const VARIABLE: &str = "MILLRACE_TEST_FILE_SERVERS";
const PACKAGES: [&str; 4] = ["asyncssh==2.24.1", "bcrypt==5.0.0", "pyftpdlib==2.2.0", "pyOpenSSL==26.4.0"];

/// `None` where they cannot be had; the tests that need them say so and pass over.
pub(super) fn set_up(workspace: &Workspace) -> Option<PathBuf> {
    match python::with_packages(workspace, &PACKAGES, "asyncssh") {
        Ok(python) => Some(python),
        Err(error) => {
            eprintln!("The tests with SFTP and FTP servers are skipped, for there are none: {error}");
            None
        }
    }
}
