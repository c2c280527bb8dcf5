//! The smallest complete Simpul connector; copy it.
//!
//! It translates Perpustakaan, an invented city library: one operation that reads, one that writes, a health probe.
//! Read in this order: this file, `descriptor`, `book_view`, `reservation_send`, `envelope`, `settings`.
//!
//! A connector holds no state but its configuration, and no secret at all. It never opens a socket, reads a clock or
//! decides to repeat: it says what to send and what an answer means; everything else is the gateway's.

mod book_view;
mod descriptor;
mod envelope;
mod health;
mod reservation_send;
mod settings;

use connector_sdk::{
    Connector, Descriptor, Factory, Fault, HealthProbe, NativeReply, NativeRequest, Operation, SettingComplaint,
    Settings,
};
use std::sync::Arc;

/// How the gateway builds this connector: `connector = "perpustakaan"` in a system's configuration.
pub const FACTORY: Factory = Factory {
    kind: descriptor::ID,
    build,
};

fn build(settings: &Settings) -> Result<Arc<dyn Connector>, Vec<SettingComplaint>> {
    let books = Arc::new(settings::read(settings)?);
    Ok(Arc::new(Perpustakaan {
        descriptor: descriptor::descriptor(),
        book_view: book_view::BookView::new(Arc::clone(&books)),
        reservation_send: reservation_send::ReservationSend::new(books),
        health: health::Probe,
    }))
}

struct Perpustakaan {
    descriptor: Descriptor,
    book_view: book_view::BookView,
    reservation_send: reservation_send::ReservationSend,
    health: health::Probe,
}

impl Connector for Perpustakaan {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        match id {
            book_view::ID => Some(&self.book_view),
            reservation_send::ID => Some(&self.reservation_send),
            _ => None,
        }
    }

    fn health(&self) -> Option<&dyn HealthProbe> {
        Some(&self.health)
    }

    fn screen(&self, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
        envelope::screen(request.writes, reply)
    }
}
