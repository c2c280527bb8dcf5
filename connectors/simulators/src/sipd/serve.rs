//! Who may ask, what is asked for, and the oddities that stand before any answer.

use serde_json::json;

use super::{
    ARCHIVE, C1_AKUN, C1_RINCI, C1_SKPD, C1_SUB, C1_SUB_SKPD, CASH_PLAN, COPY, DPA, GET, JOURNAL, LRA, Limit, PROFILE,
    PUSH, SKPD, SP2D, SP2D_PRINT, SPD, SPD_REPORT, SPM, SPP, STATISTICS, Sipd,
};
use crate::frame::{Answer, Endpoint, Fault, Request, Role};

/// The endpoint of a path.
pub(super) fn endpoint(request: &Request) -> Option<Endpoint> {
    let path: Vec<&str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
    let read = request.method == "GET";
    Some(match path.as_slice() {
        ["auth", "strict", "user", "profile"] if read => PROFILE,
        ["referensi", "strict", "skpd", "list", _, _] if read => SKPD,
        ["referensi", "strict", "dpa", "penarikan", "belanja"] if read => CASH_PLAN,
        ["referensi", "strict", "laporan", "dpa", "dpa", "rincian-belanja", _] if read => DPA,
        ["pengeluaran", "strict", "spd", "otorisasi", "list-spd", _] if read => SPD,
        ["pengeluaran", "strict", "spd", "pembuatan", "laporan-spd", _, _] if read => SPD_REPORT,
        ["pengeluaran", "strict", "spp", "pembuatan", "index"] if read => SPP,
        ["pengeluaran", "strict", "spm", "index"] if read => SPM,
        ["pengeluaran", "strict", "sp2d", "pembuatan", "index"] if read => SP2D,
        ["pengeluaran", "strict", "sp2d", "pembuatan", "cetak", _] if read => SP2D_PRINT,
        ["pengeluaran", "strict", "dashboard", "statistik-belanja", ..] if read => STATISTICS,
        ["aklap", "api", "buku-jurnal", "list"] if read => JOURNAL,
        ["aklap", "api", "report", "cetaklra"] if read => LRA,
        ["api", "master", "skpd", "list"] if !read => C1_SKPD,
        ["api", "master", "akun", "list"] if !read => C1_AKUN,
        ["api", "renja", "sub_bl", "list_skpd"] if !read => C1_SUB_SKPD,
        ["api", "renja", "sub_bl", "list_belanja_by_tahun_daerah_unit"] if !read => C1_SUB,
        ["api", "renja", "rinci_sub_bl", "list"] if !read => C1_RINCI,
        ["run", "serv", name] if name.starts_with("push") && !read => PUSH,
        ["run", "serv", name] if name.starts_with("get") && read => GET,
        ["arsip", "sp2d.json"] if read => ARCHIVE,
        ["wp-admin", "admin-ajax.php"] if !read => COPY,
        _ => return None,
    })
}

/// A success status with an error, in the dialect of the path.
pub(super) fn error_body(request: &Request) -> Answer {
    let body = if request.path.starts_with("/api/") {
        json!({"status": false, "status_code": 403, "message": "Sesi berakhir", "data": null})
    } else if request.path.starts_with("/run/") {
        json!({"code": 200, "msg": "Sukses menyimpan 10 byte tunggu proses ekstraksi", "log": ["ERROR: simulasi"]})
    } else if request.path.starts_with("/wp-admin/") {
        json!({"action": "", "status": "error", "message": "APIKEY tidak sesuai!"})
    } else {
        json!({"message": "Too Many Requests"})
    };
    Answer::json(200, &body)
}

impl Sipd {
    /// The rate limit in the form it is switched to.
    pub(super) fn limit(&self) -> Answer {
        match self.options.quirks.limit {
            Limit::Status => Answer::text(429, "text/plain", "Too Many Requests"),
            Limit::Text => Answer::text(200, "text/plain", "Too Many Requests"),
            Limit::Json => Answer::json(200, &json!({"message": "Too Many Requests"})),
            Limit::Empty => Answer::text(200, "application/json", ""),
        }
    }

    fn admitted(&self, endpoint: Endpoint, request: &Request) -> bool {
        let bearer = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        let fresh = self.clock.now().as_second() < self.token_until();
        let token = |value: Option<&str>| fresh && value == Some(self.token());
        match endpoint {
            COPY => {
                let form = crate::frame::form::decode(&request.body);
                form.iter()
                    .any(|(name, value)| name == "api_key" && *value == self.options.copy_key)
            }
            ARCHIVE => true,
            PUSH | GET if self.options.quirks.page_headers => {
                let key = request
                    .header("authentication")
                    .and_then(|value| value.strip_prefix("Bearer "));
                key == Some(self.options.push_key.as_str())
                    && request.header("content_type") == Some("application/json")
            }
            PUSH | GET => bearer == Some(self.options.push_key.as_str()) || token(bearer),
            _ if request.path.starts_with("/api/") => {
                token(request.header("x-access-token")) && request.header("x-api-key") == Some(&self.options.api_key)
            }
            _ => token(bearer),
        }
    }

    /// The answer of the endpoint, unless an oddity comes first.
    pub(super) fn answer(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        let Some(endpoint) = endpoint else {
            return Answer::json(404, &json!({"message": "not found"}));
        };
        self.asked += 1;
        if !self.admitted(endpoint, request) {
            return match endpoint {
                COPY => Answer::json(
                    200,
                    &json!({"action": "", "status": "error", "message": "APIKEY tidak sesuai!"}),
                ),
                _ if request.path.starts_with("/api/") => error_body(request),
                _ => Answer::json(401, &json!({"message": "unauthorized"})),
            };
        }
        let quirks = &self.options.quirks;
        let turn = |every: u64| every > 0 && self.asked.is_multiple_of(every) && endpoint.role != Role::Write;
        if turn(quirks.limit_every) {
            return self.limit();
        }
        if turn(quirks.token_key_every) {
            return Answer::json(403, &json!({"message": "token_key_1"}));
        }
        if turn(quirks.database_error_every) {
            return Answer::text(500, "text/plain", "scan into dest[0]: cannot scan NULL into *string");
        }
        match endpoint {
            PROFILE => Answer::json(
                200,
                &json!({"id_user": 501, "id_daerah": self.options.id_daerah, "nama_role": "BUD/Kuasa BUD"}),
            ),
            C1_SKPD | C1_AKUN | C1_SUB_SKPD | C1_SUB | C1_RINCI => self.planning(endpoint, request, twists),
            PUSH => self.take_push(request),
            GET => self.read_back(request),
            ARCHIVE => self.archive(),
            COPY => self.local_copy(request),
            _ => self.treasury(endpoint, request, twists),
        }
    }
}
