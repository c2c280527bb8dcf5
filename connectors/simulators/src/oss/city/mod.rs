//! An invented city's year of business licensing, repeatable by seed and made on demand: nothing of it is stored.
//!
//! Every id carries the number of its company, so any of them leads back to the company without an index. NIBs begin
//! with 0999 or 9999, person ids end in 0000, mail goes to `contoh.invalid`.

pub(crate) mod document;
mod finish;
mod journey;
pub(crate) mod others;
mod people;

pub use journey::Step;
pub use people::Person;

use super::codes::{LICENCES, Licence};
use super::days::{self, DAY};
use super::options::CityRule;
use crate::frame::clock;

const PERMITS_PER_COMPANY: u32 = 16;
const PROJECTS_PER_COMPANY: u32 = 4;

/// The city of a seed.
#[derive(Debug, Clone)]
pub struct City {
    rule: CityRule,
    start: i64,
}

/// One company with its projects and applications.
#[derive(Debug, Clone)]
pub struct Company {
    /// Its number, from 1.
    pub index: u32,
    /// 13 digits.
    pub nib: String,
    /// `P-…`
    pub oss_id: String,
    /// Tax number, 15 digits.
    pub npwp: String,
    /// Name.
    pub name: String,
    /// Legal form (list 2).
    pub form: &'static str,
    /// Scale (list 31).
    pub scale: &'static str,
    /// Village code.
    pub village: String,
    /// Street and number.
    pub street: String,
    /// When it registered.
    pub filed: i64,
    /// Rupiah of investment.
    pub investment: i64,
    /// Capital from abroad.
    pub foreign: bool,
    /// Who filed and is responsible.
    pub person: Person,
    /// Projects.
    pub projects: Vec<Project>,
}

/// One business activity.
#[derive(Debug, Clone)]
pub struct Project {
    /// `R-…`
    pub id: String,
    pub(crate) trade: &'static Licence,
    /// Applications that belong to it.
    pub permits: Vec<Permit>,
}

/// One row of a checklist.
#[derive(Debug, Clone)]
pub struct Permit {
    /// `I-…`
    pub id: String,
    pub(crate) licence: &'static Licence,
    /// Who decides: `00` central, `01` province, `02` city.
    pub authority: &'static str,
    /// List 28.
    pub flag: &'static str,
}

impl Permit {
    /// Licence code.
    pub fn code(&self) -> &'static str {
        self.licence.code
    }

    /// Whether the city has to decide it.
    pub fn for_the_city(&self) -> bool {
        self.flag == "Y" && self.authority == "02"
    }
}

impl Company {
    /// Its applications, each with its project.
    pub fn permits(&self) -> impl Iterator<Item = (&Project, &Permit)> {
        let pairs = |project| move |permit| (project, permit);
        self.projects
            .iter()
            .flat_map(move |project| project.permits.iter().map(pairs(project)))
    }

    /// Whether it is a franchise.
    pub fn franchise(&self) -> bool {
        self.index % 50 == 7
    }
}

impl City {
    /// The city of a rule; `start` is the first second of its year when the rule names none.
    pub fn new(rule: CityRule, start: i64) -> Self {
        let start = rule.start.unwrap_or(start);
        Self { rule, start }
    }

    /// How many companies register.
    pub fn companies(&self) -> u32 {
        self.rule.companies
    }

    /// Region code.
    pub fn region(&self) -> &str {
        &self.rule.region
    }

    /// The company of a number from 1.
    pub fn company(&self, index: u32) -> Option<Company> {
        if index == 0 || index > self.rule.companies {
            return None;
        }
        let mut rng = fastrand::Rng::with_seed(self.rule.seed.wrapping_mul(0x9e37_79b9).wrapping_add(u64::from(index)));
        let filed = self.filed(index, &mut rng);
        let stamp = clock::jakarta(days::instant(filed), "%Y%m%d%H%M%S");
        let person = Person::invent(&mut rng, &self.rule.region, filed);
        let (form, prefix) = FORMS[rng.usize(..FORMS.len())];
        let name = company_name(&mut rng, prefix, index, &person);
        let scale = ["01", "01", "01", "02", "03", "04"][rng.usize(..6)];
        let projects = (0..1 + u32::from(rng.u8(..4) == 0))
            .map(|number| project(&mut rng, &stamp, index, number))
            .collect();
        Some(Company {
            index,
            nib: nib(index),
            oss_id: format!("P-{stamp}{index:07}"),
            npwp: format!("01{index:07}402000"),
            name,
            form,
            scale,
            village: format!("{}{:02}1{:03}", &self.rule.region[..4], rng.u8(1..=13), rng.u8(1..=8)),
            street: format!(
                "Jl. Contoh {} No. {}",
                STREETS[rng.usize(..STREETS.len())],
                rng.u8(1..200)
            ),
            filed,
            investment: rng.i64(5..=40_000) * 1_000_000,
            foreign: index.is_multiple_of(53),
            person,
            projects,
        })
    }

    /// The company with a NIB.
    pub fn by_nib(&self, wanted: &str) -> Option<Company> {
        let index = wanted.get(4..)?.parse().ok()?;
        self.company(index).filter(|company| company.nib == wanted)
    }

    /// The company with an OSS id.
    pub fn by_oss_id(&self, wanted: &str) -> Option<Company> {
        let index = wanted.get(16..)?.parse().ok()?;
        self.company(index).filter(|company| company.oss_id == wanted)
    }

    /// The company with a tax number of 15 or 16 digits.
    pub fn by_npwp(&self, wanted: &str) -> Option<Company> {
        let short = if wanted.len() == 16 { wanted.get(1..)? } else { wanted };
        let index = short.get(2..9)?.parse().ok()?;
        self.company(index).filter(|company| company.npwp == short)
    }

    /// The company an application belongs to.
    pub fn by_permit(&self, id_izin: &str) -> Option<Company> {
        let number: u32 = id_izin.get(16..)?.parse().ok()?;
        let company = self.company(number / PERMITS_PER_COMPANY)?;
        let known = company.permits().any(|(_, permit)| permit.id == id_izin);
        known.then_some(company)
    }

    /// Spread evenly over the year, at any time from 07:00 to midnight.
    fn filed(&self, index: u32, rng: &mut fastrand::Rng) -> i64 {
        let day = i64::from(index - 1) * i64::from(self.rule.days) / i64::from(self.rule.companies.max(1));
        let first = self.start - (self.start + 7 * 3600).rem_euclid(DAY);
        first + day * DAY + rng.i64(7 * 3600..DAY)
    }
}

/// The NIB of a company by number; every third begins with a nine.
pub fn nib(index: u32) -> String {
    let prefix = if index.is_multiple_of(3) { "9999" } else { "0999" };
    format!("{prefix}{index:09}")
}

fn project(rng: &mut fastrand::Rng, stamp: &str, index: u32, number: u32) -> Project {
    let trade = &LICENCES[rng.usize(..LICENCES.len())];
    let mut permits = Vec::new();
    let mut add = |licence: &'static Licence, authority, flag| {
        let serial = index * PERMITS_PER_COMPANY + number * 4 + permits.len() as u32;
        permits.push(Permit {
            id: format!("I-{stamp}{serial:07}"),
            licence,
            authority,
            flag,
        });
    };
    match trade.risk {
        "R" => add(trade, "00", "O"),
        _ => add(trade, if rng.u8(..12) == 0 { "01" } else { "02" }, "Y"),
    }
    if rng.u8(..5) == 0 {
        add(&LICENCES[10], "02", "Y");
    }
    if rng.u8(..6) == 0 {
        add(&LICENCES[8], "00", ["Y", "N", "T"][rng.usize(..3)]);
    }
    Project {
        id: format!("R-{stamp}{:07}", index * PROJECTS_PER_COMPANY + number),
        trade,
        permits,
    }
}

const FORMS: [(&str, &str); 6] = [
    ("17", ""),
    ("17", ""),
    ("01", "PT CONTOH "),
    ("02", "CV CONTOH "),
    ("26", "PT CONTOH "),
    ("07", "KOPERASI CONTOH "),
];

const STREETS: [&str; 6] = ["Raya", "Cisadane", "Benteng", "Pasar Baru", "Melati", "Kali Angke"];

const WORDS: [&str; 10] = [
    "CISADANE",
    "BENTENG",
    "MAKMUR",
    "SENTOSA",
    "MELATI",
    "SEJAHTERA",
    "BERKAH",
    "MANDIRI",
    "NUSA",
    "LESTARI",
];

fn company_name(rng: &mut fastrand::Rng, prefix: &str, index: u32, person: &Person) -> String {
    if prefix.is_empty() {
        return person.name.clone();
    }
    let mut word = || WORDS[rng.usize(..WORDS.len())];
    format!("{prefix}{} {} {index}", word(), word())
}
