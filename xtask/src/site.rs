//! The browser's files: JavaScript and WASM from the compiled browser crate, one stylesheet, each also precompressed.
//!
//! A file is written only when its content changed: the server embeds them, and a newer file would rebuild it.

mod stylesheet;

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use wasm_bindgen_cli_support::Bindgen;

use crate::Result;
use crate::workspace::Workspace;

/// The files' common name: the pages ask for `/pkg/millrace.js` and so on.
const NAME: &str = "millrace";

/// Makes the files from the compiled browser crate and `style/`.
pub(crate) fn assemble(workspace: &Workspace) -> Result<()> {
    let site = workspace.site();
    fs::create_dir_all(&site)?;
    let wasm = workspace.target.join("wasm32-unknown-unknown/wasm-release/frontend.wasm");
    let stamp = workspace.target.join("site").join("stamp");
    let current = state(&wasm)?;
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&current) {
        bind(&wasm, &workspace.target.join("site").join("bindgen"), &site)?;
        fs::write(&stamp, current)?;
    }
    publish(&site, &format!("{NAME}.css"), stylesheet::bundle(&workspace.root.join("style"))?.as_bytes())
}

/// What has to be the same for the bound files to be current: the compiled crate and this program.
fn state(wasm: &Path) -> Result<String> {
    let mut state = String::new();
    for path in [wasm, &std::env::current_exe()?] {
        let metadata = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let modified = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH)?;
        state += &format!("{} bytes of {} ns\n", metadata.len(), modified.as_nanos());
    }
    Ok(state)
}

/// Runs wasm-bindgen on the compiled crate and publishes what it makes.
fn bind(wasm: &Path, bound: &Path, site: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .out_name(NAME)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(false)
        .generate(bound)?;
    if bound.join("snippets").exists() {
        return Err("a crate brings JavaScript snippets into the browser's code; the server serves none".into());
    }
    for name in [format!("{NAME}.js"), format!("{NAME}_bg.wasm")] {
        publish(site, &name, &fs::read(bound.join(&name))?)?;
    }
    Ok(())
}

/// Writes `content` and its brotli form, unless that is what stands there.
fn publish(site: &Path, name: &str, content: &[u8]) -> Result<()> {
    let plain = site.join(name);
    let compressed = site.join(format!("{name}.br"));
    if compressed.exists() && fs::read(&plain).is_ok_and(|present| present == content) {
        return Ok(());
    }
    let mut packed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &content[..], &mut packed, &parameters)?;
    fs::write(compressed, packed)?;
    fs::write(plain, content)?;
    Ok(())
}
