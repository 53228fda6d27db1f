# shellcheck shell=bash
# Upgrade with a long queue, and the way back. The newer package is the same one repacked under a higher version
# (`repack`): what is tried is dpkg, the maintainer scripts, systemd's restart and the store. Sourced by `run`.

newer_version=$version+1upgrade

long_queue() {
  local started
  started=$(milliseconds)
  fill_queue "$rows" && note "$(waiting) messages waiting, $(($(milliseconds) - started)) ms after the first"
}

what_people_wrote() {
  (cd "$machine_root/etc" && find gatehouse systemd/system/gatehouse.service.d -type f -exec sha256sum {} + | sort)
}

upgrades() {
  local before pid written started
  newer=$("$appliance/repack" "$package" "$newer_version" "$dir") || return 1
  cp "$newer" "$machine_root/root/"
  before=$(waiting)
  pid=$(main_pid)
  written=$(what_people_wrote)
  inside systemctl reset-failed gatehouse
  started=$(milliseconds)
  inside apt-get install -y --no-install-recommends "/root/$(basename "$newer")" || return 1
  note "$(($(milliseconds) - started)) ms, READY again $(start_took) ms after its start"
  is "dpkg's state" "$(inside dpkg-query -W -f='${db:Status-Status} ${Version}' gatehouse)" "installed $newer_version" &&
    is_active && waiting_reaches "$before" && is "configuration and credentials" "$(what_people_wrote)" "$written" ||
    return 1
  [ "$(main_pid)" != "$pid" ] || { echo "the old process goes on"; return 1; }
}

all_arrive() {
  local started
  started=$(milliseconds)
  start_broker || return 1
  until_true 180 waiting_is 0 || { echo "still waiting: $(waiting)"; return 1; }
  note "sent in $(($(milliseconds) - started)) ms, the broker's start and reconnecting included"
  until_true 60 events_all_there || { echo "made $(events_made), received $(received events)"; return 1; }
  is "events received" "$(received events)" "$(events_made)"
}

downgrade_is_refused() {
  local people
  people=$(people_kept) || return 1
  refused inside apt-get install -y --allow-downgrades --no-install-recommends \
    "/root/$(basename "$package")" >"$dir/apt" 2>&1 || { cat "$dir/apt"; return 1; }
  grep -q "$newer_version is installed; $version is older" "$dir/apt" &&
    grep -q 'Nothing was changed' "$dir/apt" || { cat "$dir/apt"; return 1; }
  is "dpkg's state" "$(inside dpkg-query -W -f='${db:Status-Status} ${Version}' gatehouse)" "installed $newer_version" &&
    is_active && is "the people it has" "$(people_kept)" "$people"
}

store=$machine_root/var/lib/gatehouse/gatehouse.db
schema() { "$appliance/store-schema" "$store" "$@"; }
people_kept() {
  local page
  gatehouse people list --json >"$dir/people.json" || return 1
  page=$(grep -o '"id"' "$dir/people.json" | wc -l)
  [ "$page" -ge 300 ] || { echo "$page people are listed" >&2; return 1; }
  echo "$page"
}

newer_store_is_refused() {
  local number people before result=0
  people=$(people_kept) || return 1
  inside systemctl stop gatehouse || return 1
  number=$(schema) && schema $((number + 1)) || return 1
  before=$(sha256sum <"$store")
  inside systemctl reset-failed gatehouse 2>/dev/null
  refused inside systemctl start gatehouse || result=1
  until_true 10 journal_says 'was made by a newer gatehouse.*install that one again' || result=1
  inside systemctl stop gatehouse
  is "the file" "$(sha256sum <"$store")" "$before" || result=1
  schema "$number"
  start_anew && until_true 20 cloud_is_connected && is "the people it has" "$(people_kept)" "$people" && return "$result"
}

downgrade_on_demand() {
  local people
  people=$(people_kept) || return 1
  inside env GATEHOUSE_ALLOW_DOWNGRADE=yes apt-get install -y --allow-downgrades --no-install-recommends \
    "/root/$(basename "$package")" || return 1
  is_active && is "the people it has" "$(people_kept)" "$people" && until_true 20 cloud_is_connected
}

try_upgrade() {
  part "Upgrade with $rows messages waiting, downgrade"
  need "the broker is away, $rows events are read from Net2 and wait" long_queue
  need "the upgrade keeps queue, configuration and credentials, and restarts" upgrades
  check "the broker back, every event arrives" all_arrive
  check "each message once, in order, none missing" witness_is_content
  check "no loop stood still until now" nothing_stands_still
  check "a downgrade is refused in plain words, the newer one goes on" downgrade_is_refused
  check "a store of a newer schema is refused in plain words and left as it was" newer_store_is_refused
  check "a downgrade that somebody insists on keeps the state" downgrade_on_demand
}
