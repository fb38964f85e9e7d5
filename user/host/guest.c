// SPDX-License-Identifier: GPL-2.0
/*
 * guest - the expert in this process, from its options to its last word
 */
#include <string.h>

#include "../dissect/dissector.h"
#include "../lib/key.h"
#include "guest.h"

static int check_config(struct nexp_guest *guest, HEXPERTKEY key, PEXPERTCONFIG config)
{
	size_t size;

	if (!config)
		return 0;
	size = ExpertMemorySize(key, config);
	if (!size)
		return nexp_fail(&guest->failure, NEXP_FAILED_OPTIONS,
				 "its Configure left a configuration that is no block of Expert memory");
	if (size < sizeof(*config) || config->RawConfigLength > size ||
	    config->RawConfigLength < sizeof(*config))
		return nexp_fail(&guest->failure, NEXP_FAILED_OPTIONS,
				 "its Configure left a configuration whose length is wrong");
	return 0;
}

/* The options as a configuration: a block that Configure may keep or replace. */
static int call_configure(struct nexp_guest *guest, HEXPERTKEY key,
			  PEXPERTCONFIG *out_config)
{
	size_t text_size = strlen(guest->options) + 1;
	size_t size = sizeof(EXPERTCONFIG) + text_size;
	EXPERTSTARTUPINFO startup;
	PEXPERTCONFIG config;
	const char *reason;
	void *block;
	int err;

	err = netexpert_alloc(guest->nx, size, &block);
	if (err)
		return nexp_fail(&guest->failure, NEXP_FAILED_POOL,
				 "no memory for its options (%s); its limit may be too low",
				 strerror(-err));
	config = block;
	guest->given = block;
	config->RawConfigLength = (DWORD)size;
	memcpy(config->RawConfigData, guest->options, text_size);
	ExpertGetStartupInfo(key, &startup);
	if (!guest->plugin.info.pConfigProc(key, &config, &startup, 0, NULL)) {
		reason = nexp_key_problem(key);
		return nexp_fail(&guest->failure, NEXP_FAILED_OPTIONS, "%s",
				 *reason ? reason :
					   "it refused its options without a reason");
	}
	if (check_config(guest, key, config))
		return -1;
	*out_config = config;
	return 0;
}

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
	return 0;
}

int nexp_guest_configure(struct nexp_guest *guest)
{
	const EXPERTENUMINFO *info = &guest->plugin.info;
	HEXPERTKEY key;
	int err;

	if (!guest->options)
		return 0;
	if (!(info->Flags & EXPERT_ENUM_FLAG_CONFIGURABLE))
		return nexp_fail(&guest->failure, NEXP_FAILED_OPTIONS,
				 "it takes no options");
	if (begin_key(guest, &key))
		return -1;
	err = call_configure(guest, key, &guest->config);
	nexp_key_end(key, guest->config);
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
	result = guest->plugin.info.pRunProc(key, guest->config, &startup, 0, NULL);
	frames = nexp_key_frames(key);
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
