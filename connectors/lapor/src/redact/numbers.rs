//! Finds numbers that identify a person: runs of digits, with the separators people put between them, that make a
//! 16-digit number, a telephone number or the reporter's own number. Dates are left alone.

/// The ASCII digits of a text, full-width ones included.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter_map(digit).collect()
}

/// A telephone number in its national form, `62…` as `0…`; other digits unchanged.
pub(super) fn national(digits: &str) -> String {
    match digits.strip_prefix("62") {
        Some(rest) if (8..=13).contains(&rest.len()) && rest.starts_with(['8', '2']) => format!("0{rest}"),
        _ => digits.to_owned(),
    }
}

/// The text with identifying numbers masked.
pub(super) fn mask(text: &str, own: &[String], mask: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        if !starts_run(&chars, at) {
            clean.push(chars[at]);
            at += 1;
            continue;
        }
        match identifying(&chars, at, own) {
            Some(end) => {
                clean.push_str(mask);
                at = end;
            }
            None => {
                // The whole block of digits is harmless from here; do not look at its tail again.
                while at < chars.len() && (digit(chars[at]).is_some() || "+(".contains(chars[at])) {
                    clean.push(chars[at]);
                    at += 1;
                }
            }
        }
    }
    clean
}

fn starts_run(chars: &[char], at: usize) -> bool {
    digit(chars[at]).is_some() || ("+(".contains(chars[at]) && chars.get(at + 1).is_some_and(|c| digit(*c).is_some()))
}

/// End of the longest identifying number that starts here.
fn identifying(chars: &[char], start: usize, own: &[String]) -> Option<usize> {
    let mut found = String::new();
    let (mut best, mut block) = (None, 0);
    let mut at = start;
    while at < chars.len() {
        if let Some(digit) = digit(chars[at]) {
            found.push(digit);
            block += 1;
            let block_ends = chars.get(at + 1).is_none_or(|next| self::digit(*next).is_none());
            let identity = block >= 16 || is_identity(&found, own);
            if block_ends && identity && !is_date(&chars[start..=at]) {
                best = Some(at + 1);
            }
        } else if (block > 0 && !is_separator(chars, at)) || found.len() > 18 {
            break;
        } else {
            block = 0;
        }
        at += 1;
    }
    best
}

/// Up to three marks that people put between the digits of one number, with a digit behind them.
fn is_separator(chars: &[char], at: usize) -> bool {
    let mark = |c: &char| matches!(c, ' ' | '.' | '-' | '(' | ')' | '+' | '\u{a0}');
    let marks = chars[at..].iter().take_while(|c| mark(c)).count();
    marks > 0 && marks <= 3 && chars.get(at + marks).is_some_and(|c| digit(*c).is_some())
}

fn is_identity(found: &str, own: &[String]) -> bool {
    let national = national(found);
    let mobile = national.starts_with("08") && (9..=15).contains(&national.len());
    let landline = national.starts_with("02") && (9..=12).contains(&national.len());
    found.len() == 16 || mobile || landline || own.contains(&national)
}

/// `dd-mm-yyyy` at the head, whatever follows.
fn is_date(run: &[char]) -> bool {
    let is_digit = |at: usize| run.get(at).is_some_and(|c| digit(*c).is_some());
    let same_mark = run.get(2).is_some_and(|c| "-.".contains(*c)) && run.get(2) == run.get(5);
    same_mark && [0, 1, 3, 4, 6, 7, 8, 9].into_iter().all(is_digit) && !is_digit(10) && matches!(run[6], '1' | '2')
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10),
        _ => None,
    }
}
