//! Collections: products chosen by hand, or by a rule.

use argosy_kernel::{CollectionId, Error, Result};

pub(crate) use crate::domain::rule::{Candidate, Condition, Rule};
use crate::{
    domain::{
        attribute::Definition,
        limits,
        slug::{checked_handle, slug},
        text,
    },
    error::{COLLECTION_KIND_CHANGED, TITLE_MISSING},
};

/// A set of products, chosen by hand or by its conditions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Collection {
    pub id: CollectionId,
    pub handle: String,
    pub title: String,
    pub description: String,
    pub rule: Option<Rule>,
}

/// A collection as a merchant says it should be. An empty handle is made from the title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CollectionDraft {
    pub handle: String,
    pub title: String,
    pub description: String,
    pub conditions: Vec<Condition>,
    pub match_any: bool,
}

impl CollectionDraft {
    /// A new collection of it.
    pub(crate) fn collection<'a>(
        mut self,
        declared: impl Fn(&str) -> Option<&'a Definition>,
    ) -> Result<Collection> {
        text::clean("a collection's title", &mut self.title, limits::LABEL_LENGTH, text::line)?;
        text::clean(
            "a collection's description",
            &mut self.description,
            limits::SUMMARY_LENGTH,
            text::lines,
        )?;
        if text::is_blank(&self.title) {
            return Err(Error::invalid(TITLE_MISSING, "a collection needs a title"));
        }
        if self.handle.is_empty() {
            self.handle = slug(&self.title);
        }
        checked_handle(&self.handle)?;
        let Self { handle, title, description, conditions, match_any } = self;
        let rule = Rule::new(conditions, match_any, declared)?;
        Ok(Collection { id: CollectionId::new(), handle, title, description, rule })
    }
}

impl Collection {
    /// The collection that takes this one's place: its id stays, and so does how its members are chosen.
    pub(crate) fn replaced_by(&self, collection: Self) -> Result<Self> {
        if self.rule.is_some() == collection.rule.is_some() {
            return Ok(Self { id: self.id, ..collection });
        }
        let (handle, by) = (&self.handle, if self.rule.is_some() { "by rule" } else { "by hand" });
        let message = format!("collection '{handle}' is made {by}, and that does not change");
        Err(Error::precondition(COLLECTION_KIND_CHANGED, message))
    }
}
