//! Who is let in and for how long, on a clock that the test moves.

mod guesses;
mod links;
mod sessions;

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, HeaderValue, header};
use model::{Access, Role, UserId, people::UserDraft};

use super::*;
use crate::{
    config::Auth,
    testing::{Bench, by},
};

const PASSWORD: &str = "correct horse battery";
const HOME: Peer = Peer { address: IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), secure: false };

/// A gate with its first administrator, Root.
struct Hall {
    bench: Bench,
    gate: Arc<Gate>,
    root: UserId,
}

impl Hall {
    async fn new() -> Self {
        let times = SessionTimes { idle: minutes(30), lasts: minutes(8 * 60) };
        Self::with(times).await
    }

    async fn with(times: SessionTimes) -> Self {
        let bench = Bench::new().await;
        let gate = Gate::open(bench.store.clone(), bench.clock.clone(), Auth::SignIn, times).await.unwrap();
        let setup = gate.setup.clone().expect("there is nobody yet");
        gate.accept(&setup, "Root", PASSWORD, place(HOME)).await.unwrap();
        let root = bench.store.user_by_name("Root").await.unwrap().unwrap().user.id;
        Self { bench, gate: Arc::new(gate), root }
    }

    /// Root's session from a new sign-in.
    async fn sign_in(&self) -> Secret {
        self.gate.sign_in("Root", PASSWORD, place(HOME)).await.unwrap()
    }

    /// Whoever shows this session, if that is anybody.
    async fn known(&self, session: &Secret, look: Look) -> Option<Actor> {
        self.gate.identify(&cookie(session), Door::Browser, HOME, look).await.unwrap()
    }

    async fn is_known(&self, session: &Secret) -> bool {
        self.known(session, Look::Use).await.is_some()
    }

    async fn change_root(&self, disabled: bool) {
        // Someone has to be left.
        let other = crate::store::NewUser {
            name: "Other".to_owned(),
            access: Access::everywhere(Role::Administrator),
            password: None,
            provider: None,
            created_by: "Root".to_owned(),
        };
        self.gate.store.create_user(other, by("Root")).await.unwrap();
        let access = Access::everywhere(Role::Administrator);
        let draft = UserDraft { name: "Root".to_owned(), access, disabled };
        self.gate.store.replace_user(self.root, draft, by("Other")).await.unwrap();
    }
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

fn cookie(session: &Secret) -> HeaderMap {
    let cookie = HeaderValue::try_from(format!("millrace-session={session}")).unwrap();
    HeaderMap::from_iter([(header::COOKIE, cookie)])
}

fn place(peer: Peer) -> Place {
    Gate::place(&HeaderMap::new(), peer)
}
