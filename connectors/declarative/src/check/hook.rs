//! What a push must say before it may stand: how its sender proves itself, what names it, what it is about. A draft from an
//! OpenAPI document says none of it, so each complaint shows what to write.

use super::Check;
use crate::flaw::Flaw;
use crate::manifest::HookText;

impl Check<'_> {
    pub(super) fn hook(&mut self, hook: &HookText, key: &str) {
        let data = self.schema(&hook.skema, &format!("{key}.skema"));
        self.rules(&hook.terjemah, &format!("{key}.terjemah"), None, data.as_ref());
        let mut say = |name: &str, what: (&str, &str), advice: (&str, &str)| {
            self.flaws.push(Flaw::new(format!("{key}.{name}"), what, advice));
        };
        let rule = &hook.tanda_tangan;
        if rule.is_none() {
            say(
                "tanda_tangan",
                (
                    "kiriman tanpa aturan tanda tangan tidak dapat dibuktikan",
                    "a push without a signature rule cannot be proved",
                ),
                (
                    "tulis misalnya tanda_tangan: {kepala: X-Tanda, awalan: sha256=, bentuk: hex, rahasia: kunci_kiriman}",
                    "write for instance tanda_tangan: {kepala: X-Signature, awalan: sha256=, bentuk: hex, rahasia: push_key}",
                ),
            );
        } else if let Some(wrong) = [Some(&rule.kepala), rule.kepala_waktu.as_ref()]
            .into_iter()
            .flatten()
            .find(|name| name.parse::<http::HeaderName>().is_err())
        {
            say(
                "tanda_tangan",
                (
                    &format!("`{wrong}` bukan nama header"),
                    &format!("`{wrong}` is not the name of a header"),
                ),
                ("pakai huruf, angka dan -", "use letters, digits and -"),
            );
        }
        if hook.id_peristiwa.is_empty() {
            say(
                "id_peristiwa",
                ("kiriman tanpa nama", "a push without a name"),
                (
                    "sebutkan bidang yang membedakan kiriman, misalnya id_peristiwa: [/id_kabar]",
                    "name the fields that tell pushes apart, for instance id_peristiwa: [/id_kabar]",
                ),
            );
        }
        for pointer in &hook.pokok {
            let known = data.as_ref().is_none_or(|data| {
                let name = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
                data.fields().contains(&name)
            });
            if !known {
                self.flaws.push(Flaw::new(
                    format!("{key}.pokok"),
                    (
                        format!("`{pointer}` tidak ada di skema peristiwa"),
                        format!("the schema of the event has no `{pointer}`"),
                    ),
                    (
                        "sebutkan bidang peristiwa yang menjadi pokoknya",
                        "name the field of the event that it is about",
                    ),
                ));
            }
        }
    }
}
