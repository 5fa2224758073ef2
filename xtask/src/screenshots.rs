//! `cargo xtask screenshots`: every page as a picture, to be looked at before a change of the look is done.

use std::fs;
use std::path::PathBuf;

use crate::browser::Playwright;
use crate::phases::Phases;
use crate::workspace::{Profile, Workspace};
use crate::{Result, build, command};

/// Takes the pictures anew, of the development build or of the binary that is given. What is on them is in
/// `end2end/screenshots`.
pub(crate) fn run(
    workspace: &Workspace,
    binary: Option<PathBuf>,
    playwright_arguments: &[String],
    phases: &mut Phases,
) -> Result<()> {
    let binary = match binary {
        Some(binary) => binary.canonicalize()?,
        None => build::binary(workspace, Profile::Dev, phases)?,
    };
    let playwright = Playwright::set_up(workspace, binary, phases)?;
    let pictures = workspace.target.join("screenshots");
    // A page that is no more would look as if it were; what is not asked for stays.
    if playwright_arguments.is_empty() && pictures.exists() {
        fs::remove_dir_all(&pictures)?;
    }
    let mut test = playwright.test("screenshots.config.ts");
    test.args(playwright_arguments).env("MILLRACE_SCREENSHOTS", &pictures);
    phases.run("screenshots", || command::run(&mut test))?;
    phases.report();
    println!("{}", pictures.display());
    Ok(())
}
