//! Lists, page after page until there is enough.

use std::cmp::min;

use clap::Args;
use model::limits;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{client::Client, failure::Failure, output::Output};

/// How much of a list is wanted.
#[derive(Debug, Args)]
pub(super) struct Extent {
    /// The most items to print
    #[arg(long, value_name = "N", default_value_t = limits::PAGE_ITEMS_DEFAULT, value_parser = at_least_one)]
    limit: usize,
    /// Go on after the list that ended with this next_cursor (see --json)
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|limit| *limit > 0).ok_or_else(|| "say a number from 1 on".to_owned())
}

/// What a list is asked for: parameters of the API, those without a value left out.
pub(super) type Query = Vec<(&'static str, String)>;

/// The parameters that have a value.
pub(super) fn query<const N: usize>(parameters: [(&'static str, Option<String>); N]) -> Query {
    parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Items as the API wrote them.
#[derive(Serialize, Deserialize)]
pub(super) struct List {
    items: Vec<Box<RawValue>>,
    /// Where the list goes on.
    next_cursor: Option<String>,
}

impl List {
    /// The first items of a list.
    pub(super) async fn fetch(client: &Client, path: &str, query: &Query, extent: &Extent) -> Result<Self, Failure> {
        let mut list = Self { items: Vec::new(), next_cursor: extent.cursor.clone() };
        loop {
            let mut query = query.clone();
            // As much as is missing, so that the cursor of the last page is the place where this list ends.
            let missing = min(extent.limit - list.items.len(), limits::PAGE_ITEMS_MAX);
            query.push(("limit", missing.to_string()));
            query.extend(list.next_cursor.take().map(|cursor| ("cursor", cursor)));
            let page: List = client.get(path, &query).await?.read()?;
            list.items.extend(page.items);
            list.next_cursor = page.next_cursor;
            if list.next_cursor.is_none() || list.items.len() >= extent.limit {
                return Ok(list);
            }
        }
    }

    /// All of a list.
    pub(super) async fn all<T: DeserializeOwned>(
        client: &Client,
        path: &str,
        query: &Query,
    ) -> Result<Vec<T>, Failure> {
        let everything = Extent { limit: usize::MAX, cursor: None };
        Self::fetch(client, path, query, &everything).await?.read(client)
    }

    pub(super) fn read<T: DeserializeOwned>(&self, client: &Client) -> Result<Vec<T>, Failure> {
        let read = |text: &str| serde_json::from_str(text).map_err(|error| client.not_understood(error));
        self.items.iter().map(|item| read(item.get())).collect()
    }

    /// Prints the list: as JSON, or as the table that `table` makes of its items.
    pub(super) fn print<T: DeserializeOwned>(
        &self,
        client: &Client,
        output: &mut Output,
        nothing: &str,
        table: impl FnOnce(Vec<T>) -> String,
    ) -> Result<(), Failure> {
        if output.is_json() {
            return output.text(serde_json::to_string(self).expect("a list is text"));
        }
        if self.items.is_empty() {
            return output.remark(nothing);
        }
        output.text(table(self.read(client)?))?;
        match self.next_cursor {
            Some(_) => output.remark("There are more: say a higher --limit, or say what you look for."),
            None => Ok(()),
        }
    }
}
