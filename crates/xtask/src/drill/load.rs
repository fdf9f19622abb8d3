//! Buyers: a steady load of browsing and buying, each a thread that asks again until it is answered.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{
    chance::Chance,
    fleet::Fleet,
    http::{Answer, Request, send},
    pause,
};

/// How long a buyer asks for the same thing before the shop counts as hanging.
const PATIENCE: Duration = Duration::from_mins(1);
pub(super) const BUYERS: u64 = 4;
/// How long the shop may take to sell again when all is back.
const BACK_TIME_MAX: Duration = Duration::from_mins(1);
/// So many orders show that it sells again.
const ORDERS: usize = 3;
const ASK_AGAIN: Duration = Duration::from_millis(150);
const COMPLAINTS_MAX: usize = 20;

/// What all buyers saw.
#[derive(Default)]
pub(super) struct Seen {
    /// Orders by their checkout.
    pub(super) orders: BTreeMap<String, String>,
    pub(super) requests: u64,
    /// Requests that were asked again, because nobody answered or the answer was 429 or 503.
    pub(super) again: u64,
    /// Requests whose answer was 429 or 503.
    pub(super) shed: u64,
    /// How long anybody waited for another answer.
    pub(super) slowest: Duration,
    /// Purchases that ended without an order, as they should: declined, or sold out.
    pub(super) refused: u64,
    /// What must not be.
    pub(super) complaints: Vec<String>,
}

/// What buyers put up with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// To be told "later" (429, 503), and connections that break: they ask again.
    Later,
    /// Nothing but a door that is closed: they go to the next, as a balancer before the doors does.
    ClosedDoors,
}

/// A shop and its goods, as buyers see it.
struct Market<'a> {
    doors: &'a [u16],
    patience: Patience,
    handles: &'a [String],
    seed: u64,
    stop: &'a AtomicBool,
    seen: &'a Mutex<Seen>,
}

/// What the shop of a drill has: handle, price and units on hand.
pub(super) fn goods() -> Vec<(String, u32, u32)> {
    let plenty = (1..=4).map(|number| (format!("mug-{number}"), 1_990, 10_000));
    // So few of one that it sells out.
    plenty.chain([("last-mugs".to_owned(), 4_990, 7)]).collect()
}

/// Has people buy while something happens; answers what came of that, and what they saw.
pub(super) fn trade<T>(
    fleet: &Fleet<'_>,
    goods: &[(String, u32, u32)],
    seed: u64,
    patience: Patience,
    happens: impl FnOnce(&Mutex<Seen>) -> Result<T>,
) -> Result<(T, Seen)> {
    let handles: Vec<String> = goods.iter().map(|(handle, ..)| handle.clone()).collect();
    let (stop, shared) = (AtomicBool::new(false), Mutex::new(Seen::default()));
    let doors = fleet.doors();
    let market = Market { doors: &doors, patience, handles: &handles, seed, stop: &stop, seen: &shared };
    let came = thread::scope(|scope| {
        for number in 1..=BUYERS {
            let buyer = Buyer::new(&market, number);
            scope.spawn(move || buyer.run());
        }
        let came = happens(&shared);
        stop.store(true, Ordering::Relaxed);
        came
    })?;
    Ok((came, shared.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// What came of a rush.
pub(super) struct Rush {
    pub(super) served: u64,
    pub(super) shed: u64,
    /// Of those that were served.
    pub(super) slowest: Duration,
}

/// So many more buyers come at once for a while, and end what they have begun.
pub(super) fn rush(
    fleet: &Fleet<'_>,
    goods: &[(String, u32, u32)],
    seed: u64,
    buyers: u64,
    time: Duration,
    shared: &Mutex<Seen>,
) -> Rush {
    let handles: Vec<String> = goods.iter().map(|(handle, ..)| handle.clone()).collect();
    let (stop, doors) = (AtomicBool::new(false), fleet.doors());
    let market = Market {
        doors: &doors,
        patience: Patience::Later,
        handles: &handles,
        seed,
        stop: &stop,
        seen: shared,
    };
    let so_far = || {
        let now = shared.lock().unwrap_or_else(PoisonError::into_inner);
        (now.requests - now.again, now.shed)
    };
    let before = so_far();
    thread::scope(|scope| {
        for number in 1..=buyers {
            let buyer = Buyer::new(&market, BUYERS + number);
            scope.spawn(move || buyer.run());
        }
        pause(time);
        stop.store(true, Ordering::Relaxed);
    });
    let after = so_far();
    let slowest = shared.lock().unwrap_or_else(PoisonError::into_inner).slowest;
    Rush { served: after.0 - before.0, shed: after.1 - before.1, slowest }
}

/// Waits until people buy.
pub(super) fn sells(when: &str, seen: &Mutex<Seen>) -> Result<()> {
    sells_within(BACK_TIME_MAX, when, seen)
}

/// Waits until people buy, so long.
pub(super) fn sells_within(time: Duration, when: &str, seen: &Mutex<Seen>) -> Result<()> {
    let orders = || seen.lock().unwrap_or_else(PoisonError::into_inner).orders.len();
    let (before, started) = (orders(), Instant::now());
    while orders() < before + ORDERS {
        if started.elapsed() > time {
            bail!("{when} fewer than {ORDERS} could buy within {} s", time.as_secs());
        }
        pause(Duration::from_millis(100));
    }
    Ok(())
}

/// One of the buyers.
struct Buyer<'a> {
    market: &'a Market<'a>,
    number: u64,
    chance: Chance,
    bought: u64,
}

impl<'a> Buyer<'a> {
    fn new(market: &'a Market<'a>, number: u64) -> Self {
        Self { market, number, chance: Chance::of(market.seed, number), bought: 0 }
    }

    /// Browses and buys until told to stop; a purchase that was begun is ended.
    fn run(mut self) {
        while !self.market.stop.load(Ordering::Relaxed) {
            if self.visit().is_none() {
                self.note(|seen| seen.refused += 1);
            }
            pause(Duration::from_millis(20 + self.chance.below(80)));
        }
    }

    /// None if no order comes of it.
    fn visit(&mut self) -> Option<()> {
        let at = usize::try_from(self.chance.below(self.market.handles.len() as u64)).unwrap_or(0);
        let product = self.ask("GET", &format!("/store/products/{}", self.market.handles[at]), None, None)?;
        let line = json!({"variant_id": product.text("/variants/0/id"), "quantity": 1});
        let cart = self.ask("POST", "/store/carts", None, Some(&json!({"lines": [line]})))?;
        let start = json!({"cart_id": cart.text("/id")});
        let checkout = self.ask("POST", "/store/checkouts", None, Some(&start))?.text("/id").to_owned();
        let path = format!("/store/checkouts/{checkout}");
        let address = json!({
            "email": "buyer@example.com",
            "shipping_address": {
                "name": "Ann Buyer", "line1": "Hauptstrasse 1", "city": "Bonn", "postal_code": "53111", "country": "DE",
            },
        });
        let quoted = self.ask("PATCH", &path, None, Some(&address))?;
        let option =
            json!({"shipping_option_id": quoted.text("/fulfilment/methods/0/groups/0/options/0/id")});
        self.ask("PATCH", &path, None, Some(&option))?;
        self.pay(&checkout)
    }

    fn pay(&mut self, checkout: &str) -> Option<()> {
        let token = match self.chance.below(20) {
            0 | 1 => "tok_declined",
            // Its answer never comes, and the first answer of the shop is "later".
            2 if self.market.patience == Patience::Later => "tok_timeout",
            _ => "tok_ok",
        };
        self.bought += 1;
        let key = format!("{}-{}-{}", self.market.seed, self.number, self.bought);
        let (path, payment) = (
            format!("/store/checkouts/{checkout}/complete"),
            json!({"payment": {"provider": "test", "token": token}}),
        );
        let answer = self.ask("POST", &path, Some(&key), Some(&payment))?;
        let order = answer.text("/order/id").to_owned();
        if answer.text("/status") != "completed" {
            return None;
        }
        if order.is_empty() {
            self.complain(format!("{checkout} is completed and names no order: {}", answer.body));
            return None;
        }
        if self.chance.below(4) == 0 {
            // The same key again: an impatient finger.
            let again = self.ask("POST", &path, Some(&key), Some(&payment))?;
            if again.text("/order/id") != order {
                self.complain(format!(
                    "{checkout} became {order}, and asked again {}",
                    again.text("/order/id")
                ));
            }
        }
        let earlier = self.note(|seen| seen.orders.insert(checkout.to_owned(), order.clone()));
        if earlier.is_some_and(|earlier| earlier != order) {
            self.complain(format!("{checkout} became two orders"));
        }
        Some(())
    }

    /// Asks until there is an answer that is not "later"; none if it is a refusal.
    fn ask(
        &mut self,
        method: &'static str,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Option<Answer> {
        let until = Instant::now() + PATIENCE;
        let request = Request { method, path, key, body };
        loop {
            self.note(|seen| seen.requests += 1);
            let asked = Instant::now();
            let sent = self.at_an_open_door(&request);
            self.note(|seen| match &sent {
                Ok(answer) if matches!(answer.status, 429 | 503) => seen.shed += 1,
                Ok(_) => seen.slowest = seen.slowest.max(asked.elapsed()),
                Err(_) => {}
            });
            let strict = self.market.patience == Patience::ClosedDoors;
            let later = match sent {
                Ok(answer) if answer.status < 400 => return Some(answer),
                Ok(answer) if answer.text("/code") == "CHECKOUT_BUSY" => "CHECKOUT_BUSY".to_owned(),
                Ok(answer) if answer.status < 500 && answer.status != 429 => return None,
                Ok(answer) => {
                    let said = format!("{method} {path}: {} {}", answer.status, answer.body);
                    if strict || !matches!(answer.status, 429 | 503) || !answer.has_retry_after {
                        self.complain(format!("{said}, which is no answer"));
                    }
                    said
                }
                Err(error) => format!("{method} {path}: {error}"),
            };
            if strict && !later.starts_with("CHECKOUT_BUSY") {
                self.complain(format!("a request failed: {later}"));
            }
            if Instant::now() > until {
                self.complain(format!("no answer within {} s; at last {later}", PATIENCE.as_secs()));
                return None;
            }
            self.note(|seen| seen.again += 1);
            pause(ASK_AGAIN);
        }
    }

    /// Doors take turns; one that is closed is passed over.
    fn at_an_open_door(&mut self, request: &Request<'_>) -> io::Result<Answer> {
        let doors = self.market.doors;
        let first = usize::try_from(self.chance.below(doors.len() as u64)).unwrap_or(0);
        let mut outcome = Err(io::ErrorKind::ConnectionRefused.into());
        for turn in 0..doors.len() {
            outcome = send(doors[(first + turn) % doors.len()], request);
            match &outcome {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                _ => break,
            }
        }
        outcome
    }

    fn complain(&self, complaint: String) {
        self.note(|seen| {
            if seen.complaints.len() < COMPLAINTS_MAX {
                seen.complaints.push(complaint);
            }
        });
    }

    fn note<T>(&self, note: impl FnOnce(&mut Seen) -> T) -> T {
        note(&mut self.market.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
