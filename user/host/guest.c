// SPDX-License-Identifier: GPL-2.0
/*
 * guest - the expert in this process, from its options to its last word
 */
#include <stdio.h>
#include <string.h>

#include "../dissect/dissector.h"
#include "../lib/key.h"
#include "guest.h"

/* What the user wants to see, for experts that defer to it. */
static int set_display_filter(struct nexp_guest *guest, HEXPERTKEY key)
{
	char why[NEXP_WHY_SIZE];

	if (!guest->display_filter)
		return 0;
	switch (nexp_key_filter(key, guest->display_filter, why)) {
	case NMERR_SUCCESS:
		return 0;
	case NMERR_FILTER_INVALID_EXPRESSION:
		return nexp_fail(&guest->failure, NEXP_FAILED_OPTIONS, "-Y: %s", why);
	case NMERR_LOAD_PARSER_FAILED:
		return nexp_fail(&guest->failure, NEXP_FAILED_OPTIONS,
				 "-Y: there are no display filters without libnetexpert-dissect.so and libwireshark");
	default:
		return nexp_fail(&guest->failure, NEXP_FAILED_POOL,
				 "-Y: no memory for the display filter; --heap may be too low");
	}
}

static int begin_key(struct nexp_guest *guest, HEXPERTKEY *out_key)
{
	int err = nexp_key_begin(guest->nx, guest->link, &guest->startup, out_key);

	if (err)
		return nexp_fail(&guest->failure, NEXP_FAILED_POOL, "no key: %s",
				 strerror(-err));
	if (guest->output)
		nexp_key_set_output(*out_key, guest->output_fd);
	return 0;
}

int nexp_guest_configure(struct nexp_guest *guest)
{
	const EXPERTENUMINFO *info = &guest->plugin.info;
	HEXPERTKEY key;
	int err;

	if (nexp_config_fits(&guest->config, info, &guest->failure))
		return -1;
	if (!guest->config.options)
		return 0;
	if (begin_key(guest, &key))
		return -1;
	err = nexp_config_make(&guest->config, info, key, &guest->failure);
	nexp_key_end(key, guest->config.block);
	return err;
}

int nexp_guest_say_hello(const struct nexp_guest *guest)
{
	const EXPERTENUMINFO *info = &guest->plugin.info;
	struct nexp_wire *wire;

	wire = nexp_link_begin(guest->link, NEXP_WIRE_HELLO);
	nexp_wire_u32(wire, NEXP_WIRE_VERSION);
	nexp_wire_u32(wire, info->Flags);
	nexp_wire_string(wire, info->szName);
	nexp_wire_string(wire, info->szVendor);
	nexp_wire_string(wire, info->szDescription);
	return nexp_link_send(guest->link);
}

void nexp_guest_say_done(const struct nexp_guest *guest, BOOL result, uint64_t frames)
{
	struct nexp_wire *wire;

	wire = nexp_link_begin(guest->link, NEXP_WIRE_DONE);
	nexp_wire_u32(wire, (uint32_t)result);
	nexp_wire_u64(wire, frames);
	nexp_link_send(guest->link);
}

int nexp_guest_say_configured(struct nexp_guest *guest)
{
	const EXPERTCONFIG *block = guest->config.block;
	uint32_t length = block ? block->RawConfigLength : 0;
	struct nexp_wire *wire;

	if (length > NEXP_CONFIG_MAX)
		return nexp_fail(&guest->failure, NEXP_FAILED_OPTIONS,
				 "its Configure left a configuration of %u bytes, and no more than %d can be stored",
				 length, NEXP_CONFIG_MAX);
	nexp_guest_say_hello(guest);
	wire = nexp_link_begin(guest->link, NEXP_WIRE_CONFIGURED);
	nexp_wire_u32(wire, length);
	nexp_wire_bytes(wire, block, length);
	nexp_link_send(guest->link);
	return 0;
}

/* The file is empty then, and its owner would look for what should be in it. */
static void check_output(const struct nexp_guest *guest, HEXPERTKEY key)
{
	if (guest->output && !nexp_key_output_asked(key))
		fprintf(stderr, "it writes no file: %s is empty; leave --output out\n",
			guest->output);
}

int nexp_guest_run(struct nexp_guest *guest)
{
	EXPERTSTARTUPINFO startup;
	uint64_t frames;
	HEXPERTKEY key;
	BOOL result;

	if (begin_key(guest, &key))
		return -1;
	ExpertGetStartupInfo(key, &startup);
	nexp_guest_say_hello(guest);
	/* Wireshark takes its time to begin, and nobody waits for it. */
	if (set_display_filter(guest, key)) {
		nexp_key_end(key, NULL);
		return -1;
	}
	result = guest->plugin.info.pRunProc(key, guest->config.block, &startup, 0, NULL);
	frames = nexp_key_frames(key);
	check_output(guest, key);
	nexp_key_end(key, NULL);
	nexp_guest_say_done(guest, result, frames);
	return 0;
}

void nexp_guest_say_failure(const struct nexp_guest *guest)
{
	struct nexp_wire *wire;

	wire = nexp_link_begin(guest->link, NEXP_WIRE_FAILED);
	nexp_wire_u32(wire, guest->failure.what);
	nexp_wire_string(wire, guest->failure.reason);
	nexp_link_send(guest->link);
}
