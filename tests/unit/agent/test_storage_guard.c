/* The storage guard on a desk whose sysfs is a tree of files: what it holds, lets in and tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/guards/guard.h"
#include "base/file.h"
#include "base/text.h"
#include "place.h"

#define TOLD_MAX 16
#define STICK "{\"vendor\":\"0951\",\"product\":\"1666\",\"serial\":\"S1\""

struct desk {
	const struct place *place;
	const struct guard *guard;
	struct loop *loop;
	struct trusted_clock clock;
	struct outbox outbox;
	struct guard_host host;
	char root[96], state[96];
	void *guard_state;
	int answer; /* of the outbox */
	size_t told_count;
	char told[TOLD_MAX][640]; /* "storage.plugged {...}" */
};

static int take(void *arg, const char *kind, const char *body, size_t len)
{
	struct desk *d = arg;

	if (d->answer)
		return d->answer;
	assert_true(d->told_count < TOLD_MAX);
	snprintf(d->told[d->told_count++], sizeof(d->told[0]), "%s %.*s", kind, (int)len, body);
	return 0;
}

static void look_soon(void *arg)
{
	(void)arg;
}

static const struct guard *find_guard(void)
{
	for (size_t i = 0; i < guard_count; i++)
		if (text_equal(guards[i]->name, "storage"))
			return guards[i];
	return NULL;
}

static void start(struct desk *d)
{
	d->host = (struct guard_host){.loop = d->loop,
				      .root = d->root,
				      .state_dir = d->state,
				      .clock = &d->clock,
				      .outbox = &d->outbox,
				      .look = look_soon};
	assert_int_equal(d->guard->acts->start(&d->host, &d->guard_state), 0);
}

static void open_desk(struct desk *d, const struct place *p)
{
	*d = (struct desk){.place = p, .guard = find_guard(), .outbox = {take, d}};
	assert_non_null(d->guard);
	snprintf(d->root, sizeof(d->root), "%.60s/root", p->top);
	snprintf(d->state, sizeof(d->state), "%.60s/state", p->top);
	assert_int_equal(file_make_dirs(d->state, 0700), 0);
	assert_int_equal(loop_new(&d->loop), 0);
	trusted_clock_init(&d->clock, place_path(p, "clock"), 0);
	place_write(p, "root/proc/sys/kernel/random/boot_id", "b1");
	place_write(p, "root/sys/bus/usb/devices/usb1/authorized_default", "1\n");
	start(d);
}

static void close_desk(struct desk *d)
{
	d->guard->acts->stop(d->guard_state);
	loop_free(d->loop);
}

static void follow(struct desk *d, enum guard_mode mode, const char *text)
{
	json_t *settings = text ? json_loads(text, 0, NULL) : NULL;

	assert_true(settings || !text);
	d->guard->acts->follow(d->guard_state, mode, settings);
	json_decref(settings);
}

static void write_leaf(const struct desk *d, const char *device, const char *leaf, const char *text)
{
	char name[128];

	snprintf(name, sizeof(name), "root/sys/bus/usb/devices/%s/%s", device, leaf);
	place_write(d->place, name, text);
}

/* A device of one interface with two pipes, let in by its hub. */
static void plug(const struct desk *d, const char *device, const char *number, uint8_t class,
		 const char *serial)
{
	const uint8_t data[] = {18, 1,	  0,  2, 0, 0, 0, 64, 0x51,  9, 0x66, 0x16,
				0,  1,	  1,  2, 3, 1, 9, 2,  0,     0, 1,    1,
				0,  0x80, 50, 9, 4, 0, 0, 2,  class, 6, 0x50, 0};
	char name[128];

	write_leaf(d, device, "devnum", number);
	write_leaf(d, device, "authorized", "1\n");
	write_leaf(d, device, "product", "DataTraveler\n");
	write_leaf(d, device, "serial", serial);
	snprintf(name, sizeof(name), "root/sys/bus/usb/devices/%s/descriptors", device);
	assert_int_equal(file_replace(place_path(d->place, name), data, sizeof(data), 0600), 0);
}

/* The first character of a leaf. */
static char leaf(const struct desk *d, const char *device, const char *name)
{
	CLEANUP_BUF struct buf text = BUF_INIT;
	char path[128];

	snprintf(path, sizeof(path), "root/sys/bus/usb/devices/%s/%s", device, name);
	assert_int_equal(file_read(place_path(d->place, path), 64, &text), 0);
	return buf_str(&text)[0];
}

static void show_disk(const struct desk *d, const char *device, const char *disk)
{
	char to[256], link[128];

	snprintf(link, sizeof(link), "%s/sys/class/block", d->root);
	assert_int_equal(file_make_dirs(link, 0700), 0);
	snprintf(to, sizeof(to), "../../devices/pci0/usb1/%s/%s:1.0/host0/block/%s", device, device,
		 disk);
	snprintf(link, sizeof(link), "%s/sys/class/block/%s", d->root, disk);
	assert_int_equal(symlink(to, link), 0);
}

static void told(const struct desk *d, size_t at, const char *kind, const char *part)
{
	assert_true(at < d->told_count);
	if (!text_starts(d->told[at], kind) || !strstr(d->told[at], part))
		fail_msg("%s %s: %s", kind, part, d->told[at]);
}

static enum finding_state finding(const struct desk *d)
{
	const struct guard_context c = {.root = d->root, .state = d->guard_state};
	struct finding f;

	d->guard->check(&c, &f);
	return f.state;
}

static void what_no_entry_knows_is_put_off_and_told(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	plug(&d, "1-2", "4", 0x03, "K1");
	follow(&d, GUARD_ENFORCE, "{}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '0');
	assert_int_equal(leaf(&d, "1-2", "authorized"), '1');
	assert_int_equal(leaf(&d, "usb1", "authorized_default"), '0');
	assert_int_equal(d.told_count, 1);
	told(&d, 0, "storage.plugged",
	     "\"access\":\"none\",\"entry\":\"default\",\"enforced\":true");
	told(&d, 0, "storage.plugged", "\"serial\":\"S1\"");
	assert_int_equal(finding(&d), FINDING_GOOD);
	close_desk(&d);
}

static void an_entry_lets_in_what_it_knows(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	follow(&d, GUARD_ENFORCE, "{}");
	follow(&d, GUARD_ENFORCE,
	       "{\"entries\":[" STICK ",\"name\":\"couriers\",\"access\":\"write\"}]}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '1');
	assert_int_equal(d.told_count, 2);
	told(&d, 1, "storage.plugged", "\"access\":\"write\",\"entry\":\"couriers\"");
	close_desk(&d);
}

static void what_only_warns_touches_nothing_and_says_so(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	follow(&d, GUARD_WARN, NULL);
	assert_int_equal(finding(&d), FINDING_GOOD);
	follow(&d, GUARD_WARN, "{}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '1');
	assert_int_equal(leaf(&d, "usb1", "authorized_default"), '1');
	assert_int_equal(finding(&d), FINDING_BAD);
	assert_int_equal(d.told_count, 1);
	told(&d, 0, "storage.plugged", "\"enforced\":false");
	close_desk(&d);
}

static void what_was_held_is_released_even_by_the_next_agent(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	write_leaf(&d, "usb1", "authorized_default", "2\n");
	follow(&d, GUARD_ENFORCE, "{}");
	d.guard->acts->stop(d.guard_state);
	assert_int_equal(leaf(&d, "usb1", "authorized_default"), '0');
	start(&d);
	follow(&d, GUARD_OFF, "{}");
	assert_int_equal(leaf(&d, "usb1", "authorized_default"), '2');
	assert_int_equal(leaf(&d, "1-1", "authorized"), '1');
	/* And nothing more: what somebody else put off afterwards is his. */
	write_leaf(&d, "1-1", "authorized", "0\n");
	follow(&d, GUARD_OFF, "{}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '0');
	close_desk(&d);
}

static void a_restart_tells_nothing_twice_until_the_system_starts_anew(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	follow(&d, GUARD_ENFORCE, "{}");
	d.guard->acts->stop(d.guard_state);
	start(&d);
	follow(&d, GUARD_ENFORCE, "{}");
	assert_int_equal(d.told_count, 1);
	d.guard->acts->stop(d.guard_state);
	place_write(*state, "root/proc/sys/kernel/random/boot_id", "b2");
	start(&d);
	follow(&d, GUARD_ENFORCE, "{}");
	assert_int_equal(d.told_count, 2);
	close_desk(&d);
}

static void what_waits_for_room_is_told_in_order(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	d.answer = -ENOBUFS;
	follow(&d, GUARD_ENFORCE, "{}");
	place_remove_tree(place_path(*state, "root/sys/bus/usb/devices/1-1"));
	follow(&d, GUARD_ENFORCE, "{}");
	assert_int_equal(d.told_count, 0);
	usleep(1600000);
	d.answer = 0;
	d.guard->acts->resume(d.guard_state);
	assert_int_equal(d.told_count, 2);
	told(&d, 0, "storage.plugged", "\"serial\":\"S1\"");
	told(&d, 1, "storage.unplugged", "\"serial\":\"S1\"");
	close_desk(&d);
}

static void a_loose_plug_is_one_stay(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	follow(&d, GUARD_ENFORCE, "{}");
	place_remove_tree(place_path(*state, "root/sys/bus/usb/devices/1-1"));
	follow(&d, GUARD_ENFORCE, "{}");
	plug(&d, "1-1", "4", 0x08, "S1");
	follow(&d, GUARD_ENFORCE, "{}");
	plug(&d, "1-1", "5", 0x08, "S1"); /* nobody looked in between */
	follow(&d, GUARD_ENFORCE, "{}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '0');
	assert_int_equal(d.told_count, 1);
	close_desk(&d);
}

static void the_disk_that_the_system_runs_from_is_left_alone(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	show_disk(&d, "1-1", "sda1");
	place_write(*state, "root/dev/sda1", "");
	place_write(*state, "root/proc/1/mountinfo",
		    "20 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw,errors=remount-ro\n");
	follow(&d, GUARD_ENFORCE, "{}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '1');
	told(&d, 0, "storage.plugged", "\"entry\":\"system\"");
	close_desk(&d);
}

static void what_shows_a_disk_is_storage_whatever_it_said(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0xff, "S1");
	plug(&d, "1-2", "4", 0x09, "H1");
	plug(&d, "1-2.1", "5", 0x08, "S2");
	follow(&d, GUARD_ENFORCE, "{}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '1');
	show_disk(&d, "1-1", "sda");
	show_disk(&d, "1-2.1", "sdb"); /* behind a hub, which is none for that */
	follow(&d, GUARD_ENFORCE, "{}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '0');
	assert_int_equal(leaf(&d, "1-2", "authorized"), '1');
	close_desk(&d);
}

static void rules_that_are_not_understood_leave_those_before_in_force(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	follow(&d, GUARD_ENFORCE, "{\"default\":\"write\"}");
	follow(&d, GUARD_ENFORCE, "{\"default\":\"sometimes\"}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '1');
	assert_int_equal(finding(&d), FINDING_BAD);
	close_desk(&d);
}

static void who_undoes_it_three_times_is_barred(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	follow(&d, GUARD_ENFORCE, "{}");
	for (int i = 0; i < 3; i++) {
		write_leaf(&d, "1-1", "authorized", "1\n");
		follow(&d, GUARD_ENFORCE, "{}");
		assert_int_equal(leaf(&d, "1-1", "authorized"), '0');
	}
	assert_int_equal(d.told_count, 4);
	told(&d, 1, "storage.undone", "\"times\":1");
	told(&d, 3, "storage.undone", "\"barred\":true");
	follow(&d, GUARD_ENFORCE, "{\"default\":\"write\"}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '0');
	close_desk(&d);
}

static void a_disk_that_cannot_be_made_read_only_is_put_off(void **state)
{
	struct desk d;

	open_desk(&d, *state);
	plug(&d, "1-1", "3", 0x08, "S1");
	show_disk(&d, "1-1", "sda");
	place_write(*state, "root/dev/sda", ""); /* a file: it has no such switch */
	follow(&d, GUARD_ENFORCE, "{\"default\":\"read\"}");
	assert_int_equal(leaf(&d, "1-1", "authorized"), '0');
	told(&d, 0, "storage.plugged", "\"access\":\"none\"");
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_CASE(what_no_entry_knows_is_put_off_and_told),
		PLACE_CASE(an_entry_lets_in_what_it_knows),
		PLACE_CASE(what_only_warns_touches_nothing_and_says_so),
		PLACE_CASE(what_was_held_is_released_even_by_the_next_agent),
		PLACE_CASE(a_restart_tells_nothing_twice_until_the_system_starts_anew),
		PLACE_CASE(what_waits_for_room_is_told_in_order),
		PLACE_CASE(a_loose_plug_is_one_stay),
		PLACE_CASE(the_disk_that_the_system_runs_from_is_left_alone),
		PLACE_CASE(what_shows_a_disk_is_storage_whatever_it_said),
		PLACE_CASE(rules_that_are_not_understood_leave_those_before_in_force),
		PLACE_CASE(who_undoes_it_three_times_is_barred),
		PLACE_CASE(a_disk_that_cannot_be_made_read_only_is_put_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
