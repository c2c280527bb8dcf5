//! A column of a batch on its way from SQLite to PostgreSQL.

use rusqlite::types::{Value, ValueRef};
use serde_json::Value as Json;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// What PostgreSQL calls it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Big,
    Int,
    Small,
    Bool,
    Text,
    Bytes,
    Id,
}

impl Kind {
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Big => "bigint",
            Self::Int => "integer",
            Self::Small => "smallint",
            Self::Bool => "boolean",
            Self::Text => "text",
            Self::Bytes => "bytea",
            Self::Id => "uuid",
        }
    }
}

/// Values of one column.
pub(crate) enum Column {
    Big(Vec<Option<i64>>),
    Int(Vec<Option<i32>>),
    Small(Vec<Option<i16>>),
    Bool(Vec<Option<bool>>),
    Text(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
    Id(Vec<Option<Uuid>>),
}

impl Column {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Big => Self::Big(Vec::new()),
            Kind::Int => Self::Int(Vec::new()),
            Kind::Small => Self::Small(Vec::new()),
            Kind::Bool => Self::Bool(Vec::new()),
            Kind::Text => Self::Text(Vec::new()),
            Kind::Bytes => Self::Bytes(Vec::new()),
            Kind::Id => Self::Id(Vec::new()),
        }
    }

    /// Takes a value over; answers how many bytes it weighs.
    pub(super) fn push(&mut self, value: ValueRef<'_>) -> Result<usize, String> {
        let wrong = |_| "a number is out of range".to_owned();
        match (self, value) {
            (Self::Big(all), ValueRef::Integer(n)) => all.push(Some(n)),
            (Self::Int(all), ValueRef::Integer(n)) => all.push(Some(n.try_into().map_err(wrong)?)),
            (Self::Small(all), ValueRef::Integer(n)) => all.push(Some(n.try_into().map_err(wrong)?)),
            (Self::Bool(all), ValueRef::Integer(n)) => all.push(Some(n != 0)),
            (Self::Text(all), ValueRef::Text(text)) => {
                let text = std::str::from_utf8(text).map_err(|e| format!("a text is damaged: {e}"))?;
                all.push(Some(text.to_owned()));
                return Ok(text.len());
            }
            (Self::Bytes(all), ValueRef::Blob(bytes)) => {
                all.push(Some(bytes.to_vec()));
                return Ok(bytes.len());
            }
            (Self::Id(all), ValueRef::Blob(bytes)) => {
                all.push(Some(
                    Uuid::from_slice(bytes).map_err(|e| format!("an id is damaged: {e}"))?,
                ));
            }
            (Self::Big(all), ValueRef::Null) => all.push(None),
            (Self::Text(all), ValueRef::Null) => all.push(None),
            (Self::Bytes(all), ValueRef::Null) => all.push(None),
            (Self::Id(all), ValueRef::Null) => all.push(None),
            (_, value) => {
                return Err(format!(
                    "a value of type {} is not what was expected",
                    value.data_type()
                ));
            }
        }
        Ok(8)
    }

    /// As a parameter.
    pub(crate) fn sql(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Big(all) => all,
            Self::Int(all) => all,
            Self::Small(all) => all,
            Self::Bool(all) => all,
            Self::Text(all) => all,
            Self::Bytes(all) => all,
            Self::Id(all) => all,
        }
    }
}

/// Key values as kept in the target.
pub(super) fn position(keys: &[Value]) -> Result<String, String> {
    let all: Result<Vec<Json>, String> = keys
        .iter()
        .map(|key| match key {
            Value::Integer(n) => Ok(Json::from(*n)),
            Value::Text(text) => Ok(Json::from(text.as_str())),
            other => Err(format!("a key of type {}", other.data_type())),
        })
        .collect();
    serde_json::to_string(&all?).map_err(|e| e.to_string())
}

/// And back.
pub(super) fn values(position: &str) -> Result<Vec<Value>, String> {
    let all: Vec<Json> = serde_json::from_str(position).map_err(|e| format!("the copy's position is damaged: {e}"))?;
    all.into_iter()
        .map(|key| match key {
            Json::String(text) => Ok(Value::Text(text)),
            other => other
                .as_i64()
                .map(Value::Integer)
                .ok_or_else(|| "the copy's position is damaged".to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{position, values};
    use rusqlite::types::Value;

    #[test]
    fn positions_come_back() {
        let keys = [Value::Text("dinas \"a\"".into()), Value::Integer(-7)];
        assert_eq!(values(&position(&keys).unwrap()).unwrap(), keys);
        assert!(values("[1.5]").is_err());
        assert!(position(&[Value::Null]).is_err());
    }
}
