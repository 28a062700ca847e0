/* Private to journal: the frames of a bundle (bundle.h). */
#pragma once

#define BUNDLE_MAGIC "menshen bundle 1\n"
#define BUNDLE_HEADER_SIZE 5
#define BUNDLE_BATCH_NUMBERS 12
#define BUNDLE_TABLES_MAX 1024

enum bundle_frame {
	BUNDLE_KEY = 'K',
	BUNDLE_ENTRY = 'E',
	BUNDLE_HEAD = 'H',
	BUNDLE_COSIGN = 'C',
	BUNDLE_TABLE = 'T',
	BUNDLE_ROW = 'R',
	BUNDLE_BATCH = 'B',
	BUNDLE_RECORD = 'D',
	BUNDLE_LAST = 'Z',
};
