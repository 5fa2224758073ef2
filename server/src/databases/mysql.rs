//! MySQL and MariaDB.

pub(super) mod read;
pub(super) mod write;

use engine::{Failure, databases::Access};
use model::config::database::{DatabaseServer, Tls};
use sqlx::{
    ConnectOptions as _, MySqlConnection,
    mysql::{MySqlConnectOptions, MySqlSslMode},
    raw_sql,
};

use super::failure::Place;

const QUOTE: char = '`';
const PORT: u16 = 3306;

async fn connect(server: &DatabaseServer, access: &Access, place: &Place) -> Result<MySqlConnection, Failure> {
    let tls = match server.tls {
        Tls::Off => MySqlSslMode::Disabled,
        Tls::Preferred => MySqlSslMode::Preferred,
        Tls::Required => MySqlSslMode::Required,
        Tls::Verified => MySqlSslMode::VerifyIdentity,
    };
    let options = MySqlConnectOptions::new()
        .username(&server.user)
        .database(&server.database)
        .charset("utf8mb4")
        .timezone(Some("+00:00".to_owned()))
        // The queries are people's own: they mean what they mean elsewhere.
        .pipes_as_concat(false)
        .statement_cache_capacity(0)
        .ssl_mode(tls)
        .disable_statement_logging();
    let options = match &access.password {
        Some(password) => options.password(&password.0),
        None => options,
    };
    let connect = |host: &str| {
        let options = options.clone();
        let options = match host.starts_with('/') {
            true => options.socket(host),
            false => options.host(host).port(server.port.unwrap_or(PORT)),
        };
        async move { options.connect().await }
    };
    let mut connection = place.connect(server, connect).await?;
    // Rows are taken as fast as the records can be written, which may be slower than the database is used to.
    let settings = raw_sql("SET SESSION net_write_timeout = 3600, SESSION net_read_timeout = 3600");
    place.within("cannot begin", settings.execute(&mut connection)).await?;
    Ok(connection)
}
