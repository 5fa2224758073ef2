//! The engine as its callers use it: files in, steps run, published results and outputs read.

mod accuracy;
mod import;
mod matching;
mod support;
