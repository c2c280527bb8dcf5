//! Who the city is: `user_key`, the old key exchange, or the national connector in front.

use serde_json::{Map, Value, json};

use super::super::Oss;
use super::super::days;
use super::super::options::Access;
use super::Done;
use super::envelope::bad;
use super::read::{Form, Need, Refusal};
use crate::frame::{Answer, Request, splp};

/// Lets a request in, or says why not in the words of whoever refuses it.
pub(super) fn check(oss: &mut Oss, method: &str, request: &Request) -> Result<(), Answer> {
    let header = |name| request.header(name).unwrap_or_default();
    let splp = match oss.options.access {
        Access::UserKey | Access::SecurityKey => None,
        Access::SplpBearer => Some(header("authorizationsplp").strip_prefix("Bearer ").unwrap_or_default()),
        Access::SplpApiKey => Some(header("apikey")),
    };
    match splp {
        Some("") => return Err(splp::json_fault(900_902)),
        Some(token) if token != oss.options.splp_token => return Err(splp::json_fault(900_901)),
        _ => {}
    }
    let known = match oss.options.access {
        _ if method == "sendSecurityKey" => true,
        Access::SecurityKey => {
            let now = oss.now();
            let until = oss.security_keys.get(header("oss-api-key"));
            until.is_some_and(|until| *until > now)
        }
        _ => header("user_key") == oss.options.user_key,
    };
    match known {
        true => Ok(()),
        false => Err(bad(oss, method, &Refusal::new(401, "Akses user tidak valid"))),
    }
}

/// `sendSecurityKey`: user and password for a key that lasts until `masa_berlaku`.
pub(super) fn security_key(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let user = form.text("user_akses", 6, Need::Filled)?;
    let password = form.text("pwd_akses", 32, Need::Filled)?;
    if (user.as_str(), password.as_str()) != (&oss.options.legacy.0, &oss.options.legacy.1) {
        return Err(Refusal::new(401, "Akses user tidak valid"));
    }
    let until = oss.now() + oss.options.security_key_seconds;
    let key = format!(
        "{:032x}",
        u128::from(oss.security_keys.len() as u64 + 1) * 0x1f3d_5b79_0123_4567_89ab_u128
    );
    oss.security_keys.insert(key.clone(), until);
    Ok(json!({"key": key, "masa_berlaku": days::time(until)}))
}
