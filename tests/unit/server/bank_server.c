/*
 * bank_server [--console DIR] [--fill TERMINALS RECORDS]: the small bank behind the API, for the
 * scenario and the benchmark. Prints "ready PORT FOLDER"; obeys lines on standard input:
 * "clock MILLISECONDS" moves the clock; "finding CODE MAC" and "stay MAC ACCOUNT ADDRESS MINUTES"
 * are what a gate reports; the end of input stops it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bank.h"
#include "base/log.h"
#include "base/text.h"

static void find(struct bank *b, char *code)
{
	char *mac_text = strchr(code, ' ');
	struct mac mac;

	if (!mac_text)
		return;
	*mac_text++ = '\0';
	if (!mac_parse(mac_text, &mac))
		bank_find(b, code, &mac);
}

/* MAC ACCOUNT ADDRESS MINUTES; the account "-" is none. */
static void stay(struct bank *b, char *line)
{
	char mac[32], account[32], address[48];
	struct bank_stay s = {.account = account, .address = address};
	long long minutes;

	if (sscanf(line, "%31s %31s %47s %lld", mac, account, address, &minutes) != 4 ||
	    mac_parse(mac, &s.mac))
		return;
	if (text_equal(account, "-"))
		s.account = "";
	s.minutes = minutes;
	if (bank_stay(b, &s))
		fprintf(stderr, "bank: no stay of %s\n", mac);
}

int main(int argc, char **argv)
{
	const char *console = NULL;
	uint64_t terminals = 0, records = 0;
	char line[128];
	struct bank b;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--console") && i + 1 < argc)
			console = argv[++i];
		else if (!strcmp(argv[i], "--fill") && i + 2 < argc &&
			 !text_to_u64(argv[i + 1], 0, 1000000, &terminals) &&
			 !text_to_u64(argv[i + 2], 0, 10000000, &records))
			i += 2;
		else
			return 2;
	}
	log_start("bank_server", LOG_LEVEL_WARN);
	bank_open(&b, NULL, 0, console);
	if (terminals)
		bank_fill(&b, terminals, records);
	printf("ready %u %s\n", api_port(b.api), b.dir);
	(void)fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		int64_t ms;

		line[strcspn(line, "\n")] = '\0';
		if (text_starts(line, "clock ") && !text_to_i64(line + 6, 0, INT64_MAX / 2, &ms))
			__atomic_fetch_add(&b.clock_offset_ms, ms, __ATOMIC_RELAXED);
		else if (text_starts(line, "finding "))
			find(&b, line + 8);
		else if (text_starts(line, "stay "))
			stay(&b, line + 5);
		printf("ok\n");
		(void)fflush(stdout);
	}
	bank_close(&b);
	return 0;
}
