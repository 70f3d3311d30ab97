//! The schemas and introspection answers that are kept: one per surface, not one per caller.

use std::sync::Arc;

use axum::body::Bytes;
use moka::sync::Cache;
use schema::access::Surface;
use sha2::{Digest, Sha256};

use crate::{
    graphql::schema::{Face, build},
    problem::Problem,
};

/// The types of all schemas that are kept: about 20 KB each.
const MOST_TYPES: u64 = 6_000;
/// The bytes of all introspection answers that are kept.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Schemas by surface and introspection answers by surface and question.
#[derive(Debug, Clone)]
pub struct Faces {
    schemas: Cache<String, Arc<Face>>,
    answers: Cache<[u8; 32], Bytes>,
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
        Self { schemas, answers }
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
