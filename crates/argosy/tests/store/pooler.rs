//! A shop whose processes reach PostgreSQL through a pooler in transaction mode.

use crate::support::{Buyers, SERVICES, settings};
use argosy::serve::Process;
use argosy_contracts::notifications::ListMessagesRequest;
use argosy_kernel::Ctx;
use argosy_testkit::{Schemas, eventually, servers::PgBouncer};

struct Replica {
    process: Process,
    _folder: tempfile::TempDir,
}

impl Replica {
    async fn start(pooler: &PgBouncer, schemas: &Schemas) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path(), SERVICES);
        settings.database = pooler.settings(schemas);
        Self { process: Process::start(&settings, None).await.unwrap(), _folder: folder }
    }

    fn buyers(&self) -> Buyers<'_> {
        Buyers { wiring: self.process.wiring(), ctx: Ctx::guest() }
    }

    async fn messages(&self) -> usize {
        let request = ListMessagesRequest { limit: 100, cursor: String::new() };
        let notifications = self.process.wiring().notifications().unwrap();
        notifications.list_messages(&Ctx::system("test"), request).await.unwrap().messages.len()
    }
}

/// Two processes, whose connections share few of the server's, and buyers at both at once.
#[tokio::test]
async fn law_2_processes_behind_a_pooler_sell_what_there_is_and_no_more() {
    let schemas = Schemas::new();
    let pooler = PgBouncer::start(&schemas).await;
    let (one, two) = (Replica::start(&pooler, &schemas).await, Replica::start(&pooler, &schemas).await);
    let variant = one.buyers().stocked("last", 3).await;
    let mut checkouts = Vec::new();
    for _ in 0..8 {
        checkouts.push(two.buyers().ready(&one.buyers().cart(&[(&variant, 1)]).await).await.id);
    }
    let (at_one, at_two) = (one.buyers(), two.buyers());
    let paying = checkouts.iter().enumerate().map(|(number, checkout)| {
        let buyers = if number % 2 == 0 { &at_one } else { &at_two };
        async move { buyers.pay(checkout, "tok_ok", &format!("key-{number}")).await }
    });
    let paid = futures::future::join_all(paying).await;
    let completed = paid.iter().flatten().filter(|checkout| checkout.status == "completed").count();
    assert_eq!(completed, 3, "{paid:?}");
    assert_eq!(at_one.available(&variant).await, 0);
    eventually("every buyer is written to", || async { one.messages().await == 3 }).await;
    one.process.stop().await;
    two.process.stop().await;
}
