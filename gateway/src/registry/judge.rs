//! What a person sees before deciding: flaws, trials on recorded exchanges, lineage, and whether the address may be called.

use crate::outbound::{Egress, Target};
use connector_declarative::{Flaw, Lineage, Manifest, Trial, check, lineage, trials};
use schemas::Registry;
use serde::Serialize;
use serde_json::Value;
use std::net::{IpAddr, SocketAddr};

/// The judgement of one text.
#[derive(Debug, Serialize)]
pub struct Judgement {
    /// What is wrong, each with its cure.
    pub keluhan: Vec<Flaw>,
    /// Verdicts of the trials.
    pub uji: Vec<Trial>,
    /// Where each field comes from.
    pub silsilah: Vec<Lineage>,
}

impl Judgement {
    /// Whether it may be submitted.
    pub fn is_sound(&self) -> bool {
        self.keluhan.is_empty() && self.uji.iter().all(|trial| trial.failed.is_none())
    }
}

/// Judges a text without sending anything.
///
/// # Errors
/// The flaw of form, when nothing can be read at all.
pub fn judge(text: &str, registry: &Registry) -> Result<(Manifest, Judgement), Vec<Flaw>> {
    let manifest = connector_declarative::read(text)?;
    let flaws = check(text, &|id| Some(registry.get(id)?.document().clone()))
        .err()
        .unwrap_or_default();
    let mut judgement = Judgement {
        keluhan: flaws,
        uji: Vec::new(),
        silsilah: lineage(&manifest),
    };
    if judgement.keluhan.is_empty() {
        match own(&manifest, registry) {
            Ok(registry) => judgement.uji = trials(&manifest, &|id, value| holds(&registry, id, value)),
            Err(error) => judgement
                .keluhan
                .push(flaw("skema", &error, "perbaiki skemanya", "correct the schema")),
        }
    }
    Ok((manifest, judgement))
}

/// The registry with the manifest's own schemas in the place of those of a version in force; cycles, remote references and
/// patterns without a linear engine end here.
fn own(manifest: &Manifest, registry: &Registry) -> Result<Registry, String> {
    let others = registry.without(&format!("urn:{}:", manifest.sistem));
    others.with(manifest.skema.clone()).map_err(|error| error.to_string())
}

fn holds(registry: &Registry, id: &str, value: &Value) -> Result<(), String> {
    let schema = registry.get(id).ok_or_else(|| format!("no schema {id}"))?;
    schema.check(value).map_err(|wrong| {
        let places: Vec<String> = wrong
            .iter()
            .map(|one| format!("{} {}", one.pointer, one.code))
            .collect();
        places.join(", ")
    })
}

/// Whether the address may be called by the rule for manifests: by its literal address, and by every address that its name
/// has now. The same rule is asked again at every connection, of the address that is connected.
///
/// # Errors
/// The flaw.
pub async fn address(url: &str, rule: &Egress) -> Result<(), Flaw> {
    let target = Target::parse(url).map_err(|error| {
        flaw(
            "alamat",
            &error.to_string(),
            "tulis https://host[:port][/awalan]",
            "write https://host[:port][/prefix]",
        )
    })?;
    let (host, port) = (target.host(), target.port());
    let addresses: Vec<IpAddr> = match host.parse() {
        Ok(address) => vec![address],
        // A name without an address today may have one tomorrow; it is judged then.
        Err(_) => tokio::net::lookup_host((host, port))
            .await
            .map(|found| found.map(|a: SocketAddr| a.ip()).collect())
            .unwrap_or_default(),
    };
    for found in addresses {
        if let Err(forbidden) = rule.judge(host, port, found) {
            return Err(flaw(
                "alamat",
                &format!("alamat mengarah ke dalam / the address leads inside: {forbidden}"),
                "pakai alamat publik, atau minta pengelola menambahkan persis host:port ini ke [manifes] alamat_dalam",
                "use a public address, or ask the operator to add exactly this host:port to [manifes] alamat_dalam",
            ));
        }
    }
    Ok(())
}

fn flaw(key: &str, what: &str, id: &'static str, en: &'static str) -> Flaw {
    Flaw {
        line: None,
        key: key.to_owned(),
        what: connector_sdk::Text::owned(what, what),
        advice: connector_sdk::Text::new(id, en),
    }
}
