//! Another contract by configuration alone: the same calls of the same consumer against a system that shares no path, header,
//! field, code, form of time or word of success with the usual one.

use crate::{World, letter, outgoing, pdf, sha256, uploaded, world};
use e2e::client::until;
use e2e::neighbours::Neighbours;
use serde_json::{Value, json};
use simulators::Fault;
use simulators::srikandi::Dialect;
use std::time::Duration;
use toml::{Table, toml};

fn other() -> Dialect {
    Dialect {
        prefix: "/arsip/v7".into(),
        segments: vec![
            ("naskah-masuk", "surat_in"),
            ("naskah-keluar", "surat_out"),
            ("naskah", "surat"),
            ("file", "unduhan"),
            ("ajukan", "kirim_periksa"),
            ("verifikasi", "paraf"),
            ("tandatangan", "teken"),
            ("disposisi", "lembar"),
            ("selesai", "tutup_lembar"),
            ("berkas", "bundel"),
            ("item", "tambah"),
            ("tutup", "kunci"),
            ("master", "kamus"),
            ("jabatan", "posisi"),
            ("perubahan", "riwayat_baru"),
        ],
        fields: vec![
            ("data", "isi"),
            ("meta", "halaman"),
            ("page", "ke"),
            ("per_page", "isi_halaman"),
            ("total", "banyak"),
            ("cursor", "pembatas"),
            ("id", "nomor_registrasi"),
            ("code", "kode_salah"),
            ("errors", "salah"),
            ("metadata", "surat_json"),
            ("file_naskah", "dokumen"),
            ("lampiran[]", "tambahan"),
            ("external_id", "ref_luar"),
            ("naskah_id", "surat_ref"),
            ("sifat_naskah", "tingkat"),
            ("tingkat_urgensi", "kecepatan"),
            ("hal", "perihal"),
            ("nomor_naskah", "no_surat"),
            ("nomor_sementara", "no_ancar"),
            ("nomor_agenda", "no_buku"),
            ("tanggal_naskah", "tgl_surat"),
            ("tanggal_diterima", "tgl_terima"),
            ("status", "posisi_surat"),
            ("waktu", "jam"),
            ("riwayat", "jejak"),
            ("penerima", "kepada"),
            ("keputusan", "paraf"),
            ("instruksi", "arahan"),
            ("sejak", "setelah"),
            ("url", "alamat_unduh"),
            ("jenis", "macam"),
            ("bagian", "potongan"),
        ],
        words: vec![
            ("sifat_naskah", "BIASA", "1"),
            ("sifat_naskah", "TERBATAS", "2"),
            ("sifat_naskah", "RAHASIA", "3"),
            ("sifat_naskah", "SANGAT_RAHASIA", "4"),
            ("tingkat_urgensi", "BIASA", "N"),
            ("tingkat_urgensi", "SEGERA", "C"),
            ("tingkat_urgensi", "AMAT_SEGERA", "K"),
            ("status", "KONSEP", "DRAF"),
            ("status", "VERIFIKASI", "PARAF"),
            ("status", "MENUNGGU_TTD", "TUNGGU"),
            ("status", "DITANDATANGANI", "SAH"),
            ("status", "BELUM_DIBACA", "BARU"),
            ("status", "DIBACA", "BUKA"),
            ("keputusan", "SETUJU", "OK"),
            ("instruksi", "MOHON_TINDAKLANJUTI", "07"),
            ("code", "DISPOSISI_SUDAH_DIBACA", "E-77"),
            ("code", "VALIDASI_GAGAL", "E-10"),
            ("code", "NOMOR_GANDA", "E-20"),
            ("bagian", "naskah", "utama"),
            ("jenis", "NASKAH_MASUK", "IN"),
            ("jenis", "NASKAH_KELUAR", "OUT"),
            ("jenis", "DISPOSISI", "LBR"),
        ],
        headers: vec![
            ("idempotency-key", "x-kunci-ulang"),
            ("x-instansi-kode", "x-pd"),
            ("authorization", "x-token"),
        ],
        success: ("hasil", json!("Y"), json!("T")),
        bearer: "",
        day_first: true,
    }
}

/// The whole of the other contract, as a city would write it.
fn remapped() -> Table {
    toml! {
        kode_instansi = "3671"
        kepala = { instansi = "X-PD", kunci = "X-Kunci-Ulang", permintaan = "" }
        bagian = { metadata = "surat_json", naskah = "dokumen", lampiran = "tambahan" }
        metode_tarik = "POST"
        [jalur]
        naskah_masuk = "arsip/v7/surat_in"
        naskah_masuk_lihat = "arsip/v7/surat_in/{id}"
        naskah_keluar = "arsip/v7/surat_out"
        naskah_keluar_lihat = "arsip/v7/surat_out/{id}"
        naskah_keluar_ajukan = "arsip/v7/surat_out/{id}/kirim_periksa"
        naskah_keluar_verifikasi = "arsip/v7/surat_out/{id}/paraf"
        naskah_keluar_tandatangan = "arsip/v7/surat_out/{id}/teken"
        naskah_file = "arsip/v7/surat/{id}/unduhan"
        disposisi = "arsip/v7/lembar"
        disposisi_satu = "arsip/v7/lembar/{id}"
        disposisi_selesai = "arsip/v7/lembar/{id}/tutup_lembar"
        berkas = "arsip/v7/bundel"
        berkas_isi = "arsip/v7/bundel/{id}/tambah"
        berkas_tutup = "arsip/v7/bundel/{id}/kunci"
        perubahan = "arsip/v7/riwayat_baru"
        acuan_jabatan = "arsip/v7/kamus/posisi"
        acuan_tingkat_urgensi = "arsip/v7/kamus/tingkat-urgensi"
        [parameter]
        page = "ke"
        per_page = "isi_halaman"
        naskah_id = "surat_ref"
        sejak = "setelah"
        bagian = "potongan"
        status = "posisi_surat"
        [bidang]
        rujukan = "ref_luar"
        sifat = "tingkat"
        urgensi = "kecepatan"
        hal = "perihal"
        nomor_naskah = "no_surat"
        nomor_sementara = "no_ancar"
        nomor_agenda = "no_buku"
        tanggal_naskah = "tgl_surat"
        tanggal_diterima = "tgl_terima"
        keadaan = "posisi_surat"
        terjadi_pada = "jam"
        riwayat = "jejak"
        penerima = "kepada"
        keputusan = "paraf"
        instruksi = "arahan"
        naskah_id = "surat_ref"
        url = "alamat_unduh"
        id = "nomor_registrasi"
        jenis = "macam"
        "disposisi.sifat" = "sifat"
        [amplop]
        sukses = "/hasil"
        nilai = "Y"
        data = "/isi"
        id = "/nomor_registrasi"
        kode = "/kode_salah"
        galat = "/salah"
        halaman = "/halaman/ke"
        per_halaman = "/halaman/isi_halaman"
        jumlah = "/halaman/banyak"
        penanda = "/halaman/pembatas"
        [kode]
        sifat = { biasa = "1", terbatas = "2", rahasia = "3", sangat_rahasia = "4" }
        urgensi = { biasa = "N", segera = "C", amat_segera = "K" }
        keadaan = { konsep = "DRAF", verifikasi = "PARAF", menunggu_ttd = "TUNGGU", ditandatangani = "SAH", diterima = "BARU", dibaca = "BUKA" }
        keadaan_penerima = { belum_dibaca = "BARU", dibaca = "BUKA", ditarik = "DITARIK", selesai = "SELESAI" }
        keputusan = { setuju = "OK" }
        instruksi = { mohon_tindaklanjuti = "07" }
        bagian = { naskah = "utama" }
        jenis_perubahan = { naskah_masuk = "IN", naskah_keluar = "OUT", disposisi = "LBR" }
        [galat]
        E-77 = "bentrok"
        E-10 = "ditolak"
        E-20 = "bentrok"
        [waktu]
        tanggal = "%d-%m-%Y"
        saat = "%d-%m-%Y %H:%M:%S"
    }
}

async fn other_world(settings: Table) -> World {
    let neighbours = Neighbours::start().await.unwrap();
    neighbours.srikandi.with(|srikandi| srikandi.options.dialect = other());
    world(neighbours, |table| {
        let system = e2e::setup::system(table, "srikandi").unwrap();
        let auth = &mut system["auth"]["kepala"][0];
        auth["nama"] = "X-Token".into();
        auth.as_table_mut().unwrap().remove("awalan");
        system.insert("pengaturan".into(), settings.into());
        // Its call-back is not part of this contract.
        for part in ["rahasia", "masuk"] {
            system.remove(part);
        }
        for (list, key) in [("relai", "dari"), ("peristiwa", "dari")] {
            let ours = |one: &toml::Value| !one[key].as_str().unwrap_or_default().contains("srikandi");
            let looks = |one: &toml::Value| !one[key].as_str().unwrap_or_default().starts_with("naskah.");
            table[list]
                .as_array_mut()
                .unwrap()
                .retain(|one| ours(one) && looks(one));
        }
        for consumer in table["konsumen"].as_array_mut().unwrap() {
            for grant in consumer
                .get_mut("hak")
                .and_then(toml::Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                if let Some(operations) = grant["operasi"].as_array_mut() {
                    operations.retain(|one| !matches!(one.as_str(), Some("naskah.berubah" | "naskah.diimpor")));
                }
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_contract_is_spoken_by_configuration_alone() {
    let world = other_world(remapped()).await;
    let scan = pdf(31, 4_000);
    let file = uploaded(&world.client, &world.base, scan.clone()).await;
    // In, through a lost answer: once.
    world
        .neighbours
        .srikandi
        .faults()
        .once("register_in", Fault::HangUpAfterStoring);
    let body = letter("dialek-1", &file);
    let made = until(Duration::from_secs(20), async || {
        let (status, made) = world.post("naskah-masuk", &body).await;
        (status == 201).then_some(made.clone()).ok_or_else(|| made.to_string())
    });
    let made = made.await.unwrap();
    assert_eq!(
        (&made["keadaan"], &made["nomor_agenda"]),
        (&json!("diterima"), &json!("0001/NM/2026"))
    );
    let id = made["id"].as_str().unwrap();
    let seen = world.get(&format!("naskah-masuk/{id}")).await;
    let told = [
        "rujukan",
        "hal",
        "nomor_naskah",
        "sifat",
        "urgensi",
        "tanggal_naskah",
        "tanggal_diterima",
    ];
    for name in told {
        assert_eq!(seen[name], body[name], "{name}: {seen}");
    }
    let listed = world.get("naskah-masuk?status=belum_dibaca").await;
    assert_eq!(listed["butir"][0]["id"], id);
    let fetched = world.get(&format!("naskah/{id}/file?bagian=naskah")).await;
    assert_eq!(fetched["berkas"]["sha256"], sha256(&scan).as_str());
    // Dispositions, and the race that they can lose.
    let give = json!({"rujukan": "dialek-d", "naskah_id": id, "dari": "jab-3671-0012", "penerima": ["jab-3671-0031"],
        "instruksi": ["mohon_tindaklanjuti"], "batas_waktu": "2026-02-18"});
    let given = world.made("disposisi", &give).await;
    assert_eq!(
        (&given["keadaan"], &given["instruksi"]),
        (&json!("belum_dibaca"), &json!(["mohon_tindaklanjuti"]))
    );
    let one = given["id"].as_str().unwrap();
    world
        .neighbours
        .srikandi
        .with(|srikandi| srikandi.read_disposition(one))
        .unwrap();
    let (status, late) = world
        .post(&format!("disposisi/{one}/tarik"), &json!({"rujukan": "dialek-t"}))
        .await;
    assert_eq!((status, &late["code"]), (409, &json!("sistem-bentrok")), "{late}");
    // Out, checked, signed; the provisional number is not shown as the letter's.
    let made = world.made("naskah-keluar", &outgoing("dialek-2", &file)).await;
    let out = made["id"].as_str().unwrap();
    for (n, (step, more)) in [
        ("ajukan", json!({})),
        ("verifikasi", json!({"keputusan": "setuju"})),
        ("verifikasi", json!({"keputusan": "setuju"})),
        ("tandatangan", json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = more;
        body["rujukan"] = json!(format!("dialek-2-{n}"));
        world.made(&format!("naskah-keluar/{out}/{step}"), &body).await;
    }
    let waiting = world.get(&format!("naskah-keluar/{out}")).await;
    assert_eq!(
        (&waiting["keadaan"], &waiting["nomor_naskah"]),
        (&json!("menunggu_ttd"), &Value::Null)
    );
    world
        .neighbours
        .srikandi
        .with(|srikandi| srikandi.advance(out, "DITANDATANGANI"))
        .unwrap();
    let signed = world.get(&format!("naskah-keluar/{out}")).await;
    assert_eq!(
        (&signed["keadaan"], &signed["nomor_naskah"]),
        (&json!("ditandatangani"), &json!("000.5.6.2/0004/2026"))
    );
    assert_eq!(signed["tanggal_naskah"], "2026-02-03");
    // The feed and a list.
    let feed = world.get("naskah-perubahan").await;
    assert_eq!(
        (&feed["butir"][0]["jenis"], &feed["butir"][0]["keadaan"]),
        (&json!("naskah_masuk"), &json!("diterima"))
    );
    let list = world.get("naskah-acuan/jabatan").await;
    assert_eq!(list["butir"][0]["kode"], "jab-3671-0012");
    let effects = world.neighbours.srikandi.effects();
    assert_eq!((&effects["registered_in"], &effects["doubles"]), (&json!(1), &json!(0)));
    // Nothing of the usual contract was said on the wire.
    for request in world.neighbours.srikandi.requests() {
        let raw = request.raw();
        for word in [
            "naskah-masuk",
            "\"sifat_naskah\"",
            "external_id",
            "idempotency-key",
            "Bearer",
            "X-Instansi-Kode",
        ] {
            assert!(!raw.to_lowercase().contains(&word.to_lowercase()), "{word} in {raw}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_configuration_the_second_contract_is_not_understood() {
    let world = other_world(toml! { kode_instansi = "3671" }).await;
    let (status, problem) = world
        .post("naskah-masuk", &letter("dialek-9", &world.upload(9).await))
        .await;
    assert!(status >= 400, "{problem}");
    assert!(world.neighbours.srikandi.effects()["registered_in"].is_null());
    // Another word of success than the configured one: stored there, and honestly unknown here.
    let mut settings = remapped();
    settings["amplop"]["nilai"] = "YA".into();
    let world = other_world(settings).await;
    let (status, waits) = world
        .post("naskah-masuk", &letter("dialek-9", &world.upload(9).await))
        .await;
    assert_ne!(status, 201, "{waits}");
    let problem = if waits["masalah"].is_object() {
        &waits["masalah"]
    } else {
        &waits
    };
    assert_eq!(problem["landed"], "unknown", "{waits}");
    assert_eq!(world.neighbours.srikandi.effects()["registered_in"], 1);
}
