//! A release says what the records say, to the last decimal, and names no person.

use super::*;

const PUBLISHER: Publisher<'_> = Publisher {
    prefix: "ocds-contoh",
    date: "2026-10-03T00:00:00+07:00",
    language: "id",
};

fn announced() -> Value {
    json!({"id_tender": "10012345000", "nama_paket": "Peningkatan Jalan Contoh", "status_tender": "Selesai",
        "metode_pemilihan": "Tender", "jenis_pengadaan": "Pekerjaan Konstruksi", "hps": "4478512300.75",
        "kode_satker": "1.03.2.10.0.00.03.0000", "nama_satker": "DINAS CONTOH", "nama_ppk": "Budi Contoh",
        "nip_ppk": "198001012005010000"})
}

fn contract(version: i64, value: &str) -> Value {
    json!({"id_tender": "10012345000", "dokumen": "kontrak", "nomor_kontrak": "027/013/SPK/2026", "nilai_kontrak": value,
        "versi_addendum": version, "tanggal_kontrak": "2026-02-26", "status_kontrak": "Kontrak Sedang Berjalan",
        "wakil_penyedia": "Siti Contoh", "nomor_rekening": "0123456789012"})
}

#[test]
fn a_process_is_one_release_with_exact_money_and_no_person() {
    let result = json!({"id_tender": "10012345000", "nama_penyedia": "CV. CONTOH MANDIRI", "npwp_16": "0012345678415000",
        "nilai_kontrak": "4469512300.25", "waktu_penetapan": "2026-02-20"});
    let bap = json!({"id_tender": "10012345000", "dokumen": "bap", "nomor_kontrak": "027/013/SPK/2026", "kunci": "a|b",
        "pembayaran": "9999924.08", "tanggal_bap": "2026-03-31"});
    let contracts = [contract(0, "4469512300.25"), contract(1, "4500000000"), bap];
    let announced = announced();
    let process = Process {
        announced: Some(&announced),
        result: Some(&result),
        bids: &[],
        contracts: &contracts,
    };
    let release = release(PUBLISHER, process).unwrap();
    assert_eq!(release["ocid"], json!("ocds-contoh-10012345000"));
    assert_eq!(release["tag"], json!(["tender", "award", "contract", "implementation"]));
    assert_eq!(release["tender"]["value"]["amount"].to_string(), "4478512300.75");
    assert_eq!(release["awards"][0]["value"]["amount"].to_string(), "4469512300.25");
    assert_eq!(release["contracts"].as_array().map(Vec::len), Some(1));
    assert_eq!(release["contracts"][0]["value"]["amount"].to_string(), "4500000000");
    let paid = &release["contracts"][0]["implementation"]["transactions"][0];
    assert_eq!(paid["value"]["amount"].to_string(), "9999924.08");
    let text = release.to_string();
    for person in ["Budi", "Siti", "198001012005010000", "0123456789012"] {
        assert!(!text.contains(person), "{person}");
    }
    assert_eq!(
        package(PUBLISHER, "Kota Contoh", "https://contoh.invalid/ocds", &[release])["version"],
        json!("1.1")
    );
}

#[test]
fn a_private_supplier_is_named_without_a_number_and_a_running_process_has_no_award() {
    let person = json!({"id_non_tender": "10312345000", "nama_penyedia": "Sari Contoh", "npwp_16": "3671010101800000",
        "kode_penyedia": "312345678009", "nilai_kontrak": "1", "status_non_tender": "Selesai"});
    let made = |row: &Value| {
        let process = Process {
            result: Some(row),
            ..Process::default()
        };
        release(PUBLISHER, process).unwrap()
    };
    assert!(!made(&person).to_string().contains("3671010101800000"));
    let mut running = person;
    running["status_non_tender"] = json!("Berlangsung");
    assert!(made(&running).get("awards").is_none());
    assert!(release(PUBLISHER, Process::default()).is_none());
}

/// What the release schema of OCDS 1.1 requires, and the kinds of what it names.
fn lacking(package: &Value) -> Vec<String> {
    let mut found = texts("", package, &["uri", "publishedDate", "version"]);
    found.extend(texts("/publisher", &package["publisher"], &["name"]));
    for release in package["releases"].as_array().unwrap() {
        let named = ["ocid", "id", "date", "initiationType", "language"];
        found.extend(texts("release", release, &named));
        found.extend(texts("tender", &release["tender"], &["id"]));
        for party in release["parties"].as_array().unwrap() {
            found.extend(texts("party", party, &["id", "name"]));
            let role = party["roles"][0].as_str();
            assert!(role.is_some_and(|role| ["buyer", "supplier"].contains(&role)));
        }
        for award in release["awards"].as_array().into_iter().flatten() {
            found.extend(texts("award", award, &["id", "status"]));
        }
        for contract in release["contracts"].as_array().into_iter().flatten() {
            found.extend(texts("contract", contract, &["id", "awardID"]));
            let paid = &contract["implementation"]["transactions"];
            for paid in paid.as_array().into_iter().flatten() {
                found.extend(texts("transaction", paid, &["id"]));
                assert!(paid["value"]["amount"].is_number() && paid["value"]["currency"] == "IDR");
            }
        }
        let tags = release["tag"].as_array().unwrap();
        let known = ["tender", "award", "contract", "implementation"];
        if tags.is_empty() || !tags.iter().all(|tag| known.iter().any(|known| tag == known)) {
            found.push(format!("release/tag {tags:?}"));
        }
    }
    found
}

fn texts(at: &str, of: &Value, names: &[&str]) -> Vec<String> {
    let empty = |name: &&&str| of[**name].as_str().is_none_or(str::is_empty);
    names.iter().filter(empty).map(|name| format!("{at}/{name}")).collect()
}

#[test]
fn every_release_has_what_the_schema_requires_whatever_is_known_of_the_process() {
    let publisher = Ocds {
        awalan: "ocds-contoh".into(),
        penerbit: "Kota Contoh".into(),
        alamat: "https://contoh.invalid/ocds".into(),
    };
    let result = json!({"id_tender": "10012345000", "nama_penyedia": "CV. CONTOH MANDIRI", "nilai_kontrak": "10",
        "kode_satker": "1.03", "nama_satker": "DINAS CONTOH"});
    let bap = json!({"id_tender": "10012345000", "dokumen": "bap", "nomor_kontrak": "027/013/SPK/2026", "kunci": "a|b",
        "pembayaran": "9999924.08"});
    let bare = json!({"id_non_tender": "10312345000"});
    let cases: [&[Value]; 6] = [
        &[announced()],
        std::slice::from_ref(&result),
        &[contract(0, "1")],
        std::slice::from_ref(&bap),
        &[bare],
        &[
            announced(),
            result.clone(),
            contract(0, "1"),
            contract(1, "2"),
            bap.clone(),
        ],
    ];
    for records in cases {
        let made = of_records(&publisher, PUBLISHER.date, records).unwrap();
        assert_eq!(lacking(&made), Vec::<String>::new(), "{made}");
    }
}
