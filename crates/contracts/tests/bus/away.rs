//! A NATS that is killed and comes back.

use argosy_testkit::servers::NatsServer;

use crate::shop::{Shop, hears, stop, teller};

#[tokio::test]
async fn what_is_told_while_nats_is_away_comes_when_it_is_back() {
    let (shop, mut nats) = (Shop::new(), NatsServer::start().await);
    let settings = nats.settings();
    let host = shop.process(Some(&settings), None).await;
    let telling = teller(&host).await;
    let listening = shop.listen(&host).await;
    shop.tell(&telling, 0..2).await;
    hears(&listening, 6).await;
    for round in 1..3 {
        nats.kill();
        assert!(host.nats().unwrap().check().await.is_err());
        shop.tell(&telling, round * 2..round * 2 + 2).await;
        nats.start_again().await;
        hears(&listening, usize::try_from((round + 1) * 6).unwrap()).await;
    }
    stop(&host).await;
}

#[tokio::test]
async fn a_process_ends_while_nats_is_away_and_the_next_goes_on() {
    let (shop, mut nats) = (Shop::new(), NatsServer::start().await);
    let settings = nats.settings();
    let host = shop.process(Some(&settings), None).await;
    let telling = teller(&host).await;
    let listening = shop.listen(&host).await;
    shop.tell(&telling, 0..1).await;
    hears(&listening, 3).await;
    nats.kill();
    shop.tell(&telling, 1..20).await;
    stop(&host).await;
    nats.start_again().await;
    let host = shop.process(Some(&settings), None).await;
    teller(&host).await;
    hears(&shop.listen(&host).await, 60).await;
    stop(&host).await;
}
