//! The catalogue in DCAT 3 (JSON-LD), for harvesting by data portals.

use super::catalogue::description;
use super::entry::{Behind, Entry};
use super::facts::Facts;
use connector_sdk::Text;
use serde_json::{Value, json};

const RIGHTS: &str = "http://publications.europa.eu/resource/authority/access-right/";

/// `/katalog/dcat.jsonld`
pub(super) fn document(entries: &[Entry<'_>], facts: &Facts) -> Value {
    let base = facts.base.as_deref().unwrap_or_default().trim_end_matches('/');
    let publisher = json!({"@type": "foaf:Organization", "foaf:name": facts.organiser, "dct:identifier": facts.code});
    let contact = facts.contact.as_ref().map(|contact| {
        let key = if contact.contains("://") {
            "vcard:hasURL"
        } else {
            "vcard:hasEmail"
        };
        json!({"@type": "vcard:Organization", "vcard:fn": facts.organiser, key: contact})
    });
    let one = |entry: &Entry<'_>| {
        let (kind, mut more) = match entry.behind {
            Behind::Operation(_) => (
                "dcat:DataService",
                json!({"dcat:endpointURL": format!("{base}{}", entry.path)}),
            ),
            Behind::Copy(_) | Behind::Chain(_) => (
                "dcat:Dataset",
                json!({"dcat:distribution": {
                    "@type": "dcat:Distribution", "dcat:accessURL": format!("{base}{}", entry.path),
                    "dct:format": "application/json",
                }}),
            ),
        };
        let right = if entry.open { "PUBLIC" } else { "RESTRICTED" };
        let common = json!({
            "@id": format!("{base}/katalog/{}", entry.id),
            "@type": kind,
            "dct:identifier": entry.id,
            "dct:title": both(&entry.summary),
            "dct:description": both(&description(entry)),
            "dct:creator": {"@type": "foaf:Organization", "foaf:name": entry.owner()},
            "dct:publisher": publisher,
            "dct:accessRights": {"@id": format!("{RIGHTS}{right}")},
            "dcat:contactPoint": contact,
            "dcat:endpointDescription": {"@id": format!("{base}/openapi.json")},
        });
        if let (Value::Object(more), Value::Object(common)) = (&mut more, common) {
            more.extend(common);
        }
        more
    };
    let is_service = |entry: &&Entry<'_>| matches!(entry.behind, Behind::Operation(_));
    json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/", "vcard": "http://www.w3.org/2006/vcard/ns#",
        },
        "@id": format!("{base}/katalog"),
        "@type": "dcat:Catalog",
        "dct:title": [{"@language": "id", "@value": format!("Katalog layanan {}", facts.organiser)}],
        "dct:publisher": publisher,
        "dcat:service": entries.iter().filter(is_service).map(one).collect::<Vec<_>>(),
        "dcat:dataset": entries.iter().filter(|entry| !is_service(entry)).map(one).collect::<Vec<_>>(),
    })
}

fn both(text: &Text) -> Value {
    json!([{"@language": "id", "@value": text.id}, {"@language": "en", "@value": text.en}])
}
