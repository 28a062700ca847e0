/* menshen-gate's configuration file. Every setting has one line in settings.c. */
#pragma once

#include "base/config.h"

#define PATH_SIZE 256
#define LISTEN_COUNT 4
#define LANES_MAX 8
#define LANES_AUTO_MAX 4
#define GATEWAY_PORT 8444 /* of [server] address, when it names none */

#define GATE_PEERS_MAX 32
#define PEER_PORT 8447

/* [peers] gates = north=10.1.0.2:8447, south=10.2.0.2 */
struct peer_gate {
	char name[64];
	struct addr address;
};

struct peer_gates {
	size_t count;
	struct peer_gate list[GATE_PEERS_MAX];
};

#define UNIT_NUMBERS_MAX 64
#define LAST_KNOWN_DAYS_MAX 30
#define POSTURE_GRACE_HOURS_MAX 720

/* "HQ:3 B03:0": the nearest unit of these decides. */
struct unit_numbers {
	size_t count;
	struct {
		char unit[40]; /* code */
		unsigned number;
	} list[UNIT_NUMBERS_MAX];
};

#define GIVE_BACK_MAX 32
#define GIVE_BACK_DAYS_MAX 31

/* [old] give_back = sw1:2026-12-01: until that day begins, China Standard Time. */
struct give_back {
	size_t count;
	struct {
		char name[64]; /* of the switch */
		int64_t until_ms;
	} list[GIVE_BACK_MAX];
};

struct settings {
	char name[64]; /* of the gate, as head office calls it */
	char user[32]; /* to become when started as root; "" or root: nobody else */
	char state_dir[PATH_SIZE], run_dir[PATH_SIZE];
	struct unit_numbers posture_grace; /* hours; 0: a bad posture isolates at once */
	char sealing_key[PATH_SIZE];
	char vendors_dir[PATH_SIZE];
	bool debug;
	bool seccomp; /* gives up the system calls that it does not need */
	/* [radius] */
	char listen[LISTEN_COUNT][ADDR_TEXT_SIZE]; /* auth, acct, auth6, acct6; "none" */
	uint64_t lanes; /* threads that take the switches' packets, LANES_MAX at most */
	uint64_t per_switch_per_second;
	char radsec[ADDR_TEXT_SIZE]; /* RADIUS over TLS beside UDP; "none" */
	char radsec_ca[PATH_SIZE];   /* signs the switches' certificates */
	uint64_t radsec_idle_seconds;
	uint64_t session_seconds, isolation_seconds, interim_seconds;
	uint64_t strangers_per_port, strangers_total; /* whose sessions are kept */
	bool reason_with_eap;
	/* [engine] */
	bool engine;
	uint64_t workers, engine_port;
	char engine_user[32], radiusd[PATH_SIZE];
	char engine_certificate[PATH_SIZE], engine_key[PATH_SIZE], client_ca[PATH_SIZE];
	/* [legacy] */
	char legacy_vlan[64]; /* where XPE terminals live; "none": they are as others */
	char legacy_certificate[PATH_SIZE], legacy_key[PATH_SIZE]; /* "none": the engine's */
	/* [eap] */
	char bank_ca[PATH_SIZE], bank_crl[PATH_SIZE]; /* "none" */
	bool bank_by_common_name;		      /* else by the DNS name */
	bool bank_by_asset_no;			      /* else by host name */
	/* [ldap] */
	char ldap_server[PATH_SIZE], ldap_server2[PATH_SIZE]; /* "none" */
	char ldap_base[PATH_SIZE], ldap_bind_dn[PATH_SIZE], ldap_password_file[PATH_SIZE];
	char ldap_ca[PATH_SIZE], ldap_filter[PATH_SIZE], ldap_nt_hash[64], ldap_group[64];
	struct unit_numbers last_known; /* days, by the account's unit; 0: silence */
	/* [ad] */
	char ad_ntlm_auth[PATH_SIZE], ad_domain[64];
	/* [old] */
	char old_accounting[ADDR_TEXT_SIZE]; /* "next": the server's port and one more */
	char old_server[ADDR_TEXT_SIZE], old_secret_file[PATH_SIZE], old_realms[PATH_SIZE];
	struct give_back give_back;
	/* [server] */
	char server[ADDR_TEXT_SIZE], server_name[64];
	char ca[PATH_SIZE], certificate[PATH_SIZE], key[PATH_SIZE], cosign_key[PATH_SIZE];
	/* [peers] */
	char peer_listen[ADDR_TEXT_SIZE]; /* where they are heard; "none" */
	struct peer_gates peers;	  /* may name this gate, too */
	/* [listener] */
	char listener_user[32];
	/* [survey] */
	char survey_user[32];
	/* [metrics] */
	char metrics[ADDR_TEXT_SIZE]; /* where they are read; "none" */
	/* [spool] */
	uint64_t spool_mib;
};

/* A path that is not absolute is beside the file. `error` says file, line and what was expected. */
int settings_load(const char *path, struct settings *ret,
		  char error[static CONFIG_ERROR_SIZE]) MUST_CHECK;
