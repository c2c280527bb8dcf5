// The panel of /docs that tries calls against the sandbox it was served from. No other host is spoken to; nothing is kept.
"use strict";
const form = document.getElementById("coba");
const field = (name) => form.elements[name];
const shown = document.getElementById("hasil");

const show = async (answer) => {
  const text = await answer.text();
  let body = text;
  try {
    body = JSON.stringify(JSON.parse(text), null, 2);
  } catch (_) {
    // Not JSON: as it is.
  }
  shown.textContent = `HTTP ${answer.status}\n${answer.headers.get("location") ?? ""}\n${body}`;
  return text;
};

const chosen = () => field("operasi").selectedOptions[0].dataset;

field("operasi").addEventListener("change", () => {
  field("jalur").value = chosen().jalur;
  field("isi").value = chosen().isi;
  field("isi").disabled = chosen().isi === "";
});
field("operasi").dispatchEvent(new Event("change"));

document.getElementById("minta").addEventListener("click", async () => {
  // The chosen one first: a request names so many at most.
  const all = Array.from(field("operasi").options, (option) => option.value);
  const operations = [...new Set([field("operasi").value, ...all])].slice(0, 200);
  const wish = {
    konsumen: `coba-${Math.random().toString(36).slice(2, 10)}`,
    nama: "Percobaan dari halaman rujukan",
    pemohon: "halaman rujukan",
    operasi: operations,
    tujuan: "Mencoba panggilan",
    dasar_hukum: "Percobaan sandbox",
  };
  const text = await show(
    await fetch("/v1/akses", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wish),
    }),
  );
  field("kunci").value = JSON.parse(text).kunci_api ?? "";
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const headers = { "X-API-Key": field("kunci").value };
  const body = field("isi").disabled ? undefined : field("isi").value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  // Over plain HTTP from another machine the browser gives no UUID.
  const once = crypto.randomUUID?.() ?? `coba-${Date.now()}-${Math.random()}`;
  if (chosen().metode !== "GET") headers["Idempotency-Key"] = once;
  await show(await fetch(field("jalur").value, { method: chosen().metode, headers, body }));
});
