# shellcheck shell=bash
# Remove, install again, purge. Sourced by `run`.

# Through the sandbox, to where an operator wants it; and back into the hands of the service's own user.
backup_comes_back() {
  local people
  people=$(people_kept) || return 1
  gatehouse backup /root/state.backup && inside systemctl stop gatehouse || return 1
  gatehouse restore /root/state.backup || { start_anew; return 1; }
  owns 600 gatehouse gatehouse /var/lib/gatehouse/gatehouse.db || return 1
  start_anew && until_true 20 cloud_is_connected && is "the people it has" "$(people_kept)" "$people"
}

bundle_is_made() {
  gatehouse bundle /root/support.tar.gz || return 1
  tar -xzOf "$machine_root/root/support.tar.gz" >"$dir/bundle" && [ -s "$dir/bundle" ] &&
    refused grep -aqF -e "$net2_password" -e "$net2_client_id" "$dir/bundle"
}

removes() {
  people_before=$(people_kept) || return 1
  inside apt-get remove -y gatehouse >"$dir/apt" 2>&1 || { cat "$dir/apt"; return 1; }
  grep '^gatehouse: the state' "$dir/apt" && refused is_active && refused test -e "$machine_root/usr/bin/gatehoused" &&
    test -s "$machine_root/var/lib/gatehouse/gatehouse.db" && test -s "$machine_root/etc/gatehouse/gatehouse.yaml" &&
    test -s "$machine_root/etc/gatehouse/credentials/gateway.key"
}

comes_back() {
  inside systemctl reset-failed gatehouse 2>/dev/null
  installs && is_active && is "the people it has" "$(people_kept)" "$people_before" && until_true 20 cloud_is_connected || return 1
  sim swipe '{"rate":50,"count":50,"mechanics":false}' >/dev/null
  until_true 30 events_all_there && witness_is_content
}

purges() {
  printf 'doors: []\n' >"$machine_root/etc/gatehouse/conf.d/by-hand.yaml"
  printf 'by hand\n' >"$machine_root/etc/gatehouse/partner.pem"
  mkdir "$machine_root/var/lib/gatehouse-feeds/cctv"
  inside dpkg -L gatehouse | sed 's:^/lib/:/usr/lib/:' >"$dir/listed"
  inside apt-get purge -y gatehouse >"$dir/apt" 2>&1 || { cat "$dir/apt"; return 1; }
  tr -d '\r' <"$dir/apt" | grep '^gatehouse:' | tee "$dir/told"
  grep -q 'removing /var/lib/gatehouse$' "$dir/told" && grep -q 'removing /etc/gatehouse/credentials$' "$dir/told" &&
    grep -q '/etc/gatehouse/conf.d stays.*by-hand.yaml' "$dir/told" && grep -q '/var/lib/gatehouse-feeds stays.*cctv' "$dir/told"
}

nothing_is_left() {
  local path result=0
  while IFS= read -r path; do
    if [ -f "$machine_root$path" ]; then echo "left: $path"; result=1; fi
  done <"$dir/listed"
  for path in var/lib/gatehouse etc/gatehouse/credentials etc/gatehouse/gatehouse.yaml usr/share/gatehouse \
      etc/systemd/system/gatehouse.service.d etc/systemd/system/multi-user.target.wants/gatehouse.service; do
    if [ -e "$machine_root/$path" ] || [ -L "$machine_root/$path" ]; then echo "left: /$path"; result=1; fi
  done
  find "$machine_root/var/lib/systemd/deb-systemd-helper-enabled" "$machine_root/run/credentials" -name '*gatehouse*' \
    2>/dev/null | grep . && result=1
  is "what systemd knows of it" "$(property LoadState)" not-found || result=1
  is "what dpkg knows of it" "$(inside dpkg-query -W -f='${db:Status-Status}' gatehouse 2>/dev/null)" "" || result=1
  return "$result"
}

# What people and other programs have made is theirs.
others_stay() {
  test -s "$machine_root/etc/gatehouse/conf.d/by-hand.yaml" && test -d "$machine_root/var/lib/gatehouse-feeds/cctv" &&
    test -s "$machine_root/etc/gatehouse/partner.pem" && inside id gatehouse
}

machine_is_well() { is "the machine" "$(inside systemctl is-system-running)" running; }

try_removal() {
  part "Backup, bundle"
  check "a bundle for support is made, without secrets" bundle_is_made
  check "a backup is made and restored, and the service goes on with it" backup_comes_back
  part "Remove, install again, purge"
  check "remove stops it, keeps state and configuration, and says so" removes
  check "installed again it goes on where it was" comes_back
  check "purge says what it removes, and what it leaves" purges
  check "nothing of the package is left" nothing_is_left
  check "what is not the package's is left alone" others_stay
  check "the machine itself is well" machine_is_well
}
