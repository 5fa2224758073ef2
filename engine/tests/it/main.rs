//! The engine as its callers use it: files in, steps run, published results and outputs read.

mod accuracy;
mod blocks;
mod cancel;
mod cleanse;
mod degenerate;
mod explain;
mod export;
mod import;
mod matches;
mod matching;
mod nasty;
mod profile;
mod reader;
mod scarce;
mod settings;
mod support;
mod validate;
