// Drives /docs; called by scripts/docs-check with the sandbox's folder and a folder for what it finds.
'use strict';
const fs = require('fs');
const path = require('path');
const puppeteer = require('puppeteer-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const [data, folder] = process.argv.slice(2);
const dev = JSON.parse(fs.readFileSync(path.join(data, 'dev.json'), 'utf8'));
const failures = [];
// What the system behind may have to say to an example; anything else from us is a wrong example or a defect.
const FROM_BEHIND = [404, 409, 501, 502, 503, 504];
// Whose example cannot do without something made first: an uploaded file, a signer's passphrase, a plan of that stage.
const APART = ['eoffice.disposisi.dorong', 'naskah.keluar.kirim', 'naskah.masuk.kirim', 'rencana.pemetaan.lihat', 'sertifikat.kirim',
  'tte.periksa', 'tte.tandatangani'];
const ENDINGS = { curl: 'sh', PHP: 'php', Java: 'java', Python: 'py' };

async function judge(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const one of found.violations) {
    const line = `${where}: ${one.impact} ${one.id} – ${one.help} (${one.nodes.length}: ${one.nodes[0].html.slice(0, 120)})`;
    if (one.impact === 'serious' || one.impact === 'critical') failures.push(line);
    console.log(line);
  }
}

// Presses a button and waits until the result says something new.
async function answered(page, button) {
  await page.$eval('#hasil', (at) => { at.textContent = ''; });
  await page.click(button);
  await page.waitForFunction(() => document.getElementById('hasil').textContent.startsWith('HTTP '), { timeout: 90000 });
  return page.$eval('#hasil', (at) => at.textContent);
}

async function tryAll(page) {
  const got = await answered(page, '#minta');
  if (!got.startsWith('HTTP 201')) failures.push(`a trial key: ${got.slice(0, 200)}`);
  fs.writeFileSync(path.join(folder, 'kunci'), await page.$eval('[name=kunci]', (at) => at.value));
  const operations = await page.$$eval('[name=operasi] option', (all) => all.map((one) => one.value));
  const counts = {};
  for (const operation of operations) {
    await page.select('[name=operasi]', operation);
    const text = await answered(page, '#coba button:not([type])');
    const status = Number(text.slice(5, 8));
    counts[status] = (counts[status] ?? 0) + 1;
    const lacking = APART.includes(operation) && [400, 422].includes(status);
    if (!(status >= 200 && status < 300) && !FROM_BEHIND.includes(status) && !lacking) failures.push(`${operation}: ${text.slice(0, 400)}`);
  }
  console.log(`panel: ${operations.length} operations tried, by status: ${JSON.stringify(counts)}`);
  return operations;
}

// The samples as a reader copies them, with the sandbox's own address.
async function samples(page, operation, number) {
  const key = fs.readFileSync(path.join(folder, 'kunci'), 'utf8');
  const found = await page.evaluate(async (id, secret) => {
    const answer = await fetch(`/katalog/${id}?bentuk=html`, { headers: { 'X-API-Key': secret } });
    const document = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return Array.from(document.querySelectorAll('h3'), (head) => [head.textContent, head.nextElementSibling?.textContent ?? '']);
  }, operation, key);
  if (found.length !== 4) failures.push(`${operation}: ${found.length} samples`);
  const name = `c${String(number).padStart(3, '0')}`;
  if (APART.includes(operation)) fs.appendFileSync(path.join(folder, 'terpisah'), `${name}\n`);
  for (const [language, text] of found) {
    const own = text.replaceAll('http://127.0.0.1:8080', dev.public).replace(/class Contoh\b/, `class ${name}`);
    fs.writeFileSync(path.join(folder, `${name}.${ENDINGS[language]}`), own);
  }
}

(async () => {
  const browser = await puppeteer.launch({
    executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage();
  await page.setViewport({ width: 1366, height: 900 });
  page.on('request', (request) => {
    if (!request.url().startsWith(dev.public) && !request.url().startsWith('data:')) failures.push(`asks for ${request.url()}`);
  });
  page.on('pageerror', (error) => failures.push(`script: ${error.message}`));
  for (const where of ['/docs?bahasa=id', '/docs?bahasa=en', '/katalog?bentuk=html', '/docs/masalah/isi-tidak-sesuai']) {
    await page.goto(dev.public + where);
    await judge(page, where);
    await page.screenshot({ path: path.join(folder, `${where.replace(/\W+/g, '-')}.png`), fullPage: true });
  }
  await page.goto(`${dev.public}/docs`);
  const operations = await tryAll(page);
  for (const [number, operation] of operations.entries()) await samples(page, operation, number);
  await browser.close();
  for (const line of failures) console.error(`FAILED ${line}`);
  process.exit(failures.length ? 1 : 0);
})();
