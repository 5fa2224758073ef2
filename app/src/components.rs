//! The parts that pages are made of: one component a file, named after what it shows. Functions from data to HTML, on the
//! server only; what moves by itself is marked with attributes, see `browser`.

pub mod attempts;
pub mod bell;
pub mod bulk;
pub mod cancel;
pub mod comparison;
pub mod csv_link;
pub mod deliveries;
pub mod execution_table;
pub mod first_records;
pub mod icon;
pub mod keys;
pub mod loaded;
pub mod log;
pub mod maintenance;
pub mod navigation;
pub mod next_run;
pub mod notice;
pub mod opener;
pub mod outputs;
pub mod paging;
pub mod problem;
pub mod queue;
pub mod run_again;
pub mod run_now;
pub mod sample_table;
pub mod search;
pub mod started;
pub mod state;
pub mod steps;
pub mod strip;
pub mod theme;
pub mod time;
pub mod watch;
pub mod workflow_actions;
pub mod workflow_card;
