//! The category tree. It is small, so it is kept whole in memory and checked there.

use std::collections::HashMap;

use argosy_kernel::{CategoryId, Error, Result};

use crate::{
    domain::{
        limits,
        slug::{checked_handle, free_handle, slug},
        text,
    },
    error::{self, CATEGORY_CYCLE, CATEGORY_NOT_FOUND, INVALID_CATEGORY_PATH, TITLE_MISSING},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Category {
    pub id: CategoryId,
    pub handle: String,
    pub title: String,
    pub description: String,
    pub parent: Option<CategoryId>,
    pub position: u32,
}

/// A category as a merchant says it should be. An empty handle is made from the title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CategoryDraft {
    pub handle: String,
    pub title: String,
    pub description: String,
    pub parent: Option<CategoryId>,
    pub position: u32,
}

/// All categories, with the ways in which they are found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    categories: HashMap<CategoryId, Category>,
    handles: HashMap<String, CategoryId>,
    titles: HashMap<(Option<CategoryId>, String), CategoryId>,
}

impl FromIterator<Category> for Tree {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        let mut tree = Self::default();
        categories.into_iter().for_each(|category| tree.insert(category));
        tree
    }
}

impl Tree {
    fn insert(&mut self, category: Category) {
        self.handles.insert(category.handle.clone(), category.id);
        self.titles.insert((category.parent, text::folded(&category.title)), category.id);
        self.categories.insert(category.id, category);
    }

    pub(crate) fn get(&self, id: CategoryId) -> Option<&Category> {
        self.categories.get(&id)
    }

    /// Creates or updates categories by handle; answers them as they are now, in the order given, and whether
    /// each differs from before.
    ///
    /// # Errors
    /// `CATEGORY_NOT_FOUND`, `CATEGORY_CYCLE`, `TITLE_MISSING`, …; the tree is then to be thrown away.
    pub(crate) fn put(&mut self, drafts: Vec<CategoryDraft>) -> Result<Vec<(Category, Change)>> {
        let mut put = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let category = self.placed(draft)?;
            let change = match self.get(category.id) {
                Some(before) if *before == category => Change::None,
                Some(before) => {
                    self.titles.remove(&(before.parent, text::folded(&before.title)));
                    Change::Made
                }
                None => Change::Made,
            };
            self.insert(category.clone());
            put.push((category, change));
        }
        error::within_count("categories", self.categories.len(), limits::CATEGORIES)?;
        self.categories.keys().try_for_each(|id| self.checked_depth(*id))?;
        Ok(put)
    }

    fn placed(&self, mut draft: CategoryDraft) -> Result<Category> {
        text::clean("a category's title", &mut draft.title, limits::LABEL_LENGTH, text::line)?;
        text::clean("a category's description", &mut draft.description, limits::SUMMARY_LENGTH, text::lines)?;
        if text::is_blank(&draft.title) {
            return Err(Error::invalid(TITLE_MISSING, "a category needs a title"));
        }
        if draft.handle.is_empty() {
            draft.handle = slug(&draft.title);
        }
        checked_handle(&draft.handle)?;
        if let Some(parent) = draft.parent
            && !self.categories.contains_key(&parent)
        {
            return Err(Error::not_found(CATEGORY_NOT_FOUND, format!("there is no category {parent}")));
        }
        let CategoryDraft { handle, title, description, parent, position } = draft;
        let id = self.handles.get(&handle).copied().unwrap_or_else(CategoryId::new);
        Ok(Category { id, handle, title, description, parent, position })
    }

    /// A chain of parents that is longer than the tree may be deep is a circle, or too deep anyway.
    fn checked_depth(&self, id: CategoryId) -> Result<()> {
        let ancestors =
            std::iter::successors(Some(id), |id| self.get(*id).and_then(|category| category.parent));
        for (depth, ancestor) in ancestors.skip(1).enumerate() {
            let named = || self.get(id).map_or_else(|| id.to_string(), |category| category.handle.clone());
            if ancestor == id {
                let message = format!("category '{}' would be its own ancestor", named());
                return Err(Error::precondition(CATEGORY_CYCLE, message));
            }
            if depth + 1 >= limits::CATEGORY_DEPTH {
                let message = format!(
                    "category '{}' is deeper than {} levels, or in a circle",
                    named(),
                    limits::CATEGORY_DEPTH
                );
                return Err(Error::precondition(CATEGORY_CYCLE, message));
            }
        }
        Ok(())
    }

    /// The category that a path of titles leads to, if there is one. Case does not matter.
    pub(crate) fn find(&self, path: &[String]) -> Option<CategoryId> {
        path.iter().try_fold(None, |parent, title| {
            self.titles.get(&(parent, text::folded(title))).map(|id| Some(*id))
        })?
    }

    /// The category at the end of a path; what is missing of it is made and pushed to `made`.
    pub(crate) fn find_or_make(&mut self, path: &[String], made: &mut Vec<Category>) -> Option<CategoryId> {
        let mut parent: Option<CategoryId> = None;
        for title in path {
            let found = self.titles.get(&(parent, text::folded(title))).copied();
            parent = Some(found.unwrap_or_else(|| {
                let category = self.child(parent, title);
                let id = category.id;
                made.push(category.clone());
                self.insert(category);
                id
            }));
        }
        parent
    }

    /// A new category. Its handle is its title's, after its parent's where that is taken.
    fn child(&self, parent: Option<CategoryId>, title: &str) -> Category {
        let taken = |handle: &str| self.handles.contains_key(handle);
        let short = slug(title);
        let handle = match parent.and_then(|parent| self.get(parent)) {
            Some(parent) if taken(&short) => free_handle(&slug(&format!("{} {title}", parent.handle)), taken),
            _ => free_handle(&short, taken),
        };
        let (id, title) = (CategoryId::new(), title.to_owned());
        Category { id, handle, title, description: String::new(), parent, position: 0 }
    }

    /// Parents before their children; siblings by position, then title.
    pub(crate) fn in_order(&self) -> Vec<&Category> {
        let mut children: HashMap<Option<CategoryId>, Vec<&Category>> = HashMap::new();
        for category in self.categories.values() {
            children.entry(category.parent).or_default().push(category);
        }
        for siblings in children.values_mut() {
            siblings.sort_by(|a, b| (b.position, &b.title, b.id).cmp(&(a.position, &a.title, a.id)));
        }
        let mut open = children.remove(&None).unwrap_or_default();
        let mut ordered = Vec::with_capacity(self.categories.len());
        while let Some(category) = open.pop() {
            ordered.push(category);
            open.extend(children.remove(&Some(category.id)).unwrap_or_default());
        }
        ordered
    }

    pub(crate) fn len(&self) -> usize {
        self.categories.len()
    }
}

/// Whether putting something made a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Made,
    None,
}

/// The titles of a path such as `Home > Kitchen`.
pub(crate) fn parse_path(path: &str) -> Result<Vec<String>> {
    let refuse = |what: &str| {
        let message = format!(
            "'{}' is not a path of categories such as 'Home > Kitchen': {what}",
            error::excerpt(path)
        );
        Err(Error::invalid(INVALID_CATEGORY_PATH, message))
    };
    if path.len() > limits::CATEGORY_DEPTH * limits::LABEL_LENGTH * 4 {
        return refuse("it is too long");
    }
    let titles: Vec<String> = path.split('>').map(text::line).collect();
    if titles.len() > limits::CATEGORY_DEPTH {
        return refuse("it is too deep");
    }
    if titles.iter().any(|title| text::is_blank(title)) {
        return refuse("a title is missing");
    }
    titles
        .iter()
        .try_for_each(|title| error::within_length("a category's title", title, limits::LABEL_LENGTH))?;
    Ok(titles)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn draft(handle: &str, parent: Option<CategoryId>) -> CategoryDraft {
        let (handle, title) = (handle.to_owned(), handle.to_owned());
        CategoryDraft { handle, title, description: String::new(), parent, position: 0 }
    }

    fn path(text: &str) -> Vec<String> {
        parse_path(text).unwrap()
    }

    #[test]
    fn a_path_makes_what_is_missing_and_finds_it_again() {
        let mut tree = Tree::default();
        let mut made = Vec::new();
        let kitchen = tree.find_or_make(&path("Home > Kitchen"), &mut made).unwrap();
        assert_eq!(tree.find(&path("home>  KITCHEN")), Some(kitchen));
        let other = tree.find_or_make(&path("Garden > Kitchen"), &mut made).unwrap();
        assert_ne!(other, kitchen);
        let handles: Vec<&str> = made.iter().map(|category| category.handle.as_str()).collect();
        assert_eq!(handles, ["home", "kitchen", "garden", "garden-kitchen"]);
        assert_eq!(tree.find(&path("Kitchen")), None);
    }

    #[test]
    fn a_category_cannot_be_below_itself() {
        let mut tree = Tree::default();
        let a = tree.put(vec![draft("a", None)]).unwrap()[0].0.id;
        let b = tree.put(vec![draft("b", Some(a))]).unwrap()[0].0.id;
        assert_eq!(tree.clone().put(vec![draft("a", Some(b))]).unwrap_err().reason(), CATEGORY_CYCLE);
        assert_eq!(tree.clone().put(vec![draft("a", Some(a))]).unwrap_err().reason(), CATEGORY_CYCLE);
        let unknown = tree.clone().put(vec![draft("c", Some(CategoryId::new()))]).unwrap_err();
        assert_eq!(unknown.reason(), CATEGORY_NOT_FOUND);
        assert_eq!(tree.put(vec![draft("b", Some(a))]).unwrap()[0].1, Change::None);
    }

    #[test]
    fn parents_come_before_their_children_and_siblings_by_position() {
        let mut tree = Tree::default();
        let mut made = Vec::new();
        for each in ["B > Z", "B > A", "A > Q", "C"] {
            tree.find_or_make(&path(each), &mut made);
        }
        tree.put(vec![CategoryDraft { title: "C".into(), position: 1, ..draft("c", None) }]).unwrap();
        let titles: Vec<&str> = tree.in_order().iter().map(|category| category.title.as_str()).collect();
        assert_eq!(titles, ["A", "Q", "B", "A", "Z", "C"]);
    }

    #[test]
    fn a_path_without_titles_or_too_deep_is_refused() {
        for wrong in ["", "Home >", "> Home", "Home > > Pans", &["a"; 11].join(">"), &"a".repeat(100_000)] {
            assert_eq!(parse_path(wrong).unwrap_err().reason(), INVALID_CATEGORY_PATH);
        }
    }

    proptest! {
        #[test]
        fn every_category_is_listed_once_after_its_parent(paths in prop::collection::vec("[ab]( > [abc]){0,4}", 0..20)) {
            let mut tree = Tree::default();
            let mut made = Vec::new();
            for each in &paths {
                tree.find_or_make(&path(each), &mut made);
            }
            let order = tree.in_order();
            prop_assert_eq!(order.len(), made.len());
            let mut seen = std::collections::HashSet::new();
            for category in order {
                prop_assert!(category.parent.is_none_or(|parent| seen.contains(&parent)));
                prop_assert!(seen.insert(category.id));
            }
            let handles: std::collections::HashSet<_> = made.iter().map(|category| &category.handle).collect();
            prop_assert_eq!(handles.len(), made.len());
        }
    }
}
