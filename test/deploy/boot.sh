#!/bin/sh
# Boots systemd as process 1 of new namespaces, on a copy of this machine's root
# file system that is gone afterwards: boot.sh DIRECTORY. What is in the folder
# "files" of the directory is laid over the copy. It prints the id of process 1,
# and ends it when standard input ends, be it because the caller was killed.
#
# Mounts, processes and control groups are its own, the network is not. No unit of
# this machine is started, unless test.target or what is started later asks for it.
set -eu

outside() {
	hierarchy=/sys/fs/cgroup
	[ -e $hierarchy/cgroup.procs ] || hierarchy=$hierarchy/unified
	group=$(mktemp -d $hierarchy/grantd-test-XXXXXX)
	# In a shell of its own, so that this one stays outside of the group.
	sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$group" \
		unshare --mount --pid --cgroup --uts --ipc --fork "$0" "$1" inside </dev/null &
	cat >/dev/null
	kill -KILL "$(cat "$1/pid")" || true
	wait || true
	# Its processes may take a moment to die.
	until find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; do
		sleep 0.1
	done
}

inside() {
	# By the /proc of the outside, the first word is the id that this process has there.
	read -r pid rest </proc/self/stat
	echo "$pid" >"$1/pid"
	echo "$pid"

	mount --make-rprivate /
	mount -t tmpfs tmpfs "$1/mnt"
	mkdir "$1/mnt/upper" "$1/mnt/work" "$1/mnt/root"
	mount -t overlay -o "lowerdir=/,upperdir=$1/mnt/upper,workdir=$1/mnt/work" overlay "$1/mnt/root"
	cd "$1/mnt/root"
	rm -rf etc/fstab etc/systemd/system/* usr/lib/systemd/system/*.wants usr/lib/systemd/system-generators/*
	# This machine may have a grantd of its own, whose state is none of the test's business.
	rm -rf var/lib/grantd var/lib/private/grantd
	cp -r "$1/files/." .
	mount_kernel

	mkdir -p mnt
	pivot_root . mnt
	umount -l /mnt
	# systemd mounts credentials in another namespace; they have to be seen in this one.
	mount --make-rshared /
	exec env -i container=test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		/lib/systemd/systemd --system --unit=test.target
}

# Mounts what the kernel shows, below the working directory.
mount_kernel() {
	mount -t proc proc proc
	# Nothing in here may change a setting of this machine's kernel.
	mount --bind proc/sys proc/sys
	mount -o remount,bind,ro proc/sys
	mount -t sysfs -o ro sysfs sys
	mount -t cgroup2 cgroup2 sys/fs/cgroup
	mount -t tmpfs tmpfs run
	mount -t tmpfs tmpfs tmp
	mount -t tmpfs tmpfs dev
	for device in full null random tty urandom zero; do
		touch dev/$device
		mount --bind /dev/$device dev/$device
	done
	mkdir dev/pts dev/shm run/lock
	mount -t devpts devpts dev/pts
	ln -s pts/ptmx dev/ptmx
}

"${2:-outside}" "$1"
