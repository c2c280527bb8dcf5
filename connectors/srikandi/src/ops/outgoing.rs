//! Outgoing letters: register, submit, check, start the signing, read back the final number and date.

use super::{Plain, input_id, look, receipt, tell, upload, writes};
use crate::settings::Setup;
use crate::{envelope, letter};
use connector_sdk::{Fault, Landed, NativeBody, NativeRequest, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Operation>> {
    let plain = |spec, request, reply| -> Box<dyn Operation> {
        Box::new(Plain {
            spec,
            setup: Arc::clone(setup),
            request,
            reply,
        })
    };
    let step = |id, summary| writes(setup, id, summary, ("naskah_langkah", "naskah_tanda_terima"), "/id");
    vec![
        plain(
            writes(
                setup,
                "naskah.keluar.kirim",
                Text::new(
                    "Mendaftarkan satu naskah keluar; nomornya masih sementara.",
                    "Registers one outgoing letter; its number is provisional.",
                ),
                ("naskah_keluar", "naskah_tanda_terima"),
                "/rujukan",
            ),
            |setup, _, input| upload(setup, "daftar", "naskah_keluar", "naskah_keluar", input),
            |setup, input, reply| receipt(setup, input, reply, true),
        ),
        plain(
            step(
                "naskah.keluar.ajukan",
                Text::new(
                    "Mengajukan naskah kepada pemeriksa.",
                    "Submits a letter to its checkers.",
                ),
            ),
            |setup, _, input| onward(setup, "ajukan", "naskah_keluar_ajukan", input),
            |setup, input, reply| receipt(setup, input, reply, false),
        ),
        plain(
            writes(
                setup,
                "naskah.keluar.verifikasi",
                Text::new(
                    "Menyampaikan keputusan satu pemeriksa: setuju, revisi, atau tolak.",
                    "Delivers the decision of a checker: agree, revise or refuse.",
                ),
                ("naskah_verifikasi", "naskah_tanda_terima"),
                "/id",
            ),
            |setup, _, input| {
                let id = input_id(input, "id")?;
                tell(
                    setup,
                    "verifikasi",
                    ("naskah_keluar_verifikasi", Some(id)),
                    "verifikasi",
                    input,
                )
            },
            |setup, input, reply| receipt(setup, input, reply, false),
        ),
        plain(
            step(
                "naskah.keluar.tandatangan",
                Text::new(
                    "Memulai penandatanganan; kata sandinya diminta SRIKANDI sendiri.",
                    "Starts the signing; SRIKANDI itself asks for the passphrase.",
                ),
            ),
            |setup, _, input| onward(setup, "tandatangan", "naskah_keluar_tandatangan", input),
            |setup, input, reply| receipt(setup, input, reply, false),
        ),
        plain(
            look(
                "naskah.keluar.lihat",
                Text::new(
                    "Melihat satu naskah keluar: keadaan, dan nomor serta tanggal bila sudah final.",
                    "Looks at one outgoing letter: its state, and number and date once final.",
                ),
                "naskah_kunci",
                "naskah_rincian",
            ),
            |setup, _, input| {
                Ok(NativeRequest::get(
                    "lihat",
                    setup.path("naskah_keluar_lihat", Some(input_id(input, "id")?)),
                ))
            },
            |setup, _, reply| letter::detail(setup, &envelope::data(setup, reply, Landed::No)?),
        ),
    ]
}

fn onward(setup: &Setup, step: &'static str, path: &str, input: &Value) -> Result<NativeRequest, Fault> {
    let id = input_id(input, "id")?;
    Ok(NativeRequest::post(
        step,
        setup.path(path, Some(id)),
        NativeBody::Json(json!({})),
    ))
}
