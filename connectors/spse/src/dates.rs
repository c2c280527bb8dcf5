//! Six spellings of a date, all of them local time of the source. The `Z` that some carry is false: it is dropped, never
//! shifted, so that a contract stays on its day.

/// Months as the English spelling writes them.
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A day, and the time of day if one was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// `YYYY-MM-DD`
    pub(crate) day: String,
    /// `HH:MM:SS`, with fraction digits that are not all zero.
    pub(crate) time: Option<String>,
}

impl Moment {
    /// Reads any of the spellings.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.as_bytes().first()? {
            b'0'..=b'9' => iso(text),
            _ => english(text),
        }
    }

    /// With the offset of the source, `+07:00`; a day alone stays a day.
    pub(crate) fn shown(&self, offset: &str) -> String {
        match &self.time {
            Some(time) => format!("{}T{time}{offset}", self.day),
            None => self.day.clone(),
        }
    }
}

fn iso(text: &str) -> Option<Moment> {
    let day = text.get(..10)?;
    let mut parts = day.splitn(3, '-');
    let (year, month, date) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || month.len() != 2 || !real(number(year)?, number(month)?, number(date)?) {
        return None;
    }
    let rest = text.get(10..)?;
    let time = match rest.strip_prefix([' ', 'T']) {
        None if rest.is_empty() => None,
        None => return None,
        Some(time) => Some(clock(time.strip_suffix('Z').unwrap_or(time))?),
    };
    Some(Moment {
        day: day.to_owned(),
        time,
    })
}

/// `January 2026` as `2026-01`.
pub(crate) fn month(text: &str) -> Option<String> {
    let (name, year) = text.trim().split_once(' ')?;
    let name = name.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|known| *known == name)? + 1;
    let year = year.trim();
    (year.len() == 4 && real(number(year)?, 1, 1)).then(|| format!("{year}-{month:02}"))
}

/// `HH:MM:SS[.fff]`, zeros of the fraction dropped.
fn clock(text: &str) -> Option<String> {
    let (time, fraction) = text.split_once('.').unwrap_or((text, ""));
    let parts: Vec<u32> = time.split(':').map(number).collect::<Option<_>>()?;
    let [hour, minute, second] = parts.as_slice() else {
        return None;
    };
    if *hour > 23 || *minute > 59 || *second > 59 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{hour:02}:{minute:02}:{second:02}{dot}{fraction}"))
}

/// `Mar 2, 2026, 12:00:00AM`, with or without a blank, ordinary or narrow, before the half of the day.
fn english(text: &str) -> Option<Moment> {
    let mut parts = text.splitn(3, ',').map(str::trim);
    let (month, date) = parts.next()?.split_once(' ')?;
    let month = month.get(..3)?.to_ascii_lowercase();
    let month = u32::try_from(MONTHS.iter().position(|name| *name == month)?).ok()? + 1;
    let (year, date) = (number(parts.next()?)?, number(date.trim())?);
    if !real(year, month, date) {
        return None;
    }
    let time = match parts.next() {
        None => None,
        Some(time) => Some(half_day(time)?),
    };
    Some(Moment {
        day: format!("{year:04}-{month:02}-{date:02}"),
        time,
    })
}

fn half_day(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let (time, evening) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(time), _) => (time, false),
        (_, Some(time)) => (time, true),
        _ => return None,
    };
    let (hour, rest) = time.trim().split_once(':')?;
    let hour = match (number(hour)?, evening) {
        (12, false) => 0,
        (12, true) => 12,
        (hour @ 1..=11, false) => hour,
        (hour @ 1..=11, true) => hour + 12,
        _ => return None,
    };
    clock(&format!("{hour}:{rest}"))
}

fn real(year: u32, month: u32, date: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1900..=2200).contains(&year) && (1..=12).contains(&month) && (1..=days).contains(&date)
}

fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_spellings_and_no_shift() {
        for (text, expected) in [
            ("2026-01-05", "2026-01-05"),
            ("2026-01-14 10:06:33", "2026-01-14T10:06:33+07:00"),
            ("2026-01-21 16:00:00.000000Z", "2026-01-21T16:00:00+07:00"),
            ("2026-02-26T00:00:00.000000Z", "2026-02-26T00:00:00+07:00"),
            ("2026-02-10T14:30:20.446000Z", "2026-02-10T14:30:20.446+07:00"),
            ("2026-02-28T23:59:00.12Z", "2026-02-28T23:59:00.12+07:00"),
            ("Mar 2, 2026, 12:00:00AM", "2026-03-02T00:00:00+07:00"),
            ("Dec 31, 2026, 11:59:00 PM", "2026-12-31T23:59:00+07:00"),
            ("Mar 2, 2026, 1:05:00\u{202f}PM", "2026-03-02T13:05:00+07:00"),
            ("2026-02-01T14:00:00Z", "2026-02-01T14:00:00+07:00"),
        ] {
            let read = Moment::read(text).map(|moment| moment.shown("+07:00"));
            assert_eq!(read.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_nothing() {
        for text in [
            "",
            "-",
            "2026-02-30",
            "2026-1-1",
            "2026-01-01T",
            "besok",
            "Foo 1, 2026",
            "2026-01-01T25:00:00",
        ] {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }
}
