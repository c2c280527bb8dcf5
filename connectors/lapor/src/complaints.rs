//! Collects everything in an input that cannot be expressed, so that a caller hears of all of it at once; and turns
//! institution codes into native ids.

use crate::settings::Setup;
use connector_sdk::{Call, Complaint, Fault, Text};
use serde_json::Value;

/// Complaints so far.
#[derive(Debug, Default)]
pub(crate) struct Wrong(Vec<Complaint>);

impl Wrong {
    /// One complaint.
    pub(crate) fn add(&mut self, pointer: &str, id: &'static str, en: &'static str) {
        self.0.push(Complaint {
            pointer: pointer.to_owned(),
            text: Text::new(id, en),
        });
    }

    /// A code without a native counterpart.
    pub(crate) fn unmapped(&mut self, pointer: &str) {
        self.add(
            pointer,
            "Kode ini belum dipetakan ke SP4N-LAPOR!. Pilih kode lain atau hubungi pengelola gateway.",
            "This code has no counterpart in SP4N-LAPOR!. Choose another or ask the gateway's operator.",
        );
    }

    /// A text over the native limit.
    pub(crate) fn too_long(&mut self, pointer: &str, room: usize) {
        self.0.push(Complaint {
            pointer: pointer.to_owned(),
            text: Text::owned(
                format!("Terlalu panjang untuk SP4N-LAPOR!; paling banyak {room} karakter."),
                format!("Too long for SP4N-LAPOR!; at most {room} characters."),
            ),
        });
    }

    /// A fault when there is any complaint.
    pub(crate) fn done(self) -> Result<(), Fault> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Fault::invalid(self.0))
        }
    }
}

/// The native id of an institution code in a field; the city's own when the field is absent.
pub(crate) fn code(setup: &Setup, call: &Call<'_>, input: &Value, field: &str, wrong: &mut Wrong) -> String {
    let Some(code) = input.get(field).and_then(Value::as_str) else {
        return setup.raw.instansi_sendiri.text().to_owned();
    };
    setup.institution(call.lists, code).map_or_else(
        || {
            wrong.unmapped(&format!("/{field}"));
            String::new()
        },
        |id| id.text().to_owned(),
    )
}
