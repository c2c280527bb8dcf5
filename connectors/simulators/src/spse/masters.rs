//! Words for what the city knows as types: methods, categories, states (7).

use crate::city::{Category, Method, Package, State};

pub(super) fn plan_method(method: Method) -> (i64, &'static str) {
    match method {
        Method::Direct => (8, "Pengadaan Langsung"),
        Method::Catalogue => (9, "E-Purchasing"),
        Method::Tender => (13, "Tender"),
        Method::Selection => (15, "Seleksi"),
        Method::Appointment => (7, "Penunjukan Langsung"),
        Method::Exempted | Method::OwnWork(_) => (10, "Dikecualikan"),
    }
}

pub(super) fn plan_category(category: Category) -> (&'static str, &'static str) {
    match category {
        Category::Goods => ("1", "Barang"),
        Category::Construction => ("2", "Pekerjaan Konstruksi"),
        Category::Consulting => ("3", "Jasa Konsultansi"),
        Category::Service => ("4", "Jasa Lainnya"),
    }
}

pub(super) fn spse_category(category: Category) -> &'static str {
    match category {
        Category::Goods => "Pengadaan Barang",
        Category::Construction => "Pekerjaan Konstruksi",
        Category::Consulting => "Jasa Konsultansi Badan Usaha Non Konstruksi",
        Category::Service => "Jasa Lainnya",
    }
}

pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Running => "Berlangsung",
        State::Done => "Selesai",
        State::Failed => "Gagal/Batal",
    }
}

/// Account strings of a package, joined by `;`.
pub(super) fn accounts(package: &Package) -> String {
    package
        .parts
        .iter()
        .map(|part| part.mak.as_str())
        .collect::<Vec<_>>()
        .join(";")
}
