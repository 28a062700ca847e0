/* What usb.c and usb_disk.c share. */
#pragma once

#include "agent/guards/usb.h"

#define USB_PATH_SIZE 384

/* root/sys/bus/usb/devices/PLACE/LEAF */
void usb_path(const char *root, const char *place, const char *leaf,
	      char dst[static USB_PATH_SIZE]);
/* Into a file that is there already. */
int usb_write_word(const char *path, const char *word) MUST_CHECK;
/* Whether the running system, or a part of it, lies on a disk of this device. */
bool usb_holds_system(const char *root, const char *place);
