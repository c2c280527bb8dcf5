//! What is registered, laid over the configuration as if files had said it. Everything that judges and builds stays what it
//! is for files; here is only put into its form.

use super::entry::{Entry, Share, State};
use crate::access::{self, Access};
use crate::config::raw::{
    RawAuth, RawDelivery, RawGrant, RawHeader, RawInbound, RawLimits, RawMirror, RawOperation, RawSystem,
};
use crate::config::{self, Built, CONNECTORS, Complaint, Place, Placed, Raw, SecretRef, Source, Tree, Vault};
use connector_declarative::{Manifest, check};
use gateway_core::beside::Beside;
use gateway_core::deliver::Profile;
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

/// Everything that is registered or was asked for at run time.
#[derive(Debug, Clone, Default)]
pub struct Registered {
    /// Connectors.
    pub entries: Vec<Entry>,
    /// Requests for access.
    pub accesses: Vec<Access>,
}

/// One thing that is laid over the configuration, or left out.
#[derive(Clone, Copy)]
enum Item<'r> {
    Manifest(&'r Entry),
    /// One right of a request, by its number: one that no longer fits does not take the others with it.
    Right(&'r Access, usize),
}

impl Item<'_> {
    fn lay(self, raw: &mut Raw, registry: &schemas::Registry) -> Result<(), Vec<Complaint>> {
        match self {
            Self::Manifest(entry) => lay(raw, entry, registry),
            Self::Right(access, number) => access::lay(raw, access, number),
        }
    }

    /// Under which it is complained about.
    fn id(self) -> String {
        match self {
            Self::Manifest(entry) => entry.id(),
            Self::Right(access, _) => access::file(access),
        }
    }

    fn is_meant(self, complaint: &Complaint) -> bool {
        let place = &complaint.place;
        match self {
            Self::Manifest(entry) => *place.file == file(entry),
            Self::Right(access, number) => {
                *place.file == access::file(access) && (place.key == access::key(number) || place.key == access::WHOLE)
            }
        }
    }
}

impl Registered {
    /// What should be in force: connectors first, since rights may be to what they publish.
    fn wanted(&self) -> Vec<Item<'_>> {
        let manifests = self.entries.iter().filter(|entry| entry.keadaan == State::Aktif);
        let accesses = self
            .accesses
            .iter()
            .filter(|access| access.keadaan == access::State::Disetujui);
        let rights =
            accesses.flat_map(|access| (0..access.operasi.len()).map(move |number| Item::Right(access, number)));
        // A manifest may give rights to a consumer that asked for access: its consumer comes first.
        rights.chain(manifests.map(Item::Manifest)).collect()
    }
}

/// Builds configuration and whatever is in force over it. What does not fit is left out and complained about; only what is
/// wrong with configuration itself is an error.
///
/// # Errors
/// Complaints about configuration.
pub fn assemble(
    base: &Raw,
    registered: &Registered,
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
    let mut items = registered.wanted();
    let mut troubles = Troubles::new();
    // Usually one build for all of them; whoever is named by a complaint is taken out, and the rest is built again.
    loop {
        let mut raw = base.clone();
        let mut bad: Vec<(usize, Vec<Complaint>)> = Vec::new();
        for (number, item) in items.iter().enumerate() {
            if let Err(complaints) = item.lay(&mut raw, &registry) {
                bad.push((number, complaints));
            }
        }
        if bad.is_empty() {
            match build(&raw) {
                Ok(mut built) => {
                    built.in_force.running = running(&items);
                    built.in_force.troubles = troubles;
                    return Ok(built);
                }
                Err(complaints) => bad = blamed(&items, &complaints),
            }
        }
        if bad.is_empty() {
            break;
        }
        for (number, complaints) in bad.into_iter().rev() {
            troubles
                .entry(items.remove(number).id())
                .or_default()
                .extend(complaints);
        }
    }
    // Nobody is named: one after the other.
    let mut built = build(base)?;
    let (mut raw, mut kept) = (base.clone(), Vec::new());
    for item in items {
        let mut next = raw.clone();
        match item.lay(&mut next, &registry).and_then(|()| build(&next)) {
            Ok(better) => {
                (built, raw) = (better, next);
                kept.push(item);
            }
            Err(complaints) => troubles.entry(item.id()).or_default().extend(complaints),
        }
    }
    built.in_force.running = running(&kept);
    built.in_force.troubles = troubles;
    Ok(built)
}

fn running(items: &[Item<'_>]) -> Vec<String> {
    let manifests = items.iter().filter(|item| matches!(item, Item::Manifest(_)));
    manifests.map(|item| item.id()).collect()
}

/// Whose complaints they are.
fn blamed(items: &[Item<'_>], complaints: &[Complaint]) -> Vec<(usize, Vec<Complaint>)> {
    let of =
        |item: &Item<'_>| -> Vec<Complaint> { complaints.iter().filter(|one| item.is_meant(one)).cloned().collect() };
    let all = items.iter().enumerate().map(|(number, item)| (number, of(item)));
    all.filter(|(_, own)| !own.is_empty()).collect()
}

fn file(entry: &Entry) -> String {
    format!("manifes {}", entry.id())
}

/// Puts one entry into the form of configuration.
fn lay(raw: &mut Raw, entry: &Entry, registry: &schemas::Registry) -> Result<(), Vec<Complaint>> {
    let file = file(entry);
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
    if let Some(share) = &entry.bagian {
        return beside(raw, entry, &manifest, share, &file, &at);
    }
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
    for (number, mirror) in manifest.salinan.iter().enumerate() {
        let key = format!("salinan.{number}");
        raw.mirrors.push(RawMirror {
            place: place(&file, None, &key),
            id: at(&key, &format!("{}-{}", manifest.sistem, mirror.id)),
            sistem: at(&key, &manifest.sistem),
            salinan: at(&key, &mirror.id),
            alamat: at(&key, &format!("/v1/{}/salinan/{}", manifest.sistem, mirror.id)),
            setiap: None,
            segar: None,
            lanjut: None,
            simpan: None,
            simpan_bagian: None,
            cakupan: Tree::default(),
            cakupan_dari: None,
            bidang: Vec::new(),
            angka: Vec::new(),
            indeks: Vec::new(),
            peristiwa: None,
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

/// A version beside the one in force: only its system, under an id of its own. What is published stays the other's.
fn beside(
    raw: &mut Raw,
    entry: &Entry,
    manifest: &Manifest,
    share: &Share,
    file: &str,
    at: &impl Fn(&str, &str) -> Placed<String>,
) -> Result<(), Vec<Complaint>> {
    let other = entry.beside();
    raw.declared.insert(other.clone());
    let mut built = system(raw, manifest, file, at)?;
    built.id = at("sistem", &other);
    built.masuk = None;
    raw.systems.push(built);
    raw.beside.push(Beside {
        system: manifest.sistem.clone(),
        other,
        percent: share.persen,
        consumers: share.konsumen.clone(),
    });
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
        profil: Some(Placed {
            value: match manifest.profil {
                connector_declarative::Profile::Langsung => Profile::Direct,
                connector_declarative::Profile::Splp => Profile::Splp,
            },
            place: place(file, None, "profil"),
        }),
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
