# shellcheck shell=bash
# What is around the machine: a Net2 server (gatehouse-sim over HTTPS), the cloud's broker (mosquitto, TLS and client
# certificates), and a witness who keeps all that the broker delivers.
# Sourced by `run`; needs $dir and $programs.

sim_pid=
broker_pid=
witness_pid=

start_house() {
  local certificates=$dir/certificates
  ip link set lo up
  "$source_root/tests/whole/make-certificates" "$certificates" || return 1
  ip addr add 10.77.0.1/32 dev lo  # there before any cable is
  sed 's/#.*//' /etc/hosts >"$dir/hosts"
  echo '10.77.0.1 broker.example' >>"$dir/hosts"
  mount --bind "$dir/hosts" /etc/hosts
  "$programs/gatehouse-sim" --listen 10.77.0.1:8443 --control 127.0.0.1:8090 --cert "$certificates/net2.pem" \
    --key "$certificates/net2.key" --people 500 --doors 12 --password "$net2_password" \
    --client-id "$net2_client_id" >"$dir/net2.log" 2>&1 &
  sim_pid=$!
  until_true 10 grep -q '^pin ' "$dir/net2.log" || return 1
  cat >"$dir/mosquitto.conf" <<CONF
user root
persistence true
persistence_location $dir/
max_queued_messages 0
max_inflight_messages 1000
allow_anonymous false
listener 8883 10.77.0.1
cafile $certificates/ca.pem
certfile $certificates/cloud.pem
keyfile $certificates/cloud.key
require_certificate true
use_identity_as_username true
CONF
  start_broker || return 1
  start_witness
}

start_broker() {
  mosquitto -c "$dir/mosquitto.conf" >>"$dir/broker.log" 2>&1 &
  broker_pid=$!
  until_true 10 broker_listens
}
broker_listens() { (exec 3<>/dev/tcp/10.77.0.1/8883) 2>/dev/null; }
stop_broker() {
  kill "$broker_pid"
  wait "$broker_pid" 2>/dev/null
  return 0
}

# A session that is kept: nothing is missed while the broker is away.
start_witness() {
  local certificates=$dir/certificates
  mosquitto_sub -V 5 -h broker.example -p 8883 --cafile "$certificates/ca.pem" --cert "$certificates/watcher.pem" \
    --key "$certificates/watcher.key" -i witness -c -x 86400 -q 1 -t 'gatehouse/v1/#' -F '%p' \
    >>"$dir/received" 2>>"$dir/witness.log" &
  witness_pid=$!
}

# What the witness has: events, people, repeated, holes (see count-messages).
received() { "$appliance/count-messages" "$1" <"$dir/received"; }  # NAME
events_received() { [ "$(received events)" -ge "$1" ]; }

# Tells the simulator to do something; prints its answer.
sim() {  # VERB JSON, or GET PATH
  local method=POST path=/$1 body=${2:-}
  if [ "$1" = GET ]; then method=GET path=$2 body=; fi
  exec 3<>/dev/tcp/127.0.0.1/8090
  printf '%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
    "$method" "$path" "${#body}" "$body" >&3
  cat <&3
  exec 3>&-
}
events_before=0  # those that nobody asked for
events_made() { echo $(($(all_events) - events_before)); }
all_events() { sim GET /state | grep -o '"events":[0-9]*' | head -n 1 | cut -d: -f2; }
