//! Users: what they click, and what they are told.

use model::{
    DeliveryId, Error, ExecutionId, ProjectId, Step, StepRange, WorkflowId,
    execution::{Execution, Status, Trigger},
    schedule::{Missed, Schedule, Unit},
    workflow::{Notifications, WorkflowState},
};
use tokio::task::JoinHandle;

use super::{life::Life, outcome::Stop, world::World};
use crate::{
    schedule,
    store::{Plan, Request, StoreError, StoreResult, audit::Records},
    testing::by,
};

const PROJECTS_MAX: usize = 3;
const WORKFLOWS_MAX: usize = 6;
const ZONE: &str = "Europe/Brussels";

/// What a user wants.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    CreateProject(String),
    Create(Plan),
    Edit(WorkflowId, Plan, i64),
    Pause(WorkflowId),
    Resume(WorkflowId),
    Duplicate(WorkflowId),
    Delete(WorkflowId),
    /// With the step that it begins at, if not at the first.
    Run(WorkflowId, Option<String>, Option<Step>),
    Cancel(ExecutionId),
    Maintenance(bool),
    Resend(DeliveryId),
}

/// A wish, and the answer when it comes.
pub(super) type Asked = (Wish, JoinHandle<StoreResult<Answer>>);

/// What a user is told.
pub(super) enum Answer {
    Done,
    Project(ProjectId),
    Queued(Execution),
    Cancelled(Execution),
}

impl World {
    /// One to three users act at the same moment.
    pub(super) async fn users(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        let count = 1 + self.random.below(3);
        let wishes: Vec<_> = (0..count).map(|_| self.wish()).collect();
        self.ask(life, records, wishes).await
    }

    /// Nothing new comes, and what waits may start.
    pub(super) async fn close_up(&mut self, life: &Life, records: &mut Records) -> Result<(), Stop> {
        let active = self.audit.workflows().filter(|workflow| workflow.state == WorkflowState::Active);
        let pauses = active.map(|workflow| Wish::Pause(workflow.id));
        let wishes = pauses.chain([Wish::Maintenance(false)]).collect();
        self.ask(life, records, wishes).await
    }

    async fn ask(&mut self, life: &Life, records: &mut Records, wishes: Vec<Wish>) -> Result<(), Stop> {
        let asked = self.send(life, wishes);
        self.settle(life, records, || asked.iter().all(|(_, answer)| answer.is_finished())).await?;
        self.hear(asked).await
    }

    /// Users act, and nobody waits until they are answered.
    pub(super) fn users_ask(&mut self, life: &Life) -> Vec<Asked> {
        let wishes = (0..3).map(|_| self.wish()).collect();
        self.send(life, wishes)
    }

    fn send(&mut self, life: &Life, wishes: Vec<Wish>) -> Vec<Asked> {
        let mut asked = Vec::new();
        for wish in wishes {
            self.note(format!("a user: {wish:?}"));
            asked.push((wish.clone(), ask(life, wish)));
        }
        asked
    }

    /// What users are told.
    pub(super) async fn hear(&mut self, asked: Vec<Asked>) -> Result<(), Stop> {
        for (wish, answer) in asked {
            let answer = answer.await.map_err(|_| format!("{wish:?} panicked"))?;
            self.told(&wish, answer)?;
        }
        Ok(())
    }

    fn told(&mut self, wish: &Wish, answer: StoreResult<Answer>) -> Result<(), Stop> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(StoreError::Refused(Error::Internal { .. })) => {
                return Err(Stop::Broken(format!("{wish:?} met a fault of ours")));
            }
            Err(StoreError::Refused(refusal)) => {
                self.note(format!("  refused: {refusal}"));
                return Ok(());
            }
            Err(error) if self.refused => {
                self.note(format!("  {error}"));
                return Ok(());
            }
            Err(error) => return Err(Stop::Broken(format!("{wish:?}: {error}"))),
        };
        match (wish, answer) {
            (Wish::Run(workflow, key, _), Answer::Queued(execution)) => {
                self.promises.push(execution.id);
                let known = self.keys.iter_mut().find(|(of, known, _)| of == workflow && Some(known) == key.as_ref());
                if let Some((_, _, first)) = known {
                    let first = *first.get_or_insert(execution.id);
                    // What retention removed is forgotten, and its key with it.
                    let remembered = self.audit.execution(first).is_some_and(|first| !first.status.is_final());
                    if first != execution.id && remembered {
                        return Err(Stop::Broken(format!("{wish:?} was queued as {first} and as {}", execution.id)));
                    }
                }
            }
            (_, Answer::Cancelled(execution)) => {
                // It may be over by now, but it was told of, so it is known.
                let status = self.audit.execution(execution.id).map(|known| known.status);
                let after = execution.status == Status::Cancelling || status == Some(execution.status);
                if !after {
                    return Err(Stop::Broken(format!("{wish:?} was told {:?}, it is {status:?}", execution.status)));
                }
            }
            (_, Answer::Project(project)) => self.projects.push(project),
            _ => {}
        }
        Ok(())
    }

    fn wish(&mut self) -> Wish {
        let workflows: Vec<_> = self.audit.workflows().map(|workflow| (workflow.id, workflow.version)).collect();
        if self.projects.is_empty() || self.projects.len() < PROJECTS_MAX && self.random.one_in(10) {
            return Wish::CreateProject(format!("project {}", self.random.below(100)));
        }
        if workflows.is_empty() || workflows.len() < WORKFLOWS_MAX && self.random.one_in(4) {
            return Wish::Create(self.plan());
        }
        if self.random.one_in(if self.audit.is_maintenance() { 8 } else { 25 }) {
            return Wish::Maintenance(self.random.one_in(4) == self.audit.is_maintenance());
        }
        if let Some(dead) = self.audit.dead_delivery().filter(|_| self.random.one_in(10)) {
            return Wish::Resend(dead);
        }
        let (workflow, version) = *self.random.pick(&workflows);
        match self.random.below(20) {
            0 => Wish::Create(self.plan()),
            1 => Wish::Duplicate(workflow),
            2 => Wish::Delete(workflow),
            3 => Wish::Pause(workflow),
            4..7 => Wish::Resume(workflow),
            7 | 8 => {
                let version = if self.random.one_in(8) { version - 1 } else { version };
                Wish::Edit(workflow, self.plan(), version)
            }
            9..12 => {
                let open: Vec<_> = self.audit.open().map(|execution| execution.id).collect();
                let all: Vec<_> = self.audit.executions().map(|execution| execution.id).collect();
                match (open.is_empty(), all.is_empty()) {
                    (false, _) if !self.random.one_in(6) => Wish::Cancel(*self.random.pick(&open)),
                    (_, false) => Wish::Cancel(*self.random.pick(&all)),
                    _ => Wish::Run(workflow, None, None),
                }
            }
            12..16 => {
                let again = self.random.one_in(4);
                Wish::Run(workflow, None, again.then(|| *self.random.pick(&Step::ALL)))
            }
            _ => {
                // A double click, a click that was not answered, or a new one.
                if !self.keys.is_empty() && self.random.one_in(2) {
                    let (workflow, key, _) = self.random.pick(&self.keys).clone();
                    return Wish::Run(workflow, Some(key), None);
                }
                let key = format!("click {}", self.keys.len());
                self.keys.push((workflow, key.clone(), None));
                Wish::Run(workflow, Some(key), None)
            }
        }
    }

    fn plan(&mut self) -> Plan {
        let schedule = match self.random.below(6) {
            0 => Schedule::OnDemand,
            1 => Schedule::Simple { every: 1 + self.random.below_u32(90), unit: Unit::Minutes },
            2 => Schedule::Simple { every: 1 + self.random.below_u32(5), unit: Unit::Hours },
            3 => Schedule::Simple { every: 1, unit: Unit::Days },
            _ => {
                let expressions =
                    ["*/20 * * * *", "30 2 * * *", "15 * * * *", "0 3,4 * * *", "*/7 1-5 * * *", "@hourly"];
                Schedule::Cron { expression: (*self.random.pick(&expressions)).to_owned() }
            }
        };
        let retries = *self.random.pick(&[0, 0, 1, 3]);
        Plan {
            name: format!("workflow {}", self.random.below(40)),
            project_id: *self.random.pick(&self.projects),
            steps: StepRange::ALL,
            schedule_words: schedule::words(&schedule),
            schedule,
            time_zone: ZONE.to_owned(),
            retries,
            retry_delays_s: vec![60, 300, 900],
            suspend_after: *self.random.pick(&[0, 1, 2, 3]),
            missed: *self.random.pick(&[Missed::CatchUp, Missed::Skip]),
            timeout_s: *self.random.pick(&[0, 0, 90, 3600]),
            notifications: Notifications {
                emails: vec!["ann@example.com".to_owned()],
                webhooks: Vec::new(),
                on_success: self.random.one_in(2),
                on_failure: true,
                digest_hour: self.random.one_in(3).then_some(3),
                ..Notifications::default()
            },
        }
    }
}

fn ask(life: &Life, wish: Wish) -> JoinHandle<StoreResult<Answer>> {
    let store = life.store.clone();
    tokio::spawn(async move {
        let by = by("ann");
        Ok(match wish {
            Wish::CreateProject(name) => Answer::Project(store.create_project(name, by).await?.id),
            Wish::Create(plan) => store.create_workflow(plan, by).await.map(|_| Answer::Done)?,
            Wish::Edit(id, plan, version) => {
                store.replace_workflow(id, plan, version, by).await.map(|_| Answer::Done)?
            }
            Wish::Pause(id) => store.pause_workflow(id, by).await.map(|_| Answer::Done)?,
            Wish::Resume(id) => store.resume_workflow(id, by).await.map(|_| Answer::Done)?,
            Wish::Duplicate(id) => store.duplicate_workflow(id, by).await.map(|_| Answer::Done)?,
            Wish::Delete(id) => store.delete_workflow(id, by).await.map(|()| Answer::Done)?,
            Wish::Run(workflow, key, from) => {
                let request = Request { workflow, trigger: Trigger::Manual, by, from, key };
                Answer::Queued(store.enqueue(request).await?)
            }
            Wish::Resend(id) => store.resend_delivery(id, by).await.map(|_| Answer::Done)?,
            Wish::Maintenance(on) => store.set_maintenance(on, by).await.map(|_| Answer::Done)?,
            Wish::Cancel(id) => Answer::Cancelled(store.cancel(id, by).await?),
        })
    })
}
