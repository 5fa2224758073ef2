//! PostgreSQL.

pub(super) mod read;
pub(super) mod write;

use engine::{Failure, databases::Access};
use model::config::database::{DatabaseServer, Tls};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
    raw_sql,
};

use super::failure::Place;

const QUOTE: char = '"';
const PORT: u16 = 5432;

async fn connect(server: &DatabaseServer, access: &Access, place: &Place) -> Result<PgConnection, Failure> {
    let tls = match server.tls {
        Tls::Off => PgSslMode::Disable,
        Tls::Preferred => PgSslMode::Prefer,
        Tls::Required => PgSslMode::Require,
        Tls::Verified => PgSslMode::VerifyFull,
    };
    // Every part is set: what is not would come from the variables and files of whoever runs this process, and so could
    // send their password to a host that somebody else chose.
    let options = PgConnectOptions::new_without_pgpass()
        .port(server.port.unwrap_or(PORT))
        .username(&server.user)
        .password(access.password.as_ref().map_or("", |password| password.0.as_str()))
        .database(&server.database)
        .application_name("millrace")
        .ssl_mode(tls)
        .disable_statement_logging();
    let connect = |host: &str| {
        let options = options.clone().host(host);
        async move { options.connect().await }
    };
    let mut connection = place.connect(server, connect).await?;
    let milliseconds = access.timeout.as_millis();
    // The forms of values are those that `words` knows. A scan that begins where another one is would give rows in another
    // order each time. All rows are wanted, not the first of them soon.
    let settings = format!(
        "SET statement_timeout = {milliseconds}; SET lock_timeout = {milliseconds}; \
         SET idle_in_transaction_session_timeout = 0; SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, YMD'; \
         SET IntervalStyle = 'iso_8601'; SET TimeZone = 'UTC'; SET extra_float_digits = 1; SET bytea_output = 'hex'; \
         SET synchronize_seqscans = off; SET cursor_tuple_fraction = 1.0; SET standard_conforming_strings = on"
    );
    place.within("cannot begin", raw_sql(AssertSqlSafe(settings)).execute(&mut connection)).await?;
    Ok(connection)
}
