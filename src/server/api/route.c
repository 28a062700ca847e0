#include "server/api/route.h"

#include "base/text.h"

/* Takes one segment off `*path`: its start and length; false at the end. */
static bool next_segment(const char **path, const char **ret, size_t *ret_len)
{
	if (**path != '/')
		return false;
	*ret = ++*path;
	*ret_len = strcspn(*path, "/");
	*path += *ret_len;
	return true;
}

static bool path_matches(const char *template, const char *path, struct route_match *ret)
{
	const char *want, *have;
	size_t want_len, have_len;

	ret->value_count = 0;
	while (next_segment(&template, &want, &want_len)) {
		if (!next_segment(&path, &have, &have_len))
			return false;
		if (want[0] != '{') {
			if (want_len != have_len || memcmp(want, have, want_len) != 0)
				return false;
			continue;
		}
		if (!have_len ||
		    text_copy_n(ret->values[ret->value_count++], ROUTE_TEXT_SIZE, have, have_len))
			return false;
	}
	return *path == '\0';
}

int route_find(const char *method, const char *path, struct route_match *ret)
{
	int r = -ENOENT;

	for (size_t n = 0; n < route_noun_count; n++)
		for (size_t i = 0; i < route_nouns[n]->count; i++) {
			const struct route *route = &route_nouns[n]->routes[i];

			if (!path_matches(route->path, path, ret))
				continue;
			if (!strcmp(route->method, method)) {
				ret->route = route;
				return 0;
			}
			r = -EOPNOTSUPP;
		}
	return r;
}
