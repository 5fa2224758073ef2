//! What the methods are called on: two projects, and new workflows and executions of the first.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use engine::{Engine, EngineConfig};
use model::{
    Access, Actor, DeliveryId, Door, ExecutionId, Identity, ProjectId, Role, Scope, SessionId, StepRange, TokenId,
    UserId, WorkflowId,
    delivery::DeliveryFilter,
    people::TokenDraft,
    schedule::{Missed, Schedule},
    workflow::{Notifications, WorkflowDraft},
};
use uuid::Uuid;

use crate::{
    backend::{Asked, LocalBackend, Parts},
    clock::Clock as _,
    outbox::LogTransport,
    store::{NewSession, NewUser, StoredTokenDraft},
    testing::{Bench, SLOTS, by, plan},
};

pub(super) struct Ground {
    bench: Bench,
    server: Arc<LocalBackend>,
    pub(super) own: ProjectId,
    pub(super) other: ProjectId,
    made: AtomicU64,
}

impl Ground {
    /// Nothing runs, so what is queued stays queued.
    pub(super) async fn new() -> Self {
        let bench = Bench::new().await;
        let config = EngineConfig { threads: 1, memory_bytes: 64 << 20, spill_directory: bench.directory.spill() };
        let server = Arc::new(LocalBackend::new(Parts {
            store: bench.store.clone(),
            clock: bench.clock.clone(),
            directory: bench.directory.clone(),
            engine: Arc::new(Engine::new(config).unwrap()),
            import: engine::ImportSettings::default(),
            samples: bench.samples.clone(),
            transport: Arc::new(LogTransport),
            slots: SLOTS,
            default_time_zone: "UTC".to_owned(),
        }));
        let (own, other) = (bench.project("customers").await, bench.project("suppliers").await);
        Self { bench, server, own, other, made: AtomicU64::new(0) }
    }

    /// A notification that did not arrive.
    pub(super) async fn delivery(&self) -> DeliveryId {
        self.execution().await;
        self.bench
            .sql(
                "INSERT INTO deliveries (id, workflow_id, execution_id, occasion, recipient, notification, message_id,
                     status, created_at, finished_at)
                 SELECT id, workflow_id, id, 'failure', 'ann@example.com', json_object(
                     'occasion', 'failure', 'workflow_name', '', 'project_name', '', 'at', '2026-01-05T10:00:00Z',
                     'workflow_id', '01900000-0000-7000-8000-000000000000'), id, 'failed', 0, 0
                 FROM executions ORDER BY number DESC LIMIT 1",
            )
            .await;
        let dead = self.bench.store.dead_deliveries(&DeliveryFilter::default(), &Scope::All).await.unwrap();
        dead.data.items[0].delivery.id
    }

    /// A name that nothing has.
    pub(super) fn name(&self) -> String {
        format!("new {}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) async fn workflow(&self) -> WorkflowId {
        self.bench.workflow_with(plan(&self.name(), self.own)).await.id
    }

    pub(super) async fn execution(&self) -> ExecutionId {
        self.bench.run_now(self.workflow().await).await.id
    }

    pub(super) fn draft(&self, project_id: ProjectId) -> WorkflowDraft {
        WorkflowDraft {
            name: self.name(),
            project_id,
            steps: StepRange::ALL,
            schedule: Schedule::OnDemand,
            time_zone: None,
            retries: 0,
            retry_delays_s: None,
            suspend_after: None,
            missed: Missed::CatchUp,
            timeout_s: None,
            notifications: Notifications::default(),
        }
    }

    /// Someone who can sign in, with a session.
    pub(super) async fn user(&self, access: &Access) -> UserId {
        let new = NewUser {
            name: self.name(),
            access: access.clone(),
            password: None,
            provider: None,
            created_by: "ann".to_owned(),
        };
        self.bench.store.create_user(new, by("ann")).await.unwrap().id
    }

    /// A new one of theirs.
    pub(super) async fn session(&self, user: Option<UserId>) -> SessionId {
        let Some(user) = user else { return SessionId::from_uuid(Uuid::nil()) };
        let hash = self.bench.clock.entropy().to_be_bytes();
        let new = NewSession {
            hash: [hash, hash].concat().try_into().unwrap(),
            user,
            lasts: std::time::Duration::from_secs(3600),
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            agent: None,
            replaces: None,
        };
        self.bench.store.open_session(new).await.unwrap();
        self.bench.store.sessions(user, self.bench.now()).await.unwrap()[0].id
    }

    /// A token of the server, which is nobody's own.
    pub(super) async fn token_of_the_server(&self) -> TokenId {
        let hash = self.bench.clock.entropy().to_be_bytes();
        let draft = TokenDraft { name: self.name(), role: Role::Viewer, project_id: None, days: None };
        let id = TokenId::from_uuid(self.bench.clock.new_uuid());
        let hash = [hash, hash].concat().try_into().unwrap();
        let new = StoredTokenDraft { id, hash, draft, owner: None, created_at: self.bench.now() };
        self.bench.store.create_token(new, by("ann")).await.unwrap();
        id
    }

    pub(super) async fn person(&self, access: &Access) -> Asked {
        let user = self.user(access).await;
        let session = self.session(Some(user)).await;
        self.asked(Identity::User { user, session, has_password: true }, access)
    }

    pub(super) fn token(&self, access: &Access) -> Asked {
        self.asked(Identity::Token(TokenId::from_uuid(self.bench.clock.new_uuid())), access)
    }

    fn asked(&self, identity: Identity, access: &Access) -> Asked {
        let actor = Actor {
            name: "asker".to_owned(),
            door: Door::Api,
            identity,
            access: access.clone(),
            address: Some([127, 0, 0, 1].into()),
        };
        Asked::new(Arc::clone(&self.server), actor)
    }
}
