/* What a USB device says of itself before anybody trusts it: descriptors, then its name. */
#include <string.h>

#include "policy/storage_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct storage_rules none = {.media = STORAGE_NONE};
	struct usb_device d = {.kind = USB_OTHER};
	struct storage_verdict v;

	usb_read_descriptors(data, len, &d);
	if (d.class_count > USB_CLASSES_MAX || d.kind >= USB_KINDS)
		abort();
	memcpy(d.name, data, len < sizeof(d.name) ? len : sizeof(d.name) - 1);
	usb_name_kind(&d);
	storage_decide(&none, &d, 0, &v);
	/* Who has a disk's interface is never let in by itself. */
	for (size_t i = 0; i < d.class_count; i++)
		if (d.classes[i].class == 8 && v.access != STORAGE_NONE)
			abort();
	return 0;
}
