//! Sends what is queued.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Code, Result};
use argosy_platform::{Host, jobs};

use crate::{post::Post, store::Store};

const INTERVAL: Duration = Duration::from_secs(1);
const DELAY_MAX: Duration = Duration::from_hours(1);

pub(crate) fn start(host: &Host, store: &Store, post: Arc<Post>, tries_max: u32) {
    let (database, store) = (store.database().clone(), store.clone());
    jobs::every(host, &database, "send messages", INTERVAL, move || {
        let (store, post) = (store.clone(), Arc::clone(&post));
        async move { send_due(&store, &post, tries_max).await }
    });
}

async fn send_due(store: &Store, post: &Post, tries_max: u32) -> Result<()> {
    for message in store.due().await? {
        match post.send(&message).await {
            Ok(()) => {
                metrics::counter!("argosy_messages_sent_total").increment(1);
                if !store.sent(&message.id).await? {
                    post.take_back(&message.id).await?;
                }
            }
            Err(error) => {
                let tries = u32::try_from(message.tries).unwrap_or(u32::MAX).saturating_add(1);
                let hopeless = error.code() == Code::InvalidArgument || tries >= tries_max;
                tracing::warn!(message.id, tries, error = ?error, "a message was not sent");
                let delay = Duration::from_secs(5).saturating_mul(1 << tries.min(10)).min(DELAY_MAX);
                store.failed(&message.id, error.message(), (!hopeless).then_some(delay)).await?;
            }
        }
    }
    Ok(())
}
