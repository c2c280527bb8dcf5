//! Judges an answer against what a step expects. Pure; called by the runner once per try.

use crate::run::Answer;
use crate::story::{Check, Expect};
use serde_json::Value;

/// Every way the answer differs, each as a sentence; empty when it is what the step expects.
pub(crate) fn differences(expect: &Expect, answer: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    if answer.status != expect.status {
        found.push(format!("status is {}, not {}", answer.status, expect.status));
    }
    for (name, pattern) in &expect.headers {
        match answer.header(name) {
            Some(value) if like(pattern, value) => {}
            Some(value) => found.push(format!("header {name} is `{value}`, not `{pattern}`")),
            None => found.push(format!("header {name} is absent")),
        }
    }
    if !expect.json.is_empty() {
        match answer.json() {
            Some(json) => found.extend(
                expect
                    .json
                    .iter()
                    .filter_map(|(at, check)| differs(at, check, json.pointer(at))),
            ),
            None => found.push("the body is not JSON".to_owned()),
        }
    }
    let missing = expect.contains.iter().filter(|text| !answer.body.contains(*text));
    found.extend(missing.map(|text| format!("the body lacks `{text}`")));
    let present = expect.lacks.iter().filter(|text| answer.body.contains(*text));
    found.extend(present.map(|text| format!("the body holds `{text}`")));
    found
}

fn differs(at: &str, check: &Check, value: Option<&Value>) -> Option<String> {
    match (check, value) {
        (Check { absent: true, .. }, Some(value)) => Some(format!("{at} is {value}, not absent")),
        (Check { absent: true, .. }, None) => None,
        (_, None) => Some(format!("{at} is absent")),
        (
            Check {
                equal: Some(wanted), ..
            },
            Some(value),
        ) => (wanted != value).then(|| format!("{at} is {value}, not {wanted}")),
        (
            Check {
                matches: Some(pattern), ..
            },
            Some(value),
        ) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (!like(pattern, &text)).then(|| format!("{at} is `{text}`, not like `{pattern}`"))
        }
        (_, Some(_)) => None,
    }
}

/// Whether a text is like a pattern in which `*` stands for any run of characters.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Answer {
        Answer {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json; charset=utf-8".to_owned())],
            body: body.to_owned(),
        }
    }

    fn expect(yaml: &str) -> Expect {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn what_is_expected_passes() {
        let good = "status: 200\nheaders: {Content-Type: 'application/json*'}\njson: {/a: {equal: 1}, /b/0: {matches: 'x*z'}, /c: {absent: true}, /d: {exists: true}, /e: {equal: null}}\ncontains: ['xyz']\nlacks: ['secret']";
        assert_eq!(
            differences(
                &expect(good),
                &answer("{\"a\":1,\"b\":[\"xyz\"],\"d\":null,\"e\":null}")
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn every_difference_is_told() {
        let bad = "status: 201\nheaders: {x: y, content-type: text}\njson: {/a: {equal: 2}, /b: {matches: 'q*'}, /c: {absent: true}, /d: {exists: true}}\ncontains: [no]\nlacks: [secret]";
        let told = differences(
            &expect(bad),
            &answer("{\"a\":1,\"b\":\"x\",\"c\":null,\"e\":\"secret\"}"),
        );
        assert_eq!(told.len(), 9, "{told:?}");
    }

    #[test]
    fn a_body_that_is_no_json_is_told() {
        assert_eq!(
            differences(&expect("status: 200\njson: {/a: {exists: true}}"), &answer("<html>")),
            ["the body is not JSON"]
        );
    }

    #[test]
    fn stars_match_any_run() {
        for (pattern, text, right) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "ab", false),
            ("*", "", true),
            ("ab*ba", "aba", false),
            ("*b*d*", "abcde", true),
            ("abc", "abcd", false),
        ] {
            assert_eq!(like(pattern, text), right, "{pattern} {text}");
        }
    }
}
