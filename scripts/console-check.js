// Drives the console; called by scripts/console-check with the sandbox's folder and a folder for screenshots.
'use strict';
const fs = require('fs');
const path = require('path');
const http = require('http');
const puppeteer = require('puppeteer-core');
const axe = require.resolve('axe-core/axe.min.js');

const [data, folder] = process.argv.slice(2);
const dev = JSON.parse(fs.readFileSync(path.join(data, 'dev.json'), 'utf8'));
const PAGES = ['/', '/masalah', '/pertukaran?sejak=semua', '/antrean', '/sistem', '/peristiwa', '/salinan', '/konsumen', '/bukti',
  '/kinerja', '/katalog', '/laporan?opd=42', '/pengaturan'];
const failures = [];
let looked = 0;

const send = (method, url, headers, body) => new Promise((done, failed) => {
  const request = http.request(url, { method, headers }, (answer) => {
    let text = '';
    answer.on('data', (part) => { text += part; });
    answer.on('end', () => done({ status: answer.statusCode, text }));
  });
  request.on('error', failed);
  request.end(body);
});
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

// Complaints that arrive, and some that no system takes, so that every page has something to show.
async function seed() {
  const complaint = (ticket) => JSON.stringify({
    tiket: ticket, sumber: 'laksa', dikirim_pada: '2026-02-03T08:00:00+07:00', klasifikasi: 'pengaduan', kategori: 'lampu_jalan',
    judul: 'Lampu jalan padam', isi: 'Lampu penerangan jalan padam sejak tiga hari.', anonim: true, rahasia: false,
  });
  const headers = { 'x-api-key': dev.key, 'content-type': 'application/json', prefer: 'respond-async' };
  for (let n = 0; n < 12; n += 1) await send('POST', `${dev.public}/v1/pengaduan`, headers, complaint(`K-${n}`));
  await pause(2000);
  const control = `${new URL(dev.simulators.lapor).origin}/__sim/faults`;
  const rule = { endpoint: 'create', fault: 'ok_with_error_body', always: true };
  await send('POST', control, { 'content-type': 'application/json' }, JSON.stringify(rule));
  for (let n = 0; n < 4; n += 1) await send('POST', `${dev.public}/v1/pengaduan`, headers, complaint(`G-${n}`));
  for (let n = 0; n < 100; n += 1) {
    const waiting = await send('GET', `${dev.operator}/admin/v1/pertukaran?keadaan=gagal`, { authorization: `Bearer ${dev.operator_token}` });
    if (JSON.parse(waiting.text).butir.length >= 4) break;
    await pause(300);
  }
  await send('DELETE', control, {});
  await pause(2000);
}

async function judge(page, where) {
  await page.addScriptTag({ path: axe }).catch(() => page.evaluate(fs.readFileSync(axe, 'utf8')));
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const one of found.violations) {
    const line = `${where}: ${one.impact} ${one.id} – ${one.help} (${one.nodes.length}: ${one.nodes[0].html.slice(0, 120)})`;
    if (one.impact === 'serious' || one.impact === 'critical') failures.push(line);
    console.log(line);
  }
  looked += 1;
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) failures.push(`${where}: scrolls sideways by ${wide} px`);
}

// Mutes and assigns the first issue by keys alone, with the form looked at while it is open.
async function keyboardMute(page) {
  await page.goto(`${dev.operator}/masalah`);
  const press = async (until) => {
    for (let n = 0; n < 200; n += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(until)) return true;
    }
    return false;
  };
  if (!await press(() => document.activeElement.tagName === 'SUMMARY')) { failures.push('keyboard: the mute form cannot be reached'); return; }
  await page.keyboard.press('Enter');
  await judge(page, 'masalah, form open');
  await page.screenshot({ path: path.join(folder, 'id-masalah-formulir.png'), fullPage: true });
  if (!await press(() => document.activeElement.name === 'penanggung')) { failures.push('keyboard: the person cannot be named'); return; }
  await page.keyboard.type('Petugas Dua');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.type('diperiksa lewat papan ketik');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  const text = await page.evaluate(() => document.body.textContent);
  if (!text.includes('Didiamkan sampai') || !text.includes('Petugas Dua')) failures.push('keyboard: the issue was not muted and assigned');
  await judge(page, 'masalah, muted');
  await page.screenshot({ path: path.join(folder, 'id-masalah-didiamkan.png'), fullPage: true });
  console.log('keyboard: an issue muted and assigned');
}

// From the list of issues to a finished job without a mouse.
async function keyboardReplay(page) {
  await page.goto(`${dev.operator}/antrean`);
  const press = async (key, until) => {
    for (let n = 0; n < 200; n += 1) {
      await page.keyboard.press(key);
      if (await page.evaluate(until)) return true;
    }
    return false;
  };
  const onLink = () => document.activeElement.getAttribute('href')?.startsWith('/kirim-ulang');
  if (!await press('Tab', onLink)) { failures.push('keyboard: the replay link cannot be reached'); return; }
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  const count = await page.$eval('#jumlah', (at) => at.textContent);
  await judge(page, 'replay, previewed');
  await page.screenshot({ path: path.join(folder, 'id-kirim-ulang.png'), fullPage: true });
  if (!await press('Tab', () => document.activeElement.id === 'alasan')) { failures.push('keyboard: the reason cannot be reached'); return; }
  await page.keyboard.type('diperiksa lewat papan ketik');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  for (let n = 0; n < 60; n += 1) {
    await pause(500);
    await page.reload();
    const state = await page.$eval('#keadaan', (at) => at.textContent);
    if (state === 'Selesai' || state === 'Finished') {
      await judge(page, 'replay, finished');
      await page.screenshot({ path: path.join(folder, 'id-pekerjaan.png'), fullPage: true });
      console.log(`keyboard: replay of ${count} finished`);
      return;
    }
  }
  failures.push('keyboard: the job did not finish');
}

(async () => {
  await seed();
  const browser = await puppeteer.launch({
    executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage();
  await page.setBypassCSP(true);
  await page.setViewport({ width: 1366, height: 900 });
  page.on('request', (request) => {
    if (!request.url().startsWith(dev.operator) && !request.url().startsWith('data:')) failures.push(`asks for ${request.url()}`);
  });
  page.on('pageerror', (error) => failures.push(`script: ${error.message}`));
  await page.goto(`${dev.operator}/masuk`);
  await judge(page, 'id /masuk');
  await page.screenshot({ path: path.join(folder, 'id-masuk.png') });
  await page.goto(`${dev.operator}/bahasa/en?ke=/masuk`);
  await judge(page, 'en /masuk');
  await page.goto(`${dev.operator}/bahasa/id?ke=/masuk`);
  // By keys alone, wrong first: name, password, code.
  for (const word of ['salah', dev.operator_token]) {
    await page.focus('#nama');
    await page.keyboard.type('Petugas Satu');
    await page.keyboard.press('Tab');
    await page.keyboard.type(word);
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement.id) !== 'kode') failures.push('keyboard: the code cannot be reached');
    if (word === 'salah') {
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
      await judge(page, 'masuk, refused');
      await page.screenshot({ path: path.join(folder, 'id-masuk-salah.png') });
    }
  }
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  if (page.url().includes('/masuk')) { console.error('cannot sign in'); process.exit(1); }
  for (const language of ['id', 'en']) {
    await page.goto(`${dev.operator}/bahasa/${language}?ke=/`);
    for (const where of PAGES) {
      await page.goto(dev.operator + where);
      const tag = await page.evaluate(() => document.documentElement.lang);
      if (tag !== language) failures.push(`${language} ${where}: lang is ${tag}`);
      await judge(page, `${language} ${where}`);
      const name = where.split('?')[0].replace(/\//g, '') || 'beranda';
      await page.screenshot({ path: path.join(folder, `${language}-${name}.png`), fullPage: true });
    }
    await page.goto(`${dev.operator}/pertukaran?sejak=semua`);
    const first = await page.$('.baris-pilih tbody th a');
    if (first) {
      await Promise.all([page.waitForNavigation(), first.click()]);
      await judge(page, `${language} detail`);
      await page.screenshot({ path: path.join(folder, `${language}-rincian.png`), fullPage: true });
    }
  }
  await page.goto(`${dev.operator}/bahasa/id?ke=/`);
  await page.goto(`${dev.operator}/pertukaran/01900000-0000-7000-8000-000000000000`);
  await judge(page, 'no such exchange');
  await page.screenshot({ path: path.join(folder, 'id-tidak-ada.png') });
  await keyboardMute(page);
  await keyboardReplay(page);
  await browser.close();
  console.log(`${looked} pages looked at`);
  for (const line of failures) console.error(`FAILED ${line}`);
  process.exit(failures.length ? 1 : 0);
})();
