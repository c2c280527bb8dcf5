//! The simulated neighbours of one test, with the passwords they are known to have.
//!
//! They run in the test's own process: whatever happens to the gateway, what they stored and counted stays.

use simulators::bsre::{self, Bsre, BsreOptions};
use simulators::city::CityOptions;
use simulators::eoffice::{self, Eoffice, EofficeOptions};
use simulators::example::{self, ExampleOptions, Library};
use simulators::laksa::{self, Laksa, LaksaOptions};
use simulators::lapor::{self, Lapor, LaporOptions};
use simulators::oss::options::CityRule;
use simulators::oss::{self, Oss, OssOptions};
use simulators::sipd::{self, Sipd, SipdOptions};
use simulators::spse::{self, Spse, SpseOptions};
use simulators::srikandi::{self, Srikandi, SrikandiOptions};
use simulators::{Common, Running};
use std::collections::BTreeMap;
use std::io;

/// LAPOR!, LAKSA, OSS and the library, each on a port of its own.
pub struct Neighbours {
    /// SP4N-LAPOR!.
    pub lapor: Running<Lapor>,
    /// LAKSA.
    pub laksa: Running<Laksa>,
    /// OSS RBA.
    pub oss: Running<Oss>,
    /// The example library.
    pub library: Running<Library>,
    /// SRIKANDI.
    pub srikandi: Running<Srikandi>,
    /// BSrE.
    pub bsre: Running<Bsre>,
    /// An agency's e-office.
    pub eoffice: Running<Eoffice>,
    /// LKPP's procurement data.
    pub spse: Running<Spse>,
    /// SIPD; it shows the same city as LKPP.
    pub sipd: Running<Sipd>,
}

impl Neighbours {
    /// Starts all of them.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(Common::default()).await
    }

    /// Starts all of them with a clock of their own.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub async fn start_with(common: Common) -> io::Result<Self> {
        Self::start_all(common, CityRule::default(), city(60)).await
    }

    /// Starts all of them, OSS with a city of a given size.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub async fn start_in(common: Common, companies: CityRule) -> io::Result<Self> {
        Self::start_all(common, companies, city(60)).await
    }

    /// Starts all of them with the city that procurement and finance show.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub async fn start_city(common: Common, city: CityOptions) -> io::Result<Self> {
        Self::start_all(common, CityRule::default(), city).await
    }

    async fn start_all(common: Common, companies: CityRule, city: CityOptions) -> io::Result<Self> {
        let spse = SpseOptions {
            common: common.clone(),
            city: city.clone(),
            ..SpseOptions::default()
        };
        let sipd = SipdOptions {
            common: common.clone(),
            city,
            // The gateway holds the token against the real time, which some tests move on.
            token_from: Some(today().as_second()),
            token_life: 365 * 24 * 3600,
            ..SipdOptions::default()
        };
        let lapor = LaporOptions {
            common: common.clone(),
            ..LaporOptions::default()
        };
        let laksa = LaksaOptions {
            common: common.clone(),
            ..LaksaOptions::default()
        };
        let oss = OssOptions {
            common: Common {
                // Push tokens name the day, so this one goes with the real time.
                start: today(),
                ..common.clone()
            },
            city: companies,
            ..OssOptions::default()
        };
        let srikandi = SrikandiOptions {
            common: common.clone(),
            ..SrikandiOptions::default()
        };
        let bsre = BsreOptions {
            common: common.clone(),
            ..BsreOptions::default()
        };
        let agency = EofficeOptions {
            common: common.clone(),
            ..EofficeOptions::default()
        };
        let library = ExampleOptions {
            common,
            ..ExampleOptions::default()
        };
        Ok(Self {
            lapor: lapor::start(lapor).await?,
            laksa: laksa::start(laksa).await?,
            oss: oss::start(oss).await?,
            library: example::start(library).await?,
            srikandi: srikandi::start(srikandi).await?,
            bsre: bsre::start(bsre).await?,
            eoffice: eoffice::start(agency).await?,
            spse: spse::start(spse).await?,
            sipd: sipd::start(sipd).await?,
        })
    }

    /// The base URL of the simulator that plays a system of the sandbox.
    #[must_use]
    pub fn url(&self, system: &str, connector: &str) -> Option<String> {
        match connector {
            // Another dialect of the same connector.
            "srikandi" if system == "eoffice-contoh" => Some(self.eoffice.base_url()),
            "lapor" => Some(self.lapor.base_url()),
            "laksa" => Some(self.laksa.base_url()),
            "oss" => Some(self.oss.base_url()),
            "perpustakaan" => Some(self.library.base_url()),
            "srikandi" => Some(self.srikandi.base_url()),
            "bsre" => Some(self.bsre.base_url()),
            "spse" => Some(format!("{}/api", self.spse.base_url())),
            "sipd" => Some(self.sipd.base_url()),
            _ => None,
        }
    }

    /// Addresses for the `sim` steps of stories.
    #[must_use]
    pub fn addresses(&self) -> BTreeMap<String, String> {
        [
            ("lapor", self.lapor.addr()),
            ("laksa", self.laksa.addr()),
            ("oss", self.oss.addr()),
            ("perpustakaan", self.library.addr()),
            ("srikandi", self.srikandi.addr()),
            ("bsre", self.bsre.addr()),
            ("eoffice", self.eoffice.addr()),
            ("spse", self.spse.addr()),
            ("sipd", self.sipd.addr()),
        ]
        .map(|(name, addr)| (name.to_owned(), format!("http://{addr}")))
        .into()
    }

    /// What `config/sandbox` names in the environment.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, String)> {
        let (bearer, token) = self
            .lapor
            .with(|lapor| (lapor.options.bearer.clone(), lapor.options.token.clone()));
        let (user_key, push) = self
            .oss
            .with(|oss| (oss.options.user_key.clone(), oss.options.push.token.password.clone()));
        [
            ("SIMPUL_SANDBOX_OSS_KUNCI", user_key),
            ("SIMPUL_SANDBOX_OSS_SANDI_PUSH", push),
            (
                "SIMPUL_SANDBOX_SIPD_TOKEN",
                self.sipd.with(|sipd| sipd.token().to_owned()),
            ),
            (
                "SIMPUL_SANDBOX_SIPD_KUNCI",
                self.sipd.with(|sipd| sipd.options.api_key.clone()),
            ),
            (
                "SIMPUL_SANDBOX_SIPD_RENCANA",
                self.sipd.with(|sipd| sipd.options.push_key.clone()),
            ),
            (
                "SIMPUL_SANDBOX_LKPP_TOKEN",
                self.spse.with(|spse| spse.options.token.clone()),
            ),
            ("SIMPUL_SANDBOX_LAPOR_BEARER", bearer),
            ("SIMPUL_SANDBOX_LAPOR_TOKEN", token),
            (
                "SIMPUL_SANDBOX_LAKSA_SANDI",
                self.laksa.with(|laksa| laksa.options.password.clone()),
            ),
            (
                "SIMPUL_SANDBOX_PERPUSTAKAAN_KUNCI",
                self.library.with(|library| library.options.api_key.clone()),
            ),
            (
                "SIMPUL_SANDBOX_SRIKANDI_TOKEN",
                self.srikandi.with(|srikandi| srikandi.options.token.clone()),
            ),
            (
                "SIMPUL_SANDBOX_SRIKANDI_KUNCI",
                self.srikandi.with(|srikandi| srikandi.options.signing.key.clone()),
            ),
            (
                "SIMPUL_SANDBOX_EOFFICE_KUNCI",
                self.eoffice.with(|eoffice| eoffice.options.api_key.clone()),
            ),
            (
                "SIMPUL_SANDBOX_BSRE_SANDI",
                self.bsre.with(|bsre| bsre.options.user.1.clone()),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Tells OSS where the city takes its pushes.
    pub fn push_to(&self, gateway: &str) {
        let pusher = self.oss.with(|oss| oss.pusher());
        pusher.rule().target = Some(format!("{gateway}/masuk/oss"));
    }

    /// Every request that reached any of them, word for word.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        let all = [
            self.lapor.requests(),
            self.laksa.requests(),
            self.oss.requests(),
            self.library.requests(),
            self.srikandi.requests(),
            self.bsre.requests(),
            self.eoffice.requests(),
            self.spse.requests(),
            self.sipd.requests(),
        ];
        all.iter().flatten().map(|request| request.raw()).collect()
    }
}

/// The invented city of 2026 with so many packages, twice the budget lines and as many payments.
#[must_use]
pub fn city(packages: usize) -> CityOptions {
    CityOptions {
        packages,
        budget_lines: packages * 2,
        payments: packages,
        ..CityOptions::default()
    }
}

#[expect(clippy::disallowed_methods, reason = "a simulator that keeps the real time")]
fn today() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
