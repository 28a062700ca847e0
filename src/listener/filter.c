#include "listener/filter.h"

#include <sys/socket.h>

#include "listener/nd.h"
#include "listener/packet.h"

#define WHOLE 0x40000
#define ETHER_SIZE 14
#define UNSET 0xff

/* Where a jump leads; the ends stand behind the program, in this order. */
enum label { TO_SAMPLE = 1, TO_HEAD, TO_WHOLE, TO_DROP, LABEL_COUNT };

struct draft {
	struct sock_filter *code;
	size_t len;
	uint8_t jump_true[FILTER_MAX], jump_false[FILTER_MAX]; /* labels, 0: the next line */
	size_t label_at[LABEL_COUNT];
};

static void put(struct draft *d, uint16_t code, uint32_t k, uint8_t when_true, uint8_t when_false)
{
	d->code[d->len] = (struct sock_filter){.code = code, .k = k};
	d->jump_true[d->len] = when_true;
	d->jump_false[d->len] = when_false;
	d->len++;
}

static void load(struct draft *d, uint16_t size, uint32_t at)
{
	put(d, (uint16_t)(BPF_LD | size | BPF_ABS), at, 0, 0);
}

static void if_equal(struct draft *d, uint32_t value, enum label to)
{
	put(d, BPF_JMP | BPF_JEQ | BPF_K, value, to, 0);
}

static void unless_equal(struct draft *d, uint32_t value, enum label to)
{
	put(d, BPF_JMP | BPF_JEQ | BPF_K, value, 0, to);
}

static void go(struct draft *d, enum label to)
{
	put(d, BPF_JMP | BPF_JEQ | BPF_K, 0, to, to);
}

/* Begins a branch that is left by `skip` lines unless the loaded value is `value`; returns where.
 */
static size_t begin_if(struct draft *d, uint32_t value)
{
	put(d, BPF_JMP | BPF_JEQ | BPF_K, value, 0, UNSET);
	return d->len - 1;
}

static void end_if(struct draft *d, size_t begin)
{
	d->code[begin].jf = (uint8_t)(d->len - begin - 1);
	d->jump_false[begin] = 0;
}

static void ports_ipv4(struct draft *d)
{
	static const uint16_t ports[] = {67, 68, 5353, 137};

	put(d, BPF_LDX | BPF_B | BPF_MSH, ETHER_SIZE, 0, 0);
	for (uint32_t at = 0; at <= 2; at += 2) {
		put(d, BPF_LD | BPF_H | BPF_IND, ETHER_SIZE + at, 0, 0);
		for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
			if_equal(d, ports[i], TO_WHOLE);
	}
}

static void ipv4(struct draft *d)
{
	size_t branch;

	load(d, BPF_H, ETHER_SIZE + 6);
	put(d, BPF_JMP | BPF_JSET | BPF_K, 0x1fff, TO_SAMPLE, 0); /* a later fragment */
	load(d, BPF_B, ETHER_SIZE + 9);
	branch = begin_if(d, PROTO_UDP);
	ports_ipv4(d);
	go(d, TO_SAMPLE);
	end_if(d, branch);
	unless_equal(d, PROTO_TCP, TO_SAMPLE);
	put(d, BPF_LDX | BPF_B | BPF_MSH, ETHER_SIZE, 0, 0);
	put(d, BPF_LD | BPF_B | BPF_IND, ETHER_SIZE + 13, 0, 0);
	put(d, BPF_ALU | BPF_AND | BPF_K, 0x12, 0, 0); /* SYN, ACK */
	if_equal(d, 0x02, TO_HEAD);
	go(d, TO_SAMPLE);
}

/* With extension headers everything comes in: they are rare, and may hide an advertisement. */
static void ipv6(struct draft *d)
{
	static const uint8_t extensions[] = {0, 43, 44, 60};
	static const uint16_t ports[] = {546, 547, 5353};
	size_t branch;

	load(d, BPF_B, ETHER_SIZE + 6);
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++)
		if_equal(d, extensions[i], TO_WHOLE);
	branch = begin_if(d, PROTO_ICMPV6);
	load(d, BPF_B, ETHER_SIZE + 40);
	if_equal(d, ND_ROUTER_ADVERT, TO_WHOLE);
	if_equal(d, ND_SOLICIT, TO_WHOLE);
	if_equal(d, ND_ADVERT, TO_WHOLE);
	go(d, TO_DROP);
	end_if(d, branch);
	unless_equal(d, PROTO_UDP, TO_DROP);
	load(d, BPF_H, ETHER_SIZE + 42);
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		if_equal(d, ports[i], TO_WHOLE);
	go(d, TO_DROP);
}

/* The length is loaded: LLC with spanning tree, or SNAP with CDP. */
static void llc(struct draft *d)
{
	put(d, BPF_JMP | BPF_JGT | BPF_K, 1500, TO_DROP, 0);
	load(d, BPF_H, ETHER_SIZE);
	if_equal(d, 0x4242, TO_WHOLE);
	unless_equal(d, 0xaaaa, TO_DROP);
	load(d, BPF_W, ETHER_SIZE + 2);
	unless_equal(d, 0x0300000c, TO_DROP);
	load(d, BPF_H, ETHER_SIZE + 6);
	if_equal(d, 0x2000, TO_WHOLE);
	go(d, TO_DROP);
}

static void ends(struct draft *d)
{
	d->label_at[TO_SAMPLE] = d->len;
	load(d, BPF_W, (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM));
	put(d, BPF_JMP | BPF_JSET | BPF_K, FILTER_SAMPLE - 1, TO_DROP, TO_HEAD);
	d->label_at[TO_HEAD] = d->len;
	put(d, BPF_RET | BPF_K, FILTER_HEAD, 0, 0);
	d->label_at[TO_WHOLE] = d->len;
	put(d, BPF_RET | BPF_K, WHOLE, 0, 0);
	d->label_at[TO_DROP] = d->len;
	put(d, BPF_RET | BPF_K, 0, 0, 0);
}

static void resolve(struct draft *d)
{
	for (size_t i = 0; i < d->len; i++) {
		if (d->jump_true[i])
			d->code[i].jt = (uint8_t)(d->label_at[d->jump_true[i]] - i - 1);
		if (d->jump_false[i])
			d->code[i].jf = (uint8_t)(d->label_at[d->jump_false[i]] - i - 1);
	}
}

size_t filter_build(struct sock_filter program[static FILTER_MAX])
{
	struct draft d = {.code = program};
	size_t branch;

	load(&d, BPF_H, 12);
	if_equal(&d, ETHER_ARP, TO_WHOLE);
	if_equal(&d, ETHER_LLDP, TO_WHOLE);
	branch = begin_if(&d, ETHER_IPV4);
	ipv4(&d);
	end_if(&d, branch);
	branch = begin_if(&d, ETHER_IPV6);
	ipv6(&d);
	end_if(&d, branch);
	llc(&d);
	ends(&d);
	resolve(&d);
	return d.len;
}

int filter_attach(int fd)
{
	struct sock_filter code[FILTER_MAX];
	struct sock_fprog program = {.filter = code};

	program.len = (unsigned short)filter_build(code);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}
