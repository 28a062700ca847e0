/* What may be done with a device (D16), and what its descriptors say that it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "policy/storage_rules.h"

#define NOW 1000000

static const char three_entries[] =
	"{\"groups\":{\"pool\":[{\"vendor\":\"0951\",\"product\":\"1666\",\"serial\":\"S1\"},"
	"{\"vendor\":\"0951\",\"product\":\"1666\",\"serial\":\"S2\"}]},"
	"\"entries\":[{\"name\":\"short\",\"group\":\"pool\",\"access\":\"write\","
	"\"until\":\"1970-01-01T00:20:00Z\"},"
	"{\"name\":\"pool-read\",\"group\":\"pool\",\"access\":\"read\",\"audit\":false},"
	"{\"name\":\"no-dongles\",\"kind\":[\"network\",\"phone\"],\"access\":\"none\"},"
	"{\"name\":\"cameras\",\"class\":\"06\",\"access\":\"write\"}]}";

static struct storage_rules rules(const char *text)
{
	json_t *settings = text ? json_loads(text, 0, NULL) : NULL;
	char where[STORAGE_WHERE_SIZE];
	struct storage_rules r;

	assert_true(settings || !text);
	assert_int_equal(storage_rules_parse(settings, &r, where), 0);
	json_decref(settings);
	return r;
}

static void refused(const char *text, const char *at)
{
	json_t *settings = json_loads(text, 0, NULL);
	struct storage_rules r = {.entry_count = 77};
	char where[STORAGE_WHERE_SIZE];

	assert_non_null(settings);
	assert_int_equal(storage_rules_parse(settings, &r, where), -EINVAL);
	assert_string_equal(where, at);
	assert_int_equal(r.entry_count, 77);
	json_decref(settings);
}

static struct usb_device stick(const char *serial)
{
	struct usb_device d = {.vendor = 0x0951,
			       .product = 0x1666,
			       .kind = USB_STORAGE,
			       .classes = {{0x08, 0x06, 0x50}},
			       .class_count = 1};

	text_fit(d.serial, sizeof(d.serial), serial);
	return d;
}

static void decides(const char *text, const struct usb_device *d, int64_t now_ms,
		    enum storage_access access, const char *entry)
{
	struct storage_rules r = rules(text);
	struct storage_verdict v;

	storage_decide(&r, d, now_ms, &v);
	assert_string_equal(v.entry, entry);
	assert_int_equal(v.access, access);
	storage_rules_done(&r);
}

static void without_a_word_of_the_policy_media_are_refused_and_the_rest_passes(void **state)
{
	(void)state;
	for (unsigned k = 0; k < USB_KINDS; k++) {
		const struct usb_device d = {.kind = (enum usb_kind)k};

		if (k >= USB_OPTICAL)
			decides(NULL, &d, NOW, STORAGE_NONE, "default");
		else
			decides(NULL, &d, NOW, STORAGE_WRITE, "kind");
	}
}

static void the_first_entry_that_fits_decides_and_is_named(void **state)
{
	struct usb_device d = stick("S2");

	(void)state;
	decides(three_entries, &d, NOW, STORAGE_WRITE, "short");
	d.serial[1] = '3';
	decides(three_entries, &d, NOW, STORAGE_NONE, "default");
	decides("{\"default\":\"read\"}", &d, NOW, STORAGE_READ, "default");
}

static void an_exception_ends(void **state)
{
	const struct usb_device d = stick("S1");
	struct storage_rules r = rules(three_entries);

	(void)state;
	assert_int_equal(storage_next_end_ms(&r, NOW), 1200000);
	assert_int_equal(storage_next_end_ms(&r, 1200000), 0);
	storage_rules_done(&r);
	decides(three_entries, &d, 1199999, STORAGE_WRITE, "short");
	decides(three_entries, &d, 1200000, STORAGE_READ, "pool-read");
}

static void a_cloned_serial_of_another_maker_opens_nothing(void **state)
{
	struct usb_device d = stick("S1");

	(void)state;
	d.vendor = 0x1234;
	decides(three_entries, &d, NOW, STORAGE_NONE, "default");
	d = stick("S1");
	d.product = 0x1667;
	decides(three_entries, &d, NOW, STORAGE_NONE, "default");
}

static void what_shows_no_disk_cannot_be_read_only(void **state)
{
	const struct usb_device phone = {.kind = USB_PHONE}, keyboard = {.kind = USB_HID};

	(void)state;
	decides("{\"default\":\"read\"}", &phone, NOW, STORAGE_NONE, "default");
	decides("{\"entries\":[{\"name\":\"a\",\"access\":\"read\"}]}", &keyboard, NOW,
		STORAGE_NONE, "a");
}

static void entries_go_by_kind_and_by_class(void **state)
{
	const struct usb_device dongle = {.kind = USB_NETWORK};
	const struct usb_device camera = {
		.kind = USB_UNREADABLE, .classes = {{0x06, 1, 1}}, .class_count = 1};

	(void)state;
	decides(three_entries, &dongle, NOW, STORAGE_NONE, "no-dongles");
	decides(three_entries, &camera, NOW, STORAGE_WRITE, "cameras");
}

static void the_systems_own_disk_is_never_held(void **state)
{
	struct usb_device d = stick("S9");

	(void)state;
	d.is_system = true;
	decides("{\"entries\":[{\"name\":\"all\",\"access\":\"none\"}]}", &d, NOW, STORAGE_WRITE,
		"system");
}

static void telling_is_apart_from_holding(void **state)
{
	struct storage_rules r = rules(three_entries);
	const struct usb_device d = stick("S1"), hub = {.kind = USB_HUB};
	struct storage_verdict v;

	(void)state;
	storage_decide(&r, &d, 1200000, &v);
	assert_false(v.audit);
	storage_decide(&r, &d, NOW, &v);
	assert_true(v.audit);
	storage_decide(&r, &hub, NOW, &v);
	assert_false(v.audit);
	storage_rules_done(&r);
}

static void a_word_that_is_wrong_is_named_with_its_place(void **state)
{
	(void)state;
	refused("{\"default\":\"all\"}", "default");
	refused("{\"entries\":{}}", "entries");
	refused("{\"groups\":[]}", "groups");
	refused("{\"entries\":[{\"access\":\"none\"}]}", "entries[0].name");
	refused("{\"entries\":[{\"name\":\"default\",\"access\":\"none\"}]}", "entries[0].name");
	refused("{\"entries\":[{\"name\":\"a\",\"access\":\"none\"},"
		"{\"name\":\"a\",\"access\":\"none\"}]}",
		"entries[1].name");
	refused("{\"entries\":[{\"name\":\"a\"}]}", "entries[0].access");
	refused("{\"entries\":[{\"name\":\"a\",\"access\":\"read\",\"seral\":\"x\"}]}",
		"entries[0].seral");
	refused("{\"entries\":[{\"name\":\"a\",\"access\":\"read\",\"vendor\":\"951\"}]}",
		"entries[0].vendor");
	refused("{\"entries\":[{\"name\":\"a\",\"access\":\"read\",\"kind\":[]}]}",
		"entries[0].kind");
	refused("{\"entries\":[{\"name\":\"a\",\"access\":\"read\",\"until\":5}]}",
		"entries[0].until");
	refused("{\"entries\":[{\"name\":\"a\",\"access\":\"read\",\"audit\":\"no\"}]}",
		"entries[0].audit");
	refused("{\"entries\":[{\"name\":\"a\",\"access\":\"read\",\"group\":\"g\"}]}",
		"entries[0].group");
	refused("{\"groups\":{\"g\":[{}]},\"entries\":[{\"name\":\"a\",\"access\":\"read\","
		"\"group\":\"g\"}]}",
		"groups.g[0]");
}

static void a_serial_without_its_maker_and_product_is_refused(void **state)
{
	(void)state;
	refused("{\"entries\":[{\"name\":\"a\",\"access\":\"read\",\"serial\":\"x\"}]}",
		"entries[0].vendor");
	refused("{\"entries\":[{\"name\":\"a\",\"access\":\"read\",\"serial\":\"x\","
		"\"vendor\":\"0951\"}]}",
		"entries[0].product");
	refused("{\"entries\":[{\"name\":\"a\",\"access\":\"read\",\"product\":\"1666\"}]}",
		"entries[0].vendor");
}

static void an_empty_group_fits_nobody(void **state)
{
	const struct usb_device d = stick("S1");

	(void)state;
	decides("{\"groups\":{\"g\":[]},\"entries\":[{\"name\":\"a\",\"access\":\"write\","
		"\"group\":\"g\"}]}",
		&d, NOW, STORAGE_NONE, "default");
}

/* ---- descriptors ---- */

#define DEVICE 18, 1, 0, 2, 0, 0, 0, 64, 0x51, 0x09, 0x66, 0x16, 0, 1, 1, 2, 3, 1
#define CONFIGURATION 9, 2, 0, 0, 1, 1, 0, 0x80, 50
#define INTERFACE(class, sub, protocol, pipes) 9, 4, 0, 0, pipes, class, sub, protocol, 0
#define PIPE(attributes) 7, 5, 0x81, attributes, 0, 2, 0

static enum usb_kind kind_of(const uint8_t *data, size_t len)
{
	struct usb_device d = {.kind = USB_OTHER};

	usb_read_descriptors(data, len, &d);
	return d.kind;
}

static void descriptors_tell_maker_classes_and_kind(void **state)
{
	static const uint8_t data[] = {
		DEVICE,	 CONFIGURATION, INTERFACE(3, 1, 1, 1), PIPE(3), INTERFACE(8, 6, 0x50, 2),
		PIPE(2), PIPE(2)};
	struct usb_device d = {.kind = USB_OTHER};

	(void)state;
	usb_read_descriptors(data, sizeof(data), &d);
	assert_int_equal(d.vendor, 0x0951);
	assert_int_equal(d.product, 0x1666);
	assert_int_equal(d.class_count, 2);
	assert_int_equal(d.classes[1].protocol, 0x50);
	assert_int_equal(d.kind, USB_STORAGE); /* a keyboard beside it does not hide it */
}

static void a_second_configuration_hides_nothing(void **state)
{
	static const uint8_t data[] = {DEVICE,	CONFIGURATION, INTERFACE(3, 1, 1, 1),
				       PIPE(3), CONFIGURATION, INTERFACE(6, 1, 1, 3)};

	(void)state;
	assert_int_equal(kind_of(data, sizeof(data)), USB_PHONE);
}

static void mtp_that_goes_by_vendor_specific_is_a_telephone(void **state)
{
	static const uint8_t mtp[] = {DEVICE,  CONFIGURATION, INTERFACE(0xff, 0xff, 0, 3),
				      PIPE(2), PIPE(2),	      PIPE(3)};
	static const uint8_t serial_line[] = {DEVICE, CONFIGURATION, INTERFACE(0xff, 0xff, 0xff, 2),
					      PIPE(2), PIPE(2)};

	(void)state;
	assert_int_equal(kind_of(mtp, sizeof(mtp)), USB_PHONE);
	assert_int_equal(kind_of(serial_line, sizeof(serial_line)), USB_OTHER);
}

static void broken_descriptors_are_never_trusted(void **state)
{
	static const uint8_t whole[] = {DEVICE, CONFIGURATION, INTERFACE(3, 1, 1, 1), PIPE(3)};
	static const uint8_t endless[] = {DEVICE, CONFIGURATION, 0, 4};

	(void)state;
	assert_int_equal(kind_of(whole, sizeof(whole)), USB_HID);
	assert_int_equal(kind_of(whole, sizeof(whole) - 1), USB_UNREADABLE);
	assert_int_equal(kind_of(whole, 17), USB_UNREADABLE);
	assert_int_equal(kind_of(NULL, 0), USB_UNREADABLE);
	assert_int_equal(kind_of(endless, sizeof(endless)), USB_UNREADABLE);
}

static void a_reader_of_cards_is_known_by_its_name(void **state)
{
	struct usb_device d = {.kind = USB_STORAGE, .name = "USB3.0 Card Reader"};

	(void)state;
	usb_name_kind(&d);
	assert_int_equal(d.kind, USB_CARD_READER);
	d = (struct usb_device){.kind = USB_PHONE, .name = "USB3.0 Card Reader"};
	usb_name_kind(&d);
	assert_int_equal(d.kind, USB_PHONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			without_a_word_of_the_policy_media_are_refused_and_the_rest_passes),
		cmocka_unit_test(the_first_entry_that_fits_decides_and_is_named),
		cmocka_unit_test(an_exception_ends),
		cmocka_unit_test(a_cloned_serial_of_another_maker_opens_nothing),
		cmocka_unit_test(what_shows_no_disk_cannot_be_read_only),
		cmocka_unit_test(entries_go_by_kind_and_by_class),
		cmocka_unit_test(the_systems_own_disk_is_never_held),
		cmocka_unit_test(telling_is_apart_from_holding),
		cmocka_unit_test(a_word_that_is_wrong_is_named_with_its_place),
		cmocka_unit_test(a_serial_without_its_maker_and_product_is_refused),
		cmocka_unit_test(an_empty_group_fits_nobody),
		cmocka_unit_test(descriptors_tell_maker_classes_and_kind),
		cmocka_unit_test(a_second_configuration_hides_nothing),
		cmocka_unit_test(mtp_that_goes_by_vendor_specific_is_a_telephone),
		cmocka_unit_test(broken_descriptors_are_never_trusted),
		cmocka_unit_test(a_reader_of_cards_is_known_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
