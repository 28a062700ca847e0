#define _GNU_SOURCE
#include "policy/usb_device.h"

#include <string.h>

#include "base/text.h"

enum { DEVICE = 1, CONFIGURATION = 2, INTERFACE = 4, ENDPOINT = 5 };

#define DEVICE_SIZE 18
#define INTERFACE_SIZE 9
#define ENDPOINT_SIZE 7
#define TRANSFER_MASK 3
#define TRANSFER_INTERRUPT 3
#define ANY -1

static const char *const kind_names[] = {
	[USB_OTHER] = "other",
	[USB_HUB] = "hub",
	[USB_HID] = "hid",
	[USB_PRINTER] = "printer",
	[USB_NETWORK] = "network",
	[USB_OPTICAL] = "optical",
	[USB_CARD_READER] = "card-reader",
	[USB_STORAGE] = "storage",
	[USB_PHONE] = "phone",
	[USB_UNREADABLE] = "unreadable",
};

const char *usb_kind_name(enum usb_kind k)
{
	return kind_names[k];
}

int usb_kind_parse(const char *name, enum usb_kind *ret)
{
	for (unsigned k = 0; k < USB_KINDS; k++)
		if (text_equal(name, kind_names[k])) {
			*ret = (enum usb_kind)k;
			return 0;
		}
	return -EINVAL;
}

bool usb_kind_is_media(enum usb_kind k)
{
	return k >= USB_OPTICAL;
}

/* The first row that fits; usb.org's codes, and what makers agreed on below "vendor specific". */
static const struct {
	int class, subclass, protocol;
	enum usb_kind kind;
} class_kinds[] = {
	{0x03, ANY, ANY, USB_HID},
	{0x07, ANY, ANY, USB_PRINTER},
	{0x09, ANY, ANY, USB_HUB},
	{0x08, 0x02, ANY, USB_OPTICAL}, /* MMC-5, "ATAPI" */
	{0x08, ANY, ANY, USB_STORAGE},
	{0x06, ANY, ANY, USB_PHONE},  /* still image: PTP, and MTP in its clothes */
	{0x02, 0x02, ANY, USB_OTHER}, /* a serial line */
	{0x02, ANY, ANY, USB_NETWORK},
	{0xe0, ANY, ANY, USB_NETWORK},
	{0xef, 0x04, ANY, USB_NETWORK}, /* RNDIS */
	{0xff, 0x42, ANY, USB_PHONE},	/* adb, fastboot */
	{0xff, 0xfe, 0x02, USB_PHONE},	/* Apple's multiplexer */
};

/* Card readers without a class. */
static const struct {
	uint16_t vendor, product;
} readers[] = {{0x0bda, 0x0129}, {0x0bda, 0x0139}, {0x0bda, 0x0140}};

static enum usb_kind class_kind(const struct usb_class *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(class_kinds); i++)
		if (class_kinds[i].class == c->class &&
		    (class_kinds[i].subclass == ANY || class_kinds[i].subclass == c->subclass) &&
		    (class_kinds[i].protocol == ANY || class_kinds[i].protocol == c->protocol))
			return class_kinds[i].kind;
	return USB_OTHER;
}

static void raise_kind(struct usb_device *d, enum usb_kind k)
{
	d->kind = MAX(d->kind, k);
}

static void take_class(struct usb_device *d, const struct usb_class *c)
{
	raise_kind(d, class_kind(c));
	for (size_t i = 0; i < d->class_count; i++)
		if (memcmp(&d->classes[i], c, sizeof(*c)) == 0)
			return;
	if (d->class_count == USB_CLASSES_MAX)
		raise_kind(d, USB_UNREADABLE);
	else
		d->classes[d->class_count++] = *c;
}

/* MTP that goes by "vendor specific": two pipes for files, and one for events (libmtp's mark). */
static bool is_plain_mtp(const uint8_t *interface, bool has_interrupt)
{
	return interface[4] == 3 && has_interrupt && interface[5] == 0xff && interface[6] == 0xff &&
	       interface[7] == 0;
}

static void take_device(struct usb_device *d, const uint8_t *p)
{
	const struct usb_class c = {p[4], p[5], p[6]};

	d->vendor = (uint16_t)(p[8] | p[9] << 8);
	d->product = (uint16_t)(p[10] | p[11] << 8);
	raise_kind(d, class_kind(&c));
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (readers[i].vendor == d->vendor && readers[i].product == d->product)
			raise_kind(d, USB_CARD_READER);
}

/* One descriptor; `at_interface` is the interface that endpoints belong to. */
static bool take(struct usb_device *d, const uint8_t *p, const uint8_t **at_interface)
{
	if (p[1] == INTERFACE) {
		const struct usb_class c = {p[5], p[6], p[7]};

		if (p[0] < INTERFACE_SIZE)
			return false;
		take_class(d, &c);
		*at_interface = p;
	} else if (p[1] == ENDPOINT) {
		if (p[0] < ENDPOINT_SIZE)
			return false;
		if (*at_interface &&
		    is_plain_mtp(*at_interface, (p[3] & TRANSFER_MASK) == TRANSFER_INTERRUPT))
			raise_kind(d, USB_PHONE);
	} else if (p[1] == CONFIGURATION) {
		*at_interface = NULL;
	}
	return true;
}

void usb_read_descriptors(const uint8_t *data, size_t len, struct usb_device *ret)
{
	const uint8_t *at_interface = NULL, *p = data;
	size_t left = len;

	ret->kind = USB_OTHER;
	ret->class_count = 0;
	if (len < DEVICE_SIZE || p[0] != DEVICE_SIZE || p[1] != DEVICE) {
		ret->kind = USB_UNREADABLE;
		return;
	}
	take_device(ret, p);
	for (p += DEVICE_SIZE, left -= DEVICE_SIZE; left > 0; left -= p[0], p += p[0])
		if (left < 2 || p[0] < 2 || p[0] > left || !take(ret, p, &at_interface)) {
			ret->kind = USB_UNREADABLE;
			return;
		}
}

void usb_name_kind(struct usb_device *d)
{
	static const char *const reader_words[] = {"card reader", "cardreader", "card-reader",
						   "sd/mmc", "multi-card"};
	static const char *const optical_words[] = {"cd-rom", "cdrom", "dvd", "blu-ray"};

	for (size_t i = 0; d->kind == USB_STORAGE && i < ARRAY_SIZE(reader_words); i++)
		if (strcasestr(d->name, reader_words[i]))
			d->kind = USB_CARD_READER;
	for (size_t i = 0; d->kind == USB_STORAGE && i < ARRAY_SIZE(optical_words); i++)
		if (strcasestr(d->name, optical_words[i]))
			d->kind = USB_OPTICAL;
}
