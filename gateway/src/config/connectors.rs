//! The connectors this program has. A new compiled connector is one line here.

use connector_sdk::Factory;

/// All of them.
pub const CONNECTORS: &[Factory] = &[
    connector_bsre::FACTORY,
    connector_example::FACTORY,
    connector_laksa::FACTORY,
    connector_lapor::FACTORY,
    connector_sipd::FACTORY,
    connector_spse::FACTORY,
    connector_oss::FACTORY,
    connector_srikandi::FACTORY,
];
