//! Going on past what is damaged.

use super::CheckoutError;
use crate::store::{BlockStore, StoreError};
use crate::survey::range_of;
use yadgar_protocol::release::Part;
use yadgar_protocol::tree::{Entry, Expect, Node, decode_node};

/// What could not be written, since it is not sound here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Broken {
    /// The file, or the range of files when the tree node that names them cannot be read.
    pub path: String,
    /// Why, for people.
    pub why: String,
}

impl Broken {
    /// A file that met an error.
    ///
    /// # Errors
    /// The error, when it is not to be passed over, or not about this file.
    pub(super) fn of(
        entry: &Entry,
        error: CheckoutError,
        past_damage: bool,
    ) -> Result<Self, CheckoutError> {
        let why = match &error {
            _ if !past_damage => return Err(error),
            CheckoutError::Missing(_, id) => format!("block {id} is damaged or not here"),
            CheckoutError::Damaged(_, why) => why.clone(),
            // The disk did not read a part of it.
            CheckoutError::Store(StoreError::Io { .. } | StoreError::Damaged(_)) => {
                error.to_string()
            }
            _ => return Err(error),
        };
        Ok(Self { path: entry.path.to_string(), why })
    }
}

/// The entries of parts as far as their trees are sound, in their order.
pub(super) fn entries(
    store: &dyn BlockStore,
    parts: &[&Part],
    broken: &mut Vec<Broken>,
) -> Vec<Entry> {
    let mut all = Vec::new();
    for part in parts {
        let mut stack = vec![(part.root, Expect::of_part(part))];
        while let Some((id, expect)) = stack.pop() {
            let node = match store.get(&id) {
                Ok(Some(bytes)) => decode_node(&bytes, &expect).map_err(|e| e.to_string()),
                Ok(None) => Err(format!("tree node {id} is damaged or not here")),
                Err(error) => Err(error.to_string()),
            };
            match node {
                Ok(Node::Leaf(entries)) => all.extend(entries),
                Ok(node) => stack.extend(expect.children(&node).into_iter().rev()),
                Err(why) => {
                    let path = format!("{}: {}", part.name, range_of(&expect));
                    broken.push(Broken { path, why });
                }
            }
        }
    }
    all
}
