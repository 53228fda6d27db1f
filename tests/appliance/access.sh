# shellcheck shell=bash
# Who may talk to the service: D-Bus policy and a real polkit. Sourced by `run`.

bus_call() {  # USER: any method; prints the bus's answer
  inside_as "$1" busctl --system call org.gatehouse.Gateway1 /org/gatehouse/Gateway1 \
    org.freedesktop.DBus.Introspectable Introspect
}

member_looks() {
  inside_as alice /usr/bin/gatehouse people list --json >"$dir/people.json" || return 1
  grep -q '"id"' "$dir/people.json" && bus_call alice >/dev/null
}

stranger_is_kept_out() {  # USER
  local said
  refused bus_call "$1" 2>"$dir/refusal" || return 1
  grep -qE 'Access denied|not allowed to send|AccessDenied' "$dir/refusal" || { cat "$dir/refusal"; return 1; }
  inside_as "$1" /usr/bin/gatehouse people list >"$dir/people" 2>"$dir/refusal"
  said=$?
  cat "$dir/refusal"
  [ "$said" -ne 0 ] && [ ! -s "$dir/people" ] && grep -q gatehouse "$dir/refusal"
}

name_cannot_be_taken() {
  local user
  for user in alice mallory; do
    refused inside_as "$user" busctl --system call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus \
      RequestName su org.gatehouse.Gateway1 2 || return 1
  done
}

polkit_is_real() {
  inside busctl --system call org.freedesktop.PolicyKit1 /org/freedesktop/PolicyKit1/Authority \
    org.freedesktop.DBus.Properties Get ss org.freedesktop.PolicyKit1.Authority BackendVersion || return 1
  inside pkaction --verbose --action-id org.gatehouse.Gateway1.open-door
}

opened() {
  sim GET /state | tail -n 1 | python3 -c '
import json, sys
print(next(door["opens"] for door in json.load(sys.stdin)["doors"] if door["id"] == 6203980))'
}
open_door_as() { inside_as "$1" /usr/bin/gatehouse door open net2-hq/6203980 --reason 'appliance test'; }

member_opens_nothing() {
  local before
  before=$(opened)
  refused open_door_as alice && is "how often the door was opened" "$(opened)" "$before"
}

# Only a polkit that is really asked makes this difference.
member_opens_by_rule() {
  local before rule=$machine_root/etc/polkit-1/rules.d/10-alice.rules
  before=$(opened)
  mkdir -p "$(dirname "$rule")"
  cat >"$rule" <<'RULE'
polkit.addRule(function (action, subject) {
  if (action.id == "org.gatehouse.Gateway1.open-door" && subject.user == "alice") { return polkit.Result.YES; }
});
RULE
  inside systemctl restart polkit || return 1
  until_true 10 open_door_as alice >"$dir/opening" 2>&1 || { tail -n 2 "$dir/opening"; return 1; }
  rm "$rule"
  inside systemctl restart polkit && [ "$(opened)" -gt "$before" ] && refused open_door_as alice
}

without_polkit_member_still_only_looks() {
  local before result=0
  before=$(opened)
  inside systemctl mask --runtime --now polkit
  { inside_as alice /usr/bin/gatehouse people list >/dev/null && refused open_door_as alice &&
    is "how often the door was opened" "$(opened)" "$before"; } || result=1
  inside systemctl unmask --runtime polkit
  return "$result"
}

root_opens() {
  local before
  before=$(opened)
  gatehouse door open net2-hq/6203980 --reason 'appliance test' && [ "$(opened)" -gt "$before" ]
}

audit_knows() { gatehouse audit verify && gatehouse audit show --json | grep -q alice; }

try_access() {
  part "Who may: D-Bus and polkit (a real polkitd)"
  check "a member of the group gatehouse may look" member_looks
  check "somebody else reaches nothing" stranger_is_kept_out mallory
  check "nor does the user nobody" stranger_is_kept_out nobody
  check "nobody can take the service's name on the bus" name_cannot_be_taken
  check "polkit runs and knows the actions" polkit_is_real
  check "a member may not open a door" member_opens_nothing
  check "but may once a polkit rule says so, and no longer without it" member_opens_by_rule
  check "with polkit gone a member still only looks" without_polkit_member_still_only_looks
  check "root opens it" root_opens
  check "the audit is whole and names who it was" audit_knows
}
