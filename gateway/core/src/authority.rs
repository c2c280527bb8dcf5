//! Whose authority a record is: a table from a field of the input (a category) to the code of the institution that
//! answers for it. The city's own stay as they are; another institution's get its code; what the table does not know is
//! refused. Called by room 9, so that what was decided is what is validated, stored and sent.

use schemas::Violation;
use serde_json::Value;
use std::collections::BTreeMap;

use crate::source::put;

/// Who answers for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The city; nothing is added.
    City,
    /// This institution.
    Institution(String),
}

/// The table of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Operation.
    pub operation: String,
    /// JSON pointer to what decides.
    pub from: String,
    /// JSON pointer to the code of the institution. A code that the sender gave stands.
    pub to: String,
    /// By value.
    pub owners: BTreeMap<String, Owner>,
}

/// Adds the institution, or says which value nobody answers for.
pub(crate) fn decide(tables: &[Authority], operation: &str, input: &mut Value) -> Result<(), Vec<Violation>> {
    for table in tables.iter().filter(|t| t.operation == operation) {
        if input.pointer(&table.to).is_some_and(|given| !given.is_null()) {
            continue;
        }
        let Some(value) = input.pointer(&table.from).and_then(Value::as_str) else {
            continue;
        };
        match table.owners.get(value) {
            Some(Owner::City) => {}
            Some(Owner::Institution(code)) => put(input, &table.to, Value::String(code.clone())),
            None => return Err(vec![unknown(&table.from)]),
        }
    }
    Ok(())
}

fn unknown(pointer: &str) -> Violation {
    Violation {
        pointer: pointer.to_owned(),
        code: "authority_unknown",
        id: "Belum ditetapkan instansi mana yang berwenang atas nilai ini; hubungi pengelola gateway.".into(),
        en: "No institution is set to answer for this value; ask the gateway's operator.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_citys_own_stay_and_others_get_their_institution() {
        let owners = [
            ("lampu_jalan".to_owned(), Owner::City),
            ("jalan_tol".to_owned(), Owner::Institution("bpjt".to_owned())),
        ];
        let tables = [Authority {
            operation: "pengaduan.kirim".into(),
            from: "/kategori".into(),
            to: "/opd_tujuan".into(),
            owners: owners.into(),
        }];
        let run = |mut input: Value| decide(&tables, "pengaduan.kirim", &mut input).map(|()| input);
        assert_eq!(
            run(json!({"kategori": "lampu_jalan"})),
            Ok(json!({"kategori": "lampu_jalan"}))
        );
        assert_eq!(
            run(json!({"kategori": "jalan_tol"})),
            Ok(json!({"kategori": "jalan_tol", "opd_tujuan": "bpjt"}))
        );
        let given = json!({"kategori": "jalan_tol", "opd_tujuan": "dishub"});
        assert_eq!(run(given.clone()), Ok(given));
        assert_eq!(run(json!({"kategori": "lain"})).unwrap_err()[0].pointer, "/kategori");
        let mut other = json!({"kategori": "lain"});
        assert!(
            decide(&tables, "surat.kirim", &mut other).is_ok(),
            "other operations have no table"
        );
    }
}
