//! Words that names are made of. Nothing here exists.

pub(super) const FIRST: [&str; 10] = [
    "Sari", "Budi", "Wati", "Joko", "Rina", "Agus", "Dewi", "Hendra", "Nina", "Arif",
];
pub(super) const LAST: [&str; 8] = [
    "Wulandari",
    "Santoso",
    "Lestari",
    "Pratama",
    "Kusuma",
    "Hidayat",
    "Permata",
    "Wijaya",
];
pub(super) const COMPANY: [&str; 8] = [
    "SUMBER", "KARYA", "MITRA", "CIPTA", "BANGUN", "TEKNO", "SARANA", "USAHA",
];

/// Affairs and the unit that looks after them: three pairs of the unit code, and a name.
pub(super) const UNITS: [(&str, &str); 20] = [
    ("1.01.2.19.0.00", "DINAS PENDIDIKAN CONTOH"),
    ("1.02.2.14.0.00", "DINAS KESEHATAN CONTOH"),
    ("1.03.2.10.0.00", "DINAS PEKERJAAN UMUM CONTOH"),
    ("1.04.2.10.0.00", "DINAS PERUMAHAN CONTOH"),
    ("1.05.0.00.0.00", "SATUAN POLISI PAMONG PRAJA CONTOH"),
    ("1.06.2.08.0.00", "DINAS SOSIAL CONTOH"),
    ("2.07.3.32.0.00", "DINAS KETENAGAKERJAAN CONTOH"),
    ("2.09.3.27.0.00", "DINAS KETAHANAN PANGAN CONTOH"),
    ("2.11.0.00.0.00", "DINAS LINGKUNGAN HIDUP CONTOH"),
    ("2.12.0.00.0.00", "DINAS KEPENDUDUKAN CONTOH"),
    ("2.15.0.00.0.00", "DINAS PERHUBUNGAN CONTOH"),
    ("2.16.2.20.2.21", "DINAS KOMUNIKASI DAN INFORMATIKA CONTOH"),
    ("2.17.3.30.0.00", "DINAS PERDAGANGAN CONTOH"),
    ("2.18.0.00.0.00", "DINAS PENANAMAN MODAL CONTOH"),
    ("2.23.2.24.0.00", "DINAS PERPUSTAKAAN CONTOH"),
    ("4.01.0.00.0.00", "SEKRETARIAT DAERAH CONTOH"),
    ("5.01.5.05.0.00", "BADAN PERENCANAAN CONTOH"),
    ("5.02.0.00.0.00", "BADAN KEUANGAN CONTOH"),
    ("6.01.0.00.0.00", "INSPEKTORAT CONTOH"),
    ("7.01.0.00.0.00", "KECAMATAN CONTOH"),
];
pub(super) const PROGRAMMES: [&str; 4] = [
    "PROGRAM PENUNJANG URUSAN PEMERINTAHAN DAERAH",
    "PROGRAM PENGELOLAAN LAYANAN ",
    "PROGRAM PENGEMBANGAN SARANA",
    "PROGRAM PEMBERDAYAAN MASYARAKAT",
];
pub(super) const ACTIVITIES: [&str; 3] = [
    "Administrasi Umum",
    "Penyediaan Sarana\nPrasarana",
    "Pembinaan dan Pengawasan",
];
pub(super) const SUBS: [&str; 4] = [
    "Penyediaan Bahan dan Jasa",
    "Pengembangan Aplikasi",
    "Pemeliharaan Gedung dan\r\nBangunan",
    "Fasilitasi Kegiatan",
];
pub(super) const PACKAGES: [&str; 10] = [
    "Belanja Alat Tulis Kantor",
    "Belanja Sewa Jaringan Internet",
    "Belanja Modal Personal Computer",
    "Peningkatan Jalan Contoh",
    "Pembangunan Gedung Contoh",
    "Jasa Konsultansi Perencanaan",
    "Belanja Makan dan Minum Rapat",
    "Pemeliharaan Kendaraan Dinas",
    "Belanja Jasa Kebersihan",
    "Pengadaan Alat Kesehatan",
];
