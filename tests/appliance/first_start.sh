# shellcheck shell=bash
# Configuration, credentials, the first start without a network, the first sync with it. Sourced by `run`.

# What an installer does: `gatehouse setup`, which asks the Net2 server and writes what it was told. The answers are in
# a file, secrets in files of their own; none of them is needed any more afterwards.
sets_up() {
  local site=$machine_root/root/site certificates=$dir/certificates result=0
  (
    umask 077
    mkdir "$site"
    printf %s "$net2_password" >"$site/password"
    printf %s "$net2_client_id" >"$site/client_id"
    cp "$certificates/ca.pem" "$certificates/gateway.pem" "$certificates/gateway.key" "$site/"
  )
  cat >"$site/answers.yaml" <<YAML
gateway: {id: hq-01, tenant: acme, name: Appliance, timezone: Europe/London, site: hq}
net2:
  id: net2-hq
  name: Head office Net2
  address: net2.example:8443
  pin: $(sed -n 's/^pin //p' "$dir/net2.log")
  password: {file: password}
  client_id: {file: client_id}
people:
  groups: {Staff: employee, Management: employee, IT: employee, Sales: employee, Engineering: employee,
           Cleaners: contractor, Contractors: contractor, Visitors: visitor}
  first: auto
doors: [{door: Front door}]
cloud:
  host: broker.example
  ca: ca.pem
  cert: gateway.pem
  key: {file: gateway.key}
replace: true  # the package's sample
YAML
  plug_in
  inside /usr/bin/gatehouse setup --answers /root/site/answers.yaml || result=1
  pull_cable
  rm -r "$site"
  return "$result"
}

set_up_as_agreed() {
  local unit=/etc/systemd/system/gatehouse.service.d/credentials.conf
  inside /usr/bin/gatehouse check || return 1
  inside grep '^LoadCredential=net2-hq.password:/etc/gatehouse/credentials/net2-hq.password$' $unit || return 1
  for secret in net2-hq.password net2-hq.client_id; do
    is "of $secret" "$(inside stat -c '%a %U' "/etc/gatehouse/credentials/$secret")" "600 root" || return 1
  done
  refused grep -rqF -e "$net2_password" "$machine_root/etc/gatehouse/gatehouse.yaml" "$machine_root$unit"
}

starts_unplugged() {
  nsenter -t "$machine_pid" -n ip link set lo down
  inside systemctl restart gatehouse || { journal -n 20; return 1; }
  is_active && note "READY after $(start_took) ms"
}

is_alive_unplugged() {
  gatehouse status >"$dir/status" 2>&1
  cat "$dir/status"
  grep -q 'net2-hq is unreachable' "$dir/status" && grep -q 'the cloud is not connected' "$dir/status"
}

first_sync() {
  local started
  started=$(milliseconds)
  nsenter -t "$machine_pid" -n ip link set lo up
  plug_in
  until_true 60 people_have_come || { gatehouse status; return 1; }
  note "$(received people) people at the broker $(($(milliseconds) - started)) ms after the cable"
}
people_have_come() { [ "$(received people)" -ge 300 ] && waiting_is 0; }

events_flow() {
  until_true 30 status_is integrations.0.live true || return 1
  events_before=$(($(events_made) - $(received events)))  # older than the gateway, which begins with what is new
  sim swipe '{"rate":50,"count":100,"mechanics":false}' >/dev/null
  until_true 30 events_all_there || { echo "made $(events_made), received $(received events)"; return 1; }
  note "$(received events) events"
}
events_all_there() { [ "$(received events)" -ge "$(events_made)" ]; }

doctor_is_content() { gatehouse doctor; }

# --- credentials --------------------------------------------------------------------------------------------

given=/run/credentials/gatehouse.service
credentials_are_the_services() {
  local user
  inside test -s $given/net2-hq.password || { inside ls -la $given; return 1; }
  for user in alice mallory nobody; do refused inside_as "$user" cat $given/net2-hq.password || return 1; done
  for user in alice mallory nobody; do
    refused inside_as "$user" cat /etc/gatehouse/credentials/net2-hq.password || return 1
  done
  # Not even the service's user reads the source: systemd has handed it over.
  refused inside_as gatehouse cat /etc/gatehouse/credentials/net2-hq.password &&
    is "their owner and mode" "$(inside stat -c '%a %U' $given/net2-hq.password)" "400 gatehouse"
}

# As gatehoused(8) tells it: the password encrypted for this machine, under its name in the credential store.
encrypted_ones_work() {
  local unit=$machine_root/etc/systemd/system/gatehouse.service.d/credentials.conf kept result=0
  local plain=/etc/gatehouse/credentials/net2-hq.password secret=/etc/credstore.encrypted/net2-hq.password
  kept=$(cat "$unit")
  inside mkdir -p -m 700 /etc/credstore.encrypted
  inside systemd-creds encrypt --with-key=host --name=net2-hq.password $plain $secret || return 1
  refused grep -qF "$net2_password" "$machine_root$secret" || return 1
  sed -i 's/^LoadCredential=net2-hq.password:.*/LoadCredentialEncrypted=net2-hq.password/' "$unit"
  mv "$machine_root$plain" "$machine_root$plain.away"
  inside systemctl daemon-reload
  { start_anew && until_true 30 status_is integrations.0.connected true; } || { journal -n 20; result=1; }
  mv "$machine_root$plain.away" "$machine_root$plain"
  printf '%s\n' "$kept" >"$unit"
  rm "$machine_root$secret"
  inside systemctl daemon-reload
  start_anew && until_true 30 status_is integrations.0.connected true && return "$result"
}

secrets_are_nowhere() {
  local pid file
  pid=$(main_pid)
  for file in "/proc/$pid/environ" "/proc/$pid/cmdline"; do
    refused inside grep -aqF -e "$net2_password" -e "$net2_client_id" "$file" || return 1
  done
  refused grep -qF -e "$net2_password" -e "$net2_client_id" <(inside journalctl --no-pager -o export) || return 1
  refused grep -qF -e "$net2_password" -e "$net2_client_id" <(gatehouse config show; gatehouse log api) || return 1
  refused grep -rqF -e "$net2_password" "$machine_root/var/lib/gatehouse"
}

# --- sandbox ------------------------------------------------------------------------------------------------

process_says() { inside sed -n "s/^$1:[[:space:]]*//p" "/proc/$(main_pid)/status"; }
sandbox_holds() {
  is "its capabilities" "$(process_says CapEff)$(process_says CapBnd)" 00000000000000000000000000000000 &&
    is "NoNewPrivs" "$(process_says NoNewPrivs)" 1 && is "Seccomp (2: filter)" "$(process_says Seccomp)" 2 || return 1
  local pid path
  pid=$(main_pid)
  # In the service's own view of the files, as root even: only its state can be written.
  for path in /etc /usr /var /var/log /root /home; do
    refused inside nsenter -t "$pid" -m -- touch "$path/was-here" || return 1
  done
  inside nsenter -t "$pid" -m -- sh -c 'touch /var/lib/gatehouse/x && rm /var/lib/gatehouse/x &&
    touch /var/lib/gatehouse-feeds/x && rm /var/lib/gatehouse-feeds/x'
}

# People of another system, by a file that another user drops: its folder is the one thing besides the state that the
# sandbox lets the service write. Through conf.d, and kept for the rest of the test.
feed_is_taken() {
  local folder=/var/lib/gatehouse-feeds/cctv number
  inside useradd --groups gatehouse-feed camera
  inside install -d -m 2770 -o camera -g gatehouse-feed $folder
  cat >"$machine_root/etc/gatehouse/conf.d/cctv.yaml" <<YAML
integrations:
  - id: cctv
    name: Cameras
    kind: feed
    enabled: true
    directory: $folder
    sync:
      first: auto
      groups: {identified: member}
      fields: {first_name: first_name, last_name: last_name, email: email}
YAML
  inside systemctl reload gatehouse || return 1
  for number in 1 2 3; do
    echo "{\"external_id\":\"c-$number\",\"group\":\"identified\",\"first_name\":\"Ada\",\"last_name\":\"No$number\",\"email\":\"c$number@example.com\"}"
  done >"$machine_root/tmp-feed"
  echo '{"end":true,"count":3}' >>"$machine_root/tmp-feed"
  # As a careful camera does: under its name once it is whole, and readable.
  inside install -m 640 -o camera -g gatehouse-feed /tmp-feed $folder/people.part
  inside mv $folder/people.part $folder/people.jsonl
  rm "$machine_root/tmp-feed"
  until_true 60 feed_people_are_there || { gatehouse status; journal -n 10; inside ls -laR $folder; return 1; }
  inside_as camera test -e $folder/done/people.jsonl
}
feed_people_are_there() { [ "$(gatehouse people list --integration cctv --json | grep -o 'c[123]@example.com' | sort -u | wc -l)" -eq 3 ]; }

# Whether the clock is synchronised is a question to the kernel, which a sandbox may refuse. What the kernel says is
# the host's affair (exit 3: unsynchronised); that it is asked and the daemon lives is ours.
clock_can_be_asked() {
  local result=0
  sed -i 's/^gateway:/gateway:\n  clock: ntp/' "$machine_root/etc/gatehouse/gatehouse.yaml"
  { start_anew && until_true 20 cloud_is_connected; } || result=1
  { gatehouse clock show --json || true; } | grep -E '"clock": ?"(ok|unsynced)"' || result=1
  service_is NRestarts 0 || result=1
  sed -i '/^  clock: ntp$/d' "$machine_root/etc/gatehouse/gatehouse.yaml"
  start_anew && until_true 20 cloud_is_connected && return "$result"
}

# A system call that the filter refuses ends in EPERM or a kill; either would be heard of.
sandbox_is_not_in_the_way() {
  refused grep -iE 'Operation not permitted|Permission denied|SECCOMP|Read-only file' <(journal -b -o cat) &&
    service_is NRestarts 0
}

# Loops report that they live; one that is late is told of, and the watchdog goes hungry.
nothing_stands_still() { refused grep 'stands still' <(journal -o short); }

no_core_is_left() { is "the limit for cores" "$(inside awk '/Max core file size/ {print $5, $6}' "/proc/$(main_pid)/limits")" "0 0"; }

# S10. Seen from the network's side, so that nothing of the machine can hide it.
listens_nowhere() {
  nsenter -t "$machine_pid" -n ss -Htulnp >"$dir/sockets" && cat "$dir/sockets" && refused grep -q gatehouse "$dir/sockets"
}
connects_out() { nsenter -t "$machine_pid" -n ss -Htnp state established | grep -q '10.77.0.1:8883.*gatehoused'; }

# --- journal ------------------------------------------------------------------------------------------------

journal_has_fields() {
  journal -b -o json >"$dir/journal.json"
  python3 - "$dir/journal.json" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
own = [row for row in rows if row.get("SYSLOG_IDENTIFIER") == "gatehoused"]
assert own, "nothing of gatehoused in the journal"
assert all(row.get("PRIORITY") in {"3", "4", "6", "7"} for row in own), "a row without priority"
tagged = [row for row in own if row.get("GATEHOUSE_INTEGRATION") == "net2-hq"]
assert tagged, "no row has the field GATEHOUSE_INTEGRATION"
assert all(isinstance(row["MESSAGE"], str) for row in own), "a message that is not text"
print(f"note: {len(own)} rows, {len(tagged)} of them about net2-hq by their field")
PY
}
journal_finds_by_field() { inside journalctl -b --no-pager -q GATEHOUSE_INTEGRATION=net2-hq | grep -q .; }

try_first_start() {
  part "First start: without a network, then with it"
  inside useradd --create-home --groups gatehouse alice
  inside useradd --create-home mallory
  need "gatehouse setup asks Net2 and writes a configuration, by answers from a file" sets_up
  check "which passes gatehouse check, its secrets with LoadCredential" set_up_as_agreed
  need "it is ready without any network" starts_unplugged
  check "and says that it is not well" is_alive_unplugged
  need "the cable plugged in, the first sync reaches the broker (HTTPS, MQTT over TLS)" first_sync
  need "events of the doors follow" events_flow
  check "each message once, in order, none missing" witness_is_content
  check "gatehouse doctor finds nothing wrong" doctor_is_content
  part "Credentials, sandbox, sockets, journal"
  check "credentials are the service's alone" credentials_are_the_services
  check "so they are encrypted, by systemd-creds and LoadCredentialEncrypted" encrypted_ones_work
  check "no secret in environment, arguments, journal, state or answers" secrets_are_nowhere
  check "the sandbox holds: no capabilities, seccomp, nothing else is writable" sandbox_holds
  check "a feed that another user drops is taken" feed_is_taken
  check "the kernel is asked whether the clock is synchronised" clock_can_be_asked
  check "and is in nobody's way: no refusal in the journal" sandbox_is_not_in_the_way
  check "no core dump would be written" no_core_is_left
  check "S10: it listens on no TCP or UDP socket" listens_nowhere
  check "and has connected outwards" connects_out
  check "the journal has its rows, with fields" journal_has_fields
  check "and finds them by a field" journal_finds_by_field
}
