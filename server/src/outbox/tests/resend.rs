//! What is dead can be sent again by a person: as a delivery of its own, once for each press.

use model::{
    Error, Scope,
    activity::ActivityFilter,
    delivery::{DeliveryFilter, Resent},
};

use super::*;
use crate::{store::StoreError, testing::by};

/// A delivery that ended so.
async fn dead(bench: &Bench, transport: &Arc<Scripted>, error: SendError) -> Delivery {
    let workflow = workflow(bench, |plan| plan).await;
    let waiting = ends(bench, workflow, |_, run| run.succeed()).await.remove(0);
    let attempts = if matches!(error, SendError::Unknown(_)) { 1 } else { limits::DELIVERY_ATTEMPTS_MAX };
    (0..attempts).for_each(|_| transport.answers(Err(error.clone())));
    deliver_all(bench, transport).await;
    of_execution(bench, waiting.execution_id).await.remove(0)
}

async fn deliver_all(bench: &Bench, transport: &Arc<Scripted>) {
    while let Some(next) = outbox(bench, transport.clone()).deliver_due().await.unwrap() {
        bench.clock.set(next);
    }
}

async fn of_execution(bench: &Bench, execution: Option<ExecutionId>) -> Vec<Delivery> {
    bench.store.deliveries(execution.expect("of a run")).await.unwrap()
}

async fn resend(bench: &Bench, id: DeliveryId) -> Result<Delivery, Error> {
    bench.store.resend_delivery(id, by("bob")).await.map_err(|error| match error {
        StoreError::Refused(refusal) => refusal,
        other => panic!("{other}"),
    })
}

async fn listed(bench: &Bench, filter: DeliveryFilter) -> Vec<Delivery> {
    let items = bench.store.dead_deliveries(&filter, &Scope::All).await.unwrap().data.items;
    items.into_iter().map(|item| item.delivery).collect()
}

#[tokio::test]
async fn what_is_dead_is_sent_again_once_for_each_press_and_stays_what_it_was() {
    for error in [SendError::NotSent("no connection".to_owned()), SendError::Unknown("it broke off".to_owned())] {
        let (bench, transport) = (Bench::new().await.working(), Arc::new(Scripted::default()));
        let failed = dead(&bench, &transport, error).await;
        assert!(failed.may_be_resent());
        let attempts_before = transport.sent().len();

        // A double click, and one more when the page is old.
        let again = resend(&bench, failed.id).await.unwrap();
        assert_eq!(resend(&bench, failed.id).await.unwrap(), again);
        deliver_all(&bench, &transport).await;
        assert_eq!(resend(&bench, failed.id).await.unwrap().status, DeliveryStatus::Delivered);
        deliver_all(&bench, &transport).await;
        assert_eq!(transport.sent().len(), attempts_before + 1);

        let deliveries = of_execution(&bench, failed.execution_id).await;
        let [first, second] = &deliveries[..] else { panic!("{deliveries:?}") };
        let resent = Some(Resent { id: again.id, status: DeliveryStatus::Delivered });
        assert_eq!(first, &Delivery { resent, ..failed.clone() });
        assert_eq!((second.status, second.resend_of), (DeliveryStatus::Delivered, Some(failed.id)));
        assert_eq!(second.requested_by.as_deref(), Some("bob"));
        assert!(!first.may_be_resent() && !second.may_be_resent());
        let pressed = ActivityFilter { kind: Some("notification_resent".to_owned()), ..ActivityFilter::default() };
        let pressed = bench.log(pressed).await;
        assert_eq!(
            (pressed.len(), pressed[0].by.as_deref()),
            (1, Some("bob")),
            "written down for the press that did it"
        );
        // Whoever gets both can tell that they are one.
        let ids: Vec<DeliveryId> = transport.sent.lock().unwrap().iter().map(|letter| letter.id).collect();
        assert!(ids.iter().all(|id| *id == failed.id), "{ids:?}");
    }
}

#[tokio::test]
async fn what_failed_again_can_be_sent_again() {
    let (bench, transport) = (Bench::new().await.working(), Arc::new(Scripted::default()));
    let unknown = || SendError::Unknown("it broke off".to_owned());
    let failed = dead(&bench, &transport, unknown()).await;
    transport.answers(Err(unknown()));
    let second = resend(&bench, failed.id).await.unwrap();
    deliver_all(&bench, &transport).await;
    // The old one has had its press: it gives what came of that.
    assert_eq!(resend(&bench, failed.id).await.unwrap().status, DeliveryStatus::Unknown);
    let third = resend(&bench, second.id).await.unwrap();
    deliver_all(&bench, &transport).await;
    assert_eq!(transport.sent().len(), 3);
    let left: Vec<_> = listed(&bench, DeliveryFilter::default()).await;
    assert_eq!(left.iter().map(|dead| dead.id).collect::<Vec<_>>(), [second.id, failed.id], "what ended last first");
    assert_eq!(left[0].resent, Some(Resent { id: third.id, status: DeliveryStatus::Delivered }));
}

#[tokio::test]
async fn what_arrived_or_is_still_tried_is_not_sent_again() {
    let (bench, transport) = (Bench::new().await.working(), Arc::new(Scripted::default()));
    let workflow = workflow(&bench, |plan| plan).await;
    let waiting = ends(&bench, workflow, |_, run| run.succeed()).await.remove(0);
    assert!(resend(&bench, waiting.id).await.unwrap_err().to_string().contains("still being tried"));
    bench.store.take_due_deliveries(1).await.unwrap();
    assert!(resend(&bench, waiting.id).await.unwrap_err().to_string().contains("still being tried"));
    bench.store.record_attempt(waiting.id, Attempted::Delivered).await.unwrap();
    assert!(resend(&bench, waiting.id).await.unwrap_err().to_string().contains("was delivered"));
    let nobodys = DeliveryId::from_uuid(Uuid::nil());
    assert_eq!(resend(&bench, nobodys).await.unwrap_err(), Error::not_found("notification"));
    assert!(transport.sent().is_empty());
}

#[tokio::test]
async fn the_dead_are_listed_in_pages_by_what_became_of_them_and_where() {
    let (bench, transport) = (Bench::new().await.working(), Arc::new(Scripted::default()));
    let told = workflow(&bench, |plan| plan).await;
    let project = bench.store.find_workflow(told).await.unwrap().project_id;
    let mut ended = Vec::new();
    for _ in 0..5 {
        ended.push(ends(&bench, told, |_, run| run.succeed()).await[0].id);
        transport.answers(Err(SendError::Unknown("it broke off".to_owned())));
        deliver_all(&bench, &transport).await;
    }
    let mut filter = DeliveryFilter { limit: Some(2), ..DeliveryFilter::default() };
    let mut seen = Vec::new();
    loop {
        let page = bench.store.dead_deliveries(&filter, &Scope::All).await.unwrap().data;
        seen.extend(page.items.iter().map(|dead| dead.delivery.id));
        filter.cursor = page.next_cursor;
        if filter.cursor.is_none() {
            break;
        }
    }
    // They ended at the same time, and none is lost or shown twice between two pages.
    assert!(seen.iter().eq(ended.iter().rev()), "{seen:?}");
    let count = async |filter| listed(&bench, filter).await.len();
    let any = DeliveryFilter::default;
    assert_eq!(
        count(DeliveryFilter { status: Some(DeliveryStatus::Unknown), project: Some(project), ..any() }).await,
        5
    );
    assert_eq!(count(DeliveryFilter { status: Some(DeliveryStatus::Failed), ..any() }).await, 0);
    let other = bench.project("other").await;
    assert_eq!(count(DeliveryFilter { project: Some(other), ..any() }).await, 0);
    for (seen, items) in [(project, 5), (other, 0)] {
        let scope = Scope::Projects([seen].into());
        assert_eq!(bench.store.dead_deliveries(&any(), &scope).await.unwrap().data.items.len(), items);
    }
    assert_eq!(bench.store.project_of_delivery(ended[0]).await.unwrap(), project);
    let wrong = DeliveryFilter { cursor: Some("page-2".to_owned()), ..any() };
    assert!(bench.store.dead_deliveries(&wrong, &Scope::All).await.is_err());
}
