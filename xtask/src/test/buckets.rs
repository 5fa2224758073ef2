//! The S3 server of the tests: moto.

use std::path::PathBuf;

use crate::python;
use crate::workspace::Workspace;

/// Where the tests look for a Python that has it.
pub(super) const VARIABLE: &str = "MILLRACE_TEST_S3";
const PACKAGE: &str = "moto[s3,server]==5.2.5";

/// `None` where it cannot be had; the tests that need it say so and pass over.
pub(super) fn set_up(workspace: &Workspace) -> Option<PathBuf> {
    match python::with_packages(workspace, &[PACKAGE], "moto") {
        Ok(python) => Some(python),
        Err(error) => {
            eprintln!("The tests with an S3 server are skipped, for there is none: {error}");
            None
        }
    }
}
