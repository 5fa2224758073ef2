//! The engine as its callers use it: files in, steps run, published results and outputs read.

mod accuracy;
mod cancel;
mod cleanse;
mod databases;
mod explain;
mod export;
mod export_files;
mod export_rows;
mod export_s3;
mod export_unharmed;
mod files;
mod import;
mod import_columns;
mod import_formats;
mod import_places;
mod matches;
mod matching;
mod merge;
mod profile;
mod reader;
mod s3_server;
mod support;
mod validate;
mod validate_databases;
