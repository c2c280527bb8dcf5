//! The request for a page of a data set on each interface. On the old bus the order of parameters is the data set's own,
//! and the key stands inside the path: there the door puts it, we write only where.

use crate::dataset::DataSet;
use crate::settings::{Form, Interface, Setup};
use crate::web;
use connector_sdk::{Fault, FaultKind, NativeRequest, Pull, RelativePath, Str, Text, path_credential};

/// Query parameter of a web table that shows one unit.
const OF_UNIT: &str = "idSatker";
/// Step of every pull.
const STEP: &str = "tarik";

/// The page that `pull` points at.
pub(crate) fn page(setup: &Setup, set: &DataSet, pull: &Pull) -> Result<NativeRequest, Fault> {
    match setup.raw.antarmuka {
        Interface::Gerbang => gateway(setup, set, pull),
        Interface::Isb => bus(setup, set, pull),
        Interface::SatuData => open(setup, set, pull),
        Interface::SirupWeb => table(setup, set, pull),
    }
}

/// What a pull must be told: the year, unless it is configured, and the id of a detail look-up.
pub(crate) fn wanted(setup: &Setup, set: &DataSet) -> Vec<Str> {
    let asks = |name: &str| match setup.raw.antarmuka {
        Interface::Gerbang => name == "tahun" || set.parameter_id.is_some(),
        Interface::Isb => set
            .isb
            .iter()
            .any(|bus| bus.parameter.iter().any(|parameter| parameter == name)),
        Interface::SatuData => set.satu_data.iter().any(|path| path.contains(&format!("{{{name}}}"))),
        Interface::SirupWeb => set
            .sirup_web
            .iter()
            .any(|table| name == "tahun" || table.menurut == OF_UNIT),
    };
    let year = (setup.raw.tahun.is_none() && asks("tahun")).then(|| Str::from("tahun"));
    year.into_iter().chain(asks("id").then(|| Str::from("id"))).collect()
}

/// Whether the gateway is asked in its older way: whole sets, no pages.
pub(crate) fn is_legacy(set: &DataSet) -> bool {
    set.v1.is_none()
}

fn gateway(setup: &Setup, set: &DataSet, pull: &Pull) -> Result<NativeRequest, Fault> {
    let (family, path) = match (&set.v1, &set.legacy) {
        (Some(path), _) => ("v1", path),
        (None, Some(path)) => ("legacy", path),
        (None, None) => return Err(unconfigured("jalur", &set.id)),
    };
    let path = match setup.raw.jalur.get(&set.id) {
        Some(path) => RelativePath::of(path),
        None => RelativePath::of(&format!("{family}/{path}")),
    };
    let mut request = get(path)
        .query("kode_klpd", institution(setup)?)
        .query("tahun", year(setup, pull)?);
    for (name, value) in &set.tanya {
        // One working client sends a blank behind the word; whether it is needed is not known.
        let blank = if setup.raw.spasi_jenis_paket && name == "jenis_paket" {
            " "
        } else {
            ""
        };
        request = request.query(name, format!("{}{blank}", value.trim()));
    }
    if let Some(name) = &set.parameter_id {
        request = request.query(name, scope(pull, "id").ok_or_else(|| unconfigured("id", &set.id))?);
    }
    if family == "v1" {
        request = request.query("limit", setup.raw.batas.to_string());
        if let Some(cursor) = &pull.cursor {
            request = request.query("cursor", cursor);
        }
    }
    Ok(request)
}

fn bus(setup: &Setup, set: &DataSet, pull: &Pull) -> Result<NativeRequest, Fault> {
    let (Some(bus), Some(service)) = (&set.isb, setup.raw.layanan.get(&set.id)) else {
        return Err(unconfigured("layanan", &set.id));
    };
    let values: Result<Vec<String>, Fault> = bus.parameter.iter().map(|name| value(setup, set, pull, name)).collect();
    let form = match setup.raw.bentuk {
        Form::Json => "json",
        Form::Csv => setup.raw.kata_csv.as_str(),
    };
    let path = RelativePath::root()
        .segment(&path_credential(&set.id))
        .segment(form)
        .segment(service)
        .segment(&bus.nama)
        .segment("tipe")
        .segment(&bus.tipe)
        .segment("parameter")
        .segment(&values?.join(":"));
    Ok(get(path))
}

fn value(setup: &Setup, set: &DataSet, pull: &Pull, name: &str) -> Result<String, Fault> {
    match name {
        "tahun" => year(setup, pull),
        "klpd" => institution(setup),
        "lpse" => setup
            .raw
            .kode_lpse
            .clone()
            .ok_or_else(|| unconfigured("kode_lpse", &set.id)),
        "kata" => Ok(setup.raw.kata_wilayah.clone()),
        _ => scope(pull, "id")
            .map(str::to_owned)
            .ok_or_else(|| unconfigured("id", &set.id)),
    }
}

fn open(setup: &Setup, set: &DataSet, pull: &Pull) -> Result<NativeRequest, Fault> {
    let Some(template) = &set.satu_data else {
        return Err(unconfigured("jalur", &set.id));
    };
    let template = setup.raw.jalur.get(&set.id).unwrap_or(template);
    let mut path = RelativePath::root();
    for segment in template.split('/') {
        path = match segment {
            "{tahun}" => path.segment(&year(setup, pull)?),
            "{kd_lpse}" => {
                let code = setup.raw.kode_lpse.as_deref();
                path.segment(code.ok_or_else(|| unconfigured("kode_lpse", &set.id))?)
            }
            "{kd_klpd}" => path.segment(&institution(setup)?),
            plain => path.segment(plain),
        };
    }
    Ok(get(path))
}

fn table(setup: &Setup, set: &DataSet, pull: &Pull) -> Result<NativeRequest, Fault> {
    let (Some(table), Some(page)) = (&set.sirup_web, &setup.raw.perujuk) else {
        return Err(unconfigured("perujuk", &set.id));
    };
    let path = match setup.raw.jalur.get(&set.id) {
        Some(path) => RelativePath::of(path),
        None => RelativePath::of(&format!("datatablectr/{}", table.daftar)),
    };
    let whose = match table.menurut.as_str() {
        OF_UNIT => scope(pull, "id").ok_or_else(|| unconfigured("id", &set.id))?.to_owned(),
        _ => institution(setup)?,
    };
    Ok(get(path)
        .header("X-Requested-With", "XMLHttpRequest")
        .header("Referer", page)
        .query(&table.menurut, whose)
        .query("tahun", year(setup, pull)?)
        .query("iDisplayStart", web::start(pull)?.to_string())
        .query("iDisplayLength", setup.raw.batas.to_string())
        .query("sSearch", ""))
}

/// The smallest request that shows a working endpoint.
pub(crate) fn probe(setup: &Setup) -> NativeRequest {
    let first = setup.sets.iter().find(|set| set.parameter_id.is_none());
    let year = setup.raw.tahun.unwrap_or(2026).to_string();
    let pull = Pull {
        scope: vec![("tahun".into(), year), ("id".into(), "0".into())],
        cursor: None,
    };
    let request = first.and_then(|set| page(setup, set, &pull).ok());
    let mut request = request.unwrap_or_else(|| get(RelativePath::root()));
    for (name, value) in &mut request.query {
        if name == "limit" || name == "iDisplayLength" {
            *value = "1".to_owned();
        }
    }
    request
}

fn get(path: RelativePath) -> NativeRequest {
    NativeRequest::get(STEP, path).header("Accept", "application/json")
}

fn year(setup: &Setup, pull: &Pull) -> Result<String, Fault> {
    let configured = setup.raw.tahun.map(|year| year.to_string());
    scope(pull, "tahun")
        .map(str::to_owned)
        .or(configured)
        .ok_or_else(|| unconfigured("tahun", "pull"))
}

fn institution(setup: &Setup) -> Result<String, Fault> {
    let code = setup.raw.kode_klpd.as_deref();
    code.map(|code| code.trim().to_owned())
        .ok_or_else(|| unconfigured("kode_klpd", "pull"))
}

fn scope<'a>(pull: &'a Pull, name: &str) -> Option<&'a str> {
    let found = pull.scope.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

fn unconfigured(what: &str, of: &str) -> Fault {
    Fault::new(
        FaultKind::Misconfigured,
        Text::new(
            "Penarikan data pengadaan belum lengkap disetel. Pengelola gateway sudah diberi tahu.",
            "The pull of procurement data is not fully configured. The operator has been told.",
        ),
    )
    .internal(format!("`{what}` is not set for `{of}`"))
}
