//! Embeds the browser's files: everything under the directory that `MILLRACE_SITE` names (made by `cargo xtask`), so
//! that the server is one file. Without the variable the pages are served without their script and style.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=MILLRACE_SITE");
    println!("cargo::rerun-if-changed=build.rs");
    let site = std::env::var_os("MILLRACE_SITE").map(PathBuf::from);
    let mut files = Vec::new();
    if let Some(site) = &site {
        println!("cargo::rerun-if-changed={}", site.display());
        find(site, &mut files)?;
        files.sort();
    }
    let mut table = String::from("static FILES: &[File] = &[\n");
    let mut hash = FNV_OFFSET;
    for file in files.iter().filter(|file| file.extension().is_none_or(|extension| extension != "br")) {
        hash = fnv1a(hash, &fs::read(file)?);
        let name = file.file_name().and_then(|name| name.to_str()).ok_or(io::ErrorKind::InvalidFilename)?;
        let brotli = file.with_file_name(format!("{name}.br"));
        let brotli = match files.contains(&brotli) {
            true => format!("Some(include_bytes!({brotli:?}))"),
            false => "None".to_owned(),
        };
        writeln!(table, "    File {{ name: {name:?}, plain: include_bytes!({file:?}), brotli: {brotli} }},")
            .expect("a string takes all text");
    }
    table.push_str("];\n");
    let version = if files.is_empty() { String::new() } else { format!("{hash:016x}") };
    writeln!(table, "/// Hash of all of them, in the address of each; empty when there are none.")
        .expect("a string takes all text");
    writeln!(table, "pub const VERSION: &str = {version:?};").expect("a string takes all text");
    let target = std::env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&target).join("assets.rs"), table)
}

fn find(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// Fowler–Noll–Vo: tells builds apart; it protects nothing.
fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
