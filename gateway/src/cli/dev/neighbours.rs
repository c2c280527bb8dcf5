//! The simulators of the sandbox, on a runtime of their own, and the passwords they are known to have.

use crate::config::{Given, Machine};
use jiff::Timestamp;
use serde_json::{Value, json};
use simulators::city::CityOptions;
use simulators::{Common, Running, angkut, bsre, eoffice, example, laksa, lapor, oss, sipd, spse, srikandi};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use tokio::runtime::{self, Runtime};

/// Ports of `simpul-sim`; another one is taken when they are in use.
const PORTS: [u16; 10] = [9100, 9101, 9102, 9103, 9104, 9105, 9107, 9108, 9109, 9110];
/// Packages in the plan of the city that LKPP and SIPD show: enough to look at, soon pulled.
const PACKAGES: usize = 3_000;

/// All of them. They go down when this is dropped.
pub(super) struct Neighbours {
    library: Running<example::Library>,
    lapor: Running<lapor::Lapor>,
    laksa: Running<laksa::Laksa>,
    srikandi: Running<srikandi::Srikandi>,
    bsre: Running<bsre::Bsre>,
    oss: Running<oss::Oss>,
    spse: Running<spse::Spse>,
    sipd: Running<sipd::Sipd>,
    waste: Running<angkut::Waste>,
    eoffice: Running<eoffice::Eoffice>,
    /// Dropped last: the servers run on it.
    _runtime: Runtime,
}

impl Neighbours {
    /// Starts them with their clocks at `now`. A port that was free a moment ago may be taken by a sandbox that starts
    /// beside this one, so they are chosen anew then.
    pub(super) fn start(now: Timestamp) -> io::Result<Self> {
        for _ in 0..3 {
            match Self::start_once(now) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                other => return other,
            }
        }
        Self::start_once(now)
    }

    fn start_once(now: Timestamp) -> io::Result<Self> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("simulator")
            .enable_all()
            .build()?;
        let [
            library,
            lapor,
            laksa,
            oss,
            letters,
            signatures,
            procurement,
            finance,
            waste,
            agency,
        ] = PORTS.map(|port| Common {
            addr: address(port),
            start: now,
            speed: 1.0,
        });
        let (library, lapor, laksa, oss, srikandi, bsre, spse, sipd, waste, eoffice) = runtime.block_on(async {
            let library = example::ExampleOptions {
                common: library,
                ..Default::default()
            };
            let lapor = lapor::LaporOptions {
                common: lapor,
                ..Default::default()
            };
            let laksa = laksa::LaksaOptions {
                common: laksa,
                ..Default::default()
            };
            let oss = oss::OssOptions {
                common: oss,
                ..Default::default()
            };
            let letters = srikandi::SrikandiOptions {
                common: letters,
                ..Default::default()
            };
            let signatures = bsre::BsreOptions {
                common: signatures,
                ..Default::default()
            };
            let mut procurement = spse::SpseOptions {
                common: procurement,
                ..Default::default()
            };
            procurement.city = CityOptions::of_year(jiff::tz::Offset::constant(7).to_datetime(now).year());
            procurement.city.packages = PACKAGES;
            procurement.city.budget_lines = PACKAGES * 2;
            procurement.city.payments = PACKAGES;
            // The same city on both sides, so that a package can be followed from budget to payment.
            let finance = sipd::SipdOptions {
                common: finance,
                city: procurement.city.clone(),
                ..Default::default()
            };
            let waste = angkut::WasteOptions {
                common: waste,
                ..Default::default()
            };
            let agency = eoffice::EofficeOptions {
                common: agency,
                ..Default::default()
            };
            Ok::<_, io::Error>((
                example::start(library).await?,
                lapor::start(lapor).await?,
                laksa::start(laksa).await?,
                oss::start(oss).await?,
                srikandi::start(letters).await?,
                bsre::start(signatures).await?,
                spse::start(procurement).await?,
                sipd::start(finance).await?,
                angkut::start(waste).await?,
                eoffice::start(agency).await?,
            ))
        })?;
        Ok(Self {
            library,
            lapor,
            laksa,
            oss,
            srikandi,
            bsre,
            spse,
            sipd,
            waste,
            eoffice,
            _runtime: runtime,
        })
    }

    /// Base URL of the simulator that plays a system of the sandbox.
    pub(super) fn url(&self, system: &str, connector: &str) -> Option<String> {
        match connector {
            // Another dialect of the same connector.
            "srikandi" if system == "eoffice-contoh" => Some(self.eoffice.base_url()),
            "perpustakaan" => Some(self.library.base_url()),
            "lapor" => Some(self.lapor.base_url()),
            "laksa" => Some(self.laksa.base_url()),
            "srikandi" => Some(self.srikandi.base_url()),
            "bsre" => Some(self.bsre.base_url()),
            "oss" => Some(self.oss.base_url()),
            "spse" => Some(format!("{}/api", self.spse.base_url())),
            "sipd" => Some(self.sipd.base_url()),
            _ => None,
        }
    }

    /// Where the library is, for a system that stands at its usual address: a connector that was begun as a copy.
    pub(super) fn library_instead_of(&self, usual: &str) -> Option<String> {
        let asked = usual.strip_prefix("http://127.0.0.1:")?;
        let port = PORTS.first()?.to_string();
        (asked.trim_end_matches('/') == port).then(|| self.library.base_url())
    }

    /// The year that procurement and finance play.
    pub(super) fn year(&self) -> i16 {
        self.sipd.with(|system| system.options.city.year)
    }

    /// Control API of LAPOR!.
    pub(super) fn lapor_control(&self) -> String {
        self.lapor.control_url()
    }

    /// Control API of OSS.
    pub(super) fn oss_control(&self) -> String {
        self.oss.control_url()
    }

    /// Tells OSS where the city takes its pushes.
    pub(super) fn push_to(&self, gateway: SocketAddr) {
        let pusher = self.oss.with(|system| system.pusher());
        pusher.rule().target = Some(format!("http://{gateway}/masuk/oss"));
        self.waste
            .with(|system| system.options.target = Some(format!("http://{gateway}/masuk/angkut/terangkut")));
    }

    /// Host and port of the system that no configuration knows; a manifest may name it.
    pub(super) fn unregistered(&self) -> String {
        self.waste.addr().to_string()
    }

    /// All base URLs.
    pub(super) fn urls(&self) -> Value {
        json!({
            "lapor": self.lapor.base_url(), "laksa": self.laksa.base_url(), "perpustakaan": self.library.base_url(),
            "srikandi": self.srikandi.base_url(), "bsre": self.bsre.base_url(),
            "oss": self.oss.base_url(), "spse": self.spse.base_url(), "sipd": self.sipd.base_url(),
            "angkut": self.waste.base_url(), "eoffice": self.eoffice.base_url(),
        })
    }

    /// Passwords as the simulators were started with, under the names of config/sandbox; others from this machine.
    pub(super) fn vault(&self) -> Given<Machine> {
        let library = self.library.with(|system| system.options.api_key.clone());
        let (bearer, token) = self
            .lapor
            .with(|system| (system.options.bearer.clone(), system.options.token.clone()));
        let laksa = self.laksa.with(|system| system.options.password.clone());
        let (letters, call_back) = self
            .srikandi
            .with(|system| (system.options.token.clone(), system.options.signing.key.clone()));
        let agency = self.eoffice.with(|system| system.options.api_key.clone());
        let signatures = self.bsre.with(|system| system.options.user.1.clone());
        let (user_key, push) = self.oss.with(|system| {
            (
                system.options.user_key.clone(),
                system.options.push.token.password.clone(),
            )
        });
        let procurement = self.spse.with(|system| system.options.token.clone());
        let (finance, finance_key, plans_key) = self.sipd.with(|system| {
            (
                system.token().to_owned(),
                system.options.api_key.clone(),
                system.options.push_key.clone(),
            )
        });
        let (waste, waste_push) = self
            .waste
            .with(|system| (system.options.api_key.clone(), system.options.push_key.clone()));
        let known = [
            ("SIMPUL_RAHASIA_ANGKUT_KUNCI_API", waste.as_str()),
            ("SIMPUL_RAHASIA_ANGKUT_KUNCI_KIRIMAN", waste_push.as_str()),
            ("SIMPUL_SANDBOX_SIPD_TOKEN", finance.as_str()),
            ("SIMPUL_SANDBOX_SIPD_KUNCI", finance_key.as_str()),
            ("SIMPUL_SANDBOX_SIPD_RENCANA", plans_key.as_str()),
            ("SIMPUL_SANDBOX_LKPP_TOKEN", procurement.as_str()),
            ("SIMPUL_SANDBOX_OSS_KUNCI", user_key.as_str()),
            ("SIMPUL_SANDBOX_OSS_SANDI_PUSH", push.as_str()),
            ("SIMPUL_SANDBOX_PERPUSTAKAAN_KUNCI", library.as_str()),
            ("SIMPUL_SANDBOX_LAPOR_BEARER", bearer.as_str()),
            ("SIMPUL_SANDBOX_LAPOR_TOKEN", token.as_str()),
            ("SIMPUL_SANDBOX_LAKSA_SANDI", laksa.as_str()),
            ("SIMPUL_SANDBOX_SRIKANDI_TOKEN", letters.as_str()),
            ("SIMPUL_SANDBOX_SRIKANDI_KUNCI", call_back.as_str()),
            ("SIMPUL_SANDBOX_EOFFICE_KUNCI", agency.as_str()),
            ("SIMPUL_SANDBOX_BSRE_SANDI", signatures.as_str()),
        ];
        Given::new(known, Machine)
    }
}

/// The wanted port on this machine, or any free one when it is taken.
pub(super) fn address(port: u16) -> SocketAddr {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let free = TcpListener::bind(wanted).is_ok();
    if free {
        wanted
    } else {
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
    }
}
