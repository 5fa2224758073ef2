//! Every method of the port, asked by people and tokens with every role.

mod ground;
mod table;

use std::collections::BTreeSet;

use model::{Access, Error, Role};

use ground::Ground;
use table::{Row, Rule, Tokens, table};

/// What is there to be seen by everybody, without a question of a role.
const FREE: [&str; 3] = ["actor", "now", "default_time_zone"];

#[test]
fn every_method_of_the_port_has_a_rule() {
    let port = include_str!("../../../../app/src/backend.rs");
    let (_, methods) = port.split_once("pub trait Backend").expect("the port");
    let names = methods.lines().filter_map(|line| {
        let line = line.trim_start();
        let (name, _) = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?.split_once('(')?;
        Some(name.to_owned())
    });
    let there: BTreeSet<String> = names.collect();
    let ruled: BTreeSet<String> = table().iter().map(|row| row.method).chain(FREE).map(str::to_owned).collect();
    let new: Vec<_> = there.difference(&ruled).collect();
    assert!(new.is_empty(), "add a row to server/src/backend/asked/tests/table.rs that says who may call {new:?}");
    let gone: Vec<_> = ruled.difference(&there).collect();
    assert!(gone.is_empty(), "take the rows of {gone:?} out of server/src/backend/asked/tests/table.rs");
}

/// What comes of a call.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// Whatever it says, it was not about who asks.
    Answered,
    Forbidden,
    /// There is no such thing, as far as whoever asks is told.
    NotThere(String),
}

fn outcome(result: Result<(), Error>) -> Outcome {
    match result {
        Err(Error::Forbidden { .. }) => Outcome::Forbidden,
        // An execution's file; that it is looked for says that the execution may be seen.
        Err(Error::NotFound { what }) if what != "output" => Outcome::NotThere(what),
        Err(error @ Error::Internal { .. }) => panic!("{error}"),
        _ => Outcome::Answered,
    }
}

/// Written down once more, without the functions that the product decides by.
fn expected(row: &Row, access: &Access, ground: &Ground, is_token: bool) -> Outcome {
    let everywhere = access.everywhere;
    let here = access.projects.get(&ground.own).copied().max(everywhere);
    let best = access.projects.values().copied().max().max(everywhere);
    let if_allowed = |is_allowed: bool| if is_allowed { Outcome::Answered } else { Outcome::Forbidden };
    match row.tokens {
        Tokens::Never if is_token => return Outcome::Forbidden,
        Tokens::Administrators if is_token => return if_allowed(everywhere == Some(Role::Administrator)),
        Tokens::AsPeople | Tokens::Administrators | Tokens::Never => {}
    }
    match row.rule {
        Rule::Known => Outcome::Answered,
        Rule::Somewhere(role) => if_allowed(best >= Some(role)),
        Rule::Everywhere(role) => if_allowed(everywhere >= Some(role)),
        Rule::Here(role, what) => match here {
            None => Outcome::NotThere(what.to_owned()),
            Some(has) => if_allowed(has >= role),
        },
        Rule::EachHere(role, what) => match (best, here) {
            (None, _) => Outcome::Forbidden,
            (Some(_), None) => Outcome::NotThere(what.to_owned()),
            (Some(_), Some(has)) => if_allowed(has >= role),
        },
        Rule::OthersOwn(what) => match everywhere {
            Some(Role::Administrator) => Outcome::Answered,
            _ => Outcome::NotThere(what.to_owned()),
        },
    }
}

#[tokio::test]
async fn each_method_does_what_the_role_of_the_one_who_asks_allows() {
    let ground = Ground::new().await;
    let mut accesses = vec![Access::default()];
    for role in Role::ALL {
        accesses.extend([
            Access::everywhere(role),
            Access::in_project(ground.own, role),
            Access::in_project(ground.other, role),
        ]);
    }
    let mut wrong = Vec::new();
    for access in accesses {
        let asked = [ground.person(&access).await, ground.token(&access)];
        for row in table() {
            for (asked, is_token) in asked.iter().zip([false, true]) {
                let came = outcome((row.call)(asked, &ground).await);
                let should = expected(&row, &access, &ground, is_token);
                if came != should {
                    let who = if is_token { "a token" } else { "a person" };
                    wrong.push(format!("{} by {who} with {access:?}: {came:?}, not {should:?}", row.method));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Moving a workflow takes a role in both projects.
#[tokio::test]
async fn a_workflow_is_moved_by_those_who_edit_both_projects() {
    let ground = Ground::new().await;
    let access = |there: Option<Role>| {
        let there = there.map(|role| (ground.other, role));
        Access { everywhere: None, projects: there.into_iter().chain([(ground.own, Role::Editor)]).collect() }
    };
    for (there, should) in [
        (None, Outcome::NotThere("project".to_owned())),
        (Some(Role::Operator), Outcome::Forbidden),
        (Some(Role::Editor), Outcome::Answered),
    ] {
        let workflow = ground.workflow().await;
        let draft = ground.draft(ground.other);
        let moved = app::backend::Backend::replace_workflow(&ground.token(&access(there)), workflow, draft, 1).await;
        assert_eq!(outcome(moved.map(drop)), should);
    }
}

/// Nobody gives a token what they may not do themselves.
#[tokio::test]
async fn a_token_has_no_more_than_the_role_of_whoever_makes_it() {
    use app::backend::Backend as _;
    use model::people::TokenDraft;

    let ground = Ground::new().await;
    for access in [Access::everywhere(Role::Operator), Access::in_project(ground.own, Role::Operator)] {
        let person = ground.person(&access).await;
        for (role, project_id) in [
            (Role::Editor, None),
            (Role::Administrator, None),
            (Role::Editor, Some(ground.own)),
            (Role::Editor, Some(ground.other)),
        ] {
            let draft = TokenDraft { name: "deploy".to_owned(), role, project_id, days: None };
            let made = person.create_token(draft).await;
            assert!(matches!(made, Err(Error::Forbidden { .. } | Error::NotFound { .. })), "{made:?}");
        }
    }
}
