//! `[[salinan]]`: copies that are kept in step; `[[rantai]]`: records of several copies joined.

use super::flow::{Pairs, tables};
use crate::config::complaint::{Place, Placed};
use crate::config::reader::{Table, Tree};
use std::time::Duration;

tables! {
    /// One copy.
    RawMirror {
        id: Placed<String> = needed,
        sistem: Placed<String> = needed,
        salinan: Placed<String> = needed,
        alamat: Placed<String> = needed,
        setiap: Option<Placed<Duration>> = duration,
        segar: Option<Placed<Duration>> = duration,
        lanjut: Option<Placed<Duration>> = duration,
        simpan: Option<Placed<Duration>> = duration,
        simpan_bagian: Option<Placed<Duration>> = duration,
        cakupan: Tree = tree,
        cakupan_dari: Option<RawFeed> = one(RawFeed::read),
        bidang: Pairs = pairs,
        angka: Vec<Placed<String>> = texts,
        indeks: Vec<Placed<String>> = texts,
        peristiwa: Option<Placed<bool>> = flag,
    }

    /// Parts that follow another copy.
    RawFeed {
        salinan: Placed<String> = needed,
        isi: Pairs = pairs,
    }

    /// A chain over copies.
    RawChain {
        id: Placed<String> = needed,
        alamat: Placed<String> = needed,
        langkah: Vec<RawStage> = many(RawStage::read),
    }

    /// One step of a chain.
    RawStage {
        nama: Placed<String> = needed,
        salinan: Placed<String> = needed,
        versi_dari: Vec<Placed<String>> = texts,
        aturan: Vec<RawRule> = many(RawRule::read),
    }

    /// One way to find a link.
    RawRule {
        nama: Placed<String> = needed,
        kekuatan: Placed<String> = needed,
        kiri: Vec<Placed<String>> = texts,
        kanan: Vec<Placed<String>> = texts,
        gabung: Option<Placed<String>> = text,
        pisah: Option<Placed<String>> = text,
        buang: Option<Placed<String>> = text,
        memuat: Option<Placed<bool>> = flag,
        timbal_balik: Option<Placed<bool>> = flag,
    }
}
