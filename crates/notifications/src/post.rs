//! How a message leaves: as a file, or by a mail server.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use argosy_kernel::{Error, Result};
use argosy_platform::Host;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
};

use crate::{NotificationsConfig, store::StoredMessage};

const SMTP_TIMEOUT: Duration = Duration::from_secs(20);

pub(crate) struct Post {
    from: Mailbox,
    way: Way,
}

enum Way {
    Files(PathBuf),
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
            None => Way::Files(host.folder("mail")?),
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
    pub(crate) async fn send(&self, message: &StoredMessage) -> Result<()> {
        let letter = &message.letter;
        let recipient: Mailbox = letter.recipient.parse().map_err(|error| {
            Error::invalid("INVALID_RECIPIENT", "the recipient cannot be read")
                .with_source(format!("{error}"))
        })?;
        let domain = self.from.email.domain().to_owned();
        let mail = Message::builder()
            .from(self.from.clone())
            .to(recipient)
            .subject(message.subject.as_str())
            .message_id(Some(format!("<{}@{domain}>", message.id)))
            .multipart(MultiPart::alternative_plain_html(letter.plain.clone(), letter.html.clone()))
            .map_err(|error| {
                Error::invalid("INVALID_MESSAGE", "the message cannot be written").with_source(error)
            })?;
        match &self.way {
            Way::Files(folder) => {
                write(folder, &message.id, &mail.formatted()).await.map_err(Error::internal)
            }
            Way::Server(server) => server.send(mail).await.map(drop).map_err(|error| {
                // Servers like to say whom they refuse, and this is kept and logged.
                let text = error.to_string().replace(&letter.recipient, "the recipient");
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

    /// Removes the file of a message; what a mail server has is on its way.
    pub(crate) async fn take_back(&self, id: &str) -> Result<()> {
        let Way::Files(folder) = &self.way else { return Ok(()) };
        for path in [part(folder, id), file(folder, id)] {
            match tokio::fs::remove_file(path).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::internal(error)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The file is there whole or not at all.
async fn write(folder: &Path, id: &str, mail: &[u8]) -> io::Result<()> {
    let part = part(folder, id);
    tokio::fs::write(&part, mail).await?;
    tokio::fs::rename(part, file(folder, id)).await
}

/// A crash leaves it.
fn part(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.part"))
}

fn file(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.eml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_taken_back_leaves_nothing_of_a_message() {
        let folder = tempfile::tempdir().unwrap();
        let from = "Shop <shop@example.com>".parse().unwrap();
        let post = Post { from, way: Way::Files(folder.path().to_owned()) };
        write(folder.path(), "msg_1", b"To: ann@example.com").await.unwrap();
        tokio::fs::write(part(folder.path(), "msg_1"), b"To: an").await.unwrap();
        write(folder.path(), "msg_2", b"To: bob@example.com").await.unwrap();
        post.take_back("msg_1").await.unwrap();
        post.take_back("msg_1").await.unwrap();
        let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(left.collect::<Vec<_>>(), ["msg_2.eml"]);
    }
}
