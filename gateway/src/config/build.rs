//! From a checked set-up to what runs: secrets are read, systems and consumers made. What did not change keeps its
//! state over a reload: a system its breaker, pacing and token, a grant its quota.

use super::check::{
    AuthPlan, Checked, CheckedConsumer, CheckedGrant, CheckedInbound, CheckedOperation, CheckedSystem, Journal,
    KeyExchangePlan, Node, SystemTls, unfit,
};
use super::complaint::{Complaint, Place, Placed, in_order};
use super::secrets::{SecretRef, Vault};
use crate::operator::Oidc;
use crate::operator::totp::Totp;
use crate::reference::Facts;
use crate::registry::InForce;
use connector_sdk::{AuthKind, Connector, Factory, KeyExchange, Secret, Settings, Text};
use gateway_core::authorize::Grant;
use gateway_core::catalogue::{Catalogue, Published};
use gateway_core::deliver::breaker::Breaker;
use gateway_core::deliver::pacing::Pacing;
use gateway_core::deliver::{Reach, System, TokenCache, supplied};
use gateway_core::evidence::sha256;
use gateway_core::fields::Fields;
use gateway_core::identity::outside::{Issuer, Terms};
use gateway_core::identity::{Consumer, Identities};
use gateway_core::inbound::Receiver;
use gateway_core::quota::Limiter;
use gateway_core::retention::Class;
use gateway_core::seal::KEY_BYTES;
use gateway_store::postgres;
use schemas::Registry;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A set-up that can run.
pub struct Built {
    /// This process.
    pub node: Node,
    /// What is published and known.
    pub catalogue: Arc<Catalogue>,
    /// Master key of bodies at rest; `None`: a file beside the journal, made at first start.
    pub master_key: Option<Secret>,
    /// Key that signs evidence, from configuration.
    pub evidence_key: Option<Secret>,
    /// The database of a journal that nodes share.
    pub database: Option<postgres::Options>,
    /// How long bodies are kept.
    pub retention: Vec<Class>,
    /// What people say about the catalogue.
    pub facts: Facts,
    /// Every schema.
    pub schemas: Registry,
    /// Systems that are registered and not written.
    pub declared: BTreeSet<String>,
    /// How some systems are known and how we are known to them.
    pub identities: HashMap<String, SystemTls>,
    /// Hosts inside with their ports that those may name.
    pub inside: Vec<(String, u16)>,
    /// What is registered and how it went.
    pub in_force: InForce,
    /// The identity provider of the console.
    pub oidc: Option<Arc<Oidc>>,
    /// Digest of everything a system was made of, secrets included.
    systems: HashMap<String, [u8; 32]>,
    /// What a grant was made of, by consumer and operation.
    grants: HashMap<(String, String), CheckedGrant>,
}

impl fmt::Debug for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Built")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}

/// Reads the secrets and makes the parts, or says which secrets are missing.
pub fn build(checked: Checked, vault: &dyn Vault, previous: Option<&Built>) -> Result<Built, Vec<Complaint>> {
    let mut reader = Reader {
        vault,
        complaints: Vec::new(),
    };
    let mut systems = HashMap::new();
    let mut digests = HashMap::new();
    let mut identities = HashMap::new();
    for checked in checked.systems {
        let id = checked.id.clone();
        identities.extend(checked.tls.clone().map(|tls| (id.clone(), tls)));
        let Some((system, digest)) = system(checked, &mut reader, previous) else {
            continue;
        };
        systems.insert(id.clone(), system);
        digests.insert(id, digest);
    }
    let master_key = checked.node.master_key.as_ref().map(|name| reader.key(name, &MASTER));
    let evidence_key = checked
        .node
        .evidence_key
        .as_ref()
        .map(|name| reader.key(name, &EVIDENCE));
    let mut node = checked.node;
    for (at, name) in std::mem::take(&mut node.second_factors) {
        let seed = reader.second_factor(&name);
        if let Some(person) = node.operators.get_mut(at) {
            person.totp = seed;
        }
    }
    let oidc = checked.oidc.map(|checked| {
        let secret = checked.secret.as_ref().map(|name| reader.secret(name));
        Arc::new(Oidc::new(checked.terms, secret))
    });
    let database = reader.database(&node);
    if !reader.complaints.is_empty() {
        return Err(in_order(reader.complaints));
    }
    let mut grants = HashMap::new();
    let consumers: HashMap<_, _> = checked
        .consumers
        .into_iter()
        .map(|checked| (checked.id.clone(), Arc::new(consumer(checked, previous, &mut grants))))
        .collect();
    let operations: HashMap<_, _> = checked.operations.into_iter().map(published).collect();
    let catalogue = Catalogue {
        inbound: receivers(checked.inbound, &operations, &systems),
        operations,
        identities: Identities::new(consumers.values()),
        issuers: checked
            .issuers
            .into_iter()
            .map(|terms| issuer(terms, previous))
            .collect(),
        consumers,
        systems,
        relays: checked.relays,
        flows: checked.flows,
        emits: checked.emits,
        codes: Arc::new(checked.codes),
    };
    Ok(Built {
        node,
        master_key,
        evidence_key,
        database,
        catalogue: Arc::new(catalogue),
        retention: checked.retention,
        facts: checked.facts,
        schemas: checked.schemas,
        declared: checked.declared,
        identities,
        inside: checked.inside,
        in_force: InForce::default(),
        oidc,
        systems: digests,
        grants,
    })
}

/// What a key is called where it is wrong.
struct Called {
    id: &'static str,
    en: &'static str,
}

const MASTER: Called = Called {
    id: "kunci induk",
    en: "master key",
};
const EVIDENCE: Called = Called {
    id: "kunci bukti",
    en: "evidence key",
};

struct Reader<'a> {
    vault: &'a dyn Vault,
    complaints: Vec<Complaint>,
}

impl Reader<'_> {
    fn secret(&mut self, name: &Placed<SecretRef>) -> Secret {
        let value = self.vault.read(&name.value).and_then(|secret| match secret.is_empty() {
            true => Err(Text::new("rahasianya kosong", "the secret is empty")),
            false => Ok(secret),
        });
        value.unwrap_or_else(|why| {
            let advice = (
                "sediakan sebelum menjalankan gateway, atau perbaiki rujukannya",
                "provide it before starting the gateway, or correct the reference",
            );
            self.complaints
                .push(Complaint::new(&name.place, (why.id, why.en), advice));
            Secret::new("")
        })
    }

    /// The seed of a person's second factor. One that cannot be read lets nobody start: the factor must not fall away.
    fn second_factor(&mut self, name: &Placed<SecretRef>) -> Option<Totp> {
        let secret = self.secret(name);
        let read = Totp::read(&secret);
        if read.is_none() && !secret.is_empty() {
            let what = ("benih TOTP tidak sah", "the TOTP seed is not valid");
            let advice = (
                "pakai benih base32 dari `simpul key create --operator NAMA --totp`",
                "use the base32 seed from `simpul key create --operator NAME --totp`",
            );
            self.complaints.push(Complaint::new(&name.place, what, advice));
        }
        read
    }

    /// The connection of a shared journal. The string may hold a password, so nothing of it is repeated.
    fn database(&mut self, node: &Node) -> Option<postgres::Options> {
        let Journal::Postgres {
            connection,
            schema,
            pool,
        } = &node.journal
        else {
            return None;
        };
        let secret = self.secret(connection);
        let options = postgres::Options::parse(secret.expose().trim(), &node.name);
        if options.is_none() && !secret.is_empty() {
            let what = (
                "koneksi bukan rangkaian libpq atau URL PostgreSQL, atau sslmode-nya bukan disable, require, verify-full",
                "the connection is neither a libpq string nor a PostgreSQL URL, or its sslmode is not disable, require, verify-full",
            );
            let advice = (
                "tulis seperti host=db.contoh.invalid user=simpul password=… dbname=simpul",
                "write it as host=db.contoh.invalid user=simpul password=… dbname=simpul",
            );
            self.complaints.push(Complaint::new(&connection.place, what, advice));
        }
        let mut options = options?;
        if let Some(schema) = schema {
            options.schema.clone_from(schema);
        }
        options.connections = pool.unwrap_or(options.connections);
        Some(options)
    }

    /// 64 hex digits.
    fn key(&mut self, name: &Placed<SecretRef>, called: &Called) -> Secret {
        let secret = self.secret(name);
        if !secret.is_empty() && hex::decode(secret.expose().trim()).map_or(true, |key| key.len() != KEY_BYTES) {
            let what = (
                format!("{} bukan 64 angka heksadesimal", called.id),
                format!("the {} is not 64 hex digits", called.en),
            );
            let advice = (
                "buat dengan `openssl rand -hex 32`",
                "make one with `openssl rand -hex 32`",
            );
            self.complaints.push(Complaint::new(&name.place, what, advice));
        }
        secret
    }

    /// The connector with the secrets its pushes are verified with, and a digest of those.
    fn connector(
        &mut self,
        factory: &Factory,
        settings: &serde_json::Map<String, serde_json::Value>,
        checked: Arc<dyn Connector>,
        secrets: Vec<(String, Placed<SecretRef>)>,
        place: &Place,
    ) -> (Arc<dyn Connector>, String) {
        if secrets.is_empty() {
            return (checked, String::new());
        }
        let before = self.complaints.len();
        let mut given = String::new();
        let mut settings = Settings::new(settings.clone());
        for (name, secret) in secrets {
            let value = self.secret(&secret);
            given.push_str(&format!("{name}={};", hex::encode(sha256(value.expose().as_bytes()))));
            settings = settings.with_secret(name, value);
        }
        if self.complaints.len() > before {
            return (checked, given);
        }
        match (factory.build)(&settings) {
            Ok(connector) => (connector, given),
            Err(complaints) => {
                let complaints = complaints
                    .into_iter()
                    .map(|complaint| unfit(factory.kind, place, complaint));
                self.complaints.extend(complaints);
                (checked, given)
            }
        }
    }

    /// A supplied bearer is the one that was meant: for this year, this role. What it says instead is not repeated.
    fn claims(&mut self, auth: &AuthKind, wanted: &[(String, Placed<String>)]) {
        for (name, value) in wanted {
            let meant = value.value.replace("{tahun}", &self.vault.year().to_string());
            if supplied::claimed(auth, name).contains(&meant) {
                continue;
            }
            let what = (
                format!("token yang dititipkan tidak memuat klaim `{name}` dengan nilai ini"),
                format!("the supplied token does not claim this value of `{name}`"),
            );
            let advice = (
                "titipkan token yang sesuai, atau perbaiki klaim",
                "supply the right token, or correct the claim",
            );
            self.complaints.push(Complaint::new(&value.place, what, advice));
        }
    }

    fn auth(&mut self, plan: AuthPlan) -> AuthKind {
        match plan {
            AuthPlan::None => AuthKind::None,
            AuthPlan::Headers { headers, claims } => {
                let value = |(name, prefix, secret): (String, String, Placed<SecretRef>)| {
                    let secret = self.secret(&secret);
                    (name, Secret::new(format!("{prefix}{}", secret.expose())))
                };
                let auth = AuthKind::Headers(headers.into_iter().map(value).collect());
                self.claims(&auth, &claims);
                auth
            }
            AuthPlan::Basic { user, password } => AuthKind::Basic {
                user,
                password: self.secret(&password),
            },
            AuthPlan::ClientCredentials {
                token_url,
                client_id,
                client_secret,
                scope,
                header,
                prefix,
            } => AuthKind::ClientCredentials {
                token_url,
                client_id,
                client_secret: self.secret(&client_secret),
                scope,
                header,
                prefix,
            },
            AuthPlan::Hmac {
                algorithm,
                key,
                signature_header,
                timestamp_header,
            } => AuthKind::Hmac {
                algorithm,
                key: self.secret(&key),
                signature_header,
                timestamp_header,
            },
            AuthPlan::KeyExchange(plan) => {
                let KeyExchangePlan {
                    key_url,
                    root,
                    user_field,
                    user,
                    password_field,
                    password,
                    key_pointer,
                    expiry_pointer,
                    expiry_offset_minutes,
                    lifetime_s,
                    header,
                } = *plan;
                AuthKind::KeyExchange(KeyExchange {
                    key_url,
                    root,
                    user_field,
                    user: self.secret(&user),
                    password_field,
                    password: self.secret(&password),
                    key_pointer,
                    expiry_pointer,
                    expiry_offset_minutes,
                    lifetime_s,
                    header,
                })
            }
        }
    }
}

fn system(
    checked: CheckedSystem,
    reader: &mut Reader<'_>,
    previous: Option<&Built>,
) -> Option<(Arc<System>, [u8; 32])> {
    let plan = format!("{:?}", checked.auth);
    let auth = reader.auth(checked.auth);
    let (connector, given) = reader.connector(
        &checked.factory,
        &checked.settings,
        checked.connector,
        checked.secrets,
        &checked.place,
    );
    let digest = digest(&[
        checked.endpoint.as_bytes(),
        format!("{:?} {:?} {:?}", checked.headers, checked.profile, checked.policy).as_bytes(),
        format!("{:?}", checked.links).as_bytes(),
        format!(
            "{:?} {} {:?} {:?}",
            checked.per_minute, checked.concurrent, checked.hours, checked.native
        )
        .as_bytes(),
        connector.descriptor().id.as_bytes(),
        serde_json::Value::Object(checked.settings).to_string().as_bytes(),
        plan.as_bytes(),
        secrets_of(&auth).as_bytes(),
        given.as_bytes(),
    ]);
    let same = previous.filter(|previous| previous.systems.get(&checked.id) == Some(&digest));
    if let Some(kept) = same.and_then(|previous| previous.catalogue.systems.get(&checked.id)) {
        return Some((Arc::clone(kept), digest));
    }
    let pacing = Pacing::new(checked.per_minute, checked.concurrent, checked.hours).map_err(|error| {
        let what = format!("jam layanan: {error}");
        reader.complaints.push(Complaint::new(
            &checked.place,
            (what, format!("hours of service: {error}")),
            ("perbaiki jam_layanan.zona", "correct jam_layanan.zona"),
        ));
    });
    let system = System {
        id: checked.id,
        connector,
        endpoint: checked.endpoint,
        reach: Reach::System,
        headers: checked.headers,
        profile: checked.profile,
        auth,
        breaker: Breaker::new(checked.policy.breaker.clone()),
        policy: checked.policy,
        pacing: pacing.ok()?,
        tokens: TokenCache::default(),
        links: checked.links,
        native: checked.native,
    };
    Some((Arc::new(system), digest))
}

/// The digest of some parts, each with its length before it.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&sha256(part));
    }
    sha256(&all)
}

/// Hex digests of the secrets, so that a changed one is noticed and none is kept twice.
fn secrets_of(auth: &AuthKind) -> String {
    let one = |secret: &Secret| hex::encode(sha256(secret.expose().as_bytes()));
    match auth {
        AuthKind::None => String::new(),
        AuthKind::Headers(pairs) => pairs.iter().map(|(_, secret)| one(secret)).collect(),
        AuthKind::Basic { password, .. } => one(password),
        AuthKind::ClientCredentials { client_secret, .. } => one(client_secret),
        AuthKind::Hmac { key, .. } => one(key),
        AuthKind::Webhook { secrets } => secrets.iter().map(|secret| one(&secret.key)).collect(),
        AuthKind::KeyExchange(exchange) => [one(&exchange.user), one(&exchange.password)].concat(),
    }
}

fn consumer(
    checked: CheckedConsumer,
    previous: Option<&Built>,
    made: &mut HashMap<(String, String), CheckedGrant>,
) -> Consumer {
    let mut grants = HashMap::new();
    for grant in checked.grants {
        let key = (checked.id.clone(), grant.operation.clone());
        let same = previous.filter(|previous| previous.grants.get(&key) == Some(&grant));
        let kept = same.and_then(|previous| {
            previous
                .catalogue
                .consumers
                .get(&checked.id)?
                .grants
                .get(&grant.operation)
        });
        let running = kept.map_or_else(|| Arc::new(running(&grant)), Arc::clone);
        grants.insert(grant.operation.clone(), running);
        made.insert(key, grant);
    }
    Consumer {
        id: checked.id,
        name: checked.name,
        keys: checked.keys,
        certificates: checked.certificates,
        grants,
    }
}

/// An issuer that did not change keeps the keys that are known of it.
fn issuer(terms: Terms, previous: Option<&Built>) -> Arc<Issuer> {
    let before = previous.and_then(|previous| {
        let mut all = previous.catalogue.issuers.iter();
        all.find(|issuer| *issuer.terms() == terms)
    });
    before.map_or_else(|| Arc::new(Issuer::new(terms)), Arc::clone)
}

fn running(grant: &CheckedGrant) -> Grant {
    Grant {
        purpose: grant.purpose.clone(),
        legal_basis: grant.legal_basis.clone(),
        agreement: grant.agreement.clone(),
        from: grant.from,
        until: grant.until,
        fields: grant
            .fields
            .as_ref()
            .map(|names| Fields::new(names.iter().map(String::as_str))),
        limiter: Limiter::new(grant.per_minute, grant.burst),
    }
}

/// What is pushed to us, by operation.
fn receivers(
    inbound: Vec<CheckedInbound>,
    operations: &HashMap<String, Arc<Published>>,
    systems: &HashMap<String, Arc<System>>,
) -> HashMap<String, Arc<Receiver>> {
    // One lot of places per system, shared by its hooks.
    let mut places: HashMap<String, Arc<Semaphore>> = HashMap::new();
    let one = |checked: CheckedInbound| {
        let published = Arc::clone(operations.get(&checked.operation.id)?);
        let system = Arc::clone(systems.get(&checked.operation.system)?);
        let places = places
            .entry(checked.operation.system.clone())
            .or_insert_with(|| Arc::new(Semaphore::new(checked.at_once)));
        let receiver = Receiver {
            places: Arc::clone(places),
            published,
            system,
            hook: checked.hook.id.to_string(),
            paths: checked.paths.into_iter().map(|path| path.value).collect(),
            purpose: checked.purpose,
            max_body: checked.hook.max_body,
        };
        Some((checked.operation.id, Arc::new(receiver)))
    };
    inbound.into_iter().filter_map(one).collect()
}

fn published(checked: CheckedOperation) -> (String, Arc<Published>) {
    let published = Published {
        id: checked.id.clone(),
        method: checked.method,
        path: checked.path,
        system: checked.system,
        spec: checked.spec,
        request: checked.request,
        reply: checked.reply,
        max_body: checked.max_body,
        key_required: checked.key_required,
    };
    (checked.id, Arc::new(published))
}
