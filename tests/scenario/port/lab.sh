# shellcheck shell=bash
# An outlet in network namespaces, sourced by port.test: the box with its ports and a bridge per VLAN,
# the bank's network behind it, the gate's host, and what is plugged into the ports.
#
#	pc1 ── p1 ┐             ┌ br10 ── bank 10.10.0.1 (server), 10.10.0.2 (enrolment page)
#	pc2 ── p2 ┤     box     ├ br99 ── bank 10.99.0.2 (enrolment page)
#	 :        ┤ menshen-port├ br50 ── bank 10.50.0.1 (critical VLAN)
#	pc6 ── p6 ┘             └ mgmt 10.9.0.2 ── 10.9.0.1, 10.9.0.3 gate

lab_ports="1 2 3 4 5 6"
lab_vlans="10 99 50"
lab=mnp$$

lab_mac() {
	echo "02:00:5e:00:01:0$1"
}

lab_in() {
	local netns=$lab-$1
	shift
	ip netns exec "$netns" "$@"
}

# Each VLAN answers for its own addresses alone, as separate hosts would.
lab_make_bank() {
	local vlan
	lab_in bank sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.rp_filter=1
	for vlan in $lab_vlans; do
		ip -n $lab-box link add br"$vlan" type bridge
		ip -n $lab-box link set br"$vlan" up
		ip -n $lab-box link add up"$vlan" type veth peer name vlan"$vlan" netns $lab-bank
		ip -n $lab-box link set up"$vlan" master br"$vlan" up
		ip -n $lab-bank link set vlan"$vlan" up
	done
	ip -n $lab-bank address add 10.10.0.1/24 dev vlan10
	ip -n $lab-bank address add 10.10.0.2/24 dev vlan10
	ip -n $lab-bank address add 10.99.0.2/24 dev vlan99
	ip -n $lab-bank address add 10.50.0.1/24 dev vlan50
}

# A plugged-in thing has an address in every VLAN, so that only the port decides what it reaches.
lab_make_desk() {
	local n=$1 vlan
	ip netns add $lab-pc"$n"
	ip -n $lab-box link add p"$n" type veth peer name eth0 netns $lab-pc"$n"
	ip -n $lab-pc"$n" link set eth0 address "$(lab_mac "$n")"
	ip netns exec $lab-pc"$n" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	for vlan in $lab_vlans; do
		ip -n $lab-pc"$n" address add 10."$vlan".0.1"$n"/24 dev eth0
	done
}

lab_plug() {
	ip -n $lab-pc"$1" link set eth0 up
}

lab_unplug() {
	ip -n $lab-pc"$1" link set eth0 down
}

lab_up() {
	local n
	for n in box bank gate; do
		ip netns add $lab-$n
		ip -n $lab-$n link set lo up
	done
	ip -n $lab-box link add mgmt type veth peer name mgmt netns $lab-gate
	ip -n $lab-box address add 10.9.0.2/24 dev mgmt
	ip -n $lab-gate address add 10.9.0.1/24 dev mgmt
	ip -n $lab-gate address add 10.9.0.3/24 dev mgmt
	ip -n $lab-box link set mgmt up
	ip -n $lab-gate link set mgmt up
	lab_make_bank
	for n in $lab_ports; do
		lab_make_desk "$n"
	done
}

lab_down() {
	local n
	for n in box bank gate $(printf 'pc%s ' $lab_ports); do
		ip netns del $lab-"$n" 2>/dev/null || true
	done
}
