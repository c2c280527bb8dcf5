//! Which language an answer speaks: Indonesian unless the caller prefers English.

use connector_sdk::Text;
use http::HeaderMap;

/// A language of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Indonesian, the default.
    Id,
    /// English.
    En,
}

impl Language {
    /// By `Accept-Language` (RFC 9110 §12.5.4): the highest weight wins, Indonesian on a draw.
    pub fn of(headers: &HeaderMap) -> Self {
        let Some(header) = headers.get(http::header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()) else {
            return Self::Id;
        };
        let best = |language: &str| weights(header, language).fold(0.0_f32, f32::max);
        if best("en") > best("id") { Self::En } else { Self::Id }
    }

    /// The value of `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }

    /// The right half of a text.
    pub fn pick(self, text: &Text) -> &str {
        match self {
            Self::Id => &text.id,
            Self::En => &text.en,
        }
    }
}

/// Weights given to a language or one of its regions.
fn weights<'a>(header: &'a str, language: &'a str) -> impl Iterator<Item = f32> + 'a {
    header.split(',').filter_map(move |item| {
        let mut parts = item.split(';').map(str::trim);
        let tag = parts.next()?.to_ascii_lowercase();
        let fits = tag == language || tag.split_once('-').is_some_and(|(main, _)| main == language);
        let q = parts
            .find_map(|p| p.strip_prefix("q=")?.parse::<f32>().ok())
            .unwrap_or(1.0);
        fits.then_some(q)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indonesian_unless_english_weighs_more() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::ACCEPT_LANGUAGE, value.parse().expect("header"));
            Language::of(&headers)
        };
        assert_eq!(of("en-GB,en;q=0.9"), Language::En);
        assert_eq!(of("id,en;q=0.9"), Language::Id);
        assert_eq!(of("en;q=0.5, id-ID;q=0.5"), Language::Id);
        assert_eq!(of("de"), Language::Id);
    }
}
