//! `millrace token create`: a token of the server itself, for whoever may write its data directory. It works beside a
//! running server, and the token is valid at once.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use model::{Role, TokenId, people::TokenDraft};

use crate::{
    clock::{Clock as _, SystemClock},
    directory::{DataDirectory, DirectoryError},
    gate::Secret,
    store::{StoreError, StoredTokenDraft, create_token_beside},
};

/// What token to make, and where.
#[derive(Debug)]
pub struct NewServerToken {
    pub data: PathBuf,
    pub draft: TokenDraft,
    pub json: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum TokenCommandError {
    #[error(transparent)]
    Refused(#[from] model::Error),
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no thread for the database: {0}")]
    Runtime(#[from] std::io::Error),
}

/// `token` with its one subcommand. `create` takes the given arguments, too.
pub(crate) fn command(more: impl IntoIterator<Item = Arg>) -> Command {
    let role = Arg::new("role")
        .long("role")
        .required(true)
        .value_name("ROLE")
        .value_parser(Role::ALL.map(Role::as_str))
        .help("What the token may do");
    let name = Arg::new("name").long("name").value_name("NAME").default_value("command line").help("What it is for");
    let days = Arg::new("days")
        .long("days")
        .value_name("DAYS")
        .value_parser(value_parser!(u32))
        .help("Days after which it ends [default: never]");
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print {\"token\": \"…\"} alone");
    let create = Command::new("create")
        .about("Make a token of the server, valid at once, and print it")
        .args([role, name, days, json])
        .args(more);
    Command::new("token").about("Tokens for programs").subcommand_required(true).subcommand(create)
}

impl NewServerToken {
    /// From the arguments of `create`.
    pub(crate) fn read(matches: &ArgMatches, data: PathBuf) -> Self {
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        let role = text("role").and_then(|role| Role::parse(&role)).expect("clap takes only roles");
        let name = text("name").expect("has a default");
        let draft = TokenDraft { name, role, project_id: None, days: matches.get_one("days").copied() };
        Self { data, draft, json: matches.get_flag("json") }
    }
}

/// Makes the token; the text is ready to print.
///
/// # Errors
/// When the draft is not valid, or the database cannot be opened or written.
pub fn create(new: NewServerToken) -> Result<String, TokenCommandError> {
    let draft = new.draft.checked()?;
    let directory = DataDirectory::open(new.data)?;
    let secret = Secret::new();
    let stored = StoredTokenDraft {
        id: TokenId::from_uuid(SystemClock.new_uuid()),
        hash: secret.hash(),
        draft,
        owner: None,
        created_at: SystemClock.now(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(create_token_beside(&directory.database(), stored))?;
    Ok(if new.json {
        format!("{}\n", serde_json::json!({ "token": secret.to_string() }))
    } else {
        format!("{secret}\n")
    })
}
