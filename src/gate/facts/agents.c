#include "gate/facts/agents.h"

#include <string.h>

void agents_init(struct agents *a)
{
	map_init(&a->by_terminal, sizeof(struct uuid));
}

void agents_done(struct agents *a)
{
	struct agent *agent;
	size_t at = 0;

	while ((agent = map_next(&a->by_terminal, &at)))
		free(agent);
	map_done(&a->by_terminal);
}

struct agent *agents_get(const struct agents *a, const struct uuid *terminal)
{
	return map_get(&a->by_terminal, terminal);
}

static int get_or_make(struct agents *a, const struct uuid *terminal, struct agent **ret)
{
	struct agent *agent = agents_get(a, terminal);
	int err;

	if (!agent) {
		agent = calloc(1, sizeof(*agent));
		if (!agent)
			return -ENOMEM;
		agent->terminal = *terminal;
		err = map_put(&a->by_terminal, &agent->terminal, agent, NULL);
		if (err) {
			free(agent);
			return err;
		}
	}
	*ret = agent;
	return 0;
}

int agents_seen(struct agents *a, const menshen_AgentSeen *seen, int64_t now_ms)
{
	struct agent *agent;
	struct uuid terminal;
	int err;

	memcpy(&terminal, seen->terminal, sizeof(terminal));
	err = get_or_make(a, &terminal, &agent);
	if (err)
		return err;
	/* A goodbye that happened before our eyes is of now, one that we are told later is not. */
	agent->seen_at_ms = seen->connected || agent->connected ? now_ms : MIN(seen->at_ms, now_ms);
	agent->connected = seen->connected;
	if (seen->connected)
		agent->missed = false;
	agent->mac_count = 0;
	for (size_t i = 0; i < seen->macs_count && i < AGENT_MACS_MAX; i++)
		if (seen->macs[i].size == sizeof(struct mac))
			memcpy(&agent->macs[agent->mac_count++], seen->macs[i].bytes,
			       sizeof(struct mac));
	return 0;
}

int agents_miss(struct agents *a, const struct uuid *terminal, int64_t since_ms)
{
	struct agent *agent;
	int err = get_or_make(a, terminal, &agent);

	if (!err && !agent->connected && agent->seen_at_ms < since_ms)
		agent->missed = true;
	return err;
}

bool agent_is_live(const struct agent *a, int64_t now_ms)
{
	return a && a->connected && now_ms - a->seen_at_ms <= AGENT_FRESH_MS;
}

bool agent_denies_mac(const struct agent *a, const struct mac *mac, int64_t now_ms)
{
	if (!agent_is_live(a, now_ms) || a->mac_count == 0)
		return false;
	for (size_t i = 0; i < a->mac_count; i++)
		if (mac_equal(&a->macs[i], mac))
			return false;
	return true;
}
