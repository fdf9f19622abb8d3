//! An engine that is asked by HTTP: the question as JSON, the answer a tax zone as JSON, as `argosy taxes list` shows them.

use std::time::Duration;

use argosy_contracts::pricing::TaxZone;
use argosy_kernel::{Ctx, Error, Result, Secret};
use argosy_platform::outgoing::{JsonEndpoint, NoAnswer, Silence};
use async_trait::async_trait;

use super::{TaxEngine, TaxQuestion};

/// Asks whoever listens at an address of the shop's choice.
pub(crate) struct HttpTaxEngine(JsonEndpoint);

impl HttpTaxEngine {
    /// # Errors
    /// `INVALID_SETTING` if the address is none.
    pub(crate) fn new(url: &str, secret: Option<Secret<String>>, timeout: Duration) -> Result<Self> {
        JsonEndpoint::new("pricing.tax_engine_url", url, secret, timeout).map(Self)
    }
}

#[async_trait]
impl TaxEngine for HttpTaxEngine {
    fn name(&self) -> &str {
        self.0.host()
    }

    async fn rates(&self, _ctx: &Ctx, question: &TaxQuestion) -> Result<TaxZone> {
        self.0.ask(question).await.map_err(|why| {
            let reason = match why {
                NoAnswer::Unreadable(_) | NoAnswer::Silent(Silence::TooLong) => "TAX_ENGINE_ANSWER",
                NoAnswer::Status(_) | NoAnswer::Silent(_) => "TAX_ENGINE_AWAY",
            };
            Error::unavailable(reason, why.to_string())
        })
    }
}

#[cfg(test)]
mod tests {
    use argosy_kernel::Timestamp;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::{super::TaxPlace, *};

    fn question() -> TaxQuestion {
        let place = |country: &str| TaxPlace {
            country: country.to_owned(),
            region: String::new(),
            postal_code: "10115".to_owned(),
        };
        TaxQuestion {
            from: place("DE"),
            to: place("US"),
            currency: "EUR".to_owned(),
            tax_classes: vec!["standard".to_owned()],
            time: Timestamp::from_millis(0),
        }
    }

    /// Asks an engine that answers so, and tells what it heard.
    async fn ask(status: &str, body: &str) -> (Result<TaxZone>, String) {
        #[expect(clippy::disallowed_types, reason = "a part of the world that the test pretends")]
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/rates", listener.local_addr().unwrap());
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let serving = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = String::new();
            let mut chunk = [0; 4_096];
            while !heard.contains("\"time\"") {
                let read = stream.read(&mut chunk).await.unwrap();
                heard.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            heard
        };
        let secret = Some(Secret::new("s3cret".to_owned()));
        let engine = HttpTaxEngine::new(&url, secret, Duration::from_secs(5)).unwrap();
        tokio::join!(async { engine.rates(&Ctx::system("test"), &question()).await }, serving)
    }

    #[tokio::test]
    async fn an_engine_is_asked_by_post_and_its_answer_is_a_zone() {
        let body = r#"{"name": "Main Street", "rates": [{"tax_class": "standard", "rate_ppm": 88750}]}"#;
        let (zone, heard) = ask("200 OK", body).await;
        assert_eq!(zone.unwrap().rates[0].rate_ppm, 88_750);
        assert!(heard.starts_with("POST /rates") && heard.contains("Bearer s3cret"), "{heard}");
    }

    #[tokio::test]
    async fn an_answer_that_is_no_zone_is_none() {
        let reason =
            async |status: &str, body: &str| ask(status, body).await.0.unwrap_err().reason().to_owned();
        assert_eq!(reason("500 Oh", "{}").await, "TAX_ENGINE_AWAY");
        assert_eq!(reason("302 Found", "{}").await, "TAX_ENGINE_AWAY");
        assert_eq!(reason("200 OK", "<html>").await, "TAX_ENGINE_ANSWER");
        assert_eq!(
            reason("200 OK", &"x".repeat(JsonEndpoint::ANSWER_BYTES_MAX + 1)).await,
            "TAX_ENGINE_ANSWER"
        );
    }

    #[test]
    fn an_address_that_is_none_is_refused_at_start() {
        for wrong in ["engine", "ftp://example.com"] {
            let error = HttpTaxEngine::new(wrong, None, Duration::from_secs(1)).err().unwrap();
            assert_eq!(error.reason(), "INVALID_SETTING");
        }
    }
}
