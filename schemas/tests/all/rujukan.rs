//! Reference codes: a table of values, all invented, and what is said about each.

use schemas::rujukan::{Checked, Kind, digits};

fn said(kind: &str, text: &str) -> (Vec<&'static str>, Vec<&'static str>) {
    let Checked { hard, soft } = Kind::from_name(kind).unwrap().check(text);
    (
        hard.iter().map(|f| f.code).collect(),
        soft.iter().map(|f| f.code).collect(),
    )
}

#[test]
fn forms_are_hard_and_plausibility_is_soft() {
    let none: &[&str] = &[];
    let cases: &[(&str, &str, &[&str], &[&str])] = &[
        ("nik", "3671010101900000", none, &["nik_serial"]),
        ("nik", concat!("367101410190", "0001"), none, none),
        ("nik", concat!("367101710190", "0001"), none, none),
        ("nik", concat!("367101720190", "0001"), none, &["nik_day"]),
        ("nik", "3671013201900001", none, &["nik_day"]),
        ("nik", "3671010013900000", none, &["nik_day", "nik_month", "nik_serial"]),
        ("nik", concat!("997101010190", "0001"), none, &["nik_province"]),
        ("nik", concat!("967101010190", "0001"), none, none),
        ("nik", "367101010190000", &["nik_form"], none),
        ("nik", "36710101019000000", &["nik_form"], none),
        ("nik", concat!("36.710101", "01900001"), &["nik_form"], none),
        ("nik", "３671010101900001", &["nik_form"], none),
        ("kk", "3671010101900000", none, none),
        ("kk", "3671", &["kk_form"], none),
        ("npwp15", "012345678901000", none, none),
        ("npwp15", "01.234.567.8-901.000", &["npwp15_form"], none),
        ("npwp16", "0012345678901000", none, none),
        ("npwp16", "3671010101900000", none, none),
        ("npwp16", "9912345678901000", none, &["npwp16_kind"]),
        ("npwp16", "012345678901000", &["npwp16_form"], none),
        ("nitku", "0012345678901000000000", none, none),
        ("nitku", "001234567890100000000", &["nitku_form"], none),
        ("nib", "1234567890000", none, none),
        ("nib", "123456789000", &["nib_form"], none),
        ("kbli", "01111", none, none),
        ("kbli", "1111", &["kbli_form"], none),
        ("nop", "367101000100100010", none, none),
        ("nop", "367101000100100015", none, &["nop_special"]),
        ("nop", "36710100010010001", &["nop_form"], none),
        ("nip", "199001012015031000", none, none),
        ("nip", "199001012022211000", none, none),
        ("nip", "199013012015031000", none, &["nip_birth"]),
        ("nip", "199001012015133000", none, &["nip_appointment", "nip_sex"]),
        ("nip", "19900101201503100", &["nip_form"], none),
        ("telepon", "081100001234", none, none),
        ("telepon", "+62 811-0000-1234", none, none),
        ("telepon", "02100001234", none, &["phone_form"]),
        ("telepon", "0811", none, &["phone_form"]),
        ("kode_wilayah", "36", none, none),
        ("kode_wilayah", "36.71.05", none, none),
        ("kode_wilayah", "36.71.05.1001", none, none),
        ("kode_wilayah", "36.71.05.3001", &["region_village"], none),
        ("kode_wilayah", "36.71.5", &["region_form"], none),
        ("kode_wilayah", "367105", &["region_form"], none),
        ("kode_wilayah", "36.71.05.1001.1", &["region_form"], none),
        ("kode_wilayah", "", &["region_form"], none),
    ];
    for (kind, text, hard, soft) in cases {
        assert_eq!(said(kind, text), (hard.to_vec(), soft.to_vec()), "{kind} {text}");
    }
}

#[test]
fn separators_go_only_when_asked_for() {
    assert_eq!(digits("01.234.567.8-901.000").as_deref(), Some("012345678901000"));
    assert_eq!(digits("0123 4567"), Some("01234567".to_owned()));
    assert_eq!(digits("0123O567"), None);
    assert_eq!(digits("１２"), None);
}
