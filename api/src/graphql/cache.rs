//! The schemas, documents and introspection answers that are kept: one per surface, not one per caller.

use std::sync::Arc;

use axum::body::Bytes;
use moka::sync::Cache;
use schema::access::Surface;
use sha2::{Digest, Sha256};

use crate::{
    graphql::{
        schema::{Face, build},
        validate::Document,
    },
    problem::Problem,
};

/// The types of all schemas that are kept: about 20 KB each.
const MOST_TYPES: u64 = 6_000;
/// The bytes of all introspection answers that are kept.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// The bytes of the texts of all documents that are kept; parsed they take some twenty times as much.
const MOST_TEXT: u64 = 1024 * 1024;

/// Schemas by surface, and by surface and question introspection answers and valid documents.
#[derive(Debug, Clone)]
pub struct Faces {
    schemas: Cache<String, Arc<Face>>,
    answers: Cache<[u8; 32], Bytes>,
    documents: Cache<[u8; 32], Document>,
}

impl Default for Faces {
    fn default() -> Self {
        let schemas = Cache::builder()
            .max_capacity(MOST_TYPES)
            .weigher(|_: &String, face: &Arc<Face>| face.weight)
            .build();
        let answers = Cache::builder()
            .max_capacity(MOST_BYTES)
            .weigher(|_: &[u8; 32], answer: &Bytes| u32::try_from(answer.len()).unwrap_or(u32::MAX))
            .build();
        let documents = Cache::builder()
            .max_capacity(MOST_TEXT)
            .weigher(|_: &[u8; 32], document: &Document| {
                u32::try_from(document.text.len()).unwrap_or(u32::MAX)
            })
            .build();
        Self {
            schemas,
            answers,
            documents,
        }
    }
}

impl Faces {
    /// The schema of a surface. It is built once, however many ask for it at a time, and never on a
    /// thread that serves requests.
    pub(super) async fn find(&self, surface: Arc<Surface>) -> Result<Arc<Face>, Problem> {
        if let Some(face) = self.schemas.get(&surface.hash) {
            return Ok(face);
        }
        let schemas = self.schemas.clone();
        let built = tokio::task::spawn_blocking(move || {
            schemas.try_get_with(surface.hash.clone(), || build(surface).map(Arc::new))
        });
        built
            .await
            .map_err(Problem::internal)?
            .map_err(|error| Problem::internal(format!("building a GraphQL schema: {error}")))
    }

    /// A document that was validated.
    pub(super) fn find_document(&self, key: &[u8; 32]) -> Option<Document> {
        self.documents.get(key)
    }

    /// Keeps a document that is valid for a surface, so that the next request with it is neither
    /// parsed nor validated.
    pub(super) fn keep_document(&self, key: [u8; 32], document: &Document) {
        let valid = Document {
            is_valid: true,
            ..document.clone()
        };
        self.documents.insert(key, valid);
    }

    /// The kept answer to an introspection.
    pub(super) fn find_answer(&self, key: &[u8; 32]) -> Option<Bytes> {
        self.answers.get(key)
    }

    /// Keeps the answer to an introspection.
    pub(super) fn keep_answer(&self, key: [u8; 32], answer: Bytes) {
        self.answers.insert(key, answer);
    }
}

/// What an introspection answer depends on.
pub(super) fn answer_key(surface: &Surface, parts: [&str; 3]) -> [u8; 32] {
    let mut sha = Sha256::new();
    for part in [surface.hash.as_str()].into_iter().chain(parts) {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    sha.finalize().into()
}
