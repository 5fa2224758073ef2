use model::{Scope, Timestamp, execution::ExecutionFilter};
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

use crate::testing::{Bench, SLOTS};

const FAILURES: i64 = 3_000;

/// Every third failure is of the second workflow, and has one more word.
const FAIL: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO executions (number, id, workflow_id, project_id, status, \"trigger\", original_trigger, attempt,
        attempts, queued_at, ready_at, error, steps)
    SELECT i, randomblob(16), w.id, w.project_id, 'queued', 'api', 'api', 1, 1, i, i,
        'line ' || i || ': no authentication' || iif(i % 3 = 0, ', über all', ''), '[]'
    FROM n JOIN workflows w ON w.name = iif(i % 3 = 0, 'b', 'a')";

#[tokio::test]
async fn a_word_of_every_error_is_paged_like_a_word_of_one() {
    let bench = Bench::new().await;
    let (_, b, c) = (bench.workflow("a").await, bench.workflow("b").await.id, bench.workflow("c").await.id);
    let mut database = SqliteConnectOptions::new().filename(bench.directory.database()).connect().await.unwrap();
    sqlx::query(FAIL).bind(FAILURES).execute(&mut database).await.unwrap();
    let ended = "UPDATE executions SET status = 'failed', started_at = ready_at, finished_at = ready_at, epoch = 1";
    sqlx::query(ended).execute(&mut database).await.unwrap();

    let all = async |filter: ExecutionFilter| {
        let (mut filter, mut found) = (ExecutionFilter { limit: Some(70), ..filter }, Vec::new());
        loop {
            let page = bench.store.executions(&filter, &Scope::All, SLOTS, bench.now()).await.unwrap().data;
            found.extend(page.items.iter().map(|execution| execution.queued_at.as_micros()));
            filter.cursor = page.next_cursor;
            if filter.cursor.is_none() {
                return found;
            }
        }
    };
    let words = |text: &str| ExecutionFilter { q: Some(text.to_owned()), ..ExecutionFilter::default() };
    let newest_first = |wanted: fn(&i64) -> bool| (1..=FAILURES).rev().filter(wanted).collect::<Vec<_>>();
    assert_eq!(all(words("line")).await, newest_first(|_| true));
    assert_eq!(all(words("authent")).await, newest_first(|_| true));
    assert_eq!(all(words("no authentication")).await, newest_first(|_| true));
    assert_eq!(all(words("AUTHENTICATION ub")).await, newest_first(|number| number % 3 == 0));
    assert_eq!(all(words("line 271")).await, newest_first(|number| number.to_string().starts_with("271")));
    assert_eq!(all(words("nowhere")).await, Vec::<i64>::new());
    let of_b = ExecutionFilter { workflow: Some(b), ..words("line") };
    assert_eq!(all(of_b.clone()).await, newest_first(|number| number % 3 == 0));
    let early = ExecutionFilter { to: Some(Timestamp::from_micros(8)), ..of_b };
    assert_eq!(all(early).await, [6, 3]);
    let of_c = ExecutionFilter { workflow: Some(c), ..words("line") };
    assert_eq!(all(of_c).await, Vec::<i64>::new());
}
