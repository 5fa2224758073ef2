//! `millrace secret`: set, list, remove. What a secret is, is read from the standard input and never from the command line,
//! where every program of the machine could see it.

use std::io::{IsTerminal as _, Read as _};

use clap::{Args, Subcommand};
use model::{limits, secret::KeptSecret};
use serde::Deserialize;
use serde_json::json;

use super::{
    Outcome,
    client::Client,
    failure::Failure,
    find,
    output::{Output, plain},
    table::{table, time},
};

#[derive(Debug, Subcommand)]
pub enum Request {
    /// Keep a secret of a project, in place of the one of that name; it is read from the standard input
    Set(Named),
    /// List the names of a project's secrets; what they are is told to nobody
    List(Of),
    /// Remove a secret of a project
    Remove(Named),
}

#[derive(Debug, Args)]
pub struct Of {
    /// The project
    #[arg(value_name = "PROJECT")]
    project: String,
}

#[derive(Debug, Args)]
pub struct Named {
    /// The project
    #[arg(value_name = "PROJECT")]
    project: String,
    /// What the configuration calls the secret
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Deserialize)]
struct Kept {
    items: Vec<KeptSecret>,
}

impl Request {
    pub(super) async fn perform(self, client: &Client, output: &mut Output) -> Result<Outcome, Failure> {
        match self {
            Request::Set(wish) => set(client, output, wish).await?,
            Request::List(wish) => list(client, output, wish).await?,
            Request::Remove(wish) => remove(client, output, wish).await?,
        }
        Ok(Outcome::Done)
    }
}

async fn set(client: &Client, output: &mut Output, wish: Named) -> Result<(), Failure> {
    let name = checked(&wish.name)?;
    let id = find::project(client, &wish.project).await?;
    let value = read(output)?;
    client.put_json(&format!("/projects/{id}/secrets/{name}"), &json!({"value": value})).await?;
    output.remark(format_args!("The secret “{}” is kept.", plain(name)))
}

async fn list(client: &Client, output: &mut Output, wish: Of) -> Result<(), Failure> {
    let id = find::project(client, &wish.project).await?;
    let answer = client.get(&format!("/projects/{id}/secrets"), &[]).await?;
    if output.is_json() {
        return output.text(answer.text);
    }
    let Kept { items } = answer.read()?;
    if items.is_empty() {
        return output.remark("The project has no secret.");
    }
    let rows = items.into_iter().map(|kept| [kept.name, time(kept.changed_at), kept.changed_by]);
    output.text(table(["NAME", "CHANGED (UTC)", "BY"], rows))
}

async fn remove(client: &Client, output: &mut Output, wish: Named) -> Result<(), Failure> {
    let name = checked(&wish.name)?;
    let id = find::project(client, &wish.project).await?;
    client.delete(&format!("/projects/{id}/secrets/{name}")).await?;
    output.remark(format_args!("The secret “{}” is removed.", plain(name)))
}

/// What the server would refuse is told before anything is read.
fn checked(name: &str) -> Result<&str, Failure> {
    model::secret::check_name(name).map_err(|refusal| Failure::Input(refusal.to_string()))?;
    Ok(name)
}

/// All of the standard input, without the line end that `echo` and the return key put behind it.
fn read(output: &mut Output) -> Result<String, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        output.remark("Type the secret (it is shown), then Ctrl-D on a line of its own:")?;
    }
    let unreadable = |problem: &dyn std::fmt::Display| Failure::Input(format!("the secret cannot be read: {problem}"));
    let mut text = String::new();
    let most = limits::SECRET_MAX_BYTES as u64 + 2;
    input.lock().take(most).read_to_string(&mut text).map_err(|error| unreadable(&error))?;
    let value = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if value.is_empty() {
        return Err(unreadable(&"there is nothing on the standard input"));
    }
    Ok(value.to_owned())
}
