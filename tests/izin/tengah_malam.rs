//! Whose day it is: the token of a push names a date without a zone. Pushes at 23:59 and at 00:01 in Jakarta are taken, a
//! date that is only right in UTC is not unless that was configured, and yesterday's token is stale. What is not proven
//! costs the reading of its NIB and nothing more. The old key exchange is played over HTTP.

use e2e::client::{Client, until};
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup, system};
use gateway::wiring::Seams;
use jiff::civil::time;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::json;
use simulators::oss::{Access, Method, Outcome, Pusher, Revision, TokenForm};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use toml::{Table, Value};

struct World {
    neighbours: Neighbours,
    pusher: Arc<Pusher>,
    gateway: Inside,
    operator: String,
    person: Client,
    /// Seconds that everybody's clock is ahead.
    ahead: Arc<AtomicI64>,
    index: u32,
    _setup: Setup,
}

impl World {
    async fn new(change: impl FnOnce(&mut Table)) -> Self {
        let neighbours = Neighbours::start().await.unwrap();
        let setup = Setup::write(&neighbours, change).unwrap();
        let ahead = Arc::new(AtomicI64::new(0));
        let seams = Seams {
            ahead: Some(Arc::clone(&ahead)),
            ..Seams::default()
        };
        let gateway = Inside::start_with(&setup, seams).await.unwrap();
        let targets = gateway.targets(&setup, &neighbours);
        Self {
            pusher: neighbours.oss.with(|oss| oss.pusher()),
            person: Client::new(&setup.keys()[OPERATOR]),
            operator: targets.operator,
            neighbours,
            gateway,
            ahead,
            index: 0,
            _setup: setup,
        }
    }

    /// Sets every clock to the next time of day in Jakarta, never back.
    fn at(&self, hour: i8, minute: i8) {
        let before = self.ahead.load(Ordering::Relaxed);
        let now = Timestamp::now() + SignedDuration::from_secs(before);
        let local = now.to_zoned_datetime(TimeZone::fixed(offset(7)));
        let mut then = local.date().to_datetime(time(hour, minute, 5, 0));
        if then <= local.datetime() {
            then += 1.day();
        }
        let then = offset(7).to_timestamp(then).unwrap();
        let by = then.duration_since(now).as_secs();
        self.ahead.store(before + by, Ordering::Relaxed);
        self.neighbours.oss.clock().advance(SignedDuration::from_secs(by));
    }

    /// A new NIB, its token computed with a zone and a shift of days.
    async fn push(&mut self, zone_hours: i8, day_shift: i8) -> (Outcome, u16) {
        self.index += 1;
        {
            let mut rule = self.pusher.rule();
            rule.token.zone_hours = zone_hours;
            rule.token.day_shift = day_shift;
        }
        let push = self
            .pusher
            .prepare(Method::Nib, self.index, Revision::ORIGINAL)
            .unwrap();
        let ack = self.pusher.push(&push).await;
        (ack.outcome, ack.http)
    }

    async fn stored(&self) -> usize {
        let url = format!(
            "{}/admin/v1/pertukaran?operasi=masuk.oss.receiveNIB&jumlah=200",
            self.operator
        );
        let list = self.person.get(&url).await.unwrap().json();
        list["butir"].as_array().unwrap().len()
    }
}

const TAKEN: (Outcome, u16) = (Outcome::Stored, 200);
const REFUSED: (Outcome, u16) = (Outcome::NotStored, 401);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pushes_around_midnight_are_taken_and_a_foreign_day_is_not() {
    let mut world = World::new(|_| {}).await;
    world.at(23, 59);
    assert_eq!(world.push(7, 0).await, TAKEN, "23:59, the day in Jakarta");
    world.at(0, 1);
    assert_eq!(world.push(7, 0).await, TAKEN, "00:01, the new day");
    assert_eq!(world.push(7, -1).await, TAKEN, "00:01, sent just before midnight");
    assert_eq!(world.push(0, 0).await, TAKEN, "00:01, UTC still has the day before");
    world.at(0, 20);
    assert_eq!(world.push(7, -1).await, REFUSED, "00:20, yesterday is stale");
    world.at(3, 0);
    assert_eq!(world.push(0, 0).await, REFUSED, "03:00, the date in UTC");
    assert_eq!(world.push(7, 0).await, TAKEN, "03:00, the day in Jakarta");
    world.at(12, 0);
    for shift in [-1, 1] {
        assert_eq!(world.push(7, shift).await, REFUSED, "12:00, {shift} days");
    }
    assert_eq!(world.stored().await, 5, "what was refused left nothing behind");
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_date_in_utc_counts_where_it_is_configured() {
    let mut world = World::new(|table| {
        let zones = ["Asia/Jakarta", "UTC"].map(|zone| Value::String(zone.to_owned()));
        let push = &mut system(table, "oss").unwrap()["pengaturan"]["masuk"];
        push.as_table_mut()
            .unwrap()
            .insert("zona".to_owned(), Value::Array(zones.to_vec()));
    })
    .await;
    world.at(3, 0);
    assert_eq!(world.push(0, 0).await, TAKEN);
    assert_eq!(world.push(7, 0).await, TAKEN);
    world.at(9, 0);
    assert_eq!(world.push(7, -1).await, REFUSED, "by then UTC has the new day, too");
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_proven_is_read_no_further_than_its_nib() {
    const LIMIT: usize = 256 * 1024;
    let world = World::new(|table| {
        let push = system(table, "oss").unwrap()["pengaturan"]["masuk"]
            .as_table_mut()
            .unwrap();
        push.insert("batas_isi".to_owned(), Value::Integer(LIMIT as i64));
        push.insert("jangkauan_nib".to_owned(), Value::Integer(4096));
    })
    .await;
    // Forged, and no JSON after its NIB: it is the token that is refused, for the rest is not looked at.
    let mut forged = world
        .pusher
        .prepare_given(Method::Nib, &json!({"nib": "0999000000017"}));
    forged.token = Some(TokenForm::Forged);
    forged.body = format!("{{\"dataNIB\":{{\"nib\":\"0999000000017\",{}", "[".repeat(100_000)).into();
    let ack = world.pusher.push(&forged).await;
    assert_eq!((ack.outcome, ack.http), REFUSED);
    // A NIB beyond the reach is no NIB, however right the token.
    let mut far = world
        .pusher
        .prepare_given(Method::Nib, &json!({"nib": "0999000000017"}));
    far.body = format!(
        "{{\"dataNIB\":{{\"x\":\"{}\",\"nib\":\"0999000000017\"}}}}",
        "a".repeat(8192)
    )
    .into();
    let ack = world.pusher.push(&far).await;
    assert_eq!((ack.outcome, ack.http), REFUSED);
    // Too large is too large before it is proven or not.
    let mut large = world
        .pusher
        .prepare_given(Method::Nib, &json!({"nib": "0999000000017"}));
    large.body = format!(
        "{{\"dataNIB\":{{\"nib\":\"0999000000017\",\"x\":\"{}\"}}}}",
        "a".repeat(LIMIT)
    )
    .into();
    let ack = world.pusher.push(&large).await;
    assert_eq!((ack.outcome, ack.http), (Outcome::NotStored, 413));
    assert_eq!(world.stored().await, 0);
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_key_exchange_gets_a_key_and_a_new_one_when_it_has_lapsed() {
    let neighbours = Neighbours::start().await.unwrap();
    let (user, password) = neighbours.oss.with(|oss| {
        oss.options.access = Access::SecurityKey;
        oss.options.legacy.clone()
    });
    let auth = r#"
        jenis = "key_exchange"
        alamat_kunci = "/sendSecurityKey"
        akar = "securityKey"
        bidang_pengguna = "user_akses"
        pengguna = { env = "SIMPUL_UJI_OSS_PENGGUNA" }
        bidang_sandi = "pwd_akses"
        sandi = { env = "SIMPUL_UJI_OSS_SANDI" }
        letak_kunci = "/responsendSecurityKey/key"
        letak_masa = "/responsendSecurityKey/masa_berlaku"
        zona_masa = "+07:00"
        kepala = "OSS-API-KEY"
    "#;
    let auth: Table = auth.parse().unwrap();
    let mut setup = Setup::write(&neighbours, |table| {
        let oss = system(table, "oss").unwrap();
        oss.insert("auth".to_owned(), Value::Table(auth));
        // With keys that lapse, 401 means one more exchange and not a wrong set-up.
        let settings = oss["pengaturan"].as_table_mut().unwrap();
        settings.insert("kunci_bertukar".to_owned(), Value::Boolean(true));
    })
    .unwrap();
    setup.tell("SIMPUL_UJI_OSS_PENGGUNA", &user);
    setup.tell("SIMPUL_UJI_OSS_SANDI", &password);
    let gateway = Inside::start(&setup).await.unwrap();
    let targets = gateway.targets(&setup, &neighbours);
    let client = Client::new(&setup.keys()[CONSUMER]);
    let exchanges = || neighbours.oss.effects()["requests"]["sendSecurityKey"]["total"].clone();
    let nib = simulators::oss::city::nib(1);
    let ask = async || {
        let url = format!("{}/v1/nib/{nib}", targets.gateway);
        let reply = client.get(&url).await?;
        // An answer of OSS itself, not one kept from before.
        (reply.status == 200 && reply.header("age").is_none())
            .then_some(())
            .ok_or_else(|| format!("{} {}", reply.status, reply.json()))
    };
    for _ in 0..3 {
        ask().await.unwrap();
    }
    assert_eq!(exchanges(), 1, "one key serves many calls");
    // OSS's day goes on: the key has lapsed there before its time, and a new one is asked for once.
    neighbours.oss.clock().advance(SignedDuration::from_hours(2));
    until(Duration::from_secs(5), ask).await.unwrap();
    assert_eq!(exchanges(), 2);
    gateway.stop().await.unwrap();
}
