//! The catalogue and the reference of the API for people.

use super::catalogue::{access, description};
use super::entry::{Behind, Entry};
use super::facts::Facts;
use super::html::{block, frame, safe, table};
use super::sample::{samples, tried};
use super::schema::Names;
use crate::access::Newcomers;
use crate::http::{CODES, Language, code_titles};
use schemas::Schema;
use serde_json::Value;

/// `/katalog`
pub(super) fn catalogue(entries: &[Entry<'_>], facts: &Facts, language: Language) -> String {
    let say = |id: &'static str, en: &'static str| pick(language, id, en);
    let contact = facts.contact.as_deref().unwrap_or("-");
    let mut body = format!(
        "<p>{}: {} · {}: {}</p><p>{}</p>",
        say("Penyelenggara", "Organiser"),
        safe(&facts.organiser),
        say("kontak", "contact"),
        safe(contact),
        say(
            "Nama, uraian dan alamat setiap layanan terbuka. Rincian layanan <em>terbatas</em> memerlukan kunci konsumen terdaftar. \
             Bentuk lain: <a href=\"/katalog?bentuk=json\">JSON</a>, <a href=\"/katalog/dcat.jsonld\">DCAT</a>. \
             Mendaftarkan sistem sendiri: <a href=\"/katalog/manifes.schema.json\">skema manifes</a>.",
            "Name, description and address of every service are open. The details of <em>restricted</em> ones need the key of a \
             registered consumer. Other forms: <a href=\"/katalog?bentuk=json\">JSON</a>, <a href=\"/katalog/dcat.jsonld\">DCAT</a>. \
             To register a system of your own: <a href=\"/katalog/manifes.schema.json\">schema of manifests</a>.",
        ),
    );
    let head = [
        say("Layanan", "Service"),
        say("Nama dan uraian", "Name and description"),
        say("Alamat", "Address"),
        say("Akses", "Access"),
        say("Penyedia", "Provider"),
        say("Versi", "Version"),
    ];
    let rows = entries.iter().map(|entry| {
        let gone = entry
            .ageing
            .map_or_else(String::new, |_| format!(" · {}", say("usang", "deprecated")));
        vec![
            format!("<a href=\"/katalog/{0}\">{0}</a>", safe(&entry.id)),
            safe(language.pick(&description(entry))),
            format!("<code>{} {}</code>", entry.method, safe(entry.path)),
            said_access(entry, language).to_owned(),
            format!("{} ({})", safe(&entry.owner()), safe(language.pick(&entry.title()))),
            format!("{}{gone}", safe(entry.version())),
        ]
    });
    body.push_str(&table(say("Layanan", "Services"), &head, rows));
    frame(say("Katalog layanan", "Service catalogue"), language, &body)
}

/// `/docs`
pub(super) fn docs(entries: &[Entry<'_>], facts: &Facts, language: Language) -> String {
    let say = |id: &'static str, en: &'static str| pick(language, id, en);
    let mut body = format!(
        "<p>{}</p><ol><li>{}</li><li>{}</li><li>{}</li></ol>",
        say(
            "Semua isi JSON kanonik; nama bidang berbahasa Indonesia. Setiap jawaban membawa <code>X-Request-Id</code>: sebutkan bila bertanya.",
            "All bodies are canonical JSON. Every answer carries <code>X-Request-Id</code>: quote it when you ask.",
        ),
        say(
            "Kirim kunci di <code>X-API-Key</code>.",
            "Send your key in <code>X-API-Key</code>."
        ),
        say(
            "Untuk tulisan, kirim <code>Idempotency-Key</code> milik Anda; ulangan dengan kunci sama aman.",
            "For writes send an <code>Idempotency-Key</code> of yours; repeating with the same key is safe.",
        ),
        say(
            "Jawaban 202 atau <code>hasil-belum-pasti</code>: ikuti <code>Location</code> sampai selesai.",
            "A 202 or <code>hasil-belum-pasti</code>: follow <code>Location</code> to the end.",
        ),
    );
    if facts.newcomers == Newcomers::AtOnce {
        body.push_str(&panel(entries, language));
    }
    let mut systems: Vec<&str> = entries.iter().map(|entry| entry.system.as_str()).collect();
    systems.sort_unstable();
    systems.dedup();
    for system in systems {
        let of: Vec<_> = entries.iter().filter(|entry| entry.system == system).collect();
        let Some(first) = of.first() else { continue };
        body.push_str(&format!(
            "<h2 id=\"{0}\">{1}</h2>",
            safe(system),
            safe(language.pick(&first.title()))
        ));
        let rows = of.iter().map(|entry| {
            vec![
                format!(
                    "<a href=\"/katalog/{0}\"><code>{1} {2}</code></a>",
                    safe(&entry.id),
                    entry.method,
                    safe(entry.path)
                ),
                safe(language.pick(&entry.summary)),
                safe(&entry.id),
            ]
        });
        body.push_str(&table(
            &first.owner(),
            &[
                say("Alamat", "Address"),
                say("Guna", "Purpose"),
                say("Operasi", "Operation"),
            ],
            rows,
        ));
    }
    if let Some(first) = entries.iter().find(|entry| entry.writes()) {
        body.push_str(&format!("<h2>{}</h2>", say("Contoh panggilan", "A sample call")));
        body.push_str(&all_samples(first, facts));
    }
    body.push_str(&format!("<h2>{}</h2>", say("Masalah", "Problems")));
    let rows = CODES.iter().map(|(code, status)| {
        vec![
            format!("<a href=\"/docs/masalah/{code}\"><code>{code}</code></a>"),
            status.to_string(),
            safe(language.pick(&code_titles(code))),
        ]
    });
    body.push_str(&table(
        say("Setiap kode berhalaman sendiri", "Each code has a page"),
        &[say("Kode", "Code"), "HTTP", say("Arti", "Meaning")],
        rows,
    ));
    frame(say("Rujukan API", "API reference"), language, &body)
}

/// Tries calls against the sandbox that serves the page.
fn panel(entries: &[Entry<'_>], language: Language) -> String {
    let say = |id: &'static str, en: &'static str| pick(language, id, en);
    let options: String = entries
        .iter()
        .map(|entry| {
            let (path, example) = tried(entry);
            format!(
                "<option value=\"{0}\" data-metode=\"{1}\" data-jalur=\"{2}\" data-isi=\"{3}\">{1} {4} — {0}</option>",
                safe(&entry.id),
                safe(entry.method),
                safe(&path),
                safe(&example),
                safe(entry.path),
            )
        })
        .collect();
    format!(
        "<h2>{title}</h2><p>{about}</p><form id=\"coba\">\
         <p><label>{operation} <select name=\"operasi\">{options}</select></label></p>\
         <p><label>{address} <input name=\"jalur\" size=\"60\"></label></p>\
         <p><label>{key} <input name=\"kunci\" size=\"60\" autocomplete=\"off\"></label> \
         <button type=\"button\" id=\"minta\">{ask}</button></p>\
         <p><label>{content}<br><textarea name=\"isi\" rows=\"12\" cols=\"80\"></textarea></label></p>\
         <p><button>{send}</button></p></form><pre id=\"hasil\" role=\"status\" tabindex=\"0\"></pre>\
         <script src=\"/docs/coba.js\" defer></script>\n",
        title = say("Coba di sandbox", "Try it in the sandbox"),
        about = say(
            "Panggilan dikirim ke sandbox ini sendiri. Kunci percobaan datang seketika.",
            "Calls go to this very sandbox. A key for trials comes at once.",
        ),
        operation = say("Operasi", "Operation"),
        address = say("Alamat", "Address"),
        key = say("Kunci", "Key"),
        ask = say("Minta kunci percobaan", "Get a key for trials"),
        content = say("Isi", "Body"),
        send = say("Kirim", "Send"),
    )
}

/// `/katalog/{id}`
pub(super) fn entry(entry: &Entry<'_>, facts: &Facts, names: &Names<'_>, language: Language) -> String {
    let say = |id: &'static str, en: &'static str| pick(language, id, en);
    let mut body = format!("<p>{}</p>", safe(language.pick(&description(entry))));
    let mut facts_of = vec![
        (
            say("Alamat", "Address"),
            format!("<code>{} {}</code>", entry.method, safe(entry.path)),
        ),
        (say("Akses", "Access"), said_access(entry, language).to_owned()),
        (
            say("Sistem", "System"),
            format!("{} — {}", safe(language.pick(&entry.title())), safe(&entry.owner())),
        ),
        (say("Penyelenggara", "Organiser"), safe(&facts.organiser)),
        (say("Kontak", "Contact"), safe(facts.contact.as_deref().unwrap_or("-"))),
        (say("Akibat", "Effect"), effect(entry, language).to_owned()),
        (
            say("Daftar kode", "Code lists"),
            safe(&entry.codes().into_iter().collect::<Vec<_>>().join(", ")),
        ),
    ];
    if let Some(descriptor) = entry.descriptor {
        facts_of.push((
            say("Antarmuka asli", "Native interface"),
            safe(&descriptor.native_version),
        ));
    }
    if let Some(age) = entry.ageing {
        let until = age.sunset.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let instead = age.successor.as_deref().unwrap_or("-");
        facts_of.push((
            say(
                "Usang sejak, berakhir, pengganti",
                "Deprecated since, gone after, instead",
            ),
            safe(&format!("{}, {until}, {instead}", age.deprecated)),
        ));
    }
    let rows = facts_of.into_iter().map(|(name, value)| vec![safe(name), value]);
    body.push_str(&table(&entry.id, &[say("Hal", "Fact"), say("Isi", "Value")], rows));
    for (title, schema) in [
        (say("Masukan", "Input"), entry.request()),
        (say("Keluaran", "Output"), entry.reply()),
    ] {
        if let Some(schema) = schema {
            body.push_str(&fields(title, schema, language));
        }
    }
    body.push_str(&format!("<h2>{}</h2>", say("Contoh", "Samples")));
    body.push_str(&all_samples(entry, facts));
    if let Some(schema) = entry.request() {
        let text = serde_json::to_string_pretty(&names.inline(schema)).unwrap_or_default();
        body.push_str(&format!(
            "<details><summary>{}</summary>{}</details>",
            say("Skema masukan", "Schema of the input"),
            block(&text)
        ));
    }
    frame(&entry.id, language, &body)
}

fn fields(title: &str, schema: &Schema, language: Language) -> String {
    let document = schema.document();
    let required = |name: &str| {
        let all = document.get("required").and_then(Value::as_array);
        all.is_some_and(|all| all.iter().any(|one| one == name))
    };
    let rows = document
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let rows = rows.map(|(name, property)| {
        let text = |key: &str| property.get(key).and_then(Value::as_str).unwrap_or_default();
        let kind = match property.get("type") {
            Some(Value::String(kind)) => kind.clone(),
            Some(other) => other.to_string(),
            None => property.get("$ref").and_then(Value::as_str).unwrap_or("-").to_owned(),
        };
        let words = match language {
            Language::Id => text("description"),
            Language::En => text("x-en"),
        };
        vec![
            format!("<code>{}</code>", safe(name)),
            safe(&kind),
            if required(name) {
                pick(language, "ya", "yes")
            } else {
                ""
            }
            .to_owned(),
            safe(words),
        ]
    });
    let head = [
        pick(language, "Bidang", "Field"),
        pick(language, "Tipe", "Type"),
        pick(language, "Wajib", "Required"),
        pick(language, "Arti", "Meaning"),
    ];
    format!("<h2>{}</h2>{}", safe(title), table(schema.id(), &head, rows))
}

fn all_samples(entry: &Entry<'_>, facts: &Facts) -> String {
    let base = facts.base.as_deref().unwrap_or("http://127.0.0.1:8080");
    let one = |(name, text): (&str, String)| format!("<h3>{name}</h3>{}", block(&text));
    samples(entry, base).into_iter().map(one).collect()
}

fn said_access(entry: &Entry<'_>, language: Language) -> &'static str {
    match (access(entry), language) {
        ("terbuka", Language::Id) => "terbuka",
        ("terbuka", Language::En) => "open",
        (_, Language::Id) => "terbatas",
        (_, Language::En) => "restricted",
    }
}

fn effect(entry: &Entry<'_>, language: Language) -> &'static str {
    match entry.behind {
        Behind::Operation(published) if published.spec.effect.writes() => {
            pick(language, "menulis ke sistem", "writes to the system")
        }
        Behind::Operation(_) => pick(language, "membaca dari sistem", "reads from the system"),
        Behind::Copy(_) | Behind::Chain(_) => pick(language, "membaca salinan setempat", "reads a local copy"),
    }
}

fn pick(language: Language, id: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Id => id,
        Language::En => en,
    }
}
