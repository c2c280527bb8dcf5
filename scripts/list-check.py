"""Called by scripts/list-check: fills a journal with invented exchanges and times the list over the operator port."""
import json, os, random, shutil, signal, sqlite3, subprocess, sys, tempfile, time, urllib.request, uuid

binary, count = sys.argv[1], int(sys.argv[2])
folder = tempfile.mkdtemp()
gateway = None


def start():
    said = open(os.path.join(folder, "dev.json"), "w+")
    log = open(os.path.join(folder, "dev.log"), "a")
    command = [binary, "dev", "--data", folder, "--port", "0", "--operator-port", "0", "--json"]
    running = subprocess.Popen(command, stdout=said, stderr=log)
    for _ in range(600):
        said.seek(0)
        text = said.read()
        if text.strip():
            return running, json.loads(text)
        time.sleep(0.2)
    raise SystemExit("list-check: the gateway does not start: " + open(os.path.join(folder, "dev.log")).read()[-2000:])


def stop(running):
    running.send_signal(signal.SIGTERM)
    running.wait(60)


def fill():
    journal = next(os.path.join(at, "jurnal.sqlite") for at, _, files in os.walk(folder) if "jurnal.sqlite" in files)
    base = sqlite3.connect(journal)
    operations = [("pengaduan.kirim", "lapor"), ("izin.status.tulis", "oss"), ("naskah.masuk.kirim", "srikandi")]
    # Codes as in gateway/store/src/codes.rs: mostly done, a few that failed or wait for a person, as in a bad week.
    done, others = 5, [4, 6, 7]
    last = base.execute("SELECT coalesce(max(seq), 0) FROM exchanges").fetchone()[0]
    now = time.time_ns()
    drawn = random.Random(7)

    def rows():
        for n in range(1, count + 1):
            operation, system = operations[n % 3]
            at = now - (count - n) * 2_592_000_000_000_000 // count
            state = done if drawn.random() < 0.995 else drawn.choice(others)
            number = uuid.UUID(int=(at // 1_000_000) << 80 | 7 << 76 | 2 << 62 | n).bytes
            yield (last + n, number, f"opd-{n % 40}", operation, system, "uji", b"0" * 32, f"R-{n}", at, state, state, 1, at,
                   at, 0, 1, 0, 1, at, 1)

    with base:
        base.executemany("""INSERT INTO exchanges (seq, id, consumer, operation, system, purpose, fingerprint, reference,
            created, state, before, fence, due, wake, head, attempts, lookups, tries, changed, erased)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)""", rows())
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    print(f"{count} exchanges, {os.path.getsize(journal) >> 20} MiB")
    base.close()


def timed(address, token, path):
    request = urllib.request.Request(address + path, headers={"authorization": f"Bearer {token}"})
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
    return (time.perf_counter() - begun) * 1000, body


try:
    gateway, said = start()
    stop(gateway)
    fill()
    gateway, said = start()
    address, token = said["operator"], said["operator_token"]
    worst = 0
    for name, path in [
        ("newest", "/admin/v1/pertukaran"),
        ("of a system", "/admin/v1/pertukaran?sistem=oss"),
        ("of a consumer", "/admin/v1/pertukaran?konsumen=opd-7"),
        ("of a consumer that never called", "/admin/v1/pertukaran?konsumen=opd-contoh"),
        ("of an operation that nobody called", "/admin/v1/pertukaran?operasi=pengaduan.tidak.ada"),
        ("of the last hour, of a quiet consumer", "/admin/v1/pertukaran?konsumen=opd-contoh&sejak=" + time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime())),
        ("29 of 30 days ago", "/admin/v1/pertukaran?sampai=" + time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 2505600))),
        ("ten days ago", "/admin/v1/pertukaran?sampai=" + time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 864000))),
        ("failed", "/admin/v1/pertukaran?keadaan=gagal"),
        ("failed of a system", "/admin/v1/pertukaran?keadaan=gagal&sistem=lapor"),
        ("of an operation", "/admin/v1/pertukaran?operasi=izin.status.tulis"),
        ("by reference", f"/admin/v1/pertukaran?rujukan=R-{count // 2}"),
    ]:
        took = sorted(timed(address, token, path)[0] for _ in range(100))
        rows = len(json.loads(timed(address, token, path)[1])["butir"])
        worst = max(worst, took[94])
        print(f"{name:32} {rows:3} rows   p50 {took[49]:7.1f} ms   p95 {took[94]:7.1f} ms   most {took[-1]:7.1f} ms")
    sys.exit(0 if worst < 300 else 1)
finally:
    if gateway and gateway.poll() is None:
        stop(gateway)
    shutil.rmtree(folder, ignore_errors=True)
