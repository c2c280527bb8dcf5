//! The invented city: repeatable, unmistakably invented, found by every id; and a stretch of its year at speed.

use std::collections::BTreeSet;

use simulators::oss::options::CityRule;
use simulators::oss::{City, Company};

use crate::oss::{call, first, start, status_body};

fn city(seed: u64, companies: u32) -> City {
    let rule = CityRule {
        seed,
        companies,
        ..Default::default()
    };
    City::new(rule, 1_735_664_400)
}

fn all(city: &City) -> impl Iterator<Item = Company> {
    (1..=city.companies()).map(|index| city.company(index).unwrap())
}

#[test]
fn the_same_seed_makes_the_same_city() {
    let texts = |seed| {
        all(&city(seed, 50))
            .map(|company| format!("{company:?}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(1), texts(1));
    assert_ne!(texts(1), texts(2));
}

#[test]
fn people_and_companies_are_invented() {
    for company in all(&city(671, 2000)) {
        let person = &company.person;
        assert!(person.nik.len() == 16 && person.nik.starts_with("3671") && person.nik.ends_with("0000"));
        assert!(person.name.contains("CONTOH") && person.email.ends_with("@contoh.invalid"));
        assert!(company.name.contains("CONTOH"));
        assert!(company.nib.len() == 13 && (company.nib.starts_with("0999") || company.nib.starts_with("9999")));
    }
}

#[test]
fn every_id_is_well_formed_single_and_leads_back() {
    let city = city(671, 2000);
    let mut ids = BTreeSet::new();
    for company in all(&city) {
        assert_eq!(
            (company.oss_id.len(), company.npwp.len(), company.village.len()),
            (23, 15, 10)
        );
        assert_eq!(city.by_nib(&company.nib).unwrap().index, company.index);
        assert_eq!(city.by_oss_id(&company.oss_id).unwrap().index, company.index);
        assert_eq!(city.by_npwp(&company.npwp).unwrap().index, company.index);
        assert_eq!(
            city.by_npwp(&format!("0{}", company.npwp)).unwrap().index,
            company.index
        );
        for (project, permit) in company.permits() {
            assert_eq!((project.id.len(), permit.id.len()), (23, 23));
            assert!(ids.insert(permit.id.clone()));
            assert_eq!(city.by_permit(&permit.id).unwrap().index, company.index);
        }
    }
    for wrong in [
        "",
        "I-",
        "I-202406100921440000012",
        "ééééééééééééééééé",
        "I-2024061009214400000x2",
    ] {
        assert!(city.by_permit(wrong).is_none() && city.by_nib(wrong).is_none());
    }
}

#[test]
fn a_year_has_the_applications_and_statuses_of_a_large_city() {
    let city = city(671, 40_000);
    let (mut applications, mut statuses) = (0, 0);
    let mut last = 0;
    for company in all(&city) {
        assert!(company.filed > last - 86_400, "days in order");
        last = company.filed;
        for (_, permit) in company.permits().filter(|(_, permit)| permit.for_the_city()) {
            applications += 1;
            let journey = permit.journey(company.filed);
            assert!(journey.windows(2).all(|pair| pair[0].at < pair[1].at));
            statuses += journey.len();
        }
    }
    assert!((40_000..70_000).contains(&applications), "{applications}");
    assert!((280_000..420_000).contains(&statuses), "{statuses}");
}

#[tokio::test]
async fn journeys_break_no_rule_of_order() {
    let oss = start().await;
    let city = oss.with(|oss| oss.city());
    let mut sent = 0;
    for company in all(&city).take(25) {
        for id in company.for_the_city() {
            let (_, permit) = company.permits().find(|(_, permit)| permit.id == id).unwrap();
            for step in permit.journey(company.filed) {
                let body = status_body(&company, id, &step.kd_status, &step.tgl_status());
                assert_eq!(call(&oss, "receiveLicenseStatus", body).await.status, 200);
                sent += 1;
            }
        }
    }
    let effects = oss.effects();
    assert_eq!(effects["statuses"], sent);
    assert!(effects["wrong"].as_object().unwrap().values().all(|count| *count == 0));
}

#[tokio::test]
async fn reset_forgets_what_was_done() {
    let oss = start().await;
    let (company, id) = first(&oss);
    call(
        &oss,
        "receiveLicenseStatus",
        status_body(&company, &id, "10", "2026-02-03 09:00:00"),
    )
    .await;
    oss.reset();
    assert_eq!(oss.effects()["statuses"], 0);
    assert_eq!(first(&oss).1, id);
}
