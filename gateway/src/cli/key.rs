//! `simpul key create`: a key is shown once; configuration keeps its hash.

use super::say::Voice;
use gateway_core::evidence::sha256;
use serde_json::json;

/// A fresh credential: the text for its holder and what configuration keeps.
pub(super) struct Fresh {
    /// The whole key.
    pub(super) key: String,
    /// Its public part.
    pub(super) prefix: String,
    /// Hex SHA-256 of the whole key.
    pub(super) hash: String,
}

/// An API key `smp_<prefix>_<secret>` with 256 random bits.
pub(super) fn api_key(consumer: &str) -> Result<Fresh, String> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = consumer.chars().map(plain).take(20).collect();
    let prefix = format!("{}-{}", name.trim_matches('-'), random(4)?);
    fresh(format!("smp_{prefix}_{}", random(32)?), prefix)
}

/// A token for the operator port.
pub(super) fn operator_token() -> Result<Fresh, String> {
    fresh(format!("smo_{}", random(32)?), String::new())
}

fn fresh(key: String, prefix: String) -> Result<Fresh, String> {
    let hash = hex::encode(sha256(key.as_bytes()));
    Ok(Fresh { key, prefix, hash })
}

/// Hex of as many random bytes from the operating system.
pub(super) fn random(bytes: usize) -> Result<String, String> {
    let mut drawn = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut drawn).map_err(|_| "no randomness from the operating system".to_owned())?;
    Ok(hex::encode(drawn))
}

/// Makes a key for a consumer, or a token for the operator.
pub(super) fn create(voice: &Voice, consumer: Option<&str>) -> bool {
    let made = match consumer {
        Some(consumer) if consumer.trim().is_empty() => Err("--konsumen".to_owned()),
        Some(consumer) => api_key(consumer),
        None => operator_token(),
    };
    let fresh = match made {
        Ok(fresh) => fresh,
        Err(error) => return voice.failed("kunci tidak dibuat", "no key was made", &error),
    };
    let line = match consumer {
        Some(_) => format!("{{ awalan = \"{}\", sha256 = \"{}\" }}", fresh.prefix, fresh.hash),
        None => format!("\"{}\"", fresh.hash),
    };
    let answer = json!({"key": fresh.key, "prefix": fresh.prefix, "sha256": fresh.hash, "line": line});
    voice.answer(&answer, || match consumer {
        Some(consumer) => {
            let id = format!(
                "Kunci untuk {consumer}, tidak akan ditampilkan lagi:\n  {}\nTambahkan ke daftar `kunci` konsumen itu:\n  {line}",
                fresh.key
            );
            let en = format!(
                "Key for {consumer}; it will not be shown again:\n  {}\nAdd to that consumer's list `kunci`:\n  {line}",
                fresh.key
            );
            voice.pick(&id, &en).to_owned()
        }
        None => {
            let id = format!(
                "Token operator, tidak akan ditampilkan lagi:\n  {}\nTambahkan ke `token_operator` di [simpul]:\n  {line}",
                fresh.key
            );
            let en = format!(
                "Operator's token; it will not be shown again:\n  {}\nAdd to `token_operator` in [simpul]:\n  {line}",
                fresh.key
            );
            voice.pick(&id, &en).to_owned()
        }
    });
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_core::identity::key_prefix;

    #[test]
    fn a_key_has_the_form_that_is_recognised() {
        let (one, two) = (api_key("dinas_x.y").unwrap(), api_key("dinas_x.y").unwrap());
        assert_eq!(key_prefix(&one.key), Some(one.prefix.as_str()));
        assert!(one.prefix.starts_with("dinas-x-y-") && one.prefix.len() <= 32);
        assert_ne!(one.key, two.key);
        assert_eq!(one.hash, hex::encode(sha256(one.key.as_bytes())));
        assert_eq!(
            key_prefix(&api_key(&"a".repeat(64)).unwrap().key).map(str::len),
            Some(29)
        );
    }
}
