//! The parts that pages are made of: one component a file, named after what it shows.

pub mod clock;
pub mod icon;
pub mod keys;
pub mod loaded;
pub mod navigation;
pub mod notice;
pub mod problem;
pub mod state;
pub mod time;
