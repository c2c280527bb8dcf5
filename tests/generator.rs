//! What the simulated citizens send is what the gateway takes in: the generator and the canonical schema agree.

use schemas::{CodeLists, Registry};
use simulators::laksa::Generator;

#[test]
fn a_thousand_generated_complaints_are_valid() {
    let registry = Registry::embedded().unwrap();
    let schema = registry.get("urn:simpul:skema:pengaduan:1").unwrap();
    let codes = CodeLists::embedded().unwrap();
    let day = "2026-12-31".parse().unwrap();
    for complaint in Generator::new(2026).take(1000) {
        let input = &complaint.canonical;
        schema.check(input).unwrap_or_else(|wrong| panic!("{wrong:?}\n{input}"));
        let findings = codes.check(schema, input, day);
        assert!(findings.accepted(), "{findings:?}\n{input}");
    }
}
