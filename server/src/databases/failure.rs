//! What goes wrong with a database, in words that name the database and hold no password.

use std::{error::Error as _, time::Duration};

use engine::{
    Failure,
    databases::{Access, Password},
};
use model::limits;

/// The database itself gives up at the limit, and says why; so it is waited for a little longer.
const GRACE: Duration = Duration::from_secs(2);

/// The database that messages are about.
#[derive(Clone, Debug)]
pub(super) struct Place {
    name: String,
    password: Option<Password>,
    timeout: Duration,
}

impl Place {
    pub(super) fn new(access: &Access) -> Self {
        Self { name: access.database.place(), password: access.password.clone(), timeout: access.timeout }
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

    pub(super) async fn connect<T>(&self, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Failure> {
        let most = Duration::from_secs(limits::DATABASE_CONNECT_TIMEOUT_S);
        match tokio::time::timeout(most, work).await {
            Ok(done) => done.map_err(|error| self.failure("cannot connect", &error)),
            Err(_) => Err(self.problem("cannot connect", &format!("no answer within {} s", most.as_secs()))),
        }
    }
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
