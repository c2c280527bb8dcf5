//! The city holds together: sums agree, links lead somewhere, and the seed decides everything.

use std::collections::BTreeSet;

use super::{City, CityOptions, Money, Process};

fn small() -> City {
    City::new(CityOptions {
        packages: 2_000,
        budget_lines: 6_000,
        payments: 3_000,
        ..CityOptions::default()
    })
}

#[test]
fn the_same_seed_is_the_same_city_and_another_is_not() {
    let (one, two) = (small(), small());
    assert_eq!(format!("{:?}", one.payments), format!("{:?}", two.payments));
    let other = City::new(CityOptions { seed: 1, ..one.options });
    assert_ne!(format!("{:?}", one.contracts), format!("{:?}", other.contracts));
}

#[test]
fn money_adds_up_from_budget_to_payment() {
    let city = small();
    for package in &city.packages {
        assert_eq!(package.pagu, package.parts.iter().map(|part| part.amount).sum());
        for part in &package.parts {
            assert!(part.amount <= city.lines[part.line].amount);
            assert_eq!(part.budgeted, part.mak == city.mak(&city.lines[part.line]));
            assert_eq!(city.subs[city.lines[part.line].sub].unit, package.unit);
        }
        assert_eq!(city.officers[package.officer].unit, package.unit);
    }
    for payment in &city.payments {
        if !payment.items.is_empty() {
            assert_eq!(payment.amount, payment.items.iter().map(|(_, amount)| *amount).sum());
        }
        if let (Some(contract), Some(bill)) = (payment.contract, payment.bill) {
            assert_eq!(payment.amount, city.contracts[contract].bills[bill].amount);
        }
    }
    for contract in &city.contracts {
        let billed: Money = contract.bills.iter().map(|bill| bill.amount).sum();
        assert!(billed <= contract.value, "{}", contract.number);
        assert!(contract.value <= city.packages[contract.package].pagu);
    }
}

#[test]
fn codes_name_one_thing() {
    let city = small();
    let once = |codes: Vec<String>| assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    once(city.units.iter().map(|unit| unit.code.clone()).collect());
    once(city.subs.iter().map(|sub| sub.code.clone()).collect());
    once(city.accounts.iter().map(|account| account.code.clone()).collect());
    once(city.contracts.iter().map(|contract| contract.number.clone()).collect());
    once(city.suppliers.iter().map(|supplier| supplier.id.to_string()).collect());
    assert!(city.units.iter().all(|unit| unit.code.len() == 22));
}

#[test]
fn every_kind_of_process_occurs() {
    let city = small();
    let count = |is: fn(&Process) -> bool| city.packages.iter().filter(|package| is(&package.process)).count();
    assert!(count(|process| matches!(process, Process::Tender { .. })) > 5);
    assert!(count(|process| matches!(process, Process::Direct { .. })) > 100);
    assert!(count(|process| matches!(process, Process::Orders(_))) > 20);
    assert!(count(|process| matches!(process, Process::Recorded(_))) > 20);
    assert!(
        city.packages
            .iter()
            .any(|package| package.parts.iter().any(|part| !part.budgeted))
    );
    assert!(
        city.payments
            .iter()
            .any(|payment| payment.contract.is_some() && !payment.names_contract)
    );
}

#[test]
fn amounts_are_written_without_loss() {
    assert_eq!(Money::parts(12_345_600).text(), "1234.56");
    assert_eq!(Money::parts(-10_001).text(), "-1.0001");
    assert_eq!(Money::rupiah(916_494_560_975).text(), "916494560975");
}
