//! A feature flag: for whom it is on, and that it flips while the process runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use argosy_kernel::Country;
use argosy_platform::{
    database::{DatabaseSpec, Durability},
    flags::{self, Asked, FlagSpec, Flags, Rule, Subject, Switch},
};
use argosy_testkit::{Engine, TestHost, eventually};

const SPEC: DatabaseSpec = DatabaseSpec { name: "orders", durability: Durability::Process, migrations: &[] };
const FLAGS: &[FlagSpec] = &[
    FlagSpec { key: "orders.old", about: "a thing", default: Switch::On, asked: Asked::ByKey },
    FlagSpec { key: "orders.new", about: "a thing", default: Switch::Off, asked: Asked::ByKeyAndMarket },
];

async fn a_flag_flips_without_a_restart(engine: Engine) {
    let test = TestHost::on(engine);
    let database = test.host.database(SPEC).await.unwrap();
    let flags = Flags::open(&test.host, &database, FLAGS).await.unwrap();
    let buyer = Subject::of("cart_1").in_market(Country::GERMANY);
    assert!(flags.is_on("orders.old", &buyer).await, "as released");
    assert!(!flags.is_on("orders.new", &buyer).await, "as released");
    assert!(!flags.is_on("orders.unheard", &buyer).await, "what nobody names is off");

    flags::set(&database, "orders.old", &Rule::from(Switch::Off)).await.unwrap();
    let rule = Rule { percent: 100, markets: vec!["DE".to_owned()] };
    flags::set(&database, "orders.new", &rule).await.unwrap();
    eventually("it is off", || async { !flags.is_on("orders.old", &buyer).await }).await;
    assert!(flags.is_on("orders.new", &buyer).await);
    assert!(!flags.is_on("orders.new", &Subject::of("cart_1")).await, "a market that is not known is none");

    flags::clear(&database, "orders.old").await.unwrap();
    eventually("it is as released", || async { flags.is_on("orders.old", &buyer).await }).await;
    let too_much = flags::set(&database, "orders.old", &Rule { percent: 101, ..rule }).await.unwrap_err();
    assert_eq!(too_much.reason(), "INVALID_FIELD");
}

#[tokio::test]
async fn a_flag_flips_without_a_restart_in_a_file() {
    a_flag_flips_without_a_restart(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_flag_flips_without_a_restart_in_postgresql() {
    a_flag_flips_without_a_restart(Engine::Postgres).await;
}
