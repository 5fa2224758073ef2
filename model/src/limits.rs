//! Every limit of the product, in one place. Units are the last word of the name.

/// Characters in a workflow's or project's name.
pub const NAME_CHARS_MAX: usize = 100;
/// Executions waiting for one workflow; one more is refused.
pub const QUEUED_PER_WORKFLOW_MAX: i64 = 100;
/// Retries after the first attempt.
pub const RETRIES_MAX: u8 = 3;
/// Delays after the 1st, 2nd and 3rd failure.
pub const RETRY_DELAYS_DEFAULT_S: [u32; 3] = [60, 300, 900];
/// The longest wait before a retry.
pub const RETRY_DELAY_MAX_S: u32 = 7 * 24 * 3600;
/// Failed runs in a row after which a workflow is suspended.
pub const SUSPEND_AFTER_DEFAULT: u32 = 3;
/// Time after which an execution is stopped.
pub const TIMEOUT_DEFAULT_S: u64 = 24 * 3600;
/// A scheduled execution that waits longer than this for its start is told like a failure.
pub const START_WITHIN_DEFAULT_S: u64 = 3600;
/// While less than this is free on the disk, nothing starts and nothing goes on running.
pub const DISK_FREE_MIN_DEFAULT_BYTES: u64 = 1 << 30;
/// Workflows that one bulk action names.
pub const BULK_WORKFLOWS_MAX: usize = 5_000;
/// People who are told of a workflow's runs.
pub const RECIPIENTS_MAX: usize = 50;
/// Attempts to deliver one notification before it counts as failed.
pub const DELIVERY_ATTEMPTS_MAX: u32 = 10;
/// Failures that a digest names one by one.
pub const DIGEST_FAILURES_MAX: usize = 10;
/// Tests of recipients that are on their way at once; one more is refused.
pub const RECIPIENT_TESTS_MAX: usize = 4;
/// Missed occurrences that are recorded with their time; of more only the number, the first and the last.
pub const MISSED_LISTED_MAX: usize = 100;
/// Entries of one workflow that are kept, and as many of what people did with its executions.
pub const ACTIVITY_KEPT_MAX: i64 = 1_000;
/// Entries of each kind of subject that are kept.
pub const ACTIVITY_OF_SUBJECT_MAX: i64 = 250_000;
/// Changed fields that one entry lists, and the bytes that they may have together.
pub const CHANGES_LISTED_MAX: usize = 50;
pub const CHANGES_MAX_BYTES: usize = 16 * 1024;
/// Characters of a value before or after a change; of a longer one the beginning is kept.
pub const CHANGED_VALUE_CHARS_MAX: usize = 500;
/// People and programs that a list of who did something names.
pub const ACTORS_LISTED_MAX: usize = 200;
/// The longest interval of a simple schedule.
pub const INTERVAL_MAX_DAYS: u32 = 366;
/// Interruptions in a row after which an execution counts as failed.
pub const RECOVERIES_IN_A_ROW_MAX: u32 = 3;
/// The newest missed occurrence must be younger than this to be caught up.
pub const CATCH_UP_WITHIN_H: u64 = 24;
/// Characters of a cron expression.
pub const CRON_CHARS_MAX: usize = 256;
/// Occurrences that a preview may ask for.
pub const PREVIEW_COUNT_MAX: usize = 50;
/// Occurrences that a preview shows unless asked otherwise.
pub const PREVIEW_COUNT_DEFAULT: usize = 5;
/// Items on one page of a list.
pub const PAGE_ITEMS_MAX: usize = 200;
pub const PAGE_ITEMS_DEFAULT: usize = 50;
/// Outcomes in the strip of a card.
pub const STRIP_OUTCOMES: usize = 20;
/// Characters of an `X-Request-Id` that is kept.
pub const REQUEST_ID_CHARS_MAX: usize = 64;
/// Characters of an `Idempotency-Key`.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 200;
/// Bytes of one uploaded file unless the setting says otherwise.
pub const UPLOAD_DEFAULT_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes of a JSON or form body.
pub const BODY_MAX_BYTES: usize = 2 * 1024 * 1024;
/// Characters in the name of an uploaded file.
pub const FILE_NAME_CHARS_MAX: usize = 200;
/// Open connections unless the setting says otherwise; further ones wait to be accepted.
pub const CONNECTIONS_DEFAULT_MAX: usize = 8_000;
/// Open connections from one address unless the setting says otherwise; one more is closed. An office behind one address
/// has as many as its people have pages open, and some.
pub const CONNECTIONS_PER_ADDRESS_DEFAULT_MAX: usize = 1_000;
/// Bytes of a request's first line and headers.
pub const HEAD_MAX_BYTES: usize = 64 * 1024;
/// Live feeds that are open at once; one more is refused.
pub const LIVE_FEEDS_MAX: usize = 4_000;
/// The longest that a program may wait for the end of an execution in one request.
pub const WAIT_MAX_S: u64 = 60;
/// Progress messages of one execution.
pub const PROGRESS_PER_SECOND_MAX: u32 = 5;
/// Places in the queue that are told one by one when it moves.
pub const QUEUE_PLACES_MAX: usize = 100;
/// Messages waiting for one browser; a browser that falls further behind is told to resync.
pub const LIVE_QUEUE_MESSAGES_MAX: usize = 1024;
/// Events that are sent one by one on reconnect; beyond it the answer is `resync`.
pub const LIVE_REPLAY_EVENTS_MAX: i64 = 5_000;
/// Events kept in the log.
pub const EVENTS_KEPT_MAX: i64 = 200_000;
/// Log lines kept for one execution.
pub const LOG_LINES_MAX: usize = 10_000;
/// Sources in one project.
pub const SOURCES_MAX: usize = 32;
/// Columns in one source.
pub const COLUMNS_MAX: usize = 1_000;
/// Bytes of a column's name.
pub const COLUMN_NAME_MAX_BYTES: usize = 1_000;
/// Bytes of one cell; a longer one makes its row a reject.
pub const CELL_MAX_BYTES: usize = 1024 * 1024;
/// Bytes of one record.
pub const RECORD_MAX_BYTES: usize = 16 * 1024 * 1024;
/// Characters of a regular expression in a configuration, and bytes of what it compiles to.
pub const PATTERN_CHARS_MAX: usize = 1_000;
pub const PATTERN_COMPILED_BYTES_MAX: usize = 1024 * 1024;
/// Regular expressions of one configuration that compile to more than so many bytes.
pub const PATTERNS_LARGE_MAX: usize = 64;
pub const PATTERN_SMALL_BYTES: usize = 128 * 1024;
/// Characters of a text that a configuration puts in place of another.
pub const REPLACEMENT_CHARS_MAX: usize = 10_000;
/// Forms, chosen forms and rules on drift of one project, each.
pub const PROFILE_SETTINGS_MAX: usize = 200;
/// Changes from the profile before that are listed.
pub const DRIFT_LISTED_MAX: usize = 200;
/// Records that a preview of cleansing shows, unless it is asked for fewer or more, and at most.
pub const CLEANSE_PREVIEW_ROWS_DEFAULT: usize = 20;
pub const CLEANSE_PREVIEW_ROWS_MAX: usize = 200;
/// Characters of a value that a preview shows.
pub const CLEANSE_PREVIEW_CHARS_MAX: usize = 500;
/// Groups that a preview of merging shows, unless it is asked for fewer or more, and at most.
pub const MERGE_PREVIEW_GROUPS_DEFAULT: usize = 10;
pub const MERGE_PREVIEW_GROUPS_MAX: usize = 100;
/// A larger group is not shown: rules are about all of its records, and nobody reads so many.
pub const MERGE_PREVIEW_RECORDS_MAX: u32 = 200;
/// Operations of one cleansing.
pub const OPERATIONS_MAX: usize = 500;
/// Values that one operation maps.
pub const MAPPED_VALUES_MAX: usize = 10_000;
/// Words in a dictionary, and bytes of its file.
pub const DICTIONARY_WORDS_MAX: usize = 100_000;
pub const DICTIONARY_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Words that one entry of a dictionary is made of.
pub const DICTIONARY_PHRASE_WORDS_MAX: usize = 8;
/// Bytes of a value that may be a person's name or an address; longer ones are neither.
pub const NAME_OR_ADDRESS_MAX_BYTES: usize = 2_000;
/// Bytes of a packed source once it is unpacked.
pub const UNPACKED_MAX_BYTES: u64 = 32 * 1024 * 1024 * 1024;
/// Bytes of a source that is fetched from elsewhere.
pub const FETCHED_MAX_BYTES: u64 = 32 * 1024 * 1024 * 1024;
/// Bytes of an XLSX workbook once it is unpacked, and of those of its parts that are held in memory: above all the texts
/// that its cells share.
pub const WORKBOOK_UNPACKED_MAX_BYTES: u64 = 8 * 1024 * 1024 * 1024;
pub const WORKBOOK_HELD_MAX_BYTES: u64 = 512 * 1024 * 1024;
/// Bytes of an XLS workbook, which is held in memory as a whole.
pub const XLS_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Rejected rows that a step tolerates: this share of the rows, or `REJECTED_ROWS_FREE` if that is more.
pub const REJECTED_SHARE_MAX: f64 = 0.001;
pub const REJECTED_ROWS_FREE: u64 = 10;
/// Records in one run; a pair is two `u32`.
pub const RECORDS_MAX: u64 = u32::MAX as u64;
/// Candidate pairs that matching scores unless the project says otherwise: so many for each record, within these bounds.
/// Good blocking gives some dozens for each record.
pub const CANDIDATE_PAIRS_PER_RECORD: u64 = 1_000;
pub const CANDIDATE_PAIRS_DEFAULT_MIN: u64 = 100_000_000;
pub const CANDIDATE_PAIRS_DEFAULT_MAX: u64 = 2_000_000_000;
/// More than these are refused before any is scored, unless the project says otherwise.
pub const fn candidate_pairs_default(records: u64) -> u64 {
    let pairs = records.saturating_mul(CANDIDATE_PAIRS_PER_RECORD);
    if pairs < CANDIDATE_PAIRS_DEFAULT_MIN {
        CANDIDATE_PAIRS_DEFAULT_MIN
    } else if pairs > CANDIDATE_PAIRS_DEFAULT_MAX {
        CANDIDATE_PAIRS_DEFAULT_MAX
    } else {
        pairs
    }
}
/// Keys of one record under one blocking key; of more the smallest are taken. A title of twenty words has twenty under *any word*.
pub const BLOCKING_KEYS_PER_RECORD_MAX: usize = 512;
/// Bytes of two texts that are compared letter by letter; of longer ones the beginnings are.
pub const COMPARED_TEXT_MAX_BYTES: usize = 8 * 1024;
/// Records that one request decides about.
pub const REVIEW_RECORDS_MAX: usize = 1_000;
/// Flags of one project that are kept.
pub const REVIEW_FLAGS_MAX: i64 = 100_000;
/// Bytes of what a record is known by, where somebody decides about it.
pub const RECORD_ID_MAX_BYTES: usize = 1_000;
/// Records of a group that a page shows beside each other, and pairs or groups on a page.
pub const GROUP_RECORDS_SHOWN: usize = 20;
pub const MATCHES_SHOWN: usize = 20;
/// Records up to which the page of the configuration estimates blocking unasked.
pub const ESTIMATE_UNASKED_RECORDS_MAX: u64 = 100_000;
/// Characters of a password. The minimum is what NIST SP 800-63B asks for with some to spare; the maximum bounds the work.
pub const PASSWORD_CHARS_MIN: usize = 10;
pub const PASSWORD_CHARS_MAX: usize = 200;
/// Days after which a new token ends at the latest, unless it never does.
pub const TOKEN_DAYS_MAX: u32 = 3_650;
/// Tokens of one person, or of the server.
pub const TOKENS_MAX: i64 = 200;
/// People who may sign in.
pub const USERS_MAX: i64 = 10_000;
/// Sessions of one person; a further sign-in ends the oldest.
pub const SESSIONS_PER_USER_MAX: i64 = 50;
/// Time that a link is good for with which someone chooses their password.
pub const INVITATION_LASTS_S: u64 = 7 * 86_400;
/// Characters that are kept of what a browser calls itself.
pub const AGENT_CHARS_MAX: usize = 200;
/// Seconds that a database may take to answer an import, or to bring its next rows.
pub const DATABASE_READ_TIMEOUT_DEFAULT_S: u32 = 300;
/// Seconds that one statement of an export may take.
pub const DATABASE_WRITE_TIMEOUT_DEFAULT_S: u32 = 30;
/// The longest that either may be set to.
pub const DATABASE_TIMEOUT_MAX_S: u32 = 24 * 3600;
/// Rows that an export sends to a database together, and the most that it may be set to.
pub const DATABASE_BATCH_DEFAULT_ROWS: u32 = 1_000;
pub const DATABASE_BATCH_MAX_ROWS: u32 = 100_000;
/// Seconds that connecting to a database may take.
pub const DATABASE_CONNECT_TIMEOUT_S: u64 = 15;
/// Reads of one database that go on at once; further ones wait.
pub const DATABASE_READS_MAX: usize = 4;
/// Characters of a query in a configuration.
pub const QUERY_CHARS_MAX: usize = 100_000;
/// Bytes of one secret, and secrets of one project.
pub const SECRET_MAX_BYTES: usize = 16 * 1024;
pub const SECRETS_PER_PROJECT_MAX: i64 = 200;
