/*
 * What is plugged into this desk's USB, and the hold on it. Filled and carried out by the
 * platform's folder (src/agent/linux/usb.c, usb_disk.c); reading descriptors is pure
 * (usb_descriptors.c).
 */
#pragma once

#include "base/util.h"

#define USB_DEVICES_MAX 64
#define USB_PLACE_SIZE 24
#define USB_TEXT_SIZE 128 /* 126 characters at most (USB 2.0, 9.6.7), cut behind a whole one */
#define USB_CLASSES_MAX 24
#define USB_DESCRIPTORS_MAX (64U << 10)

/* A device of several interfaces is the last of these that one of them is. */
enum usb_kind {
	USB_OTHER,
	USB_HUB,
	USB_HID,
	USB_PRINTER,
	USB_NETWORK, /* cards, modems, Bluetooth; what they lead to is clause D21's */
	USB_OPTICAL,
	USB_CARD_READER, /* for memory cards; smart cards' are others */
	USB_STORAGE,
	USB_PHONE,	/* MTP, PTP, and the debug lines of telephones */
	USB_UNREADABLE, /* its descriptors are broken, or too many: never trusted */
	USB_KINDS
};

const char *usb_kind_name(enum usb_kind k); /* "card-reader" */
int usb_kind_parse(const char *name, enum usb_kind *ret) MUST_CHECK;
/* Files could leave by it. */
bool usb_kind_is_media(enum usb_kind k);

/* Class, subclass and protocol of an interface, in any of its configurations. */
struct usb_class {
	uint8_t class, subclass, protocol;
};

struct usb_device {
	char place[USB_PLACE_SIZE]; /* "1-1.2": bus and ports */
	int number;		    /* on its bus; another one for each time it is plugged */
	uint16_t vendor, product;
	/* As the device says, clean UTF-8; "" when it says none. */
	char serial[USB_TEXT_SIZE], maker[USB_TEXT_SIZE], name[USB_TEXT_SIZE];
	struct usb_class classes[USB_CLASSES_MAX]; /* each once */
	size_t class_count;
	enum usb_kind kind;
	bool authorized;
	bool is_system; /* the running system lies on it */
};

/*
 * Descriptors as a device sent them, its own and those of all configurations (USB 2.0, 9.6):
 * vendor, product, classes and kind of `ret`. Whatever is wrong with them makes it USB_UNREADABLE.
 */
void usb_read_descriptors(const uint8_t *data, size_t len, struct usb_device *ret);
/* Once its name is known: a reader of cards looks like a stick but for that. */
void usb_name_kind(struct usb_device *d);

/* ---- the platform ---- */

/* Where something is plugged, hubs of the computer's own left out. No USB at all: none. -errno. */
int usb_list(const char *root, char ret[static USB_DEVICES_MAX][USB_PLACE_SIZE],
	     size_t *ret_count) MUST_CHECK;
/* What may change of it; -ENOENT: nothing is there any more. */
int usb_state(const char *root, const char *place, int *ret_number,
	      bool *ret_authorized) MUST_CHECK;
int usb_load(const char *root, const char *place, struct usb_device *ret) MUST_CHECK;
/* -ENOENT: it is gone. */
int usb_authorize(const char *root, const char *place, bool authorized) MUST_CHECK;
/*
 * What becomes of a device before anybody decided: USB_DEFAULT_NONE, or the word that
 * usb_hubs_default() gave. All buses; -errno of the last that refused.
 */
#define USB_DEFAULT_NONE 0
#define USB_DEFAULT_ALL 1
int usb_hubs_hold(const char *root, int word) MUST_CHECK;
int usb_hubs_default(const char *root); /* of the first bus; USB_DEFAULT_ALL without any */

/* A descriptor that becomes readable when a device or a disk comes, goes or changes; -errno. */
int usb_watch(void) MUST_CHECK;
/* Whether any of what waited was about USB or disks. */
bool usb_drain(int fd);

/* ---- the disks of a device ---- */

#define USB_DISKS_MAX 8

struct usb_disk {
	char name[32]; /* "sda" */
	bool read_only;
	bool optical;
	bool mounted_writable; /* it or a partition of it, as the system sees its mounts */
};

/* More than USB_DISKS_MAX: -E2BIG. */
int usb_disks(const char *root, const char *place, struct usb_disk ret[static USB_DISKS_MAX],
	      size_t *ret_count) MUST_CHECK;
/* With its partitions. */
int usb_disk_protect(const char *root, const char *name, bool read_only) MUST_CHECK;
