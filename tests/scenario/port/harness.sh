# shellcheck shell=bash
# What the tests of menshen-port share, sourced after lab.sh: TAP, waiting, the box, a supplicant.
# The test writes $dir/port.conf and keeps its gate's pid in gate_pid.

program=${MENSHEN_BUILD:-$PWD/build/asan}/src/port/menshen-port
secret=outlet-secret-1
dir=
box_pid='' gate_pid='' supplicant_pid='' page_pid=''
cases=0

skip_all() {
	echo "1..1"
	echo "ok 1 # SKIP $1"
	exit 0
}

# Tools besides those of every test here.
check_needs() {
	local tool
	[ "$(id -u)" -eq 0 ] || skip_all "needs root for network namespaces"
	[ -x "$program" ] || skip_all "menshen-port is not built ($program)"
	for tool in hostapd wpa_supplicant freeradius nft ip python3 "$@"; do
		command -v "$tool" >/dev/null || skip_all "needs $tool"
	done
	ip netns add "$lab-try" 2>/dev/null || skip_all "network namespaces cannot be made here"
	ip netns del "$lab-try"
}

result() {
	local status=$1
	shift
	cases=$((cases + 1))
	if [ "$status" -eq 0 ]; then
		echo "ok $cases - $*"
	else
		echo "not ok $cases - $*"
		status | sed 's/^/# /'
		[ -z "$gate_pid" ] || kill -0 "$gate_pid" || echo "# the gate's stand-in is gone"
		tail -n 15 "$dir/box.log" | sed 's/^/# /'
	fi
}

# The last case: all that was started has ended.
case_sanitizers() {
	local said
	cases=$((cases + 1))
	if said=$(sanitizer_said); then
		echo "not ok $cases - no sanitizer spoke"
		printf '%s\n' "$said" | sed 's/^/# /'
	else
		echo "ok $cases - no sanitizer spoke"
	fi
}

# Runs a command and reports it under a sentence.
that() {
	local sentence=$1
	shift
	"$@" >/dev/null 2>&1
	result $? "$sentence"
}

not() {
	! "$@"
}

# Tries a command until it succeeds: seconds, command...
within() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || return 1
		sleep 0.05
	done
}

status() {
	"$program" -c "$dir/port.conf" status
}

# The line of a port in the table holds this pattern.
shows() {
	status | grep "^p$1 " | grep -q -- "$2"
}

pings() {
	lab_in pc"$1" ping -q -c 1 -W 1 "$2"
}

connects() {
	lab_in pc"$1" timeout 1 bash -c "exec 3<>/dev/tcp/$2/$3"
}

logged() {
	grep -q -- "$1" "$dir/box.log"
}

start_box() {
	ip netns exec $lab-box "$program" -c "$dir/port.conf" >>"$dir/box.log" 2>&1 &
	box_pid=$!
	within 10 logged 'serves 802.1X'
}

stop_box() {
	[ -n "$box_pid" ] || return 0
	kill "$box_pid" 2>/dev/null
	wait "$box_pid"
	local ended=$?
	box_pid=''
	return $ended
}

# At a desk, with a password, as somebody (lina).
start_supplicant() {
	cat >"$dir/supplicant.conf" <<-END
		ctrl_interface=$dir/supplicant
		ap_scan=0
		network={
			key_mgmt=IEEE8021X
			eap=PEAP
			identity="${3:-lina}"
			password="$2"
			phase2="auth=MSCHAPV2"
			eapol_flags=0
		}
	END
	ip netns exec $lab-pc"$1" wpa_supplicant -D wired -i eth0 -c "$dir/supplicant.conf" >>"$dir/supplicant.log" 2>&1 &
	supplicant_pid=$!
}

stop_supplicant() {
	[ -n "$supplicant_pid" ] || return 0
	kill "$supplicant_pid" 2>/dev/null
	wait "$supplicant_pid" 2>/dev/null
	supplicant_pid=''
}

start_pages() {
	ip netns exec $lab-bank python3 -m http.server --bind 0.0.0.0 --directory "$dir/www" 8443 >/dev/null 2>&1 &
	page_pid=$!
}

