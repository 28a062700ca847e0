#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/core/inventory.h"
#include "agent/core/segment.h"
#include "base/file.h"
#include "place.h"

/* A server that only remembers: applies what it is told to a set of items. */
struct server {
	struct outbox outbox;
	size_t room; /* events it still takes */
	size_t events, resets;
	char kind[EVENT_KIND_SIZE];
	struct lines known;
	json_t *last;
};

static void know(struct server *s, const json_t *items, bool add)
{
	for (size_t i = 0; i < json_array_size(items); i++) {
		char *text = json_dumps(json_array_get(items, i), JSON_COMPACT | JSON_SORT_KEYS);
		struct lines next = LINES_INIT;

		for (size_t k = 0; k < s->known.count; k++)
			if (strcmp(s->known.item[k], text) != 0)
				assert_int_equal(lines_add(&next, s->known.item[k]), 0);
		if (add)
			assert_int_equal(lines_add(&next, text), 0);
		assert_int_equal(lines_sort(&next), 0);
		lines_done(&s->known);
		s->known = next;
		free(text);
	}
}

static int take(void *arg, const char *kind, const char *body, size_t len)
{
	struct server *s = arg;

	if (s->room == 0)
		return -ENOBUFS;
	assert_true(len <= EVENT_BODY_MAX);
	s->room--;
	s->events++;
	snprintf(s->kind, sizeof(s->kind), "%s", kind);
	json_decref(s->last);
	s->last = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(s->last);
	if (json_is_true(json_object_get(s->last, "reset"))) {
		s->resets++;
		lines_done(&s->known);
		s->known = (struct lines)LINES_INIT;
	}
	know(s, json_object_get(s->last, "remove"), false);
	know(s, json_object_get(s->last, "add"), true);
	return 0;
}

static struct server *start_server(void)
{
	static struct server s;

	s = (struct server){.outbox = {take, &s}, .room = SIZE_MAX, .known = LINES_INIT};
	return &s;
}

static void stop_server(struct server *s)
{
	lines_done(&s->known);
	json_decref(s->last);
}

/* Items first..end-1 but those that `skip` divides. */
static void make_items(struct lines *ret, unsigned first, unsigned end, unsigned skip)
{
	char item[96];

	*ret = (struct lines)LINES_INIT;
	for (unsigned i = first; i < end; i++) {
		if (skip && i % skip == 0)
			continue;
		snprintf(item, sizeof(item), "{\"arch\":\"amd64\",\"name\":\"package-%05u\"}", i);
		assert_int_equal(lines_add(ret, item), 0);
	}
	assert_int_equal(lines_sort(ret), 0);
}

static void assert_known(const struct server *s, const struct lines *now)
{
	assert_int_equal(s->known.count, now->count);
	for (size_t i = 0; i < now->count; i++)
		assert_string_equal(s->known.item[i], now->item[i]);
}

static const struct collector set = {.section = "packages", .kind = SECTION_SET};
static const struct collector object = {.section = "system", .kind = SECTION_OBJECT};

static int tell(const struct place *p, struct server *s, const struct lines *now)
{
	return inventory_tell(&set, place_path(p, "kept"), now, &s->outbox);
}

static void the_first_telling_is_whole_and_the_next_says_nothing(void **state)
{
	const struct place *p = *state;
	struct server *s = start_server();
	CLEANUP_LINES struct lines now;
	size_t events;

	make_items(&now, 0, 1000, 0);
	assert_int_equal(tell(p, s, &now), 0);
	assert_known(s, &now);
	assert_int_equal(s->resets, 1);
	assert_true(s->events > 5 && s->events < 20);
	assert_string_equal(s->kind, "inventory.packages");
	events = s->events;
	assert_int_equal(tell(p, s, &now), 0);
	assert_int_equal(s->events, events);
	stop_server(s);
}

static void only_the_difference_travels(void **state)
{
	const struct place *p = *state;
	struct server *s = start_server();
	CLEANUP_LINES struct lines before, after;
	size_t events;

	make_items(&before, 0, 1000, 0);
	make_items(&after, 3, 1001, 0);
	assert_int_equal(tell(p, s, &before), 0);
	events = s->events;
	assert_int_equal(tell(p, s, &after), 0);
	assert_int_equal(s->events, events + 1);
	assert_int_equal(s->resets, 1);
	assert_int_equal(json_array_size(json_object_get(s->last, "remove")), 3);
	assert_int_equal(json_array_size(json_object_get(s->last, "add")), 1);
	assert_known(s, &after);
	stop_server(s);
}

static void an_empty_section_is_told_once_too(void **state)
{
	const struct place *p = *state;
	struct server *s = start_server();
	struct lines none = LINES_INIT;

	assert_int_equal(tell(p, s, &none), 0);
	assert_int_equal(s->events, 1);
	assert_int_equal(s->resets, 1);
	assert_int_equal(tell(p, s, &none), 0);
	assert_int_equal(s->events, 1);
	stop_server(s);
}

static size_t events_of_both(const struct place *p, const struct lines *before,
			     const struct lines *after)
{
	struct server *s = start_server();
	size_t events;

	assert_int_equal(tell(p, s, before), 0);
	assert_int_equal(tell(p, s, after), 0);
	events = s->events;
	stop_server(s);
	unlink(place_path(p, "kept"));
	return events;
}

/* Tells it all, over a queue that has room for `room` events before the pause. */
static void tell_with_pause(const struct place *p, struct server *s, const struct lines *now,
			    size_t *room)
{
	size_t before = s->events;

	s->room = *room;
	if (tell(p, s, now) == -ENOBUFS) {
		s->room = SIZE_MAX;
		assert_int_equal(tell(p, s, now), 0);
	}
	*room -= MIN(*room, s->events - before);
	assert_known(s, now);
}

/* Whichever event finds the queue full, the rest follows later and nothing twice. */
static void a_pause_at_any_event_loses_nothing_and_repeats_nothing(void **state)
{
	const struct place *p = *state;
	CLEANUP_LINES struct lines before, after;
	size_t whole;

	make_items(&before, 0, 600, 3);
	make_items(&after, 100, 900, 7);
	whole = events_of_both(p, &before, &after);
	assert_true(whole > 8);
	for (size_t pause = 0; pause < whole; pause++) {
		struct server *s = start_server();
		size_t room = pause;

		tell_with_pause(p, s, &before, &room);
		tell_with_pause(p, s, &after, &room);
		assert_int_equal(s->resets, 1);
		assert_int_equal(s->events, whole);
		stop_server(s);
		unlink(place_path(p, "kept"));
	}
}

/* The outbox of a process that dies when so many events are out: each goes through a pipe first. */
struct dying {
	struct outbox outbox;
	int fd;
	size_t left;
};

static int take_and_die(void *arg, const char *kind, const char *body, size_t len)
{
	struct dying *d = arg;

	(void)kind;
	if (write(d->fd, &len, sizeof(len)) != sizeof(len) ||
	    write(d->fd, body, len) != (ssize_t)len || --d->left == 0)
		_exit(0);
	return 0;
}

/* What a child tells of `now` before it dies, taken by `s`. */
static void tell_and_die(const struct place *p, struct server *s, const struct lines *now,
			 size_t after_events)
{
	struct dying d = {.left = after_events};
	char body[EVENT_BODY_MAX];
	size_t len;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	d.outbox = (struct outbox){take_and_die, &d};
	d.fd = fds[1];
	pid = fork();
	if (pid == 0)
		_exit(inventory_tell(&set, place_path(p, "kept"), now, &d.outbox) ? 1 : 0);
	close(fds[1]);
	while (read(fds[0], &len, sizeof(len)) == sizeof(len)) {
		assert_true(len <= sizeof(body));
		assert_int_equal(read(fds[0], body, len), len);
		assert_int_equal(take(s, "inventory.packages", body, len), 0);
	}
	close(fds[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Between an event and the file that says what was told, whatever the terminal becomes meanwhile.
 */
static void who_dies_while_telling_leaves_nothing_behind_at_the_server(void **state)
{
	const struct place *p = *state;
	CLEANUP_LINES struct lines before, half, after;
	size_t whole;

	make_items(&before, 0, 600, 3);
	make_items(&half, 100, 900, 7);
	make_items(&after, 300, 500, 2);
	whole = events_of_both(p, &before, &half);
	for (size_t death = 1; death < whole; death++) {
		struct server *s = start_server();

		assert_int_equal(tell(p, s, &before), 0);
		tell_and_die(p, s, &half, death);
		assert_int_equal(tell(p, s, death % 2 ? &after : &before), 0);
		assert_known(s, death % 2 ? &after : &before);
		stop_server(s);
		unlink(place_path(p, "kept"));
	}
}

static void a_full_queue_is_said_to_be_full(void **state)
{
	const struct place *p = *state;
	struct server *s = start_server();
	CLEANUP_LINES struct lines now;

	make_items(&now, 0, 1000, 0);
	s->room = 3;
	assert_int_equal(tell(p, s, &now), -ENOBUFS);
	s->room = 0;
	assert_int_equal(tell(p, s, &now), -ENOBUFS);
	assert_int_equal(s->events, 3);
	stop_server(s);
}

static void a_damaged_memory_of_what_was_told_begins_anew(void **state)
{
	const struct place *p = *state;
	struct server *s = start_server();
	CLEANUP_LINES struct lines now;

	make_items(&now, 0, 10, 0);
	assert_int_equal(tell(p, s, &now), 0);
	place_write(p, "kept", "{\"name\":\"half");
	assert_int_equal(tell(p, s, &now), 0);
	assert_int_equal(s->resets, 2);
	assert_known(s, &now);
	stop_server(s);
}

static void an_object_is_told_whole_when_anything_in_it_changed(void **state)
{
	const struct place *p = *state;
	struct server *s = start_server();
	static const char *const words[] = {"{\"os\":\"12\"}", "{\"os\":\"12\"}",
					    "{\"os\":\"13\"}"};
	static const size_t events[] = {1, 1, 2};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		CLEANUP_LINES struct lines now = LINES_INIT;

		assert_int_equal(lines_add(&now, words[i]), 0);
		assert_int_equal(lines_sort(&now), 0);
		assert_int_equal(inventory_tell(&object, place_path(p, "kept"), &now, &s->outbox),
				 0);
		assert_int_equal(s->events, events[i]);
	}
	assert_string_equal(s->kind, "inventory.system");
	assert_string_equal(json_string_value(json_object_get(s->last, "os")), "13");
	stop_server(s);
}

static void an_item_that_would_break_the_lines_is_refused(void **state)
{
	CLEANUP_LINES struct lines l = LINES_INIT;
	char long_item[LINE_MAX_BYTES + 2];

	(void)state;
	memset(long_item, 'x', sizeof(long_item) - 1);
	long_item[sizeof(long_item) - 1] = 0;
	assert_int_equal(lines_add(&l, "two\nlines"), -EMSGSIZE);
	assert_int_equal(lines_add(&l, long_item), -EMSGSIZE);
	assert_int_equal(l.count, 0);
}

/* ---- the collectors, below a root of our own ---- */

static void collect(const struct place *p, const struct collector *c, struct lines *ret)
{
	const struct collect_context context = {p->top, ""};

	*ret = (struct lines)LINES_INIT;
	assert_int_equal(c->collect(&context, ret), 0);
	assert_int_equal(lines_sort(ret), 0);
}

static void installed_packages_are_listed_and_removed_ones_are_not(void **state)
{
	const struct place *p = *state;
	CLEANUP_LINES struct lines l;

	place_write(
		p, "var/lib/dpkg/status",
		"Package: bash\nStatus: install ok installed\nVersion: 5.2-1\n"
		"Architecture: amd64\nDescription: shell\n Package: nonsense\n\n"
		"Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
		"Package: last\nStatus: install ok installed\nArchitecture: all\nVersion: 2:1~rc");
	collect(p, &collector_packages, &l);
	assert_int_equal(l.count, 2);
	assert_string_equal(l.item[0],
			    "{\"arch\":\"all\",\"name\":\"last\",\"version\":\"2:1~rc\"}");
	assert_string_equal(l.item[1],
			    "{\"arch\":\"amd64\",\"name\":\"bash\",\"version\":\"5.2-1\"}");
}

static void another_package_system_is_told_as_unsupported(void **state)
{
	const struct place *p = *state;
	struct lines l;

	collect(p, &collector_packages, &l);
	assert_string_equal(l.item[0], "{\"unsupported\":\"none\"}");
	lines_done(&l);
	place_write(p, "var/lib/rpm/rpmdb.sqlite", "");
	collect(p, &collector_packages, &l);
	assert_string_equal(l.item[0], "{\"unsupported\":\"rpm\"}");
	lines_done(&l);
}

/* Invariant 5: unreadable is not empty. */
static void an_account_list_that_cannot_be_read_says_nothing(void **state)
{
	const struct place *p = *state;
	const struct collect_context context = {p->top, ""};
	CLEANUP_LINES struct lines l = LINES_INIT;

	assert_int_equal(collector_users.collect(&context, &l), -ENOENT);
}

static void accounts_tell_who_can_log_in_and_who_is_an_administrator(void **state)
{
	const struct place *p = *state;
	CLEANUP_LINES struct lines l;

	place_write(p, "etc/passwd",
		    "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:::/usr/sbin/nologin\n"
		    "wang:x:1001:1001:\xe7\x8e\x8b\xe8\x8a\xb3,,,:/home/wang:/bin/bash\n"
		    "bad\xff:x:1002:1002::/:/bin/sh\nbroken\n:x:5:5::/:/bin/sh\n");
	place_write(p, "etc/group", "sudo:x:27:li,wang\nwheel:x:10:\n");
	collect(p, &collector_users, &l);
	assert_int_equal(l.count, 4);
	assert_string_equal(l.item[0], "{\"admin\":false,\"full_name\":\"\",\"login\":false,"
				       "\"name\":\"daemon\",\"uid\":1}");
	assert_string_equal(l.item[1], "{\"admin\":false,\"full_name\":\"\",\"login\":true,"
				       "\"name\":\"bad?\",\"uid\":1002}");
	assert_string_equal(l.item[2], "{\"admin\":true,\"full_name\":\"root\",\"login\":true,"
				       "\"name\":\"root\",\"uid\":0}");
	assert_string_equal(l.item[3], "{\"admin\":true,\"full_name\":\"\xe7\x8e\x8b\xe8\x8a\xb3\","
				       "\"login\":true,\"name\":\"wang\",\"uid\":1001}");
}

static void hardware_is_one_object_of_what_the_firmware_and_kernel_tell(void **state)
{
	const struct place *p = *state;
	CLEANUP_LINES struct lines l;
	json_t *o;

	place_write(p, "sys/class/dmi/id/sys_vendor", "Lenovo\n");
	place_write(p, "sys/class/dmi/id/product_serial", " PF0001 \n");
	place_write(p, "proc/cpuinfo",
		    "processor\t: 0\nmodel name\t: Zhaoxin KX-U6780A\nprocessor\t: 1\n");
	place_write(p, "proc/meminfo", "MemTotal:       16384000 kB\nMemFree: 1 kB\n");
	place_write(p, "sys/block/sda/size", "1000215216\n");
	place_write(p, "sys/block/sda/device/model", "SSD  \n");
	place_write(p, "sys/block/loop0/size", "8\n");
	collect(p, &collector_hardware, &l);
	assert_int_equal(l.count, 1);
	o = json_loads(l.item[0], 0, NULL);
	assert_string_equal(json_string_value(json_object_get(o, "maker")), "Lenovo");
	assert_string_equal(json_string_value(json_object_get(o, "serial")), "PF0001");
	assert_string_equal(json_string_value(json_object_get(o, "processor")),
			    "Zhaoxin KX-U6780A");
	assert_int_equal(json_integer_value(json_object_get(o, "processors")), 2);
	assert_int_equal(json_integer_value(json_object_get(o, "memory_mib")), 16000);
	assert_int_equal(json_array_size(json_object_get(o, "disks")), 1);
	json_decref(o);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PLACE_CASE(the_first_telling_is_whole_and_the_next_says_nothing),
		PLACE_CASE(only_the_difference_travels),
		PLACE_CASE(an_empty_section_is_told_once_too),
		PLACE_CASE(a_pause_at_any_event_loses_nothing_and_repeats_nothing),
		PLACE_CASE(who_dies_while_telling_leaves_nothing_behind_at_the_server),
		PLACE_CASE(a_full_queue_is_said_to_be_full),
		PLACE_CASE(a_damaged_memory_of_what_was_told_begins_anew),
		PLACE_CASE(an_object_is_told_whole_when_anything_in_it_changed),
		PLACE_CASE(an_item_that_would_break_the_lines_is_refused),
		PLACE_CASE(installed_packages_are_listed_and_removed_ones_are_not),
		PLACE_CASE(another_package_system_is_told_as_unsupported),
		PLACE_CASE(an_account_list_that_cannot_be_read_says_nothing),
		PLACE_CASE(accounts_tell_who_can_log_in_and_who_is_an_administrator),
		PLACE_CASE(hardware_is_one_object_of_what_the_firmware_and_kernel_tell),
	};

	return cmocka_run_group_tests_name("inventory", tests, NULL, NULL);
}
