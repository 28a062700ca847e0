#include "listener/capture.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/text.h"
#include "listener/filter.h"

#define BLOCK_SIZE (256U << 10)
#define FRAME_SIZE 2048U
#define RETIRE_MS 20 /* how long a frame waits for its block to fill */
#define VLAN_MASK 0xfff

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

struct capture {
	int fd;
	unsigned index; /* of the interface */
	char interface[IF_NAMESIZE];
	uint8_t *ring;
	size_t blocks, at; /* the block that is read next */
	struct capture_counts counts;
};

static int set(int fd, int option, const void *value, size_t size)
{
	return setsockopt(fd, SOL_PACKET, option, value, (socklen_t)size) < 0 ? -errno : 0;
}

static int make_ring(struct capture *c, size_t bytes)
{
	int version = TPACKET_V3, err;
	struct tpacket_req3 req = {.tp_block_size = BLOCK_SIZE,
				   .tp_frame_size = FRAME_SIZE,
				   .tp_retire_blk_tov = RETIRE_MS};

	c->blocks = MAX(bytes / BLOCK_SIZE, (size_t)4);
	req.tp_block_nr = (unsigned)c->blocks;
	req.tp_frame_nr = req.tp_block_nr * (BLOCK_SIZE / FRAME_SIZE);
	err = set(c->fd, PACKET_VERSION, &version, sizeof(version));
	if (!err)
		err = set(c->fd, PACKET_RX_RING, &req, sizeof(req));
	if (err)
		return err;
	c->ring = mmap(NULL, c->blocks * BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
	if (c->ring == MAP_FAILED) {
		c->ring = NULL;
		return -errno;
	}
	return 0;
}

static int join(struct capture *c)
{
	struct packet_mreq all = {.mr_ifindex = (int)c->index, .mr_type = PACKET_MR_PROMISC};
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = (int)c->index};
	int one = 1, err = set(c->fd, PACKET_IGNORE_OUTGOING, &one, sizeof(one));

	if (!err)
		err = set(c->fd, PACKET_ADD_MEMBERSHIP, &all, sizeof(all));
	if (!err && bind(c->fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		err = -errno;
	return err;
}

int capture_open(const char *interface, size_t ring_bytes, struct capture **ret)
{
	struct capture *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->fd = -1;
	c->index = if_nametoindex(interface);
	err = c->index ? text_copy(c->interface, sizeof(c->interface), interface) : -ENODEV;
	if (!err) {
		/* Protocol 0: nothing comes in before ring and filter are there. */
		c->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		err = c->fd < 0 ? -errno : filter_attach(c->fd);
	}
	if (!err)
		err = make_ring(c, ring_bytes);
	if (!err)
		err = join(c);
	if (err) {
		capture_close(c);
		return err;
	}
	*ret = c;
	return 0;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	if (c->ring)
		munmap(c->ring, c->blocks * BLOCK_SIZE);
	close_cleanup(&c->fd);
	free(c);
}

int capture_fd(const struct capture *c)
{
	return c->fd;
}

const char *capture_interface(const struct capture *c)
{
	return c->interface;
}

static void read_block(const struct tpacket_hdr_v1 *block, capture_frame_fn *fn, void *arg)
{
	const uint8_t *at = (const uint8_t *)block - offsetof(struct tpacket_block_desc, hdr.bh1) +
			    block->offset_to_first_pkt;

	for (uint32_t i = 0; i < block->num_pkts; i++) {
		const struct tpacket3_hdr *h = (const void *)at;
		uint16_t vlan = (h->tp_status & TP_STATUS_VLAN_VALID)
					? (uint16_t)(h->hv1.tp_vlan_tci & VLAN_MASK)
					: 0;

		fn(arg, at + h->tp_mac, h->tp_snaplen, vlan,
		   (int64_t)h->tp_sec * 1000 + h->tp_nsec / 1000000);
		at += h->tp_next_offset;
	}
}

void capture_read(struct capture *c, capture_frame_fn *fn, void *arg)
{
	for (size_t i = 0; i < c->blocks; i++) {
		struct tpacket_block_desc *d = (void *)(c->ring + c->at * BLOCK_SIZE);
		struct tpacket_hdr_v1 *block = &d->hdr.bh1;

		if (!(__atomic_load_n(&block->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
			return;
		read_block(block, fn, arg);
		__atomic_store_n(&block->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		c->at = (c->at + 1) % c->blocks;
	}
}

int capture_error(struct capture *c)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

bool capture_is_lost(const struct capture *c)
{
	return if_nametoindex(c->interface) != c->index;
}

struct capture_counts capture_counts(struct capture *c)
{
	struct tpacket_stats_v3 stats = {0};
	socklen_t len = sizeof(stats);

	/* Reading sets the kernel's own count back. */
	if (getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0) {
		c->counts.received += stats.tp_packets;
		c->counts.dropped += stats.tp_drops;
	}
	return c->counts;
}
