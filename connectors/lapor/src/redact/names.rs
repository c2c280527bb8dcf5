//! Finds a name in text: all its words in any order and spelling, or one of them alone. A word that stands in a street
//! or place name (`Jalan Contoh Raya`) stays, or the report would lose its place.

/// Shortest name word that is masked when it stands alone.
const SHORTEST: usize = 3;

/// Endings that Indonesian puts behind a name.
const SUFFIXES: [&str; 6] = ["nya", "ku", "mu", "lah", "kah", "pun"];

/// Words after which a capitalised run is the name of a place.
const PLACE_WORDS: [&str; 24] = [
    "jalan",
    "jl",
    "jln",
    "gang",
    "gg",
    "lorong",
    "perumahan",
    "perum",
    "komplek",
    "kompleks",
    "kampung",
    "kp",
    "kelurahan",
    "kel",
    "kecamatan",
    "kec",
    "desa",
    "kota",
    "pasar",
    "jembatan",
    "taman",
    "masjid",
    "sekolah",
    "gedung",
];

/// The words of a name, folded.
#[derive(Debug, Clone)]
pub(super) struct Names(Vec<String>);

struct Word<'a> {
    start: usize,
    end: usize,
    text: &'a str,
}

impl Names {
    /// From the reporter's full name.
    pub(super) fn of(full: &str) -> Self {
        Self(
            words(full)
                .into_iter()
                .map(|word| word.text.to_lowercase())
                .filter(|word| word.len() > 1)
                .collect(),
        )
    }

    /// The text with the name masked.
    pub(super) fn mask(&self, text: &str, mask: &str) -> String {
        let words = words(text);
        let mut clean = String::with_capacity(text.len());
        let mut copied = 0;
        let mut at = 0;
        while at < words.len() {
            let run = words[at..].iter().take_while(|word| self.has(word)).count();
            let long = words[at..at + run]
                .iter()
                .any(|word| word.text.chars().count() >= SHORTEST);
            if run == 0 || !long || (run < self.0.len() && in_place_name(text, &words, at)) {
                at += run.max(1);
                continue;
            }
            clean.push_str(&text[copied..words[at].start]);
            clean.push_str(mask);
            copied = words[at + run - 1].end;
            at += run;
        }
        clean.push_str(&text[copied..]);
        clean
    }

    /// The word itself, with a suffix (`Suparmannya`), or all words run together (`#SuparmanContoh`).
    fn has(&self, word: &Word<'_>) -> bool {
        let folded = word.text.to_lowercase();
        let known = |text: &str| self.0.iter().any(|name| name == text);
        let stem = SUFFIXES.iter().find_map(|suffix| folded.strip_suffix(suffix));
        let joined = self.0.concat();
        known(&folded) || stem.is_some_and(known) || (self.0.len() > 1 && folded.contains(&joined))
    }
}

/// Whether the word stands in a run of capitalised words that follows a place word.
fn in_place_name(text: &str, words: &[Word<'_>], at: usize) -> bool {
    let mut at = at;
    while at > 0 {
        let between = &text[words[at - 1].end..words[at].start];
        if !between.chars().all(|c| c.is_whitespace() || c == '.') || between.is_empty() {
            return false;
        }
        at -= 1;
        if PLACE_WORDS.contains(&words[at].text.to_lowercase().as_str()) {
            return true;
        }
        if !words[at].text.starts_with(char::is_uppercase) {
            return false;
        }
    }
    false
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_alphabetic() || c == '\'' || c == '’') {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.push(Word {
                    start: from,
                    end: at,
                    text: &text[from..at],
                });
                start = None;
            }
            _ => {}
        }
    }
    words
}
