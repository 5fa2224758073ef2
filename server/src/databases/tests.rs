//! Against real databases. `cargo xtask test` starts PostgreSQL and MariaDB and says where they are; SQLite is always there.

mod cut;
mod ground;
mod reading;
mod writing;

use self::ground::{Ground, Kind, each};
