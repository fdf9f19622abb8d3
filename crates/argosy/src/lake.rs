//! `argosy events export`: all facts in files by type and day, for DuckDB, Spark or Athena.
//!
//! A day is exported when it is over, and its facts never change; a file is made once and by its name alone. So whoever
//! exports a day again, after a crash or beside another, makes the same files, and each fact is in them exactly once.

mod format;

use std::{collections::BTreeMap, time::Duration};

use argosy_kernel::{Error, Result, Timestamp};
use argosy_platform::{
    blobs::Blobs,
    bus::{Fact, operators::Facts},
};
use bytes::Bytes;

pub(crate) use self::format::Format;

const DAY: Duration = Duration::from_hours(24);
/// A fact is told when its transaction begins, by its process's clock, and read when it is committed.
const LATE_MAX: Duration = Duration::from_hours(1);
/// Facts are kept for 30 days; a day that may have lost some is not exported.
const DAYS_BACK_MAX: u32 = 29;
/// Facts of a file.
const PART_FACTS: usize = 10_000;
const PAGE: u32 = 500;

/// What was exported now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Exported {
    pub(crate) days: u64,
    pub(crate) facts: u64,
}

/// Exports the days of a service that are over and were not exported yet.
///
/// # Errors
/// `BLOBS_UNAVAILABLE`, and those of the service's database or bus; what is there stays, and the rest is exported next time.
pub(crate) async fn export(
    service: &str,
    facts: &Facts,
    lake: &Blobs,
    format: Format,
    now: Timestamp,
) -> Result<Exported> {
    let mut exported = Exported::default();
    let over = start_of_day(now.minus(LATE_MAX));
    for back in (1..=DAYS_BACK_MAX).rev() {
        let day = over.minus(DAY * back);
        let done = format!("days/{service}/{}.{}", name_of(day), format.mark());
        if lake.get(&done).await?.is_none() {
            let count = export_day(service, facts, lake, format, day).await?;
            lake.put(&done, Bytes::from(format!("{{\"facts\":{count}}}\n"))).await?;
            exported.days += 1;
            exported.facts += count;
        }
    }
    Ok(exported)
}

async fn export_day(
    service: &str,
    facts: &Facts,
    lake: &Blobs,
    format: Format,
    day: Timestamp,
) -> Result<u64> {
    let end = day.plus(DAY);
    let mut files = BTreeMap::new();
    let mut count = 0;
    let mut at = facts.before(day.minus(LATE_MAX)).await?;
    loop {
        let (page, after) = facts.page(at, PAGE).await?;
        for fact in page.iter().filter(|fact| (day.as_millis()..end.as_millis()).contains(&fact.time_ms)) {
            let new = || File::new(format, service, &fact.kind, day);
            let file = files.entry(fact.kind.clone()).or_insert_with(new);
            file.facts.push(fact.clone());
            count += 1;
            if file.facts.len() == PART_FACTS {
                file.write(lake).await?;
            }
        }
        let is_past = page.last().is_none_or(|last| last.time_ms >= end.plus(LATE_MAX).as_millis());
        if is_past {
            break;
        }
        at = after;
    }
    for file in files.values_mut().filter(|file| !file.facts.is_empty()) {
        file.write(lake).await?;
    }
    Ok(count)
}

/// The file of a type and day that is being filled.
struct File {
    format: Format,
    folder: String,
    service: String,
    part: u32,
    facts: Vec<Fact>,
}

impl File {
    fn new(format: Format, service: &str, kind: &str, day: Timestamp) -> Self {
        let folder = format!("{}/type={kind}/day={}", format.folder(), name_of(day));
        Self { format, folder, service: service.to_owned(), part: 0, facts: Vec::new() }
    }

    async fn write(&mut self, lake: &Blobs) -> Result<()> {
        let name = format!("{}/{}-{:05}.{}", self.folder, self.service, self.part, self.format.extension());
        let facts = std::mem::take(&mut self.facts);
        lake.put(&name, Bytes::from(self.format.encode(&self.service, &facts)?)).await?;
        self.part =
            self.part.checked_add(1).ok_or_else(|| Error::internal("more files than a day can have"))?;
        Ok(())
    }
}

fn start_of_day(time: Timestamp) -> Timestamp {
    let length = i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(time.as_millis().div_euclid(length).saturating_mul(length))
}

/// In UTC, such as `2026-01-31`.
fn name_of(day: Timestamp) -> String {
    day.to_string().chars().take_while(|letter| *letter != 'T').collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use argosy_kernel::Clock;
    use argosy_platform::{
        bus::NewFact,
        database::{Database, DatabaseSpec, Durability},
    };
    use argosy_testkit::{Engine, TestHost};

    use super::*;

    const SPEC: DatabaseSpec = DatabaseSpec { name: "orders", durability: Durability::Full, migrations: &[] };

    async fn tell(host: &TestHost, database: &Database, kind: &'static str, numbers: std::ops::Range<i64>) {
        for number in numbers {
            let tx = database.begin().await.unwrap();
            let fact = NewFact::new(kind, "ord_1", number, &number).unwrap();
            tx.publish(&*host.clock, [fact]).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// The lines of each file, by its path.
    fn files(folder: &Path) -> BTreeMap<String, Vec<String>> {
        let mut found = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                let below = files(&path).into_iter();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                found.extend(below.map(|(file, lines)| (format!("{name}/{file}"), lines)));
            } else {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                let text = std::fs::read_to_string(&path).unwrap();
                found.insert(name, text.lines().map(str::to_owned).collect());
            }
        }
        found
    }

    async fn each_fact_is_exported_once(engine: Engine) {
        let host = TestHost::on(engine);
        let database = host.host.database(SPEC).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let lake = Blobs::local(folder.path()).unwrap();
        let facts = Facts::in_outbox(&database);
        // It is noon. Three of one type today, one of another; and one tomorrow.
        tell(&host, &database, "orders.order_placed", 1..4).await;
        tell(&host, &database, "orders.payment_captured", 1..2).await;
        host.clock.advance(DAY);
        tell(&host, &database, "orders.order_placed", 4..5).await;
        let first = export("orders", &facts, &lake, Format::Jsonl, host.clock.now()).await.unwrap();
        assert_eq!(first, Exported { days: 29, facts: 4 });

        // Again, beside another, and as after a crash before the day was noted.
        std::fs::remove_file(folder.path().join("days/orders/2026-06-01.json")).unwrap();
        let again = || export("orders", &facts, &lake, Format::Jsonl, host.clock.now());
        let (one, other) = futures::future::try_join(again(), again()).await.unwrap();
        assert!(one.facts <= 4 && other.facts <= 4, "{one:?} {other:?}");
        host.clock.advance(DAY);
        let next = export("orders", &facts, &lake, Format::Jsonl, host.clock.now()).await.unwrap();
        assert_eq!(next, Exported { days: 1, facts: 1 });

        let found = files(&folder.path().join("facts"));
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "type=orders.order_placed/day=2026-06-01/orders-00000.jsonl",
                "type=orders.order_placed/day=2026-06-02/orders-00000.jsonl",
                "type=orders.payment_captured/day=2026-06-01/orders-00000.jsonl",
            ]
        );
        let counts: Vec<usize> = found.values().map(Vec::len).collect();
        assert_eq!(counts, [3, 1, 1]);
        let line: serde_json::Value = serde_json::from_str(&found[names[0]][2]).unwrap();
        assert_eq!((&line["sequence"], &line["data"]), (&3.into(), &3.into()));
    }

    #[tokio::test]
    async fn each_fact_is_exported_once_from_a_file() {
        each_fact_is_exported_once(Engine::Sqlite).await;
    }

    #[tokio::test]
    async fn each_fact_is_exported_once_from_postgresql() {
        each_fact_is_exported_once(Engine::Postgres).await;
    }

    #[tokio::test]
    async fn facts_in_parquet_are_those_in_json_lines() {
        let host = TestHost::new();
        let database = host.host.database(SPEC).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let lake = Blobs::local(folder.path()).unwrap();
        let facts = Facts::in_outbox(&database);
        tell(&host, &database, "orders.order_placed", 1..4).await;
        host.clock.advance(DAY);
        for format in [Format::Jsonl, Format::Parquet] {
            let exported = export("orders", &facts, &lake, format, host.clock.now()).await.unwrap();
            assert_eq!(
                exported,
                Exported { days: 29, facts: 3 },
                "neither passes over what the other has done"
            );
        }

        let day = "type=orders.order_placed/day=2026-06-01";
        let lines = std::fs::read_to_string(folder.path().join(format!("facts/{day}/orders-00000.jsonl")));
        let parquet = std::fs::read(folder.path().join(format!("parquet/{day}/orders-00000.parquet")));
        let mut told: Vec<serde_json::Value> =
            lines.unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for fact in &mut told {
            fact["data"] = fact["data"].to_string().into(); // a column has one type
        }
        assert_eq!(format::read(parquet.unwrap()), told);
    }

    #[tokio::test]
    async fn a_day_is_not_exported_before_what_is_late_is_there() {
        let host = TestHost::new();
        let database = host.host.database(SPEC).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let lake = Blobs::local(folder.path()).unwrap();
        tell(&host, &database, "orders.order_placed", 1..2).await;
        host.clock.advance(Duration::from_mins(12 * 60 + 59));
        let facts = Facts::in_outbox(&database);
        assert_eq!(export("orders", &facts, &lake, Format::Jsonl, host.clock.now()).await.unwrap().facts, 0);
        host.clock.advance(Duration::from_mins(1));
        assert_eq!(export("orders", &facts, &lake, Format::Jsonl, host.clock.now()).await.unwrap().facts, 1);
    }
}
