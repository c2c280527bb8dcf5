//! The list of exchanges, newest first. Each question is served by an index, also when it finds nothing among a million: a
//! reference by its own, a rare state by the standing ones, parties and times by the one over parties, which holds the time, too.

use super::read::systems;
use super::rows;
use super::trouble::Trouble;
use crate::codes::{nanos, state_code};
use gateway_core::exchange::{State, Stored};
use gateway_core::journal::Filter;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

pub(super) fn list(connection: &Connection, filter: &Filter) -> Result<Vec<Stored>, Trouble> {
    let limit = if filter.limit == 0 { 50 } else { filter.limit };
    let asked: Vec<(&str, &str)> = [
        ("system", &filter.system),
        ("operation", &filter.operation),
        ("consumer", &filter.consumer),
        ("reference", &filter.reference),
    ]
    .into_iter()
    .filter_map(|(column, value)| Some((column, value.as_deref()?)))
    .collect();
    let mut search = Search {
        connection,
        filter,
        limit,
        found: Vec::new(),
    };
    if filter.reference.is_some() {
        search.add(
            "exchanges INDEXED BY exchanges_reference",
            &asked,
            &states(&filter.states),
        )?;
    } else if !filter.states.is_empty() && !filter.states.contains(&State::Done) {
        search.standing(&asked)?;
    } else if asked.is_empty() && filter.since.is_none() && filter.until.is_none() {
        search.add("exchanges NOT INDEXED", &asked, &states(&filter.states))?;
    } else {
        search.by_parties()?;
    }
    let mut found = search.found;
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    found.truncate(limit);
    found.into_iter().map(|seq| rows::by_seq(connection, seq)).collect()
}

fn states(states: &[State]) -> String {
    if states.is_empty() {
        return String::new();
    }
    let codes: Vec<_> = states.iter().map(|s| state_code(*s).to_string()).collect();
    format!(" AND state IN ({})", codes.join(","))
}

struct Search<'s> {
    connection: &'s Connection,
    filter: &'s Filter,
    limit: usize,
    found: Vec<i64>,
}

impl Search<'_> {
    /// Adds the newest rows that have these texts, are within the times and before the position of the filter, and more.
    fn add(&mut self, table: &str, texts: &[(&str, &str)], more: &str) -> Result<(), Trouble> {
        let mut sql = format!("SELECT seq FROM {table} WHERE true{more}");
        let mut values = Vec::new();
        for (column, text) in texts {
            sql.push_str(&format!(" AND {column} = ?"));
            values.push(Value::Text((*text).to_owned()));
        }
        for (condition, value) in [
            (" AND created >= ?", self.filter.since.map(nanos)),
            (" AND created < ?", self.filter.until.map(nanos)),
            (" AND seq < ?", self.filter.before_seq),
        ] {
            if let Some(value) = value {
                sql.push_str(condition);
                values.push(Value::Integer(value));
            }
        }
        sql.push_str(" ORDER BY seq DESC LIMIT ?");
        values.push(Value::Integer(i64::try_from(self.limit).unwrap_or(i64::MAX)));
        let mut statement = self.connection.prepare_cached(&sql)?;
        for seq in statement.query_map(params_from_iter(values), |row| row.get(0))? {
            self.found.push(seq?);
        }
        Ok(())
    }

    /// States that are rare among many, system by system.
    fn standing(&mut self, asked: &[(&str, &str)]) -> Result<(), Trouble> {
        let all = match self.filter.system {
            Some(_) => Vec::new(),
            None => systems(self.connection)?,
        };
        for state in &self.filter.states {
            let code = state_code(*state);
            let state = format!(" AND state = {code} AND state <> 5");
            let table = "exchanges INDEXED BY exchanges_standing";
            if self.filter.system.is_some() {
                self.add(table, asked, &state)?;
            }
            for system in &all {
                let texts: Vec<_> = [("system", system.as_str())]
                    .into_iter()
                    .chain(asked.iter().copied())
                    .collect();
                self.add(table, &texts, &state)?;
            }
        }
        Ok(())
    }

    /// Each system, operation and consumer that ever met, one after the other, and the newest of each.
    fn by_parties(&mut self) -> Result<(), Trouble> {
        let states = states(&self.filter.states);
        for system in self.values("system", &[], self.filter.system.as_deref())? {
            let first = [("system", system.as_str())];
            for operation in self.values("operation", &first, self.filter.operation.as_deref())? {
                let two = [first[0], ("operation", operation.as_str())];
                for consumer in self.values("consumer", &two, self.filter.consumer.as_deref())? {
                    let three = [two[0], two[1], ("consumer", consumer.as_str())];
                    self.add("exchanges INDEXED BY exchanges_parties", &three, &states)?;
                }
            }
        }
        Ok(())
    }

    /// What stands in a column of the index behind these columns before it, from each value to the next; or the one asked for.
    fn values(&self, column: &str, before: &[(&str, &str)], one: Option<&str>) -> Result<Vec<String>, Trouble> {
        if let Some(one) = one {
            return Ok(vec![one.to_owned()]);
        }
        let known: String = before.iter().map(|(column, _)| format!("{column} = ? AND ")).collect();
        let sql = format!(
            "SELECT {column} FROM exchanges INDEXED BY exchanges_parties WHERE {known}{column} > ? ORDER BY {column} LIMIT 1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut values: Vec<String> = Vec::new();
        loop {
            let last = values.last().map(String::as_str).unwrap_or_default();
            let at = before.iter().map(|(_, value)| *value).chain([last]);
            let next = statement.query_row(params_from_iter(at), |row| row.get(0)).optional()?;
            match next {
                Some(next) => values.push(next),
                None => return Ok(values),
            }
        }
    }
}
