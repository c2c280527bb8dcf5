//! `[[penerbit_jwt]]`: outside issuers whose tokens stand for consumers.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::Table;
use jsonwebtoken::Algorithm;

/// An issuer.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawIssuer {
    pub place: Place,
    pub penerbit: Placed<String>,
    pub audiens: Placed<String>,
    pub jwks: Placed<String>,
    pub algoritma: Vec<Placed<String>>,
    pub klaim: Option<Placed<String>>,
    pub konsumen: Vec<(String, Placed<String>)>,
}

/// Asymmetric ones: a shared secret would let every holder of it issue.
pub(crate) const ALGORITHMS: [(&str, Algorithm); 6] = [
    ("EdDSA", Algorithm::EdDSA),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("PS256", Algorithm::PS256),
];

impl RawIssuer {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            penerbit: table.needed("penerbit"),
            audiens: table.needed("audiens"),
            jwks: table.needed("jwks"),
            algoritma: table.texts("algoritma"),
            klaim: table.text("klaim"),
            konsumen: table.pairs("konsumen"),
        };
        table.finish();
        raw
    }
}
