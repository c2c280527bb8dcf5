//! What is registered, laid over the configuration as if files had said it. Everything that judges and builds stays what it
//! is for files; here is only put into its form.

use super::entry::{Entry, State};
use crate::config::raw::{RawAuth, RawDelivery, RawGrant, RawHeader, RawInbound, RawLimits, RawOperation, RawSystem};
use crate::config::{self, Built, CONNECTORS, Complaint, Place, Placed, Raw, SecretRef, Source, Tree, Vault};
use connector_declarative::{Manifest, check};
use std::collections::BTreeMap;

/// Complaints by entry.
pub type Troubles = BTreeMap<String, Vec<Complaint>>;

/// What is registered and how it went, on this node.
#[derive(Debug, Clone, Default)]
pub struct InForce {
    /// Entries that run.
    pub running: Vec<String>,
    /// Entries that should and do not.
    pub troubles: Troubles,
}

/// Builds configuration and whatever is in force over it. An entry that does not fit is left out and complained about; only
/// what is wrong with configuration itself is an error.
///
/// # Errors
/// Complaints about configuration.
pub fn assemble(
    base: &Raw,
    entries: &[Entry],
    vault: &dyn Vault,
    previous: Option<&Built>,
) -> Result<Built, Vec<Complaint>> {
    let connectors: Vec<_> = CONNECTORS
        .iter()
        .copied()
        .chain([connector_declarative::FACTORY])
        .collect();
    let build = |raw: &Raw| config::check(raw, &connectors).and_then(|checked| config::build(checked, vault, previous));
    let registry = schemas::Registry::embedded().map_err(|error| {
        let text = error.to_string();
        let advice = ("laporkan cacat ini", "report this defect");
        vec![Complaint::new(
            &place("manifes", None, ""),
            (text.clone(), text),
            advice,
        )]
    })?;
    let lay = |raw: &mut Raw, entry: &Entry| lay(raw, entry, &registry);
    let wanted: Vec<&Entry> = entries.iter().filter(|entry| entry.keadaan == State::Aktif).collect();
    let mut all = base.clone();
    let laid = wanted.iter().try_for_each(|entry| lay(&mut all, entry));
    // The usual case: one build for all of them.
    if laid.is_ok()
        && let Ok(mut built) = build(&all)
    {
        built.in_force.running = wanted.iter().map(|entry| entry.id()).collect();
        return Ok(built);
    }
    let mut built = build(base)?;
    let (mut raw, mut state) = (base.clone(), InForce::default());
    for entry in wanted {
        let mut next = raw.clone();
        match lay(&mut next, entry).and_then(|()| build(&next)) {
            Ok(better) => {
                (built, raw) = (better, next);
                state.running.push(entry.id());
            }
            Err(complaints) => {
                state.troubles.insert(entry.id(), complaints);
            }
        }
    }
    built.in_force = state;
    Ok(built)
}

/// Puts one entry into the form of configuration.
fn lay(raw: &mut Raw, entry: &Entry, registry: &schemas::Registry) -> Result<(), Vec<Complaint>> {
    let file = format!("manifes {}", entry.id());
    let find = |id: &str| match registry.get(id) {
        Some(schema) => Some(schema.document().clone()),
        None => raw.schemas.iter().find_map(|source| {
            let document: serde_json::Value = serde_json::from_str(&source.text).ok()?;
            (document.get("$id")? == id).then_some(document)
        }),
    };
    let manifest = check(&entry.teks, &find).map_err(|flaws| {
        let one = |flaw: connector_declarative::Flaw| Complaint {
            place: place(&file, flaw.line, &flaw.key),
            what: flaw.what,
            advice: flaw.advice,
        };
        flaws.into_iter().map(one).collect::<Vec<_>>()
    })?;
    let at = |key: &str, value: &str| Placed {
        value: value.to_owned(),
        place: place(&file, None, key),
    };
    let whole = place(&file, None, "");
    raw.declared.insert(manifest.sistem.clone());
    raw.systems.push(system(raw, &manifest, &file, &at)?);
    for (number, operation) in manifest.operasi.iter().enumerate() {
        raw.operations.push(RawOperation {
            place: whole.clone(),
            id: at(&format!("operasi.{number}.id"), &operation.id),
            metode: at(&format!("operasi.{number}.terbit.metode"), &operation.terbit.metode),
            jalur: at(&format!("operasi.{number}.terbit.jalur"), &operation.terbit.jalur),
            sistem: at("sistem", &manifest.sistem),
            ukuran_maks: None,
            kunci_wajib: None,
            usang_sejak: None,
            berakhir_pada: None,
            pengganti: None,
        });
    }
    for (number, schema) in manifest.skema.iter().enumerate() {
        raw.schemas.push(Source {
            name: format!("{file} skema.{number}").into(),
            text: schema.to_string(),
        });
    }
    for (number, grant) in manifest.hak.iter().enumerate() {
        let key = format!("hak.{number}");
        let Some(consumer) = raw
            .consumers
            .iter_mut()
            .find(|consumer| consumer.id.value == grant.konsumen)
        else {
            return Err(vec![Complaint::new(
                &place(&file, None, &key),
                ("konsumen pada hak tidak ada", "the consumer of a right does not exist"),
                ("daftarkan konsumennya lebih dulu", "register the consumer first"),
            )]);
        };
        consumer.hak.push(RawGrant {
            place: place(&file, None, &key),
            operasi: grant.operasi.iter().map(|operation| at(&key, operation)).collect(),
            bidang: Vec::new(),
            tujuan: at(&key, &grant.tujuan),
            dasar_hukum: at(&key, &grant.dasar_hukum),
            perjanjian: at(&key, &grant.perjanjian),
            berlaku_dari: None,
            berlaku_sampai: None,
            per_menit: None,
            sekaligus: None,
        });
    }
    Ok(())
}

fn system(
    raw: &Raw,
    manifest: &Manifest,
    file: &str,
    at: &impl Fn(&str, &str) -> Placed<String>,
) -> Result<RawSystem, Vec<Complaint>> {
    use connector_declarative::Auth;
    let whole = place(file, None, "");
    let secret = |name: &str| Placed {
        value: secret(raw, &manifest.sistem, name),
        place: place(file, None, "auth"),
    };
    let auth_place = place(file, None, "auth");
    let auth = match &manifest.auth {
        Auth::None => RawAuth::None(auth_place),
        Auth::Headers { kepala } => RawAuth::Headers {
            place: auth_place,
            kepala: kepala
                .iter()
                .map(|one| RawHeader {
                    nama: at("auth.kepala", &one.nama),
                    awalan: (!one.awalan.is_empty()).then(|| at("auth.kepala", &one.awalan)),
                    nilai: Some(secret(&one.rahasia)),
                })
                .collect(),
            klaim: Vec::new(),
        },
        Auth::Basic { pengguna, sandi } => RawAuth::Basic {
            place: auth_place,
            pengguna: at("auth.pengguna", pengguna),
            sandi: Some(secret(sandi)),
        },
        Auth::ClientCredentials {
            alamat_token,
            id_klien,
            rahasia_klien,
            lingkup,
        } => RawAuth::ClientCredentials {
            place: auth_place,
            alamat_token: at("auth.alamat_token", alamat_token),
            id_klien: at("auth.id_klien", id_klien),
            rahasia_klien: Some(secret(rahasia_klien)),
            lingkup: lingkup.as_ref().map(|scope| at("auth.lingkup", scope)),
            kepala: None,
            awalan: None,
        },
    };
    let settings = serde_json::to_value(manifest).ok().and_then(|value| match value {
        serde_json::Value::Object(table) => Some(table),
        _ => None,
    });
    let settings = settings.ok_or_else(Vec::new)?;
    let inbound = (!manifest.masuk.is_empty()).then(|| RawInbound {
        place: place(file, None, "masuk"),
        tujuan: at("masuk", &format!("Kiriman dari {}", manifest.judul.id)),
        serentak: None,
        alamat: Vec::new(),
    });
    let hooks = manifest.masuk.iter().map(|hook| &hook.tanda_tangan.rahasia);
    let secrets: BTreeMap<String, Placed<SecretRef>> = hooks.map(|name| (name.clone(), secret(name))).collect();
    Ok(RawSystem {
        place: whole.clone(),
        id: at("sistem", &manifest.sistem),
        konektor: at("sistem", connector_declarative::FACTORY.kind),
        alamat: at("alamat", &manifest.alamat),
        profil: None,
        izinkan_tanpa_tls: None,
        tautan_berkas: Vec::new(),
        tls: None,
        kepala: manifest
            .kepala
            .iter()
            .map(|(name, value)| (name.clone(), at("kepala", value)))
            .collect(),
        auth,
        rahasia: secrets.into_iter().collect(),
        masuk: inbound,
        batas: RawLimits::default(),
        asli: None,
        pengiriman: RawDelivery::default(),
        pengaturan: Tree {
            table: settings,
            ..Tree::default()
        },
        pengaturan_place: whole,
    })
}

/// A manifest only names its secrets, and only its own: the values lie where the operator of the gateway put them.
fn secret(raw: &Raw, system: &str, name: &str) -> SecretRef {
    match raw.manifests.as_ref().and_then(|manifests| manifests.rahasia.as_ref()) {
        Some(folder) => SecretRef::File(std::path::Path::new(&folder.value).join(system).join(name)),
        None => {
            let upper = |text: &str| text.replace('-', "_").to_ascii_uppercase();
            SecretRef::Env(format!("SIMPUL_RAHASIA_{}_{}", upper(system), upper(name)))
        }
    }
}

fn place(file: &str, line: Option<u64>, key: &str) -> Place {
    Place {
        file: file.into(),
        line: line.and_then(|line| usize::try_from(line).ok()),
        key: key.to_owned(),
    }
}
