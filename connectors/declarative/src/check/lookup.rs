//! What a look-up must say: which record is ours, and what shows that there is none. `NotLanded` is a promise, so a look-up that
//! cannot make it, or could make it by mistake, is refused here.

use super::Check;
use crate::flaw::Flaw;
use crate::lookup::REFERENCE;
use crate::manifest::{EffectText, LookupText, OperationText};
use crate::shape::Shape;

impl Check<'_> {
    pub(super) fn lookup(
        &mut self,
        operation: &OperationText,
        key: &str,
        input: Option<&Shape>,
        reply: Option<&Shape>,
    ) {
        let sought = operation.akibat == EffectText::TulisDicari;
        let key = format!("{key}.cari");
        let Some(text) = &operation.cari else {
            if sought {
                self.say(
                    &key,
                    ("`tulis_dicari` tanpa `cari`", "`tulis_dicari` without `cari`"),
                    (
                        "tulis cari: {asli, cocok, jawab, tidak_ada}, atau akibat: tulis_sekali",
                        "write cari: {asli, cocok, jawab, tidak_ada}, or akibat: tulis_sekali",
                    ),
                );
            }
            return;
        };
        if !sought {
            self.say(
                &key,
                (
                    "`cari` hanya untuk `tulis_dicari`",
                    "`cari` is for `tulis_dicari` alone",
                ),
                (
                    "tulis akibat: tulis_dicari, atau hapus `cari`",
                    "write akibat: tulis_dicari, or remove `cari`",
                ),
            );
        }
        let native = format!("{key}.asli");
        for (rules, name) in [
            (&text.asli.jalur_isi, "jalur_isi"),
            (&text.asli.kueri, "kueri"),
            (&text.asli.kirim, "kirim"),
        ] {
            self.rules(rules, &format!("{native}.{name}"), input, None);
        }
        let record = text.asli.skema_jawab.as_ref();
        let record = record.and_then(|id| self.schema(id, &format!("{native}.skema_jawab")));
        self.rules(&text.jawab, &format!("{key}.jawab"), record.as_ref(), reply);
        self.request(&text.asli, &native);
        self.matches(text, &key, input);
        let absent = &text.tidak_ada;
        let told = absent.letak.as_ref().is_some_and(|place| pointer(place)) && !absent.nilai.is_empty();
        if !(told || absent.galat && absent.letak.is_none()) {
            self.say(
                &format!("{key}.tidak_ada"),
                (
                    "tidak dikatakan kapan catatan itu pasti tidak ada",
                    "it is not said when the record is certainly not there",
                ),
                (
                    "tulis tidak_ada: {galat: true} (404 atau kode berarti not_found), atau {letak: /jumlah, nilai: [0]}",
                    "write tidak_ada: {galat: true} (404 or a code that means not_found), or {letak: /total, nilai: [0]}",
                ),
            );
        }
    }

    fn matches(&mut self, text: &LookupText, key: &str, input: Option<&Shape>) {
        if text.cocok.is_empty() {
            self.say(
                &format!("{key}.cocok"),
                (
                    "tidak dikatakan catatan mana yang milik tulisan ini",
                    "it is not said which record belongs to this write",
                ),
                (
                    "tulis misalnya cocok: [{asli: /no_ref, masukan: /nomor}], atau masukan: \"@rujukan\"",
                    "write for instance cocok: [{asli: /ref, masukan: /nomor}], or masukan: \"@rujukan\"",
                ),
            );
        }
        if !text.butir.is_empty() && !pointer(&text.butir) {
            self.say(
                &format!("{key}.butir"),
                ("bukan jalur", "not a path"),
                ("mulai dengan /", "begin with /"),
            );
        }
        for (number, one) in text.cocok.iter().enumerate() {
            let place = format!("{key}.cocok.{number}");
            let sound = pointer(&one.asli) && (one.masukan == REFERENCE || pointer(&one.masukan));
            if !sound || one.masukan.contains('*') {
                self.say(
                    &place,
                    ("bukan jalur ke satu nilai", "not a path to a single value"),
                    (
                        "tulis asli: /… dan masukan: /… atau \"@rujukan\"",
                        "write asli: /… and masukan: /… or \"@rujukan\"",
                    ),
                );
            } else if one.masukan != REFERENCE {
                self.walk(&one.masukan, &format!("{place}.masukan"), (input, input));
            }
        }
    }

    fn say(&mut self, key: &str, what: (&str, &str), advice: (&str, &str)) {
        self.flaws.push(Flaw::new(key, what, advice));
    }
}

fn pointer(text: &str) -> bool {
    text.starts_with('/')
}
