//! Invented complaints: repeatable, within the contract's limits, and unmistakably invented.

use simulators::frame::sha256;
use simulators::laksa::{Complaint, Generator};

fn many() -> Vec<Complaint> {
    Generator::new(2026).take(1200).collect()
}

#[test]
fn the_same_seed_makes_the_same_city() {
    let texts = |seed| {
        Generator::new(seed)
            .take(50)
            .map(|complaint| complaint.canonical.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(1), texts(1));
    assert_ne!(texts(1), texts(2));
}

#[test]
fn complaints_keep_within_the_contract() {
    for complaint in many() {
        let canonical = &complaint.canonical;
        let length = |field: &str| canonical[field].as_str().unwrap().chars().count();
        assert!((5..=255).contains(&length("judul")) && (20..=10_000).contains(&length("isi")));
        let sent = canonical["dikirim_pada"].as_str().unwrap();
        assert!(sent.ends_with("+07:00"));
        if let Some(day) = canonical["tanggal_kejadian"].as_str() {
            assert!(day <= &sent[..10], "not in the future");
        }
        assert!(canonical["anonim"].is_boolean() && canonical["rahasia"].is_boolean());
        assert!(canonical["anonim"] == true || canonical["pelapor"].is_object());
        assert!(complaint.files.len() <= 5);
        for (file, listed) in complaint
            .files
            .iter()
            .zip(canonical["lampiran"].as_array().unwrap_or(&Vec::new()))
        {
            assert_eq!(listed["sha256"], sha256::hex(&file.body));
            assert_eq!(listed["ukuran"], file.body.len());
        }
    }
}

#[test]
fn people_are_invented() {
    for complaint in many() {
        let reporter = &complaint.canonical["pelapor"];
        if let Some(nik) = reporter["nik"].as_str() {
            assert!(
                nik.len() == 16 && nik.ends_with("0000") && nik.starts_with("3671"),
                "{nik}"
            );
        }
        if let Some(email) = reporter["email"].as_str() {
            assert!(email.ends_with("@contoh.invalid"));
        }
        if let Some(phone) = reporter["telepon"].as_str() {
            assert!(phone.starts_with("0811000"));
        }
    }
}

#[test]
fn the_mix_has_what_a_privacy_test_needs() {
    let all = many();
    let count = |wanted: &dyn Fn(&Complaint) -> bool| all.iter().filter(|complaint| wanted(complaint)).count();
    assert!(count(&|complaint| complaint.canonical["anonim"] == true) > 150);
    assert!(count(&|complaint| complaint.canonical["rahasia"] == true) > 60);
    let names_itself = |complaint: &Complaint| {
        let name = complaint.canonical["pelapor"]["nama"].as_str().unwrap_or("-");
        complaint.canonical["isi"].as_str().unwrap().contains(name) && complaint.canonical["anonim"] == true
    };
    assert!(
        count(&names_itself) > 5,
        "anonymous reporters who write their name into the text"
    );
    let photo = all
        .iter()
        .flat_map(|complaint| &complaint.files)
        .find(|file| file.name.ends_with(".jpg"))
        .unwrap();
    assert!(photo.body.starts_with(&[0xff, 0xd8]) && photo.body.ends_with(&[0xff, 0xd9]));
    assert!(photo.body.windows(4).any(|window| window == b"Exif"));
}
