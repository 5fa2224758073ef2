use std::time::Duration;

use engine::{
    Failure,
    databases::{Databases as _, Wanted},
    secrets::Password,
};

use super::{Ground, Kind, cut::Way, each};

#[tokio::test]
async fn values_of_postgresql_are_text_without_loss() {
    let Some(ground) = Ground::new(Kind::Postgresql).await else { return };
    ground
        .execute(
            "CREATE TYPE mood AS ENUM ('fine'); CREATE DOMAIN zip AS text;
             CREATE TABLE all_types (n numeric, i bigint, r real, d double precision, b boolean, t text, c char(5),
               day date, at timestamp, tz timestamptz, tm time, iv interval, raw bytea, u uuid, j jsonb, a int[], m mood,
               z zip, ip inet, empty text);
             INSERT INTO all_types VALUES (12345678901234567890.123456789012345678900, -9223372036854775808, 0.1, 1e-17,
               true, E'Zoë\\n\"x\"', 'ab', '2024-02-29', '2024-02-29 13:14:15.5', '2024-02-29 13:14:15+02', '01:02:03',
               '1 year 2 days', '\\x00ff', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{\"a\": 1}', '{1,2}', 'fine', '01234',
               '10.0.0.1', NULL)",
        )
        .await;
    assert_eq!(
        ground.table("all_types").await,
        ["12345678901234567890.123456789012345678900|-9223372036854775808|0.1|1e-17|true|Zoë\n\"x\"|ab   |2024-02-29|\
          2024-02-29T13:14:15.5|2024-02-29T11:14:15Z|01:02:03|P1Y2D|00ff|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|{\"a\": 1}|\
          {1,2}|fine|01234|10.0.0.1|"]
    );
}

#[tokio::test]
async fn values_of_mysql_are_text_without_loss() {
    let Some(ground) = Ground::new(Kind::Mysql).await else { return };
    ground
        .execute(
            "CREATE TABLE all_types (n decimal(40,20), i bigint unsigned, f float, d double, b boolean, t text, c char(5),
               day date, at datetime(3), tz timestamp NULL, tm time, y year, raw varbinary(4), bits bit(12),
               m enum('fine'), j json,
               u varchar(20) COLLATE utf8mb4_bin, empty text) CHARACTER SET utf8mb4;
             SET time_zone = '+02:00';
             INSERT INTO all_types VALUES (12345678901234567890.12345678901234567890, 18446744073709551615, 16777217, 0.1,
               true, 'Zoë\n\"x\"', 'ab', '2024-02-29', '2024-02-29 13:14:15.5', '2024-02-29 13:14:15', '01:02:03', 2024,
               x'00ff', b'100000000001', 'fine', '{\"a\": 1}', 'Łukasz', NULL);
             SET sql_mode = ''; INSERT INTO all_types (day, at) VALUES ('0000-00-00', '0000-00-00')",
        )
        .await;
    assert_eq!(
        ground.table("all_types").await,
        [
            "12345678901234567890.12345678901234567890|18446744073709551615|16777216|0.1|1|Zoë\n\"x\"|ab|2024-02-29|\
             2024-02-29T13:14:15.500|2024-02-29T11:14:15Z|01:02:03|2024|00ff|2049|fine|{\"a\": 1}|Łukasz|",
            "|||||||||||||||||",
        ]
    );
}

#[tokio::test]
async fn values_of_sqlite_are_what_they_are_whatever_the_column_says() {
    let Some(ground) = Ground::new(Kind::Sqlite).await else { return };
    ground
        .execute(
            "CREATE TABLE all_types (a INTEGER, b, c TEXT, d DATETIME, e BLOB);
             INSERT INTO all_types VALUES (9223372036854775807, 0.1, 'Zoë', '2024-02-29', x'00ff'), ('text', 1e20, 2, 3, NULL)",
        )
        .await;
    assert_eq!(
        ground.table("all_types").await,
        ["9223372036854775807|0.1|Zoë|2024-02-29|00ff", "text|100000000000000000000|2|3|"]
    );
}

#[tokio::test]
async fn a_table_comes_in_the_order_of_its_key_and_a_query_in_its_own() {
    each(|ground| async move {
        ground.execute("CREATE TABLE people (b INT, a INT, name VARCHAR(20), PRIMARY KEY (a, b))").await;
        ground.execute("INSERT INTO people VALUES (2, 1, 'x'), (1, 2, 'y'), (1, 1, 'z')").await;
        if ground.kind != Kind::Sqlite {
            assert_eq!(ground.table("people").await, ["1|1|z", "2|1|x", "1|2|y"], "{:?}", ground.kind);
        }
        let names = ground.query("-- all of them\nSELECT name FROM people ORDER BY name DESC;").await;
        assert_eq!(names, ["z", "y", "x"], "{:?}", ground.kind);
    })
    .await;
}

#[tokio::test]
async fn nothing_but_one_statement_that_reads_is_taken() {
    each(|ground| async move {
        ground.execute("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(20))").await;
        ground.execute("INSERT INTO people VALUES (1, 'Ann')").await;
        for sql in [
            "DELETE FROM people",
            "DROP TABLE people",
            "SELECT * FROM people; DELETE FROM people",
            "COMMIT",
            "SELECT 1); DELETE FROM people; SELECT * FROM (SELECT 1",
            "",
            "ATTACH DATABASE '/tmp/other.db' AS other",
            "SELECT * FROM nobody",
        ] {
            let message = ground.refused(sql).await;
            assert!(message.starts_with(&format!("the database {}: ", ground.access.database.place())), "{message}");
        }
        assert_eq!(ground.table("people").await, ["1|Ann"], "{:?}", ground.kind);
    })
    .await;
}

#[tokio::test]
async fn one_state_is_seen_from_the_first_row_to_the_last() {
    each(|ground| async move {
        if ground.kind == Kind::Sqlite {
            ground.execute("PRAGMA journal_mode = WAL").await;
        }
        ground.execute("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(500))").await;
        let name = "x".repeat(300);
        for first in (0..20_000).step_by(1_000) {
            let rows = (first..first + 1_000).map(|id| format!("({id}, '{name}')")).collect::<Vec<_>>().join(", ");
            ground.execute(&format!("INSERT INTO people VALUES {rows}")).await;
        }
        let wanted = Wanted::Table { schema: None, table: "people".to_owned() };
        let mut reading = ground.databases.read(&ground.access, &wanted).await.unwrap();
        let mut count = reading.next().await.unwrap().unwrap().len();
        assert!(count < 10_000, "{count} rows came at once");
        ground.execute("DELETE FROM people WHERE id > 5").await;
        while let Some(rows) = reading.next().await.unwrap() {
            count += rows.len();
        }
        assert_eq!(count, 20_000, "{:?}", ground.kind);
        assert_eq!(ground.query("SELECT count(*) FROM people").await, ["6"]);
    })
    .await;
}

#[tokio::test]
async fn a_database_that_takes_too_long_is_given_up() {
    for (kind, sql) in [(Kind::Postgresql, "SELECT pg_sleep(600)"), (Kind::Mysql, "SELECT SLEEP(600)")] {
        let Some(mut ground) = Ground::new(kind).await else { continue };
        ground.access.timeout = Duration::from_secs(1);
        let message = ground.refused(sql).await;
        assert!(message.contains("no answer within 1 s") || message.contains("statement timeout"), "{message}");
    }
}

#[tokio::test]
async fn a_refusal_tells_no_password() {
    for kind in [Kind::Postgresql, Kind::Mysql] {
        let Some(mut ground) = Ground::new(kind).await else { continue };
        ground.access.password = Some(Password("not-the-right-one".to_owned()));
        let message = ground.refused("SELECT 1").await;
        assert!(message.contains("cannot connect"), "{message}");
        ground.access.password = Some(Password("millrace".to_owned()));
        let message = ground.refused("SELECT 1").await;
        assert!(!message.contains("millrace"), "even where it is a name, too: {message}");
    }
}

#[tokio::test]
async fn a_database_that_dies_while_it_is_read_is_an_error_and_not_an_end() {
    for kind in [Kind::Postgresql, Kind::Mysql] {
        let Some(ground) = Ground::new(kind).await else { continue };
        ground.execute("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(500))").await;
        let rows = (0..2_000).map(|id| format!("({id}, '{}')", "x".repeat(100))).collect::<Vec<_>>().join(", ");
        ground.execute(&format!("INSERT INTO people VALUES {rows}")).await;
        let wanted = Wanted::Table { schema: None, table: "people".to_owned() };
        let whole = Way::to(ground.port(), u64::MAX).await;
        assert_eq!(ground.read(&ground.by_port(whole.port), &wanted).await.unwrap().len(), 2_000);
        // The last bytes are the good-bye, behind all rows.
        let last = whole.carried() - 300;
        for step in 0..40 {
            let way = Way::to(ground.port(), last * step / 40).await;
            let access = ground.by_port(way.port);
            let read = ground.read(&access, &wanted).await;
            let Err(Failure::Input(message)) = read else {
                panic!("{kind:?}, {step}/40: {:?}", read.map(|rows| rows.len()))
            };
            assert!(message.contains(&access.database.place()), "{message}");
        }
    }
}
