//! How a message leaves: as a file, or by a mail server.

use std::time::Duration;

use argosy_kernel::{Error, Result};
use argosy_platform::Host;
use lettre::{
    AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
};

use crate::{NotificationsConfig, store::QueuedMessage};

const SMTP_TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) struct Post {
    from: Mailbox,
    way: Way,
}

enum Way {
    Files(AsyncFileTransport<Tokio1Executor>),
    Server(AsyncSmtpTransport<Tokio1Executor>),
}

impl Post {
    pub(crate) fn open(host: &Host, config: &NotificationsConfig) -> Result<Self> {
        let wrong = |key: &str, why: &dyn std::fmt::Display| {
            Error::invalid("INVALID_SETTING", format!("wrong setting {key}: {why}"))
        };
        let address = config.shop.email.parse().map_err(|why| wrong("shop.email", &why))?;
        let from = Mailbox::new(Some(config.shop.name.clone()), address);
        let way = match &config.smtp_url {
            None => Way::Files(AsyncFileTransport::new(host.folder("mail")?)),
            Some(url) => {
                // The reason is not told in full: it may quote the password.
                let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose()).map_err(|_| {
                    wrong("notifications.smtp_url", &"must be like smtps://user:password@mail.example.com")
                })?;
                Way::Server(server.timeout(Some(SMTP_TIMEOUT)).build())
            }
        };
        Ok(Self { from, way })
    }

    /// Sends a message; its id makes its `Message-ID`, so that a second copy can be known for what it is.
    pub(crate) async fn send(&self, message: &QueuedMessage) -> Result<()> {
        let recipient: Mailbox = message.recipient.parse().map_err(|error| {
            Error::invalid("INVALID_RECIPIENT", "the recipient cannot be read")
                .with_source(format!("{error}"))
        })?;
        let domain = self.from.email.domain().to_owned();
        let mail = Message::builder()
            .from(self.from.clone())
            .to(recipient)
            .subject(message.subject.as_str())
            .message_id(Some(format!("<{}@{domain}>", message.id)))
            .multipart(MultiPart::alternative_plain_html(message.plain.clone(), message.html.clone()))
            .map_err(|error| {
                Error::invalid("INVALID_MESSAGE", "the message cannot be written").with_source(error)
            })?;
        match &self.way {
            Way::Files(folder) => folder.send(mail).await.map(drop).map_err(Error::internal),
            Way::Server(server) => server.send(mail).await.map(drop).map_err(|error| {
                let text = error.to_string();
                if error.is_permanent() {
                    Error::invalid("MESSAGE_REFUSED", format!("the mail server refused the message: {text}"))
                } else {
                    Error::unavailable(
                        "MAIL_SERVER_UNAVAILABLE",
                        format!("the mail server is not available: {text}"),
                    )
                }
            }),
        }
    }
}
