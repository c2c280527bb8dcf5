//! Judges the settings, all complaints at once, and builds what the operations read. Pure.

use super::{Dialect, Raw};
use crate::marker::Marker;
use crate::native_id::NativeId;
use crate::status::{self, Status, StatusMap};
use crate::times::{Zone, is_plain_date_format};
use connector_sdk::{Lists, SettingComplaint, Settings};

/// Canonical classes of a report.
const CLASSES: [&str; 3] = ["pengaduan", "aspirasi", "permintaan_informasi"];

/// Checked settings with the parts that are parsed once.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    /// The settings themselves.
    pub(crate) raw: Raw,
    /// The reference marker.
    pub(crate) marker: Marker,
    /// Native status names and codes.
    pub(crate) statuses: StatusMap,
    /// Zone of native times without one.
    pub(crate) zone: Zone,
}

impl Setup {
    /// Reads and judges the settings.
    pub(crate) fn read(settings: &Settings) -> Result<Self, Vec<SettingComplaint>> {
        let raw: Raw = settings.read()?;
        let mut complaints = Complaints::default();
        complaints.fields(&raw);
        let statuses = StatusMap::new(
            complaints.statuses("status", &raw.status),
            complaints.statuses("kode_status", &raw.kode_status),
        );
        let marker = Marker::parse(&raw.penanda, &raw.sumber_utama)
            .map_err(|advice| complaints.add("penanda", advice))
            .ok();
        let zone = Zone::parse(&raw.zona)
            .map_err(|advice| complaints.add("zona", advice))
            .ok();
        match (marker, zone) {
            (Some(marker), Some(zone)) if complaints.0.is_empty() => Ok(Self {
                raw,
                marker,
                statuses,
                zone,
            }),
            _ => Err(complaints.0),
        }
    }

    /// The institution that receives a report when the message names none.
    pub(crate) fn default_disposition(&self) -> &NativeId {
        self.raw.disposisi_bawaan.as_ref().unwrap_or(&self.raw.instansi_sendiri)
    }

    /// The native institution of a code: the configured table first, then the synchronised list.
    pub(crate) fn institution(&self, lists: &dyn Lists, code: &str) -> Option<NativeId> {
        let listed = || lists.native("lapor.instansi", code).map(NativeId::new);
        self.raw.instansi.get(code).cloned().or_else(listed)
    }

    /// The city's code of a native institution id, if the table has one.
    pub(crate) fn agency_code(&self, native: &str) -> Option<&str> {
        self.raw
            .instansi
            .iter()
            .find(|(_, id)| id.text() == native)
            .map(|(code, _)| code.as_str())
    }
}

#[derive(Default)]
struct Complaints(Vec<SettingComplaint>);

impl Complaints {
    fn add(&mut self, key: impl Into<String>, advice: impl Into<String>) {
        self.0.push(SettingComplaint {
            key: key.into(),
            advice: advice.into(),
        });
    }

    fn fields(&mut self, raw: &Raw) {
        if raw.klasifikasi.is_empty() {
            self.add("klasifikasi", "map at least one class, for example `pengaduan = 2`");
        }
        for class in raw
            .klasifikasi
            .keys()
            .filter(|class| !CLASSES.contains(&class.as_str()))
        {
            self.add(
                format!("klasifikasi.{class}"),
                format!("use one of {}", CLASSES.join(", ")),
            );
        }
        if !is_plain_date_format(&raw.format_tanggal) {
            self.add(
                "format_tanggal",
                "use %Y, %m and %d once each, for example `%Y-%m-%d` or `%d/%m/%Y`",
            );
        }
        for (key, cap) in [
            ("batas_judul", raw.batas_judul),
            ("batas_isi", raw.batas_isi),
            ("batas_tindak_lanjut", raw.batas_tindak_lanjut),
        ] {
            if cap < 20 {
                self.add(key, "write a limit of at least 20 characters");
            }
        }
        if raw.dialek == Dialect::G1 && raw.g1.is_none() {
            self.add("g1", "give email, telepon and nama_depan of the city's own account");
        }
        if raw.halaman_maksimum == 0 {
            self.add("halaman_maksimum", "write at least 1");
        }
        if raw.url_publik.as_deref().is_some_and(|url| !url.contains("{id}")) {
            self.add(
                "url_publik",
                "write the public address with `{id}` in the place of the report's id",
            );
        }
        for (key, path) in [
            ("jalur.lihat", &raw.jalur.lihat),
            ("jalur.tindak_lanjut", &raw.jalur.tindak_lanjut),
            ("jalur.limpahkan", &raw.jalur.limpahkan),
        ] {
            if !path.contains("{id}") {
                self.add(key, "write the path with `{id}` in the place of the report's id");
            }
        }
        if raw
            .pencarian
            .as_ref()
            .is_some_and(|s| !s.cari.contains("{penanda}") && !s.cari.contains("{tiket}"))
        {
            self.add("pencarian.cari", "write `{penanda}` or `{tiket}`");
        }
    }

    fn statuses(&mut self, key: &str, map: &std::collections::BTreeMap<String, String>) -> Vec<(String, Status)> {
        let mut known = Vec::new();
        for (native, canonical) in map {
            match Status::parse(canonical) {
                Some(status) => known.push((native.clone(), status)),
                None => self.add(format!("{key}.{native}"), format!("use one of {}", status::words())),
            }
        }
        known
    }
}
