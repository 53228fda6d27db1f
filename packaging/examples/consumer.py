#!/usr/bin/python3
"""Keeps every fact of a Gatehouse gateway once, and proves that none is missing.

A model for the cloud's side (man 7 gatehouse-mqtt). It needs Debian's python3-paho-mqtt, or paho-mqtt 1.6 from PyPI.

usage:
  consumer.py --host BROKER --ca CA.pem --cert US.pem --key US.key --root gatehouse/v1/acme/hq-01 [--store FILE]
  consumer.py --report [--store FILE]    what was kept, lane by lane, and which numbers are missing; exit 3 if any is

Four rules make it right, and all four are needed:
  1. The broker keeps a session for us (clean start off, a session expiry), so that what comes while we are away waits.
  2. A message is acknowledged after it is on disk: paho acknowledges when on_message returns.
  3. (source, id) names one fact for ever: what is there already is dropped.
  4. `sequence` counts from 1 without a hole in each `stream` and `lane`; what will never come is named by a `gap`.
"""

import argparse
import json
import signal
import sqlite3
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes

KEPT_BY_BROKER = 7 * 24 * 3600  # seconds; as long as we may be away

TABLES = """
  CREATE TABLE IF NOT EXISTS fact(
    source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, time TEXT NOT NULL,
    stream TEXT, lane TEXT, sequence INTEGER, body TEXT NOT NULL,
    PRIMARY KEY(source, id)) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS in_order ON fact(source, stream, lane, sequence) WHERE sequence IS NOT NULL;
  CREATE TABLE IF NOT EXISTS gap(
    source TEXT NOT NULL, stream TEXT NOT NULL, lane TEXT NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, cause TEXT NOT NULL,
    PRIMARY KEY(source, stream, lane, first, last)) STRICT;
  CREATE TABLE IF NOT EXISTS latest(topic TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
"""


def open_store(path):
    store = sqlite3.connect(path)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = FULL")
    store.executescript(TABLES)
    return store


def keep(store, topic, payload):
    """Makes one message durable. What is no CloudEvent of ours is an error: better to stop than to lose it."""
    event = json.loads(payload)
    kind = event["type"].removeprefix("gatehouse.").removesuffix(".v1")
    with store:  # one transaction
        if kind in ("state", "door.state"):  # how it is now: only the last one counts
            store.execute("INSERT INTO latest VALUES(?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                          (topic, payload))
            return
        sequence = int(event["sequence"]) if "sequence" in event else None
        store.execute("INSERT INTO fact VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(source, id) DO NOTHING",
                      (event["source"], event["id"], kind, event["time"], event.get("stream"), event.get("lane"),
                       sequence, payload))
        data = event.get("data") or {}
        if kind == "gap" and data.get("from") is not None:  # without numbers: Net2 never gave it
            store.execute("INSERT OR IGNORE INTO gap VALUES(?, ?, ?, ?, ?, ?)",
                          (event["source"], data["stream"], data["lane"], int(data["from"]), int(data["to"]),
                           data["cause"]))


def missing(have, gaps):
    """Ranges of numbers from 1 to the highest that are neither in `have` (ascending) nor in a gap."""
    covered = sorted([(number, number) for number in have] + gaps)
    holes, expected = [], 1
    for first, last in covered:
        if first > expected:
            holes.append((expected, first - 1))
        expected = max(expected, last + 1)
    return holes


def report(store):
    """Prints a line for each lane. True where nothing is missing."""
    whole = True
    lanes = store.execute("SELECT DISTINCT source, stream, lane FROM fact WHERE sequence IS NOT NULL "
                          "UNION SELECT DISTINCT source, stream, lane FROM gap ORDER BY 1, 2, 3").fetchall()
    for lane in lanes:
        where = " WHERE source = ? AND stream = ? AND lane = ?"
        have = [row[0] for row in store.execute(
            "SELECT sequence FROM fact" + where + " AND sequence IS NOT NULL ORDER BY 1", lane)]
        gaps = store.execute("SELECT first, last FROM gap" + where, lane).fetchall()
        holes = missing(have, gaps)
        whole = whole and not holes
        named = f", {len(gaps)} gaps told" if gaps else ""
        lost = ", MISSING " + ", ".join(f"{first} to {last}" for first, last in holes) if holes else ", none missing"
        print(f"{lane[0]} {lane[1]} {lane[2]}: {len(have)} facts{named}{lost}")
    return whole


def listen(arguments, store):
    client = mqtt.Client(client_id=arguments.client_id, protocol=mqtt.MQTTv5)
    client.tls_set(ca_certs=arguments.ca, certfile=arguments.cert, keyfile=arguments.key)

    def on_connect(client, _, __, reason, ___):
        if reason != 0:
            print(f"the broker refuses: {reason}", file=sys.stderr)
            return
        client.subscribe(arguments.root + "/up/#", qos=1)

    def on_subscribe(_, __, ___, granted, ____=None):
        for code in granted:
            if code.value >= 0x80:
                raise SystemExit(f"the broker lets us not read {arguments.root}/up/#: {code}")
        print("listening", flush=True)

    def on_message(_, __, message):
        keep(store, message.topic, message.payload.decode("utf-8"))  # an error ends us, unacknowledged

    client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
    properties = mqtt.Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = KEPT_BY_BROKER
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: client.disconnect())
    client.connect(arguments.host, arguments.port, clean_start=False, properties=properties)
    client.loop_forever()  # connects again by itself


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int, default=8883)
    parser.add_argument("--ca", help="who signed the broker's certificate")
    parser.add_argument("--cert", help="our certificate")
    parser.add_argument("--key", help="its key")
    parser.add_argument("--root", help="topic_root/tenant/gateway")
    parser.add_argument("--client-id", default="gatehouse-consumer", help="one for each consumer, and always the same")
    parser.add_argument("--store", default="gatehouse.sqlite")
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    store = open_store(arguments.store)
    if arguments.report:
        return 0 if report(store) else 3
    for name in ("host", "ca", "cert", "key", "root"):
        if getattr(arguments, name) is None:
            parser.error(f"--{name} is missing")
    listen(arguments, store)
    return 0


if __name__ == "__main__":
    sys.exit(main())
