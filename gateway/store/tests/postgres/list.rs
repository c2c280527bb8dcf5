//! The list of exchanges among very many, question by question. By hand, since filling a table takes a minute:
//! `cargo test --release -p gateway-store list_of_a_million -- --ignored --nocapture`; `SIMPUL_TEST_ROWS` gives another number.

use super::Place;
use gateway_core::exchange::State;
use gateway_core::journal::{Filter, Journal};
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

/// A month of exchanges of forty consumers with three systems, half a per cent of them not done.
const FILL: &str = "INSERT INTO exchanges (seq, id, consumer, operation, system, purpose, fingerprint, reference, created, state, before,
        fence, due, wake, head, attempts, lookups, tries, changed, erased)
    SELECT n, md5(n::text)::uuid, 'opd-' || n % 40, (ARRAY['pengaduan.kirim', 'izin.status.tulis', 'naskah.masuk.kirim'])[1 + n % 3],
        (ARRAY['lapor', 'oss', 'srikandi'])[1 + n % 3], 'uji', decode(repeat('00', 32), 'hex'), 'R-' || n, t.at, s.state, s.state,
        1, t.at, t.at, false, 1, 0, 1, t.at, true
    FROM generate_series(1, $1::bigint) n
    CROSS JOIN LATERAL (SELECT $2::bigint - ($1 - n) * (2592000000000000 / $1) AS at) t
    CROSS JOIN LATERAL (SELECT (CASE WHEN n % 200 = 0 THEN 4 + 3 * (n / 200 % 2) ELSE 5 END)::smallint AS state) s";

#[tokio::test]
#[ignore = "fills a table with a million rows; run by hand"]
async fn list_of_a_million() {
    let Some(place) = Place::find() else { return };
    let journal = place.open("simpul-1").await;
    #[allow(clippy::disallowed_methods, reason = "the size of a trial by hand")]
    let rows: i64 = std::env::var("SIMPUL_TEST_ROWS").map_or(1_000_000, |rows| rows.parse().unwrap());
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let client = place.client().await;
    let nanos = i64::try_from(now.as_nanosecond()).unwrap();
    client.execute(FILL, &[&rows, &nanos]).await.unwrap();
    client.batch_execute("VACUUM ANALYZE exchanges").await.unwrap();
    let ago = |days: i64| Some(now - SignedDuration::from_hours(24 * days));
    let word = |word: &str| Some(word.to_owned());
    let any = Filter::default;
    let asked = [
        ("newest", 50, any()),
        (
            "of a system",
            50,
            Filter {
                system: word("oss"),
                ..any()
            },
        ),
        (
            "of an operation",
            50,
            Filter {
                operation: word("izin.status.tulis"),
                ..any()
            },
        ),
        (
            "of an operation never called",
            0,
            Filter {
                operation: word("tidak.ada"),
                ..any()
            },
        ),
        (
            "of a consumer",
            50,
            Filter {
                consumer: word("opd-7"),
                ..any()
            },
        ),
        (
            "of a consumer that never called",
            0,
            Filter {
                consumer: word("opd-0000"),
                ..any()
            },
        ),
        (
            "done, of a consumer that never called",
            0,
            Filter {
                consumer: word("opd-0000"),
                states: vec![State::Done],
                ..any()
            },
        ),
        (
            "up to ten days ago",
            50,
            Filter {
                until: ago(10),
                ..any()
            },
        ),
        (
            "up to 29 days ago",
            50,
            Filter {
                until: ago(29),
                ..any()
            },
        ),
        (
            "of the last minute",
            24,
            Filter {
                since: Some(now - SignedDuration::from_secs(60)),
                ..any()
            },
        ),
        (
            "failed",
            50,
            Filter {
                states: vec![State::Dead],
                ..any()
            },
        ),
        (
            "failed, of a consumer that never called",
            0,
            Filter {
                consumer: word("opd-0000"),
                states: vec![State::Dead],
                ..any()
            },
        ),
        (
            "by reference",
            1,
            Filter {
                reference: Some(format!("R-{}", rows / 2)),
                ..any()
            },
        ),
    ];
    let mut worst = Duration::ZERO;
    for (name, found, filter) in asked {
        let mut took = Vec::new();
        for _ in 0..40 {
            let begun = Instant::now();
            let page = journal.list(filter.clone()).await.unwrap();
            took.push(begun.elapsed());
            assert!(page.len() == found || rows != 1_000_000, "{name}: {}", page.len());
        }
        took.sort_unstable();
        eprintln!("{name:40} p50 {:>9.1?}   p95 {:>9.1?}", took[20], took[37]);
        // Nearly all of the table lies between now and that day; said in the runbook, not promised.
        if name != "up to 29 days ago" {
            worst = worst.max(took[37]);
        }
    }
    place.end().await;
    assert!(worst < Duration::from_millis(300), "{worst:?}");
}
