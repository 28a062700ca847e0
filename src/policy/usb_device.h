/* A device on a desk's USB: what it says of itself, and what that makes it. Pure. */
#pragma once

#include "base/util.h"

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
