#include "bank.h"

#include <stdio.h>

#include "base/clock.h"
#include "server/gateway/survey_effect.h"

#define PORTS 24
#define UPLINK 24
#define STRANGERS_PORT 7
#define DOWN_PORT 9

struct surveying {
	struct engine_work work;
	int64_t ago_ms;
};

static void put_port(struct buf *frames, unsigned i)
{
	menshen_SurveyPort m = {.enabled = true,
				.linked = i != DOWN_PORT,
				.uplink = i == UPLINK || i == STRANGERS_PORT,
				.speed_mbit = i == UPLINK ? 10000 : 1000};

	snprintf(m.port, sizeof(m.port), "Gi0/0/%u", i);
	snprintf(m.long_name, sizeof(m.long_name), "GigabitEthernet0/0/%u", i);
	snprintf(m.alias, sizeof(m.alias), "柜台%u", i);
	FRAME_ENCODE(frames, FRAME_SURVEY_PORT, &m);
}

/* Who is filled in by bank_fill(), and somebody whom nobody knows. */
static void put_mac(struct buf *frames, unsigned port, bool is_known)
{
	const struct mac known = {{0x00, 0x16, 0x3e, 0, 0, (uint8_t)(port - 1)}},
			 unknown = {{0x00, 0x1b, 0x44, 0x11, 0x3a, 0xb7}};
	menshen_SurveyMacs m = {.macs_count = 1, .macs = {{.vlan = 20}}};

	snprintf(m.port, sizeof(m.port), "Gi0/0/%u", port);
	memcpy(m.macs[0].mac, (is_known ? &known : &unknown)->b, sizeof(m.macs[0].mac));
	FRAME_ENCODE(frames, FRAME_SURVEY_MACS, &m);
}

static void put_neighbour(struct buf *frames, unsigned port, const char *name, uint32_t can)
{
	menshen_SurveyNeighbour m = {.mac = {6, {0x00, 0x00, 0x5e, 0, 0x53, (uint8_t)port}},
				     .far_port = "1",
				     .can = can};

	snprintf(m.port, sizeof(m.port), "Gi0/0/%u", port);
	snprintf(m.name, sizeof(m.name), "%s", name);
	FRAME_ENCODE(frames, FRAME_SURVEY_NEIGHBOUR, &m);
}

static int add_survey(struct engine_work *w, struct store *s, int64_t now_ms)
{
	const struct surveying *f = CONTAINER_OF(w, struct surveying, work);
	CLEANUP_BUF struct buf frames = BUF_INIT;
	const menshen_SurveySwitch seen = {.switch_id = 1,
					   .at_ms = now_ms - f->ago_ms,
					   .said = "ok",
					   .whole = true,
					   .name = "sw-fin",
					   .description = "a switch of the lab",
					   .model = "S5735-L24T4S-A1",
					   .serial = "SN-0001"};
	bool again;

	for (unsigned i = 1; i <= PORTS; i++)
		put_port(&frames, i);
	for (unsigned i = 1; i < STRANGERS_PORT; i++)
		put_mac(&frames, i, true);
	put_mac(&frames, STRANGERS_PORT + 1, false);
	put_neighbour(&frames, UPLINK, "sw-fin", 0x20);
	put_neighbour(&frames, STRANGERS_PORT, "tp-link", 0x20);
	put_neighbour(&frames, 3, "phone-3", 0x24);
	return frames.error ? frames.error
			    : survey_effect(s, now_ms, "north", &seen, &frames, &again);
}

int bank_survey(struct bank *b)
{
	struct surveying f = {.work = {.apply = add_survey}, .ago_ms = 5 * MINUTE_MS};

	return engine_run(b->engine, &f.work);
}
