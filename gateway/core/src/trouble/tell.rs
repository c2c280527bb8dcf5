//! What people read about causes and sides, and the cure. Indonesian and English, without values of anybody.

use super::{Cause, Side};
use connector_sdk::Text;

impl Side {
    /// Its name for people.
    pub fn title(self) -> Text {
        match self {
            Self::Consumer => Text::new("Konsumen", "Consumer"),
            Self::Gateway => Text::new("Gateway", "Gateway"),
            Self::Network => Text::new("Jaringan", "Network"),
            Self::NationalConnector => Text::new("Konektor nasional (SPLP)", "National connector (SPLP)"),
            Self::System => Text::new("Sistem tujuan", "Target system"),
            Self::Maintenance => Text::new("Pemeliharaan terencana", "Planned maintenance"),
        }
    }
}

impl Cause {
    /// What it is, in a few words.
    pub fn title(self) -> Text {
        match self {
            Self::Input => Text::new("Isi permintaan tidak sesuai", "The content does not fit"),
            Self::Refused => Text::new("Isi ditolak sistem tujuan", "The system refuses the content"),
            Self::Missing => Text::new("Data tidak ada di sistem tujuan", "The system does not have the record"),
            Self::Conflict => Text::new(
                "Bentrok dengan keadaan di sistem tujuan",
                "Conflicts with the system's state",
            ),
            Self::Credential => Text::new(
                "Kredensial kita berakhir atau ditolak",
                "Our credential ended or is refused",
            ),
            Self::Settings => Text::new(
                "Pengaturan atau langganan belum benar",
                "Settings or subscription are wrong",
            ),
            Self::Throttled => Text::new("Jumlah panggilan dibatasi", "Calls are throttled"),
            Self::Down => Text::new("Tidak dapat dihubungi", "Cannot be reached"),
            Self::Name => Text::new("Nama host tidak ditemukan (DNS)", "The host name is not found (DNS)"),
            Self::Route => Text::new("Sambungan atau TLS gagal", "Connecting or TLS fails"),
            Self::Hours => Text::new("Di luar jam layanan", "Outside hours of service"),
            Self::Slow => Text::new("Tidak menjawab tepat waktu", "Does not answer in time"),
            Self::Drift => Text::new("Bentuk jawaban berubah", "The answers changed their shape"),
            Self::Defect => Text::new("Gangguan di gateway sendiri", "Trouble in the gateway itself"),
        }
    }

    /// What to do now.
    pub fn cure(self, side: Side) -> Text {
        if side == Side::Maintenance {
            return Text::new(
                "Tidak perlu tindakan: antrean berjalan sendiri setelah jadwalnya lewat. Yang telanjur gagal dapat dikirim ulang sesudahnya.",
                "Nothing to do: the queue goes on by itself when the time is over. What failed meanwhile can be replayed afterwards.",
            );
        }
        if side == Side::NationalConnector {
            return Text::new(
                "Periksa langganan dan kuota di portal SPLP; laporkan ke pengelola SPLP dengan kode dan waktunya. Sesudah pulih, kirim ulang kelompok ini.",
                "Check subscription and quota in the SPLP portal; report to the keepers of SPLP with codes and times. When it is back, replay this group.",
            );
        }
        match self {
            Self::Input => Text::new(
                "Minta pengelola aplikasi OPD memperbaiki isian yang disebut pada contoh; mengirim ulang isi yang sama akan gagal lagi.",
                "Ask the keepers of the agency's application to correct the fields that the sample names; the same content would fail again.",
            ),
            Self::Refused | Self::Conflict => Text::new(
                "Buka contoh dan baca kode aslinya. Perbaiki isi atau pemetaan, atau batalkan dengan alasan; mengirim ulang tanpa perbaikan akan ditolak lagi.",
                "Open the sample and read its native code. Correct content or mapping, or discard with a reason; a replay without that would be refused again.",
            ),
            Self::Missing => Text::new(
                "Pastikan nomor yang dirujuk ada di sistem tujuan dan tidak terhapus.",
                "Make sure that the number referred to exists in the system and was not deleted.",
            ),
            Self::Credential => Text::new(
                "Titipkan kredensial baru untuk sistem ini, lalu muat ulang (SIGHUP). Antrean jalan sendiri sesudahnya.",
                "Supply a new credential for this system, then reload (SIGHUP). The queue goes on by itself.",
            ),
            Self::Settings => Text::new(
                "Jalankan `simpul doctor` dan periksa [[sistem]]: alamat, langganan, kunci. Muat ulang, lalu kirim ulang kelompok ini.",
                "Run `simpul doctor` and check [[sistem]]: address, subscription, key. Reload, then replay this group.",
            ),
            Self::Throttled => Text::new(
                "Turunkan laju sistem ini di konfigurasi, atau mintakan kuota lebih besar. Gateway menunggu sendiri.",
                "Lower the rate of this system in the configuration, or ask for a larger quota. The gateway waits by itself.",
            ),
            Self::Down | Self::Slow => Text::new(
                "Hubungi pengelola sistem dengan waktu dan kode dari berkas bukti. Antrean jalan sendiri setelah pulih; yang sudah gagal dikirim ulang sekaligus.",
                "Call the keepers of the system with times and codes from the evidence file. The queue goes on when it is back; replay what failed as one group.",
            ),
            Self::Name => Text::new(
                "Periksa DNS di mesin gateway (`simpul doctor`) dan ejaan host pada [[sistem]].",
                "Check DNS on the gateway's machine (`simpul doctor`) and the host's spelling in [[sistem]].",
            ),
            Self::Route => Text::new(
                "Periksa firewall, rute dan sertifikat ke sistem ini (`simpul doctor`); hubungi pengelola jaringan.",
                "Check firewall, route and certificate towards this system (`simpul doctor`); call the keepers of the network.",
            ),
            Self::Hours => Text::new(
                "Tidak perlu tindakan: pengiriman berjalan pada jam layanan.",
                "Nothing to do: delivery goes on in hours of service.",
            ),
            Self::Drift => Text::new(
                "Sistem mengubah jawabannya. Buka contoh, bandingkan dengan kontrak, dan perbarui konektor.",
                "The system changed its answers. Open the sample, compare with the contract, and update the connector.",
            ),
            Self::Defect => Text::new(
                "Periksa disk, jurnal dan log gateway (`simpul doctor`); laporkan sebagai cacat bila tetap.",
                "Check disk, journal and logs of the gateway (`simpul doctor`); report a defect if it stays.",
            ),
        }
    }
}
