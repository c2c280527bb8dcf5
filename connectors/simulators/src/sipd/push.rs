//! Generation A: a body is stored first and extracted later. What is wrong with it stands in the log of a success.

use serde_json::{Value, json};

use super::Sipd;
use crate::frame::{Answer, Request};

impl Sipd {
    fn service(request: &Request) -> Option<String> {
        let name = request.path.rsplit('/').next()?;
        let name = name.trim_end_matches(".php");
        let what = name.strip_prefix("push").or_else(|| name.strip_prefix("get"))?;
        Some(format!("{what}/{}", request.param("tahun")?))
    }

    pub(super) fn take_push(&mut self, request: &Request) -> Answer {
        let Some(service) = Self::service(request) else {
            return Answer::json(200, &json!({"code": 400, "msg": "tahun tidak ada", "log": []}));
        };
        let size = request.body.len();
        let message = format!("Sukses menyimpan {size} byte tunggu proses ekstraksi");
        let Ok(content) = serde_json::from_slice::<Value>(&request.body) else {
            self.refused += 1;
            return Answer::json(
                200,
                &json!({"code": 200, "msg": message, "log": ["ERROR: JSON tidak terbaca"]}),
            );
        };
        let rows = content
            .get("data")
            .unwrap_or(&content)
            .as_array()
            .cloned()
            .unwrap_or_default();
        let lame = rows
            .iter()
            .position(|row| row["kodebidang"].as_str().is_none_or(str::is_empty));
        if let Some(at) = lame {
            self.refused += 1;
            let log = [
                format!("ERROR: kodebidang tidak ada pada baris {at}"),
                "Exe time: 0.12".to_owned(),
            ];
            return Answer::json(200, &json!({"code": 200, "msg": message, "log": log}));
        }
        self.pushes += 1;
        let pushed = self.pushed.entry(service).or_default();
        if self.options.quirks.late_extraction {
            pushed.waiting = Some(Value::from(rows.clone()));
        } else {
            pushed.shown = Some(Value::from(rows.clone()));
        }
        let mut log: Vec<String> = rows
            .iter()
            .map(|row| format!("3671.{} OK", row["kodebidang"].as_str().unwrap_or_default()))
            .collect();
        log.extend(["COMMIT TRANS".to_owned(), String::new(), "Exe time: 0.12".to_owned()]);
        Answer::json(200, &json!({"code": 200, "msg": message, "log": log}))
    }

    pub(super) fn read_back(&self, request: &Request) -> Answer {
        let shown = Self::service(request).and_then(|service| self.pushed.get(&service)?.shown.clone());
        Answer::json(200, &shown.unwrap_or_else(|| json!([])))
    }
}
