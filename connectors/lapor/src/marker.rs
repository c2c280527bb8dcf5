//! The reference marker at the head of a report's text, `[Ref LAKSA-2026-000123]`: by it an unknown create is found
//! again and a report that came from the city is recognised. Tickets of the main source stand alone; others carry
//! their source, since a ticket is unique only together with it.

/// Channels that canonical documents know.
pub(crate) const SOURCES: [&str; 5] = ["laksa", "whatsapp", "instagram", "call112", "walkin"];

/// What a marker says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Channel of origin.
    pub(crate) source: String,
    /// Ticket there.
    pub(crate) ticket: String,
}

/// A parsed marker format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marker {
    before: String,
    after: String,
    main_source: String,
}

impl Marker {
    /// Parses `[Ref {tiket}]`. The characters next to the ticket must not occur in tickets, or one ticket's marker
    /// would be found inside another's.
    pub(crate) fn parse(format: &str, main_source: &str) -> Result<Self, String> {
        let advice = "write `{tiket}` once, between characters that tickets do not have, such as `[Ref {tiket}]`";
        let (before, after) = format.split_once("{tiket}").ok_or(advice)?;
        let clear = |c: Option<char>| c.is_some_and(|c| !is_ticket_char(c) && c != ':');
        if after.contains("{tiket}") || !clear(before.chars().last()) || !clear(after.chars().next()) {
            return Err(advice.to_owned());
        }
        Ok(Self {
            before: before.to_owned(),
            after: after.to_owned(),
            main_source: main_source.to_owned(),
        })
    }

    /// The marker of a report.
    pub(crate) fn write(&self, source: &str, ticket: &str) -> String {
        let body = if source == self.main_source {
            ticket.to_owned()
        } else {
            format!("{source}:{ticket}")
        };
        format!("{}{body}{}", self.before, self.after)
    }

    /// The reference a text opens with. A marker further inside proves nothing: citizens can write one.
    pub(crate) fn read(&self, text: &str) -> Option<Reference> {
        let (body, _) = text
            .trim_start()
            .strip_prefix(self.before.as_str())?
            .split_once(self.after.as_str())?;
        let (source, ticket) = body.split_once(':').unwrap_or((&self.main_source, body));
        let sound = !ticket.is_empty()
            && ticket.len() <= 32
            && ticket.starts_with(|c: char| c.is_ascii_alphanumeric())
            && ticket.chars().all(is_ticket_char)
            && !source.is_empty();
        sound.then(|| Reference {
            source: source.to_owned(),
            ticket: ticket.to_owned(),
        })
    }
}

fn is_ticket_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._/-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker() -> Marker {
        Marker::parse("[Ref {tiket}]", "laksa").expect("a good format")
    }

    #[test]
    fn sources_never_share_a_marker() {
        assert_eq!(marker().write("laksa", "LAKSA-2026-000123"), "[Ref LAKSA-2026-000123]");
        assert_eq!(marker().write("whatsapp", "WA-77"), "[Ref whatsapp:WA-77]");
    }

    #[test]
    fn what_was_written_is_read_back_only_at_the_head() {
        let read = marker().read(" [Ref whatsapp:WA-77] Ular masuk").expect("a marker");
        assert_eq!((read.source.as_str(), read.ticket.as_str()), ("whatsapp", "WA-77"));
        assert_eq!(marker().read("Menyalin [Ref LAKSA-1] orang lain"), None);
        assert_eq!(marker().read("[Ref bukan tiket] x"), None);
    }

    #[test]
    fn a_format_in_which_tickets_run_into_text_is_refused() {
        for bad in ["Ref", "Ref {tiket}", "[{tiket}-]", "#{tiket}{tiket}#", "Ref-{tiket}]"] {
            assert!(Marker::parse(bad, "laksa").is_err(), "{bad}");
        }
    }
}
