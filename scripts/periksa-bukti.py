#!/usr/bin/env python3
"""Verifies an archive of Simpul's evidence with Python's standard library alone.

    scripts/periksa-bukti.py KUNCI ARSIP...

KUNCI holds trusted public keys, one a line (64 hex digits, text after # is ignored). Written from docs/evidence.md, and
from nothing else: it shares no code with the gateway. Prints what it verified, or the first thing that does not hold.
"""

import hashlib
import sys

# Ed25519 (RFC 8032), verification only.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover(y, sign):
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * ROOT % P
    if (x * x - xx) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point(data):
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = recover(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(a, b):
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, p):
    q = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            q = add(q, p)
        p = add(p, p)
        scalar >>= 1
    return q


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(key, message, signature):
    a, r = point(key), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(k, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


# Hashes.
def sha(data):
    return hashlib.sha256(data).digest()


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha(b"")
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha(b"\x01" + root(leaves[:split]) + root(leaves[split:]))


class Broken(Exception):
    pass


def need(holds, where):
    if not holds:
        raise Broken(where)


def lines_of(file):
    data = open(file, "rb").read()
    need(data.endswith(b"\n"), "the archive is cut off")
    return data[:-1].split(b"\n")


def number(text):
    need(text.isdigit() and str(int(text)).encode() == text, "a number is malformed")
    return int(text)


def digest(text):
    try:
        value = bytes.fromhex(text.decode())
    except ValueError:
        raise Broken("a digest is malformed")
    need(len(value) == 32 and value.hex().encode() == text, "a digest is malformed")
    return value


def batch(lines, at, state, keys, expected):
    where = f"batch {expected}"
    need(at < len(lines) and lines[at].startswith(b"ikatan "), f"{where}: missing")
    signature = bytes.fromhex(lines[at][7:].decode())
    at += 1
    start = at
    need(lines[at] == b"simpul-bukti/1", f"{where}: statement")
    fields = {}
    for name in [b"nomor", b"waktu", b"sebelum", b"akar", b"kunci"]:
        at += 1
        need(lines[at].startswith(name + b" "), f"{where}: statement")
        fields[name] = lines[at][len(name) + 1 :]
    at += 1
    parts = []
    while at < len(lines) and lines[at].startswith(b"rantai "):
        first, last, before, head, chain = lines[at][7:].split(b" ", 4)
        parts.append((chain, number(first), number(last), digest(before), digest(head)))
        at += 1
    statement = b"\n".join(lines[start:at]) + b"\n"
    key = digest(fields[b"kunci"])
    need(key in keys, f"{where}: signed by a key that is not trusted")
    need(is_signed(key, statement, signature), f"{where}: signature")
    need(number(fields[b"nomor"]) == expected, f"{where}: number")
    if state["hash"] is not None:
        need(digest(fields[b"sebelum"]) == state["hash"], f"{where}: does not continue the one before")
    leaves = []
    for chain, first, last, before, head in parts:
        known = state["heads"].get(chain)
        if known is not None:
            need((first, before) == (known[0] + 1, known[1]), f"{where}: chain {chain.decode()} does not continue")
        link = before
        for seq in range(first, last + 1):
            place = f"record {seq} of chain {chain.decode()} ({where})"
            need(at < len(lines), f"{place}: missing")
            words = lines[at].split(b" ", 3)
            need(len(words) == 4 and words[0] == b"c" and words[1] == str(seq).encode(), f"{place}: missing or moved")
            record = bytes.fromhex(words[3][4:].decode()) if words[3].startswith(b"hex:") else words[3]
            link = sha(link + record)
            need(link.hex().encode() == words[2], f"{place}: altered")
            leaves.append(sha(b"\x00" + link))
            at += 1
        need(link == head, f"{where}: head of chain {chain.decode()}")
        state["heads"][chain] = (last, head)
    need(root(leaves) == digest(fields[b"akar"]), f"{where}: records are not those that were signed")
    state["hash"] = sha(statement)
    state["records"] += len(leaves)
    state["number"] = expected
    return at


def main(key_file, archives):
    keys = {bytes.fromhex(line.split("#")[0].strip()) for line in open(key_file) if line.split("#")[0].strip()}
    state = {"hash": None, "heads": {}, "records": 0, "number": None}
    for file in archives:
        lines = lines_of(file)
        head = lines[0].split(b" ")
        need(len(head) == 3 and head[0] == b"simpul-arsip/1", "the head of the archive")
        first, last = number(head[1]), number(head[2])
        need(state["number"] is None or first == state["number"] + 1, f"batch {first}: an archive is missing before it")
        at = 1
        for expected in range(first, last + 1):
            at = batch(lines, at, state, keys, expected)
        need(at == len(lines), "something follows the end")
    print(f"sound: {state['records']} records, head {state['number']}:{state['hash'].hex()}")


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        sys.exit("usage: periksa-bukti.py PUBLIC-KEYS ARCHIVE...")
    try:
        main(sys.argv[1], sys.argv[2:])
    except Broken as broken:
        print(f"broken: {broken}")
        sys.exit(1)
    except (ValueError, IndexError):
        print("broken: malformed")
        sys.exit(1)
