//! Log lines: a constant lowercase message and fields, one JSON object per line on standard error. What is logged is
//! decided where it is logged; nothing here can see a payload.

use std::io;
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// Form of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line, for machines.
    Json,
    /// For a person at a terminal.
    Text,
}

/// Why logging did not start.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The filter is not understood.
    #[error("log filter is not understood: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Logging was started before.
    #[error("logging is already set up: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Starts logging for the process. `filter` is a list of directives such as `info,gateway=debug`.
///
/// # Errors
/// When the filter is not understood or logging was started before.
pub fn init(format: LogFormat, filter: &str) -> Result<(), LogsError> {
    Ok(subscriber(format, filter, io::stderr)?.try_init()?)
}

fn subscriber<W>(format: LogFormat, filter: &str, writer: W) -> Result<Box<dyn Subscriber + Send + Sync>, LogsError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::builder().parse(filter)?)
        .with_writer(writer);
    Ok(match format {
        LogFormat::Json => Box::new(
            lines
                .json()
                .flatten_event(true)
                .with_current_span(false)
                .with_span_list(false)
                .finish(),
        ),
        LogFormat::Text => Box::new(lines.compact().with_ansi(false).finish()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines(format: LogFormat, filter: &str) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = subscriber(format, filter, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(exchange = "018f", status = 202, "answered");
            tracing::debug!("not wanted");
        });
        String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_line_is_one_flat_object() {
        let lines = lines(LogFormat::Json, "info");
        let line: serde_json::Value = serde_json::from_str(lines.trim_end()).unwrap();
        assert_eq!(line["message"], "answered");
        assert_eq!(line["exchange"], "018f");
        assert_eq!(line["status"], 202);
        assert_eq!(line["level"], "INFO");
        assert!(line["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    }

    #[test]
    fn text_is_plain_and_a_bad_filter_is_told() {
        let line = lines(LogFormat::Text, "info");
        assert!(
            line.contains("answered exchange=\"018f\" status=202") && !line.contains('\u{1b}'),
            "{line}"
        );
        assert!(subscriber(LogFormat::Text, "gateway=keras", io::stderr).is_err());
    }
}
