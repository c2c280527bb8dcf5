//! What the gateway does of its own accord, as written: `[[relai]]` and what belongs to it, `[[ikuti]]`, `[[jadwal]]`,
//! `[[daftar]]`, `[[wewenang]]`, `[[libur]]`, `[[pemeliharaan]]`.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::{Table, Tree};
use serde_json::Value;
use std::time::Duration;

/// Pointers and where their values come from.
pub(super) type Pairs = Vec<(String, Placed<String>)>;

/// One struct per table; every field is one key, read by the function named after its type.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $read:ident $(($with:expr))?,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        #[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
        pub struct $name {
            pub place: Place,
            $(pub $field: $type,)*
        }

        impl $name {
            pub(super) fn read(table: Table<'_>) -> Self {
                let raw = Self {
                    place: table.place().clone(),
                    $($field: table.$read(stringify!($field) $(, $with)?),)*
                };
                table.finish();
                raw
            }
        }
    )*};
}

pub(super) use tables;

tables! {
    /// One relay.
    RawRelay {
        dari: Placed<String> = needed,
        ke: Placed<String> = needed,
        tujuan: Placed<String> = needed,
        tiap: Option<Placed<String>> = text,
        terbaru_dulu: Option<Placed<bool>> = flag,
        bila: Vec<(String, Placed<Value>)> = values,
        bila_bukan: Vec<(String, Placed<Value>)> = values,
        bila_ada: Vec<Placed<String>> = texts,
        bila_kosong: Vec<Placed<String>> = texts,
        utuh: Option<Placed<bool>> = flag,
        salin: Pairs = pairs,
        tetap: Vec<(String, Placed<Value>)> = values,
        rujukan: Vec<Placed<String>> = texts,
        cari: Option<RawFind> = one(RawFind::read),
        langkah: Option<RawSteps> = one(RawSteps::read),
    }

    /// A link that a relay looks for.
    RawFind {
        tautan: Placed<String> = needed,
        kunci: Vec<Placed<String>> = texts,
        sabar: Option<Placed<Duration>> = duration,
    }

    /// The order of states.
    RawSteps {
        bidang: Placed<String> = needed,
        urutan: Vec<Placed<String>> = texts,
        mundur: Vec<Placed<String>> = texts,
    }

    /// What an outcome is remembered by.
    RawLink {
        nama: Placed<String> = needed,
        operasi: Placed<String> = needed,
        kunci: Vec<Placed<String>> = texts,
        nilai: Pairs = pairs,
        simpan: Option<Placed<Duration>> = duration,
    }

    /// A protection that only rises.
    RawGuard {
        operasi: Placed<String> = needed,
        tautan: Placed<String> = needed,
        kunci: Vec<Placed<String>> = texts,
        bendera: Pairs = pairs,
    }

    /// Records that are followed.
    RawFollow {
        operasi: Placed<String> = needed,
        baca: Option<Placed<String>> = text,
        isian: Pairs = pairs,
        juga: Vec<RawReading> = many(RawReading::read),
        keadaan: Option<Placed<String>> = text,
        sejak: Option<Placed<String>> = text,
        sampai: Vec<Placed<String>> = texts,
        setiap: Option<Placed<Duration>> = duration,
        paling_jarang: Option<Placed<Duration>> = duration,
        tenggang: Option<Placed<Duration>> = duration,
        paling_lama: Option<Placed<Duration>> = duration,
        tenggat: Vec<RawDeadline> = many(RawDeadline::read),
    }

    /// Another reading of a follow.
    RawReading {
        baca: Placed<String> = needed,
        isian: Pairs = pairs,
    }

    /// Working days in some states.
    RawDeadline {
        keadaan: Vec<Placed<String>> = texts,
        hari_kerja: Option<Placed<u64>> = number(1),
    }

    /// A reading on a schedule.
    RawSchedule {
        id: Placed<String> = needed,
        operasi: Placed<String> = needed,
        masukan: Tree = tree,
        setiap: Option<Placed<Duration>> = duration,
        tujuan: Placed<String> = needed,
        halaman: Option<RawPages> = one(RawPages::read),
        lanjut: Option<RawCarry> = one(RawCarry::read),
    }

    /// How a reply leads to the next page.
    RawPages {
        masukan: Placed<String> = needed,
        balasan: Placed<String> = needed,
        maks: Option<Placed<u64>> = number(1),
    }

    /// A position carried from run to run.
    RawCarry {
        masukan: Placed<String> = needed,
        daftar: Placed<String> = needed,
        bidang: Placed<String> = needed,
    }

    /// A list kept in step.
    RawList {
        sistem: Placed<String> = needed,
        salinan: Placed<String> = needed,
        setiap: Option<Placed<Duration>> = duration,
    }

    /// Who answers for what.
    RawAuthority {
        operasi: Placed<String> = needed,
        dari: Placed<String> = needed,
        ke: Placed<String> = needed,
        kota: Vec<Placed<String>> = texts,
        instansi: Pairs = pairs,
    }

    /// A maintenance that was announced.
    RawMaintenance {
        sistem: Placed<String> = needed,
        dari: Placed<String> = needed,
        sampai: Placed<String> = needed,
        keterangan: Option<Placed<String>> = text,
    }

    /// The holidays of a year.
    RawHolidays {
        tahun: Option<Placed<u64>> = number(2000),
        tanggal: Vec<Placed<String>> = texts,
    }
}
