# shellcheck shell=bash
# A real FreeRADIUS in place of the gate: PEAP, MAC authentication from a users file, accounting into
# a detail file. Sourced by port.test. freeradius_write DIR SECRET CLIENT; freeradius_start NETNS DIR.

freeradius_certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj /CN=engine -keyout "$1/key.pem" -out "$1/cert.pem" 2>/dev/null
}

# What the gate would answer; each MAC is a user whose password is the MAC.
freeradius_users() {
	cat >"$1/users" <<-END
		lina Cleartext-Password := "teller-1"
		     Tunnel-Type = VLAN, Tunnel-Medium-Type = IEEE-802, Tunnel-Private-Group-Id = "10",
		     Class = "pc-class", User-Name = "lina", Acct-Interim-Interval = 10,
		     Session-Timeout = 4, Termination-Action = RADIUS-Request
		$2 Cleartext-Password := "$2"
		     Tunnel-Type = VLAN, Tunnel-Medium-Type = IEEE-802, Tunnel-Private-Group-Id = "10",
		     Class = "printer-class"
		$3 Cleartext-Password := "$3"
		     Filter-Id = "isolation", Reply-Message = "terminal-unknown"
		$4 Cleartext-Password := "$4"
		     Tunnel-Type = VLAN, Tunnel-Medium-Type = IEEE-802, Tunnel-Private-Group-Id = "99",
		     Reply-Message = "posture-bad"
		$5 Auth-Type := Reject
		     Reply-Message = "permit-other-port"
		$6 Cleartext-Password := "$6"
		     Tunnel-Type = VLAN, Tunnel-Medium-Type = IEEE-802, Tunnel-Private-Group-Id = "77"
	END
}

freeradius_write() {
	local dir=$1 secret=$2 client=$3
	freeradius_certificate "$dir"
	cat >"$dir/radiusd.conf" <<-END
		name = radiusd
		prefix = /usr
		libdir = /usr/lib/freeradius
		raddbdir = $dir
		logdir = $dir
		run_dir = $dir
		max_request_time = 5
		cleanup_delay = 2
		max_requests = 1024
		security {
			max_attributes = 200
			reject_delay = 0
			status_server = yes
		}
		thread pool {
			start_servers = 1
			max_servers = 2
			min_spare_servers = 1
			max_spare_servers = 1
		}
		client switch {
			ipaddr = $client
			secret = $secret
			require_message_authenticator = yes
		}
		modules {
			always ok {
				rcode = ok
			}
			pap {
			}
			mschap {
			}
			files {
				filename = $dir/users
			}
			detail {
				filename = $dir/detail
			}
			eap {
				default_eap_type = peap
				tls-config engine {
					private_key_file = $dir/key.pem
					certificate_file = $dir/cert.pem
					ca_file = $dir/cert.pem
					tls_min_version = "1.2"
					tls_max_version = "1.2"
				}
				peap {
					tls = engine
					default_eap_type = mschapv2
					use_tunneled_reply = yes
					virtual_server = inner
				}
				mschapv2 {
				}
			}
		}
		server outer {
			listen {
				type = auth
				ipaddr = *
				port = 1812
			}
			listen {
				type = acct
				ipaddr = *
				port = 1813
			}
			authorize {
				eap {
					ok = return
				}
				files
				pap
				Autz-Type Status-Server {
					ok
					update reply {
						Message-Authenticator := 0x00
					}
				}
			}
			authenticate {
				Auth-Type PAP {
					pap
				}
				eap
			}
			preacct {
				ok
			}
			accounting {
				detail
			}
			post-auth {
				update reply {
					Message-Authenticator := 0x00
				}
				Post-Auth-Type REJECT {
					update reply {
						Message-Authenticator := 0x00
					}
				}
			}
		}
		server inner {
			authorize {
				files
				mschap
				eap
			}
			authenticate {
				Auth-Type MS-CHAP {
					mschap
				}
				eap
			}
		}
	END
}

# Prints the pid. Its own log is DIR/radius.log.
freeradius_start() {
	ip netns exec "$1" freeradius -d "$2" -n radiusd -fxx -l "$2/radius.log" >/dev/null 2>&1 &
	echo $!
}
