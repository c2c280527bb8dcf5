//! The canonical schemas as trials see them: the embedded registry, or another one for self-tests.

use serde_json::Value;
use std::sync::Arc;

/// One place where a document breaks its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer.
    pub pointer: String,
    /// What is wrong.
    pub text: String,
}

/// Where schemas come from.
pub trait Schemas: Send + Sync {
    /// Every violation, or `None` when there is no schema of that id.
    fn check(&self, id: &str, value: &Value) -> Option<Vec<Violation>>;
}

/// The schemas embedded in crate `schemas`.
pub(crate) fn embedded() -> Arc<dyn Schemas> {
    Arc::new(Embedded(schemas::Registry::embedded()))
}

struct Embedded(Result<schemas::Registry, schemas::SchemaError>);

impl Schemas for Embedded {
    fn check(&self, id: &str, value: &Value) -> Option<Vec<Violation>> {
        let registry = match &self.0 {
            Ok(registry) => registry,
            Err(error) => {
                return Some(vec![violation(
                    "",
                    &format!("the embedded schemas do not load: {error}"),
                )]);
            }
        };
        let found = registry.get(id)?.check(value).err().unwrap_or_default();
        Some(found.iter().map(|v| violation(&v.pointer, &v.en)).collect())
    }
}

fn violation(pointer: &str, text: &str) -> Violation {
    Violation {
        pointer: pointer.into(),
        text: text.into(),
    }
}
