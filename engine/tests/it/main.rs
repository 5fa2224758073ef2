//! The engine as its callers use it: files in, steps run, published results and outputs read.

mod accuracy;
mod cancel;
mod cleanse;
mod explain;
mod export;
mod export_files;
mod export_rows;
mod export_s3;
mod export_unharmed;
mod import;
mod matches;
mod matching;
mod merge;
mod profile;
mod reader;
mod s3_server;
mod support;
mod validate;
