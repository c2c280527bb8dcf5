//! Rows that share a key, masks and marks.

use super::*;

fn set() -> DataSet {
    let table = crate::dataset::all().unwrap();
    table.into_iter().find(|set| set.id == "non_tender_bap").unwrap()
}

fn turned(rows: &[Value]) -> Vec<Option<Made>> {
    let set = set();
    let mut maker = Maker::new(&set, &set.kunci, "+07:00");
    rows.iter()
        .map(|row| match maker.turn(row) {
            Turned::Record(made) => Some(made),
            Turned::Nothing | Turned::Nameless => None,
        })
        .collect()
}

fn row() -> Value {
    json!({"kd_nontender": "10312345000", "no_bap": "027/021/BAP/2026", "tgl_bap": "2026-12-30T00:00:00.000000Z",
        "besar_pembayaran": "39125000", "nama_ppk": "B*** C*****, S.T.", "nip_ppk": "198001012005010000"})
}

#[test]
fn exact_copies_go_and_rows_that_only_share_a_key_stay() {
    let mut other = row();
    other["no_bast"] = json!("lain");
    let made = turned(&[row(), row(), other]);
    let keys: Vec<_> = made.iter().flatten().map(|made| made.value["kunci"].clone()).collect();
    assert!(made[1].is_none());
    assert_eq!(
        keys,
        [
            json!("10312345000|027/021/BAP/2026|2026-12-30|39125000"),
            json!("10312345000|027/021/BAP/2026|2026-12-30|39125000|#2"),
        ]
    );
}

#[test]
fn masks_are_named_and_clear_numbers_get_their_plain_form() {
    let made = turned(&[row()]).remove(0).unwrap();
    assert_eq!(made.masked, ["/nama_ppk"]);
    assert_eq!(made.value["nip_ppk_baku"], json!("198001012005010000"));
}

#[test]
fn what_was_tidied_is_kept_as_it_was_received() {
    let table = crate::dataset::all().unwrap();
    let set = table.into_iter().find(|set| set.id == "rup_penyedia").unwrap();
    let mut maker = Maker::new(&set, &set.kunci, "+07:00");
    let raw = " <p>Sewa&nbsp;jaringan</p>\r\n";
    let row = json!({"kd_rup": "61234567", "nama_paket": "Sewa\r\njaringan", "urarian_pekerjaan": raw,
        "nama_satker": "Dinas Contoh", "nama_klpd": " *** "});
    let Turned::Record(made) = maker.turn(&row) else {
        panic!("a record")
    };
    assert_eq!(made.value["uraian_pekerjaan"], "Sewa jaringan");
    let kept = json!({"nama_paket": "Sewa\r\njaringan", "uraian_pekerjaan": raw});
    assert_eq!(
        made.value["teks_asli"], kept,
        "neither what was clean nor what is masked"
    );
}

#[test]
fn a_row_without_a_name_is_said_to_be_one() {
    assert!(
        turned(&[json!({"nama_paket": "x"}), json!("teks")])
            .iter()
            .all(Option::is_none)
    );
}

#[test]
fn money_above_the_ceiling_is_compared_digit_by_digit() {
    let over = |value: &str, ceiling: &str| {
        let record = json!({"nilai_kontrak": value, "pagu": ceiling});
        exceeds(record.as_object().unwrap())
    };
    assert!(over("1277304500", "128520000"));
    assert!(over("100.5", "100"));
    assert!(!over("99.99", "100"));
    assert!(!over("100", "100.01"));
    assert!(!over("5", "0"));
}

#[test]
fn every_field_of_every_data_set_is_named_once() {
    for set in crate::dataset::all().unwrap() {
        let mut names: Vec<_> = set.kolom.iter().map(|field| field.kanonik.as_str()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{}", set.id);
        for key in set.kunci.iter().chain(&set.kunci_v1).chain(&set.lewati_tanpa) {
            assert!(names.contains(&key.as_str()), "{}: {key}", set.id);
        }
    }
}
