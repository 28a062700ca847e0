/*
 * What is plugged into this desk's USB, and the hold on it, as the platform's folder has it
 * (src/agent/linux/usb.c, usb_disk.c).
 */
#pragma once

#include "policy/usb_device.h"

#define USB_DEVICES_MAX 64

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
