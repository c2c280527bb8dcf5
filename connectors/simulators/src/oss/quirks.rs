//! Every oddity of the reference's quirk list, as a switch. The defaults are what was documented or seen on the wire.

use serde::{Deserialize, Serialize};

/// Spelling of the envelope of `checkLicenseStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckEnvelope {
    /// `responcheckStatusLicense`, on errors `responsecheckStatusLicense`: the guide's examples.
    Examples,
    /// `responcheckLicenseStatus`: the guide's table.
    Table,
}

/// What stands in for the data on errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorData {
    /// As each method documents it.
    ByMethod,
    /// `{}`
    EmptyObject,
    /// `[]`
    EmptyArray,
    /// `null`
    Null,
    /// The key is missing.
    Missing,
}

/// Type of `kode` and its kin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeType {
    /// As each method documents it.
    ByMethod,
    /// Number.
    Number,
    /// Text.
    Text,
    /// In turn.
    Alternating,
}

/// HTTP status of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorHttp {
    /// The code is the HTTP status.
    Code,
    /// Always 200.
    Ok,
    /// In turn.
    Alternating,
}

/// Type of amounts and counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbers {
    /// Some numbers, some texts, as seen on the wire.
    AsSeen,
    /// All texts.
    AllText,
    /// Numbers where texts were seen and the reverse.
    Swapped,
}

/// Encoding of `kewenangan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// `00` central, `01` province, `02` city; STPW `00`, `02`, `03`.
    Guide,
    /// `00`, `02`, `03` everywhere.
    Stpw,
}

/// What an absent value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// `"-"`
    Dash,
    /// `""`
    Empty,
    /// `null`
    Null,
    /// The key is missing.
    Missing,
}

/// The switches; the number of the quirk stands in front of each.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// 1: `"tipe_dokumen "` with a trailing space.
    pub document_type_space: bool,
    /// 2: `"nm_ dokumen"` with an inner space in `inqueryNIB`.
    pub inner_space: bool,
    /// 3: `"responreceiveLicenseKKPR "` with a trailing space.
    pub kkpr_space: bool,
    /// 4: spelling of the envelope of `checkLicenseStatus`.
    pub check_envelope: CheckEnvelope,
    /// 4: `respon` as the envelope of `inqueryNIB`, as a proxy answers.
    pub proxy_envelope: bool,
    /// 4: root key of a push written otherwise (`datanib`, `DATANIB`, `dataNib` in turn).
    pub misspelled_push: bool,
    /// 5: data on errors.
    pub error_data: ErrorData,
    /// 6: type of codes.
    pub code_type: CodeType,
    /// 7: refuses texts longer than declared, where the declared length is too short for real values.
    pub declared_lengths: bool,
    /// 7: `versi_pia`, longer than its declared five characters.
    pub guide_version: String,
    /// 8: licence numbers of 30 characters; `updateLicense` answers the first 20.
    pub long_numbers: bool,
    /// 9: absent values.
    pub absent: Absent,
    /// 10: types of amounts and counts.
    pub numbers: Numbers,
    /// 11: `data_lokasi_proyek` inside `data_lokasi_proyek`.
    pub nested_location: bool,
    /// 12: encoding of `kewenangan`.
    pub authority: Authority,
    /// 13: `jenis_lokasi` of a project as `Y`/`N` (else `01`/`02`), and list 16 for the zone kind of a location.
    pub mixed_locations: bool,
    /// 14: `oss_id` written twice in `inqueryNIB`.
    pub duplicate_oss_id: bool,
    /// 15: `inqueryCertificate` answers a UTC instant for a local date.
    pub utc_instant: bool,
    /// 16: Arabic script, long dashes, superscripts.
    pub unicode: bool,
    /// 17: an issued licence reads 58 in `checkLicenseStatus`; some old ones 91 or 92.
    pub unlisted_statuses: bool,
    /// 18: HTTP status of errors.
    pub error_http: ErrorHttp,
    /// 20: null members in arrays.
    pub null_members: bool,
    /// Undocumented names seen on the wire (`flag_satu_lini`, `flag_memiliki_sni_bina_umk`, …).
    pub undocumented: bool,
    /// `inqueryProyek` with the names and shapes of the guide's table, not of its example.
    pub project_table: bool,
    /// `dataNIB.id_izin` is none of the checklist's.
    pub foreign_top_id: bool,
    /// Kilobytes of each photograph in a foreign-worker plan; a push may weigh megabytes.
    pub photo_kb: u32,
    /// Double slash in the address of a signed file.
    pub double_slash: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            document_type_space: true,
            inner_space: true,
            kkpr_space: true,
            check_envelope: CheckEnvelope::Examples,
            proxy_envelope: false,
            misspelled_push: false,
            error_data: ErrorData::ByMethod,
            code_type: CodeType::ByMethod,
            declared_lengths: false,
            guide_version: "4.3.22".to_owned(),
            long_numbers: false,
            absent: Absent::Dash,
            numbers: Numbers::AsSeen,
            nested_location: true,
            authority: Authority::Guide,
            mixed_locations: true,
            duplicate_oss_id: true,
            utc_instant: true,
            unicode: true,
            unlisted_statuses: false,
            error_http: ErrorHttp::Code,
            null_members: true,
            undocumented: true,
            project_table: false,
            foreign_top_id: false,
            photo_kb: 0,
            double_slash: true,
        }
    }
}
