# shellcheck shell=bash
# The machine that the package is installed on: systemd as PID 1 in namespaces of its own, on an overlay of a root.
# Its disk (the overlay's upper folder) outlives a reboot, and its network is a cable that can be pulled.
# Sourced by `run`, in namespaces where all of it is private; needs $dir (a tmpfs) and $cgroup.

machine_root=$dir/root
machine_keeper=  # the unshare that holds it
machine_pid=     # its PID 1, as seen here

make_disk() {  # LOWER
  local root=$machine_root unit
  mkdir -p "$dir/upper" "$dir/work" "$root"
  mount -t overlay -o "lowerdir=$1,upperdir=$dir/upper,workdir=$dir/work" overlay "$root"
  : >"$root/etc/machine-id"
  rm -f "$root/usr/sbin/policy-rc.d"  # or postinst starts nothing
  # Only what belongs to the test runs there: none of the host's own services.
  find "$root/etc/systemd/system" -mindepth 2 -path '*.wants/*' -delete
  # Nor anything that would reach out of its namespaces.
  for unit in systemd-udevd.service systemd-timesyncd.service systemd-networkd.service systemd-sysctl.service \
      systemd-modules-load.service systemd-remount-fs.service sys-kernel-debug.mount sys-kernel-tracing.mount \
      sys-kernel-config.mount sys-fs-fuse-connections.mount dev-hugepages.mount getty.target; do
    ln -sfn /dev/null "$root/etc/systemd/system/$unit"
  done
  printf '127.0.0.1 localhost\n10.77.0.1 net2.example broker.example\n' >"$root/etc/hosts"
  : >"$root/etc/fstab"
  mkdir -p "$root/var/log/journal"
  rm -rf "$root"/etc/gatehouse "$root"/var/lib/gatehouse*
}

# In the machine, as root, with nothing of our environment.
inside() {
  nsenter -t "$machine_pid" -p -m -u -i -n -C --wdns=/ -- \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}

# In the machine as one of its users, groups and all.
inside_as() {  # USER COMMAND...
  local user=$1
  shift
  inside setpriv --reuid "$user" --regid "$(inside id -g "$user")" --init-groups -- "$@"
}

boot_machine() {
  machine_boots=$((machine_boots + 1))
  local group=$cgroup/boot-$machine_boots
  mkdir "$group"
  (
    echo "$BASHPID" >"$group/cgroup.procs"
    exec unshare --pid --fork --mount --uts --ipc --net --cgroup --kill-child=SIGKILL \
      "$appliance/boot-machine" "$machine_root" gateway
  ) &
  machine_keeper=$!
  until_true 10 has_first_process || return 1
  read -r machine_pid <"/proc/$machine_keeper/task/$machine_keeper/children"
  until_true 30 machine_answers || return 1
  [ "$(inside timeout 60 systemctl is-system-running --wait)" = running ]
}
has_first_process() { grep -q '[0-9]' "/proc/$machine_keeper/task/$machine_keeper/children"; }
machine_answers() { inside systemctl is-system-running 2>/dev/null | grep -qE 'starting|running|degraded'; }
machine_is_off() { ! kill -0 "$machine_keeper" 2>/dev/null; }

plug_in() {
  ip link add cable type veth peer name eth0 netns "$machine_pid"
  ip addr add 10.77.0.254/24 dev cable
  ip link set cable up
  nsenter -t "$machine_pid" -n ip addr add 10.77.0.2/24 dev eth0
  nsenter -t "$machine_pid" -n ip link set eth0 up
}
pull_cable() { ip link del cable; }

# An orderly end; what hangs is ended all the same, and counts as a failure.
shut_down() {
  local result=0
  inside systemctl poweroff --no-block || result=1
  until_true 30 machine_is_off || result=1
  kill -KILL "$machine_keeper" 2>/dev/null
  wait "$machine_keeper" 2>/dev/null
  machine_pid=
  return "$result"
}

power_cut() {
  kill -KILL "$machine_keeper"
  wait "$machine_keeper" 2>/dev/null
  machine_pid=
}
