//! The registry: every canonical schema by id, compiled once at start, plus those registered at run time.
//!
//! The core and the gateway hold one registry behind an `Arc` and swap it when a manifest brings its own schemas.
//! Nothing is ever fetched: a `$ref` leads to a schema of the registry or the build fails.

use crate::embedded;
use crate::schema::Schema;
use crate::walk;
use jsonschema::{Draft, PatternOptions, Retrieve, Uri};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const MAX_EXTRA_BYTES: usize = 256 * 1024;
const MAX_EXTRA_SCHEMAS: usize = 200;
const MAX_PATTERN_PROGRAM: usize = 1 << 20;

/// Why a schema was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The text is not JSON.
    #[error("schema `{name}` is not JSON: {source}")]
    NotJson {
        /// File name.
        name: String,
        /// Parser's complaint.
        source: serde_json::Error,
    },
    /// `$id` is missing or not of the form `urn:…`.
    #[error("a schema has no usable $id; write `urn:<space>:<name>:<version>`")]
    NoId,
    /// Two schemas share an id.
    #[error("schema id `{0}` is taken")]
    Taken(String),
    /// Too large, too many, too deep, or expanding to too much.
    #[error("schema `{id}` exceeds a limit: {limit}")]
    TooLarge {
        /// Schema id.
        id: String,
        /// Which limit.
        limit: &'static str,
    },
    /// A construct this registry refuses.
    #[error("schema `{id}` at `{at}`: {reason}")]
    Refused {
        /// Schema id.
        id: String,
        /// Pointer inside the schema.
        at: String,
        /// What is wrong and what to write.
        reason: String,
    },
    /// The compiler's complaint, masked.
    #[error("schema `{id}` does not compile: {reason}")]
    NotCompiled {
        /// Schema id.
        id: String,
        /// What the compiler says.
        reason: String,
    },
}

/// Canonical documents by `$id`; shared by the retriever and the walker.
pub(crate) type Documents = BTreeMap<String, Arc<Value>>;

/// All schemas known to this process.
#[derive(Debug, Clone)]
pub struct Registry {
    documents: Arc<Documents>,
    schemas: BTreeMap<String, Arc<Schema>>,
}

impl Registry {
    /// The canonical model that ships with Simpul.
    ///
    /// # Errors
    /// When an embedded schema is broken, which a test rules out.
    pub fn embedded() -> Result<Self, SchemaError> {
        let mut documents = Vec::new();
        for (name, text) in embedded::SCHEMAS {
            let document = serde_json::from_str(text).map_err(|source| SchemaError::NotJson {
                name: (*name).to_owned(),
                source,
            })?;
            documents.push(document);
        }
        Self {
            documents: Arc::default(),
            schemas: BTreeMap::new(),
        }
        .grown(documents, Compile::WhenUsed)
    }

    /// A registry with more schemas, such as those of a manifest. They may refer to each other and to what is here.
    ///
    /// # Errors
    /// When a schema is too large, takes a used id, refers outside the registry or to itself, or does not compile.
    pub fn with(&self, extra: Vec<Value>) -> Result<Self, SchemaError> {
        if extra.len() > MAX_EXTRA_SCHEMAS {
            return Err(SchemaError::TooLarge {
                id: "*".to_owned(),
                limit: "200 schemas at once",
            });
        }
        for document in &extra {
            if document.to_string().len() > MAX_EXTRA_BYTES {
                return Err(SchemaError::TooLarge {
                    id: id_of(document)?,
                    limit: "256 KiB of text",
                });
            }
        }
        self.grown(extra, Compile::Now)
    }

    /// The same registry without the schemas of one name space (`urn:angkut:`), for judging another version of whoever owns
    /// it.
    #[must_use]
    pub fn without(&self, space: &str) -> Self {
        let documents = self.documents.iter().filter(|(id, _)| !id.starts_with(space));
        let schemas = self.schemas.iter().filter(|(id, _)| !id.starts_with(space));
        Self {
            documents: Arc::new(documents.map(|(id, document)| (id.clone(), document.clone())).collect()),
            schemas: schemas.map(|(id, schema)| (id.clone(), Arc::clone(schema))).collect(),
        }
    }

    /// A schema by full `$id`, or by name: `pengaduan` (highest version) and `pengaduan:1` find
    /// `urn:simpul:skema:pengaduan:1`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Schema> {
        self.find(id).map(AsRef::as_ref)
    }

    /// The same, for whoever keeps the schema beyond the registry.
    #[must_use]
    pub fn shared(&self, id: &str) -> Option<Arc<Schema>> {
        self.find(id).map(Arc::clone)
    }

    fn find(&self, id: &str) -> Option<&Arc<Schema>> {
        if let Some(schema) = self.schemas.get(id) {
            return Some(schema);
        }
        let full = format!("urn:simpul:skema:{id}");
        if let Some(schema) = self.schemas.get(&full) {
            return Some(schema);
        }
        let prefix = format!("{full}:");
        let versions = self
            .schemas
            .range(prefix.clone()..)
            .take_while(|(key, _)| key.starts_with(&prefix));
        let newest = versions.filter_map(|(key, schema)| Some((key[prefix.len()..].parse::<u32>().ok()?, schema)));
        newest.max_by_key(|(version, _)| *version).map(|(_, schema)| schema)
    }

    /// Every `$id`, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.schemas.keys().map(String::as_str)
    }

    /// Every schema, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &Schema> {
        self.schemas.values().map(AsRef::as_ref)
    }

    fn grown(&self, extra: Vec<Value>, when: Compile) -> Result<Self, SchemaError> {
        let mut documents = self.documents.as_ref().clone();
        let mut fresh = Vec::new();
        for document in extra {
            let id = id_of(&document)?;
            if documents.contains_key(&id) {
                return Err(SchemaError::Taken(id));
            }
            fresh.push(id.clone());
            documents.insert(id, Arc::new(document));
        }
        let documents = Arc::new(documents);
        let mut schemas = self.schemas.clone();
        for id in fresh {
            let schema = schema(&id, &documents, when)?;
            schemas.insert(id, Arc::new(schema));
        }
        Ok(Self { documents, schemas })
    }
}

fn id_of(document: &Value) -> Result<String, SchemaError> {
    let id = document.get("$id").and_then(Value::as_str).ok_or(SchemaError::NoId)?;
    let plain = id
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-' | b'.'));
    if id.starts_with("urn:") && id.len() <= 200 && plain {
        Ok(id.to_owned())
    } else {
        Err(SchemaError::NoId)
    }
}

/// When a validator is made.
#[derive(Clone, Copy)]
enum Compile {
    /// Broken ones must be told to whoever brings them.
    Now,
    /// They are known to be good, and most of them are never asked.
    WhenUsed,
}

fn schema(id: &str, documents: &Arc<Documents>, when: Compile) -> Result<Schema, SchemaError> {
    let document = documents.get(id).ok_or(SchemaError::NoId)?;
    if document.get("$schema").is_some_and(|dialect| dialect != DIALECT) {
        let reason = format!("only `{DIALECT}` is understood");
        return Err(SchemaError::Refused {
            id: id.to_owned(),
            at: "/$schema".to_owned(),
            reason,
        });
    }
    let marks = walk::marks(id, documents)?;
    let compiled = match when {
        Compile::Now => OnceLock::from(Some(validator(id, document, documents)?)),
        Compile::WhenUsed => OnceLock::new(),
    };
    Ok(Schema {
        id: id.to_owned(),
        document: Arc::clone(document),
        documents: Arc::clone(documents),
        validator: compiled,
        personal: marks.personal,
        rules: marks.rules,
        members: marks.members,
        subjects: marks.subjects,
    })
}

pub(crate) fn validator(
    id: &str,
    document: &Value,
    documents: &Arc<Documents>,
) -> Result<jsonschema::Validator, SchemaError> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_pattern_options(PatternOptions::regex().size_limit(MAX_PATTERN_PROGRAM))
        .with_retriever(Closed(Arc::clone(documents)))
        .build(document)
        .map_err(|error| SchemaError::NotCompiled {
            id: id.to_owned(),
            reason: error.masked().to_string(),
        })
}

/// Answers references from the registry and from nowhere else.
struct Closed(Arc<Documents>);

impl Retrieve for Closed {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let found = self.0.get(uri.as_str()).map(|document| Value::clone(document));
        found.ok_or_else(|| format!("`{}` is not in the registry; nothing is fetched", uri.as_str()).into())
    }
}
