#include "listener/plan.h"

#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "base/text.h"

#define FILE_MAX (8U << 20)

struct entry {
	struct ip ip;
	struct mac mac;
	struct entry *next; /* of all */
};

struct plan {
	struct map by_ip, by_mac; /* of entries, the first wins */
	struct entry *all;
	size_t count;
};

static int read_line(char *line, struct entry *e)
{
	char *ip = text_trim(strsep(&line, ",;\t")), *mac;

	if (!line || ip_parse(ip, &e->ip))
		return -EINVAL;
	mac = text_trim(strsep(&line, ",;\t"));
	return mac_parse(mac, &e->mac);
}

static int put_once(struct map *m, const void *key, void *value)
{
	void *old;

	return map_get(m, key) ? 0 : map_put(m, key, value, &old);
}

static int add(struct plan *p, const struct entry *given)
{
	struct entry *e;

	if (p->count == PLAN_MAX || map_get(&p->by_ip, &given->ip))
		return -EEXIST;
	e = malloc(sizeof(*e));
	if (!e)
		return -ENOMEM;
	*e = *given;
	e->next = p->all;
	p->all = e;
	p->count++;
	if (put_once(&p->by_ip, &e->ip, e) ||
	    (ip_is_v4(&e->ip) && put_once(&p->by_mac, &e->mac, e)))
		return -ENOMEM;
	return 0;
}

int plan_parse(const char *text, size_t len, struct plan **ret, size_t *ret_skipped)
{
	CLEANUP_PLAN struct plan *p = calloc(1, sizeof(*p));
	CLEANUP_FREE char *copy = malloc(len + 1);
	char *rest = copy, *line;
	size_t skipped = 0;

	if (!p || !copy)
		return -ENOMEM;
	map_init(&p->by_ip, sizeof(struct ip));
	map_init(&p->by_mac, sizeof(struct mac));
	memcpy(copy, text, len);
	copy[len] = 0;
	while ((line = strsep(&rest, "\n"))) {
		struct entry e;
		int err;

		line = text_trim(line);
		if (!*line || *line == '#')
			continue;
		err = read_line(line, &e);
		if (!err)
			err = add(p, &e);
		if (err == -ENOMEM)
			return err;
		skipped += err != 0;
	}
	*ret_skipped = skipped;
	*ret = TAKE_PTR(p);
	return 0;
}

int plan_load(const char *path, struct plan **ret, size_t *ret_skipped)
{
	CLEANUP_BUF struct buf text;
	int err;

	buf_init(&text, FILE_MAX + 1);
	err = file_read(path, FILE_MAX, &text);
	return err ? err : plan_parse(buf_str(&text), text.len, ret, ret_skipped);
}

void plan_free(struct plan *p)
{
	struct entry *next;

	if (!p)
		return;
	map_done(&p->by_ip);
	map_done(&p->by_mac);
	for (struct entry *e = p->all; e; e = next) {
		next = e->next;
		free(e);
	}
	free(p);
}

size_t plan_count(const struct plan *p)
{
	return p->count;
}

const struct mac *plan_mac_of(const struct plan *p, const struct ip *ip)
{
	const struct entry *e = map_get(&p->by_ip, ip);

	return e ? &e->mac : NULL;
}

const struct ip *plan_ip_of(const struct plan *p, const struct mac *mac)
{
	const struct entry *e = map_get(&p->by_mac, mac);

	return e ? &e->ip : NULL;
}

bool plan_has(const struct plan *p, const struct ip *ip, const struct mac *mac)
{
	const struct mac *bound = plan_mac_of(p, ip);

	return bound && mac_equal(bound, mac);
}
