//! Where evidence is read: a journal file, beside a running gateway or from a backup, or a gateway's operator port.

use super::super::client::{Client, Trouble};
use super::super::exit::Exit;
use super::super::filter::encoded;
use super::super::say::Voice;
use super::From;
use bytes::Bytes;
use gateway_core::evidence::batch::Batch;
use gateway_core::journal::{EvidenceLink, JournalError, MAIN_CHAIN};
use gateway_store::sqlite::EvidenceFile;
use serde_json::{Value, json};

/// Read at once from a file.
const PAGE: usize = 1000;

/// See the module.
pub(super) enum Source {
    File(EvidenceFile),
    Gateway(Box<Client>),
}

/// Opens the source and runs `work` with it.
pub(super) fn with<'v, F>(voice: &'v Voice, from: &From, work: impl FnOnce(Source) -> F) -> Exit
where
    F: Future<Output = Result<Exit, Trouble>> + 'v,
{
    let source = match &from.journal {
        Some(file) => EvidenceFile::open(file)
            .map(Source::File)
            .map_err(|error| unreadable(&error)),
        None => Client::new(&from.remote, voice).map(|client| Source::Gateway(Box::new(client))),
    };
    let source = match source {
        Ok(source) => source,
        Err(trouble) => return trouble.tell(voice),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return voice.failed("tidak dapat dijalankan", "cannot be run", &error).into(),
    };
    match runtime.block_on(work(source)) {
        Ok(exit) => exit,
        Err(trouble) => trouble.tell(voice),
    }
}

fn unreadable(error: &JournalError) -> Trouble {
    Trouble::Usage(error.to_string())
}

impl Source {
    /// Has a running gateway sign what it has; a file is signed as far as it is.
    pub(super) async fn bind(&self) -> Result<(), Trouble> {
        match self {
            Self::File(_) => Ok(()),
            Self::Gateway(client) => client.post("/bukti/ikatan", &json!({})).await.map(drop),
        }
    }

    /// Batches after a number.
    pub(super) async fn batches(&self, after: i64) -> Result<Vec<Batch>, Trouble> {
        match self {
            Self::File(file) => file.batches(after, PAGE).map_err(|error| unreadable(&error)),
            Self::Gateway(client) => {
                let page = client.get(&format!("/bukti/ikatan?setelah={after}")).await?;
                rows(&page, batch)
            }
        }
    }

    /// Names of the chains.
    pub(super) async fn chains(&self) -> Result<Vec<String>, Trouble> {
        match self {
            Self::File(_) => Ok(vec![MAIN_CHAIN.to_owned()]),
            Self::Gateway(client) => {
                let chains = client.get("/bukti").await?;
                let names = chains["rantai"].as_array().into_iter().flatten();
                Ok(names.filter_map(Value::as_str).map(str::to_owned).collect())
            }
        }
    }

    /// Links of a chain after a position.
    pub(super) async fn links(&self, chain: &str, after: i64) -> Result<Vec<EvidenceLink>, Trouble> {
        match self {
            // One file has one chain; what a database gave it later keeps its name there.
            Self::File(file) => file.after(after, PAGE).map_err(|error| unreadable(&error)),
            Self::Gateway(client) => {
                let path = format!("/bukti?rantai={}&setelah={after}", encoded(chain));
                rows(&client.get(&path).await?, link)
            }
        }
    }

    /// The public keys that are known here, oldest first: hex and since when.
    pub(super) async fn keys(&self) -> Result<Vec<(String, String)>, Trouble> {
        let documents: Vec<Value> = match self {
            Self::File(file) => {
                let bodies = file.keys().map_err(|error| unreadable(&error))?;
                bodies
                    .iter()
                    .filter_map(|body| serde_json::from_slice(body).ok())
                    .collect()
            }
            Self::Gateway(client) => {
                let page = client.get("/bukti/kunci").await?;
                page["butir"].as_array().cloned().unwrap_or_default()
            }
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let keys = documents
            .iter()
            .filter_map(|key| Some((text(&key["kunci"])?, text(&key["sejak"])?)));
        Ok(keys.collect())
    }
}

fn rows<T>(page: &Value, read: fn(&Value) -> Option<T>) -> Result<Vec<T>, Trouble> {
    let rows = page["butir"].as_array().into_iter().flatten();
    rows.map(|row| read(row).ok_or_else(|| Trouble::Unreachable(format!("? {row}"))))
        .collect()
}

fn batch(row: &Value) -> Option<Batch> {
    let mut signature = [0; 64];
    hex::decode_to_slice(row["tanda_tangan"].as_str()?, &mut signature).ok()?;
    Some(Batch {
        number: row["nomor"].as_i64()?,
        statement: Bytes::from(row["pernyataan"].as_str()?.to_owned()),
        signature,
    })
}

fn link(row: &Value) -> Option<EvidenceLink> {
    let hash = |name: &str| {
        let mut bytes = [0; 32];
        hex::decode_to_slice(row.get(name)?.as_str()?, &mut bytes).ok()?;
        Some(bytes)
    };
    let record = match row.get("bita").and_then(Value::as_str) {
        Some(bytes) => hex::decode(bytes).ok()?,
        None => row.get("catatan")?.as_str()?.as_bytes().to_vec(),
    };
    Some(EvidenceLink {
        seq: row.get("seq")?.as_i64()?,
        previous: hash("sebelum")?,
        record: Bytes::from(record),
        hash: hash("hash")?,
    })
}
