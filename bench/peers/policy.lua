-- The policy path in nginx: JSON parse, a validator written by hand for the application document (what a schema
-- compiler would give at best), remove, rename and add a member, encode. Duplicate keys are not seen; the reply is
-- passed on unread.
local cjson = require "cjson.safe"
local find = ngx.re.find
local function text(v, lo, hi) return type(v) == "string" and #v >= lo and #v <= hi end
local function like(v, pattern) return type(v) == "string" and find(v, pattern, "jo") ~= nil end
local function set(...) local s = {} for _, k in ipairs { ... } do s[k] = true end return s end
local function only(t, names) for k in pairs(t) do if not names[k] then return false end end return true end
local function list(v, lo, hi) return type(v) == "table" and #v >= lo and #v <= hi end
local DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
local TOP = set("nomor", "layanan", "diajukan_pada", "kanal", "prioritas", "nama", "tanggal_lahir", "npwp", "surel",
    "telepon", "setuju", "jejak", "alamat", "keluarga", "penghasilan", "berkas", "catatan")
local ADDRESS = set("kecamatan", "jalan", "nomor", "rt_rw", "kode_pos")
local PERSON, INCOME, FILE = set("nama", "hubungan", "tanggal_lahir"), set("bulan", "jumlah", "mata_uang"), set("jenis", "nomor", "terbit", "sha256")
local CHANNEL, KIN, MONEY = set("portal", "kantor", "aplikasi", "mitra"), set("pasangan", "anak", "orang_tua", "lain"), set("IDR", "USD", "EUR")
local M = {}
function M.valid(d)
    if type(d) ~= "table" or not only(d, TOP) then return false end
    if not like(d.nomor, "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$") then return false end
    if not text(d.layanan, 3, 64) or not like(d.diajukan_pada, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$") then return false end
    if not CHANNEL[d.kanal] or not text(d.nama, 1, 800) or not like(d.tanggal_lahir, DATE) or d.setuju ~= true then return false end
    local p = d.prioritas
    if p ~= nil and (type(p) ~= "number" or p < 0 or p > 9 or p % 1 ~= 0) then return false end
    if d.npwp ~= nil and not like(d.npwp, "^[0-9]{15,16}$") then return false end
    if d.surel ~= nil and not text(d.surel, 0, 254) then return false end
    if d.telepon ~= nil and not like(d.telepon, "^\\+[0-9]{10,15}$") then return false end
    if d.jejak ~= nil and type(d.jejak) ~= "table" then return false end
    if d.catatan ~= nil and not text(d.catatan, 0, 4000) then return false end
    local a = d.alamat
    if type(a) ~= "table" or not only(a, ADDRESS) or not a.kecamatan or not a.jalan or not a.nomor then return false end
    for _, v in pairs(a) do if not text(v, 0, 120) then return false end end
    if d.keluarga ~= nil then
        if not list(d.keluarga, 0, 30) then return false end
        for _, f in ipairs(d.keluarga) do
            if type(f) ~= "table" or not only(f, PERSON) or not text(f.nama, 1, 200) or not KIN[f.hubungan] then return false end
            if f.tanggal_lahir ~= nil and not like(f.tanggal_lahir, DATE) then return false end
        end
    end
    if not list(d.penghasilan, 1, 60) then return false end
    for _, i in ipairs(d.penghasilan) do
        if type(i) ~= "table" or not only(i, INCOME) or not like(i.bulan, "^[0-9]{4}-[0-9]{2}$") then return false end
        if not like(i.jumlah, "^[0-9]{1,16}(\\.[0-9]{1,4})?$") or not MONEY[i.mata_uang] then return false end
    end
    if d.berkas ~= nil then
        if not list(d.berkas, 0, 50) then return false end
        for _, x in ipairs(d.berkas) do
            if type(x) ~= "table" or not only(x, FILE) or not text(x.jenis, 0, 40) or not text(x.nomor, 0, 40) then return false end
            if x.terbit ~= nil and not like(x.terbit, DATE) then return false end
            if x.sha256 ~= nil and not like(x.sha256, "^[0-9a-f]{64}$") then return false end
        end
    end
    return true
end
function M.access()
    ngx.req.read_body()
    local raw = ngx.req.get_body_data()
    if not raw then return ngx.exit(400) end
    local d = cjson.decode(raw)
    if not d or not M.valid(d) then return ngx.exit(422) end
    d.jejak = nil
    d.full_name, d.nama = d.nama, nil
    d.pengirim = ngx.var.consumer
    ngx.req.set_body_data(cjson.encode(d))
end
return M
