# shellcheck shell=bash
# Install: what apt does with the package, and what is there then. Sourced by `run`.

boots() {
  local started
  started=$(milliseconds)
  boot_machine || { inside systemctl --failed --no-pager; return 1; }
  note "running after $(($(milliseconds) - started)) ms, $(inside systemctl --version | head -n 1)"
}

# apt resolves what the package depends on; on a bare root from what was fetched, for there is no network.
installs() {
  cp "$package" "$machine_root/root/"
  inside apt-get install -y --no-install-recommends "/root/$(basename "$package")"
}

is_installed() {
  is "dpkg's state" "$(inside dpkg-query -W -f='${db:Status-Status} ${Version}' gatehouse)" "installed $version" &&
    is "the program's version" "$(gatehouse --version)" "gatehouse ${version%%[-~+]*}" &&
    inside /usr/bin/gatehoused --version
}

runs_with_sample() { is_active && service_is Type notify && service_is SubState running && service_is NRestarts 0; }

enabled_at_boot() { is "is-enabled" "$(inside systemctl is-enabled gatehouse)" enabled; }

# mode owner group path
owns() { is "of $4" "$(inside stat -c '%a %U %G' "$4")" "$1 $2 $3"; }
files_are_private() {
  owns 700 gatehouse gatehouse /var/lib/gatehouse && owns 600 gatehouse gatehouse /var/lib/gatehouse/gatehouse.db &&
    owns 2770 gatehouse gatehouse-feed /var/lib/gatehouse-feeds && owns 755 root root /etc/gatehouse &&
    owns 644 root root /etc/gatehouse/gatehouse.yaml && owns 750 root gatehouse /etc/gatehouse/credentials
}

user_is_locked() {
  is "the shell of the user" "$(inside getent passwd gatehouse | cut -d: -f7)" /usr/sbin/nologin &&
    inside getent group gatehouse-feed && inside id gatehouse
}

is_conffile() { inside dpkg-query -W -f='${Conffiles}\n' gatehouse | grep -q ' /etc/gatehouse/gatehouse.yaml '; }

files_are_whole() { inside dpkg --verify gatehouse gatehouse | tee "$dir/verified"; [ ! -s "$dir/verified" ]; }

# With the host's man: a bare root has none.
pages_are_clean() {
  local page
  for page in man1/gatehouse.1 man5/gatehouse.yaml.5 man7/gatehouse-mqtt.7 man8/gatehoused.8; do
    gzip -dc "$machine_root/usr/share/man/$page.gz" >"$dir/page" || return 1
    grep -q '^\.Sh NAME' "$dir/page" || { echo "$page has no name"; return 1; }
  done
}

# By the shell of the host, against the programs' own help.
offered() {  # WORDS BEFORE THE CURSOR
  PATH=$machine_root/usr/bin:$PATH bash -c '
    source "$1"; shift; COMP_WORDS=("$@" ""); COMP_CWORD=$#; _gatehouse; printf "%s\n" "${COMPREPLY[@]}"' _ \
    "$machine_root/usr/share/bash-completion/completions/gatehouse" "$@"
}
verbs_of() { gatehouse "$@" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'; }
completion_offers_verbs() {
  local verb missing count=0
  for verb in '' $(verbs_of); do
    missing=$(comm -23 <(verbs_of ${verb:+"$verb"} | sort) <(offered gatehouse ${verb:+"$verb"} | sort))
    if [ -n "$missing" ]; then echo "after '$verb' completion has not: $missing"; return 1; fi
    count=$((count + 1))
  done
  [ "$count" -ge 15 ]
}

unit_verifies() {
  inside systemd-analyze verify --man=no /lib/systemd/system/gatehouse.service 2>&1 | grep gatehouse >"$dir/verified"
  cat "$dir/verified"
  [ ! -s "$dir/verified" ]
}

# The gate: 1.5 (in tenths). Once by the file alone, once by the loaded unit.
exposure() { grep -oE 'exposure level for gatehouse.service: [0-9.]+' | grep -oE '[0-9.]+$'; }
is_sealed_offline() {
  inside systemd-analyze security --offline=true --threshold=15 --no-pager /lib/systemd/system/gatehouse.service \
    >"$dir/security" || { grep '✗' "$dir/security"; return 1; }
  note "$(exposure <"$dir/security")"
}
is_sealed_live() {
  inside systemd-analyze security --threshold=15 --no-pager gatehouse.service >"$dir/security" ||
    { grep '✗' "$dir/security"; return 1; }
  note "$(exposure <"$dir/security")"
}

try_install() {
  part "Install (gatehouse $version)"
  need "the machine boots: systemd is PID 1" boots
  need "apt installs the package" installs
  check "dpkg and the programs name the same version" is_installed
  need "the service runs, with the sample configuration and no network" runs_with_sample
  check "it starts at boot" enabled_at_boot
  check "its own user cannot log in" user_is_locked
  check "state and credentials are private" files_are_private
  check "the configuration is a conffile" is_conffile
  check "all files are as they were packed" files_are_whole
  check "the manual pages are there" pages_are_clean
  check "bash completion offers every verb, and every verb's verbs" completion_offers_verbs
  check "the unit has no fault (systemd-analyze verify)" unit_verifies
  check "systemd-analyze security of the file is at most 1.5" is_sealed_offline
  check "systemd-analyze security of the loaded unit is at most 1.5" is_sealed_live
}
