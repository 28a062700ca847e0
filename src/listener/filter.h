/*
 * The classic BPF program that the kernel runs before a frame is copied: ARP, neighbour discovery,
 * DHCP, DHCPv6, LLDP, CDP, spanning tree, mDNS and NetBIOS names whole; of other IPv4 the head of
 * each TCP SYN and of one packet in FILTER_SAMPLE, for its TTL. Frames are seen as the kernel shows
 * them, the VLAN tag taken off.
 */
#pragma once

#include <linux/filter.h>

#include "base/util.h"

#define FILTER_SAMPLE 64
#define FILTER_HEAD 64 /* bytes kept of a frame that counts for its TTL alone */
#define FILTER_MAX 128

/* Writes the program and returns its length. */
size_t filter_build(struct sock_filter program[static FILTER_MAX]);
/* Gives the socket the filter; -errno. */
int filter_attach(int fd) MUST_CHECK;
