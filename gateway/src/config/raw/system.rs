//! `[[sistem]]`: one neighbour. Its connector and settings, its address, how we prove who we are, its limits, how
//! deliveries behave.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::{Table, Tree};
use crate::config::secrets::SecretRef;
use connector_sdk::HmacAlgorithm;
use gateway_core::deliver::Profile;
use std::time::Duration;

type Secrets = Option<Placed<SecretRef>>;
type Number = Option<Placed<u64>>;
type Span = Option<Placed<Duration>>;

/// One system.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawSystem {
    pub place: Place,
    pub id: Placed<String>,
    pub konektor: Placed<String>,
    pub alamat: Placed<String>,
    pub profil: Option<Placed<Profile>>,
    pub izinkan_tanpa_tls: Option<Placed<String>>,
    pub tautan_berkas: Vec<Placed<String>>,
    pub kepala: Vec<(String, Placed<String>)>,
    pub tls: Option<RawSystemTls>,
    pub auth: RawAuth,
    pub rahasia: Vec<(String, Placed<SecretRef>)>,
    pub masuk: Option<RawInbound>,
    pub batas: RawLimits,
    pub asli: Option<RawNative>,
    pub pengiriman: RawDelivery,
    pub pengaturan: Tree,
    pub pengaturan_place: Place,
}

/// `[sistem.tls]`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawSystemTls {
    pub place: Place,
    pub ca: Option<Placed<String>>,
    pub sertifikat: Option<Placed<String>>,
    pub kunci: Secrets,
}

impl RawSystemTls {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            ca: table.text("ca"),
            sertifikat: table.text("sertifikat"),
            kunci: table.has("kunci").then(|| table.secret("kunci")).flatten(),
        };
        table.finish();
        raw
    }
}

/// `[sistem.masuk]`: what the system pushes to us.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawInbound {
    pub place: Place,
    pub tujuan: Placed<String>,
    pub serentak: Number,
    pub alamat: Vec<(String, Vec<Placed<String>>)>,
}

/// `[sistem.auth]`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub enum RawAuth {
    /// Not given.
    Absent(Place),
    /// Given but not understood; complained about already.
    Unclear,
    None(Place),
    Headers {
        place: Place,
        kepala: Vec<RawHeader>,
        klaim: Vec<(String, Placed<String>)>,
    },
    Basic {
        place: Place,
        pengguna: Placed<String>,
        sandi: Secrets,
    },
    ClientCredentials {
        place: Place,
        alamat_token: Placed<String>,
        id_klien: Placed<String>,
        rahasia_klien: Secrets,
        lingkup: Option<Placed<String>>,
        kepala: Option<Placed<String>>,
        awalan: Option<Placed<String>>,
    },
    Hmac {
        place: Place,
        algoritma: Option<Placed<HmacAlgorithm>>,
        kunci: Secrets,
        kepala_tanda_tangan: Placed<String>,
        kepala_waktu: Placed<String>,
    },
    KeyExchange(Box<RawKeyExchange>),
}

/// `jenis = "key_exchange"`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawKeyExchange {
    pub place: Place,
    pub alamat_kunci: Placed<String>,
    pub akar: Option<Placed<String>>,
    pub bidang_pengguna: Placed<String>,
    pub pengguna: Secrets,
    pub bidang_sandi: Placed<String>,
    pub sandi: Secrets,
    pub letak_kunci: Placed<String>,
    pub letak_masa: Option<Placed<String>>,
    pub zona_masa: Option<Placed<String>>,
    pub masa: Span,
    pub kepala: Placed<String>,
}

/// One credential header.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawHeader {
    pub nama: Placed<String>,
    pub awalan: Option<Placed<String>>,
    pub nilai: Secrets,
}

/// `[sistem.asli]`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawNative {
    pub place: Place,
    pub jalur: Vec<Placed<String>>,
    pub metode: Vec<Placed<String>>,
    pub permintaan_maks: Number,
}

/// `[sistem.batas]`.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawLimits {
    pub per_menit: Number,
    pub serentak: Number,
    pub permintaan_maks: Number,
    pub jawaban_maks: Number,
    pub jam_layanan: Option<RawHours>,
}

/// `jam_layanan`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawHours {
    pub zona: Placed<String>,
    pub dari: Placed<String>,
    pub sampai: Placed<String>,
}

/// `[sistem.pengiriman]`.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawDelivery {
    pub tenggat: Span,
    pub percobaan: Number,
    pub percobaan_baca: Number,
    pub jeda: Span,
    pub jeda_terlama: Span,
    pub cari_setelah: Span,
    pub tunda_daftar: Span,
    pub pencarian: Number,
    pub pemutus: RawBreaker,
}

/// `[sistem.pengiriman.pemutus]`.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawBreaker {
    pub gagal: Number,
    pub jeda: Span,
    pub jeda_terlama: Span,
}

impl RawSystem {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            id: table.needed("id"),
            konektor: table.needed("konektor"),
            alamat: table.needed("alamat"),
            profil: table.word("profil", &[("langsung", Profile::Direct), ("splp", Profile::Splp)]),
            izinkan_tanpa_tls: table.text("izinkan_tanpa_tls"),
            tautan_berkas: table.texts("tautan_berkas"),
            kepala: table.pairs("kepala"),
            tls: table.table("tls").map(RawSystemTls::read),
            auth: table
                .table("auth")
                .map_or_else(|| RawAuth::Absent(table.place().below("auth")), RawAuth::read),
            rahasia: table.secrets("rahasia"),
            masuk: table.one("masuk", RawInbound::read),
            batas: table.table("batas").map(RawLimits::read).unwrap_or_default(),
            asli: table.table("asli").map(RawNative::read),
            pengiriman: table.table("pengiriman").map(RawDelivery::read).unwrap_or_default(),
            pengaturan: table.tree("pengaturan"),
            pengaturan_place: table.place().below("pengaturan"),
        };
        table.finish();
        raw
    }
}

impl RawInbound {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            tujuan: table.needed("tujuan"),
            serentak: table.number("serentak", 1),
            alamat: table.lists("alamat"),
        };
        table.finish();
        raw
    }
}

#[derive(Clone, Copy)]
enum Kind {
    None,
    Headers,
    Basic,
    ClientCredentials,
    Hmac,
    KeyExchange,
}

const KINDS: [(&str, Kind); 6] = [
    ("none", Kind::None),
    ("headers", Kind::Headers),
    ("basic", Kind::Basic),
    ("client_credentials", Kind::ClientCredentials),
    ("hmac", Kind::Hmac),
    ("key_exchange", Kind::KeyExchange),
];

impl RawAuth {
    fn read(table: Table<'_>) -> Self {
        let place = table.place().clone();
        let Some(kind) = table.word("jenis", &KINDS) else {
            if !table.has("jenis") {
                table.needed("jenis");
            }
            // Without the kind the other keys cannot be judged.
            return Self::Unclear;
        };
        let raw = match kind.value {
            Kind::None => Self::None(place),
            Kind::Headers => Self::Headers {
                place,
                kepala: table.tables("kepala").into_iter().map(RawHeader::read).collect(),
                klaim: table.pairs("klaim"),
            },
            Kind::Basic => Self::Basic {
                place,
                pengguna: table.needed("pengguna"),
                sandi: table.secret("sandi"),
            },
            Kind::ClientCredentials => Self::ClientCredentials {
                place,
                alamat_token: table.needed("alamat_token"),
                id_klien: table.needed("id_klien"),
                rahasia_klien: table.secret("rahasia_klien"),
                lingkup: table.text("lingkup"),
                kepala: table.text("kepala"),
                awalan: table.text("awalan"),
            },
            Kind::Hmac => Self::Hmac {
                place,
                algoritma: table.word(
                    "algoritma",
                    &[("sha256", HmacAlgorithm::Sha256), ("sha512", HmacAlgorithm::Sha512)],
                ),
                kunci: table.secret("kunci"),
                kepala_tanda_tangan: table.needed("kepala_tanda_tangan"),
                kepala_waktu: table.needed("kepala_waktu"),
            },
            Kind::KeyExchange => Self::KeyExchange(Box::new(RawKeyExchange {
                place,
                alamat_kunci: table.needed("alamat_kunci"),
                akar: table.text("akar"),
                bidang_pengguna: table.needed("bidang_pengguna"),
                pengguna: table.secret("pengguna"),
                bidang_sandi: table.needed("bidang_sandi"),
                sandi: table.secret("sandi"),
                letak_kunci: table.needed("letak_kunci"),
                letak_masa: table.text("letak_masa"),
                zona_masa: table.text("zona_masa"),
                masa: table.duration("masa"),
                kepala: table.needed("kepala"),
            })),
        };
        table.finish();
        raw
    }
}

impl RawHeader {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            nama: table.needed("nama"),
            awalan: table.text("awalan"),
            nilai: table.secret("nilai"),
        };
        table.finish();
        raw
    }
}

impl RawNative {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            jalur: table.texts("jalur"),
            metode: table.texts("metode"),
            permintaan_maks: table.bytes("permintaan_maks"),
        };
        table.finish();
        raw
    }
}

impl RawLimits {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            per_menit: table.number("per_menit", 1),
            serentak: table.number("serentak", 1),
            permintaan_maks: table.bytes("permintaan_maks"),
            jawaban_maks: table.bytes("jawaban_maks"),
            jam_layanan: table.table("jam_layanan").map(RawHours::read),
        };
        table.finish();
        raw
    }
}

impl RawHours {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            zona: table.needed("zona"),
            dari: table.needed("dari"),
            sampai: table.needed("sampai"),
        };
        table.finish();
        raw
    }
}

impl RawDelivery {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            tenggat: table.duration("tenggat"),
            percobaan: table.number("percobaan", 1),
            percobaan_baca: table.number("percobaan_baca", 0),
            jeda: table.duration("jeda"),
            jeda_terlama: table.duration("jeda_terlama"),
            cari_setelah: table.duration("cari_setelah"),
            tunda_daftar: table.duration("tunda_daftar"),
            pencarian: table.number("pencarian", 1),
            pemutus: table.table("pemutus").map(RawBreaker::read).unwrap_or_default(),
        };
        table.finish();
        raw
    }
}

impl RawBreaker {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            gagal: table.number("gagal", 0),
            jeda: table.duration("jeda"),
            jeda_terlama: table.duration("jeda_terlama"),
        };
        table.finish();
        raw
    }
}
