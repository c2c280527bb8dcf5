//! `[[simpan]]`: an operation is in one class at most, and no class keeps nothing.

use super::{Check, CheckedOperation, Known};
use crate::config::raw::RawRetention;
use gateway_core::events::Emit;
use gateway_core::files::UPLOAD;
use gateway_core::retention::Class;
use std::collections::BTreeMap;
use std::time::Duration;

const DAY: u64 = 24 * 3600;

impl Check {
    pub(super) fn retention(
        &mut self,
        raw: &[RawRetention],
        operations: &Known<CheckedOperation>,
        emits: &[Emit],
    ) -> Vec<Class> {
        let mut names = BTreeMap::new();
        let mut taken = BTreeMap::new();
        let mut classes = Vec::new();
        for class in raw {
            if self.id(("kelas simpan", "retention class"), &class.nama, &names) {
                names.insert(class.nama.value.clone(), ());
            }
            if class.operasi.is_empty() {
                self.say(
                    &class.place,
                    ("kelas simpan tanpa `operasi`", "a retention class without `operasi`"),
                    ("sebutkan operasinya", "name its operations"),
                );
            }
            for operation in &class.operasi {
                if operation.value != UPLOAD && !operations.contains_key(&operation.value) {
                    self.say(
                        &operation.place,
                        (
                            format!("operasi `{}` tidak dikenal", operation.value),
                            format!("operation `{}` is not known", operation.value),
                        ),
                        (
                            "tulis id dari [[operasi]] atau [[operasi_dalam]]",
                            "write an id of [[operasi]] or [[operasi_dalam]]",
                        ),
                    );
                } else if let Some(other) = taken.insert(operation.value.clone(), class.nama.value.clone()) {
                    self.say(
                        &operation.place,
                        (
                            format!("operasi `{}` sudah ada di kelas `{other}`", operation.value),
                            format!("operation `{}` is already in class `{other}`", operation.value),
                        ),
                        ("biarkan di satu kelas saja", "leave it in one class only"),
                    );
                }
            }
            let Some(days) = &class.hari else {
                if !class.operasi.is_empty() {
                    self.say(
                        &class.place,
                        ("`hari` tidak ada", "`hari` is missing"),
                        (
                            "tulis berapa hari isi disimpan, misalnya hari = 365",
                            "write for how many days bodies are kept, for example hari = 365",
                        ),
                    );
                }
                continue;
            };
            classes.push(Class {
                name: class.nama.value.clone(),
                operations: class.operasi.iter().map(|operation| operation.value.clone()).collect(),
                events: emits
                    .iter()
                    .filter(|emit| class.operasi.iter().any(|operation| operation.value == emit.operation))
                    .map(|emit| emit.kind.clone())
                    .collect(),
                keep: Duration::from_secs(days.value.saturating_mul(DAY)),
            });
        }
        classes
    }
}
