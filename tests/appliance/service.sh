# shellcheck shell=bash
# What is asked of the service again and again. Sourced by `run`.

service_is() {  # PROPERTY VALUE
  is "$1 of the service" "$(property "$1")" "$2"
}
property() { inside systemctl show gatehouse --property "$1" --value; }
main_pid() { property MainPID; }
is_active() { inside systemctl is-active --quiet gatehouse; }
is_failed() { inside systemctl is-failed --quiet gatehouse; }

gatehouse() { inside /usr/bin/gatehouse "$@"; }

# A value of the status by its path: outbox.pending
status_value() {
  gatehouse status --json | python3 -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(json.dumps(value) if not isinstance(value, str) else value)' "$1"
}
status_is() { [ "$(status_value "$1" 2>/dev/null)" = "$2" ]; }
waiting() { status_value outbox.pending 2>/dev/null || echo -1; }
waiting_is() { [ "$(waiting)" -eq "$1" ]; }
waiting_reaches() { [ "$(waiting)" -ge "$1" ]; }
cloud_is_connected() { status_is cloud.connected true; }

journal() { inside journalctl -u gatehouse --no-pager "$@"; }
journal_says() { journal -b -o cat | grep -qE -- "$1"; }

# From the start job to READY, as systemd counts; prints milliseconds.
start_took() {
  local from to
  from=$(property ExecMainStartTimestampMonotonic)
  to=$(property ActiveEnterTimestampMonotonic)
  echo $(((to - from) / 1000))
}

# Nothing is lost, nothing is there twice with another content: what the witness has says so.
witness_is_content() {
  is "holes in the lanes" "$(received holes)" 0 &&
    is "lanes that did not begin at 1, their first number" "$(received first)" 0 &&
    is "messages with an id that was another's" "$(received differing)" 0 &&
    is "unreadable messages" "$(received unreadable)" 0
}
