//! `simpul key create`: a key is shown once; configuration keeps its hash. The other verbs speak with a running gateway.

pub(super) mod emergency;
pub(super) mod remote;

use super::say::Voice;
use crate::operator::{PasswordHash, totp};
use gateway_core::evidence::sha256;
use gateway_core::identity::keyring;
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
    let drawn = keyring::draw(consumer).map_err(|error| error.to_string())?;
    fresh(drawn.key.expose().to_owned(), drawn.prefix)
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

/// One line from standard input, never from the command line.
fn read_password() -> Result<String, String> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|error| error.to_string())?;
    let hash = PasswordHash::of(line.trim_end_matches(['\r', '\n'])).map_err(|error| error.to_string())?;
    Ok(hash.as_str().to_owned())
}

/// Makes a key for a consumer, or a token for an operator.
pub(super) fn create(
    voice: &Voice,
    consumer: Option<&str>,
    operator: Option<&str>,
    (password, second): (bool, bool),
) -> bool {
    let holder = consumer.or(operator).unwrap_or_default();
    let made = match consumer {
        _ if holder.trim().is_empty() => Err(voice.pick("nama kosong", "the name is empty").to_owned()),
        Some(consumer) => api_key(consumer),
        None => operator_token(),
    };
    let fresh = match made {
        Ok(fresh) => fresh,
        Err(error) => return voice.failed("kunci tidak dibuat", "no key was made", &error),
    };
    let hashed = match password.then(read_password).transpose() {
        Ok(hashed) => hashed,
        Err(error) => return voice.failed("kata sandi tidak dapat dipakai", "the password cannot be used", &error),
    };
    let password = hashed.map(|hash| format!(", sandi = \"{hash}\"")).unwrap_or_default();
    let seed = match second
        .then(|| totp::draw().ok_or("no randomness from the operating system"))
        .transpose()
    {
        Ok(seed) => seed,
        Err(error) => return voice.failed("kunci tidak dibuat", "no key was made", &error),
    };
    let link = seed.as_ref().map(|seed| totp::link(holder, seed));
    let factor = seed
        .as_ref()
        .map_or("", |_| ", totp = { file = \"/etc/simpul/totp/GANTI-NAMA-BERKAS\" }");
    let line = match consumer {
        Some(_) => format!("{{ awalan = \"{}\", sha256 = \"{}\" }}", fresh.prefix, fresh.hash),
        None => format!(
            "{{ nama = {}, sha256 = \"{}\"{password}{factor} }}",
            json!(holder),
            fresh.hash
        ),
    };
    let mut answer = json!({"key": fresh.key, "prefix": fresh.prefix, "sha256": fresh.hash, "line": line});
    if let (Some(fields), Some(seed)) = (answer.as_object_mut(), &seed) {
        fields.insert("totp".into(), json!({"seed": seed.expose(), "link": link}));
    }
    let (id, en) = match consumer {
        Some(_) => ("Kunci", "Key"),
        None => ("Token operator", "Operator's token"),
    };
    let (where_id, where_en) = match consumer {
        Some(_) => ("daftar `kunci` konsumen itu", "that consumer's list `kunci`"),
        None => ("`token_operator` di [simpul]", "`token_operator` in [simpul]"),
    };
    voice.answer(&answer, || {
        let id = format!(
            "{id} untuk {holder}, tidak akan ditampilkan lagi:\n  {}\nTambahkan ke {where_id}:\n  {line}",
            fresh.key
        );
        let en = format!(
            "{en} for {holder}; it will not be shown again:\n  {}\nAdd to {where_en}:\n  {line}",
            fresh.key
        );
        let (Some(seed), Some(link)) = (&seed, &link) else {
            return voice.pick(&id, &en).to_owned();
        };
        let seed = seed.expose();
        let id = format!("{id}\nBenih TOTP, simpan sebagai berkas yang disebut di atas dan masukkan ke aplikasi autentikator:\n  {seed}\n  {link}");
        let en = format!("{en}\nTOTP seed; keep it in the file named above and enter it into an authenticator app:\n  {seed}\n  {link}");
        voice.pick(&id, &en).to_owned()
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
