//! What goes wrong with a database, in words that name the database and hold no password.

use std::{error::Error as _, sync::Arc, time::Duration};

use engine::{
    Failure,
    databases::{Access, Unplaced},
    secrets::Password,
};
use model::{config::database::DatabaseServer, limits};

use super::hosts::{self, Hosts};

/// The database itself gives up at the limit, and says why; so it is waited for a little longer.
const GRACE: Duration = Duration::from_secs(2);

/// The database that messages are about.
#[derive(Clone, Debug)]
pub(super) struct Place {
    name: String,
    password: Option<Password>,
    timeout: Duration,
    /// `None`: every one is allowed.
    hosts: Option<Arc<dyn Hosts>>,
}

impl Place {
    pub(super) fn new(access: &Access, hosts: Option<Arc<dyn Hosts>>) -> Self {
        Self { name: access.database.place(), password: access.password.clone(), timeout: access.timeout, hosts }
    }

    /// Without a password.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// `doing` says what was tried, such as "cannot connect".
    pub(super) fn failure(&self, doing: &str, error: &sqlx::Error) -> Failure {
        self.problem(doing, &words(error))
    }

    pub(super) fn problem(&self, doing: &str, problem: &str) -> Failure {
        let mut message = format!("the database {}: {doing}: {problem}", self.name);
        if let Some(Password(password)) = self.password.as_ref().filter(|password| !password.0.is_empty()) {
            message = message.replace(password.as_str(), "…");
        }
        Failure::Input(message)
    }

    /// Waits for an answer, as long as one statement may take.
    pub(super) async fn within<T>(
        &self,
        doing: &str,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(self.timeout + GRACE, work).await {
            Ok(done) => done.map_err(|error| self.failure(doing, &error)),
            Err(_) => Err(self.problem(doing, &format!("no answer within {} s", self.timeout.as_secs()))),
        }
    }

    /// Waits for the answer to a last statement: only by that is it known what became of it.
    pub(super) async fn last<T>(
        &self,
        doing: &str,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Unplaced> {
        let unknown = |problem: &str| {
            let look = "this was the last step: the table has either all of the new rows or none of them; look at it";
            Unplaced::Unknown(self.problem(doing, &format!("{problem}; {look}")))
        };
        match tokio::time::timeout(self.timeout + GRACE, work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) if is_answer(&error) => Err(Unplaced::Refused(self.failure(doing, &error))),
            Ok(Err(error)) => Err(unknown(&words(&error))),
            Err(_) => Err(unknown(&format!("no answer within {} s", self.timeout.as_secs()))),
        }
    }

    /// Connects by `to`, which is given a host or an address.
    pub(super) async fn connect<T, F: Future<Output = Result<T, sqlx::Error>>>(
        &self,
        server: &DatabaseServer,
        to: impl Fn(&str) -> F,
    ) -> Result<T, Failure> {
        let most = Duration::from_secs(limits::DATABASE_CONNECT_TIMEOUT_S);
        let connecting = async {
            let mut refused = self.problem("cannot connect", "it has no address");
            for host in hosts::of(server, self.hosts.as_deref(), self).await? {
                match to(&host).await {
                    Ok(connection) => return Ok(connection),
                    Err(error) => refused = self.failure("cannot connect", &error),
                }
            }
            Err(refused)
        };
        match tokio::time::timeout(most, connecting).await {
            Ok(done) => done,
            Err(_) => Err(self.problem("cannot connect", &format!("no answer within {} s", most.as_secs()))),
        }
    }
}

/// Whether the database said no, and did not just say that it or the connection ends (classes of SQLSTATE: connection
/// exceptions, the operator's intervention, MySQL's kill, internal errors).
fn is_answer(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|told| told.code());
    code.is_some_and(|code| !["08", "57", "70", "XX"].iter().any(|class| code.starts_with(class)))
}

/// The database's own words where it has some.
fn words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(told) => match told.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
            Some(told) => {
                [Some(told.message()), told.detail(), told.hint()].into_iter().flatten().collect::<Vec<_>>().join("; ")
            }
            None => told.message().to_owned(),
        },
        sqlx::Error::Io(error) => format!("the connection is lost or was refused ({error})"),
        sqlx::Error::WorkerCrashed => "the connection is lost".to_owned(),
        other => match other.source() {
            Some(source) if !other.to_string().contains(&source.to_string()) => format!("{other}: {source}"),
            _ => other.to_string(),
        },
    }
}
