//! Incoming letters: register, list, look at.

use super::{Plain, input_id, listing, look as one, page_asked, reads, receipt, upload, writes};
use crate::settings::Setup;
use crate::{envelope, letter};
use connector_sdk::{Landed, NativeRequest, Operation, Paging, Text};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Operation>> {
    let send = Plain {
        spec: writes(
            setup,
            "naskah.masuk.kirim",
            Text::new(
                "Meregistrasi satu naskah masuk di SRIKANDI, sekali saja per rujukan.",
                "Registers one incoming letter in SRIKANDI, exactly once per reference.",
            ),
            ("naskah_masuk", "naskah_tanda_terima"),
            "/rujukan",
        ),
        setup: Arc::clone(setup),
        request: |setup, _, input| upload(setup, "daftar", "naskah_masuk", "naskah_masuk", input),
        reply: |setup, input, reply| receipt(setup, input, reply, true),
    };
    let list = Plain {
        spec: connector_sdk::OperationSpec {
            paging: Paging::Number,
            ..reads(
                "naskah.masuk.daftar",
                Text::new("Mendaftar naskah masuk.", "Lists incoming letters."),
                "naskah_daftar_kunci",
                "naskah_daftar",
            )
        },
        setup: Arc::clone(setup),
        request: |setup, _, input| {
            let mut request = listing(setup, "cari", "naskah_masuk", page_asked(input)?);
            if let Some(state) = input.get("status").and_then(Value::as_str) {
                let native = setup.codes("keadaan_penerima").native(state);
                let native = native.ok_or_else(unknown_state)?;
                request = request.query(setup.parameter("status"), native);
            }
            for (ours, usual) in [("dari", "tanggal_dari"), ("sampai", "tanggal_sampai")] {
                let date = input
                    .get(ours)
                    .and_then(Value::as_str)
                    .and_then(|date| setup.clock.native_date(date));
                if let Some(date) = date {
                    request = request.query(setup.parameter(usual), date);
                }
            }
            Ok(request)
        },
        reply: |setup, input, reply| {
            let (rows, next, _) = envelope::page(setup, reply, page_asked(input)?)?;
            let items = rows
                .iter()
                .map(|row| letter::detail(setup, row))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(json!({"butir": items, "halaman_berikut": next.map(|page| page.to_string())}))
        },
    };
    let look = Plain {
        spec: one(
            "naskah.masuk.lihat",
            Text::new(
                "Melihat satu naskah masuk beserta penerima dan keadaannya.",
                "Looks at one incoming letter with its recipients and their state.",
            ),
            "naskah_kunci",
            "naskah_rincian",
        ),
        setup: Arc::clone(setup),
        request: |setup, _, input| {
            Ok(NativeRequest::get(
                "lihat",
                setup.path("naskah_masuk_lihat", Some(input_id(input, "id")?)),
            ))
        },
        reply: |setup, _, reply| letter::detail(setup, &envelope::data(setup, reply, Landed::No)?),
    };
    vec![Box::new(send), Box::new(list), Box::new(look)]
}

fn unknown_state() -> connector_sdk::Fault {
    connector_sdk::Fault::invalid(vec![connector_sdk::Complaint {
        pointer: "/status".to_owned(),
        text: Text::new("Keadaan ini tidak dikenal.", "This state is not known."),
    }])
}
