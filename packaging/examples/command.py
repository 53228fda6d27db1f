#!/usr/bin/python3
"""Sends one signed command to a Gatehouse gateway and prints its reply (man 7 gatehouse-mqtt, "DOWN").

It needs Debian's python3-paho-mqtt and python3-jwcrypto, or paho-mqtt 1.6 and jwcrypto from PyPI.

usage:
  command.py --new-key KID --scopes '[{"cmd":"door.open","doors":["net2-hq/1"]}]' --signing-key KEY.json
      makes a key pair; prints what belongs into the gateway's command-keys.json
  command.py --host BROKER --ca CA.pem --cert US.pem --key US.key --root gatehouse/v1/acme/hq-01 \\
      --signing-key KEY.json door.open '{"door":"net2-hq/1","reason":"delivery"}'
  command.py ... access.sign_in '{"access_point":"reception","direction":"in","mode":"kiosk","person":{"id":"01J..."}}'

Exit status: 0 done, 1 refused, 4 no reply. No reply before the command's expiry means that nothing was opened.
The signing key belongs to whoever may open doors, never to the broker and never to the web application.
"""

import argparse
import json
import os
import queue
import sys
import time
import uuid

import paho.mqtt.client as mqtt
from jwcrypto import jwk, jws
from paho.mqtt.packettypes import PacketTypes

LIVES = 20  # seconds; the gateway's command_max_ttl is 30 unless it says otherwise


def new_key(kid, scopes, path):
    key = jwk.JWK.generate(kty="OKP", crv="Ed25519", kid=kid)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key.export_private())
    public = key.export_public(as_dict=True)
    public["scopes"] = json.loads(scopes)
    print(json.dumps({"keys": [public]}, indent=2))


def signed(key, claims):
    """A compact JWS (RFC 7515) with EdDSA (RFC 8037)."""
    token = jws.JWS(json.dumps(claims).encode())
    token.add_signature(key, alg="EdDSA", protected=json.dumps({"alg": "EdDSA", "kid": key.get("kid")}))
    return token.serialize(compact=True)


def ask(arguments, key):
    """The reply's data, or None."""
    state, reply, ready = queue.Queue(), queue.Queue(), queue.Queue()
    our_topic = f"{arguments.root}/up/reply/{uuid.uuid4()}"
    client = mqtt.Client(protocol=mqtt.MQTTv5)
    client.tls_set(ca_certs=arguments.ca, certfile=arguments.cert, keyfile=arguments.key)
    client.on_connect = lambda client, *_: client.subscribe([(our_topic, 1), (arguments.root + "/up/state", 1)])
    client.on_subscribe = lambda *_: ready.put(True)
    client.on_message = lambda _, __, message: (state if message.topic.endswith("/state") else reply).put(
        json.loads(message.payload))
    client.connect(arguments.host, arguments.port)
    client.loop_start()
    try:
        ready.get(timeout=10)
        now = state.get(timeout=10)["data"]  # retained: it is there as soon as we are
        if not now.get("online"):
            print("the gateway is offline; a command sent now would be lost", file=sys.stderr)
            return None
        issued = int(time.time())
        _, tenant, gateway = arguments.root.rsplit("/", 2)
        claims = {"iss": arguments.issuer, "aud": f"{tenant}/{gateway}", "jti": str(uuid.uuid4()), "iat": issued,
                  "exp": issued + LIVES, "epoch": now["epoch"], "cmd": arguments.cmd,
                  "args": json.loads(arguments.args)}
        properties = mqtt.Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = our_topic
        properties.CorrelationData = claims["jti"].encode()
        properties.MessageExpiryInterval = LIVES  # the broker need not keep it longer than it is good
        topic = arguments.root + ("/down/roster" if arguments.cmd == "roster.put" else "/down/command")
        client.publish(topic, signed(key, claims), qos=1, properties=properties)
        return reply.get(timeout=LIVES + 5)["data"]
    except queue.Empty:
        return None
    finally:
        client.disconnect()
        client.loop_stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int, default=8883)
    parser.add_argument("--ca")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--root", help="topic_root/tenant/gateway")
    parser.add_argument("--issuer", default="command.py")
    parser.add_argument("--signing-key", required=True)
    parser.add_argument("--new-key", metavar="KID")
    parser.add_argument("--scopes", default="[]")
    parser.add_argument("cmd", nargs="?")
    parser.add_argument("args", nargs="?", default="{}")
    arguments = parser.parse_args()
    if arguments.new_key:
        new_key(arguments.new_key, arguments.scopes, arguments.signing_key)
        return 0
    for name in ("host", "ca", "cert", "key", "root", "cmd"):
        if getattr(arguments, name) is None:
            parser.error(f"{name} is missing")
    with open(arguments.signing_key, encoding="utf-8") as file:
        key = jwk.JWK.from_json(file.read())
    answer = ask(arguments, key)
    if answer is None:
        print("no reply", file=sys.stderr)
        return 4
    print(json.dumps(answer, indent=2))
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
