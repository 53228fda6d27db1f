# shellcheck shell=bash
# Reload, stop, watchdog, crash loops, reboot. Sourced by `run`.

config() { sed -i "$1" "$machine_root/etc/gatehouse/gatehouse.yaml"; }
drop_in() {  # NAME LINES: settings of the service for one check; empty takes them away
  local path=$machine_root/etc/systemd/system/gatehouse.service.d/$1.conf
  if [ -n "$2" ]; then printf '[Service]\n%b\n' "$2" >"$path"; else rm -f "$path"; fi
  inside systemctl daemon-reload
}
# What an operator does after mending something; forgets the starts that were counted.
start_anew() { inside systemctl reset-failed gatehouse 2>/dev/null; inside systemctl restart gatehouse; }

reloads() {
  local pid
  pid=$(main_pid)
  config 's/Appliance/Renamed/'
  inside systemctl reload gatehouse || return 1
  until_true 10 name_is Renamed || return 1
  is "its PID" "$(main_pid)" "$pid" && until_true 10 cloud_is_connected
}
name_is() { gatehouse config show --json | grep -q "\"name\": *\"$1\""; }

refuses_bad_reload() {
  local pid
  pid=$(main_pid)
  config 's/^cloud:/clout:/'
  inside systemctl reload gatehouse
  until_true 10 journal_says 'the reload was refused' || return 1
  until_true 10 journal_says 'clout' || return 1
  config 's/^clout:/cloud:/'
  is "its PID" "$(main_pid)" "$pid" && is_active && name_is Renamed && inside systemctl reload gatehouse
}

# As systemd counts: from SIGTERM to the end of the process.
stops_within() {  # MILLISECONDS
  local took
  inside systemctl stop gatehouse || return 1
  took=$((($(property InactiveEnterTimestampMonotonic) - $(property ActiveExitTimestampMonotonic)) / 1000))
  note "$took ms"
  service_is Result success && service_is ExecMainStatus 0 && [ "$took" -le "$1" ]
}
stops_connected() { until_true 20 cloud_is_connected && stops_within 1000; }
says_offline() {
  mosquitto_sub -V 5 -h broker.example -p 8883 --cafile "$dir/certificates/ca.pem" --cert "$dir/certificates/watcher.pem" \
    --key "$dir/certificates/watcher.key" -i looker -t 'gatehouse/v1/acme/hq-01/up/state' -C 1 -W 10 >"$dir/state" || return 1
  grep -q '"online":false' "$dir/state" || { cat "$dir/state"; return 1; }
}
stops_unplugged() {
  start_anew && until_true 20 cloud_is_connected && pull_cable || return 1
  stops_within 1000
  local result=$?
  plug_in
  return "$result"
}

watchdog_ends_a_frozen_one() {
  drop_in short-watchdog 'WatchdogSec=2' && start_anew || return 1
  local pid started
  pid=$(main_pid)
  started=$(milliseconds)
  inside sh -c "kill -STOP $pid"
  until_true 30 has_another_pid "$pid" || return 1
  note "another one is ready $(($(milliseconds) - started)) ms after the freeze, with WatchdogSec=2"
  until_true 10 journal_says 'Watchdog timeout' && service_is NRestarts 1 || return 1
  drop_in short-watchdog '' && start_anew && until_true 20 cloud_is_connected
}
has_another_pid() { is_active && [ "$(main_pid)" != "$1" ] && [ "$(main_pid)" != 0 ]; }

# StartLimitBurst=10 within StartLimitIntervalSec=300.
crash_loop_ends() {
  drop_in quick-restart 'RestartSec=100ms' && start_anew || return 1
  local deaths=0 pid=0
  while [ "$deaths" -lt 15 ]; do
    until_true 20 crashed_for_good_or_another "$pid" || return 1
    if is_failed; then break; fi
    pid=$(main_pid)
    inside sh -c "kill -SEGV $pid"
    deaths=$((deaths + 1))
  done
  note "left alone after $deaths deaths"
  is "deaths until systemd leaves it alone" "$deaths" 10 && until_true 10 journal_says 'Start request repeated too quickly' || return 1
  drop_in quick-restart '' && start_anew && until_true 20 cloud_is_connected
}
crashed_for_good_or_another() { is_failed || has_another_pid "$1"; }

bad_configuration_is_not_retried() {
  config 's/^cloud:/clout:/'
  inside systemctl reset-failed gatehouse
  local result=0
  refused inside systemctl restart gatehouse || result=1
  until_true 10 is_failed && service_is ExecMainStatus 78 && service_is NRestarts 0 && service_is SubState failed &&
    until_true 10 journal_says 'gatehouse.yaml:[0-9]+.*clout' || result=1
  config 's/^clout:/cloud:/'
  start_anew && until_true 20 cloud_is_connected && return "$result"
}

# A queue that stands on disk while the machine ends and comes again.
fill_queue() {  # EVENTS
  stop_broker
  sim events "{\"count\":$1}" >/dev/null
  until_true 180 waiting_reaches "$1" || { echo "waiting: $(waiting)"; return 1; }
}
reboots() {
  fill_queue 2000 || return 1
  local before
  before=$(waiting)
  shut_down || { echo "the machine did not go down by itself"; return 1; }
  boot_machine || { inside systemctl --failed --no-pager; return 1; }
  is_active || { journal -b -n 20; return 1; }
  [ "$(waiting)" -ge "$before" ] || { echo "before: $before, after: $(waiting)"; return 1; }
  note "$(waiting) messages waiting before and after, READY $(start_took) ms after its start"
}
cut_off() {
  local before
  before=$(waiting)
  power_cut
  boot_machine && is_active && [ "$(waiting)" -ge "$before" ] || { journal -b -n 20; return 1; }
}
goes_on() {
  plug_in
  start_broker || return 1
  until_true 120 events_all_there || { echo "made $(events_made), received $(received events)"; return 1; }
  until_true 20 waiting_is 0
}

try_resilience() {
  part "Reload, stop, watchdog, crash loops"
  check "systemctl reload takes a new configuration, the process goes on" reloads
  check "a faulty one is refused, the last good one stays" refuses_bad_reload
  check "it stops within 1 s" stops_connected
  check "and the broker knows that it is offline" says_offline
  check "it stops within 1 s with the cable pulled" stops_unplugged
  check "the watchdog ends a frozen one, another goes on" watchdog_ends_a_frozen_one
  check "a crash loop ends at the limit" crash_loop_ends
  check "a faulty configuration (exit 78) is not tried again and again" bad_configuration_is_not_retried
  part "Reboot with a queue"
  need "an orderly reboot keeps the queue, and it starts without a network" reboots
  check "so does a power cut" cut_off
  check "with network and broker back all of it arrives" goes_on
  check "each message once, in order, none missing" witness_is_content
}
