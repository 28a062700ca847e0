/*
 * What the agent reads: its own files after a damage, the system's files, a signed policy's body,
 * the report of another process. The first byte picks the reader, the rest is its input.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "agent/core/inventory.h"
#include "agent/core/kept_policy.h"
#include "agent/core/posture.h"
#include "agent/core/segment.h"
#include "agent/core/status_text.h"
#include "agent/guards/antivirus_product.h"
#include "agent/linux/mounts.h"
#include "agent/linux/supplicant.h"
#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char root[] = "/tmp/menshen-fuzz-XXXXXX";

static void remove_root(void)
{
	static const char *const names[] = {
		"etc/passwd",	"etc/group", "etc", "var/lib/dpkg/status",
		"var/lib/dpkg", "var/lib",   "var", "."};
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, names[i]);
		(void)remove(names[i][0] == '.' ? root : path);
	}
}

static void make_root(void)
{
	static bool made;
	char path[64];

	if (made)
		return;
	made = true;
	if (!mkdtemp(root))
		abort();
	atexit(remove_root);
	snprintf(path, sizeof(path), "%s/etc", root);
	if (mkdir(path, 0700) < 0)
		abort();
	snprintf(path, sizeof(path), "%s/var/lib/dpkg", root);
	if (file_make_dirs(path, 0700))
		abort();
}

static void write_file(const char *name, const uint8_t *data, size_t len)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || file_write_all(fd, data, len))
		abort();
	close(fd);
}

/* Each line that a collector makes is one JSON object. */
static void collect(const struct collector *c)
{
	const struct collect_context context = {root, ""};
	CLEANUP_LINES struct lines l = LINES_INIT;

	if (c->collect(&context, &l) || lines_sort(&l))
		return;
	for (size_t i = 0; i < l.count; i++) {
		json_t *item = json_loads(l.item[i], 0, NULL);

		if (!json_is_object(item))
			abort();
		json_decref(item);
	}
}

static void read_packages(const uint8_t *data, size_t len)
{
	make_root();
	write_file("var/lib/dpkg/status", data, len);
	collect(&collector_packages);
}

static void read_users(const uint8_t *data, size_t len)
{
	const uint8_t *half = memchr(data, '|', len);

	make_root();
	write_file("etc/passwd", data, half ? (size_t)(half - data) : len);
	write_file("etc/group", half ? half : data, half ? len - (size_t)(half - data) : 0);
	collect(&collector_users);
}

static void read_segment(const uint8_t *data, size_t len)
{
	CLEANUP_FD int fd = memfd_create("segment", MFD_CLOEXEC);
	static struct queued_event e;
	struct segment_header header;
	uint64_t offset = SEGMENT_HEADER_SIZE;
	size_t size = 0;
	bool torn;
	int err;

	if (fd < 0 || file_write_all(fd, data, len))
		abort();
	(void)!segment_read_header(fd, &header);
	for (;; offset += size) {
		torn = false;
		err = segment_read_record(fd, offset, &e, &size, &torn);
		if (err == -EBADMSG && !torn && segment_skip_record(fd, offset, &size) == 0)
			continue;
		if (err)
			return;
		if (size < RECORD_HEADER_SIZE || offset + size > len || e.len > EVENT_BODY_MAX)
			abort();
	}
}

static void read_policy(const uint8_t *data, size_t len)
{
	static struct sign_key *key;
	static menshen_Policy offer;
	struct kept_policy kept = {0};
	uint8_t signature[SIGN_SIZE_MAX];
	size_t signature_len;
	int err;

	if (!key && sign_key_make(SIGN_ED25519, &key))
		abort();
	len = MIN(len, sizeof(offer.body.bytes));
	if (sign_bytes(key, data, len, signature, &signature_len))
		abort();
	offer = (menshen_Policy){.epoch = 1, .number = 2};
	memcpy(offer.body.bytes, data, len);
	offer.body.size = (pb_size_t)len;
	memcpy(offer.signature.bytes, signature, signature_len);
	offer.signature.size = (pb_size_t)signature_len;
	/* There is no such folder: a good one goes as far as the disk. */
	err = kept_policy_offer(&kept, "/nonexistent", key, &offer);
	if (err == 0 || kept.body)
		abort();
}

static void read_report(const uint8_t *data, size_t len)
{
	json_t *report = json_loadb((const char *)data, len, 0, NULL);

	for (int language = LANGUAGE_ZH; language <= LANGUAGE_EN; language++) {
		CLEANUP_BUF struct buf text = BUF_INIT;

		status_describe(report, true, 0, (enum language)language, &text);
		if (text.error)
			abort();
	}
	json_decref(report);
}

static void read_text(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);
	struct posture_report posture;
	int64_t at_ms;

	if (!text)
		abort();
	memcpy(text, data, len);
	text[len] = 0;
	(void)!antivirus_clamav_time((const char *)data, len, &at_ms);
	(void)!posture_decode(text, &posture);
	supplicant_read_status(text);
	free(text);
}

static void read_mount(const uint8_t *data, size_t len)
{
	struct mount m;

	if (mount_parse((const char *)data, len, &m) == 0 && m.place[0] != '/')
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static void (*const readers[])(const uint8_t *, size_t) = {
		read_packages, read_users, read_segment, read_policy,
		read_report,   read_text,  read_mount,
	};

	if (len > 0 && data[0] - '0' < (int)ARRAY_SIZE(readers) && data[0] >= '0')
		readers[data[0] - '0'](data + 1, len - 1);
	return 0;
}
