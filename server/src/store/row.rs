//! From columns to the types of `model`, with the column's name in every complaint.

use model::{DeliveryId, ExecutionId, ProjectId, Scope, Timestamp, TokenId, UserId, WorkflowId};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};
use uuid::Uuid;

use super::{StoreError, StoreResult};

/// Reads one column of a row.
pub(super) trait Columns {
    fn integer(&self, column: &'static str) -> StoreResult<i64>;
    fn integer_or_null(&self, column: &'static str) -> StoreResult<Option<i64>>;
    fn text(&self, column: &'static str) -> StoreResult<String>;
    fn text_or_null(&self, column: &'static str) -> StoreResult<Option<String>>;
    fn uuid(&self, column: &'static str) -> StoreResult<Uuid>;
    fn uuid_or_null(&self, column: &'static str) -> StoreResult<Option<Uuid>>;
    fn json<T: DeserializeOwned>(&self, column: &'static str) -> StoreResult<T>;

    fn count<T: TryFrom<i64>>(&self, column: &'static str) -> StoreResult<T> {
        let number = self.integer(column)?;
        T::try_from(number).map_err(|_| unreadable(column, number))
    }

    fn count_or_null(&self, column: &'static str) -> StoreResult<Option<u64>> {
        let number = self.integer_or_null(column)?;
        number.map(|number| u64::try_from(number).map_err(|_| unreadable(column, number))).transpose()
    }

    fn flag(&self, column: &'static str) -> StoreResult<bool> {
        Ok(self.integer(column)? != 0)
    }

    fn time(&self, column: &'static str) -> StoreResult<Timestamp> {
        self.integer(column).map(Timestamp::from_micros)
    }

    fn time_or_null(&self, column: &'static str) -> StoreResult<Option<Timestamp>> {
        Ok(self.integer_or_null(column)?.map(Timestamp::from_micros))
    }

    /// A word of a closed list, such as a status.
    fn word<T>(&self, column: &'static str, parse: impl Fn(&str) -> Option<T>) -> StoreResult<T> {
        let text = self.text(column)?;
        parse(&text).ok_or_else(|| unreadable(column, text))
    }

    fn word_or_null<T>(&self, column: &'static str, parse: impl Fn(&str) -> Option<T>) -> StoreResult<Option<T>> {
        let text = self.text_or_null(column)?;
        text.map(|text| parse(&text).ok_or_else(|| unreadable(column, text))).transpose()
    }

    fn execution_id(&self, column: &'static str) -> StoreResult<ExecutionId> {
        self.uuid(column).map(ExecutionId::from_uuid)
    }

    fn workflow_id(&self, column: &'static str) -> StoreResult<WorkflowId> {
        self.uuid(column).map(WorkflowId::from_uuid)
    }

    fn project_id(&self, column: &'static str) -> StoreResult<ProjectId> {
        self.uuid(column).map(ProjectId::from_uuid)
    }

    fn user_id(&self, column: &'static str) -> StoreResult<UserId> {
        self.uuid(column).map(UserId::from_uuid)
    }
}

impl Columns for SqliteRow {
    fn integer(&self, column: &'static str) -> StoreResult<i64> {
        Ok(self.try_get(column)?)
    }

    fn integer_or_null(&self, column: &'static str) -> StoreResult<Option<i64>> {
        Ok(self.try_get(column)?)
    }

    fn text(&self, column: &'static str) -> StoreResult<String> {
        Ok(self.try_get(column)?)
    }

    fn text_or_null(&self, column: &'static str) -> StoreResult<Option<String>> {
        Ok(self.try_get(column)?)
    }

    fn uuid(&self, column: &'static str) -> StoreResult<Uuid> {
        self.uuid_or_null(column)?.ok_or_else(|| unreadable(column, "nothing"))
    }

    fn uuid_or_null(&self, column: &'static str) -> StoreResult<Option<Uuid>> {
        let bytes: Option<&[u8]> = self.try_get(column)?;
        bytes.map(|bytes| Uuid::from_slice(bytes).map_err(|problem| unreadable(column, problem))).transpose()
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str) -> StoreResult<T> {
        let text: &str = self.try_get(column)?;
        serde_json::from_str(text).map_err(|problem| unreadable(column, problem))
    }
}

fn unreadable(column: &'static str, problem: impl ToString) -> StoreError {
    StoreError::Unreadable { column, problem: problem.to_string() }
}

/// The JSON of a value that is stored in one column.
pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("what is stored has only keys that are text")
}

/// The bytes of an id, to bind.
pub(super) trait Bytes {
    fn bytes(&self) -> Vec<u8>;
}

impl Bytes for ExecutionId {
    fn bytes(&self) -> Vec<u8> {
        self.as_uuid().as_bytes().to_vec()
    }
}

impl Bytes for WorkflowId {
    fn bytes(&self) -> Vec<u8> {
        self.as_uuid().as_bytes().to_vec()
    }
}

impl Bytes for ProjectId {
    fn bytes(&self) -> Vec<u8> {
        self.as_uuid().as_bytes().to_vec()
    }
}

impl Bytes for DeliveryId {
    fn bytes(&self) -> Vec<u8> {
        self.as_uuid().as_bytes().to_vec()
    }
}

impl Bytes for UserId {
    fn bytes(&self) -> Vec<u8> {
        self.as_uuid().as_bytes().to_vec()
    }
}

impl Bytes for TokenId {
    fn bytes(&self) -> Vec<u8> {
        self.as_uuid().as_bytes().to_vec()
    }
}

/// A scope, to bind where [`in_scope`] stands: a list of ids as JSON, or nothing for all projects.
pub(super) fn scope_json(scope: &Scope) -> Option<String> {
    match scope {
        Scope::All => None,
        Scope::Projects(projects) => {
            let ids: Vec<String> = projects.iter().map(|project| project.as_uuid().simple().to_string()).collect();
            Some(to_json(&ids))
        }
    }
}

/// Narrows a query down to the scope.
pub(super) fn push_scope(query: &mut QueryBuilder<Sqlite>, column: &'static str, scope: &Scope) {
    if let Some(projects) = scope_json(scope) {
        query
            .push(" AND ")
            .push(column)
            .push(" IN (SELECT unhex(value) FROM json_each(")
            .push_bind(projects)
            .push("))");
    }
}

/// The condition that a column holds a project of the scope bound as `$place`.
macro_rules! in_scope {
    ($column:literal, $place:literal) => {
        concat!("(", $place, " IS NULL OR ", $column, " IN (SELECT unhex(value) FROM json_each(", $place, ")))")
    };
}
pub(super) use in_scope;
